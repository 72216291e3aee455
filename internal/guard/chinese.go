package guard

import (
	_ "embed"
	"math/bits"
	"strings"
)

// Chinese written without gaps is told from a recovery phrase by how it reads. The words of a phrase are drawn evenly
// from 2,048 characters; in a sentence the common ones come again and again, and many stand beside the character with
// which they form a word. Both are weighed in bits, as the logarithm of how much likelier the text is as Chinese than
// as a phrase: phrases of twelve come to −9 ± 5, clauses of twelve characters to 34 ± 10 (a novel) and 41 ± 7 (a help
// centre), and longer ones lie further apart.

// chinesePairs are the 16,000 pairs of places in the two Chinese lists that stand side by side in everyday words, as
// testdata/pairs makes them from the dictionary of jieba (MIT, by way of github.com/go-ego/gse, Apache-2.0), the
// technical words of OpenCC (Apache-2.0) and our own. Both lists have the same characters in the same places, one in
// simplified and one in traditional form, so that one table serves both.
//
//go:generate go run ./testdata/pairs
//go:embed wordlists/chinese_pairs.bin
var chinesePairs []byte

// Weights in bits, see above. They are whole numbers so that the browser's port cannot differ by rounding.
const (
	pairWeight   = 7 // a character that forms a word with the one before
	repeatWeight = 5 // a character that is one of the few before: people repeat themselves, chance hardly does
	repeatWithin = 6 // how many are the few
)

// The most that characters written together may weigh to be taken for a phrase, by where they stand. The share of
// phrases that weigh more is given behind, as measured with a million phrases of twelve words, the hardest length.
const (
	limitBehindLabel = 13   // directly behind 助记词： or 我的助记词是 (0.02 %)
	limitWhole       = 7    // from one gap or mark to another, whatever the text is about (0.3 %)
	limitWithin      = 6    // in a longer run, in a text that speaks of a recovery phrase (0.4 %)
	limitNowhere     = -999 // never
)

// limitFirstPass is for twelve characters in a row. Where fifteen weigh at most limitBehindLabel, twelve of them weigh
// no more than this, since a character weighs −2 at the least; where more do, chance would have to play strange tricks.
const limitFirstPass = limitBehindLabel + 6

// pairSet has bit a<<11|b set when the characters at places a and b form a pair.
type pairSet [1 << 22 / 64]uint64

func (s *pairSet) has(a, b int16) bool {
	pair := int(a)<<11 | int(b)
	return s[pair>>6]&(1<<(pair&63)) != 0
}

// loadPairs reads the sorted pairs, which are written as the distances between them in Rice codes: the quotient by 128
// in ones, a zero, and seven bits of remainder. Ones fill the last byte.
func loadPairs(packed []byte) *pairSet {
	set := new(pairSet)
	at := 0
	next := func() int {
		if at >= 8*len(packed) {
			return 1
		}
		bit := int(packed[at>>3]>>(7-at&7)) & 1
		at++
		return bit
	}
	for pair := 0; ; pair++ {
		for next() == 1 {
			pair += 1 << 7
			if at >= 8*len(packed) {
				return set
			}
		}
		rest := 0
		for range 7 {
			rest = rest<<1 | next()
		}
		pair += rest
		set[pair>>6] |= 1 << (pair & 63)
	}
}

// frequencyWeight is the weight of the character at a place of the Chinese lists by itself. They are in order of
// frequency, so the place tells it: log2(2048·p), p falling as 1/(place+30).
func frequencyWeight(place int16) int {
	switch {
	case place < 13:
		return 4
	case place < 56:
		return 3
	case place < 141:
		return 2
	case place < 311:
		return 1
	case place < 651:
		return 0
	case place < 1332:
		return -1
	}
	return -2
}

// reader weighs the characters of a stretch one by one.
type reader struct {
	table  *wordTable
	last   int16               // place of the character before, or -1 when none is joined to the next
	recent [repeatWithin]int16 // places of the last characters, each plus one; 0 is none
	at     int
}

// characterWeight is what one character adds to the weight of a stretch.
type characterWeight struct {
	full  int8 // with what it owes to the characters before
	fresh int8 // without its being a repetition
	back  int8 // how many characters back it stood before, or 0
}

