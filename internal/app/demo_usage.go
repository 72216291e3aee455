package app

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// demoUsageDays is how many days of usage the demo begins with: a report of 30
// days and the 30 days before it.
const demoUsageDays = 60

// demoSearch is a query of the demo: about how often it is sent off a day, how
// often it finds nothing and how often a result is opened (in percent).
type demoSearch struct {
	locale, query           string
	daily, nothing, clicked int
}

var demoSearches = []demoSearch{
	{"en", "withdrawal pending", 14, 0, 78},
	{"en", "deposit not credited", 12, 0, 71},
	{"en", "2fa lost phone", 9, 0, 82},
	{"en", "wrong network usdt", 7, 0, 64},
	{"en", "verification code", 6, 0, 58},
	{"en", "account frozen", 6, 0, 66},
	{"en", "is this email real", 3, 0, 49},
	{"en", "proof of reserves", 3, 100, 0},
	{"en", "tax report", 5, 100, 0},
	{"en", "referral bonus", 4, 100, 0},
	{"en", "staking rewards", 3, 90, 0},
	{"en", "cancel order stuck", 3, 0, 18},
	{"en", "change phone number", 4, 0, 12},
	{"zh-CN", "提币 未到账", 16, 0, 80},
	{"zh-CN", "谷歌验证 丢失", 11, 0, 76},
	{"zh-CN", "充值 没到账", 13, 0, 74},
	{"zh-CN", "memo 忘记填", 8, 0, 69},
	{"zh-CN", "实名认证 失败", 7, 0, 55},
	{"zh-CN", "账户被冻结", 6, 0, 61},
	{"zh-CN", "api 签名错误", 4, 0, 52},
	{"zh-CN", "返佣比例", 5, 100, 0},
	{"zh-CN", "法币 卖出", 4, 100, 0},
	{"zh-CN", "报税", 2, 100, 0},
	{"zh-CN", "更换邮箱", 4, 0, 15},
}

var demoComments = []struct {
	locale, reason, comment string
}{
	{"en", "unclear", "Which screen is meant in step 2? My app looks different."},
	{"en", "not_answered", "I wanted to know how long, not what the status means."},
	{"en", "wrong", "The menu is called Assets now, not Wallet."},
	{"en", "", ""},
	{"zh-CN", "unclear", "第二步说的页面在哪里？最好配张图。"},
	{"zh-CN", "not_answered", "没有说多久能到账。"},
	{"zh-CN", "other", "希望能有视频。"},
	{"zh-CN", "", ""},
}

// seedUsage gives the insight page something to show: the same numbers for every
// demo, up to yesterday.
func (a *app) seedUsage(ctx context.Context) error {
	random := rand.New(rand.NewPCG(2026, 11)) //nolint:gosec // a demo's numbers
	today := a.store.Now().UTC().Truncate(24 * time.Hour)
	snapshot := a.help.Snapshot()
	var views []store.ArticleUsage
	var searches []store.SearchUsage
	var votes []store.Feedback
	for back := 1; back <= demoUsageDays; back++ {
		at := today.AddDate(0, 0, -back)
		busy := 1 - float64(back)/150 // it grows
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
			busy *= 0.7
		}
		for _, locale := range desk.Locales {
			for i, art := range snapshot.Articles(locale) {
				n := int64(busy * (240/float64(i+3) + 12*random.Float64()))
				views = append(views, store.ArticleUsage{Day: at.Format(time.DateOnly), ArticleID: art.ID, Locale: locale, Views: n})
				if random.Float64() < 0.05*busy {
					votes = append(votes, demoVote(random, art.ID, locale, at))
				}
			}
		}
		for _, s := range demoSearches {
			n := int64(busy*float64(s.daily)*(0.6+0.8*random.Float64()) + 0.5)
			searches = append(searches, store.SearchUsage{
				Day: at.Format(time.DateOnly), Locale: s.locale, Query: s.query, Searches: n,
				Nothing: (n*int64(s.nothing) + 50) / 100, Clicks: (n*int64(s.clicked) + 50) / 100,
			})
		}
	}
	return a.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.AddArticleUsage(views); err != nil {
			return err
		}
		if err := tx.AddSearchUsage(searches); err != nil {
			return err
		}
		for _, v := range votes {
			if err := tx.PutFeedback(v); err != nil && desk.CodeOf(err) != desk.NotFound {
				return err
			}
		}
		return nil
	})
}

// demoVote is a reader's vote at some time of a day: three of four are content.
func demoVote(random *rand.Rand, article desk.ID, locale string, day time.Time) store.Feedback {
	v := store.Feedback{
		ArticleID: article, Locale: locale, Helpful: random.IntN(4) > 0, Voter: "demo-" + day.Format(time.DateOnly),
		CreatedAt: desk.MicrosOf(day.Add(time.Duration(random.IntN(24*60)) * time.Minute)),
	}
	if v.Helpful {
		return v
	}
	for {
		if c := demoComments[random.IntN(len(demoComments))]; c.locale == locale {
			v.Reason, v.Comment = c.reason, c.comment
			return v
		}
	}
}

// demoOrigin is what a customer of the demo tried before they wrote.
func (a *app) demoOrigin(talk demoTalk) desk.Origin {
	o := desk.Origin{Query: talk.searched, Locale: talk.locale}
	if art, _ := a.help.Snapshot().Article(talk.locale, talk.read); art != nil {
		o.Article = art.ID
	}
	return o
}
