package guard

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
)

// letterClass is the kind of writing a token is made of; a change of class ends a token ("助记词abandon" is four).
type letterClass uint8

const (
	notLetter letterClass = iota
	latin
	han
	kana
	hangul
	foreign // a letter of a script that no word list uses
	skipped // invisible, or a mark that belongs to the letter before
)

// token is one candidate word. A Chinese character is a token of its own.
type token struct {
	start, end int
	id         uint16 // in the word table; 0 is no word of any list
	class      letterClass
	tightPrev  bool // a letter stands directly before
	tightNext  bool // a letter stands directly behind
	stubPrev   bool // a stub of Redact stands directly before
	stubNext   bool // a stub of Redact stands directly behind
	breaks     bool // what lies before it cannot be a gap within a phrase
	number     int  // the number in the gap before it, or 0
	digitPrev  bool // the gap before it has a number
	commaPrev  bool // the gap before it has a comma
	markPrev   bool // the gap before it has more in it than spaces
}

// maxGap is how many bytes (numbering, bullets, spaces of a table) may lie between two words of a phrase.
const maxGap = 64

// lexer cuts a text into tokens without allocating.
type lexer struct {
	text  string
	at    int
	table *wordTable
	prev  bool // the rune before at was a letter
}

func classify(r rune) letterClass {
	switch {
	case r < utf8.RuneSelf:
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return latin
		}
		return notLetter
	case hanFirst <= r && r <= hanLast, 0x3400 <= r && r <= 0x4DBF, 0xF900 <= r && r <= 0xFAFF, 0x20000 <= r && r <= 0x3FFFF:
		return han
	case 0x3041 <= r && r <= 0x30FF && r != 0x30FB, 0xFF66 <= r && r <= 0xFF9F:
		return kana
	case 0xAC00 <= r && r <= 0xD7A3, 0x1100 <= r && r <= 0x11FF && !fold.Invisible(r), 0x3131 <= r && r <= 0x318E && r != 0x3164:
		return hangul
	case 0x00C0 <= r && r <= 0x024F && r != 0x00D7 && r != 0x00F7, 0x1E00 <= r && r <= 0x1EFF:
		return latin
	case 0xFF21 <= r && r <= 0xFF3A, 0xFF41 <= r && r <= 0xFF5A:
		return latin
	case fold.Invisible(r), fold.Accent(r):
		return skipped
	case unicode.IsLetter(r):
		return foreign
	}
	return notLetter
}

// next gives the next token, and false at the end of the text.
func (l *lexer) next(t *token) bool {
	*t = token{tightPrev: l.prev}
	if !l.skipGap(t) {
		return false
	}
	t.start = l.at
	ascii := l.takeWord(t)
	t.end = l.at
	l.prev = true
	t.tightNext = l.letterFollows()
	t.stubNext = l.at < len(l.text) && l.text[l.at] == '[' && stubAt(l.text[l.at:]) > 0
	t.id = l.lookUp(t, ascii)
	return true
}

// skipGap walks to the next letter and notes what it passed.
//
// A number between two words of a phrase can only be its numbering: one number of at most two digits. Signs of program
// text end a phrase too. Otherwise the JSON that API users send ("side":"sell","price":"63000"), whose names are words of
// the English list, would give valid phrases by chance.
func (l *lexer) skipGap(t *token) bool {
	from := l.at
	digits := 0 // of the number being read
	for l.at < len(l.text) {
		c := l.text[l.at]
		if c < utf8.RuneSelf {
			if 'a' <= c|0x20 && c|0x20 <= 'z' {
				t.breaks = t.breaks || l.at-from > maxGap
				return true
			}
			t.tightPrev, t.stubPrev = false, false
			t.markPrev = t.markPrev || c > ' '
			if isDigit(c) {
				t.readNumber(int(c-'0'), &digits)
				l.at++
				continue
			}
			digits = 0
			switch c {
			case ',':
				t.commaPrev = true
			case '{', '}', '=', '@':
				t.breaks = true
			case '[':
				if n := stubAt(l.text[l.at:]); n > 0 {
					t.breaks, t.stubPrev = true, true
					l.at += n
					continue
				}
			}
			l.at++
			continue
		}
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		switch class := classify(r); class {
		case notLetter:
			t.tightPrev, t.stubPrev = false, false
			t.markPrev = t.markPrev || !unicode.IsSpace(r)
			t.readWideNumber(r, &digits)
			t.commaPrev = t.commaPrev || r == '，' || r == '、'
		case skipped:
		default:
			if n := l.hanLabel(class, t.digitPrev); n > 0 {
				t.tightPrev = false
				l.at += n
				continue
			}
			t.breaks = t.breaks || l.at-from > maxGap
			return true
		}
		l.at += size
	}
	return false
}

