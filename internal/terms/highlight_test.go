package terms

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// bracketed writes the excerpt with its spans in [ ].
func bracketed(excerpt string, spans [][2]int) string {
	var b strings.Builder
	at := 0
	for _, s := range spans {
		b.WriteString(excerpt[at:s[0]] + "[" + excerpt[s[0]:s[1]] + "]")
		at = s[1]
	}
	return b.String() + excerpt[at:]
}

func TestHighlight(t *testing.T) {
	long := strings.Repeat("filler words go here ", 20)
	for _, c := range []struct {
		name, text, query string
		limit             int
		want              string // matches in [ ]
	}{
		{"word", "Open the wallet", "WALLETS", 50, "Open the [wallet]"},
		{"several", "fees and the fee", "fee", 50, "[fees] and the [fee]"},
		{"Chinese pairs joined", "请查看提现记录", "提现记录", 50, "请查看[提现记录]"},
		{"Chinese part", "请查看提现的记录", "提现记录", 50, "请查看[提现]的[记录]"},
		{"single character", "买币", "币", 50, "买[币]"},
		{"full width", "选择ＴＲＣ２０网络", "trc20", 50, "选择[ＴＲＣ２０]网络"},
		{"nothing", "Open the wallet", "zebra", 50, "Open the wallet"},
		{"nothing, cut", "Open the wallet", "zebra", 8, "Open the…"},
		{"lines", "a\nfee\r\nb", "fee", 50, "a [fee] b"},
		{"middle", long + "the withdrawal fee is here " + long, "withdrawal fee", 40, "…go here the [withdrawal] [fee] is here…"},
		{"end", long + "fee", "fee", 12, "…go here [fee]"},
		{"empty", "", "fee", 10, ""},
	} {
		excerpt, spans := Highlight(c.text, c.query, c.limit)
		got := bracketed(excerpt, spans)
		if c.name == "middle" {
			if !strings.Contains(got, "[withdrawal] [fee]") || utf8.RuneCountInString(excerpt) > 42 {
				t.Errorf("%s: %q", c.name, got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A reader must see at once why a result is one: the words that match, however they are written there.
func TestMatchedMarksWhatTheQueryMeans(t *testing.T) {
	x := articles()
	for _, c := range []struct {
		name, query, text, want string
		prefix                  bool
	}{
		{"inflected", "withdraw", "Withdrawals: how withdrawing works", "[Withdrawals]: how [withdrawing] works", false},
		{"British", "cancelled colour", "Canceled: color", "[Canceled]: [color]", false},
		{"synonym", "提现", "请打开提币页面", "请打开[提币]页面", false},
		{"synonym in the other language", "deposit", "查看充值记录", "查看[充值]记录", false},
		{"synonym of several words", "deposit", "How to top up here", "How to [top up] here", false},
		{"corrected", "withdrawl adress", "The withdrawal address", "The [withdrawal] [address]", false},
		{"Chinese phrase whole", "身份认证失败", "如何完成身份认证？", "如何完成[身份认证]？", false},
		{"traditional", "提現到帳", "提现没有到账", "[提现]没有[到账]", false},
		{"simplified in traditional", "提现", "請打開提現頁面", "請打開[提現]頁面", false},
		{"full width", "usdt", "ＵＳＤＴ 网络", "[ＵＳＤＴ] 网络", false},
		{"compound", "signin", "The sign-in page", "The [sign-in] page", false},
		{"question words are not marked", "how do I withdraw", "How do I see what I withdraw", "How do I see what I [withdraw]", false},
		{"unless there is nothing else", "what is it", "It is what it is", "[It] [is] [what] [it] [is]", false},
		{"Chinese question words are not marked", "怎么提现", "怎么办？提现怎么办", "怎么办？[提现]怎么办", false},
		{"unfinished", "withd", "The withdrawal", "The [withdrawal]", true},
		{"nothing", "zebra", "The withdrawal", "The withdrawal", false},
	} {
		m := x.Search(c.query, SearchOptions{Limit: 3, Prefix: c.prefix}).Matched
		if got := bracketed(m.Highlight(c.text, 100)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// checkSpans fails when what is marked of text is not whole characters, in order, within the excerpt.
func checkSpans(t *testing.T, m *Matched, text string) {
	t.Helper()
	excerpt, spans := m.Highlight(text, 20)
	last := 0
	for _, s := range spans {
		if s[0] < last || s[1] <= s[0] || s[1] > len(excerpt) || !utf8.ValidString(excerpt[s[0]:s[1]]) || !utf8.ValidString(excerpt[:s[0]]) {
			t.Fatalf("spans %v of %q", spans, excerpt)
		}
		last = s[1]
	}
	if n := utf8.RuneCountInString(excerpt); n > 22 {
		t.Fatalf("excerpt of %d characters: %q", n, excerpt)
	}
}
