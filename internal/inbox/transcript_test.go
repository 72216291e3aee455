package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
)

func TestTranscriptIsWhatTheContactSaw(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Hello\u202e\x07\u2028<script>").Conversation.ID
		if err := f.Transcript(t.Context(), f.contact, id, "ann@mail.example", "en"); desk.CodeOf(err) != desk.Unavailable {
			t.Errorf("without mail: %v", err)
		}
		w := f.connect(t, 0)
		if err := f.Transcript(t.Context(), f.contact, id, "ann@mail.example", "en"); desk.CodeOf(err) != desk.Conflict {
			t.Errorf("nobody has answered, and a mail of ours with a stranger's words went out: %v", err)
		}
		if _, err := f.answer(t, id, "agent-note1", desk.Note, -1); err != nil {
			t.Fatal(err)
		}
		f.reply(t, id, "agent-0001", "Good morning")
		if _, err := f.End(t.Context(), f.contact, id); err != nil {
			t.Fatal(err)
		}
		if err := f.Transcript(t.Context(), f.contact+1, id, "ann@mail.example", "en"); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		if err := f.Transcript(t.Context(), f.contact, id, "ann", "en"); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("no address: %v", err)
		}
		if err := f.Transcript(t.Context(), f.contact, id, "ann@mail.example", "zh-TW"); err != nil {
			t.Fatal(err)
		}
		m := w.mails[0]
		lines := m.lines(t)
		if m.to != "ann@mail.example" || m.template != "chat_transcript" || m.locale != "zh-TW" || m.data["cut"] != "" || len(lines) != 3 {
			t.Fatalf("%+v", m)
		}
		if lines[0].By != "contact" || lines[0].Body != "Hello <script>" || lines[1].Name != "Mei" || lines[1].Body != "Good morning" || lines[2].Event != "ended" {
			t.Errorf("%+v", lines)
		}
		if strings.Contains(m.data["lines"], "looking into it") {
			t.Error("a note is in the transcript")
		}
	})
}

// Nobody must be able to make us write to others as often as they like.
func TestTranscriptsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		w := f.connect(t, 0)
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		f.reply(t, id, "agent-0001", "Hello")
		ask := func(contact, conversation desk.ID, email string) error {
			return f.Transcript(t.Context(), contact, conversation, email, "en")
		}
		for i := range 3 {
			if err := ask(f.contact, id, fmt.Sprintf("ann%d@mail.example", i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := ask(f.contact, id, "ann9@mail.example"); desk.CodeOf(err) != desk.Throttled {
			t.Errorf("a fourth by the same contact: %v", err)
		}
		for i := range 4 { // others, all to one address
			c := &desk.Contact{Kind: "visitor"}
			if err := f.store.Write(t.Context(), func(tx *store.Tx) error { c.ID = 0; return tx.InsertContact(c) }); err != nil {
				t.Fatal(err)
			}
			msg := f.inbound(0, "client-0001", "Hello")
			msg.ContactID, msg.DedupeKey = c.ID, inbox.ChatKey(c.ID, "client-0001")
			r, err := f.Receive(t.Context(), msg)
			if err != nil {
				t.Fatal(err)
			}
			f.reply(t, r.Conversation.ID, fmt.Sprint("agent-100", i), "Hello")
			err = ask(c.ID, r.Conversation.ID, "VICTIM@mail.example")
			if want := map[bool]desk.Code{true: "", false: desk.Throttled}[i < 3]; desk.CodeOf(err) != want {
				t.Errorf("number %d to one address: %v", i+1, err)
			}
		}
		if len(w.mails) != 6 {
			t.Errorf("%d mails", len(w.mails))
		}
	})
}

func TestLongTranscriptIsItsNewestPart(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		w := f.connect(t, 0)
		id := f.receive(t, 0, "client-0000", "the very first").Conversation.ID
		for i := range 30 {
			f.receive(t, id, fmt.Sprintf("client-1%03d", i), strings.Repeat("x", 7990)+fmt.Sprint(" ", i))
		}
		f.reply(t, id, "agent-0001", "the very last")
		if err := f.Transcript(t.Context(), f.contact, id, "ann@mail.example", "en"); err != nil {
			t.Fatal(err)
		}
		m := w.mails[0]
		lines := m.lines(t)
		if m.data["cut"] == "" || len(m.data["lines"]) > 200<<10 || len(lines) < 10 || lines[len(lines)-1].Body != "the very last" || strings.Contains(m.data["lines"], "the very first") {
			t.Errorf("cut %q, %d bytes, %d lines", m.data["cut"], len(m.data["lines"]), len(lines))
		}
	})
}

