package store_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// line is a team with agents who are there, and conversations that wait.
type line struct {
	*testing.T
	s      *store.Store
	team   desk.ID
	agents []desk.ID
	talks  []desk.ID
}

func newLine(t *testing.T, s *store.Store, agents, talks int) *line {
	t.Helper()
	l := &line{T: t, s: s}
	l.write(func(tx *store.Tx) error {
		team := &desk.Team{Name: "Support"}
		if err := tx.InsertTeam(team); err != nil {
			return err
		}
		l.team = team.ID
		for i := range agents {
			a := &desk.Agent{Email: fmt.Sprintf("a%d@meridian.example", i), Name: fmt.Sprintf("Agent %d", i), Role: desk.AgentRole, Status: "active", Teams: []desk.ID{team.ID}}
			if err := tx.InsertAgent(a, ""); err != nil {
				return err
			}
			l.agents = append(l.agents, a.ID)
		}
		if _, err := tx.SeeAgents(l.agents, 0); err != nil {
			return err
		}
		contact := &desk.Contact{Kind: "visitor", Locale: "en"}
		if err := tx.InsertContact(contact); err != nil {
			return err
		}
		for i := range talks {
			c := &desk.Conversation{Channel: desk.Chat, ContactID: contact.ID, Status: desk.Open, TeamID: team.ID, Priority: desk.Normal, Locale: "en"}
			if err := tx.InsertConversation(c, fmt.Sprintf("talk:%d", i), ""); err != nil {
				return err
			}
			m := &desk.Message{ConversationID: c.ID, DedupeKey: fmt.Sprintf("message:%d", i), AuthorKind: desk.ByContact, AuthorID: contact.ID, Visibility: desk.Public, Body: "Hello"}
			if err := tx.AppendMessage(m, c, -1); err != nil {
				return err
			}
			l.talks = append(l.talks, c.ID)
		}
		return nil
	})
	return l
}

func (l *line) write(fn func(tx *store.Tx) error) {
	l.Helper()
	if err := l.s.Write(l.Context(), fn); err != nil {
		l.Fatal(err)
	}
}

func (l *line) enter(i int, rank desk.Micros) {
	l.Helper()
	l.write(func(tx *store.Tx) error {
		_, err := tx.EnterQueue(store.QueueEntry{
			ConversationID: l.talks[i], TeamID: l.team, Rank: rank, EnteredAt: rank, Channel: desk.Chat, Locale: "en", Live: true,
		})
		return err
	})
}

func TestQueueKeepsItsOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l := newLine(t, s, 1, 4)
		q := s.Read(t.Context())
		for i, rank := range []desk.Micros{30, 10, 20, 10} {
			l.enter(i, rank)
		}
		l.write(func(tx *store.Tx) error { // again: the place stays
			entered, err := tx.EnterQueue(store.QueueEntry{ConversationID: l.talks[0], Rank: 1, Channel: desk.Chat, StickyID: 5, Declined: []desk.ID{7, 8}})
			if entered {
				t.Error("entered twice")
			}
			return err
		})
		var got []desk.ID
		var after store.QueueEntry
		for {
			page, err := q.QueueEntries(after, []desk.ID{l.team}, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				got = append(got, e.ConversationID)
			}
			if len(page) < 2 {
				break
			}
			after = page[1]
		}
		if want := []desk.ID{l.talks[1], l.talks[3], l.talks[2], l.talks[0]}; !cmp.Equal(got, want) {
			t.Errorf("in the order %v, want %v", got, want)
		}
		for i, want := range []int{4, 1, 3, 2} {
			e, err := q.QueueEntry(l.talks[i])
			if err != nil {
				t.Fatal(err)
			}
			if n, err := q.QueuePosition(e); n != want || err != nil {
				t.Errorf("place %d, want %d (%v)", n, want, err)
			}
		}
		if other, err := q.QueueEntries(store.QueueEntry{}, []desk.ID{l.team + 1}, 10); len(other) != 0 || err != nil {
			t.Errorf("another team has %v (%v)", other, err)
		}
		if lines, err := q.QueueLines(); err != nil || len(lines) != 1 || lines[0] != (store.QueueLine{TeamID: l.team, Waiting: 4, Since: 10}) {
			t.Errorf("%v %v", lines, err)
		}
		l.write(func(tx *store.Tx) error {
			return tx.RankQueue(map[desk.Priority]desk.Micros{desk.Normal: 7})
		})
		if e, err := q.QueueEntry(l.talks[0]); err != nil || e.Rank != 23 || e.EnteredAt != 30 {
			t.Errorf("ranked anew: %+v %v", e, err)
		}
		l.write(func(tx *store.Tx) error { return tx.LeaveQueue(l.talks[0], l.agents[0], store.QueueTaken) })
		l.write(func(tx *store.Tx) error { return tx.LeaveQueue(l.talks[0], l.agents[0], store.QueueTaken) })
		l.write(func(tx *store.Tx) error { return tx.LeaveQueue(l.talks[1], 0, store.QueueEnded) })
		served, err := q.QueueServices(0, 10)
		if err != nil || len(served) != 1 || served[0].EnteredAt != 30 || served[0].TeamID != l.team {
			t.Errorf("served %v (%v); only who got an agent counts, once", served, err)
		}
		if had, err := q.AgentsSince(l.talks[0], 30); err != nil || !cmp.Equal(had, l.agents) {
			t.Errorf("had by %v %v", had, err)
		}
		l.write(func(tx *store.Tx) error { return tx.PruneQueueServices(tx.Now() + 1) })
		if served, err := q.QueueServices(0, 10); err != nil || len(served) != 0 {
			t.Errorf("kept %v %v", served, err)
		}
	})
}

// What is given is given once: to the agent, out of the queue, with a note that
// every list and thread shows, in one step.
func TestGiving(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const talks = 77 // more than a statement takes
		l := newLine(t, s, 3, talks)
		for i := range talks {
			l.enter(i, desk.Micros(i+1))
		}
		l.write(func(tx *store.Tx) error { // the first was taken by answering, the second is settled
			m := &desk.Message{ConversationID: l.talks[0], DedupeKey: "answer", AuthorKind: desk.ByAgent, AuthorID: l.agents[2], Visibility: desk.Public, Body: "Hi"}
			if err := tx.AppendMessage(m, new(desk.Conversation), -1); err != nil {
				return err
			}
			c, err := tx.LockConversation(l.talks[1])
			if err != nil {
				return err
			}
			c.Status = desk.Resolved
			return tx.UpdateConversation(c)
		})
		var given []store.Given
		l.write(func(tx *store.Tx) (err error) {
			gifts := []store.Gift{}
			for i, id := range l.talks {
				gifts = append(gifts, store.Gift{ConversationID: id, AgentID: l.agents[i%2], AgentName: fmt.Sprintf("Agent %d", i%2)})
			}
			given, err = tx.Give(gifts, store.QueueAssigned)
			return err
		})
		if len(given) != talks-2 {
			t.Fatalf("%d were given, want %d", len(given), talks-2)
		}
		q := s.Read(t.Context())
		for _, g := range given {
			c, err := q.Conversation(g.Conversation.ID)
			if err != nil {
				t.Fatal(err)
			}
			c.Contact = nil
			if !cmp.Equal(c, g.Conversation) || c.AssigneeID == 0 || c.AssignedAt == 0 || c.Seq != 2 || c.PublicSeq != 1 || c.WaitingSince == 0 {
				t.Fatalf("told %+v, stored %+v", g.Conversation, c)
			}
			stored, _, err := q.Messages(c.ID, store.MessageRange{Ascending: true, Limit: 9})
			if err != nil || len(stored) != 2 || stored[1].Event == nil || stored[1].Event.To != g.Message.Event.To || stored[1].Visibility != desk.Note || stored[1].Prev != 1 {
				t.Fatalf("%+v %v", stored, err)
			}
		}
		if left, err := q.QueueEntries(store.QueueEntry{}, nil, 10); err != nil || len(left) != 0 {
			t.Errorf("still in the queue: %v %v", left, err)
		}
		loads, err := q.Loads(store.RosterView{ChatWeight: 2, LeftWeight: 1}, l.agents)
		if err != nil || loads[l.agents[0]]+loads[l.agents[1]] != 2*(talks-2) || loads[l.agents[2]] != 2 {
			t.Errorf("loads %v %v", loads, err)
		}
		if c, _ := q.Conversation(l.talks[0]); c.AssigneeID != l.agents[2] {
			t.Error("who answered first lost the conversation")
		}
		served, err := q.QueueServices(0, 1000)
		if err != nil || len(served) != talks-2 {
			t.Errorf("%d services, %v", len(served), err)
		}
	})
}

