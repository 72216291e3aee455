package inbox_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
)

// floor is a desk with a clock that can be moved, and agents who are there.

// hire makes an agent of the team who is connected and available.

// later lets time pass; whoever is here stays.

// arrive begins a conversation of somebody new.

// say lets the contact of a conversation write again.

// has asserts who has a conversation; nil is nobody.

// events lists the system messages of a conversation as type:from>to.

// The way of most conversations: wait, be given, be answered, make room.

func TestWorkIsGivenOut(t *testing.T) {
	eachFloor(t, func(f *floor) {
		early := f.arrive()
		if p := f.place(early); p.State != "closed" || p.Position != 0 {
			f.Errorf("nobody is there: %+v", p)
		}
		if f.dispatch() != 0 {
			f.Error("given to nobody")
		}
		bo := f.hire("Bo")
		talks := []*desk.Conversation{early, f.arrive(), f.arrive(), f.arrive()}
		if n := f.dispatch(); n != 3 {
			f.Errorf("%d were given; three chats fill one agent", n)
		}
		for _, c := range talks[:3] {
			f.has(c, bo)
		}
		f.has(talks[3], nil)
		if got := f.events(early); !slices.Equal(got, []string{"assignee:>Bo"}) {
			f.Errorf("the thread says %v", got)
		}
		if p := f.place(talks[3]); p.State != "waiting" || p.Position != 1 || p.WaitHigh != 0 {
			f.Errorf("the fourth is told %+v", p)
		}
		if p := f.place(early); p.State != "assigned" {
			f.Errorf("the first is told %+v", p)
		}
		resolved := desk.Resolved
		if _, err := f.Update(f.Context(), bo, talks[0].ID, inbox.Change{Status: &resolved}, ""); err != nil {
			f.Fatal(err)
		}
		f.dispatch()
		f.has(talks[3], bo)
		if p, err := f.Presence(f.Context(), bo.ID); err != nil || !p.Online || p.Load != 6 || p.State != desk.Available {
			f.Errorf("%+v %v", p, err)
		}
	})
}

func TestTheftGoesFirstAndNobodyIsOvertakenForEver(t *testing.T) {
	eachFloor(t, func(f *floor) {
		scenario := func(s desk.Scenario) func(*desk.Inbound) { return func(in *desk.Inbound) { in.Scenario = s } }
		patient := f.arrive(scenario(desk.HowTo))
		f.later(11 * time.Minute)
		high := f.arrive(scenario(desk.TransferTrouble))
		theft := f.arrive(scenario(desk.SuspectedTheft))
		one := f.hire("One", func(a *desk.Agent) { a.Capacity = 2 })
		f.dispatch()
		f.has(theft, one)
		two := f.hire("Two", func(a *desk.Agent) { a.Capacity = 2 })
		f.dispatch()
		f.has(patient, two) // eleven minutes are more than the ten that a high priority is worth
		f.has(high, nil)
	})
}

// What an agent takes by answering, or is given by hand, must not be given to

// somebody else as well.

// Whoever goes away must not take people's waiting with them.

func TestAwayGivesWaitingWorkBack(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo")
		unanswered, answered := f.arrive(), f.arrive()
		f.dispatch()
		f.reply(bo, answered)
		f.later(time.Minute)
		late := f.arrive() // also Bo's
		f.dispatch()
		f.has(late, bo)
		_, err := f.SetPresence(f.Context(), bo, desk.Away, 0, "192.0.2.7")
		f.ok(err)
		f.has(unanswered, nil)
		f.has(late, nil)
		f.has(answered, bo) // waits for its customer
		e, err := f.store.Read(f.Context()).QueueEntry(unanswered.ID)
		if err != nil || e.EnteredAt != unanswered.WaitingSince {
			f.Errorf("the old place is %d, not %d (%v)", e.EnteredAt, unanswered.WaitingSince, err)
		}
		if got := f.events(unanswered); !slices.Equal(got, []string{"assignee:>Bo", "returned:Bo>away"}) {
			f.Errorf("%v", got)
		}
		f.dispatch()
		f.has(unanswered, nil)
		// The customer writes to somebody who is not there.
		f.later(time.Second)
		f.say(answered)
		f.ok(f.TakeBack(f.Context()))
		f.has(answered, nil)
		if got := f.now(answered); got.PreviousID != bo.ID {
			f.Errorf("the previous agent is %d", got.PreviousID)
		}
		if got := f.now(unanswered); got.PreviousID != 0 {
			f.Errorf("who never answered is the previous agent")
		}
		// A colleague chose to give it to somebody who is away: it stays for now.
		cy := f.hire("Cy", func(a *desk.Agent) { a.Capacity = 0 })
		_, err = f.Update(f.Context(), cy, answered.ID, inbox.Change{AssigneeID: &bo.ID}, "")
		f.ok(err)
		f.ok(f.TakeBack(f.Context()))
		f.has(answered, bo)
		f.later(3 * time.Minute)
		f.ok(f.TakeBack(f.Context()))
		f.has(answered, nil)
	})
}