// weigh gives the weight of the next character; joined says that it stands directly behind the last.
func (r *reader) weigh(place int16, joined bool) characterWeight {
	fresh := frequencyWeight(place)
	if joined && r.last >= 0 && r.table.pairs.has(r.last, place) {
		fresh = max(fresh, pairWeight)
	}
	w := characterWeight{full: int8(fresh), fresh: int8(fresh)} //nolint:gosec // small
	for back := 1; back <= repeatWithin; back++ {
		if r.recent[(r.at-back+repeatWithin)%repeatWithin] == place+1 {
			w.full, w.back = max(w.full, repeatWeight), int8(back)
			break
		}
	}
	r.recent[r.at] = place + 1
	r.at = (r.at + 1) % repeatWithin
	r.last = place
	return w
}

// place gives the place of a word in the Chinese lists; it must be in one of them.
func (t *wordTable) place(id uint16) int16 {
	list := bits.TrailingZeros16(uint16(t.masks[id] & hanLists))
	return t.codes[id][list]
}

// hanWindow adds up the weights of the last twelve characters, for the first pass.
type hanWindow struct {
	reader
	next   int
	sum    int
	behind [shortestPhrase]int8 // weights behind the characters before
	alone  [shortestPhrase]int8 // weights by themselves
}

// reset forgets the characters so far. The sum may go on: it is asked for only when twelve more have come.
func (w *hanWindow) reset() { w.reader = reader{table: w.table, last: -1} }

// add notes a character and says whether the last twelve, if there are so many, could be a phrase.
func (w *hanWindow) add(place int16, joined bool) bool {
	weight := w.weigh(place, joined).full
	w.sum += int(weight) - int(w.behind[w.next])
	w.behind[w.next], w.alone[w.next] = weight, int8(frequencyWeight(place)) //nolint:gosec // small
	if w.next++; w.next == shortestPhrase {
		w.next = 0
	}
	return w.sum-int(w.behind[w.next])+int(w.alone[w.next]) <= limitFirstPass
}

// stretch is the weights of the words of a run.
type stretch struct {
	words  []characterWeight
	totals []int // of the full weights before each word
}

func weighRun(words []token) *stretch {
	read := reader{table: table(), last: -1}
	s := &stretch{words: make([]characterWeight, len(words)), totals: make([]int, len(words)+1)}
	for i := range words {
		s.words[i] = read.weigh(read.table.place(words[i].id), words[i].tightPrev)
		s.totals[i+1] = s.totals[i] + int(s.words[i].full)
	}
	return s
}

// weight gives the weight of the n words from word i on by themselves: what stands before them must not count, or
// removing it would change what they are.
func (s *stretch) weight(i, n int, first int16) int {
	sum := s.totals[i+n] - s.totals[i+1] + frequencyWeight(first)
	for k := 1; k < repeatWithin; k++ {
		if w := s.words[i+k]; int(w.back) > k {
			sum -= int(w.full - w.fresh)
		}
	}
	return sum
}

// unreadable says whether the n words from word i on may be a phrase as far as their writing goes: they are in
// another script than Chinese, or stand each for itself, or are written together and do not read as Chinese.
func (r *phraseRun) unreadable(i, n int) bool {
	if hanLists&(1<<r.list) == 0 {
		return true
	}
	window := r.words[i : i+n]
	if apart(window) {
		return true
	}
	if r.weights == nil {
		r.weights = weighRun(r.words)
	}
	weight := r.weights.weight(i, n, table().place(window[0].id))
	return weight <= limitBehindLabel && weight <= r.limit(window)
}

// apart says whether no two characters of the window stand together. What its first and last are attached to does not
// matter ("我的助记词是的 一 是 在…").
func apart(window []token) bool {
	for i := range window[1:] {
		if window[i+1].tightPrev {
			return false
		}
	}
	return true
}

