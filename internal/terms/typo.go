package terms

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// vocabulary is the words of the index as they are written, for finding the one that was meant.
type vocabulary struct {
	words  []string          // of letters only, by length, then in order
	starts [maxGuess + 2]int // by length: where its words begin
	masks  []uint32          // of each word: the letters that it has
	sorted []string          // every word, in order
}

const (
	minGuess = 4 // shorter words have too many neighbours
	maxGuess = 24
)

func newVocabulary(x *Index) *vocabulary {
	v := &vocabulary{}
	for word, id := range x.words {
		if x.common(id) > 0 {
			v.sorted = append(v.sorted, word)
		}
	}
	slices.Sort(v.sorted)
	for _, word := range v.sorted {
		if len(word) >= minGuess-1 && len(word) <= maxGuess && letterMask(word) != 0 {
			v.words = append(v.words, word)
		}
	}
	slices.SortStableFunc(v.words, func(a, b string) int { return len(a) - len(b) })
	at := 0
	for n := range v.starts {
		for at < len(v.words) && len(v.words[at]) < n {
			at++
		}
		v.starts[n] = at
	}
	for _, word := range v.words {
		v.masks = append(v.masks, letterMask(word))
	}
	return v
}

// letterMask has a bit for each letter of word, 0 when there is anything else in it.
func letterMask(word string) (mask uint32) {
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return 0
		}
		mask |= 1 << (word[i] - 'a')
	}
	return mask
}

// near gives the words within the fewest changes of word, none above most, best first: those that begin alike, then
// those in more documents, then the longer ones (a letter left out is the commonest slip).
func (x *Index) near(word string, most int) []string {
	v := x.vocabulary
	mask := letterMask(word)
	if mask == 0 || len(word) < minGuess || len(word) > maxGuess-most {
		return nil
	}
	var found []string
	for i := v.starts[max(0, len(word)-most)]; i < v.starts[len(word)+most+1]; i++ {
		// one change touches at most two letters of the set
		if bits.OnesCount32(mask^v.masks[i]) > 2*most {
			continue
		}
		d := distance(word, v.words[i], most)
		if d > most {
			continue
		}
		if d < most {
			most, found = d, found[:0]
		}
		found = append(found, v.words[i])
	}
	weight := func(w string) int {
		n := x.common(x.words[w])
		if w[0] == word[0] {
			n += len(x.docs)
		}
		return n
	}
	slices.SortStableFunc(found, func(a, b string) int { return cmp.Or(weight(b)-weight(a), len(b)-len(a)) })
	return found
}

// distance is the number of letters to insert, delete, replace or swap with their neighbour (optimal string alignment)
// between a and b, or most+1 when it is more.
func distance(a, b string, most int) int {
	if len(a)-len(b) > most || len(b)-len(a) > most {
		return most + 1
	}
	var rows [3][maxGuess + 2]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > most {
			return most + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// guess reads a word that no document has as one that is spelt nearly so, or as two written together. It gives the
// term of the best reading, noTerm when there is none.
func (q *inquiry) guess(i int, t token) uint32 {
	x := q.x
	if _, known := x.stems[stem(t.key)]; known {
		return x.stems[stem(t.key)] // a synonym's word: spelt right, and its group may be found
	}
	most := 1
	if len(t.key) >= 8 {
		most = 2
	}
	var first uint32 = noTerm
	weight := typoWeight
	var done []uint32
	for _, word := range x.near(t.key, most) {
		id := x.words[word]
		if slices.Contains(done, id) {
			continue
		}
		done = append(done, id)
		w := weight
		if stopWords[word] {
			w *= stopWeight
		}
		q.want(id, w, i, i+1)
		q.read = append(q.read, word)
		if first == noTerm {
			first = id
			q.fixes = append(q.fixes, fix{t.start, t.end, word})
		}
		if weight /= 2; len(done) == 3 {
			break
		}
	}
	if first != noTerm {
		return first
	}
	pieces := x.known(parts(q.text[t.start:t.end]))
	if pieces == nil {
		pieces = x.halves(t.key)
	}
	for _, word := range pieces {
		id, _ := x.find(word)
		q.want(id, typoWeight, i, i+1)
		q.read = append(q.read, word)
	}
	if pieces != nil {
		q.fixes = append(q.fixes, fix{t.start, t.end, strings.Join(pieces, " ")})
	}
	return noTerm
}

// known gives words when documents have each of them.
func (x *Index) known(words []string) []string {
	for _, word := range words {
		if _, ok := x.find(word); !ok {
			return nil
		}
	}
	return words
}

// complete adds the most common words that begin with t, and says whether there are any.
func (q *inquiry) complete(i int, t token) bool {
	x := q.x
	if len(t.key) < 2 || t.end < len(q.text) {
		return false
	}
	var found []uint32
	words := map[uint32]string{}
	all := x.vocabulary.sorted
	at, _ := slices.BinarySearch(all, t.key)
	for ; at < len(all) && strings.HasPrefix(all[at], t.key); at++ {
		if id := x.words[all[at]]; !slices.Contains(found, id) {
			found = append(found, id)
			words[id] = all[at]
		}
		if len(found) == 200 { // two letters begin half of everything
			break
		}
	}
	slices.SortStableFunc(found, func(a, b uint32) int { return x.common(b) - x.common(a) })
	found = found[:min(len(found), 5)]
	for _, id := range found {
		q.want(id, prefixWeight, i, i+1)
		q.read = append(q.read, words[id])
	}
	return len(found) > 0
}

// common is how many documents have a term.
func (x *Index) common(id uint32) int { return x.terms[id].to - x.terms[id].from }

// halves splits a word into two that documents have, the rarer of which is in the most documents; nil when there are
// none.
func (x *Index) halves(word string) (halves []string) {
	most := 0
	for at := 2; at <= len(word)-2; at++ {
		ia, oka := x.words[word[:at]]
		ib, okb := x.words[word[at:]]
		if !oka || !okb {
			continue
		}
		if n := min(x.common(ia), x.common(ib)); n > most {
			most, halves = n, []string{word[:at], word[at:]}
		}
	}
	return halves
}

// corrected is the query with its fixes, "" when there are none.
func (q *inquiry) corrected() string {
	if len(q.fixes) == 0 {
		return ""
	}
	var out strings.Builder
	at := 0
	for _, f := range q.fixes {
		out.WriteString(q.text[at:f.start] + f.to)
		at = f.end
	}
	return out.String() + q.text[at:]
}
