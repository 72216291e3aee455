package inbox

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox/queue"
	"github.com/veridesk/veridesk/internal/store"
)

// TakeNext gives an agent who asks for it the next conversation that they may
// take: in their languages and skills and not kept for a colleague if there is
// one, otherwise the next of all. How much they have in hand is not looked at.
// NotFound when nobody waits.
func (in *Inbox) TakeNext(ctx context.Context, agent *desk.Agent, ip string) (*desk.Conversation, error) {
	for range 5 { // a colleague, or a round, may be faster
		next, err := in.nextFor(ctx, agent)
		if err != nil {
			return nil, err
		}
		var given []store.Given
		err = in.store.Write(ctx, func(tx *store.Tx) (err error) {
			if err := tx.LockQueue(); err != nil {
				return err
			}
			given, err = tx.Give([]store.Gift{{ConversationID: next, AgentID: agent.ID, AgentName: agent.Name, By: agent}}, store.QueueTaken)
			if err != nil || len(given) == 0 {
				return err
			}
			return auditHand(tx, agent, ip, given[0])
		})
		if err != nil {
			return nil, err
		}
		if len(given) > 0 {
			in.announceGiven(given[0])
			return in.store.Read(ctx).Conversation(next)
		}
	}
	return nil, desk.Errorf(desk.NotFound, "queue_empty")
}

