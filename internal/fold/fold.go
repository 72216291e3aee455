package fold

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Key gives the comparison form of s: compatibility forms unified (NFKC, so full-width "Ａ" is "a"), lower case,
// accents and invisible characters removed, the result composed (NFC). "Déjà ＶＵ" and "deja vu" have the same key.
//
// Marks that make another letter rather than an accent are kept: the voicing marks of kana (が is not か) and the
// vowel signs of Indic and South-East Asian scripts. Invalid UTF-8 becomes U+FFFD. Key(Key(s)) == Key(s).
func Key(s string) string {
	if !foldable(s) {
		return s
	}
	return string(AppendKey(make([]byte, 0, len(s)+8), s))
}

// AppendKey appends Key(s) to dst and returns the longer slice; it is Key without an allocation of its own for
// text that is pure ASCII.
func AppendKey(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			return appendUnicodeKey(dst, s[i:])
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// foldable says whether Key(s) could differ from s.
func foldable(s string) bool {
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if 'A' <= r && r <= 'Z' {
				return true
			}
		case 0x4E00 <= r && r <= 0x9FFF: // Chinese characters
		case 0x3041 <= r && r <= 0x3096, 0x30A1 <= r && r <= 0x30FA: // kana
		case 0xAC00 <= r && r <= 0xD7A3: // Hangul syllables
		default:
			return true
		}
	}
	return false
}

func appendUnicodeKey(dst []byte, s string) []byte {
	var stack [192]byte
	decomposed := norm.NFKD.AppendString(stack[:0], s)

	var second [192]byte
	kept := second[:0]
	for i := 0; i < len(decomposed); {
		r, size := utf8.DecodeRune(decomposed[i:])
		i += size
		if Accent(r) || Invisible(r) {
			continue
		}
		kept = utf8.AppendRune(kept, unicode.ToLower(r))
	}
	// Lower case may give characters that decompose further (the Kelvin sign does not, but U+0130 gives an accent);
	// composing after the accents are gone makes the key stable.
	return norm.NFKC.Append(dst, kept...)
}

// Accent reports whether r is a combining mark that only decorates a letter (the Unicode blocks of combining
// diacritical marks).
func Accent(r rune) bool {
	switch {
	case r < 0x0300:
		return false
	case r <= 0x036F:
		return true
	case 0x1AB0 <= r && r <= 0x1AFF, 0x1DC0 <= r && r <= 0x1DFF, 0x20D0 <= r && r <= 0x20FF, 0xFE20 <= r && r <= 0xFE2F:
		return true
	}
	return false
}

// Invisible reports whether r shows nothing and is used, on purpose or by accident of copying, inside words:
// zero-width spaces and joiners, directional marks, soft hyphens, variation selectors.
func Invisible(r rune) bool {
	switch {
	case r == 0x00AD, r == 0x034F, r == 0x061C, r == 0x180E, r == 0xFEFF, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
		return true
	case 0x200B <= r && r <= 0x200F, 0x202A <= r && r <= 0x202E, 0x2060 <= r && r <= 0x206F:
		return true
	case 0xFE00 <= r && r <= 0xFE0F, 0xE0000 <= r && r <= 0xE0FFF:
		return true
	}
	return false
}
