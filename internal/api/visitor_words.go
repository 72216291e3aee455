package api

import "github.com/veridesk/veridesk/internal/web"

func init() {
	web.AddMessages("en", map[string]string{
		"rating_too_early":     "A chat can be rated when somebody has answered, or when it has ended.",
		"rating_too_late":      "This chat ended more than seven days ago and can no longer be rated.",
		"transcript_no_answer": "There is nothing to send yet: nobody has answered.",
		"mail_off":             "This desk cannot send mails.",
		"push_off":             "Notifications are switched off here.",
		"push_endpoint_bad":    "This browser's notification service cannot be used.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"rating_too_early":     "客服回复后，或聊天结束后，才能评价。",
		"rating_too_late":      "该聊天结束已超过 7 天，无法再评价。",
		"transcript_no_answer": "客服尚未回复，暂无可发送的聊天记录。",
		"mail_off":             "本系统暂不支持发送邮件。",
		"push_off":             "此处未开启通知。",
		"push_endpoint_bad":    "无法使用该浏览器的通知服务。",
	})
}
