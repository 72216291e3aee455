package app

import (
	"context"
	"fmt"
	"time"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/store"
)

// demoOfficial is the registry of the fictional Meridian Exchange. References
// are real: staff may point to them.
var demoOfficial = []official.Contact{
	public(official.Domain, "meridian.example", "Website and app. Nothing outside meridian.example is ours.", "官网与应用入口。meridian.example 以外的网站都不是我们。", withSubdomains),
	public(official.Domain, "help.meridian.example", "This Help Center.", "本帮助中心。"),
	public(official.Email, "support@meridian.example", "Questions about your account. We answer within one working day.", "账户相关问题，我们在一个工作日内回复。"),
	public(official.Email, "appeals@meridian.example", "Formal appeals and complaints, with attachments.", "正式申诉与投诉，可带附件。"),
	internal(official.Email, "no-reply@meridian.example", "Notices and codes. Nobody reads answers.", "通知与验证码，回复无人查看。"),
	internal(official.Email, "reply@meridian.example", "Answers to open requests.", "用于回复处理中的工单。"),
	public(official.X, "meridian_ex", "Announcements and answers to public questions. We never write first.", "发布公告、回答公开提问，绝不主动私信。"),
	public(official.Telegram, "meridian_announcements", "Announcements only; never answers private messages.", "仅发布公告，不回复任何私信。"),
	public(official.Facebook, "meridianexchange", "News for the community. For account matters use live chat.", "社区动态。账户问题请使用在线客服。"),
	public(official.Weibo, "子午交易所", "Announcements in Chinese. We never ask for codes in messages.", "中文公告，绝不在私信中索要验证码。"),
	public(official.App, "ios:1600000001", "The app for iPhone and iPad.", "iPhone 与 iPad 应用。"),
	public(official.App, "android:example.meridian.app", "The app for Android.", "安卓应用。"),

	reference(official.Domain, "mempool.space", "Bitcoin block explorer", "比特币区块浏览器"),
	reference(official.Domain, "etherscan.io", "Ethereum block explorer", "以太坊区块浏览器"),
	reference(official.Domain, "tronscan.org", "TRON block explorer", "波场区块浏览器"),
	reference(official.Domain, "solscan.io", "Solana block explorer", "Solana 区块浏览器"),
	reference(official.Domain, "apps.apple.com", "App Store", "苹果应用商店"),
	reference(official.Domain, "play.google.com", "Google Play", "谷歌应用商店"),
	reference(official.Domain, "fca.org.uk", "Financial Conduct Authority, United Kingdom", "英国金融行为监管局"),
	reference(official.Domain, "sfc.hk", "Securities and Futures Commission, Hong Kong", "香港证券及期货事务监察委员会"),
	reference(official.Domain, "mas.gov.sg", "Monetary Authority of Singapore", "新加坡金融管理局"),
	reference(official.Domain, "esma.europa.eu", "European Securities and Markets Authority", "欧洲证券及市场管理局"),

	{Type: official.Domain, Value: "meridian-bonus.example", Status: official.KnownFake, Subdomains: true, Purpose: purpose("Asks for the recovery phrase to pay out a bonus.", "以发放奖励为名骗取助记词。")},
	{Type: official.Telegram, Value: "meridian_help_desk", Status: official.KnownFake, Purpose: purpose("Pretends to be support and asks for transfers.", "冒充客服，要求转账。")},
}

func purpose(en, zh string) map[string]string { return map[string]string{"en": en, "zh-CN": zh} }

func withSubdomains(c *official.Contact) { c.Subdomains = true }

func public(t official.Type, value, en, zh string, more ...func(*official.Contact)) official.Contact {
	c := internal(t, value, en, zh)
	c.Public = true
	for _, f := range more {
		f(&c)
	}
	return c
}

func internal(t official.Type, value, en, zh string) official.Contact {
	return official.Contact{Type: t, Value: value, Status: official.Official, Purpose: purpose(en, zh)}
}

func reference(t official.Type, value, en, zh string) official.Contact {
	return official.Contact{Type: t, Value: value, Status: official.Reference, Subdomains: true, Purpose: purpose(en, zh)}
}

var demoActor = store.Actor{Kind: desk.BySystem, Name: "veridesk"}

// seedOfficial registers the demo's contacts and announces something.
func (a *app) seedOfficial(ctx context.Context) error {
	for i, c := range demoOfficial {
		c.Position = 10 * (i + 1)
		if _, err := a.official.Create(ctx, demoActor, c); err != nil && desk.CodeOf(err) != desk.Conflict {
			return fmt.Errorf("register %s: %w", c.Value, err)
		}
	}
	if there, err := a.announce.List(ctx); err != nil || len(there) > 0 {
		return err
	}
	for _, n := range demoAnnouncements(a.store.Now()) {
		if _, err := a.announce.Create(ctx, demoActor, n); err != nil {
			return fmt.Errorf("announce %q: %w", n.Texts["en"].Title, err)
		}
	}
	return nil
}

func demoAnnouncements(now time.Time) []announce.Announcement {
	return []announce.Announcement{
		{
			Level: announce.Warning, Published: true, StartsAt: desk.MicrosOf(now.Add(-2 * time.Hour)), EndsAt: desk.MicrosOf(now.Add(30 * 24 * time.Hour)),
			URL: "https://www.meridian.example/announcements/usdt-trc20-wallet-maintenance",
			Texts: map[string]announce.Text{
				"en": {
					Title: "USDT withdrawals over TRC20 are slower than usual",
					Body:  "We are moving to new wallet servers. Withdrawals may take up to two hours; deposits are not affected and funds are safe. Nobody can speed it up for you, and nobody from us will ask you to.",
				},
				"zh-CN": {
					Title: "USDT（TRC20）提币比平时慢",
					Body:  "我们正在更换钱包服务器，提币最长可能需要两小时。充值不受影响，资金安全。没有人能为您加急，我们也不会有人要求您付费加急。",
				},
			},
		},
		{
			Level: announce.Info,
			Texts: map[string]announce.Text{
				"en":    {Title: "New: passkeys for signing in", Body: "Sign in with your fingerprint or face. A passkey cannot be typed into a fake site."},
				"zh-CN": {Title: "新功能：通行密钥登录", Body: "使用指纹或面容登录。通行密钥无法被输入到假网站里。"},
			},
		},
	}
}
