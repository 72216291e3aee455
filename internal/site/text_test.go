package site

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/official"
)

// Every word exists in every language, takes the same arguments, and is used.
func TestTextsAreCompleteAndUsed(t *testing.T) {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\.T "([a-z_]+)"`).FindAllStringSubmatch(string(text), -1) {
			used[m[1]] = true
		}
	}
	for _, name := range []string{"site.go", "page.go", "head.go", "home.go", "article.go", "category.go", "contact.go", "search.go", "feeds.go", "answer.go", "mail.go"} {
		code, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"([a-z][a-z_]+)"`).FindAllStringSubmatch(string(code), -1) {
			if _, ok := english[m[1]]; ok {
				used[m[1]] = true
			}
		}
	}
	for _, l := range []string{"info", "warning", "incident"} {
		used["notice_"+l] = true
	}
	for _, r := range helpcenter.VoteReasons {
		used["vote_"+r] = true
	}
	for _, ty := range official.Types {
		used["type_"+string(ty)] = true
	}
	for _, c := range []string{"help", "chat", "social", "email"} {
		for _, of := range []string{"", "_for", "_speed", "_not", "_verify"} {
			used["ch_"+c+of] = true
		}
	}
	for key := range used {
		if english[key] == "" && key != "iron_rule" {
			t.Errorf("a page asks for %q, which is in no catalogue", key)
		}
	}
	for key, s := range english {
		other, ok := chinese[key]
		if !ok {
			t.Errorf("zh-CN lacks %q", key)
		}
		if strings.Count(s, "%") != strings.Count(other, "%") {
			t.Errorf("%q takes other arguments in zh-CN", key)
		}
		if !used[key] {
			t.Errorf("%q is used nowhere", key)
		}
	}
	if len(chinese) != len(english) {
		t.Errorf("zh-CN has %d texts, en has %d", len(chinese), len(english))
	}
}

// A reader in Taiwan must not meet simplified characters, nor words that are
// not said there.
func TestTaiwanReadsTraditional(t *testing.T) {
	w := wordsOf("zh-TW", desk.Brand{Names: map[string]string{"zh-CN": "子午交易所"}})
	for key, s := range w {
		if back := helpcenter.Traditional(s); len(chinese[key]) > 0 && s == chinese[key] && back != s {
			t.Errorf("%s is not converted: %q", key, s)
		}
		for _, wrong := range []string{"在線", "短信", "郵箱", "賬", "账", "们", "您的帳戶裡面", "登錄", "默認", "%!"} {
			if strings.Contains(s, wrong) {
				t.Errorf("%s says %q: %q", key, wrong, s)
			}
		}
		if strings.Count(s, "%[") != strings.Count(chinese[key], "%[") {
			t.Errorf("%s lost an argument: %q", key, s)
		}
	}
	for key, want := range map[string]string{"talk_start": "開始線上諮詢", "help_center": "幫助中心", "brand": "子午交易所"} {
		if w[key] != want {
			t.Errorf("%s = %q, want %q", key, w[key], want)
		}
	}
	if !strings.Contains(w["iron_rule"], "助記詞") {
		t.Errorf("the iron rule: %q", w["iron_rule"])
	}
}

func TestAddressesAreReadAsQuestions(t *testing.T) {
	for path, want := range map[string]string{
		"/en/a/security/lost-my-authenticator": "lost my authenticator", "/en/withdrawal_pending.html": "withdrawal pending", "/zh-CN/c/提币": "提币",
		"/hc/en-us/articles/360012-deposit-not-credited": "360012 deposit not credited", "/": "", "/en/": "", "/fr": "", "/support": "",
		"/en/" + strings.Repeat("x", 200): strings.Repeat("x", 80), "/en/<script>alert(1)</script>": "script",
	} {
		if got := pathWords(path); got != want {
			t.Errorf("%s asks for %q, want %q", path, got, want)
		}
	}
}

func TestMarkedCutsAtRunes(t *testing.T) {
	got := marked("充值没到账", [][2]int{{0, 2}, {1, 2}, {3, 9}, {3, 5}})
	want := []span{{"充值", true}, {"没", false}, {"到账", true}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("part %d = %+v, want %+v", i, got[i], want[i])
		}
	}
}
