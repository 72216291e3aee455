package api

import "github.com/veridesk/veridesk/internal/web"

func init() {
	web.AddMessages("en", map[string]string{
		"message_empty":       "Write something first.",
		"message_too_long":    "A message may have up to 8,000 characters. Please split it.",
		"stale_thread":        "The customer has written meanwhile. Read it first; your text is kept.",
		"client_id_used":      "This message was sent in another conversation already.",
		"no_such_agent":       "There is no such colleague.",
		"agent_cannot_answer": "This colleague cannot answer conversations of this team.",
		"visitor_token_bad":   "Your session has ended. Reload the page to begin a new one.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"message_empty":       "请先输入内容。",
		"message_too_long":    "单条消息最多 8000 个字符，请分开发送。",
		"stale_thread":        "客户刚刚发来了新消息。请先阅读，您写的内容已保留。",
		"client_id_used":      "该消息已在另一个会话中发送。",
		"no_such_agent":       "没有这位同事。",
		"agent_cannot_answer": "这位同事不能处理该团队的会话。",
		"visitor_token_bad":   "会话已失效，请刷新页面重新开始。",
	})
}
