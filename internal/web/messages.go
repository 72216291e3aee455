package web

import (
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// messages holds what errors say to people, by locale. A key is a code, or what
// stands in desk.Error.Message: a short name, or the English sentence itself
// (which then needs no English entry). [errorText] falls back from the message
// to the code, so that nobody reads a sentence in a language not theirs.
var messages = map[string]map[string]string{
	"en": {
		"invalid":      "Please check what you entered.",
		"unauthorized": "Please sign in.",
		"forbidden":    "You may not do this.",
		"not_found":    "This does not exist, or is no longer here.",
		"conflict":     "It was changed meanwhile or exists already. Reload and try again.",
		"stale":        "There are new messages. Read them, then send again.",
		"throttled":    "Too many attempts. Please wait a moment.",
		"too_large":    "This is too long.",
		"unavailable":  "A part of the system is not available just now. Please try again in a moment.",
		"internal":     "Something went wrong on our side. Please try again; if it happens again, tell us the request number.",

		"fields":          "Please check the marked fields.",
		"cross_origin":    "This request came from another site and was refused.",
		"body_too_large":  "This is too large to be accepted.",
		"no_such_address": "There is nothing at this address.",
		"bad_json":        "The request could not be read.",

		"sign_in_failed":    "Email or password is wrong.",
		"code_wrong":        "This code is wrong or was used already.",
		"passkey_failed":    "The passkey was not accepted.",
		"ceremony_gone":     "This took too long. Please start again.",
		"sign_in_again":     "Please sign in again.",
		"totp_due":          "Please enter the code from your authenticator first.",
		"password_wrong":    "The password is wrong.",
		"link_gone":         "This link is no longer valid. Ask an administrator for a new one.",
		"email_taken":       "Somebody with this email is a member already.",
		"last_admin":        "This is the last active administrator; make somebody else an administrator first.",
		"not_yourself":      "You cannot change your own role or status.",
		"totp_off":          "Two-step sign-in is not switched on.",
		"totp_on":           "Two-step sign-in is switched on already.",
		"team_exists":       "There is a team of this name already.",
		"no_such_team":      "This team does not exist.",
		"too_many_passkeys": "You have as many passkeys as are allowed. Remove one first.",
		"invitation_exists": "There is an open invitation for this email already. Send it again instead.",
		"busy":              "Many people are signing in just now. Please try again in a moment.",
		"field_required":    "This is needed.",
		"field_invalid":     "This is not valid.",
		"field_too_short":   "This is too short.",
		"field_too_long":    "This is too long.",
		"field_choice":      "Choose one of the offered values.",
		"field_email":       "This is not an email address.",
		"field_unexpected":  "This field is not known.",
		"field_number":      "This must be a number in the allowed range.",
		"password_short":    "At least 10 characters, please.",
		"password_long":     "At most 200 characters, please.",
		"password_common":   "This password is too easy to guess. A few random words work well.",
		"password_personal": "Do not use your name or email as the password.",
		"password_same":     "This is the password you have now.",
	},
	"zh-CN": {
		"invalid":      "请检查您填写的内容。",
		"unauthorized": "请先登录。",
		"forbidden":    "您没有权限进行此操作。",
		"not_found":    "内容不存在，或已被移除。",
		"conflict":     "内容已被他人修改，或已经存在。请刷新后重试。",
		"stale":        "有新消息。请先阅读，再发送。",
		"throttled":    "尝试次数过多，请稍候再试。",
		"too_large":    "内容过长。",
		"unavailable":  "系统的一部分暂时不可用，请稍后重试。",
		"internal":     "系统出现错误，请重试；如再次发生，请把请求编号告诉我们。",

		"fields":          "请检查标出的内容。",
		"cross_origin":    "该请求来自其他网站，已被拒绝。",
		"body_too_large":  "内容太大，无法接收。",
		"no_such_address": "该地址没有内容。",
		"bad_json":        "无法读取该请求。",

		"sign_in_failed":    "邮箱或密码不正确。",
		"code_wrong":        "验证码不正确，或已被使用。",
		"passkey_failed":    "通行密钥未被接受。",
		"ceremony_gone":     "操作超时，请重新开始。",
		"sign_in_again":     "请重新登录。",
		"totp_due":          "请先输入身份验证器中的验证码。",
		"password_wrong":    "密码不正确。",
		"link_gone":         "该链接已失效，请向管理员索取新链接。",
		"email_taken":       "该邮箱已是成员。",
		"last_admin":        "这是最后一位有效的管理员，请先指定另一位管理员。",
		"not_yourself":      "您不能修改自己的角色或状态。",
		"totp_off":          "尚未开启两步验证。",
		"totp_on":           "两步验证已经开启。",
		"team_exists":       "已有同名的团队。",
		"no_such_team":      "该团队不存在。",
		"too_many_passkeys": "通行密钥数量已达上限，请先移除一个。",
		"invitation_exists": "该邮箱已有未接受的邀请，请改为重新发送。",
		"busy":              "当前登录的人较多，请稍后重试。",
		"field_required":    "此项必填。",
		"field_invalid":     "此项无效。",
		"field_too_short":   "内容太短。",
		"field_too_long":    "内容太长。",
		"field_choice":      "请从给出的选项中选择。",
		"field_email":       "这不是有效的邮箱地址。",
		"field_unexpected":  "未知的字段。",
		"field_number":      "请输入允许范围内的数字。",
		"password_short":    "密码至少需要 10 个字符。",
		"password_long":     "密码最多 200 个字符。",
		"password_common":   "该密码太容易被猜到。用几个随机的词语会更好。",
		"password_personal": "请不要用您的姓名或邮箱作为密码。",
		"password_same":     "这就是您现在的密码。",
	},
}

// AddMessages adds entries to the catalogue of one locale, for packages that
// have messages of their own. It must be called before the first request (from
// init); a key that exists is a defect.
func AddMessages(locale string, more map[string]string) {
	for k, v := range more {
		if _, taken := messages[locale][k]; taken {
			panic("web: message " + k + " exists already in " + locale)
		}
		messages[locale][k] = v
	}
}

// Text returns the catalogue's entry for key in locale, or "" when there is none.
func Text(locale, key string) string { return messages[desk.KnownLocale(locale)][key] }

func errorText(locale string, code desk.Code, key string, fields bool) string {
	if code == "" || code == desk.Internal {
		return Text(locale, string(desk.Internal))
	}
	if t := Text(locale, key); t != "" {
		return t
	}
	if fields {
		return Text(locale, "fields")
	}
	if sentence(key) && desk.KnownLocale(locale) == "en" && code != desk.Unavailable && key != "not found" {
		return asSentence(key)
	}
	return Text(locale, string(code))
}

func fieldText(locale, key string) string {
	if t := Text(locale, key); t != "" {
		return t
	}
	if sentence(key) && desk.KnownLocale(locale) == "en" {
		return asSentence(key)
	}
	return Text(locale, "field_invalid")
}

// sentence tells English prose from the name of an entry.
func sentence(s string) bool { return strings.Contains(s, " ") }

// asSentence gives an English error text a capital and a full stop.
func asSentence(s string) string {
	s = strings.ToUpper(s[:1]) + s[1:]
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}
