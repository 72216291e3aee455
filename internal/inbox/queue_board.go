package inbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/deadline"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox/queue"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	// boardAge is how old what visitors are told about the queue may be.
	boardAge = 2 * time.Second
	// recently is what the estimate looks at.
	recently = 30 * time.Minute
	// recentRows bounds how many of the recently served are looked at.
	recentRows = 4000
)

// board is the state of every team's queue in one moment. It never changes.
type board struct {
	read     time.Time
	now      desk.Micros
	settings QueueSettings
	roster   []store.Colleague
	teams    map[desk.ID]*teamBoard
	order    []desk.ID // by name; zero, for conversations without a team, last
}

type teamBoard struct {
	team    desk.Team
	open    bool
	opensAt desk.Micros   // next; 0: it is open, or never opens
	holiday *desk.Holiday // today, when it closes the team
	waiting int
	since   desk.Micros
	pace    queue.Pace
	agents  AgentCounts
	staffed bool // somebody is there who takes work, or soon will
	room    bool // somebody could take a chat now
}

// AgentCounts is how many of a team are in which state.
type AgentCounts struct {
	Available int `json:"available" doc:"can take work now"`
	Busy      int `json:"busy" doc:"available but full, or finishing what there is"`
	Away      int `json:"away" doc:"away or on a break"`
	Offline   int `json:"offline"`
}

// boardCache keeps the board for those who ask often.
type boardCache struct {
	mu   sync.Mutex // one reading at a time
	last *board
}

// boardOf returns the board, at most age old.
func (in *Inbox) boardOf(ctx context.Context, age time.Duration) (*board, error) {
	c := &in.queue.board
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last != nil && age > 0 && time.Since(c.last.read) < age {
		return c.last, nil
	}
	b := &board{read: time.Now()}
	// Whoever asked first may leave; the others still want the answer.
	if err := in.store.Snapshot(context.WithoutCancel(ctx), b.fill); err != nil {
		return nil, err
	}
	c.last = b
	return b, nil
}

func (b *board) fill(q store.Query) (err error) {
	b.now = q.Now()
	if b.settings, err = queueSettings(q); err != nil {
		return err
	}
	teams, err := q.Teams()
	if err != nil {
		return err
	}
	if b.roster, err = q.Roster(b.settings.view(b.now)); err != nil {
		return err
	}
	lines, err := q.QueueLines()
	if err != nil {
		return err
	}
	from := b.now - micros(recently)
	services, err := q.QueueServices(from, recentRows)
	if err != nil {
		return err
	}
	if len(services) == recentRows {
		from = services[len(services)-1].Left
	}
	members, err := q.TeamMembers()
	if err != nil {
		return err
	}
	b.teams = make(map[desk.ID]*teamBoard, len(teams)+1)
	for _, t := range append(teams, desk.Team{}) {
		b.teams[t.ID] = &teamBoard{team: t}
		b.order = append(b.order, t.ID)
	}
	for _, l := range lines {
		if t := b.teams[l.TeamID]; t != nil {
			t.waiting, t.since = l.Waiting, l.Since
		}
	}
	recent := map[desk.ID][]queue.Served{}
	for _, s := range services {
		recent[s.TeamID] = append(recent[s.TeamID], queue.Served{Entered: s.EnteredAt, Left: s.Left})
	}
	for id, t := range b.teams {
		t.hours(b.now)
		t.count(b, members[id])
		t.pace = queue.PaceOf(queue.Recent{From: from, Served: recent[id], WaitingSince: t.since, Now: b.now})
	}
	return nil
}

// hours sets what the team's calendar says. Hours that cannot be read (a zone
// that is not known any more) close nobody out.
func (t *teamBoard) hours(now desk.Micros) {
	c, err := deadline.New(t.team.Hours)
	if err != nil {
		c = deadline.Always()
	}
	at := now.Time()
	if t.open = c.Open(at); t.open {
		return
	}
	if next, ok := c.NextOpen(at); ok {
		t.opensAt = desk.MicrosOf(next)
	}
	if h, ok := c.Holiday(at); ok {
		t.holiday = &h
	}
}

