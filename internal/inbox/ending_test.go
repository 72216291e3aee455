package inbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Whoever has what they need ends the chat; the desk must see who did, and a new
// word must open it again.
func TestContactEndsAndComesBack(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		if err := f.ReadByContact(t.Context(), f.contact+1, id, 1); desk.CodeOf(err) != desk.NotFound {
			t.Fatal(err)
		}
		if _, err := f.End(t.Context(), f.contact+1, id); desk.CodeOf(err) != desk.NotFound {
			t.Fatalf("a stranger ended it: %v", err)
		}
		c, err := f.End(t.Context(), f.contact, id)
		if err != nil || c.Status != desk.Resolved || c.EndedBy != desk.ByContact || c.ResolvedAt == 0 || c.WaitingSince != 0 {
			t.Fatalf("%+v %v", c, err)
		}
		again, err := f.End(t.Context(), f.contact, id)
		if err != nil || again.Seq != c.Seq {
			t.Errorf("ended twice: %+v %v", again, err)
		}
		seen, _, err := f.store.Read(t.Context()).Messages(id, store.MessageRange{Ascending: true, Limit: 10, PublicOnly: true})
		if err != nil || len(seen) != 2 || seen[1].AuthorKind != desk.BySystem || *seen[1].Event != (desk.MessageEvent{Type: "ended", From: "open", To: "resolved"}) {
			t.Errorf("%+v %v", seen, err)
		}
		if _, err := f.store.Read(t.Context()).QueueEntry(id); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("it still waits in the queue: %v", err)
		}
		back := f.receive(t, id, "client-0002", "It is back").Conversation
		if back.Status != desk.Open || back.EndedBy != "" || back.ResolvedAt != 0 || back.WaitingSince == 0 {
			t.Errorf("after coming back: %+v", back)
		}
		resolved, open := desk.Resolved, desk.Open
		c, err = f.Update(t.Context(), f.agent, id, inbox.Change{Status: &resolved}, "")
		if err != nil || c.EndedBy != desk.ByAgent || c.WaitingSince != 0 {
			t.Errorf("resolved by an agent: %+v %v", c, err)
		}
		if c, err = f.Update(t.Context(), f.agent, id, inbox.Change{Status: &open}, ""); err != nil || c.EndedBy != "" {
			t.Errorf("opened by an agent: %+v %v", c, err)
		}
	})
}

// What the desk thinks of its work is not the contact's to see.
func TestContactSeesNoBookkeeping(t *testing.T) {
	c := &desk.Conversation{Contact: &desk.Contact{}, Seq: 9, PublicSeq: 7, TeamID: 1, AssigneeID: 2, PreviousID: 3, Priority: desk.High, AssignedAt: 5}
	v := inbox.ForContact(c)
	if v.Contact != nil || v.Seq != 7 || v.TeamID != 0 || v.AssigneeID != 0 || v.PreviousID != 0 || v.Priority != "" || v.AssignedAt != 5 {
		t.Errorf("%+v", v)
	}
}

func TestRating(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		f := newFixture(t, storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return now }}))
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		rate := func(score int, comment string) error {
			return f.Rate(t.Context(), f.contact, id, score, comment, "en")
		}
		if err := rate(5, ""); desk.CodeOf(err) != desk.Conflict {
			t.Errorf("rated before anybody said a word: %v", err)
		}
		f.reply(t, id, "agent-0001", "Hello")
		for _, bad := range []int{0, 6, -1} {
			if err := rate(bad, ""); desk.CodeOf(err) != desk.Invalid {
				t.Errorf("score %d: %v", bad, err)
			}
		}
		if err := rate(5, strings.Repeat("好", 2001)); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("a novel: %v", err)
		}
		if err := f.Rate(t.Context(), f.contact+1, id, 5, "", "en"); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a stranger: %v", err)
		}
		if err := rate(2, "slow; my phrase is "+phrase); err != nil {
			t.Fatal(err)
		}
		details := func() inbox.Details {
			t.Helper()
			c, err := f.Conversation(t.Context(), f.agent, id)
			if err != nil {
				t.Fatal(err)
			}
			d, err := f.Details(t.Context(), c)
			if err != nil || d.Rating == nil || c.Rating != d.Rating.Score {
				t.Fatalf("%+v %+v %v", c, d, err)
			}
			return d
		}
		first := details().Rating
		if first.Score != 2 || strings.Contains(first.Comment, "sausage") || !strings.Contains(first.Comment, "[removed: recovery phrase") || first.AgentID != f.agent.ID {
			t.Errorf("%+v", first)
		}
		now = now.Add(time.Hour)
		if _, err := f.End(t.Context(), f.contact, id); err != nil {
			t.Fatal(err)
		}
		if err := rate(5, "solved after all"); err != nil {
			t.Fatal(err)
		}
		if err := rate(5, "solved, thanks"); err != nil {
			t.Fatal(err)
		}
		if d := details().Rating; d.Score != 5 || d.Comment != "solved, thanks" || d.CreatedAt != first.CreatedAt || d.UpdatedAt == first.UpdatedAt {
			t.Errorf("%+v", d)
		}
		all, _, err := f.store.Read(t.Context()).Messages(id, store.MessageRange{Ascending: true, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, m := range all {
			if m.Event != nil && m.Event.Type == "rating" {
				told = append(told, fmt.Sprint(m.Visibility, " ", m.Event.From, ">", m.Event.To))
			}
		}
		if len(told) != 2 || told[0] != "note >2" || told[1] != "note 2>5" {
			t.Errorf("the desk is told %v", told)
		}
		now = now.Add(7*24*time.Hour + time.Minute)
		if err := rate(1, "on second thoughts"); desk.CodeOf(err) != desk.Conflict {
			t.Errorf("long after: %v", err)
		}
	})
}

