package helpcenter

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/terms"
)

const (
	excerptRunes = 160
	// Articles that share only a common word with the query are noise beside
	// one that fits: less than this part of the best score is left out.
	leastScore = 0.2
)

// index finds the articles of one edition.
type index struct {
	terms *terms.Index
	byID  map[int64]*Article
}

func newIndex(e *edition, synonyms *terms.Synonyms) *index {
	x := &index{byID: map[int64]*Article{}}
	var docs []terms.Document
	for _, c := range e.categories {
		for _, a := range c.Articles {
			docs = append(docs, terms.Document{
				ID: int64(a.ID), Title: a.Title, Keywords: strings.Join(a.Tags, "\n") + "\n" + c.Title, Body: a.Summary + "\n" + a.content.words(),
			})
			x.byID[int64(a.ID)] = a
		}
	}
	x.terms = terms.New(docs, terms.Options{Synonyms: synonyms})
	return x
}

// search finds articles, and says how the query was read when that is not as
// it was written. With prefix the last word may be unfinished.
func (x *index) search(query string, limit int, prefix bool) (hits []Hit, corrected string) {
	found := x.terms.Search(query, terms.SearchOptions{Limit: limit, Prefix: prefix})
	best := 0.0
	for _, h := range found.Hits {
		if best = max(best, h.Score); h.Score < best*leastScore {
			break
		}
		hits = append(hits, hitOf(x.byID[h.ID], found.Matched))
	}
	return hits, found.Corrected
}

func hitOf(a *Article, matched *terms.Matched) Hit {
	h := Hit{Article: a}
	_, spans := matched.Highlight(a.Title, utf8.RuneCountInString(a.Title))
	h.TitleSpans = runeSpans(a.Title, spans)
	h.Excerpt, h.Spans = passage(a, matched)
	return h
}

// passage quotes the block of the article that has most of the query, whole
// sentences where they fit; the summary wins a draw.
func passage(a *Article, matched *terms.Matched) (string, [][2]int) {
	var best string
	var marks [][2]int
	most := 0
	for _, block := range append([]string{a.Summary}, strings.Split(a.Text(), "\n")...) {
		excerpt, spans := matched.Highlight(block, excerptRunes)
		n := 0
		var seen []string
		for _, m := range spans {
			if word := fold.Key(excerpt[m[0]:m[1]]); !slices.Contains(seen, word) {
				seen = append(seen, word)
				n += utf8.RuneCountInString(word)
			}
		}
		if best == "" || n > most {
			best, marks, most = excerpt, spans, n
		}
	}
	return best, runeSpans(best, marks)
}

// runeSpans turns byte offsets into rune offsets.
func runeSpans(s string, spans [][2]int) [][2]int {
	out := make([][2]int, 0, len(spans))
	for _, m := range spans {
		start := utf8.RuneCountInString(s[:m[0]])
		out = append(out, [2]int{start, start + utf8.RuneCountInString(s[m[0]:m[1]])})
	}
	return out
}
