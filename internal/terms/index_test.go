package terms

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
)

func articles() *Index {
	return New([]Document{
		{ID: 1, Title: "How to withdraw USDT", Body: "Open the wallet, choose withdrawal and enter the address. Fees are shown before you confirm."},
		{ID: 2, Title: "提现一直没有到账怎么办", Body: "请先查看提现记录中的状态和 TxID，再到区块浏览器查询确认数。网络拥堵时到账会变慢。"},
		{ID: 3, Title: "Deposit not credited", Body: "A deposit is credited after the network has confirmed it. Withdrawals are another matter."},
		{ID: 4, Title: "如何完成身份认证", Body: "准备好身份证件，按照提示拍照并上传。"},
		{ID: 5, Title: "Trading fees", Body: "Maker and taker fees depend on your level."},
		{ID: 6, Title: "OKB 充值需要填写 memo 吗", Body: "部分网络的充值必须填写标签，漏填时请联系客服找回。"},
		{ID: 7, Title: "I lost my authenticator", Body: "Reset it with your passkey, then sign-in again on the new phone."},
		{ID: 8, Title: "", Body: "Cancelled orders leave no trace in the colour chart. The iPhone15 app shows getUserName calls."},
		{ID: 9, Title: "無法登入帳戶", Body: "請確認您輸入的密碼正確，並檢查裝置時間。"},
		{ID: 10, Title: "API errors", Keywords: "rate limit, 429", Body: "Slow down when the answer says so. Version 1.2.3 and TRC-20 are supported."},
	}, Options{Synonyms: ExchangeSynonyms()})
}

func first(x *Index, query string, o SearchOptions) int64 {
	if hits := x.Search(query, o).Hits; len(hits) > 0 {
		return hits[0].ID
	}
	return 0
}

// Somebody whose money is stuck must find the right article first, whatever words and script they use.
func TestSearchFindsTheRightArticleFirst(t *testing.T) {
	x := articles()
	for _, c := range []struct {
		what, query string
		want        int64
	}{
		{"words", "withdrawal address", 1},
		{"a question", "How do I withdraw USDT", 1},
		{"Chinese", "提现没到账", 2},
		{"an acronym", "TXID", 2},
		{"part of a Chinese word", "身份证", 4},
		{"the other part", "认证", 4},
		{"plural", "deposits", 3},
		{"singular", "fee", 5},
		{"inflection", "withdrawing", 1},
		{"British spelling", "canceled color", 8},
		{"mixed", "OKB充币memo", 6},
		{"mixed with spaces", "okb 充值 标签", 6},
		{"traditional for simplified", "提現沒有到帳", 2},
		{"simplified for traditional", "无法登入账户", 9},
		{"full width", "ＵＳＤＴ　ｗｉｔｈｄｒａｗ", 1},
		{"synonym", "提币没到账", 2},
		{"synonym across languages", "谷歌验证器", 7},
		{"synonym of several words", "top up not credited", 3},
		{"everyday synonym", "commission for trading", 5},
		{"typo: letter missing", "withdrawl adress", 1},
		{"typo: letters swapped", "autehnticator", 7},
		{"typo: letter wrong", "authenticstor", 7},
		{"typo: letter too many", "depposit", 3},
		{"one Chinese character wrong", "身分认证", 4},
		{"two words written as one", "tradingfees", 5},
		{"a compound as one word", "signin", 7},
		{"a compound as two words", "sign in", 7},
		{"a part of a camel", "user name", 8},
		{"letters and digits apart", "iphone 15", 8},
		{"version", "1.2.3", 10},
		{"with and without hyphen", "trc20", 10},
		{"keyword that is not shown", "rate limits", 10},
		{"question words only", "how to", 1},
		{"Chinese question words only", "怎么办", 2},
		{"Chinese question", "请问如何完成身份认证呢？", 4},
	} {
		if got := first(x, c.query, SearchOptions{Limit: 3}); got != c.want {
			t.Errorf("%s: Search(%q) finds %d first, want %d", c.what, c.query, got, c.want)
		}
	}
	for _, query := range []string{"", "qqqq", "斑馬", "。", "\xff"} {
		if hits := x.Search(query, SearchOptions{Limit: 3}).Hits; len(hits) != 0 {
			t.Errorf("Search(%q) = %v, want nothing", query, hits)
		}
	}
}

