package web

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func newReader(b []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(b)) }

type fronted struct {
	addr    string
	page    *Ready
	front   *Front
	server  *http.Server
	behind  atomic.Int64 // requests that reached the server
	running chan error
}

// stand starts a server with one page ready at /en/, behind a front.
func stand(t *testing.T) *fronted {
	t.Helper()
	edge, page, _ := readyPage(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &fronted{addr: inner.Addr().String(), page: page, running: make(chan error, 1)}
	f.front = NewFront(inner, func(q *Question) *Ready {
		if string(q.Path) == "/en/" {
			return page
		}
		return nil
	}, nil)
	f.server = &http.Server{ReadHeaderTimeout: 10 * time.Second, Handler: edge.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.behind.Add(1)
		if r.URL.Path == "/en/" {
			page.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		io.WriteString(w, r.Method+" "+r.URL.Path+" "+string(body)) //nolint:errcheck // the test sees it
	}))}
	go func() { f.running <- f.server.Serve(f.front) }()
	t.Cleanup(func() {
		if err := f.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *fronted) dial(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", f.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewReader(c)
}

func send(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
}

func answer(t *testing.T, r *bufio.Reader, method string) (*http.Response, string) {
	t.Helper()
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

const ask = "GET /en/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n"

// The front's answer and the server's are the same, to the header.
func TestFrontAnswersAsTheServerWould(t *testing.T) {
	f := stand(t)
	c, r := f.dial(t)
	send(t, c, ask+"\r\n")
	fast, body := answer(t, r, "GET")
	if f.behind.Load() != 0 || f.front.Served() != 1 {
		t.Fatalf("%d requests reached the server", f.behind.Load())
	}
	send(t, c, ask+"If-None-Match: "+f.page.Etag()+"\r\n\r\n")
	if res, _ := answer(t, r, "GET"); res.StatusCode != 304 || res.Header.Get("Etag") != f.page.Etag() || res.Header.Get("Cache-Control") != "no-cache" {
		t.Errorf("known: %v", res)
	}
	send(t, c, "HEAD /en/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n")
	if res, none := answer(t, r, "HEAD"); res.StatusCode != 200 || res.ContentLength != int64(len(body)) || none != "" {
		t.Errorf("head: %v", res)
	}
	// A field that only the server understands sends the same connection there.
	send(t, c, ask+"Range: bytes=0-\r\n\r\n")
	slow, same := answer(t, r, "GET")
	if f.behind.Load() != 1 || same != body {
		t.Fatalf("%d behind, %d bytes and %d", f.behind.Load(), len(same), len(body))
	}
	for k := range slow.Header {
		if k != "X-Request-Id" && k != "Date" && strings.Join(slow.Header[k], ", ") != strings.Join(fast.Header[k], ", ") {
			t.Errorf("%s: %q, by the server %q", k, fast.Header[k], slow.Header[k])
		}
	}
	if _, err := http.ParseTime(fast.Header.Get("Date")); err != nil {
		t.Errorf("date: %v", err)
	}
}

// Several requests at once, one of them for the server: none is lost, none out
// of order.
func TestFrontKeepsTheOrderOfRequests(t *testing.T) {
	f := stand(t)
	c, r := f.dial(t)
	send(t, c, ask+"\r\n"+ask+"\r\nPOST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"+ask+"\r\n")
	for i, want := range []string{"", "", "POST /api hello", ""} {
		res, body := answer(t, r, "GET")
		if res.StatusCode != 200 || (want != "" && body != want) {
			t.Errorf("answer %d: %s %q", i, res.Status, body)
		}
	}
	if f.front.Served() != 2 || f.behind.Load() != 2 {
		t.Errorf("%d and %d", f.front.Served(), f.behind.Load())
	}
}

// A request that comes in pieces, or is longer than the front reads, is the
// server's.
func TestFrontHandsOnWhatItCannotSee(t *testing.T) {
	for name, parts := range map[string][]string{
		"in pieces": {"GET /e", "n/ HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n"},
		"very long": {ask + "Cookie: " + strings.Repeat("a", 2*frontBuffer) + "\r\n\r\n"},
		"unpacked":  {"GET /en/ HTTP/1.1\r\nHost: x\r\n\r\n"},
		"malformed": {"GET /en/ HTTP/1.1\r\nHost: x\r\nBad Field: y\r\n\r\n"},
		"not HTTP":  {"\x16\x03\x01\x02\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			f := stand(t)
			c, r := f.dial(t)
			for _, p := range parts {
				send(t, c, p)
			}
			res, _ := answer(t, r, "GET")
			if n := f.front.Served(); n != 0 && name != "in pieces" { // pieces may arrive as one
				t.Errorf("the front answered %d", n)
			}
			if bad := name == "malformed" || name == "not HTTP"; (res.StatusCode == 400) != bad {
				t.Errorf("%s", res.Status)
			}
		})
	}
}

// A shutdown must end connections that wait, and must not wait for them.
func TestFrontCloses(t *testing.T) {
	f := stand(t)
	idle, idleReader := f.dial(t)
	used, usedReader := f.dial(t)
	send(t, used, ask+"\r\n")
	answer(t, usedReader, "GET")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := f.server.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-f.running; !errors.Is(err, http.ErrServerClosed) {
		t.Errorf("the server ended with %v", err)
	}
	for name, r := range map[string]*bufio.Reader{"idle": idleReader, "used": usedReader} {
		if _, err := r.ReadByte(); err == nil {
			t.Errorf("the %s connection goes on", name)
		}
	}
	if _, err := f.front.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept after close: %v", err)
	}
	_ = idle
	if c, err := net.Dial("tcp", f.addr); err == nil {
		c.Close()
		t.Error("somebody still listens")
	}
}

func TestFrontsDateFollowsTheClock(t *testing.T) {
	f := &Front{}
	at := time.Date(2026, 11, 22, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	first := string(f.lines(at).ok)
	if !strings.Contains(first, "Date: Sun, 22 Nov 2026 02:00:00 GMT\r\n") {
		t.Errorf("%q", first)
	}
	if second := string(f.lines(at.Add(time.Second)).ok); second == first {
		t.Error("the clock stands still")
	}
}
