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
	e     *edition
	terms terms.Index
	byID  map[int64]*Article
	// words of title and tags, folded, for what is still being typed
	words map[*Article][]string
	order []*Article
}

func newIndex(e *edition) *index {
	x := &index{e: e, byID: map[int64]*Article{}, words: map[*Article][]string{}}
	for _, c := range e.categories {
		for _, a := range c.Articles {
			tags := strings.Join(a.Tags, "\n")
			x.terms.Add(int64(a.id), a.Title, a.Summary+"\n"+tags+"\n"+c.Title+"\n"+a.text)
			x.byID[int64(a.id)] = a
			x.words[a] = strings.Fields(fold.Key(a.Title + " " + tags))
			x.order = append(x.order, a)
		}
	}
	return x
}

func (x *index) search(query string, limit int) []Hit {
	var found []*Article
	best := 0.0
	for _, h := range x.terms.Search(query, limit) {
		if best = max(best, h.Score); h.Score < best*leastScore {
			break
		}
		found = append(found, x.byID[h.ID])
	}
	for _, a := range x.beginning(query) {
		if len(found) < limit && !slices.Contains(found, a) {
			found = append(found, a)
		}
	}
	hits := make([]Hit, 0, len(found))
	for _, a := range found {
		hits = append(hits, hitOf(a, query))
	}
	return hits
}

// beginning finds articles with a word in title or tags that begins with the
// last word of the query: it may not be finished.
func (x *index) beginning(query string) []*Article {
	words := strings.Fields(fold.Key(query))
	if len(words) == 0 || len(words[len(words)-1]) < 2 {
		return nil
	}
	last := words[len(words)-1]
	var out []*Article
	for _, a := range x.order {
		if slices.ContainsFunc(x.words[a], func(w string) bool { return strings.HasPrefix(w, last) }) {
			out = append(out, a)
		}
	}
	return out
}

func hitOf(a *Article, query string) Hit {
	h := Hit{Article: a}
	_, spans := terms.Highlight(a.Title, query, utf8.RuneCountInString(a.Title))
	h.TitleSpans = runeSpans(a.Title, spans)
	h.Excerpt, h.Spans = passage(a, query)
	return h
}

// passage quotes the block of the article that has most of the query, whole
// sentences where they fit; the summary wins a draw.
func passage(a *Article, query string) (string, [][2]int) {
	var best string
	var marks [][2]int
	most := 0
	for _, block := range append([]string{a.Summary}, strings.Split(a.text, "\n")...) {
		excerpt, spans := terms.Highlight(block, query, excerptRunes)
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
