package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what a command left behind.
type outcome struct {
	code        int
	out, errors string
}

// veridesk runs the command line in this process.
func veridesk(t *testing.T, stdin string, environ []string, args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(&env{context.Background(), strings.NewReader(stdin), &out, &errs, environ}, args)
	return outcome{code, out.String(), errs.String()}
}

// Scripts tell wrong usage (2) from failure (1) by the exit code.
func TestExitCodes(t *testing.T) {
	cases := []struct {
		args        []string
		stdin       string
		code        int
		out, errors string // parts
	}{
		{nil, "", exitOK, "Usage: veridesk", ""},
		{[]string{"--help"}, "", exitOK, "serve", ""},
		{[]string{"guard", "scan", "--help"}, "", exitOK, "redacted", ""},
		{[]string{"version"}, "", exitOK, "veridesk ", ""},
		{[]string{"bogus"}, "", exitUsage, "", "veridesk --help"},
		{[]string{"guard"}, "", exitUsage, "", "scan"},
		{[]string{"serve", "--bogus"}, "", exitUsage, "", "--bogus"},
		{[]string{"articles", "search"}, "", exitUsage, "", "--articles"},
		{[]string{"config", "--set", "listen=nonsense"}, "", exitError, "", "the command line: listen"},
		{[]string{"config", "--config", "/nowhere/x.toml"}, "", exitError, "", "/nowhere/x.toml"},
		{[]string{"guard", "scan"}, "{}\n", exitError, "", "line 1"},
		{[]string{"articles", "search", "--articles", "/nowhere/a", "--locale", "en"}, "", exitError, "", "check --articles"},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			got := veridesk(t, c.stdin, nil, c.args...)
			if got.code != c.code || !strings.Contains(got.out, c.out) || !strings.Contains(got.errors, c.errors) {
				t.Errorf("code %d, want %d\nout: %s\nerrors: %s", got.code, c.code, got.out, got.errors)
			}
			if c.code != exitOK && got.errors == "" {
				t.Error("it failed without a word")
			}
		})
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	for _, command := range []string{
		"serve", "migrate", "doctor", "config", "backup", "restore", "setup-link", "reset-password", "guard", "guard scan", "articles", "articles search", "openapi", "version",
	} {
		got := veridesk(t, "", nil, append(strings.Fields(command), "--help")...)
		if got.code != exitOK || !strings.Contains(got.out, "Usage: veridesk "+command) {
			t.Errorf("%s --help: code %d\n%s%s", command, got.code, got.out, got.errors)
		}
	}
}

const phrase = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"

// The contract of guard scan: one answer per line, in order, offsets in bytes.
func TestGuardScan(t *testing.T) {
	in := fmt.Sprintf("\xef\xbb\xbf{\"id\":7,\"text\":\"我的 %s !\"}\r\n\n{\"id\":\"b\",\"text\":\"<b>hello</b>\"}\n{\"text\":\"\"}", phrase)
	got := veridesk(t, in, nil, "guard", "scan", "--locale", "zh-CN")
	if got.code != exitOK {
		t.Fatal(got.errors)
	}
	lines := strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines for 3 texts:\n%s", len(lines), got.out)
	}
	var first struct {
		ID       int
		Findings []struct {
			Kind       string
			Start, End int
			Certainty  string
		}
		Redacted string
	}
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	start := len("我的 ")
	if first.ID != 7 || len(first.Findings) != 1 || first.Findings[0].Start != start || first.Findings[0].End != start+len(phrase) || first.Findings[0].Kind != "bip39" || first.Findings[0].Certainty != "certain" {
		t.Errorf("unexpected answer: %s", lines[0])
	}
	if strings.Contains(first.Redacted, "abandon") || !strings.Contains(first.Redacted, "助记词") {
		t.Errorf("redacted to %q", first.Redacted)
	}
	if want := `{"id":"b","findings":[],"redacted":"<b>hello</b>"}`; lines[1] != want {
		t.Errorf("got %s, want %s", lines[1], want)
	}
	if want := `{"id":null,"findings":[],"redacted":""}`; lines[2] != want {
		t.Errorf("got %s, want %s", lines[2], want)
	}
}

// A broken line must be found again among thousands, and what came before it
// must have been answered.
func TestBadLineIsNamed(t *testing.T) {
	for _, bad := range []string{"not json", `{"id":1}`, `{"id":1,"text":5}`, `["x"]`, `{"id":1,"text":"a"} {"id":2,"text":"b"}`} {
		got := veridesk(t, "{\"id\":1,\"text\":\"a\"}\n\n"+bad+"\n{\"id\":3,\"text\":\"c\"}\n", nil, "guard", "scan")
		if got.code != exitError || !strings.Contains(got.errors, "line 3") || strings.Count(got.out, "\n") != 1 {
			t.Errorf("%s: code %d, errors %q, out %q", bad, got.code, got.errors, got.out)
		}
	}
}

