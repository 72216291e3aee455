package site

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

// searchLimit is how many results a page shows.
const searchLimit = 20

type searchMain struct {
	Query     string
	Removed   string // what kind of secret was typed, in the reader's words
	Hits      []hit
	Elsewhere []hit
	Corrected string // what was perhaps meant; "" for nothing
	Scenarios []scenario
	Popular   []*helpcenter.Article
}

type hit struct {
	*helpcenter.Article
	Over       string // the category, "" when that is what was asked for
	Language   string // its name, when it is another one than the reader's
	TitleParts []span
	Excerpt    []span
}

func (q *request) search() error {
	values := q.r.URL.Query()
	result := q.snap.Search(q.locale, values.Get("q"), searchLimit)
	if len(result.Removed) > 0 {
		// A new address: the secret must not stay in the reader's address bar and
		// history, nor in anything that reads them.
		to := url.URL{Path: "/" + q.locale + "/search", RawQuery: url.Values{"removed": {result.Removed[0].Kind}}.Encode()}
		q.w.Header().Set("Cache-Control", "no-store")
		q.w.Header().Set("Referrer-Policy", "no-referrer")
		http.Redirect(q.w, q.r, to.String(), http.StatusSeeOther)
		return nil
	}
	p := q.page("search_title", "/search")
	p.Description = p.T("search_description", p.Brand)
	q.findable(p, "/search", desk.ReadingLocales...) // all results are variants of the empty page
	q.keep = false
	p.Query = result.Query
	m := searchMain{Query: result.Query, Hits: q.hits(result.Query, result.Hits), Elsewhere: q.hits(result.Query, result.Elsewhere), Corrected: result.Corrected}
	if kind := values.Get("removed"); kind != "" {
		// Only kinds that exist: the page repeats nothing that a link made up.
		if name := guard.KindName(kind, desk.KnownLocale(q.locale)); name != kind {
			m.Removed = q.inReading(name)
		}
	}
	if result.Query != "" {
		p.Title = p.T("search_for", result.Query)
		query := "?" + url.Values{"q": {result.Query}}.Encode()
		p.Path += query
		for i := range p.Languages {
			p.Languages[i].URL += query
		}
		if !helpcenter.Robot(q.r.UserAgent()) && q.r.Method == http.MethodGet {
			q.s.d.HelpCenter.Usage().Searched(q.locale, result.Query, len(result.Hits))
		}
	}
	if len(m.Hits) == 0 {
		m.Scenarios = q.scenarios()
		m.Popular = q.snap.Home(q.locale).Popular
	}
	p.Main = m
	q.w.Header().Set("Cache-Control", "no-store") // what people look for is theirs
	return q.show(http.StatusOK, "search.html", p)
}

func (q *request) hits(query string, from []helpcenter.Hit) []hit {
	out := make([]hit, 0, len(from))
	for _, h := range from {
		v := hit{Article: h.Article, Over: h.Article.Category.Title, TitleParts: marked(h.Article.Title, h.TitleSpans), Excerpt: marked(h.Excerpt, h.Spans)}
		if strings.EqualFold(v.Over, strings.TrimSpace(query)) {
			v.Over = ""
		}
		if v.Locale != q.locale {
			v.Language = localeNames[v.Locale]
		}
		out = append(out, v)
	}
	return out
}
