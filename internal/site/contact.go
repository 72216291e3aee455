package site

import (
	"net/http"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

type contactMain struct {
	Theft     *helpcenter.Article
	Official  *helpcenter.Article
	Scenarios []scenario
	Host      string // where this page really is, to compare with the address bar
}

type scenario struct {
	Key, Title, Hint string
	Article          *helpcenter.Article // may solve it at once; may be nil
}

func (q *request) contact() error {
	p := q.page("contact_title", "/contact")
	p.Description = text(q.locale, "contact_description", p.Brand)
	p.Crumbs = []crumb{{text(q.locale, "help_center"), p.URL("/")}}
	q.findable(p, "/contact", desk.Locales...)
	m := contactMain{Theft: q.theft(), Host: hostOf(q.s.base)}
	m.Official, _ = q.snap.Article(q.locale, officialSlug)
	for _, s := range desk.Scenarios {
		if s == desk.SuspectedTheft {
			continue // stands above the list, alone
		}
		v := scenario{Key: string(s), Title: s.Title(q.locale), Hint: s.Hint(q.locale)}
		if as := q.snap.ForScenario(q.locale, s); len(as) > 0 && as[0].Scenarios[0] == s {
			v.Article = as[0]
		}
		m.Scenarios = append(m.Scenarios, v)
	}
	p.Main = m
	return q.show(http.StatusOK, "contact.html", p)
}