// count looks at who of the team is there. members are all of them, also those
// who were never connected.
func (t *teamBoard) count(b *board, members int) {
	weight := b.settings.weigh(desk.Chat, desk.LiveMode)
	known := 0
	for i := range b.roster {
		c := &b.roster[i]
		if !canServe(c, t.team.ID) {
			continue
		}
		known++
		switch {
		case !c.Online:
			t.agents.Offline++
			continue
		case c.State == desk.Away || c.State == desk.OnBreak:
			t.agents.Away++
		case c.State == desk.Available && c.Load+weight <= c.Capacity:
			t.agents.Available++
			t.room = true
		default:
			t.agents.Busy++
		}
		// A break that ends by itself leaves people waiting, not without anybody.
		t.staffed = t.staffed || c.State == desk.Available || c.State == desk.WrapUp || c.Until > b.now
	}
	t.agents.Offline += max(members-known, 0)
}

// The states of a place.
const (
	placeNone     = "none"
	placeWaiting  = "waiting"
	placeAssigned = "assigned"
	placeClosed   = "closed"
)

// place is what a contact is told who is the nth of the team's line.
func (t *teamBoard) place(nth int) desk.QueuePlace {
	if t == nil {
		return desk.QueuePlace{State: placeWaiting, Position: queue.CoarsePlace(nth)}
	}
	if !t.staffed {
		return desk.QueuePlace{State: placeClosed, OpensAt: t.opensAt}
	}
	p := desk.QueuePlace{State: placeWaiting, Position: queue.CoarsePlace(nth), OpensAt: t.opensAt}
	p.WaitLow, p.WaitHigh = inSeconds(t.pace.Wait(p.Position))
	return p
}

func inSeconds(w queue.Wait) (low, high int) {
	return int(w.Low / time.Second), int(w.High / time.Second)
}

// Place tells a contact where their conversation stands; a stranger's is NotFound.
func (in *Inbox) Place(ctx context.Context, contact, conversation desk.ID) (desk.QueuePlace, error) {
	c, err := in.store.Read(ctx).ConversationOf(contact, conversation)
	if err != nil {
		return desk.QueuePlace{}, err
	}
	return in.placeOf(ctx, c)
}

// placeOf returns where a conversation stands.
func (in *Inbox) placeOf(ctx context.Context, c *desk.Conversation) (desk.QueuePlace, error) {
	q := in.store.Read(ctx)
	if c.AssigneeID != 0 && c.Status != desk.Resolved {
		name, err := q.AgentName(c.AssigneeID)
		if err != nil && desk.CodeOf(err) != desk.NotFound {
			return desk.QueuePlace{}, err
		}
		return desk.QueuePlace{State: placeAssigned, Agent: name}, nil
	}
	e, err := q.QueueEntry(c.ID)
	if desk.CodeOf(err) == desk.NotFound {
		return desk.QueuePlace{State: placeNone}, nil
	}
	if err != nil {
		return desk.QueuePlace{}, err
	}
	nth, err := q.QueuePosition(e)
	if err != nil {
		return desk.QueuePlace{}, err
	}
	b, err := in.boardOf(ctx, boardAge)
	if err != nil {
		return desk.QueuePlace{}, err
	}
	return b.teams[e.TeamID].place(nth), nil
}

// ChatState is whether one may chat now, as the widget shows it.
type ChatState struct {
	Kind     string      `json:"kind" enum:"chat"`
	Open     bool        `json:"open"`
	Waiting  int         `json:"waiting" doc:"how many wait now"`
	WaitLow  int         `json:"wait_low" doc:"seconds that one who begins now may wait"`
	WaitHigh int         `json:"wait_high" doc:"seconds; 0: not known"`
	OpensAt  desk.Micros `json:"opens_at" doc:"when it opens next; 0: it is open, or not known"`
	Reason   string      `json:"reason" enum:",hours,holiday,nobody,full" doc:"why it is closed"`
	Holiday  string      `json:"holiday,omitempty" doc:"its name"`
}

