package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func readyPage(t *testing.T) (*Edge, *Ready, []byte) {
	t.Helper()
	e, err := New(Config{PublicURL: "https://help.meridian.example"})
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(strings.Repeat("<p>Freeze first, talk after.</p>\n", 200))
	a, err := e.NewReady("/en/", http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-cache"}, "Vary": {"Cookie"}}, body)
	if err != nil {
		t.Fatal(err)
	}
	return e, a, body
}

// Whoever comes back is told that nothing changed; whoever cannot unpack gets
// the page unpacked; everybody gets the same tag.
func TestReadyAnswersWithinTheEdge(t *testing.T) {
	e, a, body := readyPage(t)
	h := e.Wrap(a)
	for _, tc := range []struct {
		name, method, encoding, tag string
		status                      int
		packed                      bool
		empty                       bool
	}{
		{"packed", "GET", "br, gzip;q=0.8", "", 200, true, false},
		{"plain", "GET", "", "", 200, false, false},
		{"refused packing", "GET", "gzip;q=0", "", 200, false, false},
		{"head", "HEAD", "gzip", "", 200, true, true},
		{"head, plain", "HEAD", "", "", 200, false, true},
		{"known", "GET", "gzip", a.Etag(), 304, false, true},
		{"known among others", "GET", "", `"x", ` + a.Etag(), 304, false, true},
		{"known, written strongly", "GET", "", strings.TrimPrefix(a.Etag(), "W/"), 304, false, true},
		{"anything", "GET", "", "*", 304, false, true},
		{"another", "GET", "gzip", `W/"another"`, 200, true, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := httptest.NewRequest(tc.method, "/en/", nil)
			r.Header.Set("Accept-Encoding", tc.encoding)
			r.Header.Set("If-None-Match", tc.tag)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tc.status || (w.Header().Get("Content-Encoding") == "gzip") != tc.packed || (w.Body.Len() == 0) != tc.empty {
				t.Fatalf("%d %v, %d bytes", w.Code, w.Header(), w.Body.Len())
			}
			got := w.Body.Bytes()
			if tc.packed && !tc.empty {
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				if got, err = io.ReadAll(z); err != nil {
					t.Fatal(err)
				}
			}
			if !tc.empty && !bytes.Equal(got, body) {
				t.Error("another body")
			}
			vary := strings.Join(w.Header().Values("Vary"), ",")
			if w.Header().Get("Etag") != a.Etag() || !strings.Contains(vary, "Cookie") || strings.Count(vary, "Accept-Encoding") != 1 || w.Header().Get("X-Frame-Options") != "DENY" {
				t.Errorf("header %v", w.Header())
			}
		})
	}
}

// A cached page must be guarded as the page itself is.
func TestReadyHasTheEdgesHeaders(t *testing.T) {
	e, a, _ := readyPage(t)
	wire := string(a.wire[:a.body])
	for k, v := range e.headers[siteSurface] {
		if !strings.Contains(wire, k+": "+v[0]+"\r\n") || !strings.Contains(string(a.fresh), k+": "+v[0]+"\r\n") {
			t.Errorf("the answer lacks %s", k)
		}
	}
	if !strings.HasSuffix(wire, "\r\n\r\n") || strings.Count(wire, "\r\n\r\n") != 1 || !strings.HasSuffix(string(a.fresh), "\r\n\r\n") {
		t.Errorf("header %q", wire)
	}
	if strings.Contains(string(a.fresh), "Content-Length") || strings.Contains(string(a.fresh), "\nContent-Type") {
		t.Errorf("a 304 says what it does not carry: %q", a.fresh)
	}
}

func TestLinesDoNotBreak(t *testing.T) {
	got := string(lines(nil, http.Header{"A": {"x\r\nSet-Cookie: y"}, "B": {"z"}}))
	if got != "A: x\r\nB: z\r\n\r\n" {
		t.Errorf("%q", got)
	}
}

