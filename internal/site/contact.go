package site

import (
	"net/http"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/official"
)

type contactMain struct {
	Theft     *helpcenter.Article
	Official  *helpcenter.Article
	Scenarios []scenario
	Channels  []channel
	Others    []account
	Host      string // where this page really is, to compare with the address bar
}

type scenario struct {
	Key, Title, Hint string
	Article          *helpcenter.Article // may solve it at once; may be nil
}

// channel is a way to reach us, with what it is good for.
type channel struct {
	Key      string // of its texts
	Icon     string
	Accounts []account
	Verify   string
}

// account is an official contact as people read it.
type account struct {
	Type, Kind, Name, URL, Purpose string
}

func (q *request) contact() error {
	p := q.page("contact_title", "/contact")
	p.Description = p.T("contact_description", p.Brand)
	p.Crumbs = []crumb{{p.T("help_center"), p.URL("/")}}
	q.findable(p, "/contact", desk.ReadingLocales...)
	if q.r.URL.RawQuery != "" {
		q.keep = false
	}
	m := contactMain{Theft: q.theft(), Host: q.at.host, Scenarios: q.scenarios()}
	m.Official, _ = q.snap.Article(q.locale, officialSlug)
	m.Channels, m.Others = q.channels()
	p.Main = m
	return q.show(http.StatusOK, "contact.html", p)
}

// scenarios are what may have happened, without theft, which stands above them
// alone.
func (q *request) scenarios() []scenario {
	var out []scenario
	for _, s := range desk.Scenarios {
		if s == desk.SuspectedTheft {
			continue
		}
		v := scenario{Key: string(s), Title: q.words.T("scenario_" + string(s)), Hint: q.words.T("scenario_hint_" + string(s))}
		if as := q.snap.ForScenario(q.locale, s); len(as) > 0 && as[0].Scenarios[0] == s {
			v.Article = as[0]
		}
		out = append(out, v)
	}
	return out
}

// social is the order of the platforms.
var social = []official.Type{official.X, official.Telegram, official.Facebook, official.Weibo}

// channels lists the ways to reach us in the order in which to try them, and
// what else is ours. A way that the operator registered nothing for is left out.
func (q *request) channels() (ways []channel, others []account) {
	byType := map[string][]account{}
	for _, a := range q.accounts() {
		byType[a.Type] = append(byType[a.Type], a)
	}
	take := func(types ...official.Type) []account {
		var out []account
		for _, t := range types {
			out = append(out, byType[string(t)]...)
			delete(byType, string(t))
		}
		return out
	}
	ways = []channel{{"ch_help", "search", nil, q.words.T("ch_help_verify", q.at.host)}, {"ch_chat", "chat", nil, q.words.T("ch_chat_verify")}}
	if a := take(social...); len(a) > 0 {
		ways = append(ways, channel{"ch_social", "megaphone", a, q.words.T("ch_social_verify")})
	}
	mail := take(official.Email)
	if len(mail) == 0 && q.s.d.Official == nil && q.s.d.Brand.Email != "" {
		mail = []account{{Type: string(official.Email), Kind: q.words.T("type_email"), Name: q.s.d.Brand.Email, URL: "mailto:" + q.s.d.Brand.Email}}
	}
	if len(mail) > 0 {
		ways = append(ways, channel{"ch_email", "mail", mail, q.words.T("ch_email_verify")})
	}
	return ways, take(official.Types...)
}

// accounts are the registered official contacts that customers are shown.
func (q *request) accounts() []account {
	if q.s.d.Official == nil {
		return nil
	}
	var out []account
	for _, c := range q.s.d.Official.Public(q.at.Entity, q.at.Region) {
		a := account{Type: string(c.Type), Kind: q.words.T("type_" + string(c.Type)), Name: c.Value, URL: c.Link(), Purpose: c.PurposeIn(q.locale)}
		if q.locale == "zh-TW" && c.Purpose["zh-TW"] == "" {
			a.Purpose = inTaiwan(a.Purpose)
		}
		switch c.Type {
		case official.X, official.Telegram, official.Facebook, official.Weibo, official.YouTube:
			a.Name = "@" + strings.TrimPrefix(c.Value, "@")
		case official.App:
			_, a.Name, _ = strings.Cut(c.Value, ":")
		}
		out = append(out, a)
	}
	return out
}
