package terms

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
)

// maxTerm is the longest term in bytes; longer words (a pasted token) are cut, in texts and queries alike. A TxID has
// 64 or 66 characters, a Solana signature 88.
const maxTerm = 128

// Split gives the search terms of a text to be indexed, in order and with repetitions:
//
//   - words, folded (fold.Key) and without the English plural: "Withdrawals" is "withdrawal";
//   - numbers, addresses and transaction ids whole: "1,234.50" is "1234.50", "0xAB…" is "0xab…";
//   - Chinese, Japanese and Korean as every single character and every pair: 提现 is 提, 提现, 现.
func Split(text string) []string {
	var terms []string
	walk(text, func(s span) {
		if !s.cjk {
			terms = append(terms, s.term(text))
			return
		}
		eachCharacter(fold.Key(text[s.start:s.end]), func(single, pair string) {
			terms = append(terms, single)
			if pair != "" {
				terms = append(terms, pair)
			}
		})
	})
	return terms
}

// Query gives the terms of what somebody searches for, each once, in order. They are terms that Split gives for a text
// with the same words; of Chinese, Japanese and Korean only the pairs, or the character that stands alone.
func Query(text string) []string {
	var terms []string
	seen := map[string]bool{}
	add := func(term string) {
		if !seen[term] {
			seen[term] = true
			terms = append(terms, term)
		}
	}
	walk(text, func(s span) {
		if !s.cjk {
			add(s.term(text))
			return
		}
		run := fold.Key(text[s.start:s.end])
		eachCharacter(run, func(single, pair string) {
			if pair != "" {
				add(pair)
			} else if len(single) == len(run) {
				add(single)
			}
		})
	})
	return terms
}

// eachCharacter calls fn for each character of run, with the pair of it and the next one ("" for the last).
func eachCharacter(run string, fn func(single, pair string)) {
	for at := 0; at < len(run); {
		_, size := utf8.DecodeRuneInString(run[at:])
		_, next := utf8.DecodeRuneInString(run[at+size:])
		pair := ""
		if next > 0 {
			pair = run[at : at+size+next]
		}
		fn(run[at:at+size], pair)
		at += size
	}
}

// span is a word, a number, or a run of CJK characters in a text; offsets in bytes.
type span struct {
	start, end int
	cjk        bool
}

// term is the search term of a word or number.
func (s span) term(text string) string {
	word := fold.Key(text[s.start:s.end])
	if strings.ContainsAny(word, ",'’") {
		word = strings.NewReplacer(",", "", "'", "", "’", "").Replace(word)
	}
	word = singular(word)
	if len(word) > maxTerm {
		cut := maxTerm
		for !utf8.RuneStart(word[cut]) {
			cut--
		}
		word = word[:cut]
	}
	return word
}

// singular takes the plural ending from an English word (the "S-stemmer" of Harman, 1991). Only words of plain letters
// are touched, so that no address or id changes.
func singular(word string) string {
	n := len(word)
	if n < 4 || n > 20 || word[n-1] != 's' {
		return word
	}
	for i := range n {
		if word[i] < 'a' || word[i] > 'z' {
			return word
		}
	}
	switch {
	case strings.HasSuffix(word, "ies") && !strings.HasSuffix(word, "eies") && !strings.HasSuffix(word, "aies"):
		return word[:n-3] + "y"
	case strings.HasSuffix(word, "sses"), strings.HasSuffix(word, "shes"), strings.HasSuffix(word, "tches"), strings.HasSuffix(word, "xes"):
		return word[:n-2]
	case strings.HasSuffix(word, "us"), strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "is"):
		return word
	}
	return word[:n-1]
}

type charClass uint8

const (
	separator charClass = iota
	letter
	digit
	ideograph
	attached // marks and invisible characters: part of what is before them
)

func classOf(r rune) charClass {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case 'a' <= r|0x20 && r|0x20 <= 'z':
			return letter
		case '0' <= r && r <= '9':
			return digit
		}
		return separator
	case 0x4E00 <= r && r <= 0x9FFF: // nearly all Chinese, decided without tables
		return ideograph
	case 0x3000 <= r && r <= 0x3004, 0x3008 <= r && r <= 0x3020, 0xFF01 <= r && r <= 0xFF0F: // CJK punctuation
		return separator
	case r == 0x30FB: // katakana middle dot
		return separator
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo), r == 0x30FC:
		if unicode.IsLetter(r) {
			return ideograph
		}
		return separator
	case fold.Invisible(r), unicode.IsMark(r):
		return attached
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return digit
	}
	return separator
}

// walk calls fn for each word, number and CJK run of text, in order.
func walk(text string, fn func(span)) {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch classOf(r) {
		case letter, digit:
			end := wordEnd(text, at, false)
			if fold.Key(text[at:end]) != "" {
				fn(span{start: at, end: end})
			}
			at = end
		case ideograph:
			end := at
			for end < len(text) {
				r, size := utf8.DecodeRuneInString(text[end:])
				if class := classOf(r); class != ideograph && class != attached {
					break
				}
				end += size
			}
			if fold.Key(text[at:end]) != "" {
				fn(span{start: at, end: end, cjk: true})
			}
			at = end
		default:
			at += size
		}
	}
}

// wordEnd gives where the word or number that starts at byte at ends. A comma or point between digits and an
// apostrophe between letters belong to it; with versions also the points of "v1.2.3".
func wordEnd(text string, at int, versions bool) int {
	numeric := true // digits so far, perhaps behind one letter
	start := at
	previous := separator
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		class := classOf(r)
		switch {
		case class == letter:
			numeric = versions && at == start
			previous = class
		case class == digit:
			previous = class
		case class == attached:
		case joins(r, numeric, previous, text[at+size:]):
		default:
			return at
		}
		at += size
	}
	return at
}

func joins(r rune, numeric bool, previous charClass, rest string) bool {
	next, _ := utf8.DecodeRuneInString(rest)
	switch r {
	case '.':
		return numeric && previous == digit && classOf(next) == digit
	case ',':
		return numeric && previous == digit && groupOfThree(rest)
	case '\'', '’':
		return previous == letter && classOf(next) == letter
	}
	return false
}

// groupOfThree tells the comma of "1,234" from that of "1,2,3".
func groupOfThree(rest string) bool {
	if len(rest) < 3 {
		return false
	}
	for i := range 3 {
		if rest[i] < '0' || rest[i] > '9' {
			return false
		}
	}
	return len(rest) == 3 || rest[3] < '0' || rest[3] > '9'
}