func (l *lexer) hanLabel(class letterClass, digitPrev bool) int {
	if class != han {
		return 0
	}
	if digitPrev {
		return hanCounter(l.text, l.at)
	}
	return hanOrdinal(l.text[l.at:])
}

// takeWord moves behind the word that starts here and says whether it is plain ASCII.
func (l *lexer) takeWord(t *token) (ascii bool) {
	for l.at < len(l.text) && l.text[l.at] < utf8.RuneSelf && classify(rune(l.text[l.at])) == latin {
		l.at++
	}
	ascii = l.at > t.start
	t.class = latin
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		class := classify(r)
		if l.at == t.start {
			t.class = class
		} else if class != skipped && class != t.class {
			break
		}
		if size > 1 {
			ascii = false
		}
		l.at += size
		if t.class == han {
			break
		}
	}
	return ascii
}

func (l *lexer) letterFollows() bool {
	for i := l.at; i < len(l.text); {
		r, size := utf8.DecodeRuneInString(l.text[i:])
		class := classify(r)
		if class != skipped {
			return class != notLetter
		}
		i += size
	}
	return false
}

func (l *lexer) lookUp(t *token, ascii bool) uint16 {
	word := l.text[t.start:t.end]
	switch {
	case t.class == foreign:
		return 0
	case t.class == han:
		r, _ := utf8.DecodeRuneInString(word)
		if hanFirst <= r && r <= hanLast {
			return l.table.byHan[r-hanFirst]
		}
		return 0
	case ascii:
		if len(word) < wordMinLen || len(word) > wordMaxLen {
			return 0
		}
		var lower [wordMaxLen]byte
		for i := 0; i < len(word); i++ {
			lower[i] = word[i] | 0x20
		}
		return l.table.byKey[string(lower[:len(word)])]
	case len(word) > 96: // longer than any list's word in any normal form
		return 0
	}
	if t.class != latin {
		if id, ok := l.table.byKey[word]; ok {
			return id
		}
	}
	if (t.class == hangul || t.class == kana) && composed(word) {
		return 0
	}
	if t.class == latin {
		var key [wordMaxLen]byte
		if n, ok := latinKey(&key, word); ok {
			return l.table.byKey[string(key[:n])]
		}
	}
	return l.table.byKey[fold.Key(word)]
}

// latinKey writes fold.Key(word) to key without allocating, for words whose letters fold to one ASCII letter each.
// It gives ok false for all others, and length 0 for a word that is too long for any list.
func latinKey(key *[wordMaxLen]byte, word string) (n int, ok bool) {
	for _, r := range word {
		var c byte
		switch {
		case r < utf8.RuneSelf:
			c = byte(r) | 0x20
		case int(r) < len(latinLetters):
			c = latinLetters[r]
		case 0xFF21 <= r && r <= 0xFF3A:
			c = byte(r-0xFF21) + 'a'
		case 0xFF41 <= r && r <= 0xFF5A:
			c = byte(r-0xFF41) + 'a'
		case fold.Accent(r), fold.Invisible(r):
			continue
		}
		if c == 0 {
			return 0, false
		}
		if n == wordMaxLen {
			return 0, true
		}
		key[n] = c
		n++
	}
	return n, true
}

