package store

import (
	"github.com/veridesk/veridesk/internal/desk"
)

// Details is what is known of a conversation besides what lists show.
type Details struct {
	Prepared   map[string]string // claims of the contact, by the key of a desk.PreparedField
	ReplyEmail string            // where answers go while the contact is away; a claim
}

// ConversationDetails returns the details of a conversation.
func (q Query) ConversationDetails(id desk.ID) (Details, error) {
	var d Details
	err := q.row(`SELECT prepared, reply_email FROM conversation WHERE id = $1`, id).scan(jsonOf{&d.Prepared}, &d.ReplyEmail)
	return d, err
}

// ConversationToAnswer is [Query.Conversation] for somebody who is about to
// answer. waiting says that the contact has left a way to be told when they are
// away: a mail address, or a browser that may be woken.
func (q Query) ConversationToAnswer(id desk.ID) (c *desk.Conversation, waiting bool, err error) {
	c = &desk.Conversation{Contact: new(desk.Contact)}
	var ways int64
	err = q.row(`SELECT CASE WHEN conversation.reply_email <> ''
			OR EXISTS (SELECT 1 FROM push_subscription WHERE push_subscription.contact_id = conversation.contact_id) THEN 1 ELSE 0 END, `+
		withContact+`WHERE conversation.id = $1`, id).
		scan(append(append([]any{&ways}, conversationFields(c)...), contactFields(c.Contact)...)...)
	if err != nil {
		return nil, false, err
	}
	return c, ways > 0, nil
}

// LockConversationOf is [Tx.LockConversation] for a contact's own conversation.
func (tx *Tx) LockConversationOf(contact, id desk.ID) (*desk.Conversation, error) {
	return tx.mark(`updated_at = updated_at WHERE id = $1 AND contact_id = $2`, id, contact)
}

// LeaveConversation notes that the contact no longer sits in front of the
// conversation, and where an answer may be mailed to; "" keeps what there is.
func (tx *Tx) LeaveConversation(contact, id desk.ID, email string) (*desk.Conversation, error) {
	return tx.mark(`mode = 'message', reply_email = CASE WHEN $1 = '' THEN reply_email ELSE $1 END, updated_at = $2
		WHERE id = $3 AND contact_id = $4`, email, tx.Now(), id, contact)
}

// AnsweredBy returns the agent who gave the last public answer; zero when nobody
// has answered.
func (q Query) AnsweredBy(conversation desk.ID) (desk.ID, error) {
	var agent desk.ID
	err := q.row(`SELECT author_id FROM message WHERE conversation_id = $1 AND author_kind = 'agent' AND visibility = 'public'
		ORDER BY seq DESC LIMIT 1`, conversation).scan(&agent)
	if desk.CodeOf(err) == desk.NotFound {
		return 0, nil
	}
	return agent, err
}

// Mailing is what has to be known before answers are mailed.
type Mailing struct {
	ReplyEmail string
	MailedSeq  int64 // up to which message answers were mailed
	PageURL    string
}

// Mailing returns what has to be known before answers of a conversation are
// mailed.
func (q Query) Mailing(conversation desk.ID) (m Mailing, err error) {
	err = q.row(`SELECT reply_email, mailed_seq, page_url FROM conversation WHERE id = $1`, conversation).scan(&m.ReplyEmail, &m.MailedSeq, &m.PageURL)
	return m, err
}

// AnswersAfter returns the public answers of agents behind a sequence, in order,
// at most limit.
func (q Query) AnswersAfter(conversation desk.ID, seq int64, limit int) ([]*desk.Message, error) {
	return collect(q, scanMessage, `SELECT `+messageColumns+` FROM message
		WHERE conversation_id = $1 AND seq > $2 AND author_kind = 'agent' AND visibility = 'public' ORDER BY seq LIMIT $3`, conversation, seq, limit)
}

// SetMailed notes that answers were mailed up to seq. It is false when they were
// mailed before, or read meanwhile: then nothing must be sent.
func (tx *Tx) SetMailed(conversation desk.ID, seq int64) (bool, error) {
	n, err := tx.exec(`UPDATE conversation SET mailed_seq = $1 WHERE id = $2 AND mailed_seq < $1 AND contact_read_seq < $1`, seq, conversation)
	return n > 0, err
}