// nextFor finds what an agent who asks for work should be given.
func (in *Inbox) nextFor(ctx context.Context, agent *desk.Agent) (desk.ID, error) {
	var first, fit desk.ID
	err := in.store.Snapshot(ctx, func(q store.Query) error {
		first, fit = 0, 0
		settings, err := queueSettings(q)
		if err != nil {
			return err
		}
		roster, err := q.Roster(settings.view(q.Now()))
		if err != nil {
			return err
		}
		round := queue.NewRound(q.Now(), settings.rules(), withSelf(queueAgents(roster), agent))
		var after store.QueueEntry
		for fit == 0 {
			entries, err := q.QueueEntries(after, seenTeams(agent), dispatchPage)
			if err != nil {
				return err
			}
			for i := range entries {
				e := waiting(&entries[i], &settings)
				if first == 0 {
					first = e.ID
				}
				if round.Takes(agent.ID, &e) {
					fit = e.ID
					break
				}
			}
			if len(entries) < dispatchPage {
				break
			}
			after = entries[len(entries)-1]
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, err
	case fit != 0:
		return fit, nil
	case first != 0:
		return first, nil
	}
	return 0, desk.Errorf(desk.NotFound, "queue_empty")
}

// seenTeams are the teams whose conversations an agent may see; nil is all.
func seenTeams(a *desk.Agent) []desk.ID {
	if a.Role.SeesAllTeams() {
		return nil
	}
	return append([]desk.ID{}, a.Teams...)
}

// withSelf adds the agent who asks, whatever they have chosen to be.
func withSelf(agents []queue.Agent, a *desk.Agent) []queue.Agent {
	for i := range agents {
		if agents[i].ID == a.ID {
			return agents
		}
	}
	return append(agents, queue.Agent{ID: a.ID, Teams: a.Teams, Teamless: true, Locales: a.Locales, Skills: a.Skills})
}

func auditHand(tx *store.Tx, agent *desk.Agent, ip string, g store.Given) error {
	by := store.Actor{Kind: desk.ByAgent, ID: agent.ID, Name: agent.Name, IP: ip}
	e := g.Message.Event
	return tx.Audit(by, "conversation."+e.Type, "conversation", g.Conversation.ID, map[string]any{"number": g.Conversation.Number, "from": e.From, "to": e.To})
}

// held locks a conversation that the agent may see and somebody has.
func held(tx *store.Tx, agent *desk.Agent, id desk.ID) (*desk.Conversation, error) {
	c, err := tx.LockConversation(id)
	switch {
	case err != nil:
		return nil, err
	case !agent.Sees(c.TeamID):
		return nil, desk.Errorf(desk.NotFound, "not_found")
	case c.Status == desk.Resolved:
		return nil, desk.Errorf(desk.Conflict, "conversation_resolved")
	}
	return c, nil
}

// Return gives a conversation back: to the queue when its contact waits for an
// answer, otherwise to whoever is free when they write again. Whoever returns it
// is not given it again while somebody else is there. A colleague's conversation
// takes the permission to assign. The note is kept as one, when there is any.
func (in *Inbox) Return(ctx context.Context, agent *desk.Agent, id desk.ID, note, ip string) (*desk.Conversation, error) {
	var told []store.Given
	text, err := noteText(note, agent, false)
	if err != nil {
		return nil, err
	}
	err = in.store.Write(ctx, func(tx *store.Tx) error {
		told = nil
		if err := tx.LockQueue(); err != nil {
			return err
		}
		c, err := held(tx, agent, id)
		switch {
		case err != nil:
			return err
		case c.AssigneeID == 0:
			return desk.Errorf(desk.Conflict, "not_assigned")
		case c.AssigneeID != agent.ID && !agent.Role.May(desk.AssignConversations):
			return desk.Errorf(desk.Forbidden, "forbidden")
		}
		name, err := tx.AgentName(c.AssigneeID)
		if err != nil && desk.CodeOf(err) != desk.NotFound {
			return err
		}
		if told, err = in.leaveNote(tx, c, agent, text, told); err != nil {
			return err
		}
		g, err := in.release(tx, c, agent, name, becauseByHand, []desk.ID{c.AssigneeID})
		if err != nil {
			return err
		}
		told = append(told, g)
		return auditHand(tx, agent, ip, g)
	})
	if err != nil {
		return nil, err
	}
	in.announceReturned(told)
	return in.store.Read(ctx).Conversation(id)
}

// HandOver says to whom a conversation goes: a team or an agent, one of them.
type HandOver struct {
	TeamID  desk.ID
	AgentID desk.ID
	Note    string // what they need to know; never empty
}

// HandOver gives a conversation to a colleague, or to the queue of a team, with a
// note for whoever goes on with it.
func (in *Inbox) HandOver(ctx context.Context, agent *desk.Agent, id desk.ID, to HandOver, ip string) (*desk.Conversation, error) {
	switch {
	case to.TeamID == 0 && to.AgentID == 0:
		return nil, desk.Field("team_id", "field_required")
	case to.TeamID != 0 && to.AgentID != 0:
		return nil, desk.Field("agent_id", "field_unexpected")
	}
	text, err := noteText(to.Note, agent, true)
	if err != nil {
		return nil, err
	}
	var told []store.Given
	var teamBefore desk.ID
	err = in.store.Write(ctx, func(tx *store.Tx) error {
		told = nil
		if err := tx.LockQueue(); err != nil {
			return err
		}
		c, err := held(tx, agent, id)
		if err != nil {
			return err
		}
		teamBefore = c.TeamID
		if told, err = in.leaveNote(tx, c, agent, text, told); err != nil {
			return err
		}
		g, err := in.handOver(tx, c, agent, to)
		if err != nil {
			return err
		}
		told = append(told, g)
		return auditHand(tx, agent, ip, g)
	})
	if err != nil {
		return nil, err
	}
	in.announceReturned(told)
	if c := told[len(told)-1].Conversation; c.TeamID != teamBefore { // the old team's lists must let go of it
		in.hub.PublishTeam(teamBefore, desk.Event{Type: desk.EventConversation, ConversationID: c.ID, Conversation: c})
	}
	return in.store.Read(ctx).Conversation(id)
}

func (in *Inbox) handOver(tx *store.Tx, c *desk.Conversation, agent *desk.Agent, to HandOver) (g store.Given, err error) {
	before, waitedSince := c.AssigneeID, c.WaitingSince
	from, _, err := names(0, before, tx.AgentName)
	if err != nil {
		return g, err
	}
	var target string
	var declined []desk.ID
	if to.AgentID != 0 {
		if err := assignable(tx, to.AgentID, c.TeamID); err != nil {
			return g, handedTo(err)
		}
		if to.AgentID == before {
			return g, desk.Field("agent_id", "agent_has_it")
		}
		target, err = tx.AgentName(to.AgentID)
		c.AssigneeID = to.AgentID
	} else {
		target, err = tx.TeamName(to.TeamID)
		if desk.CodeOf(err) == desk.NotFound {
			err = desk.Field("team_id", "no_such_team")
		}
		c.TeamID, c.AssigneeID = to.TeamID, 0
		c.Status = desk.Open // somebody else is to do something about it now
		declined = []desk.ID{agent.ID}
		if before != 0 && before != agent.ID {
			declined = append(declined, before)
		}
	}
	if err != nil {
		return g, err
	}
	changeHands(tx.Now(), waitedSince, before, c)
	if to.TeamID != 0 {
		c.PreviousID = 0 // they gave it away: it is not kept for them
	}
	if err := tx.UpdateConversation(c); err != nil {
		return g, err
	}
	m := queueNote(tx, c, agent, desk.MessageEvent{Type: "handover", From: from, To: target})
	if err := tx.AppendMessage(m, c, -1); err != nil {
		return g, err
	}
	outcome := store.QueueTaken
	if c.AssigneeID == 0 { // it may be in the queue of the old team
		outcome = store.QueueEnded
		if err := tx.LeaveQueue(c.ID, 0, outcome); err != nil {
			return g, err
		}
	}
	return store.Given{Conversation: c, Message: m}, in.placeInQueue(tx, c, outcome, declined...)
}

// handedTo names the field of a hand-over instead of that of an assignment.
func handedTo(err error) error {
	switch desk.CodeOf(err) {
	case desk.Invalid:
		return desk.Field("agent_id", "agent_cannot_answer")
	}
	return err
}

// noteText cleans a note; "" is only allowed when it need not be there.
func noteText(note string, agent *desk.Agent, required bool) (noteBody, error) {
	if storable(note) == "" && !required {
		return noteBody{}, nil
	}
	body, removed, err := clean(note, agent.Locale, 0)
	if err != nil {
		if desk.CodeOf(err) == desk.Invalid {
			err = desk.Field("note", "field_required")
		}
		return noteBody{}, err
	}
	return noteBody{body, removed}, nil
}

type noteBody struct {
	text    string
	removed []desk.Removed
}

// leaveNote stores an agent's note, if there is any, and adds it to what is told.
func (in *Inbox) leaveNote(tx *store.Tx, c *desk.Conversation, agent *desk.Agent, n noteBody, told []store.Given) ([]store.Given, error) {
	if n.text == "" {
		return told, nil
	}
	id := tx.NewID()
	m := &desk.Message{
		ID: id, ConversationID: c.ID, DedupeKey: "note:" + id.String(), AuthorKind: desk.ByAgent, AuthorID: agent.ID, AuthorName: agent.Name,
		Visibility: desk.Note, Body: n.text, Findings: n.removed,
	}
	if err := tx.AppendMessage(m, c, -1); err != nil {
		return told, err
	}
	then := *c
	return append(told, store.Given{Conversation: &then, Message: m}), nil
}
