package web

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

func newEdge(t *testing.T, cfg Config) *Edge {
	t.Helper()
	if cfg.PublicURL == "" {
		cfg.PublicURL = "http://localhost:8080"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func serve(e *Edge, h http.HandlerFunc, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.Wrap(h).ServeHTTP(w, r)
	return w
}

// A stranger who could choose their address would never be throttled.
func TestClientAddressComesOnlyFromTrustedProxies(t *testing.T) {
	e := newEdge(t, Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}})
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		want         string
	}{
		{"direct", "203.0.113.7:1234", nil, "203.0.113.7"},
		{"a stranger's claim is ignored", "203.0.113.7:1234", []string{"1.2.3.4"}, "203.0.113.7"},
		{"through our proxy", "10.0.0.1:1234", []string{"203.0.113.9"}, "203.0.113.9"},
		{"what the stranger wrote further left is ignored", "10.0.0.1:1234", []string{"1.2.3.4, 203.0.113.9"}, "203.0.113.9"},
		{"two of our proxies, two headers", "10.0.0.1:1234", []string{"1.2.3.4, 203.0.113.9", "10.9.9.9"}, "203.0.113.9"},
		{"rubbish from the proxy", "10.0.0.1:1234", []string{"unknown"}, "10.0.0.1"},
		{"IPv4 in IPv6", "[::ffff:203.0.113.7]:1", nil, "203.0.113.7"},
		{"IPv6 proxy", "[fd00::1]:1", []string{"2001:db8::5"}, "2001:db8::5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = c.remote
			for _, f := range c.forwarded {
				r.Header.Add("X-Forwarded-For", f)
			}
			var got string
			serve(e, func(_ http.ResponseWriter, r *http.Request) { got = ClientIP(r.Context()) }, r)
			if got != c.want {
				t.Errorf("client is %q, want %q", got, c.want)
			}
		})
	}
}

func TestLocaleIsWhatTheReaderAskedFor(t *testing.T) {
	for _, c := range []struct{ target, accept, want string }{
		{"/", "", "en"},
		{"/", "zh-CN", "zh-CN"},
		{"/", "zh-TW,zh;q=0.9", "zh-CN"},
		{"/", "de-DE,de;q=0.9", "en"},
		{"/", "fr,zh-CN;q=0.8,en;q=0.7", "zh-CN"},
		{"/", "en-US,en;q=0.9,zh;q=0.8", "en"},
		{"/?locale=zh-CN", "en", "zh-CN"},
		{"/?locale=en", "zh-CN", "en"},
		{"/", "\x00;;;", "en"},
		{"/", strings.Repeat("zh,", 5000), "zh-CN"},
	} {
		r := httptest.NewRequest("GET", c.target, nil)
		r.Header.Set("Accept-Language", c.accept)
		if got := NegotiateLocale(r); got != c.want {
			t.Errorf("%s with %.40q: %s, want %s", c.target, c.accept, got, c.want)
		}
	}
}

// Somebody who reports an error must be able to quote something that is in our log.
func TestEveryAnswerHasARequestID(t *testing.T) {
	e := newEdge(t, Config{})
	var inside string
	r := httptest.NewRequest("GET", "/", nil)
	w := serve(e, func(_ http.ResponseWriter, r *http.Request) { inside = RequestID(r.Context()) }, r)
	if id := w.Header().Get("X-Request-Id"); id == "" || id != inside {
		t.Errorf("header %q, context %q", id, inside)
	}
	r.Header.Set("X-Request-Id", "client-made_1234")
	if w = serve(e, func(http.ResponseWriter, *http.Request) {}, r); w.Header().Get("X-Request-Id") != "client-made_1234" {
		t.Error("a well-formed id of the client was not kept")
	}
	r.Header.Set("X-Request-Id", "forged\" level=error msg=x")
	if w = serve(e, func(http.ResponseWriter, *http.Request) {}, r); strings.Contains(w.Header().Get("X-Request-Id"), "forged") {
		t.Error("an id that could forge log lines was kept")
	}
}

func TestPanicBecomesA500WithoutDetails(t *testing.T) {
	var log strings.Builder
	e := newEdge(t, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	w := serve(e, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		panic("the secret is 42")
	}, httptest.NewRequest("GET", "/api/v1/x", nil))
	var body ErrorBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != 500 || body.Code != desk.Internal || body.RequestID == "" {
		t.Errorf("answer %d %s (%v)", w.Code, w.Body, err)
	}
	if strings.Contains(w.Body.String(), "42") || !strings.Contains(log.String(), "the secret is 42") {
		t.Errorf("the cause belongs in the log and nowhere else\nbody %s\nlog %s", w.Body, &log)
	}
}

// An answer that broke off must not look whole to the client.
func TestPanicAfterTheAnswerBeganBreaksTheConnection(t *testing.T) {
	srv := httptest.NewServer(newEdge(t, Config{}).Wrap(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, strings.Repeat("part ", 2000)) //nolint:errcheck
		panic("halfway")
	})))
	defer srv.Close()
	res, err := http.Get(srv.URL)
	if err == nil {
		_, err = io.ReadAll(res.Body)
		res.Body.Close() //nolint:errcheck
	}
	if err == nil {
		t.Error("the client took half an answer for a whole one")
	}
}

