package inbox_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
)

func TestTakenByHandLeavesTheQueue(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo", func(a *desk.Agent) { a.Capacity = 0 })
		c := f.arrive()
		f.reply(bo, c)
		f.has(c, bo)
		c = f.say(c)
		f.has(c, bo)
		nobody := desk.ID(0)
		update := func(ch inbox.Change) {
			f.Helper()
			_, err := f.Update(f.Context(), bo, c.ID, ch, "")
			f.ok(err)
		}
		update(inbox.Change{AssigneeID: &nobody})
		f.has(c, nil)
		if got := f.now(c); got.AssignedAt != 0 || got.PreviousID != bo.ID {
			f.Errorf("%+v", got)
		}
		update(inbox.Change{AssigneeID: &bo.ID})
		f.has(c, bo)
		other := &desk.Team{Name: "Other"}
		f.write(func(tx *store.Tx) error { other.ID = 0; return tx.InsertTeam(other) })
		update(inbox.Change{AssigneeID: &nobody, TeamID: &other.ID})
		if e, err := f.store.Read(f.Context()).QueueEntry(c.ID); err != nil || e.TeamID != other.ID {
			f.Errorf("%+v %v", e, err)
		}
		c2 := f.arrive()
		resolved := desk.Resolved
		_, err := f.Update(f.Context(), bo, c2.ID, inbox.Change{Status: &resolved}, "")
		f.ok(err)
		f.has(c2, nil)
		if got := f.now(c2); got.WaitingSince != 0 {
			f.Errorf("what is settled waits since %d", got.WaitingSince)
		}
	})
}

func TestHandOver(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo, cy := f.hire("Bo"), f.hire("Cy", func(a *desk.Agent) { a.Capacity = 0 })
		other := &desk.Team{Name: "Deposits"}
		f.write(func(tx *store.Tx) error { other.ID = 0; return tx.InsertTeam(other) })
		di := f.hire("Di", func(a *desk.Agent) { a.Teams = []desk.ID{f.team, other.ID}; a.Capacity = 0 })
		c := f.arrive()
		f.dispatch()
		f.has(c, bo)
		hand := func(a *desk.Agent, to inbox.HandOver) (*desk.Conversation, error) {
			return f.HandOver(f.Context(), a, c.ID, to, "192.0.2.1")
		}
		for name, to := range map[string]inbox.HandOver{
			"nobody": {Note: "x"}, "two": {TeamID: other.ID, AgentID: cy.ID, Note: "x"}, "no note": {AgentID: cy.ID, Note: " \n"},
			"a team that is not there": {TeamID: 99, Note: "x"}, "an agent that is not there": {AgentID: 99, Note: "x"}, "who has it": {AgentID: bo.ID, Note: "x"},
		} {
			if _, err := hand(bo, to); desk.CodeOf(err) != desk.Invalid {
				f.Errorf("%s: %v", name, err)
			}
		}
		if got := f.now(c); got.Seq != 2 {
			f.Errorf("what was refused left %d messages", got.Seq)
		}
		after, err := hand(bo, inbox.HandOver{AgentID: cy.ID, Note: "Memo was missing. Phrase: " + phrase})
		f.ok(err)
		f.has(c, cy)
		if after.AssignedAt == 0 || after.Contact == nil {
			f.Errorf("%+v", after)
		}
		f.later(time.Second)
		_, err = hand(cy, inbox.HandOver{TeamID: other.ID, Note: "Needs the ledger."})
		f.ok(err)
		f.has(c, nil)
		if e, err := f.store.Read(f.Context()).QueueEntry(c.ID); err != nil || e.TeamID != other.ID || e.StickyID != 0 || e.EnteredAt != c.WaitingSince {
			f.Errorf("%+v %v", e, err)
		}
		if _, err := hand(bo, inbox.HandOver{AgentID: bo.ID, Note: "mine"}); desk.CodeOf(err) != desk.NotFound {
			f.Errorf("an agent of the old team still reaches it: %v", err)
		}
		next, err := f.TakeNext(f.Context(), di, "")
		if err != nil || next.ID != c.ID {
			f.Errorf("%+v %v", next, err)
		}
		want := []string{"assignee:>Bo", "handover:Bo>Cy", "handover:Cy>Deposits", "assignee:>Di"}
		if got := f.events(c); !slices.Equal(got, want) {
			f.Errorf("%v", got)
		}
		q := f.store.Read(f.Context())
		seen, _, err := q.Messages(c.ID, store.MessageRange{Ascending: true, Limit: 50, PublicOnly: true})
		if err != nil || len(seen) != 1 {
			f.Errorf("the customer sees %d messages (%v)", len(seen), err)
		}
		all, _, err := q.Messages(c.ID, store.MessageRange{Ascending: true, Limit: 50})
		f.ok(err)
		for i, m := range all {
			if m.Seq != int64(i+1) || strings.Contains(m.Body, "sausage") {
				f.Errorf("message %d: %+v", i, m)
			}
		}
		audit, _, err := q.AuditEntries("", 50)
		if err != nil || len(audit) != 3 || audit[0].Action != "conversation.assignee" || audit[1].Action != "conversation.handover" || audit[2].IP != "192.0.2.1" {
			f.Errorf("%+v %v", audit, err)
		}
	})
}

