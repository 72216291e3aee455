package site_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"image/png"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Readers in Taiwan, Hong Kong and Macau read traditional characters without
// anybody having written them.
func TestTraditionalChinese(t *testing.T) {
	st := put(t, storetest.Open(t))
	for _, accept := range []string{"zh-TW", "zh-HK,en;q=0.5", "zh-MO", "zh-Hant-TW,zh;q=0.9,en;q=0.8"} {
		expect(t, st.get("/", "Accept-Language", accept).Body.String(), `<html lang="zh-TW">`, "幫助中心", "助記詞", "!帮助", "!在線")
	}
	expect(t, st.get("/", "Accept-Language", "zh-SG,zh;q=0.9").Body.String(), `<html lang="zh-CN">`)
	page := st.get("/zh-TW/a/security/withdraw").Body.String()
	expect(t, page, "提幣到錯誤的網路", "軟體", "簡訊", "由簡體中文", "2026年11月20日", "og:locale\" content=\"zh_TW\"", `og:locale:alternate" content="zh_CN"`,
		`hreflang="zh-TW" href="https://help.meridian.example/zh-TW/a/security/withdraw"`, `hreflang="zh-CN" href="https://help.meridian.example/zh-CN/a/security/withdraw"`,
		`hreflang="x-default" href="https://help.meridian.example/zh-CN/a/security/withdraw"`, `!hreflang="en" href="https://`)
	expect(t, st.get("/zh-CN/a/security/withdraw").Body.String(), "!由简体中文转换")
	for path, want := range map[string]string{"/zh-hk/contact": "/zh-TW/contact", "/zh-Hant": "/zh-TW/", "/zh-TW/c/security/": "/zh-TW/c/security"} {
		if got := st.get(path).Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

// The language menu works without scripts, stays on the article, and says so
// when there is no translation.
func TestLanguageMenu(t *testing.T) {
	st := put(t, storetest.Open(t))
	page := st.get("/en/a/security/stolen").Body.String()
	expect(t, page, `<a href="/zh-CN/a/security/stolen" hreflang="zh-CN" lang="zh-CN" rel="alternate">简体中文`, `href="/zh-TW/a/security/stolen"`,
		`<a href="/en/a/security/stolen" hreflang="en" lang="en" rel="alternate" aria-current="true">English`, "<summary")
	w := st.get("/en/a/security/withdraw")
	if w.Code != 404 {
		t.Errorf("status %d", w.Code)
	}
	expect(t, w.Body.String(), "Not available in English yet", `href="/zh-CN/a/security/withdraw"`, `href="/zh-TW/a/security/withdraw"`, "Read in 繁體中文", "noindex")
	expect(t, st.get("/en/search?q=freeze").Body.String(), `href="/zh-TW/search?q=freeze"`)
}

// Customers of one legal entity never read another's articles, and a made-up
// host gets nowhere.
func TestHostsHaveTheirOwnArticles(t *testing.T) {
	st := put(t, storetest.Open(t))
	for host, want := range map[string][]string{
		"help.meridian.example":         {"Freeze first.", `rel="canonical" href="https://help.meridian.example/en/a/security/stolen"`, "!Dublin"},
		"eu.help.meridian.example":      {"Dublin", `rel="canonical" href="https://eu.help.meridian.example/en/a/security/stolen"`, `og:url" content="https://eu.help`, "!Freeze first."},
		"EU.help.meridian.example":      {"Dublin", `href="https://eu.help.meridian.example/en/a/security/stolen"`},
		"evil.test":                     {"Freeze first.", `href="https://help.meridian.example/en/a/security/stolen"`, "!evil.test"},
		"x\"><script>alert(1)</script>": {"Freeze first.", "!alert(1)"},
		"a\r\nSet-Cookie: x=1":          {"Freeze first.", "!Set-Cookie"},
		"eu.help.meridian.example:9999": {"Freeze first.", "!9999"},
	} {
		for range 2 { // made, then kept
			w := st.get("/en/a/security/stolen", "Host", host)
			if w.Code != 200 || len(w.Header().Values("Set-Cookie")) > 0 {
				t.Errorf("%q: %d %v", host, w.Code, w.Header())
			}
			expect(t, w.Body.String(), want...)
		}
	}
	expect(t, st.get("/sitemap.xml", "Host", "eu.help.meridian.example").Body.String(), "<loc>https://eu.help.meridian.example/en/a/security/stolen</loc>", "!https://help.")
	expect(t, st.get("/robots.txt", "Host", "eu.help.meridian.example").Body.String(), "https://eu.help.meridian.example/sitemap.xml")
	expect(t, st.get("/en/contact", "Host", "eu.help.meridian.example").Body.String(), "This page lives at eu.help.meridian.example")
	if w := st.get("/en/a/elsewhere/stolen", "Host", "evil.test"); w.Header().Get("Location") != "/en/a/security/stolen" {
		t.Errorf("a redirect leads to %q", w.Header().Get("Location"))
	}
	if csp := st.get("/en/", "Host", "eu.help.meridian.example").Header().Get("Content-Security-Policy"); !strings.Contains(csp, "wss://eu.help.meridian.example") {
		t.Errorf("policy %q", csp)
	}
}

// Everybody sees what is announced, in their language, as soon as it is, and
// nobody can hide an incident.
func TestAnnouncements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		st := put(t, s)
		before := st.get("/en/a/security/stolen")
		expect(t, before.Body.String(), "!notice")
		st.announces(announce.Info, "Maintenance <b>tonight</b>", "Two hours.", "https://status.meridian.example/x?a=1&b=2")
		incident := st.announces(announce.Incident, "Withdrawals are delayed", "", "")
		for _, path := range []string{"/en/", "/en/a/security/stolen", "/en/c/security", "/en/contact", "/en/search?q=x", "/en/nope"} {
			body := st.get(path).Body.String()
			expect(t, body, `class="notice notice-info"`, `class="notice notice-incident"`, "Maintenance &lt;b&gt;tonight&lt;/b&gt;", `href="https://status.meridian.example/x?a=1&amp;b=2"`, "!<b>tonight")
			if n := strings.Count(body, "Hide this announcement"); n != 1 || strings.Index(body, "notice-incident") > strings.Index(body, "notice-info") {
				t.Errorf("%s: %d can be hidden; an incident stands first and stays", path, n)
			}
		}
		if after := st.get("/en/a/security/stolen"); after.Header().Get("Etag") == before.Header().Get("Etag") {
			t.Error("a reader who comes back is told that nothing changed")
		}
		expect(t, st.get("/zh-TW/").Body.String(), "網路擁堵", "!网络", "公告")
		var feed struct {
			Items []struct {
				Title string `xml:"title"`
				Link  string `xml:"link"`
				Date  string `xml:"pubDate"`
			} `xml:"channel>item"`
		}
		w := st.get("/en/announcements.xml")
		if err := xml.Unmarshal(w.Body.Bytes(), &feed); err != nil || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/rss+xml") {
			t.Fatal(err, w.Header())
		}
		if len(feed.Items) != 2 || feed.Items[1].Title != "Maintenance <b>tonight</b>" || feed.Items[0].Link != home+"/en/" || feed.Items[0].Date == "" {
			t.Errorf("feed %+v", feed)
		}
		if err := st.announce.Delete(t.Context(), store.Actor{Kind: desk.BySystem}, incident.ID, incident.Revision); err != nil {
			t.Fatal(err)
		}
		expect(t, st.get("/en/a/security/stolen").Body.String(), "!Withdrawals are delayed", "Maintenance")
	})
}

