package inbox

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Answer is what an agent writes into a conversation.
type Answer struct {
	ConversationID desk.ID
	ClientID       string
	Body           string
	Visibility     desk.Visibility
	// ExpectSeq is the last sequence the agent had on the screen: when the
	// contact has written since, a public answer is refused. Negative: not checked.
	ExpectSeq int64
	// Attachments are files of the agent that are ready and not sent yet.
	Attachments []desk.ID
}

// Reply stores an agent's answer or note and returns after it is durable.
//
// Errors: Stale when the contact wrote after ExpectSeq; NotFound for a
// conversation the agent may not see; Invalid and TooLarge for the body.
func (in *Inbox) Reply(ctx context.Context, agent *desk.Agent, a Answer) (Received, error) {
	body, removed, err := clean(a.Body, agent.Locale, len(a.Attachments))
	if err != nil {
		return Received{}, err
	}
	if a.Visibility != desk.Public && a.Visibility != desk.Note {
		return Received{}, desk.Field("visibility", "field_choice")
	}
	waiting, err := in.answerable(ctx, agent, a.ConversationID)
	if err != nil {
		return Received{}, err
	}
	key := ChatKey(agent.ID, a.ClientID)
	var out Received
	err = in.store.Write(ctx, func(tx *store.Tx) error {
		m := &desk.Message{
			ConversationID: a.ConversationID, ClientID: a.ClientID, DedupeKey: key,
			AuthorKind: desk.ByAgent, AuthorID: agent.ID, AuthorName: agent.Name, Visibility: a.Visibility,
			Body: body, Findings: removed,
		}
		if len(a.Attachments) > 0 {
			if err := in.attach(tx, desk.ByAgent, agent.ID, a.Attachments, m); err != nil {
				return err
			}
		}
		c := new(desk.Conversation)
		if err := tx.AppendMessage(m, c, a.ExpectSeq); err != nil {
			return err
		}
		out = Received{Conversation: c, Message: m}
		if tookByAnswering(c, m) {
			if err := tx.LeaveQueue(c.ID, agent.ID, store.QueueTaken); err != nil {
				return err
			}
		}
		if waiting && m.Visibility == desk.Public {
			return enqueueAway(tx, c, m)
		}
		return nil
	})
	switch desk.CodeOf(err) {
	case "":
		in.announce(out.Conversation, out.Message)
		return out, nil
	case desk.Conflict, desk.NotFound:
		// Conflict: sent before. NotFound: either sent before too (its repeat
		// comes after newer messages of the contact), or the thread moved on.
		if again, rerr := in.repeatedAnswer(ctx, key, a.ConversationID); rerr == nil || desk.CodeOf(rerr) != desk.NotFound {
			return again, rerr
		}
		if desk.CodeOf(err) == desk.NotFound {
			return Received{}, desk.Errorf(desk.Stale, "stale_thread")
		}
	}
	return Received{}, err
}

func (in *Inbox) repeatedAnswer(ctx context.Context, key string, conversation desk.ID) (Received, error) {
	q := in.store.Read(ctx)
	m, err := q.MessageByDedupe(key)
	if err != nil {
		return Received{}, err
	}
	if m.ConversationID != conversation {
		return Received{}, desk.Errorf(desk.Conflict, "client_id_used")
	}
	in.Address(m)
	c, err := q.Conversation(m.ConversationID)
	return Received{Conversation: c, Message: m, Repeated: true}, err
}

// answerable refuses a conversation that the agent may not see. waiting says
// that its contact has a way to be told of an answer while they are away.
func (in *Inbox) answerable(ctx context.Context, agent *desk.Agent, id desk.ID) (waiting bool, err error) {
	c, left, err := in.store.Read(ctx).ConversationToAnswer(id)
	if err != nil {
		return false, err
	}
	if !agent.Sees(c.TeamID) {
		return false, desk.Errorf(desk.NotFound, "not_found")
	}
	return in.out.reaches(c.Channel, left), nil
}

// visible returns a conversation that the agent may see; any other is NotFound.
func (in *Inbox) visible(ctx context.Context, agent *desk.Agent, id desk.ID) (*desk.Conversation, error) {
	c, err := in.store.Read(ctx).Conversation(id)
	if err != nil {
		return nil, err
	}
	if !agent.Sees(c.TeamID) {
		return nil, desk.Errorf(desk.NotFound, "not_found")
	}
	return c, nil
}

// Conversation returns a conversation with its contact, when the agent may see it.
func (in *Inbox) Conversation(ctx context.Context, agent *desk.Agent, id desk.ID) (*desk.Conversation, error) {
	return in.visible(ctx, agent, id)
}
