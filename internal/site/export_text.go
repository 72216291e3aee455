package site

// Words for pages that are read where no desk answers. %[1]s is the host, empty
// when nobody knows it.

var exportedEnglish = words{
	"official_text":  "Real support answers in the chat on our own site and in the app. We never call you, and never write first on Telegram, WhatsApp or WeChat.",
	"vote_live":      "Tell us on the live page",
	"elsewhere_in":   "Search in %[1]s",
	"search_private": "This search runs on your device: what you type is not sent anywhere.",
}

var exportedChinese = words{
	"official_text":  "真客服只在本平台官网的聊天窗口和 App 内回复。我们绝不会给您打电话，也绝不会在 Telegram、WhatsApp 或微信上先联系您。",
	"vote_live":      "到在线页面告诉我们",
	"elsewhere_in":   "用%[1]s搜索",
	"search_private": "搜索在您的设备上进行，输入的内容不会发送到任何地方。",
}

// alone replaces what would promise a chat where there is none.
var aloneEnglish = words{
	"talk_title":       "Not solved?",
	"talk_text":        "There is no chat on these pages. Our official channels are listed with what each is good for.",
	"talk_start":       "See our official channels",
	"theft_text":       "Tell us at once through an official channel. This goes before everything else.",
	"theft_act":        "How to reach us at once",
	"theft_aside":      "Money or access in danger? Do not read on first: tell us through an official channel.",
	"contact_lead":     "What to read first, how to reach us, and what to have ready.",
	"what_text":        "An article that may solve it right away is named with each.",
	"search_none_pick": "Perhaps it is one of these",
}

var aloneChinese = words{
	"talk_title":       "仍未解决？",
	"talk_text":        "这些页面上没有聊天。我们列出了全部官方渠道，以及各自适合处理的问题。",
	"talk_start":       "查看官方渠道",
	"theft_text":       "请立即通过官方渠道告诉我们。这类情况优先于其他一切事项。",
	"theft_act":        "如何立即联系我们",
	"theft_aside":      "资金或账户正处于危险中？请先不要往下读，立即通过官方渠道告诉我们。",
	"contact_lead":     "先看什么、怎样联系我们、需要准备什么。",
	"what_text":        "如果有文章能马上解决，就列在旁边。",
	"search_none_pick": "也许是其中之一",
}

// hidden replaces what compares the address bar with an address that nobody
// knows.
var hiddenEnglish = words{
	"check_address":  "Look at the address bar: it must show the address that the app and our own site lead to%[1]s. An added hyphen or word, another ending or another spelling is not us.",
	"ch_help_verify": "The address bar shows the address that the app and our own site lead to%[1]s.",
}

var hiddenChinese = words{
	"check_address":  "看清地址栏：必须与 App 和官网指向的地址一致%[1]s。多了连字符、换了结尾或拼写不同的，都不是我们。",
	"ch_help_verify": "地址栏显示的地址与 App 和官网指向的一致%[1]s。",
}

// exportWords is the catalogue of a locale for exported pages.
func exportWords(locale string, w words, o Export) words {
	sets := []words{exportedEnglish, aloneEnglish, hiddenEnglish}
	if locale != "en" {
		sets = []words{exportedChinese, aloneChinese, hiddenChinese}
	}
	if o.Live != "" {
		sets[1] = nil
	}
	if o.Live != "" || o.Base != "" {
		sets[2] = nil
	}
	for _, set := range sets {
		for k, v := range set {
			if locale == "zh-TW" {
				v = inTaiwan(v)
			}
			w[k] = v
		}
	}
	return w
}
