package site

import (
	"net/http"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

type articleMain struct {
	*helpcenter.Article
	More    []*helpcenter.Article // others of its category
	Contact bool                  // money or access is at stake: the way to a person stands first
}

func (q *request) article() error {
	category, slug := q.r.PathValue("category"), q.r.PathValue("slug")
	a, others := q.snap.Article(q.locale, slug)
	if a == nil {
		if len(others) == 0 {
			return desk.Errorf(desk.NotFound, "no such article")
		}
		return q.untranslated(others)
	}
	if a.Category.Slug != category { // it has moved; old links go on working
		return q.redirect(http.StatusMovedPermanently, a.Path())
	}
	path := "/a/" + category + "/" + slug
	p := q.page("", path)
	p.Title, p.Description, p.OGType = a.Title, a.Summary, "article"
	p.Crumbs = []crumb{{text(q.locale, "help_center"), p.URL("/")}, {a.Category.Title, a.Category.Path()}}
	q.findable(p, path, otherLocales(a, others)...)
	m := articleMain{Article: a, Contact: slices.Contains(a.Scenarios, desk.SuspectedTheft)}
	for _, other := range a.Category.Articles {
		if other != a {
			m.More = append(m.More, other)
		}
	}
	p.Main = m
	return q.show(http.StatusOK, "article.html", p)
}

// untranslated says honestly that an article exists, but not in this language.
func (q *request) untranslated(others []*helpcenter.Article) error {
	p := q.page("untranslated_title", "/")
	p.NoIndex = true
	p.Switch.URL = others[0].Path()
	p.Main = notFoundMain{Others: others, Popular: q.snap.Home(q.locale).Popular}
	return q.show(http.StatusNotFound, "notfound.html", p)
}

type notFoundMain struct {
	Others  []*helpcenter.Article // the article in other languages
	Popular []*helpcenter.Article
}

// LanguageName is the language's own name.
func (notFoundMain) LanguageName(locale string) string { return localeNames[locale] }

func (q *request) notFound() error {
	q.w.Header().Set("Cache-Control", "no-store")
	p := q.page("not_found_title", "/")
	p.NoIndex = true
	p.Main = notFoundMain{Popular: q.snap.Home(q.locale).Popular}
	return q.show(http.StatusNotFound, "notfound.html", p)
}