// The contact page names every channel in the order in which to try them, what
// each is good for and not for, and only accounts that are registered.
func TestContactListsTheChannels(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		st := put(t, s)
		expect(t, st.get("/en/contact").Body.String(), `id="ch_chat"`, `!id="ch_social"`, `!id="ch_email"`)
		st.registers(
			official.Contact{Type: official.Email, Value: "support@meridian.example", Public: true},
			official.Contact{Type: official.Weibo, Value: "子午交易所", Public: true},
			official.Contact{Type: official.X, Value: "@Meridian_Demo", Public: true, Purpose: map[string]string{"en": "<i>News</i>, no private answers.", "zh-CN": "仅发布公告，绝不主动私信。"}},
			official.Contact{Type: official.Telegram, Value: "meridian_staff", Public: false},
			official.Contact{Type: official.Domain, Value: "www.meridian.example", Public: true},
		)
		body := st.get("/en/contact").Body.String()
		at := -1
		for _, s := range []string{`id="ch_help"`, `id="ch_chat"`, `id="ch_social"`, "@meridian_demo", "@子午交易所", `id="ch_email"`, "support@meridian.example", "www.meridian.example"} {
			i := strings.Index(body, s)
			if i <= at {
				t.Errorf("%s is missing or stands too early\n%s", s, body)
			}
			at = i
		}
		expect(t, body, `href="https://x.com/meridian_demo"`, `href="mailto:support@meridian.example"`, "&lt;i&gt;News", "!meridian_staff", "How fast", "Not for", "Check it is us", "This page lives at help.meridian.example")
		expect(t, st.get("/zh-TW/contact").Body.String(), "絕不主動私信", "微博", "!只有這裡列出的账号")
		expect(t, st.get("/en/").Body.String(), "Our official channels", "@meridian_demo", "!meridian_staff")
	})
}