// Somebody who was never answered may say so once it is over.
func TestUnansweredCanBeRatedAfterTheEnd(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Hello?").Conversation.ID
		if _, err := f.End(t.Context(), f.contact, id); err != nil {
			t.Fatal(err)
		}
		if err := f.Rate(t.Context(), f.contact, id, 1, "nobody came", "en"); err != nil {
			t.Error(err)
		}
	})
}

// What was prepared must reach the agent as it was, without secrets and without
// what nobody asked for.
func TestPreparedIsKeptClean(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		words := strings.Fields(phrase)
		msg := f.inbound(0, "client-0001", "My deposit is missing.")
		msg.Scenario = desk.TransferTrouble
		txid := "4f2a8c1e9b7d3f60a5e8c2b1d4f7a9e0c3b6d8f1a2e5c7b9d0f3a6e8c1b4d7f2"
		msg.Prepared = map[string]string{
			"uid": " 204918377\x00 ", "txid": txid, "asset": "USDT", "memo": "",
			"amount": strings.Join(words[:6], " "), "time": strings.Join(words[6:], " "), "order": phrase,
		}
		r, err := f.Receive(t.Context(), msg)
		if err != nil {
			t.Fatal(err)
		}
		d, err := f.Details(t.Context(), r.Conversation)
		if err != nil || d.Prepared["uid"] != "204918377" || d.Prepared["txid"] != txid || d.Prepared["asset"] != "USDT" {
			t.Fatalf("%v %v", d.Prepared, err)
		}
		if _, there := d.Prepared["memo"]; there {
			t.Error("an empty value is kept")
		}
		kept := fmt.Sprint(d.Prepared)
		for _, w := range []string{"legal", "sausage", "yellow"} {
			if strings.Contains(kept, w) {
				t.Errorf("%q is kept: %s", w, kept)
			}
		}
		if len(r.Message.Findings) != 2 {
			t.Errorf("the contact is not told what was taken out: %v", r.Message.Findings)
		}
		for name, spoil := range map[string]func(*desk.Inbound){
			"another scenario's": func(in *desk.Inbound) { in.Scenario = desk.LockedOut },
			"no field":           func(in *desk.Inbound) { in.Prepared = map[string]string{"password": "x"} },
			"too long": func(in *desk.Inbound) {
				in.Prepared = map[string]string{"uid": strings.Repeat("1", desk.MaxPrepared+1)}
			},
			"no mode":    func(in *desk.Inbound) { in.Mode = "someday" },
			"no address": func(in *desk.Inbound) { in.ReplyTo = "ann" },
		} {
			bad := f.inbound(0, "client-0002", "Hello")
			bad.Scenario, bad.Prepared = desk.TransferTrouble, map[string]string{"asset": "USDT"}
			spoil(&bad)
			if _, err := f.Receive(t.Context(), bad); desk.CodeOf(err) != desk.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestReceiverIsReceive(t *testing.T) {
	f := newFixture(t, storetest.Open(t))
	take := f.Receiver()
	first, err := take(t.Context(), f.inbound(0, "client-0001", "Hello"))
	if err != nil || first.ConversationID == 0 || first.MessageID == 0 || first.Repeated {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := take(t.Context(), f.inbound(0, "client-0001", "Hello")); err != nil || again.MessageID != first.MessageID || !again.Repeated {
		t.Errorf("%+v %v", again, err)
	}
	if _, err := take(t.Context(), f.inbound(0, "client-0002", "")); desk.CodeOf(err) != desk.Invalid {
		t.Error(err)
	}
}

// A picture without words must not be an empty line in anybody's list.
func TestFilesWithoutWordsAreNamedInLists(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		err := f.store.Write(t.Context(), func(tx *store.Tx) error {
			c := &desk.Conversation{Channel: desk.Chat, ContactID: f.contact, Status: desk.Open}
			if err := tx.InsertConversation(c, "files", ""); err != nil {
				return err
			}
			m := &desk.Message{
				ConversationID: c.ID, AuthorKind: desk.ByContact, AuthorID: f.contact, Visibility: desk.Public, DedupeKey: "files",
				Attachments: []desk.Attachment{{ID: 1, Name: "screen 1.png"}, {ID: 2, Name: "说明.pdf"}},
			}
			if err := tx.AppendMessage(m, c, -1); err != nil {
				return err
			}
			if c.LastMessage.Preview != "screen 1.png, 说明.pdf" {
				t.Errorf("the list says %q", c.LastMessage.Preview)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Receive(t.Context(), f.inbound(0, "client-0001", " ")); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("neither words nor files: %v", err)
		}
	})
}