func TestReturn(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo")
		c, answered := f.arrive(), f.arrive()
		f.dispatch()
		f.reply(bo, answered)
		f.hire("Cy")
		_, err := f.Return(f.Context(), bo, c.ID, "I am no expert in this.", "")
		f.ok(err)
		f.has(c, nil)
		if got := f.now(c); got.Seq != 4 { // question, assignment, note, return
			f.Errorf("%d messages", got.Seq)
		}
		e, err := f.store.Read(f.Context()).QueueEntry(c.ID)
		if err != nil || !slices.Equal(e.Declined, []desk.ID{bo.ID}) || e.EnteredAt != c.WaitingSince {
			f.Errorf("%+v %v", e, err)
		}
		if _, err := f.Return(f.Context(), bo, c.ID, "", ""); desk.CodeOf(err) != desk.Conflict {
			f.Errorf("returned twice: %v", err)
		}
		_, err = f.Return(f.Context(), bo, answered.ID, "", "")
		f.ok(err)
		f.has(answered, nil) // waits for its customer, not for an agent
		f.say(answered)
		f.has(answered, nil)
		reader := &desk.Agent{ID: 5, Role: desk.Compliance}
		f.dispatch()
		if _, err := f.Return(f.Context(), reader, c.ID, "", ""); desk.CodeOf(err) != desk.Forbidden {
			f.Errorf("somebody else's, without the permission: %v", err)
		}
	})
}

func TestTakeNext(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo", func(a *desk.Agent) { a.Capacity, a.Locales = 0, []string{"zh-CN"} })
		first := f.arrive()
		f.later(time.Second)
		chinese := f.arrive(func(in *desk.Inbound) { in.Locale = "zh-CN" })
		outsider := f.hire("Out", func(a *desk.Agent) { a.Teams = nil })
		if _, err := f.TakeNext(f.Context(), outsider, ""); desk.CodeOf(err) != desk.NotFound {
			f.Errorf("somebody of no team takes: %v", err)
		}
		for _, want := range []*desk.Conversation{chinese, first} { // their language, then whatever there is
			got, err := f.TakeNext(f.Context(), bo, "")
			f.ok(err)
			if got.ID != want.ID {
				f.Errorf("took %s, want %s", got.Number, want.Number)
			}
			f.has(want, bo)
		}
		if _, err := f.TakeNext(f.Context(), bo, ""); desk.CodeOf(err) != desk.NotFound {
			f.Errorf("nobody is left: %v", err)
		}
	})
}

func TestFurtherMessagesDoNotTouchTheQueue(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo")
		c := f.arrive()
		e, err := f.store.Read(f.Context()).QueueEntry(c.ID)
		f.ok(err)
		f.later(time.Second)
		f.say(c)
		if again, err := f.store.Read(f.Context()).QueueEntry(c.ID); err != nil || again.Rank != e.Rank {
			f.Errorf("writing again moved them from %+v to %+v (%v)", e, again, err)
		}
		f.dispatch()
		f.reply(bo, c)
		f.say(c)
		f.has(c, bo)
	})
}
