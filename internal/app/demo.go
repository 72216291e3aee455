package app

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
)

// DemoPassword opens every account of the demo. The demo never listens beyond
// this machine by default, and holds nobody's data.
const DemoPassword = "meridian-demo"

// demoStaff is one person per role. Their names are fictional.
var demoStaff = []staff.NewAgent{
	{Email: "lin@meridian.example", Name: "Lin Yue", Role: desk.Admin, Locale: "zh-CN"},
	{Email: "mei@meridian.example", Name: "Mei Tan", Role: desk.AgentRole, Locale: "en"},
	{Email: "jonas@meridian.example", Name: "Jonas Weber", Role: desk.AgentRole, Locale: "en"},
	{Email: "rosa@meridian.example", Name: "Rosa Almeida", Role: desk.Supervisor, Locale: "en"},
	{Email: "kai@meridian.example", Name: "Kai Zhou", Role: desk.Editor, Locale: "zh-CN"},
	{Email: "nadia@meridian.example", Name: "Nadia Haddad", Role: desk.Compliance, Locale: "en"},
	{Email: "olof@meridian.example", Name: "Olof Berg", Role: desk.Auditor, Locale: "en"},
}

// demoTalk is a conversation to look at. Lines of the desk begin with ">" and
// are Mei's.
type demoTalk struct {
	name, uid, locale string
	scenario          desk.Scenario
	lines             []string
	resolve           bool
	read, searched    string // in the Help Center, before
}

var demoTalks = []demoTalk{
	{
		name: "Aiko Ferreira", uid: "204918377", locale: "en", scenario: desk.HowTo, resolve: true,
		read: "how-fees-are-taken", searched: "trading fee",
		lines: []string{
			"Hi! Where can I see the fee I paid for a trade?",
			"> Hello Aiko, open Orders → Trade history and tap the trade: the fee is in the last line, with the asset it was taken in.",
			"Found it, thank you!",
		},
	},
	{
		name: "陈思远", uid: "318840925", locale: "zh-CN", scenario: desk.TransferTrouble,
		read: "deposit-not-credited", searched: "充值 没到账",
		lines: []string{
			"我昨天晚上从钱包充值了 500 USDT（TRC20），区块浏览器显示成功，但账户里一直没有到账。",
			"> 您好，我来帮您查看。请把 TxID 和充值时间发给我，我们不需要任何密码或验证码。",
			"TxID 是 4f2a8c1e9b7d3f60a5e8c2b1d4f7a9e0c3b6d8f1a2e5c7b9d0f3a6e8c1b4d7f2，时间是 21:40 左右。",
		},
	},
	{
		name: "Daniel Osei", uid: "", locale: "en", scenario: desk.LockedOut,
		read: "lost-2fa-device", searched: "2fa lost phone",
		lines: []string{"I changed my phone and now I cannot log in, the authenticator codes are gone. What can I do?"},
	},
	{
		name: "林佩雯", uid: "277301846", locale: "zh-CN", scenario: desk.LoginCode,
		read: "verification-code-not-arriving",
		lines: []string{
			"手机收不到验证码，试了好几次都不行。",
			"> 您好，请先确认手机没有拦截短信，并等待 60 秒再重新获取。也可以在登录页改用邮箱验证码。您试一下后告诉我结果好吗？",
		},
	},
	{
		name: "Priya Nair", uid: "190257733", locale: "en", scenario: desk.TransferTrouble,
		read: "withdrawal-pending", searched: "withdrawal pending",
		lines: []string{
			"My withdrawal W-88213 of 0.25 BTC has been \"processing\" for three hours now.",
			"It is a transfer to my own wallet, nothing special. Is something wrong?",
		},
	},
	{
		name: "Marek Nowak", uid: "233190064", locale: "en", scenario: desk.SuspectedTheft,
		lines: []string{"Someone logged into my account from another country and I did not do this! Please stop all withdrawals!"},
	},
}

// demoCapacity is six chats at a time.
const demoCapacity = 12

// seedDemo fills an empty installation with the fictional Meridian Exchange.
// What is there already is left alone, so a demo that was used stays as it was.
func (a *app) seedDemo(ctx context.Context) error {
	n, err := a.store.Read(ctx).CountAgents()
	if err != nil || n > 0 {
		return err
	}
	if err := a.store.Write(ctx, func(tx *store.Tx) error {
		return tx.PutEntity(store.Entity{Code: "meridian-global", Name: "Meridian Exchange Ltd. (fictional)"})
	}); err != nil {
		return err
	}
	if err := a.seedOfficial(ctx); err != nil {
		return err
	}
	if err := a.seedEntity(ctx); err != nil {
		return err
	}
	team, err := a.staff.ProvisionTeam(ctx, "Customer support", "", "")
	if err != nil {
		return err
	}
	var mei *desk.Agent
	for _, person := range demoStaff {
		person.Password, person.Teams = DemoPassword, []desk.ID{team.ID}
		agent, err := a.staff.Provision(ctx, person)
		if err != nil {
			return err
		}
		// The samples fill an ordinary desk: whoever tries the demo should not have to wait behind them.
		agent.Capacity = demoCapacity
		if err := a.store.Write(ctx, func(tx *store.Tx) error { return tx.SetAgentWork(agent) }); err != nil {
			return err
		}
		if person.Email == "mei@meridian.example" {
			mei = agent
		}
	}
	for _, talk := range demoTalks {
		if err := a.seedTalk(ctx, talk, mei); err != nil {
			return err
		}
	}
	return a.seedUsage(ctx)
}

func (a *app) seedTalk(ctx context.Context, talk demoTalk, agent *desk.Agent) error {
	contact := &desk.Contact{Kind: "visitor", Name: talk.name, UID: talk.uid, Locale: talk.locale}
	if err := a.store.Write(ctx, func(tx *store.Tx) error {
		contact.ID = 0
		return tx.InsertContact(contact)
	}); err != nil {
		return err
	}
	var c *desk.Conversation
	for _, line := range talk.lines {
		id := desk.ID(0)
		if c != nil {
			id = c.ID
		}
		r, err := a.seedLine(ctx, talk, contact.ID, agent, id, line)
		if err != nil {
			return err
		}
		c = r.Conversation
	}
	if !talk.resolve {
		return nil
	}
	resolved := desk.Resolved
	_, err := a.inbox.Update(ctx, agent, c.ID, inbox.Change{Status: &resolved}, "")
	return err
}

func (a *app) seedLine(ctx context.Context, talk demoTalk, contact desk.ID, agent *desk.Agent, conversation desk.ID, line string) (inbox.Received, error) {
	client := a.store.NewID().String()
	if len(line) > 2 && line[:2] == "> " {
		return a.inbox.Reply(ctx, agent, inbox.Answer{ConversationID: conversation, ClientID: client, Body: line[2:], Visibility: desk.Public, ExpectSeq: -1})
	}
	return a.inbox.Receive(ctx, desk.Inbound{
		Channel: desk.Chat, ConversationID: conversation, ContactID: contact, ClientID: client, DedupeKey: inbox.ChatKey(contact, client),
		Body: line, Scenario: talk.scenario, Locale: talk.locale, Came: a.demoOrigin(talk),
	})
}
