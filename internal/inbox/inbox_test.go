package inbox_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"

type fixture struct {
	*inbox.Inbox
	store   *store.Store
	index   *store.MessageIndex
	contact desk.ID
	team    desk.ID
	agent   *desk.Agent
}

func each(t *testing.T, run func(t *testing.T, f *fixture)) {
	storetest.Each(t, func(t *testing.T, s *store.Store) { run(t, newFixture(t, s)) })
}

func newFixture(t *testing.T, s *store.Store) *fixture {
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
	f := &fixture{store: s, index: index, Inbox: inbox.New(s, hub, index, slog.New(slog.DiscardHandler))}
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		c := &desk.Contact{Kind: "visitor", Locale: "en"}
		if err := tx.InsertContact(c); err != nil {
			return err
		}
		team := &desk.Team{Name: "Support"}
		if err := tx.InsertTeam(team); err != nil {
			return err
		}
		f.agent = &desk.Agent{Email: "mei@meridian.example", Name: "Mei", Role: desk.AgentRole, Status: "active", Locale: "en", Theme: "system", Teams: []desk.ID{team.ID}}
		f.contact, f.team = c.ID, team.ID
		return tx.InsertAgent(f.agent, "")
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixture) inbound(conversation desk.ID, clientID, text string) desk.Inbound {
	return desk.Inbound{
		Channel: desk.Chat, ConversationID: conversation, ContactID: f.contact, ClientID: clientID,
		DedupeKey: inbox.ChatKey(f.contact, clientID), Body: text, Locale: "en",
	}
}

func (f *fixture) receive(t *testing.T, conversation desk.ID, clientID, text string) inbox.Received {
	t.Helper()
	r, err := f.Receive(t.Context(), f.inbound(conversation, clientID, text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (f *fixture) answer(t *testing.T, conversation desk.ID, clientID string, v desk.Visibility, expect int64) (inbox.Received, error) {
	t.Helper()
	return f.Reply(t.Context(), f.agent, inbox.Answer{ConversationID: conversation, ClientID: clientID, Body: "We are looking into it.", Visibility: v, ExpectSeq: expect})
}

// A customer's words must come back exactly, once, in order, with the state that
// the desk works by.
func TestConversationRunsBothWays(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		first := f.receive(t, 0, "client-0001", "My deposit is missing.\nTxID 0xabc")
		c := first.Conversation
		if c.Status != desk.Open || c.Seq != 1 || c.ContactSeq != 1 || !c.Unread() || c.TeamID != f.team || !strings.HasPrefix(c.Number, "VD-") {
			t.Fatalf("after the first message: %+v", c)
		}
		if c.LastMessage.Preview != "My deposit is missing. TxID 0xabc" {
			t.Errorf("preview %q", c.LastMessage.Preview)
		}
		note, err := f.answer(t, c.ID, "agent-note1", desk.Note, 1)
		if err != nil {
			t.Fatal(err)
		}
		if note.Conversation.Status != desk.Open || note.Message.Seq != 2 || note.Message.Prev != 1 || note.Conversation.PublicSeq != 1 {
			t.Errorf("a note changed what the customer sees: %+v", note.Conversation)
		}
		reply, err := f.answer(t, c.ID, "agent-0001", desk.Public, 2)
		if err != nil {
			t.Fatal(err)
		}
		if reply.Conversation.Status != desk.Waiting || reply.Conversation.AssigneeID != f.agent.ID || reply.Message.Seq != 3 || reply.Message.Prev != 1 {
			t.Errorf("after the answer: %+v %+v", reply.Conversation, reply.Message)
		}
		again := f.receive(t, c.ID, "client-0002", "Thanks")
		if again.Conversation.Status != desk.Open || again.Message.Prev != 3 || again.Message.Seq != 4 {
			t.Errorf("after the customer's second message: %+v", again)
		}
		got, more, err := f.store.Read(t.Context()).Messages(c.ID, store.MessageRange{Ascending: true, Limit: 10, PublicOnly: true})
		if err != nil || more || len(got) != 3 || got[0].Body != "My deposit is missing.\nTxID 0xabc" || got[1].AuthorName != "Mei" || got[2].Body != "Thanks" {
			t.Errorf("the customer reads %d messages, more %v, %v", len(got), more, err)
		}
	})
}

// A phrase that is stored anywhere is money lost.
func TestSecretIsNeverStored(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		r := f.receive(t, 0, "client-0001", "my phrase is "+phrase+" please help")
		if strings.Contains(r.Message.Body, "sausage") || len(r.Message.Findings) != 1 || r.Message.Findings[0].Kind != "bip39" {
			t.Fatalf("kept: %q %v", r.Message.Body, r.Message.Findings)
		}
		if strings.Contains(r.Conversation.LastMessage.Preview, "sausage") {
			t.Error("the preview shows the phrase")
		}
		stored, _, err := f.store.Read(t.Context()).Messages(r.Conversation.ID, store.MessageRange{Limit: 10})
		if err != nil || len(stored) != 1 || stored[0].Body != r.Message.Body || len(stored[0].Findings) != 1 {
			t.Errorf("stored %+v, %v", stored, err)
		}
	})
}

