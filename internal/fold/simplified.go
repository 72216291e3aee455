package fold

import "unicode/utf8"

// variants are characters that are written one way on the mainland and another way elsewhere, or loosely one for the
// other, and that TSCharacters.txt leaves alone: 帳戶 is 账户 or 帐户, 看著 is 看着, 甚麼 is 什么.
const variants = "帐账帳账著着甚什妳你牠它証证喫吃"

// simplified holds the simplified form of every character that has another one.
var simplified = func() (table map[rune]rune) {
	table = make(map[rune]rune, utf8.RuneCountInString(simplifiedPairs+variants)/2)
	for _, pairs := range []string{simplifiedPairs, variants} {
		traditional := rune(0)
		for _, r := range pairs {
			if traditional == 0 {
				traditional = r
				continue
			}
			table[traditional], traditional = r, 0
		}
	}
	return table
}()

// SimplifiedRune gives the simplified form of a Chinese character, or the character itself when it has none: 現 is 现.
// It is a key for comparing, not a conversion for reading: each character has one form whatever the word (乾 is 干 in
// 乾坤 too), so that both spellings of a word, in whichever script, have the same key.
func SimplifiedRune(r rune) rune {
	if r < 0x3400 {
		return r
	}
	if s, ok := simplified[r]; ok {
		return s
	}
	return r
}

// Simplified gives s with SimplifiedRune of each character. Simplified(Simplified(s)) == Simplified(s); invalid UTF-8
// becomes U+FFFD when there is anything to change.
func Simplified(s string) string {
	for at, r := range s {
		if SimplifiedRune(r) != r {
			out := make([]byte, at, len(s)+4)
			copy(out, s[:at])
			for _, r := range s[at:] {
				out = utf8.AppendRune(out, SimplifiedRune(r))
			}
			return string(out)
		}
	}
	return s
}
