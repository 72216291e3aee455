package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func articleFile(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "articles.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// firstHits answers queries with the id of the best hit each, "" without one.
func firstHits(t *testing.T, path, locale string, queries ...string) (ids []string) {
	t.Helper()
	var in bytes.Buffer
	for i, q := range queries {
		line, err := json.Marshal(map[string]any{"id": i, "query": q})
		if err != nil {
			t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	got := veridesk(t, in.String(), nil, "articles", "search", "--articles", path, "--locale", locale)
	if got.code != exitOK {
		t.Fatalf("code %d: %s", got.code, got.errors)
	}
	lines := bufio.NewScanner(strings.NewReader(got.out))
	for lines.Scan() {
		var answer struct {
			ID   int
			Hits []struct{ ID string }
		}
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil || answer.ID != len(ids) {
			t.Fatalf("answer %d is %s (%v)", len(ids), lines.Text(), err)
		}
		if len(answer.Hits) == 0 {
			ids = append(ids, "")
		} else {
			ids = append(ids, answer.Hits[0].ID)
		}
	}
	return ids
}

// Thousands of questions are answered on all cores; a script that reads along
// must still get the answers in the order of its questions.
func TestArticlesSearchAnswersInOrder(t *testing.T) {
	var articles, queries, want []string
	for i := range 300 {
		articles = append(articles, fmt.Sprintf(`{"id":"a%d","title":"Topic number%d","body":"","locale":"en"}`, i, i))
		queries = append(queries, fmt.Sprintf("number%d", i))
		want = append(want, fmt.Sprintf("a%d", i))
	}
	got := firstHits(t, articleFile(t, articles...), "en", queries...)
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("answers %v", got)
	}
}

// The answer comes before the next question: a test rig may wait for it.
func TestArticlesSearchAnswersAreNotHeldBack(t *testing.T) {
	path := articleFile(t, `{"id":"a","title":"Deposit","body":"","locale":"en"}`)
	converse(t, `{"id":%d,"query":"deposit"}`, `{"id":%d,"hits":[{"id":"a",`, "articles", "search", "--articles", path, "--locale", "en")
}

func TestArticlesSearchLocales(t *testing.T) {
	path := articleFile(t,
		`{"id":"hans","title":"提现未到账","body":"","locale":"zh-CN"}`,
		`{"id":"hant","title":"提現未到帳","body":"","locale":"zh-TW"}`,
		`{"id":"en","title":"提现 withdrawal","body":"","locale":"en"}`,
		`{"id":"any","title":"提现 anywhere","body":""}`)
	for locale, want := range map[string]string{"zh-CN": "hans", "zh_tw": "hant", "EN": "en", "en-GB": "en", "zh-HK": "hans"} {
		if got := firstHits(t, path, locale, "提現未到帳"); got[0] != want {
			t.Errorf("--locale %s finds %v, want %s", locale, got, want)
		}
	}
}

// What a customer wrote wrong must not stop the run, and is reported.
func TestArticlesSearchTellsWhatWasCorrected(t *testing.T) {
	path := articleFile(t, `{"id":"w","title":"Withdrawal address","body":"","locale":"en"}`, `{"id":"x","title":"Other","body":"","locale":"en"}`)
	got := veridesk(t, `{"id":1,"query":"withdrawl adress"}`+"\n", nil, "articles", "search", "--articles", path, "--locale", "en")
	if got.code != exitOK || !strings.Contains(got.out, `"corrected":"withdrawal address"`) || !strings.Contains(got.out, `"hits":[{"id":"w"`) {
		t.Errorf("%+v", got)
	}
}

func TestArticlesSearchNamesTheBadLine(t *testing.T) {
	good := articleFile(t, `{"id":"a","title":"Deposit","body":"","locale":"en"}`)
	for _, c := range []struct{ what, path, in, want string }{
		{"a broken article", articleFile(t, `{"id":"a","locale":"en"}`, `{"id":`), "", "line 2"},
		{"an article without id", articleFile(t, `{"title":"a","locale":"en"}`), "", `line 1 has no "id"`},
		{"a broken query", good, "{\"id\":1,\"query\":\"deposit\"}\n\nnonsense\n", "line 3"},
		{"a query without text", good, "{\"id\":1}\n", `line 1 of the input: there is no "query"`},
	} {
		got := veridesk(t, c.in, nil, "articles", "search", "--articles", c.path, "--locale", "en")
		if got.code != exitError || !strings.Contains(got.errors, c.want) {
			t.Errorf("%s: code %d, %q, want %q", c.what, got.code, got.errors, c.want)
		}
		if c.what == "a broken query" && strings.Count(got.out, "\n") != 1 {
			t.Errorf("the answers before the bad line are missing: %q", got.out)
		}
	}
}