// latinLetters gives the ASCII letter that an accented letter folds to, or 0.
var latinLetters = func() (letters [0x250]byte) {
	for r := rune(0xC0); int(r) < len(letters); r++ {
		if key := fold.Key(string(r)); len(key) == 1 && key[0] >= 'a' && key[0] <= 'z' {
			letters[r] = key[0]
		}
	}
	return letters
}()

// composed says whether folding cannot change a word of Hangul or Hiragana: it has only precomposed letters.
func composed(word string) bool {
	for _, r := range word {
		if (r < 0xAC00 || r > 0xD7A3) && (r < 0x3041 || r > 0x3096) {
			return false
		}
	}
	return true
}

// isLabel says whether a token is part of the numbering of a phrase and not a word of it: the "st" of "1st", the
// "Word" of "Word 3: ability".
func isLabel(text string, t *token) bool {
	if t.class != latin {
		return false
	}
	if n := t.end - t.start; n == 2 && t.start > 0 && isDigit(text[t.start-1]) {
		switch strings.ToLower(text[t.start:t.end]) {
		case "st", "nd", "rd", "th":
			return true
		}
	}
	return !t.digitPrev && numberFollows(text[t.end:]) && countingWord(text[t.start:t.end])
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// readNumber adds a digit to the number before the token; digits counts those of the same number.
func (t *token) readNumber(digit int, digits *int) {
	if *digits == 0 && t.digitPrev || *digits == 2 {
		t.breaks = true
	}
	if *digits == 0 {
		t.number = 0
	}
	if *digits < 2 {
		*digits++
		t.number = t.number*10 + digit
	}
	t.digitPrev = true
}

// readWideNumber does the same for full-width digits and for circled or bracketed numbers (①, ⑴, ⒈, ❶).
func (t *token) readWideNumber(r rune, digits *int) {
	if 0xFF10 <= r && r <= 0xFF19 {
		t.readNumber(int(r-0xFF10), digits)
		return
	}
	*digits = 0
	switch {
	case 0x2460 <= r && r <= 0x249B:
		t.number, t.digitPrev = int(r-0x2460)%20+1, true
	case 0x2776 <= r && r <= 0x2793:
		t.number, t.digitPrev = int(r-0x2776)%10+1, true
	}
}

func numberFollows(rest string) bool {
	rest = strings.TrimLeft(rest[:min(len(rest), 4)], " #.:")
	return rest != "" && isDigit(rest[0])
}

func countingWord(word string) bool {
	var lower [8]byte
	if len(word) > len(lower) {
		return false
	}
	for i := 0; i < len(word); i++ {
		lower[i] = word[i] | 0x20
	}
	switch string(lower[:len(word)]) {
	case "word", "words", "mot", "palabra", "parola", "palavra", "slovo", "no", "nr", "number", "seed":
		return true
	}
	return false
}

// hanOrdinal returns the length in bytes of the 第 of "第1个单词：" at the beginning of rest, or 0.
func hanOrdinal(rest string) int {
	if after, ok := strings.CutPrefix(rest, "第"); ok && numberFollows(after) {
		return len("第")
	}
	return 0
}

// hanCounter returns the length in bytes of the 个单词： of "第1个单词：" at byte i of text, or 0.
func hanCounter(text string, i int) int {
	before := strings.TrimSuffix(text[:i], " ")
	if before == "" || !isDigit(before[len(before)-1]) {
		return 0
	}
	rest := text[i:]
	counter := strings.TrimLeft(rest[:min(len(rest), 12)], "个個单單词詞字号號位")
	n := min(len(rest), 12) - len(counter)
	if n == 0 {
		return 0
	}
	for _, end := range [...]string{"：", ":", "是"} {
		if strings.HasPrefix(rest[n:], end) {
			return n + len(end)
		}
	}
	return 0
}

// isConjunction says whether a token is the "and" of "…, yellow, and zoo".
func isConjunction(text string, t *token) bool {
	word := text[t.start:t.end]
	switch len(word) {
	case 1:
		return strings.Contains("yeaYEA", word)
	case 2:
		return strings.EqualFold(word, "et")
	case 3:
		return strings.EqualFold(word, "and") || word == "和" || word == "및"
	}
	return false
}
