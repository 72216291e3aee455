package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// The demo's sign-in; see internal/app.
const (
	demoEmail    = "mei@meridian.example"
	demoPassword = "meridian-demo"
)

type server struct {
	cmd       *exec.Cmd
	base      string
	engine    string
	dir       string
	firstPage time.Duration
}

func startServer(ctx context.Context, binary, database string) (*server, error) {
	dir, err := os.MkdirTemp("", "veridesk-bench")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	demo, err := freeAddress()
	if err != nil {
		return nil, err
	}
	srv := &server{base: "http://" + addr, engine: "sqlite", dir: dir}
	cmd := exec.Command(binary, "serve", "--demo", "--listen", addr, "--data", dir)
	cmd.Env = append(os.Environ(), "VERIDESK_DEMO_LISTEN="+demo, "VERIDESK_LOG_LEVEL=warn")
	if database != "" {
		srv.engine = "postgres"
		cmd.Env = append(cmd.Env, "VERIDESK_DATABASE="+database)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	srv.cmd = cmd
	for time.Since(began) < 30*time.Second && ctx.Err() == nil {
		res, err := http.Get(srv.base + "/en/")
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if err == nil && res.StatusCode == http.StatusOK {
				srv.firstPage = time.Since(began)
				return srv, srv.ready(ctx)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	text, _ := os.ReadFile(filepath.Join(dir, "log"))
	return nil, errors.Join(fmt.Errorf("the server did not start:\n%s", text), srv.stop())
}

func (s *server) ready(ctx context.Context) error {
	for ctx.Err() == nil {
		res, err := http.Get(s.base + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ctx.Err()
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	return errors.Join(err, os.RemoveAll(s.dir))
}

// rss returns the resident memory of the server in bytes.
func (s *server) rss() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func newClientID() string { return rand.Text()[:20] }

type visitor struct {
	s            *server
	client       *http.Client
	token        string
	conversation string
}

func (s *server) visitor(ctx context.Context) (*visitor, error) {
	v := &visitor{s: s, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2}}}
	var out struct{ Token string }
	if err := call(ctx, v.client, "POST", s.base+"/api/v1/visitor/session", "", map[string]any{"locale": "en"}, &out); err != nil {
		return nil, err
	}
	v.token = out.Token
	return v, nil
}

func (v *visitor) begin(ctx context.Context, text string) error {
	var out struct{ Conversation struct{ ID string } }
	err := call(ctx, v.client, "POST", v.s.base+"/api/v1/visitor/conversations", v.token,
		map[string]any{"client_id": newClientID(), "body": text, "locale": "en"}, &out)
	v.conversation = out.Conversation.ID
	return err
}

func (v *visitor) send(ctx context.Context, text string) error {
	return v.sendAs(ctx, newClientID(), text)
}

func (v *visitor) sendAs(ctx context.Context, id, text string) error {
	return call(ctx, v.client, "POST", v.s.base+"/api/v1/visitor/conversations/"+v.conversation+"/messages", v.token,
		map[string]any{"client_id": id, "body": text}, nil)
}

type agent struct {
	s      *server
	client *http.Client
}

func (s *server) agent(ctx context.Context) (*agent, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	a := &agent{s, &http.Client{Jar: jar}}
	return a, call(ctx, a.client, "POST", s.base+"/api/v1/auth/sign-in", "", map[string]any{"email": demoEmail, "password": demoPassword}, nil)
}

func (a *agent) reply(ctx context.Context, conversation, id, text string) error {
	return call(ctx, a.client, "POST", a.s.base+"/api/v1/conversations/"+conversation+"/messages", "",
		map[string]any{"client_id": id, "body": text, "visibility": "public"}, nil)
}

func call(ctx context.Context, c *http.Client, method, url, token string, in, out any) error {
	b, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(b))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 500))
		return fmt.Errorf("%s %s: %s: %s", method, req.URL.Path, res.Status, text)
	}
	if out == nil {
		_, err = io.Copy(io.Discard, res.Body)
		return err
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// listen connects to realtime and returns the client ids of the messages that
// arrive. Without a token the client's cookies say who listens.
func (s *server) listen(ctx context.Context, c *http.Client, token string) (<-chan string, error) {
	d := websocket.Dialer{Jar: c.Jar}
	conn, _, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(s.base, "http")+"/realtime/websocket", http.Header{"Origin": {s.base}})
	if err != nil {
		return nil, err
	}
	if err := conn.WriteJSON(map[string]any{"id": 1, "connect": map[string]any{"token": token}}); err != nil {
		return nil, err
	}
	connected, ids := make(chan error, 2), make(chan string, 1024)
	go func() {
		defer conn.Close()
		defer close(ids)
		for ctx.Err() == nil {
			_, data, err := conn.ReadMessage()
			if err != nil {
				connected <- err
				return
			}
			lines := bufio.NewScanner(bytes.NewReader(data))
			for lines.Scan() {
				var frame struct {
					ID      int
					Error   *struct{ Message string }
					Connect *struct{ Client string }
					Push    struct {
						Pub struct {
							Data struct {
								Message struct {
									ClientID string `json:"client_id"`
								}
							}
						}
					}
				}
				if err := json.Unmarshal(lines.Bytes(), &frame); err != nil {
					continue
				}
				switch {
				case frame.Error != nil:
					connected <- errors.New(frame.Error.Message)
					return
				case frame.Connect != nil:
					connected <- nil
				case len(lines.Bytes()) == 2: // a ping
					if err := conn.WriteMessage(websocket.TextMessage, []byte("{}")); err != nil {
						return
					}
				case frame.Push.Pub.Data.Message.ClientID != "":
					ids <- frame.Push.Pub.Data.Message.ClientID
				}
			}
		}
	}()
	select {
	case err := <-connected:
		return ids, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
