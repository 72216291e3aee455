package terms

import (
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
)

// maxWord is the longest word of an article in bytes, enough for any address or transaction id.
const maxWord = 96

// token is a word or one CJK character of an article or of a query.
type token struct {
	start, end int    // bytes of the text
	key        string // folded; of a word, what is written, not the stem
	cjk        bool
	joined     bool // nothing but a joiner ("-", "_", ".", "&") stands between it and the token before it
}

// tokens calls fn for each word and CJK character of text, in order. Words end at everything but letters and digits;
// numbers with points, versions and addresses stay whole, a possessive "'s" goes, "c++" and "c#" keep their signs.
// Characters are folded to lower case, half width and simplified Chinese.
func tokens(text string, fn func(token)) {
	lastEnd := -1
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		switch classOf(r) {
		case letter, digit:
			end := wordEnd(text, at, true)
			if key := wordKey(text[at:end]); key != "" {
				end = signs(text, end, &key)
				fn(token{start: at, end: end, key: key, joined: joiner(text, lastEnd, at)})
			}
			at, lastEnd = end, end
		case ideograph:
			end := at + size
			for end < len(text) {
				r, size := utf8.DecodeRuneInString(text[end:])
				if classOf(r) != attached {
					break
				}
				end += size
			}
			characterKeys(text[at:end], func(key string) {
				fn(token{start: at, end: end, key: key, cjk: true})
			})
			at = end
		default:
			at += size
		}
	}
}

// characterKeys calls fn with each folded character of s, which is one character with its marks; a half-width one and a
// compatibility form may fold to several.
func characterKeys(s string, fn func(key string)) {
	key := fold.Key(s)
	for at := 0; at < len(key); {
		r, size := utf8.DecodeRuneInString(key[at:])
		if simple := fold.SimplifiedRune(r); simple != r {
			fn(string(simple))
		} else if class := classOf(r); class != separator && class != attached {
			fn(key[at : at+size])
		}
		at += size
	}
}

// signs takes the "++" of "c++" and the "#" of "c#" into a word of one letter.
func signs(text string, end int, key *string) int {
	if len(*key) != 1 || end >= len(text) {
		return end
	}
	for _, sign := range []string{"++", "#"} {
		if strings.HasPrefix(text[end:], sign) {
			if r, _ := utf8.DecodeRuneInString(text[end+len(sign):]); classOf(r) == separator {
				*key += sign
				return end + len(sign)
			}
		}
	}
	return end
}

// joiner says whether exactly one joining sign stands between the bytes from and to.
func joiner(text string, from, to int) bool {
	if from < 0 || to-from != 1 {
		return false
	}
	switch text[from] {
	case '-', '_', '.', '&':
		return true
	}
	return false
}

func wordKey(word string) string {
	key := fold.Key(word)
	if strings.ContainsAny(key, ",'’") {
		key = strings.ReplaceAll(key, "’", "'")
		key = strings.TrimSuffix(key, "'s")
		key = strings.NewReplacer(",", "", "'", "").Replace(key)
	}
	if len(key) > maxWord {
		cut := maxWord
		for !utf8.RuneStart(key[cut]) {
			cut--
		}
		key = key[:cut]
	}
	return key
}

// maxParts is of how many parts a name consists at most; what has more is no name but a key or a hash.
const maxParts = 5

// parts splits a word as it is written into what it is put together from: at a capital behind a small letter
// ("getUserName") and between letters and digits ("iphone13"), pieces of at least two characters. Nothing when it is one
// piece.
func parts(word string) (pieces []string) {
	start := 0
	for i := 1; i < len(word); i++ {
		a, b := asciiClass(word[i-1]), asciiClass(word[i])
		if a == 0 || b == 0 {
			return nil
		}
		if a != b && (a != 'A' || b != 'a') && i-start >= 2 && len(word)-i >= 2 {
			pieces = append(pieces, word[start:i])
			start = i
		}
	}
	if start == 0 {
		return nil
	}
	pieces = append(pieces, word[start:])
	if len(pieces) > maxParts {
		return nil
	}
	for i, piece := range pieces {
		pieces[i] = strings.ToLower(piece)
	}
	return pieces
}

func asciiClass(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z':
		return 'a'
	case 'A' <= c && c <= 'Z':
		return 'A'
	case '0' <= c && c <= '9':
		return '0'
	}
	return 0
}
