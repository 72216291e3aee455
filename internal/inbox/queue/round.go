package queue

import (
	"cmp"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// Rules are what the desk has decided about its queue.
type Rules struct {
	// Sticky is how long somebody who comes back is kept for the agent they know,
	// when that agent is available.
	Sticky time.Duration
	// Patience is how long an entry waits for somebody with the right language
	// and skill when nobody who is there has them. Theft and lock-outs do not wait.
	Patience time.Duration
}

// Entry is somebody who waits.
type Entry struct {
	ID       desk.ID // of the conversation
	Team     desk.ID // zero: no team, anybody's
	Entered  desk.Micros
	Scenario desk.Scenario
	Locale   string
	Weight   int       // units of work
	Sticky   desk.ID   // the agent they know; zero: none
	Declined []desk.ID // agents who had it and did not answer
}

// urgent entries take whoever is free.
func (e *Entry) urgent() bool {
	return e.Scenario == desk.SuspectedTheft || e.Scenario == desk.LockedOut
}

// Agent is somebody who is there.
type Agent struct {
	ID        desk.ID
	Teams     []desk.ID
	Teamless  bool // takes what has no team
	Available bool // takes new work now; otherwise they are only about to
	Capacity  int  // units of work
	Load      int
	Locales   []string        // none: all
	Skills    []desk.Scenario // none: all
	LastGiven desk.Micros     // when work was last given to them
}

func (a *Agent) room(weight int) bool { return a.Available && a.Load+weight <= a.Capacity }

func (a *Agent) speaks(locale string) bool {
	return len(a.Locales) == 0 || locale == "" || slices.Contains(a.Locales, locale)
}

func (a *Agent) knows(s desk.Scenario) bool {
	return len(a.Skills) == 0 || s == desk.NoScenario || slices.Contains(a.Skills, s)
}

func (a *Agent) in(team desk.ID) bool {
	if team == 0 {
		return a.Teamless
	}
	return slices.Contains(a.Teams, team)
}

// Round gives out work once. Entries are offered in the order of their rank.
type Round struct {
	now    desk.Micros
	rules  Rules
	agents []Agent
	byID   map[desk.ID]*Agent
	teams  map[desk.ID]*team
	given  desk.Micros // breaks ties between agents who are given work in this round
}

// team is who is there of a team, and what is known to be in vain.
type team struct {
	all     []*Agent
	full    int // nobody has room for this weight; 0: not known
	classes map[class]*qualified
}

// class is what makes one entry like another.
type class struct {
	locale   string
	scenario desk.Scenario
}

type qualified struct {
	agents []*Agent
	full   int // as in team
}

// NewRound begins a round at a moment with the agents that are there. It keeps
// agents and counts their load.
func NewRound(now desk.Micros, rules Rules, agents []Agent) *Round {
	r := &Round{now: now, rules: rules, agents: agents, byID: make(map[desk.ID]*Agent, len(agents)), teams: map[desk.ID]*team{}, given: now}
	for i := range agents {
		a := &agents[i]
		r.byID[a.ID] = a
		for _, t := range a.Teams {
			r.join(t, a)
		}
		if a.Teamless {
			r.join(0, a)
		}
	}
	return r
}

func (r *Round) join(id desk.ID, a *Agent) {
	t := r.teams[id]
	if t == nil {
		t = &team{classes: map[class]*qualified{}}
		r.teams[id] = t
	}
	t.all = append(t.all, a)
}

// Room reports whether any agent could take an entry of this weight.
func (r *Round) Room(weight int) bool {
	return slices.ContainsFunc(r.agents, func(a Agent) bool { return a.room(weight) })
}

// Give finds the agent for an entry and counts the work as theirs; zero when it
// must wait.
func (r *Round) Give(e *Entry) desk.ID {
	a := r.find(e)
	if a == nil {
		return 0
	}
	a.Load += e.Weight
	r.given++
	a.LastGiven = r.given
	return a.ID
}

func (r *Round) find(e *Entry) *Agent {
	t := r.teams[e.Team]
	if t == nil {
		return nil
	}
	if a := r.known(e); a != nil {
		if a.room(e.Weight) {
			return a
		}
		if !e.urgent() && e.Entered+desk.Micros(r.rules.Sticky.Microseconds()) > r.now {
			return nil // soon
		}
	}
	if t.full != 0 && t.full <= e.Weight {
		return nil
	}
	q := t.qualified(e)
	if a := r.best(q.agents, e, &q.full); a != nil {
		return a
	}
	if r.mayFallBack(e, t, q) {
		if a := r.best(t.all, e, &t.full); a != nil {
			return a
		}
	}
	if len(e.Declined) > 0 && !slices.ContainsFunc(t.all, func(a *Agent) bool { return a.Available && !e.declinedBy(a) }) {
		// Whoever is there has let it lie once. Better they than nobody.
		again := *e
		again.Declined = nil
		return r.find(&again)
	}
	return nil
}

// known returns the agent that the entry's contact knows, when they are
// available and may take it.
func (r *Round) known(e *Entry) *Agent {
	a := r.byID[e.Sticky]
	if a == nil || !a.Available || a.Capacity < e.Weight || !a.in(e.Team) || e.declinedBy(a) {
		return nil
	}
	return a
}

func (e *Entry) declinedBy(a *Agent) bool { return slices.Contains(e.Declined, a.ID) }

func (t *team) qualified(e *Entry) *qualified {
	key := class{e.Locale, e.Scenario}
	q := t.classes[key]
	if q == nil {
		q = &qualified{}
		for _, a := range t.all {
			if a.speaks(e.Locale) && a.knows(e.Scenario) {
				q.agents = append(q.agents, a)
			}
		}
		t.classes[key] = q
	}
	return q
}

// mayFallBack reports whether somebody without the language or skill may take
// the entry: when nobody who is there (and could ever carry it) has them.
func (r *Round) mayFallBack(e *Entry, t *team, q *qualified) bool {
	if len(q.agents) == len(t.all) {
		return false // there is nobody else
	}
	if e.urgent() {
		return true
	}
	if e.Entered+desk.Micros(r.rules.Patience.Microseconds()) > r.now {
		return false
	}
	return !slices.ContainsFunc(q.agents, func(a *Agent) bool { return a.Capacity >= e.Weight && !e.declinedBy(a) })
}

// best returns the agent of a list who should take the entry. full remembers the
// weight that nobody of the list has room for: loads only grow within a round.
func (r *Round) best(list []*Agent, e *Entry, full *int) *Agent {
	if *full != 0 && *full <= e.Weight {
		return nil
	}
	var best *Agent
	room := false
	for _, a := range list {
		if !a.room(e.Weight) {
			continue
		}
		room = true
		if !e.declinedBy(a) && (best == nil || e.prefers(a, best)) {
			best = a
		}
	}
	if !room {
		*full = e.Weight
	}
	return best
}

// prefers reports whether a should take the entry rather than b: the one they
// know, the language, the skill, the least share of work, the longest idle.
func (e *Entry) prefers(a, b *Agent) bool {
	better := func(x, y bool) int {
		switch {
		case x == y:
			return 0
		case x:
			return -1
		}
		return 1
	}
	return cmp.Or(
		better(a.speaks(e.Locale), b.speaks(e.Locale)),
		better(a.knows(e.Scenario), b.knows(e.Scenario)),
		cmp.Compare(a.Load*b.Capacity, b.Load*a.Capacity),
		cmp.Compare(a.LastGiven, b.LastGiven),
		cmp.Compare(a.ID, b.ID),
	) < 0
}

// Takes reports whether an agent who asks for work should be offered the entry
// before others: it is in their language and skills, they have not let it lie,
// and it is not kept for somebody else who is available.
func (r *Round) Takes(agent desk.ID, e *Entry) bool {
	a := r.byID[agent]
	if a == nil || !a.in(e.Team) || e.declinedBy(a) || !a.speaks(e.Locale) || !a.knows(e.Scenario) {
		return false
	}
	known := r.known(e)
	kept := known != nil && known.ID != agent && e.Entered+desk.Micros(r.rules.Sticky.Microseconds()) > r.now
	return !kept || e.urgent()
}
