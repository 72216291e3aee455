package api

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/helpcenter"
)

// What the widget and the site's search box read, without signing in.
func TestArticles(t *testing.T) {
	eachEngine(t, func(e *env) {
		hc, err := helpcenter.New(e.Context(), helpcenter.Config{Store: e.store})
		if err != nil {
			e.Fatal(err)
		}
		article := func(title, scenario, body string) *fstest.MapFile {
			return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\nsummary: Summary.\norder: 1\nupdated: 2026-02-03\nscenarios: [" + scenario + "]\n---\n" + body)}
		}
		_, err = hc.Import(e.Context(), fstest.MapFS{
			"categories.yaml":               {Data: []byte("- slug: safe\n  title: {en: Security, zh-CN: 账户安全}\n")},
			"articles/en/safe/stolen.md":    article("Account stolen", "suspected_theft", "Freeze [now](only-en.md).\n"),
			"articles/zh-CN/safe/stolen.md": article("账户被盗", "suspected_theft", "请先冻结账户。\n"),
			"articles/en/safe/only-en.md":   article("Only here", "how_to", "Text.\n"),
		})
		if err != nil {
			e.Fatal(err)
		}
		e.api.HelpCenter = hc
		get := func(path string, into any) int {
			r := httptest.NewRequest("GET", publicURL+"/api/v1"+path, nil)
			w := httptest.NewRecorder()
			e.handler.ServeHTTP(w, r)
			if into != nil && w.Code == 200 {
				if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
					e.Fatalf("%s: %v", path, err)
				}
			}
			return w.Code
		}

		var list articleList
		if code := get("/articles?locale=zh-CN&q="+url.QueryEscape("冻结"), &list); code != 200 || len(list.Articles) != 1 {
			e.Fatalf("%d %+v", code, list)
		}
		hit := list.Articles[0]
		if m := hit.Spans[0]; string([]rune(hit.Excerpt)[m[0]:m[1]]) != "冻结" || hit.URL != "/zh-CN/a/safe/stolen" {
			e.Errorf("%+v", hit)
		}
		list = articleList{}
		if get("/articles?locale=en&limit=1", &list); len(list.Articles) != 1 || list.Articles[0].Slug != "stolen" {
			e.Errorf("popular: %+v", list)
		}
		list = articleList{}
		secret := "legal winner thank year wave sausage worth useful legal winner thank yellow"
		if get("/articles?q="+url.QueryEscape(secret), &list); len(list.Articles) != 0 || len(list.Removed) != 1 || list.Removed[0].Words != 12 {
			e.Errorf("a recovery phrase: %+v", list)
		}
		if strings.Contains(e.log.String(), "sausage") {
			e.Error("the phrase is in the log")
		}
		if code := get("/articles?limit=999", nil); code != 422 {
			e.Errorf("limit=999: %d", code)
		}

		var body articleBody
		if code := get("/articles/safe/stolen?locale=en", &body); code != 200 || !strings.Contains(body.HTML, `href="/en/a/safe/only-en"`) || len(body.Locales) != 2 {
			e.Errorf("%d %+v", code, body)
		}
		if code := get("/articles/safe/only-en?locale=zh-CN", nil); code != 404 {
			e.Errorf("an article in another language: %d", code)
		}
	})
}
