package helpcenter

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/guard"
)

const (
	// maxQueryRunes is how much of a query the log keeps.
	maxQueryRunes = 80
	// maxQueryBytes: longer ones are pasted texts, which nobody can check.
	maxQueryBytes = 1600
	// maxDigits in one number: error codes have up to five; longer ones are
	// phone numbers, UIDs, orders, one-time codes.
	maxDigits = 5
)

// LoggedQuery returns the form in which the search log keeps a query: folded,
// on one line, at most 80 characters. ok is false, and nothing is kept, when
// there is nothing in it or it could name somebody or something of theirs: an
// email or @handle, a long number, an address, a hash, a link, or anything that
// the guard finds.
func LoggedQuery(query string) (logged string, ok bool) {
	if len(query) > maxQueryBytes {
		return "", false
	}
	logged = strings.Join(strings.FieldsFunc(fold.Key(query), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if logged == "" || telling(logged) || len(guard.Scan(query)) > 0 || len(guard.Scan(logged)) > 0 {
		return "", false
	}
	if utf8.RuneCountInString(logged) > maxQueryRunes {
		logged = strings.TrimSpace(string([]rune(logged)[:maxQueryRunes]))
	}
	return logged, true
}

// telling reports whether a folded query holds what could name somebody.
func telling(q string) bool {
	if strings.ContainsRune(q, '@') || strings.Contains(q, "://") || strings.Contains(q, "www.") {
		return true
	}
	return longNumber(q) || strangeWord(q)
}

// longNumber finds digits in a row, also those that are grouped as in phone and
// card numbers.
func longNumber(q string) bool {
	digits, gap := 0, 0
	for _, r := range q {
		switch {
		case unicode.IsDigit(r):
			digits++
			gap = 0
			if digits > maxDigits {
				return true
			}
		case digits > 0 && gap == 0 && strings.ContainsRune(" -./()_", r):
			gap++
		default:
			digits, gap = 0, 0
		}
	}
	return false
}

// strangeWord finds words that are no words: addresses, hashes, keys, order
// numbers, whole or abbreviated.
func strangeWord(q string) bool {
	for _, word := range strings.FieldsFunc(q, func(r rune) bool { return !isWordByte(r) }) {
		digits, letters := 0, 0
		for i := range len(word) {
			if word[i] >= '0' && word[i] <= '9' {
				digits++
			} else {
				letters++
			}
		}
		switch {
		case len(word) > 24:
			return true
		case len(word) >= 10 && digits >= 3 && letters >= 1:
			return true
		case strings.HasPrefix(word, "0x") && len(word) >= 6:
			return true
		case len(word) >= 6 && (strings.HasPrefix(word, "bc1") || strings.HasPrefix(word, "tb1")):
			return true
		}
	}
	return false
}

func isWordByte(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
