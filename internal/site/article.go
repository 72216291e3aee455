package site

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

// relatedShown is how many other articles stand below one.
const relatedShown = 5

type articleMain struct {
	*helpcenter.Article
	Related []*helpcenter.Article
	Contact bool // money or access is at stake: the way to a person stands first
	Voted   bool // thank the reader
	Reasons []string
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
	if a.Category.Slug != category || a.Slug != slug { // it has moved; old links go on working
		return q.redirect(http.StatusMovedPermanently, a.Path())
	}
	path := "/a/" + category + "/" + slug
	p := q.page("", path)
	p.Title, p.Description, p.OGType = a.Title, a.Summary, "article"
	p.Crumbs = []crumb{{p.T("help_center"), p.URL("/")}, {a.Category.Title, a.Category.Path()}}
	p.Questions = []question{questionOf(a)}
	q.findable(p, path, otherLocales(a, others)...)
	q.reads = a
	m := articleMain{Article: a, Related: a.Related(relatedShown), Contact: slices.Contains(a.Scenarios, desk.SuspectedTheft), Reasons: helpcenter.VoteReasons}
	if q.r.URL.RawQuery != "" {
		q.keep = false
		if m.Voted = q.r.URL.Query().Get("voted") == "1"; m.Voted {
			q.reads = nil // it was counted before
			q.w.Header().Set("Cache-Control", "no-store")
		}
	}
	p.Main = m
	return q.show(http.StatusOK, "article.html", p)
}

// untranslated says honestly that an article exists, but not in this language.
func (q *request) untranslated(others []*helpcenter.Article) error {
	p := q.page("untranslated_title", "/a/"+others[0].Category.Slug+"/"+others[0].Slug)
	p.NoIndex = true
	p.Main = notFoundMain{Others: others, Likely: q.snap.Home(q.locale).Popular}
	return q.show(http.StatusNotFound, "notfound.html", p)
}

type notFoundMain struct {
	Others []*helpcenter.Article // the article in other languages
	Query  string                // what the address seems to ask for
	Found  bool                  // Likely is what that finds, not what is often read
	Likely []*helpcenter.Article
}

// LanguageName is the language's own name.
func (notFoundMain) LanguageName(locale string) string { return localeNames[locale] }

// notFound searches for what the address seems to ask for.
func (q *request) notFound() error {
	q.w.Header().Set("Cache-Control", "no-store")
	q.keep = false
	p := q.page("not_found_title", "/")
	p.NoIndex = true
	m := notFoundMain{Likely: q.snap.Home(q.locale).Popular}
	if r := q.snap.Search(q.locale, pathWords(q.r.URL.Path), relatedShown); len(r.Removed) == 0 {
		m.Query = r.Query
		if len(r.Hits) > 0 {
			m.Found, m.Likely = true, nil
			for _, h := range r.Hits {
				m.Likely = append(m.Likely, h.Article)
			}
		}
	}
	p.Main = m
	return q.show(http.StatusNotFound, "notfound.html", p)
}

var (
	notWords = regexp.MustCompile(`[^\p{L}\p{M}\p{N}]+`)
	endings  = regexp.MustCompile(`\.[A-Za-z0-9]{2,5}$`)
)

// pathWords is what an address seems to ask for: the words of its last part,
// without a language and what every address has.
func pathWords(path string) string {
	parts := strings.Split(strings.Trim(endings.ReplaceAllString(path, ""), "/"), "/")
	var out []string
	for i, part := range parts {
		if i == 0 && (aliases[strings.ToLower(part)] != "" || len(part) <= 2) {
			continue
		}
		switch strings.ToLower(part) {
		case "a", "c", "hc", "help", "support", "articles", "article", "sections", "categories", "faq", "index":
			continue
		}
		out = append(out, strings.TrimSpace(notWords.ReplaceAllString(part, " ")))
	}
	if len(out) == 0 {
		return ""
	}
	words := out[len(out)-1]
	if runes := []rune(words); len(runes) > 80 {
		words = string(runes[:80])
	}
	return words
}

// chatWith is the address of the chat, with what is known already.
func chatWith(locale, scenario, query string) string {
	v := url.Values{}
	if scenario != "" {
		v.Set("scenario", scenario)
	}
	if query != "" {
		v.Set("text", query)
	}
	out := "/app?locale=" + desk.KnownLocale(locale)
	if len(v) > 0 {
		out += "#" + v.Encode()
	}
	return out
}

// Chat is the address of the chat about a scenario ("" for none), with the
// query that led to nothing.
func (p *page) Chat(scenario string) string { return chatWith(p.Locale, scenario, p.Query) }
