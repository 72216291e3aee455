package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/veridesk/veridesk/internal/desk"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// Both belong to centrifuge's node and end with the process: its metrics
		// exporter has no Close, its history cleaner sleeps through a shutdown.
		goleak.IgnoreAnyFunction("github.com/FZambia/eagle.(*Eagle).aggregate"),
		goleak.IgnoreAnyFunction("github.com/centrifugal/centrifuge.(*Node).updateMetrics"),
		goleak.IgnoreAnyFunction("github.com/centrifugal/centrifuge/internal/memstream.(*Stream).expire"),
		// Leaving a channel sleeps for up to a second before the channel is forgotten.
		goleak.IgnoreAnyFunction("github.com/centrifugal/centrifuge.(*Node).removeSubscription.func1"),
		// The Redis client sleeps a moment before it looks for servers again, and
		// then ends; the sleep outlives a test that comes last.
		goleak.IgnoreAnyFunction("github.com/redis/rueidis.(*call).DelayDo.func1"),
	)
}

// house is the rest of Veridesk as far as realtime asks it: sessions by cookie
// value, contacts by token, who sees which contact.
type house struct {
	mu       sync.Mutex
	sessions map[string]*desk.Agent // cookie value → agent; session id is 100 + agent id
	hidden   map[desk.ID]bool       // contacts and conversations nobody but admins may see
	teams    []desk.ID
	broken   bool
}

func newHouse() *house {
	return &house{
		sessions: map[string]*desk.Agent{
			"alice": {ID: 1, Name: "Alice", Role: desk.Admin},
			"bob":   {ID: 2, Name: "Bob", Role: desk.AgentRole, Teams: []desk.ID{7}},
			"ed":    {ID: 3, Name: "Ed", Role: desk.Editor},
		},
		hidden: map[desk.ID]bool{666: true},
		teams:  []desk.ID{7, 8},
	}
}

func (h *house) agentOf(r *http.Request) (*desk.Agent, desk.ID, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.broken {
		return nil, 0, desk.Errorf(desk.Unavailable, "the database is away")
	}
	c, err := r.Cookie("veridesk_session")
	if err != nil {
		return nil, 0, desk.Errorf(desk.Unauthorized, "no cookie")
	}
	a, ok := h.sessions[c.Value]
	if !ok {
		return nil, 0, desk.Errorf(desk.Unauthorized, "no such session")
	}
	copied := *a
	return &copied, 100 + a.ID, nil
}

func (h *house) config() Config {
	return Config{
		VisitorOf: func(token string) (desk.ID, error) {
			digits, ok := strings.CutPrefix(token, "good-")
			if !ok {
				return 0, errors.New("forged")
			}
			return desk.ParseID(digits)
		},
		AgentOf: h.agentOf,
		TeamsOf: func(_ context.Context, a *desk.Agent) ([]desk.ID, error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if a.Role.SeesAllTeams() {
				return append([]desk.ID{}, h.teams...), nil
			}
			return a.Teams, nil
		},
		MaySee: func(_ context.Context, a *desk.Agent, _ Kind, id desk.ID) (bool, error) {
			return a.Role.May(desk.ReadConversations) && (a.Role.SeesAllTeams() || !h.hidden[id]), nil
		},
		Origins: []string{"https://www.meridian.example"},
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
		Metrics: prometheus.NewRegistry(),
	}
}

func serve(t *testing.T, cfg Config) (*Hub, *httptest.Server) {
	t.Helper()
	hub, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	hub.Register(mux)
	s := httptest.NewServer(mux)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := hub.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		s.Close()
	})
	return hub, s
}

func agentHeader(s *httptest.Server, cookie string) http.Header {
	return http.Header{"Origin": {s.URL}, "Cookie": {"veridesk_session=" + cookie}}
}

func visitor(t *testing.T, s *httptest.Server, token string) *socket {
	t.Helper()
	k := dial(t, s, http.Header{"Origin": {"https://www.meridian.example"}})
	if f, ok := k.call("connect", map[string]string{"token": token}); !ok || f.Error != nil {
		t.Fatalf("a visitor was refused: %+v", f)
	}
	return k
}

func agent(t *testing.T, s *httptest.Server, cookie string) *socket {
	t.Helper()
	k := dial(t, s, agentHeader(s, cookie))
	if f, ok := k.call("connect", struct{}{}); !ok || f.Error != nil {
		t.Fatalf("an agent was refused: %+v", f)
	}
	return k
}

func follow(t *testing.T, k *socket, ch Channel) {
	t.Helper()
	if f, ok := k.call("subscribe", map[string]string{"channel": string(ch)}); !ok || f.Error != nil {
		t.Fatalf("subscribing to %s was refused: %+v", ch, f)
	}
}

