package terms

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A reader of the exported Help Center must find what the server would have found, on thousands of texts and queries
// that nobody chose: pieces of the shipped articles, broken and mixed at random.
func TestBrowserFindsTheSame(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if _, err := os.Stat("../../web/node_modules/vite"); err != nil {
		t.Skip("web/node_modules is not installed")
	}
	r := rand.New(rand.NewPCG(3, 14))
	var input bytes.Buffer
	e := json.NewEncoder(&input)
	var expected []any
	send := func(v any) {
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	var asked []any
	for _, locale := range []string{"en", "zh-CN", ""} {
		docs := shippedDocs(t, locale)
		if locale == "" { // everything at once, broken to pieces
			docs = mixedDocs(r, docs, 300)
		}
		c := corpusOf(docs, ExchangeSynonyms())
		x := c.index(ExchangeSynonyms())
		send(c)
		for range 600 {
			q := browserQuery{Query: piece(r, docs), Prefix: r.IntN(2) == 0, Limit: 10 + r.IntN(150)}
			send(q)
			asked, expected = append(asked, q), append(expected, answer(x, c, q))
		}
		for range 300 {
			text := struct {
				Text string `json:"text"`
			}{piece(r, docs) + " " + noise(r)}
			split := browserSplit{Tokens: browserTokens(text.Text), Stems: []string{}}
			for _, one := range split.Tokens {
				split.Stems = append(split.Stems, stem(one.Key))
			}
			send(text)
			asked, expected = append(asked, text), append(expected, split)
		}
	}
	cmd := exec.CommandContext(t.Context(), node, "tools/terms.mjs")
	cmd.Dir = "../../web"
	cmd.Stdin = &input
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 64<<20)
	wrong := 0
	for i := range expected {
		if !lines.Scan() {
			t.Fatalf("%d of %d answers", i, len(expected))
		}
		var same bool
		var got any
		switch want := expected[i].(type) {
		case browserSplit:
			var g browserSplit
			err = json.Unmarshal(lines.Bytes(), &g)
			same, got = reflect.DeepEqual(g, want), g
		case browserAnswer:
			var g browserAnswer
			err = json.Unmarshal(lines.Bytes(), &g)
			same, got = alike(g, want), g
		}
		if err != nil {
			t.Fatal(err)
		}
		if !same {
			if wrong++; wrong <= 5 {
				t.Errorf("%+v\nbrowser %+v\nserver  %+v", asked[i], got, expected[i])
			}
		}
	}
	t.Logf("%d answers compared, %d differ", len(expected), wrong)
}

type browserSplit struct {
	Tokens []browserToken `json:"tokens"`
	Stems  []string       `json:"stems"`
}

// alike allows scores the last digits, and documents of one score any order.
func alike(a, b browserAnswer) bool {
	if a.Corrected != b.Corrected || len(a.Hits) != len(b.Hits) {
		return false
	}
	excerpts := func(x browserAnswer) map[int]browserExcerpt {
		m := map[int]browserExcerpt{}
		for i, e := range x.Excerpts {
			m[x.Hits[i].Doc] = e
		}
		return m
	}
	ea, eb := excerpts(a), excerpts(b)
	for i := range a.Hits {
		near := func(x, y float64) bool { return math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(y)) }
		if !near(a.Hits[i].Score, b.Hits[i].Score) {
			return false
		}
		if a.Hits[i].Doc == b.Hits[i].Doc {
			if i < 3 && !reflect.DeepEqual(ea[a.Hits[i].Doc], eb[a.Hits[i].Doc]) {
				return false
			}
			continue
		}
		tied := (i > 0 && near(b.Hits[i-1].Score, b.Hits[i].Score)) || i == len(b.Hits)-1 || near(b.Hits[i+1].Score, b.Hits[i].Score)
		if !tied {
			return false
		}
	}
	return true
}

// shippedDocs are the shipped articles of a language, "" for all, as documents.
func shippedDocs(t *testing.T, locale string) []browserDoc {
	t.Helper()
	var docs []browserDoc
	root := filepath.Join("../../content/articles", locale)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, rest, _ := strings.Cut(string(text), "title: ")
		title, rest, _ := strings.Cut(rest, "\n")
		_, body, _ := strings.Cut(rest, "\n---\n")
		docs = append(docs, browserDoc{title, filepath.Base(filepath.Dir(path)), body})
		return nil
	})
	if err != nil || len(docs) == 0 {
		t.Fatalf("no articles in %s: %v", root, err)
	}
	return docs
}

func mixedDocs(r *rand.Rand, docs []browserDoc, n int) []browserDoc {
	out := make([]browserDoc, n)
	for i := range out {
		out[i] = browserDoc{piece(r, docs), noise(r), piece(r, docs) + "\n" + noise(r) + "\n" + piece(r, docs)}
	}
	return out
}

// piece cuts a few words out of a document, misspells some of them and puts others together.
func piece(r *rand.Rand, docs []browserDoc) string {
	text := []rune(docs[r.IntN(len(docs))].Title)
	if r.IntN(3) > 0 {
		text = []rune(docs[r.IntN(len(docs))].Body)
	}
	if len(text) == 0 {
		return ""
	}
	at := r.IntN(len(text))
	text = append([]rune(nil), text[at:min(len(text), at+2+r.IntN(40))]...)
	for range r.IntN(3) {
		i := r.IntN(len(text))
		switch r.IntN(5) {
		case 0:
			text[i] = 'a' + rune(r.IntN(26))
		case 1:
			text = append(text[:i], text[min(len(text), i+1):]...)
		case 2:
			text = append(text[:i:i], append([]rune{'a' + rune(r.IntN(26))}, text[i:]...)...)
		case 3:
			text = append(text[:i:i], append([]rune(noise(r)), text[i:]...)...)
		}
		if len(text) == 0 {
			return noise(r)
		}
	}
	if r.IntN(4) == 0 {
		return strings.ToUpper(string(text))
	}
	return string(text)
}

// noise is a few characters from everywhere: joiners, marks, other scripts, traditional forms, full width.
func noise(r *rand.Rand) string {
	const from = "-_.&'’,#+ \t\n0123456789ABCxyzàéïöüñÇßﬁ①Ⅳ㎏㍿ＡＢｃ１２，。！？「」帳戶證驗開啟轉賬裏着臺灣龍龜體がパｶﾞ한국어的了吗是怎么\u200b\u0301\u3099עאب١ไทย हि😀𠮷"
	all := []rune(from)
	var b strings.Builder
	for range 1 + r.IntN(8) {
		b.WriteRune(all[r.IntN(len(all))])
	}
	return b.String()
}
