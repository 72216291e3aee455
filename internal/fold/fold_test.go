package fold

import (
	"testing"
	"unicode/utf8"
)

// A customer types the same word in many ways; all of them must find the same article and the same secret.
func TestKeyUnifiesSpellings(t *testing.T) {
	cases := []struct{ name, in, want string }{
		{"plain", "withdraw", "withdraw"},
		{"case", "WithDraw", "withdraw"},
		{"full width", "ＵＳＤＴ１２", "usdt12"},
		{"composed accent", "Ábaco", "abaco"},
		{"decomposed accent", "a\u0301baco", "abaco"},
		{"zero width inside", "pass\u200bword", "password"},
		{"soft hyphen", "pass\u00adword", "password"},
		{"ligature", "ﬁat", "fiat"},
		{"Chinese kept", "提现Ｕ", "提现u"},
		{"ideographic space", "a\u3000b", "a b"},
		{"voicing kept", "が", "が"},
		{"decomposed voicing composed", "か\u3099", "が"},
		{"half-width kana", "ｶﾞ", "ガ"},
		{"Korean composed", "\u1100\u1161", "가"},
		{"Thai vowel kept", "ก\u0e34", "ก\u0e34"},
		{"dotted capital I", "İstanbul", "istanbul"},
		{"Kelvin sign", "\u212a", "k"},
	}
	for _, c := range cases {
		if got := Key(c.in); got != c.want {
			t.Errorf("%s: Key(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, s := range []string{"", "ABC", "Ａ\u0301", "か\u3099", "İ", "\xff\xfe", "ﷺ", "\u212b\u0345", "ẛ̣", "\u1e9b\u0323"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := Key(s)
		if !utf8.ValidString(k) && utf8.ValidString(s) {
			t.Fatalf("Key(%q) is not UTF-8: %q", s, k)
		}
		if again := Key(k); again != k {
			t.Fatalf("Key is not stable: %q -> %q -> %q", s, k, again)
		}
	})
}

func BenchmarkKeyASCII(b *testing.B) {
	for b.Loop() {
		Key("Withdrawal of USDT has not arrived")
	}
}
