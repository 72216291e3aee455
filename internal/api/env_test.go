package api

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
	"github.com/veridesk/veridesk/internal/web"
)

const publicURL = "http://localhost:8080"

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type mail struct {
	to, locale, template string
	data                 map[string]string
}

// env is the API over a real store, as it stands behind the edge.
type env struct {
	*testing.T
	clock   *clock
	store   *store.Store
	staff   *staff.Staff
	api     *API
	handler http.Handler
	log     *bytes.Buffer

	mu      sync.Mutex
	mails   []mail
	ended   []desk.ID
	changed []desk.ID
}

// eachEngine runs a test on SQLite and PostgreSQL, with a clock that stands still.
func eachEngine(t *testing.T, test func(e *env)) {
	t.Helper()
	storetest.EachURL(t, true, func(t *testing.T, url string) { test(newEnv(t, url)) })
}

func newEnv(t *testing.T, url string) *env {
	t.Helper()
	e := &env{T: t, clock: &clock{now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, log: new(bytes.Buffer)}
	e.store = storetest.OpenConfig(t, store.Config{URL: url, Now: e.clock.Now})
	v, err := vault.Open(vault.Source{Value: base64.StdEncoding.EncodeToString(make([]byte, vault.KeySize))})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(&lockedWriter{w: e.log}, nil))
	e.staff, err = staff.New(staff.Config{
		Store: e.store, Vault: v, PublicURL: publicURL, Brand: "Meridian Exchange", Logger: log,
		PasswordCost: staff.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
		EnqueueMail: func(_ *store.Tx, to, locale, template string, data map[string]string) error {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.mails = append(e.mails, mail{to, locale, template, data})
			return nil
		},
		SessionsEnded: func(ids []desk.ID) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.ended = append(e.ended, ids...)
		},
		AgentChanged: func(id desk.ID) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.changed = append(e.changed, id)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	edge, err := web.New(web.Config{PublicURL: publicURL, Uploads: Uploads(), Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	e.api = New(Deps{MailSent: true, Edge: edge, Store: e.store, Staff: e.staff, VisitorFrom: func(context.Context, string) (context.Context, error) {
		return nil, desk.Errorf(desk.Unauthorized, "visitor_token_bad")
	}})
	mux := http.NewServeMux()
	e.api.Register(mux)
	e.handler = edge.Wrap(mux)
	return e
}

type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func (e *env) mail() mail {
	e.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.mails) == 0 {
		e.Fatal("no mail was handed over")
	}
	return e.mails[len(e.mails)-1]
}

const password = "harbour violet tundra"

// member makes an agent directly and returns them signed in.
func (e *env) member(role desk.Role, email string, teams ...desk.ID) (*desk.Agent, *browser) {
	e.Helper()
	a, err := e.staff.Provision(context.Background(), staff.NewAgent{
		Email: email, Name: "Name of " + strings.Split(email, "@")[0], Password: password, Role: role, Locale: "en", Teams: teams,
	})
	if err != nil {
		e.Fatal(err)
	}
	b := e.browser()
	b.must(200, "POST", "/auth/sign-in", map[string]any{"email": email, "password": password})
	return a, b
}

// browser keeps a cookie, as one does.
type browser struct {
	e      *env
	cookie string
	ip     string
	locale string
	header map[string]string
}

func (e *env) browser() *browser { return &browser{e: e, ip: "203.0.113.5", locale: "en"} }

// answered is what came back.
type result struct {
	status int
	text   string
	body   map[string]any
	header http.Header
}

func (b *browser) do(method, path string, in any) result {
	b.e.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			b.e.Fatal(err)
		}
		body = bytes.NewReader(text)
	}
	r := httptest.NewRequest(method, publicURL+prefix+path, body)
	r.RemoteAddr = b.ip + ":40000"
	r.Header.Set("Accept-Language", b.locale)
	r.Header.Set("User-Agent", "TestBrowser/1")
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range b.header {
		r.Header.Set(k, v)
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie})
	}
	w := httptest.NewRecorder()
	b.e.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == staff.CookieName {
			b.cookie = c.Value
		}
	}
	res := result{status: w.Code, text: w.Body.String(), header: w.Header()}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &res.body); err != nil {
			b.e.Fatalf("%s %s: %d is not JSON: %.200s", method, path, w.Code, w.Body)
		}
	}
	return res
}

// must is do for requests whose status is part of the story.
func (b *browser) must(status int, method, path string, in any) result {
	b.e.Helper()
	res := b.do(method, path, in)
	if res.status != status {
		b.e.Fatalf("%s %s: %d %s, want %d\n%s", method, path, res.status, res.text, status, b.e.log)
	}
	return res
}

func (r result) get(path string) any {
	var v any = r.body
	for _, k := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[k]
		case []any:
			i := int(k[0] - '0')
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (r result) str(path string) string {
	s, _ := r.get(path).(string)
	return s
}

// actions lists what the audit log says, oldest first.
func (e *env) actions() []string {
	e.Helper()
	entries, _, err := e.staff.Audit(context.Background(), "", 200)
	if err != nil {
		e.Fatal(err)
	}
	var out []string
	for i := len(entries) - 1; i >= 0; i-- {
		out = append(out, entries[i].Action)
	}
	return out
}
