package inbox

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox/queue"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	// sweepEvery is how often a node looks whether anything was overlooked.
	sweepEvery = time.Second
	// dispatchPage is how many entries are read at a time.
	dispatchPage = 1000
	// dispatchBatch bounds how long one transaction of the queue holds up others.
	dispatchBatch = 256
	// breath is the least pause between two rounds of giving out work.
	breath = 10 * time.Millisecond
)

// RunQueue gives out work until ctx ends: as soon as something happens on this
// node, and every second for what happened elsewhere or was overlooked. Every
// node runs it; they take turns.
func (in *Inbox) RunQueue(ctx context.Context) {
	in.queue.began = time.Now()
	var running sync.WaitGroup
	running.Go(func() { store.Every(ctx, sweepEvery, in.log, "giving out work", in.sweep) })
	for {
		select {
		case <-ctx.Done():
			running.Wait()
			return
		case <-in.queue.wake:
		}
		began := time.Now()
		if _, err := in.Dispatch(ctx); err != nil && ctx.Err() == nil {
			in.log.Log(ctx, slog.LevelDebug, "giving out work failed; it will be tried again", "error", err)
		}
		// However much happens, most of the time is for other things.
		select {
		case <-ctx.Done():
		case <-time.After(breath + 3*time.Since(began)):
		}
	}
}

// plan is what a round has decided, from what it read in one moment.
type plan struct {
	gifts    []gift
	settings QueueSettings
}

type gift struct {
	store.Gift
	weight   int
	capacity int
}

// Dispatch gives out what can be given out now and returns how many
// conversations that were.
func (in *Inbox) Dispatch(ctx context.Context) (given int, err error) {
	in.queue.round.Lock()
	defer in.queue.round.Unlock()
	var p plan
	err = in.store.Snapshot(ctx, func(q store.Query) (err error) {
		p, err = planRound(q)
		return err
	})
	if err != nil {
		return 0, err
	}
	in.queue.settings.Store(&p.settings)
	for len(p.gifts) > 0 {
		n := min(dispatchBatch, len(p.gifts))
		arrived, err := in.give(ctx, &p.settings, p.gifts[:n])
		if err != nil {
			return given, err
		}
		for _, g := range arrived {
			in.announceGiven(g)
		}
		given += len(arrived)
		p.gifts = p.gifts[n:]
	}
	return given, nil
}

// planRound reads who waits and who is there, and decides.
func planRound(q store.Query) (p plan, err error) {
	if p.settings, err = queueSettings(q); err != nil {
		return p, err
	}
	first, err := q.QueueEntries(store.QueueEntry{}, nil, 1)
	if err != nil || len(first) == 0 {
		return p, err
	}
	roster, err := q.Roster(p.settings.view(q.Now()))
	if err != nil {
		return p, err
	}
	agents := queueAgents(roster)
	byID := make(map[desk.ID]*store.Colleague, len(roster))
	for i := range roster {
		byID[roster[i].AgentID] = &roster[i]
	}
	round := queue.NewRound(q.Now(), p.settings.rules(), agents)
	least := p.settings.least()
	teams := teamsWithRoom(agents, least)
	var after store.QueueEntry
	for round.Room(least) {
		entries, err := q.QueueEntries(after, teams, dispatchPage)
		if err != nil {
			return p, err
		}
		for i := range entries {
			e := waiting(&entries[i], &p.settings)
			if to := round.Give(&e); to != 0 {
				c := byID[to]
				p.gifts = append(p.gifts, gift{store.Gift{ConversationID: e.ID, AgentID: to, AgentName: c.Name}, e.Weight, c.Capacity})
			}
		}
		if len(entries) < dispatchPage {
			break
		}
		after = entries[len(entries)-1]
	}
	return p, nil
}

// least is the lightest weight there is.
func (s *QueueSettings) least() int {
	least := s.weigh("", desk.LiveMode)
	for _, w := range s.ChannelWeights {
		least = min(least, w)
	}
	return least
}

// queueAgents are those of the roster whom the queue can count on: available, or
// about to be.
func queueAgents(roster []store.Colleague) []queue.Agent {
	out := make([]queue.Agent, 0, len(roster))
	for _, c := range roster {
		if !c.Online || !c.Role.May(desk.ReplyConversations) || c.State != desk.Available && c.State != desk.WrapUp {
			continue
		}
		out = append(out, queue.Agent{
			ID: c.AgentID, Teams: c.Teams, Teamless: c.Role.May(desk.AssignConversations), Available: c.State == desk.Available,
			Capacity: c.Capacity, Load: c.Load, Locales: c.Locales, Skills: c.Skills, LastGiven: c.GivenAt,
		})
	}
	return out
}

// teamsWithRoom lists the teams in which somebody could take something.
func teamsWithRoom(agents []queue.Agent, weight int) []desk.ID {
	seen := map[desk.ID]bool{}
	out := []desk.ID{}
	for _, a := range agents {
		if !a.Available || a.Load+weight > a.Capacity {
			continue
		}
		for _, t := range a.Teams {
			if !seen[t] {
				seen[t] = true
				out = append(out, t)
			}
		}
	}
	return out
}

func waiting(e *store.QueueEntry, s *QueueSettings) queue.Entry {
	mode := desk.LiveMode
	if !e.Live {
		mode = desk.MessageMode
	}
	return queue.Entry{
		ID: e.ConversationID, Team: e.TeamID, Entered: e.EnteredAt, Scenario: e.Scenario, Locale: e.Locale,
		Weight: s.weigh(e.Channel, mode), Sticky: e.StickyID, Declined: e.Declined,
	}
}

// give writes part of a plan. What has changed since it was made is looked at
// again: an agent who has gone away, or has taken something else, gets nothing
// more than they can carry.
func (in *Inbox) give(ctx context.Context, s *QueueSettings, gifts []gift) (arrived []store.Given, err error) {
	agents := make([]desk.ID, 0, len(gifts))
	for _, g := range gifts {
		agents = append(agents, g.AgentID)
	}
	err = in.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockQueue(); err != nil {
			return err
		}
		view := s.view(tx.Now())
		ready, err := tx.Ready(agents, view.SeenAfter)
		if err != nil {
			return err
		}
		loads, err := tx.Loads(view, agents)
		if err != nil {
			return err
		}
		batch := make([]store.Gift, 0, len(gifts))
		for _, g := range gifts {
			if ready[g.AgentID] && loads[g.AgentID]+g.weight <= g.capacity {
				loads[g.AgentID] += g.weight
				batch = append(batch, g.Gift)
			}
		}
		arrived, err = tx.Give(batch, store.QueueAssigned)
		return err
	})
	return arrived, err
}

// announceGiven tells everybody concerned that somebody has a conversation now.
func (in *Inbox) announceGiven(g store.Given) {
	in.announce(g.Conversation, g.Message)
	in.announceConversation(g.Conversation)
	in.hub.PublishVisitor(g.Conversation.ContactID, desk.Event{
		Type: desk.EventQueue, ConversationID: g.Conversation.ID, ContactID: g.Conversation.ContactID, Queue: &desk.QueuePlace{State: placeAssigned, Agent: g.Message.Event.To},
	})
}
