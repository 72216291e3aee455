package chat_test

import (
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
)

const secretAnswer = "Your withdrawal of 0.25 BTC was sent"

// call is a request that a server of the outside took.
type call struct {
	header http.Header
	body   []byte
	path   string
	host   string
}

// outside is a push service, or an exchange, on loopback.
type outside struct {
	*httptest.Server
	mu      sync.Mutex
	answers []int // to the next calls; then 201
	calls   []call
}

func newOutside(t *testing.T, answers ...int) *outside {
	t.Helper()
	o := &outside{answers: answers}
	o.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		o.calls = append(o.calls, call{r.Header.Clone(), body, r.URL.Path, r.Host})
		status := http.StatusCreated
		if len(o.answers) > 0 {
			status, o.answers = o.answers[0], o.answers[1:]
		}
		if status == http.StatusFound {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *outside) taken() []call {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]call{}, o.calls...)
}

func key(fill byte) string {
	b := make([]byte, vault.KeySize)
	for i := range b {
		b[i] = fill
	}
	return base64.StdEncoding.EncodeToString(b)
}

func openVault(t *testing.T, value string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(vault.Source{Value: value})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// fixture is a conversation with an answer that its contact has not read.
type fixture struct {
	*chat.Chat
	store        *store.Store
	vault        *vault.Vault
	contact      *desk.Contact
	conversation desk.Conversation
	out          desk.Outbound
}

func newFixture(t *testing.T, s *store.Store, cfg chat.Config) *fixture {
	t.Helper()
	f := &fixture{store: s, vault: openVault(t, key(7))}
	cfg.Store, cfg.Vault, cfg.Logger = s, f.vault, slog.New(slog.DiscardHandler)
	cfg.Brand = desk.Brand{Names: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}}
	var err error
	if f.Chat, err = chat.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		f.contact = &desk.Contact{Kind: "customer", UID: "204918377", Locale: "zh-CN"}
		if err := tx.InsertContact(f.contact); err != nil {
			return err
		}
		f.conversation = desk.Conversation{Channel: desk.Chat, ContactID: f.contact.ID, Status: desk.Open, Priority: desk.Normal, Locale: "en"}
		return tx.InsertConversation(&f.conversation, "k:"+f.contact.ID.String(), "")
	})
	if err != nil {
		t.Fatal(err)
	}
	f.say(t, desk.ByContact, "Where is it?")
	f.out = f.answer(t)
	return f
}

func (f *fixture) say(t *testing.T, by desk.AuthorKind, text string) *desk.Message {
	t.Helper()
	var m *desk.Message
	err := f.store.Write(t.Context(), func(tx *store.Tx) error {
		m = &desk.Message{ConversationID: f.conversation.ID, AuthorKind: by, AuthorID: f.contact.ID, Visibility: desk.Public, Body: text, DedupeKey: tx.NewID().String()}
		return tx.AppendMessage(m, &f.conversation, -1)
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (f *fixture) answer(t *testing.T) desk.Outbound {
	t.Helper()
	m := f.say(t, desk.ByAgent, secretAnswer)
	return desk.Outbound{Channel: desk.Chat, ConversationID: f.conversation.ID, ContactID: f.contact.ID, Message: *m}
}

func (f *fixture) read(t *testing.T, seq int64) {
	t.Helper()
	err := f.store.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.MarkReadByContact(f.contact.ID, f.conversation.ID, seq)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// work runs the jobs, with hardly a pause between attempts.
func (f *fixture) work(t *testing.T) {
	t.Helper()
	r := jobs.NewRunner(f.store, jobs.Config{
		Poll: 20 * time.Millisecond, Backoff: func(int) time.Duration { return 5 * time.Millisecond }, Logger: slog.New(slog.DiscardHandler),
	})
	f.Register(r)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func (f *fixture) deliver(t *testing.T, out desk.Outbound) {
	t.Helper()
	if err := f.Deliver(t.Context(), out); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) jobs(t *testing.T, kind string, state store.JobState) []store.Job {
	t.Helper()
	all, err := f.store.Read(t.Context()).Jobs(state, 100)
	if err != nil {
		t.Fatal(err)
	}
	out := []store.Job{}
	for _, j := range all {
		if j.Kind == kind {
			out = append(out, j)
		}
	}
	return out
}

func eventually(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if fn() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

// settled waits until no job of a kind is left to be done.
func (f *fixture) settled(t *testing.T, kind string) {
	t.Helper()
	eventually(t, kind+" is done", func() bool {
		return len(f.jobs(t, kind, store.JobPending))+len(f.jobs(t, kind, store.JobRunning)) == 0
	})
}

func each(t *testing.T, run func(t *testing.T, s *store.Store)) {
	t.Helper()
	storetest.Each(t, run)
}
