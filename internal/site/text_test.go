package site

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
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
	for key := range used {
		if texts["en"][key] == "" {
			t.Errorf("a page asks for %q, which is in no catalogue", key)
		}
	}
	for _, locale := range desk.Locales {
		for key, s := range texts["en"] {
			other, ok := texts[locale][key]
			if !ok {
				t.Errorf("%s lacks %q", locale, key)
			}
			if strings.Count(s, "%") != strings.Count(other, "%") {
				t.Errorf("%q takes other arguments in %s", key, locale)
			}
		}
		if len(texts[locale]) != len(texts["en"]) {
			t.Errorf("%s has %d texts, en has %d", locale, len(texts[locale]), len(texts["en"]))
		}
	}
	// Those that code uses, rather than a page.
	for _, key := range strings.Fields("site_title home_description contact_title contact_description search_title search_for not_found_title untranslated_title error_title mail_title one_article n_articles one_result n_results") {
		used[key] = true
	}
	for key := range texts["en"] {
		if !used[key] {
			t.Errorf("%q is used nowhere", key)
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