// settle waits until the server counts k among those who hear joins: it answers
// a subscription a moment before.
func settle(t *testing.T, k *socket, ch Channel) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; {
		if f, ok := k.call("presence", map[string]string{"channel": string(ch)}); ok && f.Error == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the subscription to %s is never there", ch)
		}
	}
}

func public(seq int64) desk.Event {
	return desk.Event{Type: desk.EventMessage, ConversationID: 5, Message: &desk.Message{ID: 9, Seq: seq, Visibility: desk.Public, Body: "hello"}}
}

// A customer would not see the answer, and the agent not that the customer is there.
func TestVisitorAndAgentSeeEachOther(t *testing.T) {
	hub, s := serve(t, newHouse().config())
	bob := agent(t, s, "bob")
	follow(t, bob, Visitor(42))
	settle(t, bob, Visitor(42))
	if on, err := hub.Online(t.Context(), 42); on || err != nil {
		t.Fatalf("online before connecting: %v %v", on, err)
	}
	v := visitor(t, s, "good-42")
	join := bob.push("the visitor's join", func(f frame) bool { return f.Push.Join != nil && f.Push.Channel == "visitor:42" })
	if join.Push.Join.Info.User != "c42" {
		t.Fatalf("joined: %q", join.Push.Join.Info.User)
	}
	hub.PublishVisitor(42, public(1))
	if ev := v.event(desk.EventMessage); ev.Message.Body != "hello" {
		t.Fatalf("the visitor got %+v", ev.Message)
	}
	bob.event(desk.EventMessage)
	if on, err := hub.Online(t.Context(), 42); !on || err != nil {
		t.Fatalf("online: %v %v", on, err)
	}
	f, _ := bob.call("presence", map[string]string{"channel": "visitor:42"})
	if f.Presence == nil || len(f.Presence.Presence) != 1 {
		t.Fatalf("agents who follow must not count as the visitor being present: %+v", f)
	}
	v.c.Close()
	bob.push("the visitor's leave", func(f frame) bool { return f.Push.Leave != nil && f.Push.Channel == "visitor:42" })
	if on, err := hub.Online(t.Context(), 42); on || err != nil {
		t.Fatalf("online after leaving: %v %v", on, err)
	}
}

func TestTeamsAndStaff(t *testing.T) {
	h := newHouse()
	hub, s := serve(t, h.config())
	alice := agent(t, s, "alice")
	bob := agent(t, s, "bob")
	ed := agent(t, s, "ed")
	hub.PublishTeam(8, desk.Event{Type: "secret-of-8"})
	hub.PublishTeam(0, desk.Event{Type: "nobodys"})
	hub.PublishTeam(7, desk.Event{Type: "of-7"})
	hub.PublishStaff(desk.Event{Type: "end"})
	alice.event("secret-of-8")
	bob.quietUntil("nobodys", "secret-of-8")
	bob.quietUntil("of-7", "secret-of-8")
	ed.quietUntil("end", "of-7") // an editor reads no conversations

	ids, err := hub.AgentsOnline(t.Context())
	if err != nil || len(ids) != 3 {
		t.Fatalf("agents online: %v %v", ids, err)
	}
	second := agent(t, s, "bob")
	second.c.Close()
	eventually(t, "the second window is gone", func() bool { return hub.Connections() == 3 })
	bob.c.Close()
	ev := alice.event(desk.EventStaff)
	for ev.Online || ev.AgentID != 2 {
		ev = alice.event(desk.EventStaff)
	}
	ids, err = hub.AgentsOnline(t.Context())
	if err != nil || len(ids) != 2 {
		t.Fatalf("agents online after Bob left: %v %v", ids, err)
	}
}

// A visitor must not be able to listen to others, ask who is there, or speak.
func TestVisitorMayDoNothing(t *testing.T) {
	hub, s := serve(t, newHouse().config())
	v := visitor(t, s, "good-42")
	for _, c := range []struct {
		command string
		params  map[string]any
	}{
		{"subscribe", map[string]any{"channel": "visitor:43"}},
		{"subscribe", map[string]any{"channel": "team:7"}},
		{"subscribe", map[string]any{"channel": "staff"}},
		{"subscribe", map[string]any{"channel": "viewing:1"}},
		{"publish", map[string]any{"channel": "visitor:42", "data": map[string]string{"type": "message"}}},
		{"presence", map[string]any{"channel": "visitor:42"}},
		{"presence_stats", map[string]any{"channel": "visitor:42"}},
		{"history", map[string]any{"channel": "visitor:42"}},
		{"rpc", map[string]any{"method": "x", "data": map[string]any{}}},
	} {
		f, ok := v.call(c.command, c.params)
		if ok && f.Error == nil {
			t.Errorf("%s %v was allowed: %+v", c.command, c.params, f)
		}
		if !ok {
			v = visitor(t, s, "good-42")
		}
	}
	hub.PublishVisitor(42, desk.Event{Type: desk.EventMessage, Message: &desk.Message{Visibility: desk.Note, Body: "internal"}})
	hub.PublishVisitor(42, desk.Event{Type: "end"})
	v.quietUntil("end", desk.EventMessage)
}