// A wrong address still leads somewhere: its words are searched.
func TestNotFoundSearches(t *testing.T) {
	st := put(t, storetest.Open(t))
	for path, want := range map[string][]string{
		"/en/a/security/freeze-first":      {`value="freeze first"`, "Perhaps you are looking for", "/en/a/security/stolen"},
		"/en/hc/articles/how-to-freeze":    {`value="how to freeze"`, "/en/a/security/stolen"},
		"/zh-CN/冻结":                        {`value="冻结"`, "您要找的可能是", "/zh-CN/a/security/stolen"},
		"/en/xyzzy":                        {`value="xyzzy"`, "Often looked for"},
		`/en/"><script>alert(1)</script>`:  {"!<script>alert", "!value=\"\"><"},
		"/en/" + phrase:                    {"!sausage", `value=""`},
		"/en/a/security/stolen/../../../x": nil,
	} {
		w := st.get((&url.URL{Path: path}).EscapedPath())
		if w.Code != 404 && want != nil {
			t.Errorf("%s: %d", path, w.Code)
		}
		expect(t, w.Body.String(), want...)
		checkInline(t, w.Body.String())
		if want != nil && (w.Header().Get("X-Robots-Tag") != "noindex" || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
}

// Results can be found by search engines as one page, and nobody keeps them.
func TestResultsPage(t *testing.T) {
	st := put(t, storetest.Open(t))
	w := st.get("/en/search?q=freeze")
	expect(t, w.Body.String(), "<mark>Freeze</mark>", "Security", `rel="canonical" href="https://help.meridian.example/en/search"`, `name="description"`, "!noindex")
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Robots-Tag") != "" || w.Header().Get("Etag") != "" {
		t.Errorf("%v", w.Header())
	}
	none := st.get("/en/search?q=" + url.QueryEscape(`xyzzy "qqq" <zz>`)).Body.String()
	expect(t, none, "Nothing found", "#scenario=transfer_trouble&amp;text=xyzzy", `data-text="xyzzy &#34;qqq&#34; &lt;zz&gt;"`, "Ask a person about this", "#text=xyzzy", "!<b>")
	elsewhere := st.get("/en/search?q=" + url.QueryEscape("提币")).Body.String()
	expect(t, elsewhere, "Found in another language", "简体中文", `lang="zh-CN"`, "/zh-CN/a/security/withdraw")
}

func TestHeadOfAPage(t *testing.T) {
	st := put(t, storetest.Open(t))
	page := st.get("/en/a/security/stolen").Body.String()
	expect(t, page, `og:image" content="https://help.meridian.example/og.png"`, `rel="manifest" href="/en/manifest.webmanifest"`, `rel="apple-touch-icon"`, `name="theme-color" content="#171b21" media=`,
		`href="/favicon.ico" sizes="32x32"`, `type="application/rss+xml"`, `hreflang="x-default"`)
	expect(t, st.get("/en/", "Cookie", "veridesk_theme=dark").Body.String(), `<meta name="theme-color" content="#171b21">`)
	for path, size := range map[string]int{"/og.png": 1200, "/icon-192.png": 192, "/icon-512.png": 512, "/apple-touch-icon.png": 180} {
		w := st.get(path)
		m, err := png.DecodeConfig(bytes.NewReader(w.Body.Bytes()))
		if err != nil || m.Width != size || w.Header().Get("Content-Type") != "image/png" || w.Body.Len() > 40_000 || w.Header().Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Errorf("%s: %v, %d wide, %d bytes, %v", path, err, m.Width, w.Body.Len(), w.Header())
		}
		if st.get(path, "If-None-Match", w.Header().Get("Etag")).Code != 304 {
			t.Errorf("%s is sent again", path)
		}
	}
	ico := st.get("/favicon.ico").Body.Bytes()
	if len(ico) < 22 || binary.LittleEndian.Uint16(ico[2:]) != 1 || int(binary.LittleEndian.Uint32(ico[14:]))+22 != len(ico) {
		t.Errorf("favicon.ico: % x", ico[:min(22, len(ico))])
	}
	if _, err := png.Decode(bytes.NewReader(ico[22:])); err != nil {
		t.Error(err)
	}
	for _, l := range desk.ReadingLocales {
		w := st.get("/" + l + "/manifest.webmanifest")
		var m struct{ Name, Lang, Start string }
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || m.Lang != l || m.Name == "" || w.Header().Get("Content-Type") != "application/manifest+json" {
			t.Errorf("%s: %v %+v", l, err, m)
		}
	}
}

