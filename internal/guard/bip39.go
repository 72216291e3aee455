package guard

import (
	"crypto/sha256"
	"math/bits"
	"strings"
)

// phraseLengths are the lengths in words that BIP-39 allows, longest first.
var phraseLengths = [...]int{24, 21, 18, 15, 12}

const shortestPhrase = 12

// scanBIP39 finds recovery phrases of all ten lists, whatever stands between the words: spaces, U+3000, commas, line
// breaks, numbering.
//
// Chinese needs care: the lists are the 2,048 commonest characters, so ordinary prose gives checksum-valid windows by
// chance all the time (measured: 2,073 in 338,750 characters). Characters that stand each for itself are read as
// words; characters written together are read only where the text speaks of a recovery phrase and the phrase fills
// whole groups (see contiguousAllowed).
func scanBIP39(text string) []Finding {
	loose, tight := phraseCandidates(text)
	if tight != 0 && speaksOfPhrase(text) {
		loose |= tight
	}
	if loose == 0 {
		return nil
	}
	return findPhrases(text, loose)
}

// phraseCandidates is the cheap first pass that every message takes: it gives the lists from which at least twelve
// words follow one another; tight are Chinese lists for which that is so only with characters written together. It
// does not allocate.
func phraseCandidates(text string) (loose, tight wordMask) {
	if len(text) < shortestPhrase {
		return 0, 0
	}
	lex := lexer{text: text, table: table()}
	var runs runCounter
	var apart, together runCounter
	var t token
	for lex.next(&t) {
		if t.breaks {
			runs.reset()
			apart.reset()
			together.reset()
		}
		mask := lex.table.masks[t.id]
		if t.id == 0 || t.class == latin {
			if isLabel(text, &t) || (mask == 0 && isConjunction(text, &t)) {
				continue
			}
		}
		loose |= runs.add(mask &^ hanLists)
		tight |= together.add(mask & hanLists)
		if t.tightPrev || t.tightNext {
			mask = 0
		}
		loose |= apart.add(mask & hanLists)
	}
	return loose, tight
}

// runCounter counts, per list, how many words in a row were in it.
type runCounter struct {
	active wordMask
	length [listCount]uint8
}

func (c *runCounter) reset() {
	if c.active != 0 {
		*c = runCounter{}
	}
}

// add notes a word with its lists and returns those lists whose run is long enough for a phrase.
func (c *runCounter) add(mask wordMask) (full wordMask) {
	for gone := c.active &^ mask; gone != 0; gone &= gone - 1 {
		c.length[bits.TrailingZeros16(uint16(gone))] = 0
	}
	c.active = mask
	for ; mask != 0; mask &= mask - 1 {
		list := bits.TrailingZeros16(uint16(mask))
		if c.length[list] < shortestPhrase {
			c.length[list]++
		}
		if c.length[list] >= shortestPhrase {
			full |= 1 << list
		}
	}
	return full
}

// findPhrases is the thorough second pass, over the lists that the first one named.
func findPhrases(text string, lists wordMask) []Finding {
	words := phraseTokens(text)
	context := lists&hanLists != 0 && speaksOfPhrase(text)
	var found []Finding
	for ; lists != 0; lists &= lists - 1 {
		list := bits.TrailingZeros16(uint16(lists))
		for from := 0; from < len(words); {
			to := from
			for to < len(words) && table().masks[words[to].id]&(1<<list) != 0 && (to == from || !words[to].breaks) {
				to++
			}
			if to-from >= shortestPhrase {
				run := phraseRun{text: text, words: words[from:to], list: list, context: context}
				found = append(found, run.phrases()...)
			}
			from = max(to, from+1)
		}
	}
	if len(found) < 2 {
		return found
	}
	return disjoint(found)
}

// phraseTokens gives all tokens of text except numbering and the "and" before a last word.
func phraseTokens(text string) []token {
	lex := lexer{text: text, table: table()}
	var words []token
	var t token
	broken := false // in the gap before a token that was left out
	for lex.next(&t) {
		t.breaks = t.breaks || broken
		broken = t.breaks
		if isLabel(text, &t) {
			continue
		}
		if lex.table.masks[t.id] == 0 && isConjunction(text, &t) && listed(words, &t) {
			continue
		}
		words = append(words, t)
		broken = false
	}
	return words
}

// listed says whether the words before a conjunction were separated by commas, as in "a, b, and c" or "a, b and c".
func listed(words []token, conjunction *token) bool {
	return conjunction.commaPrev || (len(words) > 0 && words[len(words)-1].commaPrev)
}

