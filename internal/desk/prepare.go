package desk

// PreparedField is something worth having ready before a conversation. All of it stays
// a claim of the one who writes it.
type PreparedField struct {
	Key string // stable, in Prepared and in the API
	// Long says that an answer may take more than a few words.
	Long bool
}

// The fields.
var (
	FieldUID     = PreparedField{Key: "uid"}
	FieldAsset   = PreparedField{Key: "asset"}
	FieldNetwork = PreparedField{Key: "network"}
	FieldAmount  = PreparedField{Key: "amount"}
	FieldTime    = PreparedField{Key: "time"}
	FieldTxID    = PreparedField{Key: "txid"}
	FieldOrder   = PreparedField{Key: "order"}
	FieldMemo    = PreparedField{Key: "memo"}
	FieldScreen  = PreparedField{Key: "screen", Long: true}
	FieldDevice  = PreparedField{Key: "device"}
	FieldFeature = PreparedField{Key: "feature"}
	FieldCase    = PreparedField{Key: "case"}
)

var scenarioFields = map[Scenario][]PreparedField{
	SuspectedTheft:  {FieldUID},
	TransferTrouble: {FieldUID, FieldAsset, FieldNetwork, FieldAmount, FieldTime, FieldTxID, FieldMemo, FieldOrder},
	LockedOut:       {FieldUID, FieldScreen},
	LoginCode:       {FieldUID, FieldDevice},
	HowTo:           {FieldFeature},
	Appeal:          {FieldUID, FieldCase},
	NoScenario:      {FieldUID},
}

// Fields lists what to have ready for a scenario, most useful first. None of it
// is required: who cannot find something is not kept from writing.
func (s Scenario) Fields() []PreparedField { return scenarioFields[s] }

// FieldText is what a contact reads about a field: its name and where to find
// the value. The first is never empty.
type FieldText struct{ Label, Where string }

var fieldTexts = map[string]map[string]FieldText{
	"en": {
		"uid":     {"Account UID", "In the app: Me, below your name. On the web: your profile picture, top right. The UID is no secret."},
		"asset":   {"Asset", "Such as USDT or BTC."},
		"network": {"Network", "As the deposit or withdrawal record names it, such as TRC20 or ERC20."},
		"amount":  {"Amount", "As it stands in the record, without the fee."},
		"time":    {"When", "The time in the record; about when is enough."},
		"txid":    {"TxID", "The long number of the transaction. Open the record of the deposit or withdrawal and copy it."},
		"order":   {"Order number", "In the order or withdrawal record."},
		"memo":    {"Memo or tag", "Only for assets that need one, such as XRP or TON."},
		"screen":  {"What the screen says", "The exact words, or send a screenshot in the chat."},
		"device":  {"Where the code should arrive", "Text message, email or authenticator app. Never send us the code itself."},
		"feature": {"Feature", "What you want to do, or the name on the button."},
		"case":    {"Earlier case numbers", "They look like VD-1042."},
	},
	"zh-CN": {
		"uid":     {"账户 UID", "App：「我的」，昵称下方。网页：右上角头像。UID 不是密码，可以告诉客服。"},
		"asset":   {"币种", "例如 USDT、BTC。"},
		"network": {"网络", "以充值或提现记录中的名称为准，例如 TRC20、ERC20。"},
		"amount":  {"数量", "以记录为准，不含手续费。"},
		"time":    {"时间", "记录中的时间；大概时间也可以。"},
		"txid":    {"TxID（交易哈希）", "链上交易的一长串编号。打开充值或提现记录即可复制。"},
		"order":   {"订单号", "在订单或提现记录中。"},
		"memo":    {"Memo 或标签", "仅部分币种需要，例如 XRP、TON。"},
		"screen":  {"页面上的提示", "照抄原文，也可以在聊天中发送截图。"},
		"device":  {"验证码应发到哪里", "短信、邮箱或验证器 App。切勿把验证码本身发给我们。"},
		"feature": {"功能", "您想做什么，或按钮上的文字。"},
		"case":    {"之前的工单号", "形如 VD-1042。"},
	},
}

// Text returns what to call the field in locale, and where to find its value.
func (f PreparedField) Text(locale string) FieldText {
	return fieldTexts[KnownLocale(locale)][f.Key]
}

// MaxPrepared is the longest value of a field, in runes.
const MaxPrepared = 300
