package terms

import (
	"fmt"
	"math"
	"testing"
)

// weightOf is what a query gives a word or character of the index, without its rarity.
func weightOf(t *testing.T, x *Index, query, key string) float64 {
	t.Helper()
	id, ok := x.find(key)
	if !ok {
		id = x.characters[key]
	}
	q := x.analyse(query, false)
	at, ok := q.place[id]
	if !ok {
		t.Fatalf("%q is not looked for in %q", key, query)
	}
	return q.wanted[at].weight / x.terms[id].idf
}

// mixed are articles that all ask alike and differ in one word of Latin letters or digits.
func mixed() *Index {
	docs := []Document{
		{ID: 1, Title: "API 返回 429", Body: "请求太多时会被拒绝，请降低频率。"},
		{ID: 2, Title: "登录报错是什么原因", Body: "请检查密码是什么，再看错误的原因。"},
		{ID: 3, Title: "提现报错是什么原因", Body: "请检查地址是什么，再看错误的原因。"},
		{ID: 4, Title: "App 更新", Body: "请到商店下载新版本。"},
		{ID: 5, Title: "网页打不开怎么办", Body: "打不开时请清除缓存再打开。"},
		{ID: 6, Title: "邮件打不开怎么办", Body: "打不开时请换一个客户端。"},
	}
	for i := range 20 {
		docs = append(docs, Document{ID: int64(100 + i), Title: fmt.Sprint("公告 ", i), Body: "系统维护，请留意通知。"})
	}
	return New(docs, Options{})
}

// The only word that says what it is about must not drown in the Chinese that every question has.
func TestWordAmongCharacters(t *testing.T) {
	x := mixed()
	for query, want := range map[string]int64{"API报429错误是什么原因": 1, "App打不开": 4} {
		if got := first(x, query, SearchOptions{Limit: 3}); got != want {
			t.Errorf("Search(%q) finds %d first, want %d", query, got, want)
		}
	}
	if got := weightOf(t, x, "429 错误", "429"); got != wordAmongCJK {
		t.Errorf("a word among Chinese weighs %v, want %v", got, wordAmongCJK)
	}
	if got := weightOf(t, x, "429 API", "429"); got != 1 {
		t.Errorf("a word among words weighs %v, want 1", got)
	}
}

// A word of two characters counts once: what the pair says, its characters don't say again. A longer word would
// otherwise outweigh the one that matters.
func TestPairCoversItsCharacters(t *testing.T) {
	x := New([]Document{
		{ID: 1, Body: "蝴蝶"},
		{ID: 2, Body: "蝴蝶"},
		{ID: 3, Body: "天上有云"},
		{ID: 4, Body: "地上有水"},
		{ID: 5, Body: "水天"},
		{ID: 6, Body: "山"},
		{ID: 7, Body: "石"},
	}, Options{})
	if alone, paired := weightOf(t, x, "蝴", "蝴"), weightOf(t, x, "蝴蝶", "蝴"); math.Abs(paired-alone*(1-pairCovers)) > 1e-9 {
		t.Errorf("in a word that always comes whole a character weighs %v, alone %v", paired, alone)
	}
	if alone, paired := weightOf(t, x, "天", "天"), weightOf(t, x, "水天", "天"); paired <= alone*(1-pairCovers) || paired > alone {
		t.Errorf("where two characters meet by chance one weighs %v, alone %v", paired, alone)
	}
}

// Where many entries have the very word, those that say it otherwise must not push them down; in a small help center
// the synonyms are needed.
func TestCommonWordKeepsItsWeight(t *testing.T) {
	collection := func(n int) *Index {
		docs := []Document{{Title: "purchase"}, {Title: "other"}}
		for range n {
			docs = append(docs, Document{Title: "buy"}, Document{Title: "nothing"})
		}
		return New(docs, Options{})
	}
	few, many := weightOf(t, collection(2), "buy", "buy"), weightOf(t, collection(5*plenty), "buy", "buy")
	if few < synonymKeep || few > synonymKeep*1.01 {
		t.Errorf("in a small collection a word keeps %v beside its synonyms, want about %v", few, synonymKeep)
	}
	if many < 0.9 || many > 1 {
		t.Errorf("in a large collection a word keeps %v beside its synonyms, want nearly all", many)
	}
}
