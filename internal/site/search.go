package site

import (
	"net/http"
	"net/url"
	"strings"

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
	Popular   []*helpcenter.Article
}

type hit struct {
	*helpcenter.Article
	Over       string // the category, "" when that is what was asked for
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
	p.Query, p.NoIndex = result.Query, true
	m := searchMain{Query: result.Query, Hits: hits(result.Query, result.Hits), Elsewhere: hits(result.Query, result.Elsewhere)}
	if kind := values.Get("removed"); kind != "" {
		// Only kinds that exist: the page repeats nothing that a link made up.
		if name := guard.KindName(kind, q.locale); name != kind {
			m.Removed = name
		}
	}
	if result.Query != "" {
		p.Title = text(q.locale, "search_for", result.Query)
		query := "?" + url.Values{"q": {result.Query}}.Encode()
		p.Path += query
		p.Switch.URL += query
	}
	if len(m.Hits) == 0 {
		m.Popular = q.snap.Home(q.locale).Popular
	}
	p.Main = m
	q.w.Header().Set("Cache-Control", "no-store") // what people look for is theirs
	return q.show(http.StatusOK, "search.html", p)
}

func hits(query string, from []helpcenter.Hit) []hit {
	out := make([]hit, 0, len(from))
	for _, h := range from {
		over := h.Article.Category.Title
		if strings.EqualFold(over, strings.TrimSpace(query)) {
			over = ""
		}
		out = append(out, hit{h.Article, over, marked(h.Article.Title, h.TitleSpans), marked(h.Excerpt, h.Spans)})
	}
	return out
}
