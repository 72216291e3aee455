package terms

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplit(t *testing.T) {
	txid := "4A5E1E4BAAB89F3A32518A88C31BC87F618F76673E2CC77AB2127B7AFDEDA33B"
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", " ,.!  ", nil},
		{"English", "My Withdrawals aren't here", []string{"my", "withdrawal", "arent", "here"}},
		{"curly apostrophe", "aren’t", []string{"arent"}},
		{"plurals", "fees addresses verifies status taxes keys gas", []string{"fee", "address", "verify", "status", "tax", "key", "gas"}},
		{"Chinese", "提现失败", []string{"提", "提现", "现", "现失", "失", "失败", "败"}},
		{"one character", "币", []string{"币"}},
		{"mixed", "提币USDT失败", []string{"提", "提币", "币", "usdt", "失", "失败", "败"}},
		{"full width", "ＴＲＣ２０", []string{"trc20"}},
		{"accents", "Dépôt", []string{"depot"}},
		{"amounts", "1,234.50 USDT, 1,2,3 and 0.001.", []string{"1234.50", "usdt", "1", "2", "3", "and", "0.001"}},
		{"transaction id", "TxID:" + txid, []string{"txid", strings.ToLower(txid)}},
		{"ethereum", "0xAbC123ffs", []string{"0xabc123ffs"}},
		{"order number", "ORD-2026-0001", []string{"ord", "2026", "0001"}},
		{"mail address", "Support@meridian.example", []string{"support", "meridian", "example"}},
		{"zero width", "pass\u200bword", []string{"password"}},
		{"Japanese", "出金 トラブル", []string{"出", "出金", "金", "ト", "トラ", "ラ", "ラブ", "ブ", "ブル", "ル"}},
		{"Korean", "출금", []string{"출", "출금", "금"}},
		{"Russian", "Вывод средств", []string{"вывод", "средств"}},
		{"Chinese stops", "到账。了", []string{"到", "到账", "账", "了"}},
	} {
		if got := Split(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: Split(%q) = %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestQuery(t *testing.T) {
	for text, want := range map[string][]string{
		"":              nil,
		"提现失败":          {"提现", "现失", "失败"},
		"币":             {"币"},
		"币 币":           {"币"},
		"USDT usdt":     {"usdt"},
		"提币USDT 到账":     {"提币", "usdt", "到账"},
		"withdrawals 提": {"withdrawal", "提"},
		"哈哈哈":           {"哈哈"},
	} {
		if got := Query(text); !slices.Equal(got, want) {
			t.Errorf("Query(%q) = %q, want %q", text, got, want)
		}
	}
}

// Whatever part of a text one searches for, in whatever spelling, the text must be found.
func FuzzQueryFindsItsText(f *testing.F) {
	for _, text := range []string{
		"提币USDT失败", "My Withdrawals aren't here", "1,234.50", "ＴＲＣ２０", "が か\u3099", "a\u0301", "\xff", "'''", "ㄅㄆ", "ｶﾞ", "1.2.3,4",
		strings.Repeat("a", 200), "한국어 조선", "s's", "\u1100\u1161", "İs", "x\u3164", "㍿", "ﷺ", "①②", "々〆",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		indexed := map[string]bool{}
		for _, term := range Split(text) {
			if term == "" || len(term) > maxTerm || !utf8.ValidString(term) {
				t.Fatalf("bad term %q of %q", term, text)
			}
			indexed[term] = true
		}
		for _, term := range Query(text) {
			if !indexed[term] {
				t.Fatalf("%q is asked for and not indexed: %q", term, text)
			}
		}
		excerpt, spans := Highlight(text, text, 20)
		last := 0
		for _, s := range spans {
			if s[0] < last || s[1] <= s[0] || s[1] > len(excerpt) || !utf8.ValidString(excerpt[s[0]:s[1]]) {
				t.Fatalf("spans %v of %q", spans, excerpt)
			}
			last = s[1]
		}
		if n := utf8.RuneCountInString(excerpt); n > 22 {
			t.Fatalf("excerpt of %d characters: %q", n, excerpt)
		}
	})
}

func BenchmarkSplit(b *testing.B) {
	text := strings.Repeat("你好，我昨天提现了250 USDT，到现在还没有到账，please check my withdrawals. ", 4)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Split(text)
	}
}
