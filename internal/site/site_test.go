package site_test

import (
	"context"
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/site"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/web"
)

const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"

func content() fstest.MapFS {
	article := func(title, more, body string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\nsummary: About it.\norder: 1\nupdated: 2026-11-20\n" + more + "---\n" + body)}
	}
	const theft = "scenarios: [suspected_theft]\n"
	return fstest.MapFS{
		"categories.yaml":                         {Data: []byte("- slug: security\n  icon: shield\n  title: {en: Security, zh-CN: 账户安全}\n  description: {en: Stay safe., zh-CN: 保护账户。}\n")},
		"articles/en/security/stolen.md":          article("Account <stolen> & \"frozen\"", theft, "## One\n\nFreeze first.\n\n## Two\n\nTalk after.\n\n## Three\n\nx\n"),
		"articles/zh-CN/security/stolen.md":       article("账户被盗", theft, "先冻结，再细说。\n"),
		"articles/en/security/is-it-really-us.md": article("Is it really us", "", "Check.\n"),
	}
}

// handler is the whole site behind the edge, with two articles of content.
func handler(t *testing.T, s *store.Store, logs io.Writer, demo bool) http.Handler {
	t.Helper()
	hc, err := helpcenter.New(t.Context(), helpcenter.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hc.Import(t.Context(), content()); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	edge, err := web.New(web.Config{PublicURL: "https://help.meridian.example", Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets(fstest.MapFS{"site/style.css": {Data: []byte("body{}")}, "site/site.js": {Data: []byte("0")}})
	mux := http.NewServeMux()
	assets.Register(mux)
	mux.HandleFunc("/api/", web.NotFound)
	site.New(site.Deps{
		Store: s, HelpCenter: hc, Assets: assets, PublicURL: "https://help.meridian.example/", Demo: demo, Logger: log,
		Brand: desk.Brand{Names: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}, ExchangeURL: "https://www.meridian.example", PrivacyURL: "https://www.meridian.example/privacy"},
	}).Register(mux)
	return edge.Wrap(mux)
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "https://help.meridian.example/", nil)
	r.URL.Path, r.URL.RawQuery, _ = strings.Cut(path, "?")
	if u, err := url.ParseRequestURI(path); err == nil {
		r.URL = u
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestPages(t *testing.T) {
	h := handler(t, storetest.Open(t), io.Discard, false)
	iron := map[string]string{"en": desk.IronRule("en"), "zh-CN": desk.IronRule("zh-CN")}
	for _, tc := range []struct {
		name, path, accept string
		status             int
		want               []string
		never              []string
	}{
		{
			"front page in the reader's language", "/", "zh-CN,zh;q=0.9,en;q=0.5", 200,
			[]string{`<html lang="zh-CN">`, `rel="canonical" href="https://help.meridian.example/zh-CN/"`, `hreflang="x-default" href="https://help.meridian.example/"`, "子午交易所", iron["zh-CN"]},
			[]string{"Help Center", "noindex"},
		},
		{"front page for everybody else", "/", "fr", 200, []string{`<html lang="en">`, iron["en"]}, []string{"帮助中心"}},
		{"home", "/en/", "", 200, []string{"Account &lt;stolen&gt; &amp; &#34;frozen&#34;", `href="/zh-CN/"`, `/widget/loader.js" data-locale="en"`, `href="/en/c/security"`, "2 articles", `data-chat="suspected_theft"`}, []string{"<stolen>", "/demo/mail"}},
		{"home in Chinese", "/zh-CN/", "", 200, []string{"账户被盗", "1 篇文章"}, []string{"article"}},
		{"category", "/en/c/security", "", 200, []string{"Stay safe.", `href="/zh-CN/c/security"`, `"@type":"BreadcrumbList"`}, nil},
		{"article", "/en/a/security/stolen", "", 200, []string{"Freeze first.", "20 November 2026", `href="/zh-CN/a/security/stolen"`, `hreflang="zh-CN" href="https://help.meridian.example/zh-CN/a/security/stolen"`, `"@type":"BreadcrumbList"`, `og:type" content="article"`, `href="#s-two"`}, nil},
		{"article in Chinese", "/zh-CN/a/security/stolen", "", 200, []string{"2026年11月20日", "先冻结", iron["zh-CN"]}, []string{"Reviewed"}},
		{"article that has moved", "/en/a/elsewhere/stolen", "", 301, nil, nil},
		{"article without translation", "/zh-CN/a/security/is-it-really-us", "", 404, []string{"暂无中文版", `href="/en/a/security/is-it-really-us"`, "noindex"}, []string{"canonical"}},
		{"search", "/en/search?q=freeze", "", 200, []string{"<mark>Freeze</mark>", "1 article found", `value="freeze"`, `href="/zh-CN/search?q=freeze"`, `rel="canonical" href="https://help.meridian.example/en/search"`}, []string{"noindex"}},
		{"search in Chinese", "/zh-CN/search?q=冻结", "", 200, []string{"<mark>冻结</mark>", "找到 1 篇文章"}, nil},
		{"search that finds nothing", "/en/search?q=xyzzy", "", 200, []string{"Nothing found for “xyzzy”", "/en/a/security/stolen"}, nil},
		{"search without words", "/en/search", "", 200, []string{"What are you looking for?"}, nil},
		{"markup in a search", "/en/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22onfocus%3D1", "", 200, []string{"&lt;script&gt;"}, []string{"<script>alert", `"onfocus`}},
		{"removed names only real kinds", "/en/search?removed=%3Cb%3Ecall+%2B1+555%3C/b%3E", "", 200, nil, []string{"call", "555"}},
		{"removed", "/zh-CN/search?removed=bip39", "", 200, []string{"助记词", "没有搜索"}, nil},
		{"contact", "/en/contact", "", 200, []string{"Live chat", "help.meridian.example", `data-chat="locked_out"`, `/en/a/security/is-it-really-us`}, []string{"Telegram:", "mailto:"}},
		{"contact in Chinese", "/zh-CN/contact", "", 200, []string{"在线客服", "help.meridian.example"}, []string{"Live chat"}},
		{"unknown language", "/fr/", "zh", 404, []string{"页面不存在", `role="search"`}, nil},
		{"another spelling of a language", "/zh-cn/contact?x=1", "", 301, nil, nil},
		{"unknown page", "/en/nope", "", 404, []string{"This page does not exist", `role="search"`}, nil},
		{"unknown article", "/en/a/security/nope", "", 404, nil, nil},
		{"unknown category", "/en/c/nope", "", 404, nil, nil},
		{"path traversal", "/en/a/../../../../etc/passwd", "", 307, nil, []string{"root:"}},
		{"encoded traversal", "/site/x/..%2f..%2fetc%2fpasswd", "", 404, nil, []string{"root:"}},
		{"mail page is the demo's", "/demo/mail", "", 404, nil, nil},
		{"API is not a page", "/api/nope", "", 404, []string{"no such"}, []string{"<html"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := get(h, tc.path, "Accept-Language", tc.accept)
			if tc.name == "API is not a page" {
				tc.want = []string{`"code":"not_found"`}
			}
			body := w.Body.String()
			if w.Code != tc.status {
				t.Errorf("status %d, want %d", w.Code, tc.status)
			}
			for _, s := range tc.want {
				if !strings.Contains(body, s) {
					t.Errorf("%q is missing in\n%s", s, body)
				}
			}
			for _, s := range tc.never {
				if strings.Contains(body, s) {
					t.Errorf("%q must not be in\n%s", s, body)
				}
			}
			csp := w.Header().Get("Content-Security-Policy")
			if strings.Contains(body, "<html") && (!strings.Contains(csp, "script-src 'self';") || !strings.Contains(csp, "frame-src 'self'")) {
				t.Errorf("policy %q", csp)
			}
			checkInline(t, body)
		})
	}
}

var (
	inlineScript = regexp.MustCompile(`<script(?:\s[^>]*)?>`)
	inlineEvent  = regexp.MustCompile(`<[^>]*\s(?:on[a-z]+|style)=`)
)

// Inline scripts and styles would be refused by the policy and break the page.
func checkInline(t *testing.T, body string) {
	t.Helper()
	for _, tag := range inlineScript.FindAllString(body, -1) {
		if !strings.Contains(tag, " src=") && !strings.Contains(tag, "application/ld+json") {
			t.Errorf("inline script %s", tag)
		}
	}
	if m := inlineEvent.FindString(body); m != "" || strings.Contains(body, "<style") {
		t.Errorf("inline style or event %s", m)
	}
}

func TestRedirectsStayHere(t *testing.T) {
	h := handler(t, storetest.Open(t), io.Discard, false)
	for path, want := range map[string]string{
		"/en/a/elsewhere/stolen": "/en/a/security/stolen",
		"/zh-cn/contact?x=1":     "/zh-CN/contact?x=1",
		"/zh-Hans//evil.test":    "/zh-Hans/evil.test", // cleaned by the mux, on this host
		"/en/contact/":           "/en/contact",
		"/zh":                    "/zh-CN/",
	} {
		if got := get(h, path).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

// A secret in the search box must not be repeated, logged or left in the
// address bar.
func TestSecretInTheSearchBox(t *testing.T) {
	var logs strings.Builder
	h := handler(t, storetest.Open(t), &logs, false)
	w := get(h, "/en/search?q="+url.QueryEscape("help "+phrase))
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/search?removed=bip39" {
		t.Fatalf("%d %q", w.Code, w.Header().Get("Location"))
	}
	page := get(h, w.Header().Get("Location"))
	all := w.Body.String() + page.Body.String() + logs.String()
	for k, v := range w.Header() {
		all += k + strings.Join(v, " ")
	}
	for _, word := range []string{"sausage", "yellow"} {
		if strings.Contains(all, word) {
			t.Errorf("%q of the phrase is in an answer or the log", word)
		}
	}
	if !strings.Contains(page.Body.String(), "recovery phrase") || w.Header().Get("Cache-Control") != "no-store" {
		t.Error("the reader is not told what happened")
	}
}

func TestReadersWhoComeBackGetA304(t *testing.T) {
	h := handler(t, storetest.Open(t), io.Discard, false)
	for _, path := range []string{"/", "/en/", "/zh-CN/a/security/stolen", "/sitemap.xml", "/favicon.svg"} {
		first := get(h, path)
		tag := first.Header().Get("Etag")
		if first.Code != 200 || tag == "" || first.Header().Get("Cache-Control") == "" {
			t.Errorf("%s: %d %v", path, first.Code, first.Header())
		}
		again := get(h, path, "If-None-Match", `"other", `+tag)
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		// Another theme is another page.
		if dark := get(h, path, "If-None-Match", tag, "Cookie", "veridesk_theme=dark"); strings.HasPrefix(path, "/en") && dark.Code != 200 {
			t.Errorf("%s in the dark: %d", path, dark.Code)
		}
	}
	if vary := strings.Join(get(h, "/").Header().Values("Vary"), ","); !strings.Contains(vary, "Accept-Language") || !strings.Contains(vary, "Cookie") {
		t.Errorf("Vary %q lets a cache hand out the wrong language", vary)
	}
}

func TestThemeIsKept(t *testing.T) {
	h := handler(t, storetest.Open(t), io.Discard, false)
	post := func(form url.Values) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "https://help.meridian.example/theme", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	w := post(url.Values{"theme": {"dark"}, "back": {"/en/search?q=a%20b"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/en/search?q=a%20b" || !strings.Contains(w.Header().Get("Set-Cookie"), "veridesk_theme=dark") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if !strings.Contains(get(h, "/en/", "Cookie", "veridesk_theme=dark").Body.String(), `data-theme="dark"`) {
		t.Error("the theme is forgotten")
	}
	if strings.Contains(get(h, "/en/", "Cookie", `veridesk_theme=x"onload`).Body.String(), "onload") {
		t.Error("a forged cookie is repeated")
	}
	for _, back := range []string{"https://evil.test/", "//evil.test", `/\evil.test`, "javascript:alert(1)", "", "\t//evil.test"} {
		if got := post(url.Values{"theme": {"light"}, "back": {back}}).Header().Get("Location"); got != "/" {
			t.Errorf("back %q leads to %q", back, got)
		}
	}
}

func TestSitemapListsWhatExists(t *testing.T) {
	h := handler(t, storetest.Open(t), io.Discard, false)
	var set struct {
		URLs []struct {
			Loc string `xml:"loc"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal(get(h, "/sitemap.xml").Body.Bytes(), &set); err != nil {
		t.Fatal(err)
	}
	if len(set.URLs) != 13 {
		t.Errorf("%d addresses: %+v", len(set.URLs), set.URLs)
	}
	for _, u := range set.URLs {
		path, ok := strings.CutPrefix(u.Loc, "https://help.meridian.example")
		if w := get(h, path); !ok || w.Code != 200 {
			t.Errorf("%s answers %d", u.Loc, w.Code)
		}
	}
	if robots := get(h, "/robots.txt").Body.String(); strings.Contains(robots, "/search") || !strings.Contains(robots, "Disallow: /api/") || !strings.Contains(robots, "Sitemap: https://help.meridian.example/sitemap.xml") {
		t.Errorf("robots.txt\n%s", robots)
	}
}

func TestFilesAreCachedByContent(t *testing.T) {
	h := handler(t, storetest.Open(t), io.Discard, false)
	css := regexp.MustCompile(`href="(/site/[^"]+/style\.css)"`).FindStringSubmatch(get(h, "/en/").Body.String())
	if css == nil {
		t.Fatal("the page has no style")
	}
	w := get(h, css[1])
	if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") || w.Body.String() != "body{}" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := get(h, "/site/older/style.css"); w.Code != 404 || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("an older address: %d %v", w.Code, w.Header())
	}
}

func TestDemoMailShowsLettersAndIsSafe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		h := handler(t, s, io.Discard, true)
		if body := get(h, "/demo/mail").Body.String(); !strings.Contains(body, "Nothing was sent yet.") {
			t.Errorf("empty outbox\n%s", body)
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.AddMailPreview(&store.MailPreview{Recipient: "li@meridian.example", Subject: "Hi <b>", Body: "Open https://help.meridian.example/x?a=1&b=2 or javascript:alert(1)"})
		})
		if err != nil {
			t.Fatal(err)
		}
		body := get(h, "/demo/mail").Body.String()
		if !strings.Contains(body, `<a href="https://help.meridian.example/x?a=1&amp;b=2">`) || !strings.Contains(body, "Hi &lt;b&gt;") || strings.Contains(body, `href="javascript`) {
			t.Errorf("letter\n%s", body)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		r := httptest.NewRequestWithContext(ctx, "GET", "/demo/mail", nil)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code < 500 || !strings.Contains(w.Body.String(), "Something went wrong") || strings.Contains(w.Body.String(), "context canceled") {
			t.Errorf("a failure: %d\n%s", w.Code, w.Body)
		}
	})
}

func TestPagesWorkBeforeTheFrontEndIsBuilt(t *testing.T) {
	hc, err := helpcenter.New(t.Context(), helpcenter.Config{Store: storetest.Open(t)})
	if err != nil {
		t.Fatal(err)
	}
	s := site.New(site.Deps{HelpCenter: hc, Assets: web.NewAssets(fstest.MapFS{}), PublicURL: "http://localhost:8080"})
	w := get(s, "/en/")
	if w.Code != 200 || strings.Contains(w.Body.String(), "stylesheet") || !strings.Contains(w.Body.String(), "There are no articles here yet.") {
		t.Errorf("%d\n%s", w.Code, w.Body)
	}
}

func TestDemoExchangeEmbedsTheDeskFromItsOrigin(t *testing.T) {
	h, err := site.DemoExchange("http://localhost:8080/")
	if err != nil {
		t.Fatal(err)
	}
	for locale, want := range map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"} {
		w := get(h, "/", "Accept-Language", locale)
		body := w.Body.String()
		if w.Code != 200 || !strings.Contains(body, want) || !strings.Contains(body, `src="http://localhost:8080/widget/loader.js" data-locale="`+locale+`"`) {
			t.Errorf("%d\n%s", w.Code, body)
		}
		csp := w.Header().Get("Content-Security-Policy")
		if !strings.Contains(csp, "script-src 'self' http://localhost:8080;") || !strings.Contains(csp, "frame-src http://localhost:8080;") || strings.Contains(csp, "unsafe") {
			t.Errorf("policy %q", csp)
		}
		checkInline(t, body)
	}
	if w := get(h, "/exchange.css"); w.Code != 200 || w.Header().Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("style: %d", w.Code)
	}
}