// The page of one's own requests says what is true, and stays quick for somebody
// who has written for years.
func TestRequests(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		page := func(at desk.Micros, id desk.ID, limit int) ([]inbox.Request, bool) {
			t.Helper()
			p, more, err := f.Requests(t.Context(), f.contact, at, id, limit)
			if err != nil {
				t.Fatal(err)
			}
			return p, more
		}
		find := func(id desk.ID) inbox.Request {
			t.Helper()
			p, _ := page(0, 0, 100)
			for _, r := range p {
				if r.Conversation.ID == id {
					return r
				}
			}
			t.Fatalf("%s is not on the page", id)
			return inbox.Request{}
		}
		if p, more := page(0, 0, 10); len(p) != 0 || more {
			t.Errorf("%d requests of nobody", len(p))
		}
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		if r := find(id); r.Awaiting != "us" || r.Stage == inbox.StageWithAgent || r.ExpectedHigh != 0 || r.Conversation.Priority != "" {
			t.Errorf("new: %+v", r)
		}
		me := f.agent.ID
		if _, err := f.Update(t.Context(), f.agent, id, inbox.Change{AssigneeID: &me}, ""); err != nil {
			t.Fatal(err)
		}
		if r := find(id); r.Awaiting != "us" || r.Stage != inbox.StageWithAgent {
			t.Errorf("given to somebody: %+v", r)
		}
		f.reply(t, id, "agent-0001", "one")
		f.reply(t, id, "agent-0002", "two")
		if r := find(id); r.Awaiting != "you" || r.Stage != inbox.StageAnswered || r.Unread != 2 || r.ExpectedHigh != 0 {
			t.Errorf("answered: %+v", r)
		}
		if err := f.ReadByContact(t.Context(), f.contact, id, 99); err != nil {
			t.Fatal(err)
		}
		c, err := f.End(t.Context(), f.contact, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.ReadByContact(t.Context(), f.contact, id, c.Seq); err != nil {
			t.Fatal(err)
		}
		if r := find(id); r.Awaiting != "nobody" || r.Stage != inbox.StageResolved || r.Unread != 0 {
			t.Errorf("ended: %+v", r)
		}
	})
}

// Nothing is promised from nothing; and what is promised comes from what happened.
func TestExpectedTimeIsHonest(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for i := range 12 {
			id := f.receive(t, 0, fmt.Sprintf("client-0%03d", i), "Hello").Conversation.ID
			f.reply(t, id, fmt.Sprintf("agent-0%03d", i), "Hello")
		}
		id := f.receive(t, 0, "client-9999", "Hello").Conversation.ID
		me := f.agent.ID
		if _, err := f.Update(t.Context(), f.agent, id, inbox.Change{AssigneeID: &me}, ""); err != nil {
			t.Fatal(err)
		}
		p, _, err := f.Requests(t.Context(), f.contact, 0, 0, 1)
		if err != nil || len(p) != 1 {
			t.Fatalf("%+v %v", p, err)
		}
		now := f.store.Read(t.Context()).Now()
		if r := p[0]; r.ExpectedLow < now-desk.Micros(time.Minute/time.Microsecond) || r.ExpectedHigh <= now || r.ExpectedHigh > now+desk.Micros(2*time.Minute/time.Microsecond) {
			t.Errorf("expected %d to %d at %d", r.ExpectedLow, r.ExpectedHigh, now)
		}
	})
}

func TestManyRequestsArePagedAndQuick(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		const many = 1000
		for done := 0; done < many; done += 100 {
			err := f.store.Write(t.Context(), func(tx *store.Tx) error {
				for i := range 100 {
					c := &desk.Conversation{Channel: desk.Chat, ContactID: f.contact, Status: desk.Resolved, Priority: desk.Normal, TeamID: f.team}
					if err := tx.InsertConversation(c, fmt.Sprint("many:", done+i), ""); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		seen := map[desk.ID]bool{}
		var at, longest desk.Micros
		var last desk.ID
		for pages := 1; ; pages++ {
			began := time.Now()
			p, more, err := f.Requests(t.Context(), f.contact, at, last, 50)
			if err != nil {
				t.Fatal(err)
			}
			longest = max(longest, desk.Micros(time.Since(began).Microseconds()))
			for _, r := range p {
				seen[r.Conversation.ID] = true
			}
			if !more {
				break
			}
			at, last = p[len(p)-1].Conversation.LastMessage.CreatedAt, p[len(p)-1].Conversation.ID
			if pages > 30 {
				t.Fatal("it goes round in a circle")
			}
		}
		if len(seen) != many {
			t.Errorf("%d of %d met", len(seen), many)
		}
		if longest > 500_000 {
			t.Errorf("a page took %d µs", longest)
		}
		t.Logf("the slowest page took %d µs", longest)
	})
}