// A break that is over must not need anybody to say so.

func TestPausesEndByThemselves(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo")
		set := func(s desk.PresenceState, minutes int) desk.Presence {
			f.Helper()
			p, err := f.SetPresence(f.Context(), bo, s, minutes, "")
			f.ok(err)
			return p
		}
		if p := set(desk.OnBreak, 15); p.Until-p.Since != 15*60*1_000_000 {
			f.Errorf("%+v", p)
		}
		c := f.arrive()
		f.dispatch()
		f.has(c, nil)
		if p := f.place(c); p.State != "waiting" {
			f.Errorf("somebody will be back soon: %+v", p)
		}
		f.later(16 * time.Minute)
		f.ok(f.EndPauses(f.Context()))
		f.dispatch()
		f.has(c, bo)
		if p := set(desk.WrapUp, 0); p.Until == 0 {
			f.Errorf("a wrap-up that never ends: %+v", p)
		}
		f.has(c, bo) // they finish what there is
		if p := set(desk.OnBreak, 0); p.Until != 0 {
			f.Errorf("%+v", p)
		}
		f.has(c, nil)
		f.later(24 * time.Hour)
		f.ok(f.EndPauses(f.Context()))
		if p, err := f.Presence(f.Context(), bo.ID); err != nil || p.State != desk.OnBreak {
			f.Errorf("%+v %v", p, err)
		}
		if p := f.place(c); p.State != "closed" {
			f.Errorf("nobody knows when they are back: %+v", p)
		}
		for _, bad := range []func() error{
			func() error { _, err := f.SetPresence(f.Context(), bo, "asleep", 0, ""); return err },
			func() error { _, err := f.SetPresence(f.Context(), bo, desk.Away, 5, ""); return err },
			func() error { _, err := f.SetPresence(f.Context(), bo, desk.OnBreak, 9999, ""); return err },
		} {
			if err := bad(); desk.CodeOf(err) != desk.Invalid {
				f.Errorf("accepted: %v", err)
			}
		}
	})
}

// An agent whose machine died must not keep people waiting.

func TestOfflineGivesWaitingWorkBack(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo")
		c := f.arrive()
		f.dispatch()
		f.here = nil // no heartbeat any more
		f.later(40 * time.Second)
		f.ok(f.LoseAgents(f.Context()))
		f.ok(f.TakeBack(f.Context()))
		f.has(c, bo)
		f.later(10 * time.Second)
		f.ok(f.LoseAgents(f.Context()))
		f.ok(f.TakeBack(f.Context()))
		f.has(c, nil)
		if p, _ := f.Presence(f.Context(), bo.ID); p.Online {
			f.Error("still online")
		}
		f.dispatch()
		f.has(c, nil)
		f.here = []desk.ID{bo.ID} // back, as they were
		f.later(time.Second)
		f.dispatch()
		f.has(c, bo)
	})
}

// Somebody who has been given to an agent who says nothing goes to another.

func TestSilenceGivesWorkToAnother(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo")
		c, answered, left := f.arrive(), f.arrive(), f.arrive(func(in *desk.Inbound) { in.Mode = desk.MessageMode })
		f.dispatch()
		f.reply(bo, answered)
		f.later(10 * time.Second)
		f.say(answered) // answered once: no silence
		f.later(3 * time.Minute)
		f.ok(f.TakeBack(f.Context()))
		f.has(c, bo) // nobody else is there
		f.write(func(tx *store.Tx) error {
			return tx.UpdateTeam(desk.Team{ID: f.team, Name: "Support", Queue: desk.TeamQueue{AnswerWithin: -1}})
		})
		cy := f.hire("Cy", func(a *desk.Agent) { a.Capacity = 2 })
		f.ok(f.TakeBack(f.Context()))
		f.has(c, bo) // never, says the team
		f.write(func(tx *store.Tx) error {
			return tx.UpdateTeam(desk.Team{ID: f.team, Name: "Support", Queue: desk.TeamQueue{AnswerWithin: 60}})
		})
		f.ok(f.TakeBack(f.Context()))
		f.has(c, nil)
		f.has(answered, bo)
		f.has(left, bo) // a message that was left has more time
		f.dispatch()
		f.has(c, cy)
		// Cy says nothing either, and Di is there: Bo is not asked again.
		di := f.hire("Di", func(a *desk.Agent) { a.Capacity = 2 })
		f.later(2 * time.Minute)
		f.ok(f.TakeBack(f.Context()))
		f.dispatch()
		f.has(c, di)
		want := []string{"assignee:>Bo", "returned:Bo>silence", "assignee:>Cy", "returned:Cy>silence", "assignee:>Di"}
		if got := f.events(c); !slices.Equal(got, want) {
			f.Errorf("%v", got)
		}
		f.later(40 * time.Minute)
		f.ok(f.TakeBack(f.Context()))
		f.has(left, nil)
	})
}

