// Command conns measures what an idle connected visitor costs: it opens many
// WebSocket connections to a running server and reads the server's resident
// memory before and after.
//
//	conns -n 10000                      its own bare realtime server, in a second process
//	conns -n 10000 -url http://127.0.0.1:8080 -pid 4711
//	                                    a whole veridesk; visitors come from its session endpoint
//
// Linux only (/proc). Raise the limit of open files above n first.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/realtime"
)

func main() {
	n := flag.Int("n", 10000, "connections")
	url := flag.String("url", "", "address of a running veridesk; empty: start a bare server")
	pid := flag.Int("pid", 0, "process whose memory is read; needed with -url")
	hold := flag.Duration("hold", 60*time.Second, "how long connections stay idle before the second reading")
	serve := flag.Bool("serve", false, "be the bare server (used by conns itself)")
	flag.Parse()
	var err error
	if *serve {
		err = serveBare()
	} else {
		err = measure(*n, *url, *pid, *hold)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "conns:", err)
		os.Exit(1)
	}
}

func serveBare() error {
	hub, err := realtime.New(realtime.Config{
		VisitorOf: desk.ParseID,
		AgentOf: func(*http.Request) (*desk.Agent, desk.ID, error) {
			return nil, 0, desk.Errorf(desk.Unauthorized, "no agents here")
		},
		TeamsOf: func(context.Context, *desk.Agent) ([]desk.ID, error) { return nil, nil },
		MaySee:  func(context.Context, *desk.Agent, realtime.Kind, desk.ID) (bool, error) { return false, nil },
	})
	if err != nil {
		return err
	}
	if err := hub.Start(context.Background()); err != nil {
		return err
	}
	mux := http.NewServeMux()
	hub.Register(mux)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", l.Addr())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(l)
}

func startBare() (url string, pid int, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", 0, nil, err
	}
	cmd := exec.Command(self, "-serve")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", 0, nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", 0, nil, err
	}
	stop = func() {
		cmd.Process.Kill() //nolint:errcheck // it may have ended by itself
		cmd.Wait()         //nolint:errcheck // killed
	}
	buf := make([]byte, 200)
	k, err := out.Read(buf)
	if err != nil {
		stop()
		return "", 0, nil, fmt.Errorf("the bare server did not start: %w", err)
	}
	return strings.TrimSpace(string(buf[:k])), cmd.Process.Pid, stop, nil
}

func measure(n int, url string, pid int, hold time.Duration) error {
	token := func(i int) (string, error) { return strconv.Itoa(i + 1), nil }
	if url == "" {
		u, p, stop, err := startBare()
		if err != nil {
			return err
		}
		defer stop()
		url, pid = u, p
	} else {
		base := url
		token = func(int) (string, error) { return session(base) }
	}
	// The first connections pay for what is made once.
	warm, err := connect(url, 50, token)
	if err != nil {
		return err
	}
	time.Sleep(2 * time.Second)
	before, err := memory(pid)
	if err != nil {
		return err
	}
	began := time.Now()
	open, err := connect(url, n, func(i int) (string, error) { return token(i + 1000) })
	if err != nil {
		return err
	}
	fmt.Printf("%d connected in %s\n", n, time.Since(began).Round(time.Millisecond))
	for _, at := range []time.Duration{0, hold} {
		time.Sleep(at)
		after, err := memory(pid)
		if err != nil {
			return err
		}
		fmt.Printf("after %-4s RSS %6.1f MB → %6.1f MB: %.1f KB per connection\n", at, mb(before), mb(after), float64(after-before)/1024/float64(n))
	}
	for _, c := range append(open, warm...) {
		c.Close() //nolint:errcheck // the end
	}
	return nil
}

func mb(b int64) float64 { return float64(b) / (1 << 20) }

func session(base string) (string, error) {
	res, err := http.Post(base+"/api/v1/visitor/session", "application/json", strings.NewReader(`{"locale":"en"}`))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var s struct{ Token string }
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil || s.Token == "" {
		return "", fmt.Errorf("no visitor session: status %d, %v", res.StatusCode, err)
	}
	return s.Token, nil
}

// connect opens n connections, a few at a time, and answers their pings.
func connect(url string, n int, token func(int) (string, error)) ([]*websocket.Conn, error) {
	ws := "ws" + strings.TrimPrefix(url, "http") + realtime.PathWebSocket
	dialer := websocket.Dialer{ReadBufferSize: 256, WriteBufferSize: 256, HandshakeTimeout: 20 * time.Second}
	var mu sync.Mutex
	var open []*websocket.Conn
	var g errgroup.Group
	g.SetLimit(32)
	for i := range n {
		g.Go(func() error {
			t, err := token(i)
			if err != nil {
				return err
			}
			c, _, err := dialer.Dial(ws, http.Header{"Origin": {url}})
			if err != nil {
				return err
			}
			command, err := json.Marshal(map[string]any{"id": 1, "connect": map[string]string{"token": t}})
			if err != nil {
				return err
			}
			if err := c.WriteMessage(websocket.TextMessage, command); err != nil {
				return err
			}
			_, answer, err := c.ReadMessage()
			if err != nil || !bytes.Contains(answer, []byte(`"connect"`)) {
				return fmt.Errorf("not admitted: %s %w", answer, err)
			}
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
			go pong(c)
			return nil
		})
	}
	return open, g.Wait()
}

func pong(c *websocket.Conn) {
	for {
		_, b, err := c.ReadMessage()
		if err != nil {
			return
		}
		if string(bytes.TrimSpace(b)) == "{}" {
			if c.WriteMessage(websocket.TextMessage, []byte("{}")) != nil {
				return
			}
		}
	}
}

// memory returns a process's resident bytes.
func memory(pid int) (int64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("process %d shows no resident memory", pid)
}
