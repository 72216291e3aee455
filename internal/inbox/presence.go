package inbox

import (
	"context"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// wrapUp is how long wrapping up takes when nothing else is said.
const wrapUp = 5 * time.Minute

// maxPause bounds a pause that ends by itself, in minutes.
const maxPause = 12 * 60

// Presence tells whether an agent can take work. Whoever was never connected is
// available, and offline.
func (in *Inbox) Presence(ctx context.Context, agent desk.ID) (desk.Presence, error) {
	q := in.store.Read(ctx)
	view := in.queue.settings.Load().view(q.Now())
	c, err := q.Presence(agent)
	if desk.CodeOf(err) == desk.NotFound {
		c.Presence, err = desk.Presence{AgentID: agent, State: desk.Available}, nil
	}
	if err != nil {
		return desk.Presence{}, err
	}
	c.Online = c.GoneAt == 0 && c.SeenAt > view.SeenAfter
	loads, err := q.Loads(view, []desk.ID{agent})
	c.Load = loads[agent]
	return c.Presence, err
}

// SetPresence stores what an agent has chosen to be. minutes ends a break or a
// wrap-up by itself; 0: a break does not end by itself, a wrap-up in five
// minutes. Whoever goes away or on a break gives work that waits for their
// answer back to the queue, where it stands as if it had never been given.
func (in *Inbox) SetPresence(ctx context.Context, agent *desk.Agent, state desk.PresenceState, minutes int, ip string) (desk.Presence, error) {
	if !state.Valid() {
		return desk.Presence{}, desk.Field("state", "field_choice")
	}
	pause := time.Duration(minutes) * time.Minute
	switch {
	case minutes < 0 || minutes > maxPause, minutes > 0 && state != desk.OnBreak && state != desk.WrapUp:
		return desk.Presence{}, desk.Field("minutes", "field_number")
	case minutes == 0 && state == desk.WrapUp:
		pause = wrapUp
	}
	var returned []store.Given
	err := in.store.Write(ctx, func(tx *store.Tx) error {
		returned = nil
		if err := tx.LockQueue(); err != nil { // a round must not give them anything meanwhile
			return err
		}
		before, err := tx.Presence(agent.ID)
		if err != nil && desk.CodeOf(err) != desk.NotFound {
			return err
		}
		p := desk.Presence{AgentID: agent.ID, State: state, Since: tx.Now()}
		if pause > 0 {
			p.Until = p.Since + micros(pause)
		}
		if before.State == state {
			p.Since = before.Since
		}
		if err := tx.SetPresence(p); err != nil {
			return err
		}
		if state != desk.Away && state != desk.OnBreak {
			return nil
		}
		held, err := tx.HeldWork(agent.ID)
		if err != nil {
			return err
		}
		for _, h := range held {
			g, err := in.takeBack(tx, h, agent.Name, string(state))
			if err != nil {
				return err
			}
			if g.Conversation != nil {
				returned = append(returned, g)
			}
		}
		if len(returned) == 0 {
			return nil
		}
		by := store.Actor{Kind: desk.ByAgent, ID: agent.ID, Name: agent.Name, IP: ip}
		return tx.Audit(by, "presence.returned", "agent", agent.ID, map[string]any{"state": state, "conversations": len(returned)})
	})
	if err != nil {
		return desk.Presence{}, err
	}
	in.announceReturned(returned)
	in.wakeQueue()
	p, err := in.Presence(ctx, agent.ID)
	if err == nil {
		in.hub.PublishStaff(desk.Event{Type: desk.EventPresence, AgentID: agent.ID, Presence: &p})
	}
	return p, err
}

// tellPresence tells the staff how agents are now.
func (in *Inbox) tellPresence(ctx context.Context, agents ...desk.ID) error {
	q := in.store.Read(ctx)
	roster, err := q.Roster(in.queue.settings.Load().view(q.Now()))
	if err != nil {
		return err
	}
	for i := range roster {
		if slices.Contains(agents, roster[i].AgentID) {
			p := roster[i].Presence
			in.hub.PublishStaff(desk.Event{Type: desk.EventPresence, AgentID: p.AgentID, Presence: &p})
		}
	}
	return nil
}
