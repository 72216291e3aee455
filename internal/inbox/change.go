package inbox

import (
	"context"
	"strconv"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Change says what an agent changes about a conversation; nil leaves a field.
type Change struct {
	Status     *desk.Status
	AssigneeID *desk.ID // zero: nobody
	TeamID     *desk.ID
	Priority   *desk.Priority
	Scenario   *desk.Scenario
}

// Update changes a conversation, leaves a system message for every field that
// really changed and an entry in the audit log, all in one transaction.
func (in *Inbox) Update(ctx context.Context, agent *desk.Agent, id desk.ID, ch Change, ip string) (*desk.Conversation, error) {
	if err := ch.check(); err != nil {
		return nil, err
	}
	var after *desk.Conversation
	var events []*desk.Message
	var teamBefore, assigneeBefore desk.ID
	err := in.store.Write(ctx, func(tx *store.Tx) error {
		events = nil
		c, err := tx.LockConversation(id)
		if err != nil {
			return err
		}
		if !agent.Sees(c.TeamID) {
			return desk.Errorf(desk.NotFound, "not_found")
		}
		teamBefore, assigneeBefore = c.TeamID, c.AssigneeID
		waitedSince := c.WaitingSince
		moves, err := ch.apply(tx, c)
		if err != nil || len(moves) == 0 {
			after = c
			return err
		}
		changeHands(tx.Now(), waitedSince, assigneeBefore, c)
		if err := tx.UpdateConversation(c); err != nil {
			return err
		}
		outcome := store.QueueTaken
		if c.AssigneeID == 0 {
			outcome = store.QueueEnded
		}
		if err := in.placeInQueue(tx, c, outcome); err != nil {
			return err
		}
		if c.Status == desk.Resolved { // what is settled waits for nobody to read it
			if _, err := tx.MarkReadByAgent(c.ID, c.Seq); err != nil {
				return err
			}
		}
		for _, move := range moves {
			m := systemMessage(tx, agent, c, move)
			if err := tx.AppendMessage(m, c, -1); err != nil {
				return err
			}
			events = append(events, m)
			by := store.Actor{Kind: desk.ByAgent, ID: agent.ID, Name: agent.Name, IP: ip}
			detail := map[string]any{"number": c.Number, "from": move.From, "to": move.To}
			if err := tx.Audit(by, "conversation."+move.Type, "conversation", c.ID, detail); err != nil {
				return err
			}
		}
		after = c
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, m := range events {
		in.announce(after, m)
	}
	if len(events) > 0 {
		in.announceConversation(after)
		in.wakeQueue()
		if teamBefore != after.TeamID { // the old team's lists must let go of it
			in.hub.PublishTeam(teamBefore, desk.Event{Type: desk.EventConversation, ConversationID: after.ID, Conversation: after})
		}
	}
	return in.store.Read(ctx).Conversation(id)
}

func (ch Change) check() error {
	switch {
	case ch.Status != nil && !ch.Status.Valid():
		return desk.Field("status", "field_choice")
	case ch.Priority != nil && !ch.Priority.Valid():
		return desk.Field("priority", "field_choice")
	case ch.Scenario != nil && !ch.Scenario.Valid():
		return desk.Field("scenario", "field_choice")
	}
	return nil
}

// apply sets the fields of c and returns the moves that really change something.
func (ch Change) apply(tx *store.Tx, c *desk.Conversation) ([]desk.MessageEvent, error) {
	var moves []desk.MessageEvent
	if ch.Status != nil && *ch.Status != c.Status {
		moves = append(moves, desk.MessageEvent{Type: "status", From: string(c.Status), To: string(*ch.Status)})
		c.Status, c.ResolvedAt, c.EndedBy = *ch.Status, 0, ""
		if c.Status == desk.Resolved {
			c.ResolvedAt, c.EndedBy, c.WaitingSince = tx.Now(), desk.ByAgent, 0
		}
	}
	if ch.Priority != nil && *ch.Priority != c.Priority {
		moves = append(moves, desk.MessageEvent{Type: "priority", From: string(c.Priority), To: string(*ch.Priority)})
		c.Priority = *ch.Priority
	}
	if ch.Scenario != nil && *ch.Scenario != c.Scenario {
		moves = append(moves, desk.MessageEvent{Type: "scenario", From: string(c.Scenario), To: string(*ch.Scenario)})
		c.Scenario = *ch.Scenario
	}
	if ch.TeamID != nil && *ch.TeamID != c.TeamID {
		from, to, err := names(*ch.TeamID, c.TeamID, tx.TeamName)
		if desk.CodeOf(err) == desk.NotFound {
			err = desk.Field("team_id", "no_such_team")
		}
		if err != nil {
			return nil, err
		}
		moves = append(moves, desk.MessageEvent{Type: "team", From: from, To: to})
		c.TeamID = *ch.TeamID
	}
	if ch.AssigneeID != nil && *ch.AssigneeID != c.AssigneeID {
		if err := assignable(tx, *ch.AssigneeID, c.TeamID); err != nil {
			return nil, err
		}
		from, to, err := names(*ch.AssigneeID, c.AssigneeID, tx.AgentName)
		if err != nil {
			return nil, err // assignable has seen that there is such an agent
		}
		moves = append(moves, desk.MessageEvent{Type: "assignee", From: from, To: to})
		c.AssigneeID = *ch.AssigneeID
	}
	return moves, nil
}

// assignable refuses agents who could not answer the conversation.
func assignable(tx *store.Tx, id, team desk.ID) error {
	if id == 0 {
		return nil
	}
	a, err := tx.Agent(id)
	if desk.CodeOf(err) == desk.NotFound {
		return desk.Field("assignee_id", "no_such_agent")
	}
	if err != nil {
		return err
	}
	if a.Status != "active" || !a.Role.May(desk.ReplyConversations) || !a.Sees(team) {
		return desk.Field("assignee_id", "agent_cannot_answer")
	}
	return nil
}

// names returns the names of what a field was and is to be; "" for none, or for
// one that is not there any more. That to does not exist is NotFound.
func names(to, from desk.ID, name func(desk.ID) (string, error)) (string, string, error) {
	var out [2]string
	for i, id := range []desk.ID{from, to} {
		if id == 0 {
			continue
		}
		n, err := name(id)
		if err != nil && (id == to || desk.CodeOf(err) != desk.NotFound) {
			return "", "", err
		}
		out[i] = n
	}
	return out[0], out[1], nil
}

// systemMessage tells of a change. The customer sees only that the matter was
// resolved or opened again.
func systemMessage(tx *store.Tx, agent *desk.Agent, c *desk.Conversation, move desk.MessageEvent) *desk.Message {
	visibility := desk.Note
	if move.Type == "status" && (move.To == string(desk.Resolved) || move.From == string(desk.Resolved)) {
		visibility = desk.Public
	}
	id := tx.NewID()
	return &desk.Message{
		ID: id, ConversationID: c.ID, DedupeKey: "system:" + strconv.FormatInt(int64(id), 10),
		AuthorKind: desk.BySystem, AuthorID: agent.ID, AuthorName: agent.Name, Visibility: visibility, Event: &move,
	}
}

func (in *Inbox) announceConversation(c *desk.Conversation) {
	in.hub.PublishTeam(c.TeamID, desk.Event{Type: desk.EventConversation, ConversationID: c.ID, ContactID: c.ContactID, Conversation: c})
	in.hub.PublishVisitor(c.ContactID, desk.Event{Type: desk.EventConversation, ConversationID: c.ID, ContactID: c.ContactID, Conversation: ForContact(c)})
}

// ReadByAgent notes that the desk has read up to seq.
func (in *Inbox) ReadByAgent(ctx context.Context, agent *desk.Agent, id desk.ID, seq int64) error {
	return in.marked(ctx, agent, id, desk.ByAgent, func(tx *store.Tx) (*desk.Conversation, error) { return tx.MarkReadByAgent(id, seq) })
}

// Unread makes the last message of the contact unread again, for everybody.
func (in *Inbox) Unread(ctx context.Context, agent *desk.Agent, id desk.ID) error {
	return in.marked(ctx, agent, id, desk.ByAgent, func(tx *store.Tx) (*desk.Conversation, error) { return tx.MarkUnread(id) })
}

func (in *Inbox) marked(ctx context.Context, agent *desk.Agent, id desk.ID, by desk.AuthorKind, mark func(*store.Tx) (*desk.Conversation, error)) error {
	if _, err := in.visible(ctx, agent, id); err != nil {
		return err
	}
	return in.mark(ctx, by, mark)
}

// ReadByContact notes that the contact has read up to seq.
func (in *Inbox) ReadByContact(ctx context.Context, contact, id desk.ID, seq int64) error {
	return in.mark(ctx, desk.ByContact, func(tx *store.Tx) (*desk.Conversation, error) { return tx.MarkReadByContact(contact, id, seq) })
}

func (in *Inbox) mark(ctx context.Context, by desk.AuthorKind, mark func(*store.Tx) (*desk.Conversation, error)) error {
	var c *desk.Conversation
	err := in.store.Write(ctx, func(tx *store.Tx) (err error) {
		c, err = mark(tx)
		return err
	})
	if err != nil {
		return err
	}
	ev := desk.Event{Type: desk.EventRead, ConversationID: c.ID, ContactID: c.ContactID, By: by, Seq: c.ContactReadSeq}
	if by == desk.ByAgent {
		ev.Seq = c.AgentReadSeq
	}
	in.hub.PublishTeam(c.TeamID, ev)
	in.hub.PublishVisitor(c.ContactID, ev)
	return nil
}

// TypingByAgent tells the contact that somebody is writing.
func (in *Inbox) TypingByAgent(ctx context.Context, agent *desk.Agent, id desk.ID) error {
	c, err := in.visible(ctx, agent, id)
	if err != nil {
		return err
	}
	in.hub.PublishVisitor(c.ContactID, desk.Event{Type: desk.EventTyping, ConversationID: id, By: desk.ByAgent, Name: agent.Name})
	return nil
}

// TypingByContact tells the agents who have the conversation open.
func (in *Inbox) TypingByContact(ctx context.Context, contact, id desk.ID) error {
	if _, err := in.store.Read(ctx).ConversationOf(contact, id); err != nil {
		return err
	}
	in.hub.PublishVisitor(contact, desk.Event{Type: desk.EventTyping, ConversationID: id, By: desk.ByContact})
	return nil
}