// What is not the plainest request goes to the server, which knows how to
// refuse it; nothing may be understood in two ways.
func TestQuestionsAreReadStrictly(t *testing.T) {
	const host = "Host: help.meridian.example\r\n"
	for _, tc := range []struct {
		name, in string
		ok       bool
	}{
		{"plain", "GET /en/ HTTP/1.1\r\n" + host + "\r\n", true},
		{"with fields", "GET /zh-CN/a/b-c/d_e.f~1 HTTP/1.1\r\nhost:x\r\nAccept-Encoding: gzip\r\nCookie: a=b; c=d\r\nX-Long-Field-Name-Of-Somebody: 1\r\n\r\n", true},
		{"kept alive", "GET / HTTP/1.1\r\n" + host + "Connection: Keep-Alive\r\n\r\n", true},
		{"head", "HEAD / HTTP/1.1\r\n" + host + "\r\n", true},
		{"unfinished", "GET / HTTP/1.1\r\n" + host, false},
		{"post", "POST / HTTP/1.1\r\n" + host + "\r\n", false},
		{"lower case", "get / HTTP/1.1\r\n" + host + "\r\n", false},
		{"old protocol", "GET / HTTP/1.0\r\n" + host + "\r\n", false},
		{"no host", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", false},
		{"empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", false},
		{"two hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", false},
		{"two encodings", "GET / HTTP/1.1\r\n" + host + "Accept-Encoding: gzip;q=0\r\nAccept-Encoding: gzip\r\n\r\n", false},
		{"host with a port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", true},
		{"host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", false},
		{"host with markup", "GET / HTTP/1.1\r\nHost: <script>\r\n\r\n", false},
		{"host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", false},
		{"two cookies", "GET / HTTP/1.1\r\n" + host + "Cookie: a\r\nCookie: b\r\n\r\n", false},
		{"query", "GET /en/search?q=a HTTP/1.1\r\n" + host + "\r\n", false},
		{"encoded", "GET /%65n/ HTTP/1.1\r\n" + host + "\r\n", false},
		{"absolute", "GET http://evil.test/ HTTP/1.1\r\n" + host + "\r\n", false},
		{"two slashes", "GET //evil.test/ HTTP/1.1\r\n" + host + "\r\n", false},
		{"dots", "GET /en/../x HTTP/1.1\r\n" + host + "\r\n", false},
		{"spaces", "GET /en/ x HTTP/1.1\r\n" + host + "\r\n", false},
		{"with a body", "GET / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", false},
		{"chunked", "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", false},
		{"chunked, hidden", "GET / HTTP/1.1\r\n" + host + "Transfer-Encoding : chunked\r\n\r\n", false},
		{"folded", "GET / HTTP/1.1\r\n" + host + "X: a\r\n Content-Length: 4\r\n\r\n", false},
		{"bare newline", "GET / HTTP/1.1\r\n" + host + "X: a\nContent-Length: 4\r\n\r\n", false},
		{"bare return", "GET / HTTP/1.1\r\n" + host + "X: a\rb\r\n\r\n", false},
		{"zero byte", "GET / HTTP/1.1\r\n" + host + "X: a\x00\r\n\r\n", false},
		{"no colon", "GET / HTTP/1.1\r\n" + host + "X\r\n\r\n", false},
		{"no name", "GET / HTTP/1.1\r\n" + host + ": x\r\n\r\n", false},
		{"upgrade", "GET / HTTP/1.1\r\n" + host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", false},
		{"last request", "GET / HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", false},
		{"range", "GET / HTTP/1.1\r\n" + host + "Range: bytes=0-1\r\n\r\n", false},
		{"expects", "GET / HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n\r\n", false},
	} {
		var q Question
		got := q.read([]byte(tc.in))
		if tc.ok && got != len(tc.in) || !tc.ok && got != 0 {
			t.Errorf("%s: %d of %d bytes", tc.name, got, len(tc.in))
		}
	}
}

// Everything that a question takes must be taken the same way by net/http.
func FuzzQuestion(f *testing.F) {
	f.Add([]byte("GET /en/ HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\nGET"))
	f.Add([]byte("HEAD /a~b HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip;q=0\r\nUser-Agent: \t y\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var q Question
		n := q.read(data)
		if n == 0 {
			return
		}
		r, err := http.ReadRequest(newReader(data[:n]))
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", data[:n], err)
		}
		if r.URL.Path != string(q.Path) || r.URL.RawQuery != "" || r.Host != string(q.Host) || r.ContentLength != 0 || r.Header.Get("Cookie") != string(q.Cookie) ||
			r.UserAgent() != string(q.UserAgent) || r.Header.Get("If-None-Match") != string(q.ifNoneMatch) || (r.Method == "HEAD") != q.Head || r.Close {
			t.Fatalf("%q is read as %+v, by net/http as %+v", data[:n], q, r)
		}
		if encodings := r.Header.Values("Accept-Encoding"); len(encodings) == 1 && acceptsGzip(r) != q.gzip {
			t.Fatalf("encoding %q", encodings)
		}
		if !slices.Equal(data[:n][n-4:], []byte("\r\n\r\n")) {
			t.Fatalf("%d bytes of %q", n, data)
		}
	})
}
