package site

import (
	"net/http"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

type homeMain struct {
	helpcenter.Home
	Theft     *helpcenter.Article // what to do when the account may be stolen; may be nil
	Official  *helpcenter.Article // how to tell us from impostors; may be nil
	Scenarios []scenario
	Accounts  []account
}

// officialSlug is the article that says how to check a contact, until the
// verification page does.
const officialSlug = "is-it-really-us"

// front answers "/" with the first page in the language that the browser
// prefers: a page, not a redirect.
func (q *request) front() error {
	q.w.Header().Add("Vary", "Accept-Language")
	return q.home()
}

func (q *request) home() error {
	p := q.page("", "/")
	p.Home = true
	p.Description = p.T("home_description", p.Brand)
	q.findable(p, "/", desk.ReadingLocales...)
	if q.r.URL.RawQuery != "" {
		q.keep = false // ?locale= on "/"
	}
	m := homeMain{Home: q.snap.Home(q.locale), Theft: q.theft(), Scenarios: q.scenarios(), Accounts: q.accounts()}
	m.Official, _ = q.snap.Article(q.locale, officialSlug)
	p.Main = m
	return q.show(http.StatusOK, "home.html", p)
}

func (q *request) theft() *helpcenter.Article {
	if as := q.snap.ForScenario(q.locale, desk.SuspectedTheft); len(as) > 0 {
		return as[0]
	}
	return nil
}

func (q *request) categoryLocales(slug string) []string {
	var out []string
	for _, l := range desk.ReadingLocales {
		if q.snap.Category(l, slug) != nil {
			out = append(out, l)
		}
	}
	return out
}

func (q *request) category() error {
	slug := q.r.PathValue("category")
	c := q.snap.Category(q.locale, slug)
	if c == nil {
		return desk.Errorf(desk.NotFound, "no such category")
	}
	if c.Slug != slug { // it was renamed
		return q.redirect(http.StatusMovedPermanently, c.Path())
	}
	p := q.page("", "/c/"+c.Slug)
	p.Title, p.Description = c.Title, c.Description
	p.Crumbs = []crumb{{p.T("help_center"), p.URL("/")}}
	for _, a := range c.Articles {
		p.Questions = append(p.Questions, question{a.Title, a.Summary})
	}
	q.findable(p, "/c/"+c.Slug, q.categoryLocales(slug)...)
	if q.r.URL.RawQuery != "" {
		q.keep = false
	}
	p.Main = c
	return q.show(http.StatusOK, "category.html", p)
}
