package guard

import (
	"crypto/sha256"
	"math/bits"
)

// phraseLengths are the lengths in words that BIP-39 allows, longest first.
var phraseLengths = [...]int{24, 21, 18, 15, 12}

const shortestPhrase = 12

// scanBIP39 finds recovery phrases of all ten lists, whatever stands between the words: spaces, U+3000, commas, line
// breaks, numbering.
//
// Chinese needs care: the lists are the 2,048 commonest characters, so ordinary prose gives checksum-valid windows by
// chance all the time (measured: 2,073 in 338,750 characters). Characters that stand each for itself are read as
// words; characters written together only where they do not read as Chinese (see chinese.go).
func scanBIP39(text string) []Finding {
	lists := phraseCandidates(text)
	if lists == 0 {
		return nil
	}
	var found []Finding
	eachRun(text, lists, func(run *phraseRun) { found = append(found, run.phrases()...) })
	if len(found) < 2 {
		return found
	}
	return disjoint(found)
}

// phraseCandidates is the cheap first pass that every message takes: it gives the lists from which at least twelve
// words follow one another, of Chinese only such as may be a phrase by how they read. It does not allocate.
func phraseCandidates(text string) (lists wordMask) {
	if len(text) < shortestPhrase {
		return 0
	}
	lex := lexer{text: text, table: table()}
	var runs runCounter
	var apart, together runCounter
	var chineseRuns wordMask
	chinese := hanWindow{reader: reader{table: lex.table, last: -1}}
	var t token
	for lex.next(&t) {
		if t.breaks {
			runs.reset()
			apart.reset()
			together.reset()
			chinese.reset()
		}
		mask := lex.table.masks[t.id]
		if t.id == 0 || t.class == latin {
			if isLabel(text, &t) || (mask == 0 && isConjunction(text, &t)) {
				continue
			}
		}
		lists |= runs.add(mask &^ hanLists)
		mask &= hanLists
		if mask == 0 {
			apart.reset()
			together.reset()
			chinese.reset()
			continue
		}
		unlike := chinese.add(lex.table.place(t.id), t.tightPrev)
		full := together.add(mask)
		chineseRuns |= full
		if unlike {
			lists |= full
		}
		if t.tightPrev {
			apart.reset()
		}
		lists |= apart.add(mask)
	}
	if lists&hanLists != 0 {
		lists |= chineseRuns
	}
	return lists
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

// eachRun is the thorough second pass: it gives the stretches of words in each of the lists that the first one named.
func eachRun(text string, lists wordMask, yield func(run *phraseRun)) {
	words := phraseTokens(text)
	names := new(naming)
	for ; lists != 0; lists &= lists - 1 {
		list := bits.TrailingZeros16(uint16(lists))
		for from := 0; from < len(words); {
			to := from
			for to < len(words) && table().masks[words[to].id]&(1<<list) != 0 && (to == from || !words[to].breaks) {
				to++
			}
			if to-from >= shortestPhrase {
				yield(&phraseRun{text: text, words: words[from:to], list: list, names: names})
			}
			from = max(to, from+1)
		}
	}
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
	weights *stretch // of the words, if they are Chinese; made when needed
	names   *naming  // shared by the runs of a text
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
		if r.unreadable(i, n) && numberedInOrder(window) && checksumValid(window, r.list) {
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