func TestHitsAreLimitedAndInOrder(t *testing.T) {
	x := articles()
	for _, query := range []string{"fees withdrawal deposit", "提现 充值 身份", "the"} {
		all := x.Search(query, SearchOptions{Limit: 100}).Hits
		for i, hit := range all {
			if hit.Score <= 0 || i > 0 && hit.Score > all[i-1].Score {
				t.Errorf("Search(%q): scores out of order: %v", query, all)
			}
		}
		if hits := x.Search(query, SearchOptions{Limit: 2}).Hits; len(hits) != min(2, len(all)) || !slices.Equal(hits, all[:len(hits)]) {
			t.Errorf("Search(%q) limited to 2 = %v, all are %v", query, hits, all)
		}
	}
	if hits := x.Search("fees", SearchOptions{}).Hits; hits != nil {
		t.Errorf("limit 0 gives %v", hits)
	}
	if hits := New(nil, Options{}).Search("fees", SearchOptions{Limit: 3, Prefix: true}).Hits; hits != nil {
		t.Errorf("an empty index finds %v", hits)
	}
}

// While somebody types, results must not vanish because the last word is not finished yet.
func TestPrefixWhileTyping(t *testing.T) {
	x := articles()
	for query, want := range map[string]int64{
		"withd": 1, "how to withd": 1, "authen": 7, "credi": 3, "身份认": 4, "提现一": 2, "okb 充": 6, "USD": 1, "tak": 5,
	} {
		if got := first(x, query, SearchOptions{Limit: 3, Prefix: true}); got != want {
			t.Errorf("typing %q finds %d first, want %d", query, got, want)
		}
	}
	if got := first(x, "authen ", SearchOptions{Limit: 3, Prefix: true}); got != 0 {
		t.Errorf("a word that is finished is taken for the beginning of another: %d", got)
	}
}

