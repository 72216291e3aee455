package inbox

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	beatEvery = 15 * time.Second // how often connected agents are noted
	mendEvery = 5 * time.Second
	// answerWithin is how long somebody in front of the chat waits for an agent who
	// has it and says nothing, unless the team has set something else.
	answerWithin = 2 * time.Minute
	// leftWithin is the same for a message that was left.
	leftWithin = 30 * time.Minute
	// sweepBatch bounds the transactions of a sweep.
	sweepBatch = 50
)

// Why work went back into the queue.
const (
	becauseSilence = "silence"
	becauseOffline = "offline"
	becauseByHand  = "by_hand"
)

// sweep does what no single event does: notes who is there, ends pauses, takes
// work back, mends what a crash has left, gives out work and tells people where
// they stand. What fails does not keep the rest from being done.
func (in *Inbox) sweep(ctx context.Context) error {
	errs := []error{in.beat(ctx), in.endPauses(ctx), in.loseAgents(ctx), in.TakeBack(ctx)}
	if time.Since(in.queue.mended) >= mendEvery {
		in.queue.mended = time.Now()
		errs = append(errs, in.Mend(ctx))
	}
	_, err := in.Dispatch(ctx)
	return errors.Join(append(errs, err, in.tellPlaces(ctx))...)
}

// beat notes the agents who are connected to this node: newcomers at once, the
// others now and then.
func (in *Inbox) beat(ctx context.Context) error {
	here := map[desk.ID]bool{}
	due := time.Since(in.queue.beat) >= beatEvery
	for _, a := range in.hub.AgentsHere() {
		if a.Role.May(desk.ReplyConversations) {
			here[a.ID] = true
			due = due || !in.queue.seen[a.ID]
		}
	}
	if !due || len(here) == 0 {
		in.queue.seen = here
		return nil
	}
	agents := make([]desk.ID, 0, len(here))
	for id := range here {
		agents = append(agents, id)
	}
	slices.Sort(agents)
	if err := in.SeeAgents(ctx, agents); err != nil {
		return err
	}
	in.queue.beat, in.queue.seen = time.Now(), here
	return nil
}

// SeeAgents notes that agents are connected and tells the staff of those who
// were not.
func (in *Inbox) SeeAgents(ctx context.Context, agents []desk.ID) error {
	var back []desk.ID
	err := in.store.Write(ctx, func(tx *store.Tx) (err error) {
		back, err = tx.SeeAgents(agents, in.queue.settings.Load().view(tx.Now()).SeenAfter)
		return err
	})
	if err != nil || len(back) == 0 {
		return err
	}
	in.wakeQueue()
	return in.tellPresence(ctx, back...)
}

// endPauses makes those available who have said until when they would not be.
func (in *Inbox) endPauses(ctx context.Context) error {
	due, err := in.store.Read(ctx).PausesDue()
	if err != nil || !due {
		return err
	}
	var ended []desk.ID
	err = in.store.Write(ctx, func(tx *store.Tx) (err error) {
		ended, err = tx.EndPauses()
		return err
	})
	if err != nil || len(ended) == 0 {
		return err
	}
	in.wakeQueue()
	return in.tellPresence(ctx, ended...)
}

// loseAgents notes who has not been seen for too long. A node that has just
// begun waits: after a restart everybody is about to come back.
func (in *Inbox) loseAgents(ctx context.Context) error {
	s := in.queue.settings.Load()
	if time.Since(in.queue.began) < time.Duration(s.OfflineAfter)*time.Second {
		return nil
	}
	return in.LoseAgents(ctx)
}

// LoseAgents notes who has not been seen for too long and tells the staff.
func (in *Inbox) LoseAgents(ctx context.Context) error {
	s := in.queue.settings.Load()
	q := in.store.Read(ctx)
	if due, err := q.AgentsLost(s.view(q.Now()).SeenAfter); err != nil || !due {
		return err
	}
	var lost []desk.ID
	err := in.store.Write(ctx, func(tx *store.Tx) (err error) {
		if err := tx.LockQueue(); err != nil { // a round must not give them anything meanwhile
			return err
		}
		lost, err = tx.LoseAgents(s.view(tx.Now()).SeenAfter)
		return err
	})
	if err != nil || len(lost) == 0 {
		return err
	}
	return in.tellPresence(ctx, lost...)
}