// A device that did not hear the answer sends again; the customer must not see
// the message twice, nor find two conversations.
func TestRepeatedMessageIsStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var wg sync.WaitGroup
		ids := make([]desk.ID, 8)
		for i := range ids {
			wg.Go(func() {
				r, err := f.Receive(t.Context(), f.inbound(0, "client-0001", "Hello"))
				if err != nil {
					t.Error(err)
					return
				}
				ids[i] = r.Message.ID
			})
		}
		wg.Wait()
		for _, id := range ids {
			if id != ids[0] {
				t.Fatalf("one message got identifiers %v", ids)
			}
		}
		list, err := f.store.Read(t.Context()).ConversationsOf(f.contact)
		if err != nil || len(list) != 1 || list[0].Seq != 1 {
			t.Fatalf("%d conversations, %v", len(list), err)
		}
		if r := f.receive(t, list[0].ID, "client-0001", "Hello"); !r.Repeated || r.Message.Seq != 1 {
			t.Errorf("repeat: %+v", r)
		}
	})
}

// Two people writing at once must get two places, without holes.
func TestSequenceHasNoHoles(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0000", "Hello").Conversation.ID
		const each = 40
		var wg sync.WaitGroup
		for i := range each {
			wg.Go(func() { f.receive(t, id, fmt.Sprintf("client-c%03d", i), "from me") })
			wg.Go(func() {
				if _, err := f.answer(t, id, fmt.Sprintf("agent-a%03d", i), desk.Public, -1); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		got, _, err := f.store.Read(t.Context()).Messages(id, store.MessageRange{Ascending: true, Limit: 500})
		if err != nil || len(got) != 2*each+1 {
			t.Fatalf("%d messages, %v", len(got), err)
		}
		for i, m := range got {
			if m.Seq != int64(i+1) || m.Prev != int64(i) {
				t.Fatalf("message %d has sequence %d after %d", i, m.Seq, m.Prev)
			}
		}
	})
}

// An agent must not answer what has been overtaken; but a retry of an answer
// that did arrive is not stale.
func TestStaleAnswerIsRefused(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Please cancel").Conversation.ID
		f.receive(t, id, "client-0002", "No wait, do not cancel!")
		if _, err := f.answer(t, id, "agent-0001", desk.Public, 1); desk.CodeOf(err) != desk.Stale {
			t.Fatalf("a stale answer: %v", err)
		}
		if _, err := f.answer(t, id, "agent-0002", desk.Public, 2); err != nil {
			t.Fatal(err)
		}
		f.receive(t, id, "client-0003", "Thanks")
		r, err := f.answer(t, id, "agent-0002", desk.Public, 2)
		if err != nil || !r.Repeated {
			t.Errorf("the repeat of an answer that arrived: %+v, %v", r, err)
		}
	})
}

// One customer must never reach into another's conversation.
func TestStrangersConversationIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "mine").Conversation.ID
		in := f.inbound(id, "client-0009", "let me in")
		in.ContactID++
		in.DedupeKey = inbox.ChatKey(in.ContactID, in.ClientID)
		if _, err := f.Receive(t.Context(), in); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("write: %v", err)
		}
		if err := f.ReadByContact(t.Context(), in.ContactID, id, 1); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("read mark: %v", err)
		}
		if err := f.TypingByContact(t.Context(), in.ContactID, id); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("typing: %v", err)
		}
		outsider := *f.agent
		outsider.Teams = nil
		if _, err := f.Reply(t.Context(), &outsider, inbox.Answer{ConversationID: id, ClientID: "agent-0001", Body: "hi", Visibility: desk.Public, ExpectSeq: -1}); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("an agent of another team answered: %v", err)
		}
	})
}

// After a restored backup a device may hold a token of a contact that is not
// there: it must begin anew by itself, and what was written must not be refused.
func TestContactThatIsGoneBeginsAnew(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		_, err := f.Receive(t.Context(), desk.Inbound{
			Channel: desk.Chat, ContactID: f.contact + 1, ClientID: "gone-1", DedupeKey: "gone-1", Body: "hello", Locale: "en",
		})
		if desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("a contact that is gone: %v", err)
		}
	})
}