// The desk must see who is there, and nobody's absence may go unnoticed or be
// noticed twice.
func TestPresence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l := newLine(t, s, 3, 2)
		q := s.Read(t.Context())
		now := q.Now()
		view := store.RosterView{SeenAfter: now - 1_000_000_000, ChatWeight: 2, LeftWeight: 1}
		roster, err := q.Roster(view)
		if err != nil || len(roster) != 3 || !roster[0].Online || roster[0].State != desk.Available || roster[0].Capacity != 6 || !cmp.Equal(roster[0].Teams, []desk.ID{l.team}) {
			t.Fatalf("%+v %v", roster, err)
		}
		l.write(func(tx *store.Tx) error {
			back, err := tx.SeeAgents(append(l.agents, 999), view.SeenAfter)
			if len(back) != 1 || back[0] != 999 {
				t.Errorf("back: %v", back) // an agent who is deleted does no harm
			}
			return err
		})
		l.write(func(tx *store.Tx) error {
			return tx.SetPresence(desk.Presence{AgentID: l.agents[0], State: desk.OnBreak, Since: now, Until: now + 1})
		})
		ready, err := q.Ready(l.agents, view.SeenAfter)
		if err != nil || ready[l.agents[0]] || !ready[l.agents[1]] {
			t.Errorf("ready %v %v", ready, err)
		}
		if due, err := q.PausesDue(); err != nil || !due {
			t.Errorf("pauses due: %v %v", due, err)
		}
		l.write(func(tx *store.Tx) error {
			ended, err := tx.EndPauses()
			if !cmp.Equal(ended, l.agents[:1]) {
				t.Errorf("ended %v", ended)
			}
			return err
		})
		later := s.Read(t.Context()).Now() + 1
		if due, err := q.AgentsLost(later); err != nil || !due {
			t.Errorf("lost: %v %v", due, err)
		}
		for _, want := range []int{3, 0} {
			l.write(func(tx *store.Tx) error {
				lost, err := tx.LoseAgents(later)
				if len(lost) != want {
					t.Errorf("lost %v, want %d", lost, want)
				}
				return err
			})
		}
		roster, err = q.Roster(view)
		if err != nil || roster[0].Online || roster[0].State != desk.Available || roster[0].Since < now {
			t.Errorf("%+v %v", roster, err)
		}
		if _, err := q.Presence(999); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("somebody who was never here: %v", err)
		}
		if n, err := q.TeamMembers(); err != nil || n[l.team] != 3 {
			t.Errorf("%v %v", n, err)
		}
	})
}