// Whoever comes back is kept for the agent they know, for a little.

func TestSticky(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo", func(a *desk.Agent) { a.Capacity = 2 })
		c := f.arrive()
		f.dispatch()
		f.reply(bo, c)
		resolved := desk.Resolved
		_, err := f.Update(f.Context(), bo, c.ID, inbox.Change{Status: &resolved}, "")
		f.ok(err)
		busy := f.arrive()
		f.dispatch()
		f.has(busy, bo)
		cy := f.hire("Cy")
		c = f.say(c)
		f.has(c, nil)
		f.dispatch()
		f.has(c, nil) // kept for Bo, who is full
		f.later(61 * time.Second)
		f.dispatch()
		f.has(c, cy)
	})
}

// Whatever instant a node dies in, nobody may be lost between queue and agent.

func TestMendFindsWhoWasLost(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo", func(a *desk.Agent) { a.Capacity = 100 })
		lost := f.arrive()
		f.write(func(tx *store.Tx) error { return tx.LeaveQueue(lost.ID, 0, store.QueueEnded) })
		stale := f.arrive()
		f.write(func(tx *store.Tx) error {
			c, err := tx.LockConversation(stale.ID)
			if err != nil {
				return err
			}
			c.AssigneeID = bo.ID
			return tx.UpdateConversation(c)
		})
		f.ok(f.Mend(f.Context()))
		f.has(lost, nil)
		f.has(stale, bo)
		e, err := f.store.Read(f.Context()).QueueEntry(lost.ID)
		if err != nil || e.EnteredAt != lost.WaitingSince {
			f.Errorf("%+v %v", e, err)
		}
		f.dispatch()
		f.has(lost, bo)
	})
}

// Many nodes give out work at once: nobody twice, nobody too much.

func TestNodesTakeTurns(t *testing.T) {
	eachFloor(t, func(f *floor) {
		const talks = 150
		agents := map[desk.ID]int{}
		for i := range 10 {
			a := f.hire(fmt.Sprintf("Agent%d", i), func(a *desk.Agent) { a.Capacity = 4 + i })
			agents[a.ID] = a.Capacity
		}
		var list []*desk.Conversation
		for range talks {
			list = append(list, f.arrive())
		}
		var given atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			node := newNode(f.T, f.store) // another node: nothing in memory is shared
			wg.Go(func() {
				n, err := node.Dispatch(f.Context())
				if err != nil {
					f.Error(err)
				}
				given.Add(int64(n))
			})
		}
		wg.Wait()
		f.dispatch()
		room := 0
		for _, capacity := range agents {
			room += capacity / 2
		}
		load := map[desk.ID]int{}
		assigned := 0
		for _, c := range list {
			got := f.now(c)
			if got.AssigneeID != 0 {
				assigned++
				load[got.AssigneeID] += 2
			}
			if events := f.events(c); len(events) > 1 {
				f.Errorf("%s: %v", c.Number, events)
			}
		}
		if assigned != room || int(given.Load()) > room {
			f.Errorf("%d of %d were given, there was room for %d (told of %d)", assigned, talks, room, given.Load())
		}
		for id, n := range load {
			if n > agents[id] {
				f.Errorf("an agent has %d units of %d", n, agents[id])
			}
		}
	})
}

// The widget must say why it is closed, and open at once when somebody is there.

// The estimate must come from what happened, and a place must be told only to

// whom it belongs.

// A message to somebody who has an agent already must cost nothing more: no

// entry, no round.

// newNode is another Inbox on the same store.