// absent says since when somebody is not there to answer, and why; zero when
// they are. Whoever was never there has been absent since the beginning.
func absent(c *store.Colleague) (since desk.Micros, reason string) {
	switch {
	case c == nil:
		return 1, becauseOffline
	case c.GoneAt != 0:
		return c.GoneAt, becauseOffline
	case c.State == desk.Away || c.State == desk.OnBreak:
		return c.Since, string(c.State)
	}
	return 0, ""
}

// due says why held work must go back into the queue now, or "".
//
// Work of somebody who left after they got it goes back, and so does what a
// contact writes to somebody who is not there. What a colleague gave them on
// purpose while they were away waits as long as any other unanswered work: until
// the team's time is over and there is somebody else to take it.
func due(h store.Held, now desk.Micros, holder *store.Colleague, within time.Duration, others bool) string {
	if since, reason := absent(holder); since != 0 && (since > h.AssignedAt || h.WaitingSince > h.AssignedAt) {
		return reason
	}
	if h.Mode == desk.MessageMode && within >= 0 {
		within = max(within, leftWithin)
	}
	unanswered := h.WaitingSince <= h.AssignedAt // since they have had it
	if within >= 0 && unanswered && others && now-h.AssignedAt > micros(within) {
		return becauseSilence
	}
	return ""
}

// overdue is held work that must go back, and why.
type overdue struct {
	store.Held
	reason string
	name   string // of who has it
}

