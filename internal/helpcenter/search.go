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
	Query   string         // what was searched: trimmed and cut; "" after a secret
	Removed []desk.Removed // secrets found in the search text: nothing was searched
	Hits    []Hit          // best first
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
	if query == "" || limit <= 0 {
		return r
	}
	here := s.edition(locale)
	r.Hits = here.index.search(query, limit)
	if len(r.Hits) > 0 {
		return r
	}
	for _, l := range desk.Locales {
		if l != here.locale {
			r.Elsewhere = append(r.Elsewhere, s.editions[l].index.search(query, limit)...)
		}
	}
	return r
}