func TestBadInputIsRefused(t *testing.T) {
	f := newFixture(t, storetest.Open(t))
	for name, tc := range map[string]struct {
		change func(*desk.Inbound)
		want   desk.Code
	}{
		"empty":            {func(in *desk.Inbound) { in.Body = " \n\x00\t" }, desk.Invalid},
		"too long":         {func(in *desk.Inbound) { in.Body = strings.Repeat("币", desk.MaxBodyRunes+1) }, desk.TooLarge},
		"unknown scenario": {func(in *desk.Inbound) { in.Scenario = "party" }, desk.Invalid},
	} {
		in := f.inbound(0, "client-0001", "Hello")
		tc.change(&in)
		if _, err := f.Receive(context.Background(), in); desk.CodeOf(err) != tc.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := f.inbound(0, "client-0002", strings.Repeat("币", desk.MaxBodyRunes)+"\x00")
	if _, err := f.Receive(context.Background(), in); err != nil {
		t.Errorf("the longest message: %v", err)
	}
	in = f.inbound(0, "client-0003", "broken \xff\xfe text")
	if r, err := f.Receive(context.Background(), in); err != nil || !strings.Contains(r.Message.Body, "\uFFFD") {
		t.Errorf("broken UTF-8: %v", err)
	}
}

// What was changed must be told to the desk, and only what concerns them to the
// customer; and it must be on record.
func TestChangesLeaveATrace(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		resolved, high, me := desk.Resolved, desk.High, f.agent.ID
		c, err := f.Update(t.Context(), f.agent, id, inbox.Change{Status: &resolved, Priority: &high, AssigneeID: &me}, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		if c.Status != desk.Resolved || c.ResolvedAt == 0 || c.Priority != desk.High || c.AssigneeID != me || c.Seq != 4 || c.PublicSeq != 2 || c.Unread() {
			t.Errorf("after the change: %+v", c)
		}
		if _, err := f.Update(t.Context(), f.agent, id, inbox.Change{Status: &resolved}, ""); err != nil {
			t.Fatal(err)
		}
		q := f.store.Read(t.Context())
		seen, _, err := q.Messages(id, store.MessageRange{Ascending: true, Limit: 10, PublicOnly: true})
		if err != nil || len(seen) != 2 || seen[1].Event == nil || seen[1].Event.To != "resolved" {
			t.Errorf("the customer sees %+v, %v", seen, err)
		}
		entries, _, err := q.AuditEntries("", 10)
		if err != nil || len(entries) != 3 {
			t.Errorf("%d audit entries (a change that changes nothing leaves none), %v", len(entries), err)
		}
		if c := f.receive(t, id, "client-0002", "It is back").Conversation; c.Status != desk.Open || c.ResolvedAt != 0 {
			t.Errorf("a new message did not open it again: %+v", c)
		}
		nobody := desk.ID(12345)
		if _, err := f.Update(t.Context(), f.agent, id, inbox.Change{AssigneeID: &nobody}, ""); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("assigned to nobody known: %v", err)
		}
	})
}

func TestReadMarksNeverGoBackOrAhead(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "one").Conversation.ID
		f.receive(t, id, "client-0002", "two")
		read := func(seq int64) int64 {
			t.Helper()
			if err := f.ReadByAgent(t.Context(), f.agent, id, seq); err != nil {
				t.Fatal(err)
			}
			c, err := f.Conversation(t.Context(), f.agent, id)
			if err != nil {
				t.Fatal(err)
			}
			return c.AgentReadSeq
		}
		for _, step := range [][2]int64{{1, 1}, {99, 1}, {2, 2}, {1, 2}} {
			if got := read(step[0]); got != step[1] {
				t.Errorf("read up to %d: mark at %d, want %d", step[0], got, step[1])
			}
		}
		if err := f.Unread(t.Context(), f.agent, id); err != nil {
			t.Fatal(err)
		}
		if c, _ := f.Conversation(t.Context(), f.agent, id); !c.Unread() {
			t.Error("not unread again")
		}
	})
}

// A machine's clock is set back and forward; nobody's messages may be lost,
// doubled or change places because of it.
func TestClockJumps(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		var shift atomic.Int64
		s := storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return time.Now().Add(time.Duration(shift.Load())) }})
		f := newFixture(t, s)
		id := f.receive(t, 0, "client-0000", "message 0").Conversation.ID
		seen := map[desk.ID]bool{}
		for i, jump := range []time.Duration{0, -time.Hour, 10 * 365 * 24 * time.Hour, -24 * time.Hour, 0} {
			shift.Store(int64(jump))
			for j := range 20 {
				m := f.receive(t, id, fmt.Sprintf("client-%d-%03d", i, j), "message").Message
				if seen[m.ID] {
					t.Fatalf("identifier %d was given twice", m.ID)
				}
				seen[m.ID] = true
			}
		}
		got, _, err := s.Read(t.Context()).Messages(id, store.MessageRange{Ascending: true, Limit: 500})
		if err != nil || len(got) != 101 {
			t.Fatalf("%d messages, %v", len(got), err)
		}
		for i, m := range got {
			if m.Seq != int64(i+1) || i > 0 && m.ClientID != fmt.Sprintf("client-%d-%03d", (i-1)/20, (i-1)%20) {
				t.Fatalf("message %d is %s with sequence %d", i, m.ClientID, m.Seq)
			}
		}
	})
}
