package helpcenter

import (
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
)

// MaxQueryRunes is how much of a search text is used.
const MaxQueryRunes = 200

// Result is the answer to a search.
type Result struct {
	Query string // what was searched: trimmed and cut; "" after a secret
	// Corrected is how the text was read when a word seemed misspelt, else "".
	Corrected string
	Removed   []desk.Removed // secrets found in the search text: nothing was searched
	Hits      []Hit          // best first
	// Elsewhere is what another language has, when this one has nothing.
	Elsewhere []Hit
}

// Hit is an article that fits a search, with the passage that fits best. Spans
// are pairs of rune offsets [start, end) of the words that match.
type Hit struct {
	Article    *Article
	TitleSpans [][2]int
	Excerpt    string
	Spans      [][2]int
}

// Search finds articles of a locale. The text is first looked through for
// secrets: one that holds any is not searched, and must not be logged or
// repeated by the caller either. limit bounds the hits.
func (s *Snapshot) Search(locale, query string, limit int) Result {
	r := s.Suggest(locale, query, limit, false)
	if len(r.Hits) == 0 && r.Query != "" { // sent off before the last word was finished?
		if unfinished := s.Suggest(locale, query, limit, true); len(unfinished.Hits) > 0 {
			return unfinished
		}
	}
	if len(r.Hits) > 0 || r.Query == "" || limit <= 0 {
		return r
	}
	here := s.edition(locale)
	for _, l := range desk.Locales {
		if l != here.locale && l != derivedFrom[here.locale] {
			hits, _ := s.edition(l).index().search(r.Query, limit, false)
			r.Elsewhere = append(r.Elsewhere, hits...)
		}
	}
	return r
}

// Suggest is Search in one language only; with typing the last word may be
// unfinished.
func (s *Snapshot) Suggest(locale, query string, limit int, typing bool) Result {
	if found := guard.Scan(query); len(found) > 0 {
		var r Result
		for _, f := range found {
			r.Removed = append(r.Removed, desk.Removed{Kind: f.Kind, Words: f.Words})
		}
		return r
	}
	query = strings.Join(strings.Fields(strings.ToValidUTF8(query, " ")), " ")
	if runes := []rune(query); len(runes) > MaxQueryRunes {
		query = strings.TrimSpace(string(runes[:MaxQueryRunes]))
	}
	r := Result{Query: query}
	if query != "" && limit > 0 {
		r.Hits, r.Corrected = s.edition(locale).index().search(query, limit, typing)
	}
	return r
}
