package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

type floor struct {
	*fixture
	*testing.T
	shift *atomic.Int64
	here  []desk.ID
	n     int
}

func eachFloor(t *testing.T, run func(f *floor)) {
	storetest.EachURL(t, true, func(t *testing.T, url string) { run(newFloor(t, url)) })
}

func newFloor(t *testing.T, url string) *floor {
	f := &floor{T: t, shift: new(atomic.Int64)}
	s := storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return time.Now().Add(time.Duration(f.shift.Load())) }})
	f.fixture = newFixture(t, s)
	return f
}

func (f *floor) hire(name string, change ...func(*desk.Agent)) *desk.Agent {
	f.Helper()
	a := &desk.Agent{
		Email: strings.ToLower(name) + "@meridian.example", Name: name, Role: desk.AgentRole, Status: "active", Locale: "en", Theme: "system",
		Teams: []desk.ID{f.team}, Capacity: 6,
	}
	for _, c := range change {
		c(a)
	}
	want := *a
	f.write(func(tx *store.Tx) error {
		a.ID = 0
		if err := tx.InsertAgent(a, ""); err != nil {
			return err
		}
		a.Capacity, a.Locales, a.Skills = want.Capacity, want.Locales, want.Skills
		return tx.SetAgentWork(a)
	})
	f.here = append(f.here, a.ID)
	f.see()
	return a
}

func (f *floor) see() {
	f.Helper()
	if len(f.here) > 0 {
		f.ok(f.SeeAgents(f.Context(), f.here))
	}
}

func (f *floor) write(fn func(*store.Tx) error) {
	f.Helper()
	f.ok(f.store.Write(f.Context(), fn))
}

func (f *floor) ok(err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

func (f *floor) later(d time.Duration) {
	f.shift.Add(int64(d))
	f.see()
}

func (f *floor) arrive(change ...func(*desk.Inbound)) *desk.Conversation {
	f.Helper()
	c := &desk.Contact{Kind: "visitor", Locale: "en"}
	f.write(func(tx *store.Tx) error { c.ID = 0; return tx.InsertContact(c) })
	f.n++
	msg := desk.Inbound{Channel: desk.Chat, ContactID: c.ID, ClientID: fmt.Sprintf("client-%05d", f.n), Body: "Where is my deposit?", Locale: "en"}
	for _, ch := range change {
		ch(&msg)
	}
	msg.DedupeKey = inbox.ChatKey(c.ID, msg.ClientID)
	r, err := f.Receive(f.Context(), msg)
	f.ok(err)
	return r.Conversation
}

func (f *floor) say(c *desk.Conversation) *desk.Conversation {
	f.Helper()
	f.n++
	id := fmt.Sprintf("client-%05d", f.n)
	r, err := f.Receive(f.Context(), desk.Inbound{
		Channel: desk.Chat, ConversationID: c.ID, ContactID: c.ContactID, ClientID: id, DedupeKey: inbox.ChatKey(c.ContactID, id), Body: "Hello?", Locale: "en",
	})
	f.ok(err)
	return r.Conversation
}

func (f *floor) reply(a *desk.Agent, c *desk.Conversation) {
	f.Helper()
	f.n++
	_, err := f.Reply(f.Context(), a, inbox.Answer{ConversationID: c.ID, ClientID: fmt.Sprintf("agent-%05d", f.n), Body: "One moment.", Visibility: desk.Public, ExpectSeq: -1})
	f.ok(err)
}

func (f *floor) dispatch() int {
	f.Helper()
	n, err := f.Dispatch(f.Context())
	f.ok(err)
	return n
}

func (f *floor) now(c *desk.Conversation) *desk.Conversation {
	f.Helper()
	got, err := f.store.Read(f.Context()).Conversation(c.ID)
	f.ok(err)
	return got
}

func (f *floor) has(c *desk.Conversation, a *desk.Agent) {
	f.Helper()
	got := f.now(c)
	want := desk.ID(0)
	if a != nil {
		want = a.ID
	}
	if got.AssigneeID != want {
		f.Errorf("%s is with %d, want %d (%+v)", c.Number, got.AssigneeID, want, a)
	}
	_, err := f.store.Read(f.Context()).QueueEntry(c.ID)
	if waits := desk.CodeOf(err) != desk.NotFound; waits != (want == 0 && got.Status == desk.Open) {
		f.Errorf("%s (%s, with %d) in the queue: %v", c.Number, got.Status, want, waits)
	}
}

func (f *floor) events(c *desk.Conversation) (out []string) {
	f.Helper()
	list, _, err := f.store.Read(f.Context()).Messages(c.ID, store.MessageRange{Ascending: true, Limit: 100})
	f.ok(err)
	for _, m := range list {
		if m.Event != nil {
			out = append(out, m.Event.Type+":"+m.Event.From+">"+m.Event.To)
		}
	}
	return out
}

func (f *floor) place(c *desk.Conversation) desk.QueuePlace {
	f.Helper()
	f.ForgetBoard()
	p, err := f.Place(f.Context(), c.ContactID, c.ID)
	f.ok(err)
	return p
}

func newNode(t *testing.T, s *store.Store) *inbox.Inbox {
	t.Helper()
	nobody := desk.Errorf(desk.Unauthorized, "nobody connects in these tests")
	hub, err := realtime.New(realtime.Config{
		VisitorOf: func(string) (desk.ID, error) { return 0, nobody },
		AgentOf:   func(*http.Request) (*desk.Agent, desk.ID, error) { return nil, 0, nobody },
		TeamsOf:   func(context.Context, *desk.Agent) ([]desk.ID, error) { return nil, nobody },
		MaySee:    func(context.Context, *desk.Agent, realtime.Kind, desk.ID) (bool, error) { return false, nobody },
		Logger:    slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	index, err := store.OpenMessageIndex(t.Context(), s, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	})
	return inbox.New(s, hub, index, slog.New(slog.DiscardHandler))
}
