package site_test

import (
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/web"
)

// A kept page is the page: the same bytes, the same header, and other ones for
// another language, theme or host.
func TestKeptPagesAreThePages(t *testing.T) {
	st := put(t, storetest.Open(t))
	seen := map[string]string{}
	for _, path := range []string{"/", "/en/", "/zh-CN/", "/zh-TW/", "/en/c/security", "/en/a/security/stolen", "/en/contact", "/sitemap.xml", "/robots.txt", "/en/manifest.webmanifest", "/en/announcements.xml"} {
		for _, cookie := range []string{"", "veridesk_theme=dark", "other=1; veridesk_theme=light"} {
			first := st.get(path, "Cookie", cookie, "Accept-Language", "zh-TW")
			again := st.get(path, "Cookie", cookie, "Accept-Language", "zh-TW")
			if first.Code != 200 || first.Body.String() != again.Body.String() {
				t.Errorf("%s %s: %d, %d bytes, then %d", path, cookie, first.Code, first.Body.Len(), again.Body.Len())
			}
			for k := range again.Header() {
				if k != "X-Request-Id" && strings.Join(first.Header()[k], ",") != strings.Join(again.Header()[k], ",") {
					t.Errorf("%s %s: %s is %q, then %q", path, cookie, k, first.Header()[k], again.Header()[k])
				}
			}
			if again.Header().Get("Etag") == "" || again.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("%s: %v", path, again.Header())
			}
			if strings.Contains(again.Body.String(), "<html") {
				if where := seen[again.Header().Get("Etag")]; where != "" && path != "/" && where != "/"+cookie {
					t.Errorf("%s %s is the same as %s", path, cookie, where)
				}
				seen[again.Header().Get("Etag")] = path + cookie
			}
		}
	}
	if !strings.Contains(st.get("/", "Accept-Language", "en").Body.String(), `lang="en"`) {
		t.Error("the first page is kept in one language for all")
	}
}

// Nothing personal, refused or passing is handed to the next reader.
func TestWhatIsNeverKept(t *testing.T) {
	st := put(t, storetest.Open(t))
	for _, path := range []string{"/en/search?q=freeze", "/en/search", "/en/nope", "/en/a/security/stolen?voted=1", "/en/?x=1", "/en/a/security/withdraw"} {
		st.get(path)
		bare, _, _ := strings.Cut(path, "?")
		if bare == "/en/" || bare == "/en/a/security/stolen" {
			if a := st.site.Find(question(bare, reader, "")); a != nil && path != bare {
				r := httptest.NewRecorder()
				a.ServeHTTP(r, httptest.NewRequest("GET", bare, nil))
				if strings.Contains(r.Body.String(), "Thank you.") {
					t.Errorf("%s is kept as %s", path, bare)
				}
			}
			continue
		}
		if st.site.Find(question(bare, reader, "")) != nil {
			t.Errorf("%s is kept", path)
		}
	}
}

// The front finds what the site keeps, by the same rules.
func TestFrontFindsWhatIsKept(t *testing.T) {
	st := put(t, storetest.Open(t))
	ask := func(path, host, cookie, accept string) *web.Ready {
		q := question(path, reader, "")
		q.Host, q.Cookie, q.AcceptLanguage = []byte(host), []byte(cookie), []byte(accept)
		return st.site.Find(q)
	}
	if ask("/en/", "help.meridian.example", "", "") != nil {
		t.Fatal("a page is ready before anybody asked")
	}
	for _, tc := range []struct{ path, host, cookie, accept string }{
		{"/en/", "help.meridian.example", "", ""},
		{"/en/", "help.meridian.example", "a=b; veridesk_theme=dark", ""},
		{"/en/", "help.meridian.example", "theme=dark", ""},
		{"/en/a/security/stolen", "eu.help.meridian.example", "", ""},
		{"/en/a/security/stolen", "unknown.test", "veridesk_theme=light", ""},
		{"/", "help.meridian.example", "", "zh-HK,zh;q=0.9"},
		{"/", "help.meridian.example", "veridesk_theme=dark", "de, en;q=0.5"},
	} {
		w := st.get(tc.path, "Host", tc.host, "Cookie", tc.cookie, "Accept-Language", tc.accept)
		a := ask(tc.path, tc.host, tc.cookie, tc.accept)
		if a == nil || a.Etag() != w.Header().Get("Etag") {
			t.Errorf("%+v: the front finds another page (%v)", tc, a != nil)
		}
	}
	// Cookies that two readers of them might understand differently are the handler's.
	for _, cookie := range []string{
		"veridesk_theme=x; veridesk_theme=dark", "veridesk_theme=dark; veridesk_theme=light", "xveridesk_theme=dark", "veridesk_theme =dark",
		`veridesk_theme=dark"`, "veridesk_theme", `veridesk_theme="dark"`, "veridesk_theme=\x80", "veridesk_theme=dark x",
	} {
		if ask("/en/", "help.meridian.example", cookie, "") != nil {
			t.Errorf("the front answers to %q", cookie)
		}
	}
	if ask("/en/nope", "help.meridian.example", "", "") != nil || ask("/media/x", "help.meridian.example", "", "") != nil {
		t.Error("what is no page is ready")
	}
}

// An editor's change must be seen at once, by readers who come back, too.
func TestChangesAreSeen(t *testing.T) {
	st := put(t, storetest.Open(t))
	const path = "/en/a/security/stolen"
	before := st.get(path)
	st.get(path)
	files := entityContent()
	files["articles/en/security/stolen.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Account stolen\nsummary: New.\norder: 1\nupdated: 2026-11-21\nscenarios: [suspected_theft]\n---\n\nFreeze it within a minute.\n")}
	st.load(files)
	if st.site.Find(question(path, reader, "")) != nil {
		t.Error("the front has the old page")
	}
	after := st.get(path, "If-None-Match", before.Header().Get("Etag"))
	if after.Code != 200 || !strings.Contains(after.Body.String(), "within a minute") || !strings.Contains(after.Body.String(), "21 November 2026") {
		t.Errorf("%d\n%s", after.Code, after.Body)
	}
}

// A copy of the site must hold every page that a page of it leads to.
func TestPathsAreWhatCanBeRead(t *testing.T) {
	st := put(t, storetest.Open(t))
	paths := st.site.Paths("help.meridian.example")
	link := regexp.MustCompile(` href="(/[^"#?]*)`)
	var missing []string
	for _, path := range paths {
		w := st.get(path)
		untranslated := path == "/en/a/security/withdraw" || strings.HasSuffix(path, "/is-it-really-us") && !strings.HasPrefix(path, "/en/")
		if (w.Code == 200) == untranslated {
			t.Errorf("%s answers %d", path, w.Code)
		}
		for _, m := range link.FindAllStringSubmatch(w.Body.String(), -1) {
			if to := m[1]; !slices.Contains(paths, to) && !strings.HasPrefix(to, "/site/") && !strings.HasPrefix(to, "/app") {
				missing = append(missing, path+" → "+to)
			}
		}
	}
	if len(missing) > 0 || len(paths) < 25 {
		t.Errorf("%d paths; links that lead out of them: %q", len(paths), missing)
	}
	if eu := st.site.Paths("eu.help.meridian.example"); len(eu) != len(paths) {
		t.Errorf("%d paths of the other entity, %d of all", len(eu), len(paths))
	}
}