// limit gives the most that a window may weigh where it stands. Groups must be of one size, as those who write a
// phrase in fours make them: sentences are full of groups.
func (r *phraseRun) limit(window []token) int {
	size := groupSize(window)
	first, last := &window[0], &window[len(window)-1]
	oneGroup := size == len(window)
	opens := !first.tightPrev && !first.stubPrev
	closes := !last.tightNext && !last.stubNext
	switch {
	case size == 0 || !oneGroup && !closes:
		return limitNowhere
	case endsInLabel(strings.TrimRight(r.text[:first.start], " \t\r\n\u3000:：,，、-—\"'“「『【([（")):
		return limitBehindLabel
	case opens && closes && (oneGroup || onlySpaced(window)):
		return limitWhole
	case oneGroup && r.speaksOfPhrase():
		return limitWithin
	}
	return limitNowhere
}

// onlySpaced says whether nothing but spaces and line breaks stands between the words. Clauses between commas are
// often of one length.
func onlySpaced(window []token) bool {
	for i := range window[1:] {
		if window[i+1].markPrev {
			return false
		}
	}
	return true
}

// groupSize gives the number of characters in each of the groups that the window is written in, or 0 when they differ.
func groupSize(window []token) int {
	size, group := 0, 1
	for i := 1; i < len(window); i++ {
		if window[i].tightPrev {
			group++
			continue
		}
		if size != 0 && group != size {
			return 0
		}
		size, group = group, 1
	}
	if size != 0 && group != size {
		return 0
	}
	return group
}

// phraseNames are the words by which Chinese texts call a recovery phrase.
var phraseNames = [...]string{
	"助记词", "助記詞", "注记词", "助记", "助記", "恢复词", "恢復詞", "恢复短语", "恢復短語", "种子", "種子", "备份词", "備份詞", "密语",
}

// naming remembers whether a text names a recovery phrase, once that has been asked.
type naming struct{ asked, yes bool }

func (r *phraseRun) speaksOfPhrase() bool {
	if !r.names.asked {
		*r.names = naming{asked: true, yes: speaksOfPhrase(r.text)}
	}
	return r.names.yes
}

// speaksOfPhrase says whether text names a recovery phrase, in Chinese or English. The stubs of Redact do not count.
func speaksOfPhrase(text string) bool {
	for i := strings.IndexByte(text, '['); i >= 0; {
		if n := stubAt(text[i:]); n > 0 {
			return speaksOfPhrase(text[:i]) || speaksOfPhrase(text[i+n:])
		}
		next := strings.IndexByte(text[i+1:], '[')
		if next < 0 {
			break
		}
		i += 1 + next
	}
	for i := 0; i < len(text); i++ {
		if namesPhrase(text[i:]) {
			return true
		}
	}
	return false
}

// namesPhrase says whether rest begins with a name of the phrase; it looks at the first character before comparing.
func namesPhrase(rest string) bool {
	switch c := rest[0]; {
	case 0xE5 <= c && c <= 0xE7 && len(rest) >= 6:
		switch rest[:3] {
		case "助", "注", "恢", "种", "種", "备", "備", "密":
			return hasAnyPrefix(rest, phraseNames[:])
		}
	case 'B' <= c && c <= 's':
		switch c | 0x20 {
		case 'm', 's', 'p', 'b':
			return hasPrefixFold(rest, "mnemonic") || hasPrefixFold(rest, "seed") || hasPrefixFold(rest, "phrase") ||
				hasPrefixFold(rest, "bip39") || hasPrefixFold(rest, "bip-39")
		}
	}
	return false
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, lower string) bool {
	return len(s) >= len(lower) && s[0]|0x20 == lower[0] && strings.EqualFold(s[:len(lower)], lower)
}

// containsFold is a strings.Contains that ignores ASCII case; lower must be lower case.
func containsFold(text, lower string) bool {
	for i := 0; i < len(text); i++ {
		if hasPrefixFold(text[i:], lower) {
			return true
		}
	}
	return false
}

// endsInLabel says whether before ends in a name of the phrase, with or without "is".
func endsInLabel(before string) bool {
	for _, is := range [...]string{"就是", "是", "为", "為", ""} {
		rest, ok := strings.CutSuffix(before, is)
		if !ok {
			continue
		}
		for _, name := range phraseNames {
			if strings.HasSuffix(rest, name) {
				return true
			}
		}
	}
	return false
}