func TestAgentMayFollowOnlyWhatTheySee(t *testing.T) {
	_, s := serve(t, newHouse().config())
	bob := agent(t, s, "bob")
	for _, ch := range []string{"visitor:666", "viewing:666", "team:8", "team:7x", "staff:1", "visitor:042", "visitor:+42", "visitor:", "visitor:0", "visitor:-1", "other:1", "$x", strings.Repeat("a", 70)} {
		f, ok := bob.call("subscribe", map[string]string{"channel": ch})
		if ok && f.Error == nil {
			t.Errorf("%q was allowed", ch)
		}
		if !ok {
			bob = agent(t, s, "bob")
		}
	}
	if f, _ := bob.call("presence", map[string]string{"channel": "visitor:42"}); f.Error == nil {
		t.Error("presence of a channel that is not followed was told")
	}
	if f, _ := bob.call("publish", map[string]any{"channel": "team:7", "data": map[string]string{}}); f.Error == nil {
		t.Error("an agent published")
	}
	follow(t, bob, Viewing(5))
	f, _ := bob.call("presence", map[string]string{"channel": "viewing:5"})
	if f.Presence == nil || len(f.Presence.Presence) != 1 {
		t.Fatalf("who is viewing: %+v", f)
	}
	for _, p := range f.Presence.Presence {
		var info struct{ ID, Name string }
		if err := json.Unmarshal(p.ChanInfo, &info); err != nil || info.Name != "Bob" || info.ID != "2" {
			t.Fatalf("viewing: %s", p.ChanInfo)
		}
	}
	ed := agent(t, s, "ed")
	if f, _ := ed.call("subscribe", map[string]string{"channel": "visitor:42"}); f.Error == nil {
		t.Error("an editor follows a customer")
	}
}

func TestForgedTokensAndOrigins(t *testing.T) {
	_, s := serve(t, newHouse().config())
	own := s.URL
	for name, c := range map[string]struct {
		header http.Header
		token  string
	}{
		"forged token":                        {http.Header{"Origin": {own}}, "bad-42"},
		"no token, no cookie":                 {http.Header{"Origin": {own}}, ""},
		"unknown session":                     {agentHeader(s, "mallory"), ""},
		"cookie from a visitor's origin":      {http.Header{"Origin": {"https://www.meridian.example"}, "Cookie": {"veridesk_session=alice"}}, ""},
		"cookie without origin":               {http.Header{"Cookie": {"veridesk_session=alice"}}, ""},
		"forged token beside a good cookie":   {agentHeader(s, "alice"), "bad-1"},
		"cookie, cross-site by fetch headers": {http.Header{"Cookie": {"veridesk_session=alice"}, "Sec-Fetch-Site": {"cross-site"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			k := dial(t, s, c.header)
			if f, ok := k.call("connect", map[string]string{"token": c.token}); ok {
				t.Fatalf("admitted: %+v", f.Connect)
			}
			if code := k.closeCode(); code != 3500 {
				t.Fatalf("closed with %d: the client would try again and again", code)
			}
		})
	}
	u, err := url.Parse(own)
	if err != nil {
		t.Fatal(err)
	}
	for _, origin := range []string{"https://evil.example", "https://www.meridian.example.evil.example", "http://www.meridian.example", "null", "http://" + u.Hostname(), "http://x@" + u.Host + ".evil.example", "file://" + u.Host} {
		_, res, err := websocket.DefaultDialer.Dial(wsURL(s), http.Header{"Origin": {origin}, "Cookie": {"veridesk_session=alice"}})
		if err == nil || res == nil || res.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q was not refused: %v", origin, err)
		}
	}
}

// A revoked session must hear nothing any more, and must not come back.
func TestRevokedSessionIsDisconnected(t *testing.T) {
	h := newHouse()
	hub, s := serve(t, h.config())
	alice, bob := agent(t, s, "alice"), agent(t, s, "bob")
	h.mu.Lock()
	delete(h.sessions, "bob")
	h.mu.Unlock()
	hub.DisconnectSession(102)
	if code := bob.closeCode(); code != 4501 {
		t.Fatalf("closed with %d", code)
	}
	hub.DisconnectAgent(1)
	if code := alice.closeCode(); code != 4001 {
		t.Fatalf("closed with %d: the client would not come back", code)
	}
}