// What search engines are told must stand on the page in the same words.
func TestStructuredDataIsOnThePage(t *testing.T) {
	st := put(t, storetest.Open(t))
	script := regexp.MustCompile(`<script type="application/ld\+json">(.*?)</script>`)
	for _, path := range []string{"/en/a/security/stolen", "/zh-TW/a/security/withdraw", "/en/c/security"} {
		body := st.get(path).Body.String()
		m := script.FindStringSubmatch(body)
		if m == nil {
			t.Fatalf("%s: none", path)
		}
		var v struct {
			Context string `json:"@context"`
			Graph   []struct {
				Type  string `json:"@type"`
				Items []struct {
					Position   int
					Name, Item string
				} `json:"itemListElement"`
				Questions []struct {
					Name   string
					Answer struct{ Text string } `json:"acceptedAnswer"`
				} `json:"mainEntity"`
			} `json:"@graph"`
		}
		if err := json.Unmarshal([]byte(m[1]), &v); err != nil {
			t.Fatal(err)
		}
		if v.Context != "https://schema.org" || len(v.Graph) != 2 || v.Graph[0].Type != "BreadcrumbList" || v.Graph[1].Type != "FAQPage" || len(v.Graph[1].Questions) == 0 {
			t.Fatalf("%s: %+v", path, v)
		}
		words := regexp.MustCompile(`<[^>]+>`).ReplaceAllString(strings.Replace(body, m[0], "", 1), "")
		for _, q := range v.Graph[1].Questions {
			for _, line := range append(strings.Split(q.Answer.Text, "\n"), q.Name) {
				if line = htmlEscape(line); !strings.Contains(words, line) || line == "" {
					t.Errorf("%s: %q is not on the page", path, line)
				}
			}
		}
		for i, item := range v.Graph[0].Items {
			if item.Position != i+1 || !strings.HasPrefix(item.Item, home+"/") {
				t.Errorf("%s: crumb %+v", path, item)
			}
		}
	}
}

func htmlEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;").Replace(s)
}

// Pictures are kept for good, in part when asked, and can do nothing.
func TestMedia(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		st := put(t, s)
		m, err := st.help.AddPicture(t.Context(), store.Actor{Kind: desk.BySystem}, bytes.NewReader(picturePNG(t)))
		if err != nil {
			t.Fatal(err)
		}
		w := st.get("/media/" + m.Name)
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != "image/png" || !strings.Contains(h.Get("Cache-Control"), "immutable") || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'; sandbox") || len(h.Values("Content-Security-Policy")) != 1 {
			t.Errorf("%d %v", w.Code, h)
		}
		part := st.get("/media/"+m.Name, "Range", "bytes=0-9")
		if part.Code != http.StatusPartialContent || part.Body.Len() != 10 {
			t.Errorf("a part: %d, %d bytes", part.Code, part.Body.Len())
		}
		if head := st.ask("HEAD", home+"/media/"+m.Name, nil); head.Code != 200 || head.Body.Len() != 0 {
			t.Errorf("head: %d", head.Code)
		}
		if st.get("/media/"+m.Name, "If-None-Match", h.Get("Etag")).Code != 304 {
			t.Error("it is sent again")
		}
		for _, path := range []string{"/media/" + strings.Repeat("0", 32) + ".png", "/media/..%2f..%2fmaster.key", "/media/x.svg", "/media/"} {
			if w := st.get(path); w.Code != 404 || strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d %v", path, w.Code, w.Header())
			}
		}
	})
}

// An article must arrive on a slow phone: everything of it that is not in the
// browser's cache yet, packed.
func TestArticleIsLight(t *testing.T) {
	st := put(t, storetest.Open(t))
	w := st.get("/en/a/security/stolen", "Accept-Encoding", "gzip")
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Length") == "" {
		t.Errorf("%v", w.Header())
	}
	if strings.Contains(w.Body.String(), "<script src") {
		t.Error("a script blocks the page")
	}
}
