package inbox

import (
	"context"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	// ratable is how long after its end a conversation may be rated.
	ratable = 7 * 24 * time.Hour
	// longestComment is in runes.
	longestComment = 2000
)

// Rate stores what the contact says of a conversation: 1 to 5, and a comment,
// out of which secrets are taken as out of a message. Saying it again replaces
// it.
//
// Errors: Invalid for the score and the comment; Conflict before anybody has
// answered or it has ended, and long after the end; NotFound for another's
// conversation.
func (in *Inbox) Rate(ctx context.Context, contact, id desk.ID, score int, comment, locale string) error {
	if score < 1 || score > 5 {
		return desk.Field("score", "field_choice")
	}
	comment = storable(comment)
	if utf8.RuneCountInString(comment) > longestComment {
		return desk.Field("comment", "field_too_long")
	}
	comment, _ = redact(comment, locale)
	var c *desk.Conversation
	var told *desk.Message
	err := in.store.Write(ctx, func(tx *store.Tx) (err error) {
		told = nil
		if c, err = tx.LockConversationOf(contact, id); err != nil {
			return err
		}
		agent, err := mayRate(tx, c)
		if err != nil {
			return err
		}
		before := c.Rating
		r := &store.Rating{ConversationID: id, ContactID: contact, AgentID: agent, TeamID: c.TeamID, Score: score, Comment: comment}
		if err := tx.PutRating(r); err != nil {
			return err
		}
		c.Rating = score
		if before == score {
			return nil // perhaps another comment; the desk need not hear of it twice
		}
		move := desk.MessageEvent{Type: "rating", To: strconv.Itoa(score)}
		if before > 0 {
			move.From = strconv.Itoa(before)
		}
		told = contactEvent(tx, c, desk.Note, move)
		return tx.AppendMessage(told, c, -1)
	})
	if err != nil {
		return err
	}
	if told != nil {
		in.announce(c, told)
	}
	in.announceConversation(c)
	return nil
}

// mayRate returns who is rated, zero when nobody has answered before the end, or
// says why it is not the time.
func mayRate(tx *store.Tx, c *desk.Conversation) (agent desk.ID, err error) {
	if c.Status == desk.Resolved && time.Duration(tx.Now()-c.ResolvedAt)*time.Microsecond > ratable {
		return 0, desk.Errorf(desk.Conflict, "rating_too_late")
	}
	agent, err = tx.AnsweredBy(c.ID)
	if err == nil && agent == 0 && c.Status != desk.Resolved {
		return 0, desk.Errorf(desk.Conflict, "rating_too_early")
	}
	return agent, err
}

// Details is what the desk knows of a conversation besides what lists show.
type Details struct {
	store.Details
	Rating *store.Rating // nil: none
}

// Details returns the details of a conversation that the caller may see.
func (in *Inbox) Details(ctx context.Context, c *desk.Conversation) (d Details, err error) {
	q := in.store.Read(ctx)
	if d.Details, err = q.ConversationDetails(c.ID); err != nil || c.Rating == 0 {
		return d, err
	}
	if d.Rating, err = q.Rating(c.ID); desk.CodeOf(err) == desk.NotFound {
		return d, nil
	}
	return d, err
}