// Without any word from elsewhere, a dead session is noticed by asking again,
// and a new team reaches an administrator.
func TestRecheckNoticesWhatChanged(t *testing.T) {
	h := newHouse()
	cfg := h.config()
	cfg.RecheckAgents = time.Millisecond // centrifuge counts in whole seconds
	hub, s := serve(t, cfg)
	alice, bob := agent(t, s, "alice"), agent(t, s, "bob")
	h.mu.Lock()
	h.broken = true
	h.mu.Unlock()
	h.mu.Lock()
	h.broken = false
	delete(h.sessions, "bob")
	h.teams = append(h.teams, 9)
	h.mu.Unlock()
	if code := bob.closeCode(); code != 4501 {
		t.Fatalf("closed with %d", code)
	}
	eventually(t, "the new team's channel is followed", func() bool { return hub.node.Load().Hub().NumSubscribers("team:9") == 1 })
	hub.PublishTeam(9, desk.Event{Type: "of-9"})
	alice.event("of-9")
}

func TestDatabaseAwayIsNotSignedOut(t *testing.T) {
	h := newHouse()
	h.broken = true
	_, s := serve(t, h.config())
	k := dial(t, s, agentHeader(s, "alice"))
	if _, ok := k.call("connect", struct{}{}); ok {
		t.Fatal("admitted without knowing who")
	}
	if code := k.closeCode(); code != 3004 {
		t.Fatalf("closed with %d: the console would show the sign-in page", code)
	}
}

// Clients are told to reconnect when a node is taken out of service.
func TestShutdownSendsClientsElsewhere(t *testing.T) {
	hub, s := serve(t, newHouse().config())
	v := visitor(t, s, "good-42")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := hub.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if code := v.closeCode(); code != 3001 {
		t.Fatalf("closed with %d", code)
	}
	hub.PublishVisitor(42, public(1)) // after the end: no panic
	res, err := http.Get(s.URL + PathSSE + "?cf_connect={}")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("after the end: %d", res.StatusCode)
	}
}

// Networks that break WebSockets still get live updates.
func TestFallbackTransports(t *testing.T) {
	hub, s := serve(t, newHouse().config())
	for _, c := range []struct{ name, path, lead string }{{"http stream", PathHTTPStream, ""}, {"sse", PathSSE, "data: "}} {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+c.path, strings.NewReader(`{"id":1,"connect":{"token":"good-77"}}`))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", "https://www.meridian.example")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if got := res.Header.Get("Access-Control-Allow-Origin"); got != "https://www.meridian.example" {
				t.Errorf("the widget's origin may not read the answer: %q", got)
			}
			lines := make(chan string, 100)
			go func() {
				defer close(lines)
				buf := make([]byte, 4096)
				rest := ""
				for {
					n, err := res.Body.Read(buf)
					rest += string(buf[:n])
					for {
						line, more, ok := strings.Cut(rest, "\n")
						if !ok {
							break
						}
						lines <- strings.TrimSpace(line)
						rest = more
					}
					if err != nil {
						return
					}
				}
			}()
			await := func(part string) {
				t.Helper()
				deadline := time.After(10 * time.Second)
				for {
					select {
					case l, open := <-lines:
						if !open {
							t.Fatalf("the stream ended before %s", part)
						}
						if strings.Contains(l, part) {
							if !strings.HasPrefix(l, c.lead) {
								t.Fatalf("line %q", l)
							}
							return
						}
					case <-deadline:
						t.Fatalf("%s did not arrive", part)
					}
				}
			}
			await(`"connect"`)
			hub.PublishVisitor(77, public(3))
			await(`"hello"`)
		})
	}
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("a hub without rules of admission was made")
	}
	cfg := newHouse().config()
	cfg.Redis = []string{"redis://:hunter2@127.0.0.1:notaport"}
	hub, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	err = hub.Start(t.Context())
	if desk.CodeOf(err) != desk.Invalid {
		t.Fatalf("a wrong address is waited for: %v", err)
	}
	var e *desk.Error
	if errors.As(err, &e); strings.Contains(e.Message, "hunter2") {
		t.Fatalf("the password is told: %v", e.Message)
	}
}

// A signal may come while the node is still starting.
func TestCloseBeforeStart(t *testing.T) {
	hub, err := New(newHouse().config())
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := hub.Start(t.Context()); !errors.Is(err, context.Canceled) {
		t.Fatalf("started after the end: %v", err)
	}
}