// phraseRun is a stretch of words that are all in one list.
type phraseRun struct {
	text    string
	words   []token
	list    int
	context bool // the text speaks of a recovery phrase
}

// phrases gives the valid phrases of the run. Windows that overlap are joined: which of them is the real phrase
// cannot be known (one window in sixteen is valid by chance), and none of its words may be left standing.
func (r *phraseRun) phrases() []Finding {
	var found []Finding
	end := 0 // index behind the last word of the last finding
	for i := 0; i+shortestPhrase <= len(r.words); i++ {
		n := r.longestAt(i)
		if n == 0 {
			continue
		}
		if last := len(found) - 1; last >= 0 && i < end {
			end = max(end, i+n)
			found[last].End = r.words[end-1].end
			found[last].Words = max(found[last].Words, n)
			continue
		}
		end = i + n
		found = append(found, Finding{
			Kind: KindBIP39, Start: r.words[i].start, End: r.words[end-1].end, Certainty: Certain, Words: n,
		})
	}
	return found
}

// longestAt gives the number of words of the longest valid phrase that starts at word i, or 0.
func (r *phraseRun) longestAt(i int) int {
	for _, n := range phraseLengths {
		if i+n > len(r.words) {
			continue
		}
		window := r.words[i : i+n]
		if hanLists&(1<<r.list) != 0 && !apart(window) && !(r.context && r.contiguousAllowed(window)) {
			continue
		}
		if numberedInOrder(window) && checksumValid(window, r.list) {
			return n
		}
	}
	return 0
}

// numberedInOrder says whether the numbers between the words, if there are any, count up by equal steps. In another
// order than that of the numbers the words are no phrase.
func numberedInOrder(window []token) bool {
	last, step := 0, 0
	for i := 1; i < len(window); i++ {
		n := window[i].number
		switch {
		case !window[i].digitPrev:
			continue
		case last != 0 && step == 0:
			step = n - last
		case last != 0 && n-last != step:
			return false
		}
		if step < 0 || (step == 0 && last != 0) {
			return false
		}
		last = n
	}
	return true
}

// apart says whether every character of the window stands for itself.
func apart(window []token) bool {
	for i := range window {
		if window[i].tightPrev || window[i].tightNext {
			return false
		}
	}
	return true
}

// contiguousAllowed says whether Chinese characters written together may be read as a phrase: the window is one
// group, and nothing is attached to it but the label before it ("我的助记词是…"); or it is several groups of one size
// directly behind the label ("助记词：的一是在 不了有和 人这中大"). Prose is full of groups of four.
func (r *phraseRun) contiguousAllowed(window []token) bool {
	if window[len(window)-1].tightNext {
		return false
	}
	if window[0].tightPrev && !endsInLabel(r.text[:window[0].start]) {
		return false
	}
	size := 0
	group := 1
	for i := 1; i < len(window); i++ {
		if window[i].tightPrev {
			group++
			continue
		}
		if size != 0 && group != size {
			return false
		}
		size, group = group, 1
	}
	if size == 0 {
		return true
	}
	before := strings.TrimRight(r.text[:window[0].start], " \t\r\n\u3000:：,，、-—\"'“「『【([（")
	return group == size && endsInLabel(before)
}

// phraseNames are the words by which Chinese texts call a recovery phrase.
var phraseNames = [...]string{
	"助记词", "助記詞", "注记词", "助记", "助記", "恢复词", "恢復詞", "恢复短语", "恢復短語", "种子", "種子", "备份词", "備份詞", "密语",
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

// checksumValid applies BIP-39 ("Generating the mnemonic"): each word is 11 bits of the entropy followed by its
// checksum, which is the first length/3 bits of the entropy's SHA-256.
func checksumValid(window []token, list int) bool {
	var packed [34]byte
	t := table()
	bit := 0
	for i := range window {
		code := uint32(t.codes[window[i].id][list]) //nolint:gosec // 0…2047
		code <<= 13 - bit%8
		packed[bit/8] |= byte(code >> 16)
		packed[bit/8+1] |= byte(code >> 8)
		packed[bit/8+2] |= byte(code)
		bit += 11
	}
	entropy := len(window) * 4 / 3
	checksum := len(window) / 3
	sum := sha256.Sum256(packed[:entropy])
	shift := 8 - checksum
	return packed[entropy]>>shift == sum[0]>>shift
}
