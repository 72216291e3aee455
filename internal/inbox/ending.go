package inbox

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// End settles a conversation by the wish of its contact: it is resolved, and says
// who ended it. One that is resolved already stays as it is. What the contact
// writes later opens it again.
func (in *Inbox) End(ctx context.Context, contact, id desk.ID) (*desk.Conversation, error) {
	var c *desk.Conversation
	var told *desk.Message
	err := in.store.Write(ctx, func(tx *store.Tx) (err error) {
		told = nil
		if c, err = tx.LockConversationOf(contact, id); err != nil || c.Status == desk.Resolved {
			return err
		}
		before := c.Status
		c.Status, c.ResolvedAt, c.EndedBy, c.WaitingSince = desk.Resolved, tx.Now(), desk.ByContact, 0
		if err := tx.UpdateConversation(c); err != nil {
			return err
		}
		if err := tx.LeaveQueue(c.ID, 0, store.QueueEnded); err != nil {
			return err
		}
		told = contactEvent(tx, c, desk.Public, desk.MessageEvent{Type: "ended", From: string(before), To: string(desk.Resolved)})
		return tx.AppendMessage(told, c, -1)
	})
	if err != nil {
		return nil, err
	}
	if told != nil {
		in.announce(c, told)
		in.announceConversation(c)
		in.wakeQueue() // whoever had it has room now
	}
	return c, nil
}

// Leave notes that the contact is no longer in front of the chat and may be
// answered later, by mail when they leave an address ("" keeps the one there
// is).
func (in *Inbox) Leave(ctx context.Context, contact, id desk.ID, replyEmail string) error {
	if replyEmail != "" {
		var err error
		if replyEmail, err = mailAddress(replyEmail, "reply_email"); err != nil {
			return err
		}
	}
	var c *desk.Conversation
	err := in.store.Write(ctx, func(tx *store.Tx) (err error) {
		if c, err = tx.LeaveConversation(contact, id, replyEmail); err != nil {
			return err
		}
		return in.placeInQueue(tx, c, store.QueueEnded)
	})
	if err != nil {
		return err
	}
	in.announceConversation(c)
	in.wakeQueue()
	return nil
}

// contactEvent is a system message about what a contact has done.
func contactEvent(tx *store.Tx, c *desk.Conversation, v desk.Visibility, e desk.MessageEvent) *desk.Message {
	id := tx.NewID()
	return &desk.Message{
		ID: id, ConversationID: c.ID, DedupeKey: "system:" + id.String(),
		AuthorKind: desk.BySystem, AuthorID: c.ContactID, Visibility: v, Event: &e,
	}
}