// The reasons for which the chat is closed.
const (
	closedByHours   = "hours"
	closedByHoliday = "holiday"
	closedByNobody  = "nobody"
	closedByFull    = "full"
)

// atOnce is the wait, in seconds, of whom somebody is free for.
const atOnce = 30

// ChatState tells whether the team that new conversations of a legal entity and
// region go to is there now. It is at most two seconds old. locale chooses the
// name of a holiday.
func (in *Inbox) ChatState(ctx context.Context, entity, region, locale string) (ChatState, error) {
	team, err := in.store.Read(ctx).TeamFor(entity, region)
	if err != nil {
		return ChatState{}, err
	}
	b, err := in.boardOf(ctx, boardAge)
	if err != nil {
		return ChatState{}, err
	}
	t := b.teams[team]
	if t == nil { // made a moment ago
		t = b.teams[0]
	}
	return t.chat(locale), nil
}

func (t *teamBoard) chat(locale string) ChatState {
	s := ChatState{Kind: string(desk.Chat), Waiting: t.waiting}
	switch {
	case !t.open && t.holiday != nil:
		s.Reason, s.OpensAt, s.Holiday = closedByHoliday, t.opensAt, nameIn(t.holiday.Name, locale)
	case !t.open:
		s.Reason, s.OpensAt = closedByHours, t.opensAt
	case !t.staffed:
		s.Reason = closedByNobody
	case t.team.Queue.MaxWaiting > 0 && t.waiting >= t.team.Queue.MaxWaiting:
		s.Reason = closedByFull
	case t.room && t.waiting == 0:
		s.Open, s.WaitHigh = true, atOnce
	default:
		s.Open = true
		s.WaitLow, s.WaitHigh = inSeconds(t.pace.Wait(t.waiting + 1))
	}
	return s
}

func nameIn(names map[string]string, locale string) string {
	for _, l := range []string{locale, desk.KnownLocale(locale), desk.Locales[0]} {
		if names[l] != "" {
			return names[l]
		}
	}
	for _, l := range desk.ReadingLocales {
		if names[l] != "" {
			return names[l]
		}
	}
	return ""
}

// tellEvery is how often a contact is told of a changed place, at most.
const tellEvery = 3 * time.Second

// tellPlaces tells the contacts who are connected to this node, and whose place
// or wait is another than they were told last.
func (in *Inbox) tellPlaces(ctx context.Context) error {
	d := in.queue
	if time.Since(d.told) < tellEvery {
		return nil
	}
	d.told = time.Now()
	lines, err := in.store.Read(ctx).QueueLines()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(l store.QueueLine) bool { return l.Waiting > 0 }) {
		clear(d.places)
		return nil
	}
	seats, err := in.store.Read(ctx).QueueSeats()
	if err != nil {
		return err
	}
	b, err := in.boardOf(ctx, tellEvery)
	if err != nil {
		return err
	}
	nth := map[desk.ID]int{}
	now := make(map[desk.ID]desk.QueuePlace, len(d.places))
	for _, s := range seats {
		nth[s.TeamID]++
		if !s.Live || !in.hub.VisitorHere(s.ContactID) {
			continue
		}
		p := b.teams[s.TeamID].place(nth[s.TeamID])
		now[s.ConversationID] = p
		if before, known := d.places[s.ConversationID]; !known || before != p {
			in.hub.PublishVisitor(s.ContactID, desk.Event{Type: desk.EventQueue, ConversationID: s.ConversationID, ContactID: s.ContactID, Queue: &p})
		}
	}
	d.places = now
	return nil
}
