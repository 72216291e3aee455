package desk

// Scenario names the kind of trouble a conversation is about. The seven below
// ship as defaults (mission row 5); until the guide owns them they are a fixed
// table.
type Scenario string

// The scenarios.
const (
	NoScenario      Scenario = ""
	LoginCode       Scenario = "login_code"
	TransferTrouble Scenario = "transfer_trouble"
	LockedOut       Scenario = "locked_out"
	HowTo           Scenario = "how_to"
	SuspectedTheft  Scenario = "suspected_theft"
	Feedback        Scenario = "feedback"
	Appeal          Scenario = "appeal"
)

// Scenarios lists the scenarios in the order in which people are asked.
var Scenarios = []Scenario{SuspectedTheft, TransferTrouble, LockedOut, LoginCode, HowTo, Appeal, Feedback}

// Valid reports whether s is a known scenario or none.
func (s Scenario) Valid() bool {
	if s == NoScenario {
		return true
	}
	for _, k := range Scenarios {
		if s == k {
			return true
		}
	}
	return false
}

// Priority returns the priority a conversation starts with: money in danger
// comes first, a locked account next.
func (s Scenario) Priority() Priority {
	switch s {
	case SuspectedTheft:
		return Urgent
	case LockedOut, TransferTrouble:
		return High
	}
	return Normal
}

type scenarioText struct{ title, hint string }

var scenarioTexts = map[string]map[Scenario]scenarioText{
	"en": {
		SuspectedTheft:  {"My account may be stolen", "What happened, and when. Nothing else: this goes first."},
		TransferTrouble: {"A deposit or withdrawal failed or is late", "Account UID, asset and network, amount, time, TxID or order number."},
		LockedOut:       {"I cannot log in, or my account is locked", "Account UID or the email you signed up with, and what the screen says."},
		LoginCode:       {"Forgot my password, or no code arrives", "Account UID, and whether the code goes to your phone or your email."},
		HowTo:           {"How does a feature work?", "The name of the feature, and what you tried."},
		Appeal:          {"Formal appeal", "Account UID, case numbers so far, and your documents."},
		Feedback:        {"Suggestion or feedback", "What would make it better."},
	},
	"zh-CN": {
		SuspectedTheft:  {"账户异常，可能被盗", "发生了什么、什么时候发生的。不必准备别的，此类问题最优先处理。"},
		TransferTrouble: {"充值或提现失败、未到账", "账户 UID、币种与网络、金额、时间、TxID 或订单号。"},
		LockedOut:       {"无法登录，或账户被锁定", "账户 UID 或注册邮箱，以及页面上的提示文字。"},
		LoginCode:       {"忘记密码，或收不到验证码", "账户 UID，以及验证码是发到手机还是邮箱。"},
		HowTo:           {"某个功能怎么用", "功能名称，以及您已经试过的步骤。"},
		Appeal:          {"正式申诉", "账户 UID、已有的工单号和相关材料。"},
		Feedback:        {"建议与反馈", "您希望怎样改进。"},
	},
}

// Title returns the scenario's name in locale (English when the locale is
// unknown).
func (s Scenario) Title(locale string) string { return s.text(locale).title }

// Hint returns what to have ready for the scenario, in locale.
func (s Scenario) Hint(locale string) string { return s.text(locale).hint }

func (s Scenario) text(locale string) scenarioText {
	t, ok := scenarioTexts[locale]
	if !ok {
		t = scenarioTexts["en"]
	}
	return t[s]
}

// Locales are the languages in which everything is complete, default first.
var Locales = []string{"en", "zh-CN"}

// ReadingLocales are the languages in which the Help Center is read. Articles in
// traditional Chinese are derived from the simplified ones until an editor
// writes them.
var ReadingLocales = []string{"en", "zh-CN", "zh-TW"}

// KnownLocale returns the shipped locale that fits tag best: "zh…" is zh-CN,
// anything else is en.
func KnownLocale(tag string) string {
	if len(tag) >= 2 && (tag[0] == 'z' || tag[0] == 'Z') && (tag[1] == 'h' || tag[1] == 'H') {
		return "zh-CN"
	}
	return "en"
}
