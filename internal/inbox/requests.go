package inbox

import (
	"context"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// Stage is how far a matter is, as its contact understands it.
type Stage string

// The stages.
const (
	StageReceived  Stage = "received"   // nobody has it yet, and nobody stands in a line
	StageInQueue   Stage = "in_queue"   // waits for an agent
	StageWithAgent Stage = "with_agent" // somebody has it
	StageAnswered  Stage = "answered"   // the contact must answer, or is content
	StageResolved  Stage = "resolved"
)

// Request is a matter on a contact's own page of requests.
type Request struct {
	Conversation *desk.Conversation `json:"conversation"`
	Stage        Stage              `json:"stage" enum:"received,in_queue,with_agent,answered,resolved"`
	Awaiting     string             `json:"awaiting" enum:"us,you,nobody" doc:"who must do something next"`
	ExpectedLow  desk.Micros        `json:"expected_low" doc:"when an answer may be expected; both 0 when nothing honest can be said"`
	ExpectedHigh desk.Micros        `json:"expected_high"`
	Unread       int                `json:"unread" doc:"answers that were not read"`
}

// Requests lists a page of a contact's matters, newest activity first, and
// whether there are more behind it. The zero of afterAt and afterID is the first
// page; otherwise they are those of the last of the page before.
func (in *Inbox) Requests(ctx context.Context, contact desk.ID, afterAt desk.Micros, afterID desk.ID, limit int) (page []Request, more bool, err error) {
	q := in.store.Read(ctx)
	list, err := q.RequestsOf(contact, afterAt, afterID, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	ids := make([]desk.ID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	unread, err := q.UnreadAnswers(ids)
	if err != nil {
		return nil, false, err
	}
	page = make([]Request, 0, len(list))
	for _, c := range list {
		r, err := in.request(ctx, c)
		if err != nil {
			return nil, false, err
		}
		r.Unread = unread[c.ID]
		page = append(page, r)
	}
	return page, more, nil
}

func (in *Inbox) request(ctx context.Context, c *desk.Conversation) (r Request, err error) {
	r = Request{Conversation: ForContact(c)}
	switch {
	case c.Status == desk.Resolved:
		r.Stage, r.Awaiting = StageResolved, "nobody"
		return r, nil
	case c.Status == desk.Waiting:
		r.Stage, r.Awaiting = StageAnswered, "you"
		return r, nil
	}
	r.Stage, r.Awaiting = StageReceived, "us"
	var place desk.QueuePlace
	if c.AssigneeID != 0 {
		r.Stage = StageWithAgent
	} else if place, err = in.placeOf(ctx, c); err != nil {
		return r, err
	}
	now := in.store.Read(ctx).Now()
	seconds := func(n int) desk.Micros { return desk.Micros(n) * desk.Micros(time.Second/time.Microsecond) }
	if place.Position > 0 {
		r.Stage = StageInQueue
		if place.WaitHigh > 0 {
			r.ExpectedLow, r.ExpectedHigh = now+seconds(place.WaitLow), now+seconds(place.WaitHigh)
			return r, nil
		}
	}
	if place.State == placeClosed && place.OpensAt == 0 {
		return r, nil // nobody is there, and nobody knows when somebody is
	}
	low, high, err := in.answerTimes(ctx, c.TeamID)
	if err != nil || high == 0 {
		return r, err
	}
	// The clock of an answer begins with the question, or when somebody is there.
	from := max(c.WaitingSince, place.OpensAt)
	r.ExpectedLow, r.ExpectedHigh = max(now, from+low), from+high
	if r.ExpectedHigh <= now { // it takes longer than it should: no new promise
		r.ExpectedLow, r.ExpectedHigh = 0, 0
	}
	return r, nil
}

// answerPaces is how long teams took for their latest answers, remembered for a
// moment.
type answerPaces struct {
	mu   sync.Mutex
	team map[desk.ID]answerPace
}

type answerPace struct {
	at        time.Time
	low, high desk.Micros
}

const (
	paceFresh   = time.Minute
	paceSamples = 8                  // from fewer nothing is told
	paceSpan    = 7 * 24 * time.Hour // what is older says nothing about today
	paceLongest = 3 * 24 * time.Hour // nobody is helped by "within a week"
)

// answerTimes returns within how long a team answers in most cases: between a
// quarter and nine tenths of its latest answers. Zero when there are too few.
func (in *Inbox) answerTimes(ctx context.Context, team desk.ID) (low, high desk.Micros, err error) {
	now := in.store.Now()
	in.paces.mu.Lock()
	known, ok := in.paces.team[team]
	in.paces.mu.Unlock()
	if ok && now.Sub(known.at).Abs() < paceFresh {
		return known.low, known.high, nil
	}
	times, err := in.store.Read(ctx).AnswerTimes(team, now.Add(-paceSpan))
	if err != nil {
		return 0, 0, err
	}
	p := answerPace{at: now}
	if n := len(times); n >= paceSamples && times[n*9/10] < paceLongest {
		p.low, p.high = desk.Micros(times[n/4].Microseconds()), desk.Micros(max(times[n*9/10], time.Minute).Microseconds())
	}
	in.paces.mu.Lock()
	defer in.paces.mu.Unlock()
	if in.paces.team == nil || len(in.paces.team) > 1000 {
		in.paces.team = map[desk.ID]answerPace{}
	}
	in.paces.team[team] = p
	return p.low, p.high, nil
}