// TakeBack puts work that nobody answers back into the queue.
func (in *Inbox) TakeBack(ctx context.Context) error {
	back, err := overdueWork(in.store.Read(ctx))
	if err != nil {
		return err
	}
	for part := range slices.Chunk(back, sweepBatch) {
		var told []store.Given
		err := in.store.Write(ctx, func(tx *store.Tx) error {
			told = nil
			if err := tx.LockQueue(); err != nil {
				return err
			}
			for _, o := range part {
				g, err := in.takeBack(tx, o.Held, o.name, o.reason)
				if err != nil {
					return err
				}
				if g.Conversation != nil {
					told = append(told, g)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		in.announceReturned(told)
	}
	return nil
}

// overdueWork finds what must go back now.
func overdueWork(q store.Query) ([]overdue, error) {
	held, err := q.HeldWork(0)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	settings, err := queueSettings(q)
	if err != nil {
		return nil, err
	}
	roster, err := q.Roster(settings.view(q.Now()))
	if err != nil {
		return nil, err
	}
	within, err := teamPatience(q)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*store.Colleague, len(roster))
	there := map[desk.ID]int{} // who could take something, by team
	for i := range roster {
		c := &roster[i]
		byID[c.AgentID] = c
		if !takes(c) {
			continue
		}
		for _, t := range append([]desk.ID{0}, c.Teams...) {
			if canServe(c, t) {
				there[t]++
			}
		}
	}
	var back []overdue
	now := q.Now()
	for _, h := range held {
		limit, ok := within[h.TeamID]
		if !ok {
			limit = answerWithin
		}
		holder := byID[h.AgentID]
		others := there[h.TeamID]
		if holder != nil && takes(holder) && canServe(holder, h.TeamID) {
			others--
		}
		if reason := due(h, now, holder, limit, others > 0); reason != "" {
			o := overdue{Held: h, reason: reason}
			if holder != nil {
				o.name = holder.Name
			}
			back = append(back, o)
		}
	}
	return back, nil
}

// takes reports whether somebody is there and takes work.
func takes(c *store.Colleague) bool { return c.Online && c.State == desk.Available }

func canServe(c *store.Colleague, team desk.ID) bool {
	if !c.Role.May(desk.ReplyConversations) {
		return false
	}
	if team == 0 {
		return c.Role.May(desk.AssignConversations)
	}
	return slices.Contains(c.Teams, team)
}

// teamPatience returns how long each team's work may lie unanswered; negative: for
// ever.
func teamPatience(q store.Query) (map[desk.ID]time.Duration, error) {
	teams, err := q.Teams()
	out := make(map[desk.ID]time.Duration, len(teams))
	for _, t := range teams {
		switch {
		case t.Queue.AnswerWithin < 0:
			out[t.ID] = -1
		case t.Queue.AnswerWithin == 0:
			out[t.ID] = answerWithin
		default:
			out[t.ID] = time.Duration(t.Queue.AnswerWithin) * time.Second
		}
	}
	return out, err
}

// takeBack puts one conversation back, unless it has changed since h was read:
// the answer then has no conversation.
func (in *Inbox) takeBack(tx *store.Tx, h store.Held, name, reason string) (g store.Given, err error) {
	c, err := tx.LockConversation(h.ConversationID)
	if desk.CodeOf(err) == desk.NotFound {
		return g, nil
	}
	if err != nil || c.Status != desk.Open || c.AssigneeID != h.AgentID || c.WaitingSince != h.WaitingSince || c.AssignedAt != h.AssignedAt {
		return g, err
	}
	var declined []desk.ID
	if reason == becauseSilence {
		if declined, err = tx.AgentsSince(c.ID, c.WaitingSince); err != nil {
			return g, err
		}
		if !slices.Contains(declined, h.AgentID) {
			declined = append(declined, h.AgentID)
		}
	}
	return in.release(tx, c, nil, name, reason, declined)
}

// release takes a conversation from its agent and leaves a note of it. by is who
// does it, nil for the queue.
func (in *Inbox) release(tx *store.Tx, c *desk.Conversation, by *desk.Agent, name, reason string, declined []desk.ID) (g store.Given, err error) {
	before := c.AssigneeID
	c.AssigneeID = 0
	changeHands(tx.Now(), c.WaitingSince, before, c)
	if err := tx.UpdateConversation(c); err != nil {
		return g, err
	}
	m := queueNote(tx, c, by, desk.MessageEvent{Type: "returned", From: name, To: reason})
	if err := tx.AppendMessage(m, c, -1); err != nil {
		return g, err
	}
	return store.Given{Conversation: c, Message: m}, in.placeInQueue(tx, c, store.QueueEnded, declined...)
}

// queueNote is a note of the desk about who has a conversation.
func queueNote(tx *store.Tx, c *desk.Conversation, by *desk.Agent, e desk.MessageEvent) *desk.Message {
	id := tx.NewID()
	m := &desk.Message{
		ID: id, ConversationID: c.ID, DedupeKey: "system:" + strconv.FormatInt(int64(id), 10),
		AuthorKind: desk.BySystem, Visibility: desk.Note, Event: &e,
	}
	if by != nil {
		m.AuthorID, m.AuthorName = by.ID, by.Name
	}
	return m
}

func (in *Inbox) announceReturned(list []store.Given) {
	for _, g := range list {
		in.announce(g.Conversation, g.Message)
		in.announceConversation(g.Conversation)
	}
	if len(list) > 0 {
		in.wakeQueue()
	}
}

// Mend puts conversations that were lost between the queue and an agent back
// into the queue, and takes entries out that nobody waits in.
func (in *Inbox) Mend(ctx context.Context) error {
	q := in.store.Read(ctx)
	astray, err := q.Astray(10 * sweepBatch)
	if err != nil {
		return err
	}
	inVain, err := q.InVain(10 * sweepBatch)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(append(astray, inVain...), sweepBatch) {
		err := in.store.Write(ctx, func(tx *store.Tx) error {
			if err := tx.LockQueue(); err != nil {
				return err
			}
			for _, id := range part {
				c, err := tx.LockConversation(id) // as it is now
				if desk.CodeOf(err) == desk.NotFound {
					continue
				}
				if err == nil {
					err = in.placeInQueue(tx, c, store.QueueEnded)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(astray) > 0 {
		in.wakeQueue()
	}
	return nil
}