// A whole mail may stand on one line.
func TestLongLines(t *testing.T) {
	long := strings.Repeat("lorem ipsum ", 1<<17)
	in, err := json.Marshal(map[string]string{"id": "long", "text": long + phrase})
	if err != nil {
		t.Fatal(err)
	}
	got := veridesk(t, string(in), nil, "guard", "scan")
	if got.code != exitOK || !strings.Contains(got.out, `"bip39"`) || len(got.out) < len(long) {
		t.Errorf("code %d, %d bytes, errors %q", got.code, len(got.out), got.errors)
	}
}

// One can talk to the command: the answer comes before the next question.
func TestAnswersAreNotHeldBack(t *testing.T) {
	converse(t, `{"id":%d,"text":"x"}`, `{"id":%d,`, "guard", "scan")
}

// converse asks a command three questions, each after the answer to the one
// before; %d stands for their number.
func converse(t *testing.T, question, answer string, args ...string) {
	t.Helper()
	in, ask, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	hear, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan int)
	go func() {
		defer out.Close()
		done <- run(&env{context.Background(), in, out, &bytes.Buffer{}, nil}, args)
	}()
	answers := bufio.NewReader(hear)
	for i := range 3 {
		if _, err := fmt.Fprintf(ask, question+"\n", i); err != nil {
			t.Fatal(err)
		}
		line, err := answers.ReadString('\n')
		if err != nil || !strings.HasPrefix(line, fmt.Sprintf(answer, i)) {
			t.Fatalf("answer %d: %q, %v", i, line, err)
		}
	}
	if err := ask.Close(); err != nil {
		t.Fatal(err)
	}
	if code := <-done; code != exitOK {
		t.Errorf("code %d", code)
	}
}

// The contract of articles search: only the locale asked for, best first, and
// ids as the file wrote them.
func TestArticlesSearch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "articles.jsonl")
	corpus := `{"id":"w","title":"Withdrawal pending","body":"Why a withdrawal takes long","locale":"en"}
{"id":2,"title":"Verify your identity","body":"Documents for KYC","locale":"en"}
{"id":"提","title":"提现未到账","body":"提现一直处理中怎么办","locale":"zh-CN"}
`
	for i := range 12 {
		corpus += fmt.Sprintf("{\"id\":\"k%d\",\"title\":\"Trading key %d\",\"body\":\"about trading\",\"locale\":\"en\"}\n", i, i)
	}
	if err := os.WriteFile(path, []byte(corpus), 0o600); err != nil {
		t.Fatal(err)
	}
	ask := func(locale, query string) (ids []string) {
		t.Helper()
		in, err := json.Marshal(map[string]any{"id": "q", "query": query})
		if err != nil {
			t.Fatal(err)
		}
		got := veridesk(t, string(in)+"\n", nil, "articles", "search", "--articles", path, "--locale", locale)
		var answer struct {
			ID   string
			Hits []struct {
				ID    json.RawMessage
				Score float64
			}
		}
		if err := json.Unmarshal([]byte(got.out), &answer); err != nil || got.code != exitOK || answer.ID != "q" {
			t.Fatalf("code %d, %v, %s%s", got.code, err, got.out, got.errors)
		}
		for i, h := range answer.Hits {
			if h.Score <= 0 || (i > 0 && h.Score > answer.Hits[i-1].Score) {
				t.Errorf("scores are not descending: %s", got.out)
			}
			ids = append(ids, string(h.ID))
		}
		return ids
	}
	if got := ask("en", "my withdrawal is pending"); len(got) == 0 || got[0] != `"w"` {
		t.Errorf("withdrawal: %v", got)
	}
	if got := ask("en", "kyc documents"); len(got) == 0 || got[0] != "2" {
		t.Errorf("identity: %v", got)
	}
	if got := ask("zh-CN", "提现没有到账"); len(got) != 1 || got[0] != `"提"` {
		t.Errorf("提现: %v", got)
	}
	if got := ask("en", "trading"); len(got) != 10 {
		t.Errorf("%d hits, the contract says ten", len(got))
	}
	if got := ask("en", "zzzz"); len(got) != 0 {
		t.Errorf("hits for nonsense: %v", got)
	}
	if got := veridesk(t, "", nil, "articles", "search", "--articles", path, "--locale", "fr"); got.code != exitError || !strings.Contains(got.errors, "--locale") {
		t.Errorf("a locale without articles: %+v", got)
	}
}

// Settings reach the commands from every source, and secrets stay inside.
func TestConfigShowsWhatIsInForce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.toml")
	if err := os.WriteFile(path, []byte("listen = \"127.0.0.1:1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := veridesk(t, "", []string{"VERIDESK_CONFIG=" + path, "VERIDESK_SMTP_PASSWORD=hunter2", "VERIDESK_TYPO=x"}, "config", "--data", "/d", "-s", "log.level=debug")
	for _, want := range []string{"listen = 127.0.0.1:1", "database = sqlite:/d/veridesk.db", "log.level = debug", "smtp.password = (secret)"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("no %q in\n%s", want, got.out)
		}
	}
	if strings.Contains(got.out+got.errors, "hunter2") || !strings.Contains(got.errors, "VERIDESK_TYPO") {
		t.Errorf("out %s, errors %s", got.out, got.errors)
	}
}
