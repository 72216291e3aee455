package terms

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

func articles() *Index {
	x := &Index{}
	x.Add(1, "How to withdraw USDT", "Open the wallet, choose withdrawal and enter the address. Fees are shown before you confirm.")
	x.Add(2, "提现一直没有到账怎么办", "请先查看提现记录中的状态和 TxID，再到区块浏览器查询确认数。网络拥堵时到账会变慢。")
	x.Add(3, "Deposit not credited", "A deposit is credited after the network has confirmed it. Withdrawals are another matter.")
	x.Add(4, "如何完成身份认证", "准备好身份证件，按照提示拍照并上传。")
	x.Add(5, "Trading fees", "Maker and taker fees depend on your level.")
	return x
}

// Somebody whose money is stuck must find the right article first.
func TestSearchFindsTheRightArticleFirst(t *testing.T) {
	x := articles()
	for query, want := range map[string]int64{
		"withdrawal address":     1,
		"How do I withdraw USDT": 1,
		"提现没到账":                  2,
		"TXID":                   2,
		"身份证":                    4,
		"认证":                     4,
		"deposits":               3,
		"fee":                    5,
	} {
		hits := x.Search(query, 3)
		if len(hits) == 0 || hits[0].ID != want {
			t.Errorf("Search(%q) = %v, want %d first", query, hits, want)
		}
		for i, hit := range hits {
			if hit.Score <= 0 || i > 0 && hit.Score > hits[i-1].Score {
				t.Errorf("Search(%q): scores out of order: %v", query, hits)
			}
		}
	}
	for _, query := range []string{"", "zebra", "斑马", "。"} {
		if hits := x.Search(query, 3); len(hits) != 0 {
			t.Errorf("Search(%q) = %v, want nothing", query, hits)
		}
	}
	if hits := x.Search("fees withdrawal deposit", 2); len(hits) != 2 {
		t.Errorf("limit 2 gives %d", len(hits))
	}
	if hits := x.Search("fees", 0); hits != nil {
		t.Errorf("limit 0 gives %v", hits)
	}
}

func TestReplacedAndRemovedArticles(t *testing.T) {
	x := articles()
	x.Add(5, "Something else", "entirely")
	if hits := x.Search("taker", 3); len(hits) != 0 {
		t.Errorf("the old text is still found: %v", hits)
	}
	if hits := x.Search("entirely", 3); len(hits) != 1 || hits[0].ID != 5 {
		t.Errorf("the new text is not found: %v", hits)
	}
	x.Remove(2)
	x.Remove(2)
	if hits := x.Search("提现", 3); len(hits) != 0 || x.Len() != 4 {
		t.Errorf("a removed article is found: %v, %d left", hits, x.Len())
	}
	for id := range int64(6) {
		x.Remove(id)
	}
	if x.Len() != 0 || len(x.postings) != 0 || x.titleSum != 0 || x.bodySum != 0 {
		t.Errorf("an emptied index keeps %d terms, %d, %d", len(x.postings), x.titleSum, x.bodySum)
	}
	if hits := (&Index{}).Search("x", 1); len(hits) != 0 {
		t.Errorf("an empty index finds %v", hits)
	}
}

func TestIndexIsSafeForConcurrentUse(t *testing.T) {
	x := articles()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 50 {
				x.Add(int64(100+i), fmt.Sprint("title ", j), "body 提现")
				x.Search("提现 body", 5)
			}
		})
	}
	wg.Wait()
	if x.Len() != 9 {
		t.Errorf("%d documents, want 9", x.Len())
	}
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
		var b strings.Builder
		at := 0
		for _, s := range spans {
			b.WriteString(excerpt[at:s[0]] + "[" + excerpt[s[0]:s[1]] + "]")
			at = s[1]
		}
		b.WriteString(excerpt[at:])
		if c.name == "middle" {
			if !strings.Contains(b.String(), "[withdrawal] [fee]") || utf8.RuneCountInString(excerpt) > 42 {
				t.Errorf("%s: %q", c.name, b.String())
			}
			continue
		}
		if b.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, b.String(), c.want)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	x := &Index{}
	for i := range int64(1000) {
		x.Add(i, fmt.Sprint("提现一直没有到账怎么办 ", i), strings.Repeat("请先查看提现记录中的状态和 TxID，再到区块浏览器查询。Fees are shown. ", 10))
	}
	for b.Loop() {
		x.Search("提现没到账 fee", 10)
	}
}