// What customers typed into a search box, and one-time links, do not belong in logs.
func TestAccessLogHasNoQueryAndNoTokens(t *testing.T) {
	var log strings.Builder
	e := newEdge(t, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	for _, target := range []string{
		"/en/search?q=my+seed+phrase", "/console/setup/TOKENTOKEN", "/api/v1/auth/invitation/TOKENTOKEN", "/api/v1/auth/setup/TOKENTOKEN",
		"/files/123/1790000000.TOKENTOKEN/a.png",
	} {
		serve(e, func(http.ResponseWriter, *http.Request) {}, httptest.NewRequest("GET", target, nil))
	}
	if got := log.String(); strings.Contains(got, "seed") || strings.Contains(got, "TOKEN") || strings.Count(got, "msg=request") != 5 {
		t.Errorf("access log:\n%s", got)
	}
}

func TestBodiesAreBounded(t *testing.T) {
	e := newEdge(t, Config{MaxBody: 100})
	read := func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			WriteError(w, r, fmt.Errorf("read: %w", err))
		}
	}
	known := httptest.NewRequest("POST", "/api/v1/x", strings.NewReader(strings.Repeat("x", 101)))
	unknown := httptest.NewRequest("POST", "/api/v1/x", io.MultiReader(strings.NewReader(strings.Repeat("x", 101))))
	unknown.ContentLength = -1
	for _, r := range []*http.Request{known, unknown} {
		if w := serve(e, read, r); w.Code != 413 || !strings.Contains(w.Body.String(), `"too_large"`) {
			t.Errorf("answer %d %s", w.Code, w.Body)
		}
	}
	if w := serve(e, read, httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", 100)))); w.Code != 200 {
		t.Errorf("a body at the limit was refused: %d", w.Code)
	}
}

// When the database hangs, people get an answer, and requests do not pile up
// until the memory is gone; a live connection lasts as long as it likes.
func TestRequestsEnd(t *testing.T) {
	e := newEdge(t, Config{Timeout: 10 * time.Millisecond})
	wait := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/realtime/") {
			if _, limited := r.Context().Deadline(); limited {
				t.Error("a live connection would be ended")
			}
			return
		}
		<-r.Context().Done()
		WriteError(w, r, r.Context().Err())
	})
	for path, want := range map[string]int{"/api/v1/conversations": 503, "/en/": 503, "/realtime/websocket": 200} {
		w := httptest.NewRecorder()
		e.Wrap(wait).ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// A client that announces a body and never sends it must not hold its
// connection, and the memory behind it, for ever.
func TestBodiesMustArrive(t *testing.T) {
	read := make(chan error, 1)
	srv := httptest.NewServer(newEdge(t, Config{Timeout: 50 * time.Millisecond}).Wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		read <- err
	})))
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "POST /theme HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab"); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-read:
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the body ended with %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the server waits for the body")
	}
}

func TestSecurityHeadersPerSurface(t *testing.T) {
	e := newEdge(t, Config{PublicURL: "https://help.example.com", FrameAncestors: []string{"https://www.example.com", "http://127.0.0.1:8081/"}})
	for _, c := range []struct {
		path       string
		want, deny []string
	}{
		{"/en/", []string{"frame-ancestors 'none'", "require-trusted-types-for 'script'", "connect-src 'self' wss://help.example.com"}, []string{"unsafe", "www.example.com"}},
		{"/console/inbox", []string{"frame-ancestors 'none'"}, []string{"unsafe", "www.example.com"}},
		{"/widget/", []string{"frame-ancestors 'self' https://www.example.com http://127.0.0.1:8081;"}, []string{"unsafe"}},
		{"/app", []string{"frame-ancestors 'none'", "manifest-src 'self'", "require-trusted-types-for 'script'"}, []string{"unsafe", "www.example.com"}},
		{"/app/sw.js", []string{"frame-ancestors 'none'"}, []string{"unsafe"}},
		{"/api/v1/auth/me", []string{"default-src 'none'; frame-ancestors 'none'"}, []string{"script-src"}},
	} {
		h := serve(e, func(http.ResponseWriter, *http.Request) {}, httptest.NewRequest("GET", c.path, nil)).Header()
		for _, want := range c.want {
			if !strings.Contains(h.Get("Content-Security-Policy"), want) {
				t.Errorf("%s lacks %q: %s", c.path, want, h.Get("Content-Security-Policy"))
			}
		}
		for _, deny := range c.deny {
			if strings.Contains(h.Get("Content-Security-Policy"), deny) {
				t.Errorf("%s allows %q", c.path, deny)
			}
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: %v", c.path, h)
		}
	}
	h := serve(e, func(http.ResponseWriter, *http.Request) {}, httptest.NewRequest("GET", "/console/setup/x", nil)).Header()
	if h.Get("Referrer-Policy") != "no-referrer" {
		t.Error("a one-time link could leave by the Referer header")
	}
	if _, err := New(Config{PublicURL: "https://a.example", FrameAncestors: []string{"https://x; script-src *"}}); err == nil {
		t.Error("a setting could write the policy")
	}
}

