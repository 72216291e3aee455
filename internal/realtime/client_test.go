package realtime

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/veridesk/veridesk/internal/desk"
)

// frame is what a server sends, in centrifuge's JSON protocol.
type frame struct {
	ID    uint32 `json:"id"`
	Error *struct {
		Code    uint32 `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Connect *struct {
		Client  string                     `json:"client"`
		Subs    map[string]json.RawMessage `json:"subs"`
		Session string                     `json:"session"`
		Node    string                     `json:"node"`
	} `json:"connect"`
	Presence *struct {
		Presence map[string]struct {
			User     string          `json:"user"`
			ChanInfo json.RawMessage `json:"chan_info"`
		} `json:"presence"`
	} `json:"presence"`
	Push *struct {
		Channel string `json:"channel"`
		Pub     *struct {
			Data json.RawMessage `json:"data"`
		} `json:"pub"`
		Join *struct {
			Info struct {
				User string `json:"user"`
			} `json:"info"`
		} `json:"join"`
		Leave *struct {
			Info struct {
				User string `json:"user"`
			} `json:"info"`
		} `json:"leave"`
	} `json:"push"`
}

// socket is a client over WebSocket, as small as the protocol allows.
type socket struct {
	t      *testing.T
	c      *websocket.Conn
	next   uint32
	mu     sync.Mutex
	frames chan frame
	closed chan *websocket.CloseError
}

func wsURL(s *httptest.Server) string {
	return "ws" + strings.TrimPrefix(s.URL, "http") + PathWebSocket
}

func dial(t *testing.T, s *httptest.Server, header http.Header) *socket {
	t.Helper()
	c, _, err := websocket.DefaultDialer.Dial(wsURL(s), header)
	if err != nil {
		t.Fatalf("dial: %v", err)
	}
	k := &socket{t: t, c: c, frames: make(chan frame, 1000), closed: make(chan *websocket.CloseError, 1)}
	go k.read()
	t.Cleanup(func() { c.Close() })
	return k
}

func (k *socket) read() {
	for {
		_, b, err := k.c.ReadMessage()
		if err != nil {
			ce, ok := err.(*websocket.CloseError)
			if !ok {
				ce = &websocket.CloseError{Code: 1006}
			}
			k.closed <- ce
			close(k.frames)
			return
		}
		for line := range bytes.SplitSeq(b, []byte("\n")) {
			if len(line) == 0 {
				continue
			}
			if string(line) == "{}" {
				k.write("{}") // pong
				continue
			}
			var f frame
			if err := json.Unmarshal(line, &f); err != nil {
				k.t.Errorf("unreadable frame %s: %v", line, err)
			}
			k.frames <- f
		}
	}
}

func (k *socket) write(s string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.c.WriteMessage(websocket.TextMessage, []byte(s)) //nolint:errcheck // the reader notices
}

// call sends a command and returns its reply; ok is false when the server
// closed the connection instead.
func (k *socket) call(command string, params any) (frame, bool) {
	k.t.Helper()
	k.next++
	id := k.next
	b, err := json.Marshal(map[string]any{"id": id, command: params})
	if err != nil {
		k.t.Fatal(err)
	}
	k.write(string(b))
	deadline := time.After(10 * time.Second)
	for {
		select {
		case f, open := <-k.frames:
			if !open {
				return frame{}, false
			}
			if f.ID == id {
				return f, true
			}
		case <-deadline:
			k.t.Fatalf("no reply to %s", b)
		}
	}
}

// push waits for a push that fits.
func (k *socket) push(what string, fits func(frame) bool) frame {
	k.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		select {
		case f, open := <-k.frames:
			if !open {
				k.t.Fatalf("the connection closed while waiting for %s", what)
			}
			if f.Push != nil && fits(f) {
				return f
			}
		case <-deadline:
			k.t.Fatalf("%s did not arrive", what)
		}
	}
}

// event waits for an event of a type.
func (k *socket) event(typ string) desk.Event {
	k.t.Helper()
	var ev desk.Event
	k.push("event "+typ, func(f frame) bool {
		return f.Push.Pub != nil && json.Unmarshal(f.Push.Pub.Data, &ev) == nil && ev.Type == typ
	})
	return ev
}

// quietUntil fails when an event of type bad arrives before one of type end.
func (k *socket) quietUntil(end, bad string) {
	k.t.Helper()
	k.push(end, func(f frame) bool {
		if f.Push.Pub == nil {
			return false
		}
		var ev desk.Event
		if err := json.Unmarshal(f.Push.Pub.Data, &ev); err != nil {
			k.t.Fatal(err)
		}
		if ev.Type == bad {
			k.t.Fatalf("%s arrived: %s", bad, f.Push.Pub.Data)
		}
		return ev.Type == end
	})
}

// closeCode waits for the server to close the connection.
func (k *socket) closeCode() int {
	k.t.Helper()
	select {
	case ce := <-k.closed:
		return ce.Code
	case <-time.After(10 * time.Second):
		k.t.Fatal("the connection was not closed")
		return 0
	}
}

func eventually(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if fn() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

// redisServer is a real redis-server that a test may stop and start again.
type redisServer struct {
	t    *testing.T
	addr string
	cmd  *exec.Cmd
}

func newRedis(t *testing.T) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Skip("redis-server is not installed (Debian: apt-get install redis-server)")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	r := &redisServer{t: t, addr: addr}
	t.Cleanup(r.stop)
	return r
}

func (r *redisServer) start() {
	r.t.Helper()
	_, port, err := net.SplitHostPort(r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.cmd = exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, "redis-server listens", func() bool {
		c, err := net.DialTimeout("tcp", r.addr, time.Second)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (r *redisServer) stop() {
	if r.cmd != nil {
		r.cmd.Process.Kill() //nolint:errcheck // it may have ended
		r.cmd.Wait()         //nolint:errcheck // killed
		r.cmd = nil
	}
}

// freeze makes the server hang: it takes connections and never answers.
func (r *redisServer) freeze() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		r.t.Fatal(err)
	}
}
