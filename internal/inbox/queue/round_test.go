package queue_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox/queue"
)

var rules = queue.Rules{Sticky: time.Minute, Patience: time.Minute}

const noon = 1_000_000 * second

// given runs a round over entries in order and says who got what.
func given(agents []queue.Agent, entries ...queue.Entry) string {
	r := queue.NewRound(noon, rules, agents)
	out := ""
	for i := range entries {
		out += fmt.Sprint(int64(r.Give(&entries[i])), " ")
	}
	return out
}

func agent(id desk.ID, capacity, load int) queue.Agent {
	return queue.Agent{ID: id, Teams: []desk.ID{1}, Available: true, Capacity: capacity, Load: load}
}

func entry(waited desk.Micros, change ...func(*queue.Entry)) queue.Entry {
	e := queue.Entry{ID: 100, Team: 1, Entered: noon - waited*second, Weight: 2}
	for _, c := range change {
		c(&e)
	}
	return e
}

// What operators are told in docs/queue.md.
func TestWhoGetsWhat(t *testing.T) {
	chinese := func(a queue.Agent) queue.Agent { a.Locales = []string{"zh-CN"}; return a }
	deposits := func(a queue.Agent) queue.Agent { a.Skills = []desk.Scenario{desk.TransferTrouble}; return a }
	wraps := func(a queue.Agent) queue.Agent { a.Available = false; return a }
	idleSince := func(a queue.Agent, at desk.Micros) queue.Agent { a.LastGiven = at; return a }
	english := func(e *queue.Entry) { e.Locale = "en" }
	theft := func(e *queue.Entry) { e.Scenario = desk.SuspectedTheft }
	howTo := func(e *queue.Entry) { e.Scenario = desk.HowTo }
	knows := func(id desk.ID) func(*queue.Entry) { return func(e *queue.Entry) { e.Sticky = id } }
	declined := func(ids ...desk.ID) func(*queue.Entry) { return func(e *queue.Entry) { e.Declined = ids } }
	teamless := func(e *queue.Entry) { e.Team = 0 }
	for _, tc := range []struct {
		name    string
		agents  []queue.Agent
		entries []queue.Entry
		want    string
	}{
		{"the least share of what they can carry", []queue.Agent{agent(1, 4, 2), agent(2, 10, 4)}, []queue.Entry{entry(5)}, "2 "},
		{"then who has been idle longest", []queue.Agent{idleSince(agent(1, 4, 0), 50), idleSince(agent(2, 4, 0), 40)}, []queue.Entry{entry(5), entry(4), entry(3)}, "2 1 2 "},
		{"never more than they can carry", []queue.Agent{agent(1, 4, 0), agent(2, 3, 1)}, []queue.Entry{entry(5), entry(4), entry(3), entry(2)}, "1 2 1 0 "},
		{"a lighter one still fits", []queue.Agent{agent(1, 3, 2)}, []queue.Entry{entry(5), entry(4, func(e *queue.Entry) { e.Weight = 1 })}, "0 1 "},
		{"only who is available", []queue.Agent{wraps(agent(1, 4, 0))}, []queue.Entry{entry(500)}, "0 "},
		{"only of the team", []queue.Agent{agent(1, 4, 0)}, []queue.Entry{entry(5, func(e *queue.Entry) { e.Team = 2 })}, "0 "},
		{"what has no team, to those who take it", []queue.Agent{agent(1, 4, 0), {ID: 2, Teamless: true, Available: true, Capacity: 2}}, []queue.Entry{entry(5, teamless)}, "2 "},
		{"in their language", []queue.Agent{chinese(agent(1, 4, 0)), agent(2, 4, 2)}, []queue.Entry{entry(5, english)}, "2 "},
		{"nobody speaks it: after a patience", []queue.Agent{chinese(agent(1, 4, 0))}, []queue.Entry{entry(61, english), entry(59, english)}, "1 0 "},
		{"who speaks it is busy: they wait", []queue.Agent{chinese(agent(1, 4, 0)), agent(2, 2, 2)}, []queue.Entry{entry(600, english)}, "0 "},
		{"who speaks it is wrapping up: they wait", []queue.Agent{chinese(agent(1, 4, 0)), wraps(agent(2, 2, 0))}, []queue.Entry{entry(600, english)}, "0 "},
		{"who speaks it carries nothing: as if they were not there", []queue.Agent{chinese(agent(1, 4, 0)), agent(2, 0, 0)}, []queue.Entry{entry(600, english)}, "1 "},
		{"who knows the matter", []queue.Agent{deposits(agent(1, 4, 0)), agent(2, 4, 2)}, []queue.Entry{entry(5, howTo)}, "2 "},
		{"of two who do not, the one who speaks it", []queue.Agent{deposits(chinese(agent(1, 8, 0))), deposits(agent(2, 4, 2))}, []queue.Entry{entry(90, howTo, english)}, "2 "},
		{"a theft falls back at once", []queue.Agent{deposits(chinese(agent(1, 4, 0)))}, []queue.Entry{entry(0, theft, english)}, "1 "},
		{"a theft does not wait for who is busy", []queue.Agent{chinese(agent(1, 4, 0)), agent(2, 2, 2)}, []queue.Entry{entry(0, theft, english)}, "1 "},
		{"the one they know", []queue.Agent{agent(1, 4, 0), agent(2, 4, 2)}, []queue.Entry{entry(5, knows(2))}, "2 "},
		{"is waited for a little", []queue.Agent{agent(1, 4, 0), agent(2, 4, 4)}, []queue.Entry{entry(61, knows(2)), entry(59, knows(2))}, "1 0 "},
		{"but not when they are not there", []queue.Agent{agent(1, 4, 0), wraps(agent(2, 4, 0))}, []queue.Entry{entry(5, knows(2)), entry(4, knows(9))}, "1 1 "},
		{"a theft waits for nobody", []queue.Agent{agent(1, 4, 0), agent(2, 4, 4)}, []queue.Entry{entry(0, theft, knows(2))}, "1 "},
		{"not to who let it lie", []queue.Agent{agent(1, 4, 0), agent(2, 4, 2)}, []queue.Entry{entry(5, declined(1))}, "2 "},
		{"who let it lie, when the others are busy: not yet", []queue.Agent{agent(1, 4, 0), agent(2, 4, 4)}, []queue.Entry{entry(5, declined(1))}, "0 "},
		{"who let it lie, when there is nobody else", []queue.Agent{agent(1, 4, 0), wraps(agent(2, 4, 0))}, []queue.Entry{entry(5, declined(1))}, "1 "},
	} {
		if got := given(tc.agents, tc.entries...); got != tc.want {
			t.Errorf("%s: given to %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestWhatIsOfferedToWhoAsks(t *testing.T) {
	agents := []queue.Agent{agent(1, 4, 4), agent(2, 4, 0)}
	r := queue.NewRound(noon, rules, agents)
	for name, tc := range map[string]struct {
		e    queue.Entry
		want bool
	}{
		"although they are full":         {entry(5), true},
		"of another team":                {entry(5, func(e *queue.Entry) { e.Team = 3 }), false},
		"kept for somebody else":         {entry(5, func(e *queue.Entry) { e.Sticky = 2 }), false},
		"kept long enough":               {entry(65, func(e *queue.Entry) { e.Sticky = 2 }), true},
		"kept, but a theft":              {entry(5, func(e *queue.Entry) { e.Sticky, e.Scenario = 2, desk.SuspectedTheft }), true},
		"kept for somebody who has left": {entry(5, func(e *queue.Entry) { e.Sticky = 7 }), true},
		"they have let it lie":           {entry(5, func(e *queue.Entry) { e.Declined = []desk.ID{1} }), false},
	} {
		if got := r.Takes(1, &tc.e); got != tc.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// model is a desk of many hours: people come and leave, agents come, go, change
// their minds and are lost, and the queue gives out work in between.
type model struct {
	now     desk.Micros
	next    desk.ID
	agents  map[desk.ID]*queue.Agent
	waiting []*person
	having  map[desk.ID]*person // by entry
}

type person struct {
	queue.Entry
	rank desk.Micros
	by   desk.ID
}

var (
	locales   = []string{"en", "zh-CN"}
	scenarios = []desk.Scenario{desk.NoScenario, desk.SuspectedTheft, desk.LockedOut, desk.TransferTrouble, desk.HowTo}
	boosts    = map[desk.Scenario]desk.Micros{desk.SuspectedTheft: 86_400 * second, desk.LockedOut: 600 * second, desk.TransferTrouble: 600 * second}
)

func subset[T any](t *rapid.T, of []T) []T {
	out := []T{}
	for _, v := range of {
		if rapid.IntRange(0, 2).Draw(t, "in") == 0 {
			out = append(out, v)
		}
	}
	return out
}

// permitted is the rule in its plainest form, without any of the engine's
// bookkeeping: may this agent be given this entry now?
func (m *model) permitted(a *queue.Agent, p *person) bool {
	urgent := p.Scenario == desk.SuspectedTheft || p.Scenario == desk.LockedOut
	fits := func(b *queue.Agent) bool {
		return (len(b.Locales) == 0 || slices.Contains(b.Locales, p.Locale)) &&
			(len(b.Skills) == 0 || p.Scenario == desk.NoScenario || slices.Contains(b.Skills, p.Scenario))
	}
	inTeam := func(b *queue.Agent) bool { return slices.Contains(b.Teams, p.Team) }
	if !a.Available || a.Load+p.Weight > a.Capacity || !inTeam(a) {
		return false
	}
	declined := func(b *queue.Agent) bool { return slices.Contains(p.Declined, b.ID) }
	alone := true // nobody of the team is there who has not let it lie
	for _, b := range m.agents {
		if inTeam(b) && b.Available && !declined(b) {
			alone = false
		}
	}
	if alone {
		declined = func(*queue.Agent) bool { return false }
	}
	if declined(a) {
		return false
	}
	if s := m.agents[p.Sticky]; s != nil && s.Available && s.Capacity >= p.Weight && inTeam(s) && !declined(s) {
		if s == a {
			return true
		}
		if !urgent && m.now < p.Entered+60*second {
			return false // kept for s
		}
	}
	if fits(a) || urgent {
		return true
	}
	for _, b := range m.agents {
		if inTeam(b) && fits(b) && b.Capacity >= p.Weight && !declined(b) {
			return false // somebody who can is there
		}
	}
	return m.now >= p.Entered+60*second
}

// serve runs a round as the dispatcher does, and checks every decision.
func (m *model) serve(t *rapid.T) {
	slices.SortFunc(m.waiting, func(a, b *person) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.ID, b.ID)) })
	agents := make([]queue.Agent, 0, len(m.agents))
	for _, a := range m.agents {
		agents = append(agents, *a)
	}
	slices.SortFunc(agents, func(a, b queue.Agent) int { return cmp.Compare(a.ID, b.ID) })
	again := slices.Clone(agents)
	r, twin := queue.NewRound(m.now, rules, agents), queue.NewRound(m.now, rules, again)
	left := m.waiting[:0:0]
	for _, p := range m.waiting {
		to := r.Give(&p.Entry)
		if other := twin.Give(&p.Entry); other != to {
			t.Fatalf("the same round gives %d to %d and to %d", p.ID, to, other)
		}
		if to == 0 {
			for _, a := range m.agents {
				if m.permitted(a, p) {
					t.Fatalf("%+v waits although %+v could take it", p, a)
				}
			}
			left = append(left, p)
			continue
		}
		a := m.agents[to]
		if a == nil || !m.permitted(a, p) {
			t.Fatalf("%+v was given to %+v, who may not have it", p, a)
		}
		if m.having[p.ID] != nil {
			t.Fatalf("%d was given twice", p.ID)
		}
		for _, b := range m.agents { // no busier colleague when an idler one is as fit
			same := slices.Equal(a.Locales, b.Locales) && slices.Equal(a.Skills, b.Skills)
			if p.Sticky != a.ID && same && m.permitted(b, p) && b.Load*a.Capacity < a.Load*b.Capacity {
				t.Fatalf("%+v was given to %+v, while %+v has less in hand", p, a, b)
			}
		}
		a.Load += p.Weight
		p.by = to
		m.having[p.ID] = p
	}
	m.waiting = left
}

// Nobody may be forgotten, doubled, or given to somebody who cannot help,
// whatever happens in whatever order.
func TestNobodyStarves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &model{now: noon, next: 1, agents: map[desk.ID]*queue.Agent{}, having: map[desk.ID]*person{}}
		pick := func(ids []desk.ID) desk.ID {
			slices.Sort(ids)
			return rapid.SampledFrom(ids).Draw(t, "whom")
		}
		agentIDs := func() (ids []desk.ID) {
			for id := range m.agents {
				ids = append(ids, id)
			}
			return ids
		}
		handIDs := func() (ids []desk.ID) {
			for id := range m.having {
				ids = append(ids, id)
			}
			return ids
		}
		release := func(p *person) {
			delete(m.having, p.ID)
			if a := m.agents[p.by]; a != nil {
				a.Load -= p.Weight
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"somebody comes": func(t *rapid.T) {
				p := &person{Entry: queue.Entry{
					ID: m.next, Team: desk.ID(rapid.IntRange(1, 2).Draw(t, "team")), Entered: m.now,
					Scenario: rapid.SampledFrom(scenarios).Draw(t, "scenario"), Locale: rapid.SampledFrom(locales).Draw(t, "locale"),
					Weight: rapid.IntRange(1, 2).Draw(t, "weight"), Sticky: desk.ID(rapid.IntRange(0, 12).Draw(t, "knows")) + 1000,
				}}
				m.next++
				p.rank = p.Entered - boosts[p.Scenario]
				m.waiting = append(m.waiting, p)
			},
			"somebody gives up": func(t *rapid.T) {
				if len(m.waiting) > 0 {
					i := rapid.IntRange(0, len(m.waiting)-1).Draw(t, "who")
					m.waiting = slices.Delete(m.waiting, i, i+1)
				}
			},
			"somebody is helped": func(t *rapid.T) {
				if len(m.having) > 0 {
					release(m.having[pick(handIDs())])
				}
			},
			"an agent says nothing": func(t *rapid.T) {
				if len(m.having) > 0 {
					p := m.having[pick(handIDs())]
					release(p)
					p.Declined = append(p.Declined, p.by)
					m.waiting = append(m.waiting, p)
				}
			},
			"an agent comes": func(t *rapid.T) {
				if len(m.agents) < 8 {
					id := desk.ID(rapid.IntRange(1001, 1012).Draw(t, "agent"))
					if m.agents[id] == nil {
						m.agents[id] = &queue.Agent{
							ID: id, Teams: subset(t, []desk.ID{1, 2}), Available: true, Capacity: rapid.IntRange(0, 5).Draw(t, "capacity"),
							Locales: subset(t, locales), Skills: subset(t, scenarios[1:]),
						}
					}
				}
			},
			"an agent is lost": func(t *rapid.T) { // a crash, or away: their work comes back
				if len(m.agents) == 0 {
					return
				}
				id := pick(agentIDs())
				delete(m.agents, id)
				for _, p := range m.having {
					if p.by == id {
						delete(m.having, p.ID)
						m.waiting = append(m.waiting, p)
					}
				}
			},
			"an agent wraps up or is ready": func(t *rapid.T) {
				if len(m.agents) > 0 {
					a := m.agents[pick(agentIDs())]
					a.Available = !a.Available
				}
			},
			"time passes": func(t *rapid.T) { m.now += desk.Micros(rapid.IntRange(1, 90).Draw(t, "seconds")) * second },
			"":            func(t *rapid.T) { m.serve(t) },
		})
		drain(t, m)
	})
}