func TestHeldWorkAndLoad(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l := newLine(t, s, 2, 3)
		q := s.Read(t.Context())
		l.write(func(tx *store.Tx) error {
			_, err := tx.Give([]store.Gift{{ConversationID: l.talks[0], AgentID: l.agents[0]}, {ConversationID: l.talks[1], AgentID: l.agents[0]}}, store.QueueAssigned)
			return err
		})
		held, err := q.HeldWork(l.agents[0])
		if err != nil || len(held) != 2 || held[0].WaitingSince == 0 || held[0].AssignedAt == 0 || held[0].TeamID != l.team {
			t.Fatalf("%+v %v", held, err)
		}
		l.write(func(tx *store.Tx) error { // answered: no more held, still in hand for a while
			m := &desk.Message{ConversationID: l.talks[0], DedupeKey: "answer", AuthorKind: desk.ByAgent, AuthorID: l.agents[0], Visibility: desk.Public, Body: "Hi"}
			return tx.AppendMessage(m, new(desk.Conversation), -1)
		})
		if held, err := q.HeldWork(0); err != nil || len(held) != 1 || held[0].ConversationID != l.talks[1] {
			t.Errorf("%+v %v", held, err)
		}
		for idleAfter, want := range map[desk.Micros]int{0: 4, q.Now() + 1: 2} {
			roster, err := q.Roster(store.RosterView{IdleAfter: idleAfter, ChatWeight: 2, LeftWeight: 1})
			if err != nil || roster[0].Load != want || roster[1].Load != 0 {
				t.Errorf("load %d, want %d (%v)", roster[0].Load, want, err)
			}
		}
	})
}

// A conversation between the queue and an agent must be found again.
func TestAstray(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l := newLine(t, s, 1, 3)
		q := s.Read(t.Context())
		l.enter(0, 1)
		l.enter(1, 2)
		if ids, err := q.Astray(10); err != nil || !cmp.Equal(ids, l.talks[2:]) {
			t.Errorf("astray %v %v", ids, err)
		}
		l.write(func(tx *store.Tx) error {
			c, err := tx.LockConversation(l.talks[1])
			if err != nil {
				return err
			}
			c.AssigneeID = l.agents[0]
			return tx.UpdateConversation(c)
		})
		if ids, err := q.InVain(10); err != nil || !cmp.Equal(ids, l.talks[1:2]) {
			t.Errorf("in vain %v %v", ids, err)
		}
		if seats, err := q.QueueSeats(); err != nil || len(seats) != 2 || seats[0].ContactID == 0 || !seats[0].Live {
			t.Errorf("%+v %v", seats, err)
		}
	})
}

func TestTeamsAndAgentsKeepWhatTheyWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		l := newLine(t, s, 1, 0)
		hours := desk.Hours{Zone: "Asia/Shanghai", Week: make([][]desk.Span, 7), Holidays: []desk.Holiday{{Date: "--10-01", Name: map[string]string{"zh-CN": "国庆节"}}}}
		hours.Week[0] = []desk.Span{{From: "09:00", To: "18:00"}}
		l.write(func(tx *store.Tx) error {
			return tx.UpdateTeam(desk.Team{ID: l.team, Name: "Support", Hours: hours, Queue: desk.TeamQueue{AnswerWithin: 90, MaxWaiting: 50}})
		})
		team, err := s.Read(t.Context()).Team(l.team)
		if err != nil || !cmp.Equal(team.Hours, hours) || team.Queue.AnswerWithin != 90 || team.Queue.MaxWaiting != 50 {
			t.Errorf("%+v %v", team, err)
		}
		l.write(func(tx *store.Tx) error {
			return tx.SetAgentWork(&desk.Agent{ID: l.agents[0], Capacity: 9, Locales: []string{"zh-CN"}, Skills: []desk.Scenario{desk.HowTo}})
		})
		a, err := s.Read(t.Context()).Agent(l.agents[0])
		if err != nil || a.Capacity != 9 || !cmp.Equal(a.Locales, []string{"zh-CN"}) || !cmp.Equal(a.Skills, []desk.Scenario{desk.HowTo}) {
			t.Errorf("%+v %v", a, err)
		}
	})
}
