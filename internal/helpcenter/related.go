package helpcenter

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/veridesk/veridesk/internal/fold"
)

// maxRelated bounds how many related articles are kept for each.
const maxRelated = 12

// relatives finds the articles of an edition that have most in common. It looks
// at titles and tags alone: they say what an article is about, and the pages of
// a node that has just started need not wait for the index of all texts.
type relatives struct {
	order []*Article
	words map[*Article][]string
	found map[*Article][]*Article
	in    map[string][]*Article // word → articles
	mu    sync.Mutex
}

func newRelatives(e *edition) *relatives {
	r := &relatives{words: map[*Article][]string{}, found: map[*Article][]*Article{}, in: map[string][]*Article{}}
	for _, c := range e.categories {
		for _, a := range c.Articles {
			r.order = append(r.order, a)
			r.words[a] = topics(a.Title + " " + strings.Join(a.Tags, " "))
			for _, w := range r.words[a] {
				r.in[w] = append(r.in[w], a)
			}
		}
	}
	return r
}

// topics are the words of a text, each once; Chinese counts in pairs of
// characters.
func topics(s string) []string {
	var out []string
	for _, field := range strings.FieldsFunc(fold.Key(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		runes := []rune(field)
		if !slices.ContainsFunc(runes, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			out = append(out, field)
			continue
		}
		for i := range len(runes) - 1 {
			out = append(out, string(runes[i:i+2]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *relatives) of(a *Article) []*Article {
	r.mu.Lock()
	defer r.mu.Unlock()
	if out, ok := r.found[a]; ok {
		return out
	}
	score := map[*Article]float64{}
	for _, w := range r.words[a] {
		rare := math.Log(1 + float64(len(r.order))/float64(len(r.in[w])))
		for _, other := range r.in[w] {
			score[other] += rare
		}
	}
	for _, other := range r.order {
		for _, s := range a.Scenarios {
			if slices.Contains(other.Scenarios, s) {
				score[other] += 100 // the same trouble goes before the same words
				break
			}
		}
		if s := score[other]; s > 0 && other.Category == a.Category {
			score[other] = s + 1
		}
	}
	out := []*Article{}
	for _, other := range r.order {
		if other != a && score[other] > 0 {
			out = append(out, other)
		}
	}
	slices.SortStableFunc(out, func(x, y *Article) int { return cmp.Compare(score[y], score[x]) })
	out = slices.Clip(out[:min(len(out), maxRelated)])
	r.found[a] = out
	return out
}