// A reader is told how a misspelt word was read, and only then.
func TestCorrected(t *testing.T) {
	x := articles()
	for query, want := range map[string]string{
		"withdrawl fee":      "withdrawal fee",
		"my  Adress, please": "my  address, please",
		"tradingfees":        "trading fees",
		"withdrawal fee":     "",
		"提现":                 "",
		"police":             "", // an everyday word, though no article has it
		"0xabcdef12":         "",
		"1234567":            "",
		"":                   "",
	} {
		if got := x.Search(query, SearchOptions{Limit: 3}).Corrected; got != want {
			t.Errorf("%q is read as %q, want %q", query, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"address", "address", 0},
		{"adress", "address", 1},
		{"addresss", "address", 1},
		{"addrass", "address", 1},
		{"adderss", "address", 1},
		{"adrres", "address", 2},
		{"withdrawl", "withdrawal", 1},
		{"abcdef", "ghijkl", 3},
		{"ab", "abcdef", 3},
	} {
		if got := distance(c.a, c.b, 2); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance(c.b, c.a, 2); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

// The words of a question close together say more than the same words scattered over a long page.
func TestWordsCloseTogetherWin(t *testing.T) {
	filler := strings.Repeat("lorem ipsum dolor sit amet ", 30)
	x := New([]Document{
		{ID: 1, Body: "network " + filler + " deposit " + filler + " memo " + filler},
		{ID: 2, Body: filler + filler + " deposit network memo " + filler},
		{ID: 3, Body: strings.Repeat("lorem ipsum ", 100)},
	}, Options{})
	if got := first(x, "deposit network memo", SearchOptions{Limit: 3}); got != 2 {
		t.Errorf("%d is first, want the article with the words together", got)
	}
	x = New([]Document{
		{ID: 1, Body: "现在提供的是旧版，请到网点取回。"},
		{ID: 2, Body: "提现请到旧版网点。"},
	}, Options{})
	if got := first(x, "提现", SearchOptions{Limit: 3}); got != 2 {
		t.Errorf("%d is first, want the article with the word, not its characters", got)
	}
}

// An answer is found by its title before by a word in passing.
func TestTitleCountsMore(t *testing.T) {
	x := New([]Document{
		{ID: 1, Title: "Limits", Body: "Daily amounts. For staking see elsewhere."},
		{ID: 2, Title: "Staking", Body: "Earn on what you hold. Limits apply."},
		{ID: 3, Title: "Other", Body: "Nothing of this."},
	}, Options{})
	for query, want := range map[string]int64{"staking": 2, "limits": 1} {
		if got := first(x, query, SearchOptions{Limit: 3}); got != want {
			t.Errorf("Search(%q) finds %d first, want %d", query, got, want)
		}
	}
}

func TestOperatorsSynonyms(t *testing.T) {
	docs := []Document{{ID: 1, Title: "Launchpad rules"}, {ID: 2, Title: "Pool party"}, {ID: 3, Title: "Nothing"}}
	with := New(docs, Options{Synonyms: NewSynonyms([][]string{{"打新", "IEO", "launchpad"}, {"池"}, {}, {"", "  "}})})
	for _, query := range []string{"打新", "ieo", "怎么打新"} {
		if got := first(with, query, SearchOptions{Limit: 3}); got != 1 {
			t.Errorf("Search(%q) finds %d first, want 1", query, got)
		}
	}
	if got := first(New(docs, Options{}), "打新", SearchOptions{Limit: 3}); got != 0 {
		t.Errorf("without the table it is found too: %d", got)
	}
}

// The exact word must stay ahead of its synonyms.
func TestExactWordBeforeSynonym(t *testing.T) {
	x := New([]Document{
		{ID: 1, Title: "Payout of rewards"},
		{ID: 2, Title: "Withdrawal of rewards"},
		{ID: 3, Title: "Cash out of rewards"},
	}, Options{Synonyms: ExchangeSynonyms()})
	for query, want := range map[string]int64{"payout rewards": 1, "withdrawal rewards": 2, "cash out rewards": 3} {
		if hits := x.Search(query, SearchOptions{Limit: 3}).Hits; len(hits) != 3 || hits[0].ID != want {
			t.Errorf("Search(%q) = %v, want all three and %d first", query, hits, want)
		}
	}
}

func TestParseSynonyms(t *testing.T) {
	got := ParseSynonyms("# note\n\n a b , c，d、e \nalone\n , \nx,y").Groups()
	want := [][]string{{"a b", "c", "d", "e"}, {"x", "y"}}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%q, want %q", got, want)
	}
	var none *Synonyms
	if none.Groups() != nil {
		t.Error("no synonyms have groups")
	}
}

// An editor keeps each phrase in one group only, so what is shipped must be like that too.
func TestShippedSynonymsHaveNoPhraseTwice(t *testing.T) {
	seen := map[string]bool{}
	for _, group := range ExchangeSynonyms().Groups() {
		for _, phrase := range group {
			if seen[strings.ToLower(phrase)] {
				t.Errorf("%q is in two groups", phrase)
			}
			seen[strings.ToLower(phrase)] = true
		}
	}
	if len(GeneralSynonyms().Groups()) < 100 {
		t.Error("the everyday synonyms are missing")
	}
}

// Two nodes, and the same node after a restart, must answer alike.
func TestSearchIsDeterministic(t *testing.T) {
	a, b := articles(), articles()
	for _, query := range []string{"fees withdrawal", "提现 到账 怎么办", "depositt adress", "si", "the of"} {
		for _, prefix := range []bool{false, true} {
			o := SearchOptions{Limit: 10, Prefix: prefix}
			if x, y := a.Search(query, o), b.Search(query, o); !slices.Equal(x.Hits, y.Hits) || x.Corrected != y.Corrected {
				t.Errorf("Search(%q) differs: %v and %v", query, x, y)
			}
		}
	}
}

func TestConcurrentSearches(t *testing.T) {
	x := articles()
	want := x.Search("提现没到账 withdrawl", SearchOptions{Limit: 5})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				got := x.Search("提现没到账 withdrawl", SearchOptions{Limit: 5})
				if !slices.Equal(got.Hits, want.Hits) {
					t.Errorf("%v, want %v", got.Hits, want.Hits)
					return
				}
				got.Matched.Highlight("请查看提现记录", 10)
			}
		})
	}
	wg.Wait()
}