func TestTextIsCompressedAndEventStreamsAreNot(t *testing.T) {
	e := newEdge(t, Config{})
	text := strings.Repeat("子午交易所 ", 500)
	for path, want := range map[string]string{"/api/v1/x": "gzip", "/realtime/sse": ""} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		w := serve(e, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, text) //nolint:errcheck
		}, r)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("%s is encoded as %q, want %q", path, got, want)
		}
		if want == "gzip" {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(z); err != nil || string(got) != text {
				t.Errorf("the text came back as %d bytes (%v)", len(got), err)
			}
		}
	}
}

func TestForeignSitesCannotUseTheCookie(t *testing.T) {
	e := newEdge(t, Config{PublicURL: "https://help.example.com"})
	for _, c := range []struct {
		name   string
		method string
		header map[string]string
		ok     bool
	}{
		{"our own page", "POST", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		{"another site", "POST", map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, false},
		{"another subdomain", "DELETE", map[string]string{"Sec-Fetch-Site": "same-site", "Origin": "https://blog.example.com"}, false},
		{"an old browser, another origin", "POST", map[string]string{"Origin": "https://evil.example"}, false},
		{"an old browser behind a proxy", "POST", map[string]string{"Origin": "https://help.example.com"}, true},
		{"a link from elsewhere", "GET", map[string]string{"Sec-Fetch-Site": "cross-site"}, true},
		{"a script without a browser", "POST", nil, true},
	} {
		r := httptest.NewRequest(c.method, "http://10.0.0.5:8080/api/v1/x", nil)
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		if err := e.CheckOrigin(r); (err == nil) != c.ok || (err != nil && desk.CodeOf(err) != desk.Forbidden) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestErrorsSpeakTheReadersLanguage(t *testing.T) {
	e := newEdge(t, Config{})
	cause := errors.New("dial tcp 10.0.0.3:5432: refused")
	for _, c := range []struct {
		name    string
		err     error
		status  int
		en, zh  string
		forbid  string
		headers map[string]string
	}{
		{name: "a catalogued message", err: desk.Errorf(desk.Unauthorized, "sign_in_failed"), status: 401, en: "Email or password is wrong.", zh: "邮箱或密码不正确。"},
		{name: "English prose for operators", err: desk.Errorf(desk.Conflict, "the moon is full"), status: 409, en: "The moon is full.", zh: "内容已被他人修改，或已经存在。请刷新后重试。"},
		{name: "plain not found", err: desk.Errorf(desk.NotFound, "not found"), status: 404, en: "This does not exist, or is no longer here.", zh: "内容不存在，或已被移除。"},
		{name: "the database is away", err: desk.Wrap(desk.Unavailable, "the database cannot be used just now", cause), status: 503, en: "try again", zh: "暂时不可用", forbid: "10.0.0.3"},
		{name: "a defect", err: cause, status: 500, en: "our side", zh: "系统出现错误", forbid: "10.0.0.3"},
		{name: "a field", err: desk.Field("email", "field_email"), status: 422, en: `"email":"This is not an email address."`, zh: `"email":"这不是有效的邮箱地址。"`},
		{name: "a field in prose", err: desk.Field("x", "must be odd"), status: 422, en: `"x":"Must be odd."`, zh: `"x":"此项无效。"`},
		{name: "throttled", err: &desk.Error{Code: desk.Throttled, Message: "throttled", RetryAfter: 1500e6}, status: 429, en: `"retry_after":2`, zh: "尝试次数过多", headers: map[string]string{"Retry-After": "2"}},
		{name: "wrapped", err: fmt.Errorf("while saving: %w", desk.Errorf(desk.Stale, "stale")), status: 409, en: `"code":"stale"`, zh: "有新消息"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for locale, want := range map[string]string{"en": c.en, "zh-CN": c.zh} {
				r := httptest.NewRequest("GET", "/api/v1/x", nil)
				r.Header.Set("Accept-Language", locale)
				w := serve(e, func(w http.ResponseWriter, r *http.Request) { WriteError(w, r, c.err) }, r)
				if body := w.Body.String(); w.Code != c.status || !strings.Contains(body, want) || (c.forbid != "" && strings.Contains(body, c.forbid)) {
					t.Errorf("%s: %d %s, want %d %s", locale, w.Code, body, c.status, want)
				}
				for k, v := range c.headers {
					if w.Header().Get(k) != v {
						t.Errorf("%s is %q, want %q", k, w.Header().Get(k), v)
					}
				}
			}
		})
	}
}

// A sentence that exists in one language only shows up as a mixed screen.
func TestCatalogueIsCompleteInEveryLocale(t *testing.T) {
	for _, from := range desk.Locales {
		for key := range messages[from] {
			for _, to := range desk.Locales {
				if messages[to][key] == "" {
					t.Errorf("%q has no text in %s", key, to)
				}
			}
		}
	}
	for code := range statuses {
		if Text("en", string(code)) == "" {
			t.Errorf("code %s has no text", code)
		}
	}
}
