package api

import "github.com/veridesk/veridesk/internal/web"

func init() {
	web.AddMessages("en", map[string]string{
		"uploads_off":        "Files cannot be sent here.",
		"upload_too_large":   "This file is too large.",
		"upload_empty":       "This file is empty.",
		"upload_too_many":    "Too many files are waiting to be sent. Send or remove some first.",
		"upload_other":       "Another file is being sent under this name already.",
		"upload_offset":      "The file goes on at another place.",
		"upload_piece_long":  "More was sent than was announced.",
		"upload_piece_short": "The pieces of the file are too small.",
		"upload_piece_cut":   "The connection broke off. The upload can go on.",
		"upload_piece_type":  "A piece of a file is sent as application/offset+octet-stream.",
		"upload_busy":        "Many files are being sent just now. Please try again in a moment.",
		"upload_storage":     "Files cannot be stored or read just now. Please try again in a moment.",
		"upload_infected":    "A virus was found in this file. It was not kept.",
		"upload_unchecked":   "This file could not be checked for viruses and was not kept. Please try again later, or send a screenshot instead.",
		"upload_broken":      "A part of this file is missing. Please send it again.",

		"attachments_too_many":  "A message may have up to 10 files.",
		"attachment_gone":       "This file is not here any more. Please add it again.",
		"attachment_sent":       "This file was sent already.",
		"attachment_checking":   "A file is still being checked. The message can be sent in a moment.",
		"attachment_refused":    "A file was refused. Remove it first.",
		"attachment_unfinished": "A file has not arrived completely yet.",

		"no_file":           "This file is not here",
		"no_file_text":      "The link is incomplete, or the file was deleted. Open the conversation and choose the file there.",
		"no_file_retry":     "Please open the link again in a moment.",
		"file_expired":      "This link has expired",
		"file_expired_text": "For your safety, links to files stop working after some days. Open the conversation and choose the file there: it gets a new link.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"uploads_off":        "此处不能发送文件。",
		"upload_too_large":   "文件太大。",
		"upload_empty":       "文件是空的。",
		"upload_too_many":    "待发送的文件过多，请先发送或移除一些。",
		"upload_other":       "已有另一个文件以此标识上传。",
		"upload_offset":      "文件应从另一位置继续上传。",
		"upload_piece_long":  "发送的内容超过了声明的大小。",
		"upload_piece_short": "文件分块过小。",
		"upload_piece_cut":   "连接中断，可以继续上传。",
		"upload_piece_type":  "文件分块须以 application/offset+octet-stream 类型发送。",
		"upload_busy":        "当前上传的文件较多，请稍后重试。",
		"upload_storage":     "文件暂时无法保存或读取，请稍后重试。",
		"upload_infected":    "该文件含有病毒，未被保存。",
		"upload_unchecked":   "无法对该文件进行病毒检查，未予保存。请稍后重试，或改发截图。",
		"upload_broken":      "该文件缺少一部分，请重新发送。",

		"attachments_too_many":  "一条消息最多附带 10 个文件。",
		"attachment_gone":       "该文件已不存在，请重新添加。",
		"attachment_sent":       "该文件已经发送过。",
		"attachment_checking":   "文件仍在检查中，稍后即可发送。",
		"attachment_refused":    "有文件被拒绝，请先移除。",
		"attachment_unfinished": "有文件尚未上传完成。",

		"no_file":           "找不到该文件",
		"no_file_text":      "链接不完整，或文件已被删除。请打开会话，在会话中查看文件。",
		"no_file_retry":     "请稍后重新打开此链接。",
		"file_expired":      "链接已过期",
		"file_expired_text": "为了您的安全，文件链接会在数日后失效。请打开会话，在会话中重新打开该文件，即可获得新链接。",
	})
}