// Nothing that anybody can type or paste may break the search.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{
		"提币USDT失败", "aren't 's", "1,234.50", "ＴＲＣ２０", "が か\u3099", "\xff\xfe", "c++ c# &&", "a-b_c.d&e", "getUserName iphone15",
		strings.Repeat("很", 1000), strings.Repeat("a ", 1000), "㍿ ①② ﷺ", "-_-", "\u0301", "i'm", "withdrawl", "\U0002A6A5龍",
	} {
		f.Add(s, "body "+s)
	}
	f.Fuzz(func(t *testing.T, query, text string) {
		x := New([]Document{{ID: 1, Title: text, Keywords: query, Body: text}, {ID: 2, Body: "something else"}}, Options{})
		for _, prefix := range []bool{false, true} {
			r := x.Search(query, SearchOptions{Limit: 5, Prefix: prefix})
			for _, hit := range r.Hits {
				if !(hit.Score > 0) {
					t.Fatalf("score %v for %q", hit.Score, query)
				}
			}
			checkSpans(t, r.Matched, text)
			checkSpans(t, r.Matched, query)
		}
	})
}

// benchmarkArticles are n articles of about 1.5 KB in a language, of words as frequent as in life (Zipf's law).
func benchmarkArticles(n int, chinese bool) (docs []Document, queries []string) {
	seed := uint64(7)
	next := func(n int) int {
		seed = seed*6364136223846793005 + 1442695040888963407
		return int((seed >> 33) % uint64(n))
	}
	word := func() string {
		rank := 1 + next(1+next(1+next(30_000)))
		if chinese {
			return string([]rune{rune(0x4E00 + rank*7%3000), rune(0x4E00 + rank*31%2500)})
		}
		return fmt.Sprintf("%s%s%s", syllables[rank%len(syllables)], syllables[rank/40%len(syllables)], syllables[rank/1600%len(syllables)])
	}
	sentence := func(words int) string {
		var b strings.Builder
		for range words {
			b.WriteString(word())
			if !chinese {
				b.WriteByte(' ')
			}
		}
		return b.String()
	}
	for i := range n {
		docs = append(docs, Document{ID: int64(i), Title: sentence(6), Body: sentence(250)})
	}
	for range 500 {
		queries = append(queries, sentence(7))
	}
	queries[0] += " mispeltt wordd"
	return docs, queries
}

var syllables = strings.Fields("ba ce di fo gu ha ke li mo nu pa re si to vu wa ze bi co du fa ge hi jo ku la me ni po ra se ti vo wu za bel cam dor fin gam hol")

// The budget is 10 ms for a search among 10,000 articles.
func BenchmarkSearch(b *testing.B) {
	for name, chinese := range map[string]bool{"en": false, "zh": true} {
		b.Run(name, func(b *testing.B) {
			docs, queries := benchmarkArticles(10_000, chinese)
			x := New(docs, Options{Synonyms: ExchangeSynonyms()})
			i := 0
			for b.Loop() {
				x.Search(queries[i%len(queries)], SearchOptions{Limit: 10, Prefix: true})
				i++
			}
		})
	}
}

func BenchmarkNew(b *testing.B) {
	for name, chinese := range map[string]bool{"en": false, "zh": true} {
		b.Run(name, func(b *testing.B) {
			docs, _ := benchmarkArticles(1000, chinese)
			b.ReportAllocs()
			for b.Loop() {
				New(docs, Options{Synonyms: ExchangeSynonyms()})
			}
		})
	}
}
