package inbox_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
)

// A day at the desk in a few seconds: people come, write again, leave and are
// helped, agents come, pause, are lost and say nothing, nodes lose what they had
// in their hands. Nobody may be lost, doubled or forgotten, on either engine.
func TestADayAtTheDesk(t *testing.T) {
	eachFloor(t, func(f *floor) {
		seed := rand.Uint64()
		random := rand.New(rand.NewPCG(seed, 4))
		f.Cleanup(func() {
			if f.Failed() {
				f.Logf("seed %d", seed)
			}
		})
		var agents []*desk.Agent
		for i := range 4 {
			agents = append(agents, f.hire(fmt.Sprintf("Agent%d", i), func(a *desk.Agent) {
				a.Capacity = 2 + 2*i
				if i%2 == 1 {
					a.Locales = []string{"zh-CN"}
				}
			}))
		}
		everybody := f.here
		var talks []*desk.Conversation
		some := func() *desk.Conversation { return talks[random.IntN(len(talks))] }
		resolved := desk.Resolved
		for range 120 {
			agent := agents[random.IntN(len(agents))]
			switch n := random.IntN(12); {
			case n < 4 || len(talks) == 0:
				talks = append(talks, f.arrive(func(in *desk.Inbound) {
					in.Locale = desk.Locales[random.IntN(2)]
					in.Scenario = desk.Scenarios[random.IntN(len(desk.Scenarios))]
				}))
			case n == 4:
				f.say(some())
			case n == 5:
				if c := f.now(some()); c.AssigneeID != 0 && c.Status == desk.Open {
					f.reply(agents[0], c) // whoever sits next to them
				}
			case n == 6:
				if c := f.now(some()); c.AssigneeID != 0 {
					_, err := f.Update(f.Context(), agents[0], c.ID, inbox.Change{Status: &resolved}, "")
					f.ok(err)
				}
			case n == 7:
				c := some()
				_, err := f.End(f.Context(), c.ContactID, c.ID)
				f.ok(err)
			case n == 8:
				states := []desk.PresenceState{desk.Available, desk.Available, desk.WrapUp, desk.OnBreak, desk.Away}
				_, err := f.SetPresence(f.Context(), agent, states[random.IntN(len(states))], 0, "")
				f.ok(err)
			case n == 9: // an agent's machine is lost, and found
				f.here = nil
				if random.IntN(2) == 0 {
					f.here = everybody
				}
			case n == 10: // a node dies with the queue in its hands
				f.write(func(tx *store.Tx) error { return tx.LeaveQueue(some().ID, 0, store.QueueEnded) })
			case n == 11:
				f.later(time.Duration(random.IntN(100)) * time.Second)
			}
			if random.IntN(2) == 0 {
				f.settleDown(agents)
			}
		}
		// No more people come; every agent works.
		f.here = everybody
		f.see()
		for _, a := range agents {
			_, err := f.SetPresence(f.Context(), a, desk.Available, 0, "")
			f.ok(err)
		}
		for round := 0; ; round++ {
			f.later(61 * time.Second)
			f.settleDown(agents)
			open := 0
			for _, c := range talks {
				if c = f.now(c); c.Status != desk.Resolved {
					open++
					if c.AssigneeID != 0 {
						_, err := f.Update(f.Context(), agents[0], c.ID, inbox.Change{Status: &resolved}, "")
						f.ok(err)
					}
				}
			}
			if open == 0 {
				break
			}
			if round > 60 {
				f.Fatalf("%d of %d were never helped", open, len(talks))
			}
		}
	})
}

// settleDown is one second of a node, and what must hold after it.
func (f *floor) settleDown(agents []*desk.Agent) {
	f.Helper()
	before, err := f.store.Read(f.Context()).Loads(store.RosterView{ChatWeight: 2, LeftWeight: 1}, ids(agents))
	f.ok(err)
	f.ok(f.LoseAgents(f.Context()))
	f.ok(f.TakeBack(f.Context()))
	f.ok(f.Mend(f.Context()))
	f.dispatch()
	q := f.store.Read(f.Context())
	for what, find := range map[string]func(int) ([]desk.ID, error){"lost": q.Astray, "kept in the queue": q.InVain} {
		if got, err := find(10); err != nil || len(got) > 0 {
			f.Fatalf("%s: %v %v", what, got, err)
		}
	}
	now := q.Now()
	roster, err := q.Roster(store.RosterView{ChatWeight: 2, LeftWeight: 1, SeenAfter: now - 45_000_000, IdleAfter: now - 600_000_000})
	f.ok(err)
	for _, c := range roster {
		if c.Load > c.Capacity && c.Load > before[c.AgentID] {
			f.Fatalf("%s was given up to %d of %d units", c.Name, c.Load, c.Capacity)
		}
	}
}

func ids(agents []*desk.Agent) (out []desk.ID) {
	for _, a := range agents {
		out = append(out, a.ID)
	}
	return out
}