// drain lets no more people come: with one agent who can do anything in each
// team, everybody who waits must be served, the lowest rank among likes first.
func drain(t *rapid.T, m *model) {
	for team := range desk.ID(2) {
		m.agents[2000+team] = &queue.Agent{ID: 2000 + team, Teams: []desk.ID{team + 1}, Available: true, Capacity: 2}
	}
	for round := 0; len(m.waiting)+len(m.having) > 0; round++ {
		if round > 400 {
			t.Fatalf("after %d rounds %d still wait: %+v", round, len(m.waiting), m.waiting[0])
		}
		for _, p := range m.having {
			if a := m.agents[p.by]; a != nil {
				a.Load -= p.Weight
			}
		}
		clear(m.having)
		m.now += 30 * second
		m.serve(t)
	}
}

// Ten thousand who wait and a thousand who answer are decided within a moment.
func BenchmarkRound(b *testing.B) {
	agents := make([]queue.Agent, 1000)
	for i := range agents {
		agents[i] = agent(desk.ID(i+1), 6, i%3)
	}
	entries := make([]queue.Entry, 10_000)
	for i := range entries {
		entries[i] = entry(desk.Micros(i), func(e *queue.Entry) {
			e.Scenario, e.Locale = scenarios[i%len(scenarios)], locales[i%2]
		})
	}
	decided := 0
	for b.Loop() {
		r := queue.NewRound(noon, rules, slices.Clone(agents))
		for i := range entries {
			r.Give(&entries[i])
		}
		decided += len(entries)
	}
	b.ReportMetric(float64(decided)/b.Elapsed().Seconds(), "decisions/s")
}
