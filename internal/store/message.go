package store

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

const messageColumns = `id, conversation_id, seq, prev, client_id, dedupe_key, author_kind, author_id, author_name, visibility, body, findings, event, created_at, attachments`

func scanMessage(r scanner) (*desk.Message, error) {
	m := new(desk.Message)
	var findings, event, attachments string
	err := r.Scan(&m.ID, &m.ConversationID, &m.Seq, &m.Prev, &m.ClientID, &m.DedupeKey, &m.AuthorKind, &m.AuthorID, &m.AuthorName,
		&m.Visibility, &m.Body, &findings, &event, &m.CreatedAt, &attachments)
	if err != nil {
		return nil, err
	}
	if findings != "" {
		if err := json.Unmarshal([]byte(findings), &m.Findings); err != nil {
			return nil, err
		}
	}
	if event != "" {
		m.Event = new(desk.MessageEvent)
		if err := json.Unmarshal([]byte(event), m.Event); err != nil {
			return nil, err
		}
	}
	if attachments != "" {
		if err := json.Unmarshal([]byte(attachments), &m.Attachments); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func jsonText(v any, empty bool) (string, error) {
	if empty {
		return "", nil
	}
	b, err := json.Marshal(v)
	return string(b), err
}

var returnedColumns = strings.ReplaceAll(conversationColumns, "conversation.", "") + ", prev_public_seq"

const insertMessage = `INSERT INTO message (` + messageColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`

// AppendMessage gives m the next place in its conversation and stores it. The
// update of the conversation's row is the lock that orders concurrent writers;
// it also keeps the list line, the status and the read marks. c receives the
// conversation as it is afterwards. A contact's message is only accepted into
// that contact's own conversation (otherwise NotFound); a repeated dedupe key is
// a Conflict, and the transaction must be given up then. An agent's answer with
// expect >= 0 is only stored when the contact has written nothing after that
// sequence (otherwise NotFound). A contact who writes into a resolved
// conversation opens it again, for anybody: who had it is the previous agent; and
// who left and writes again sits in front of it again.
//
// Two statements on purpose: this is the hot path.
func (tx *Tx) AppendMessage(m *desk.Message, c *desk.Conversation, expect int64) error {
	if m.ID == 0 {
		m.ID = tx.NewID()
	}
	if m.CreatedAt == 0 {
		m.CreatedAt = tx.Now()
	}
	public := m.Visibility == desk.Public
	var change string
	args := []any{m.ConversationID, m.CreatedAt}
	switch {
	case m.AuthorKind == desk.ByContact:
		change = `prev_public_seq = public_seq, public_seq = seq + 1, contact_seq = seq + 1, contact_read_seq = seq + 1, resolved_at = 0, ended_by = '',
			waiting_since = CASE WHEN waiting_since = 0 THEN $2 ELSE waiting_since END,
			previous_agent_id = CASE WHEN status = 'resolved' AND assignee_id <> 0 THEN assignee_id ELSE previous_agent_id END,
			assignee_id = CASE WHEN status = 'resolved' THEN 0 ELSE assignee_id END, status = 'open',
			mode = CASE WHEN contact_seq > 0 THEN 'live' ELSE mode END,
			last_seq = seq + 1, last_author = 'contact', last_preview = $3, last_at = $2
			WHERE id = $1 AND contact_id = $4`
		args = append(args, preview(m), m.AuthorID)
	case m.AuthorKind == desk.ByAgent && public:
		// contact_seq <= $5 refuses an answer to a thread that has moved on.
		change = `prev_public_seq = public_seq, public_seq = seq + 1, agent_read_seq = seq + 1, status = 'waiting', resolved_at = 0, ended_by = '', waiting_since = 0,
			assigned_at = CASE WHEN assignee_id = 0 THEN $2 ELSE assigned_at END,
			last_seq = seq + 1, last_author = 'agent', last_preview = $3, last_at = $2,
			assignee_id = CASE WHEN assignee_id = 0 THEN $4 ELSE assignee_id END
			WHERE id = $1 AND contact_seq <= $5`
		if expect < 0 {
			expect = 1 << 60
		}
		args = append(args, preview(m), m.AuthorID, expect)
	case public:
		change = `prev_public_seq = public_seq, public_seq = seq + 1 WHERE id = $1`
	default:
		change = `agent_read_seq = CASE WHEN agent_read_seq = seq THEN seq + 1 ELSE agent_read_seq END WHERE id = $1`
	}
	// On both engines the right-hand sides see the row as it was before.
	q := `UPDATE conversation SET seq = seq + 1, updated_at = $2, ` + change + ` RETURNING ` + returnedColumns
	var prevPublic int64
	if err := tx.row(q, args...).scan(append(conversationFields(c), &prevPublic)...); err != nil {
		return err
	}
	m.Seq, m.Prev = c.Seq, c.PublicSeq
	if public {
		m.Prev = prevPublic
	}
	findings, err := jsonText(m.Findings, len(m.Findings) == 0)
	if err != nil {
		return err
	}
	event, err := jsonText(m.Event, m.Event == nil)
	if err != nil {
		return err
	}
	attachments, err := jsonText(m.Attachments, len(m.Attachments) == 0)
	if err != nil {
		return err
	}
	_, err = tx.exec(insertMessage, m.ID, m.ConversationID, m.Seq, m.Prev, m.ClientID, m.DedupeKey, m.AuthorKind, m.AuthorID, m.AuthorName,
		m.Visibility, m.Body, findings, event, m.CreatedAt, attachments)
	return err
}

// preview is what lists show of a message: its words, or the names of its files
// when it has none.
func preview(m *desk.Message) string {
	if m.Body != "" || len(m.Attachments) == 0 {
		return desk.Preview(m.Body)
	}
	names := make([]string, len(m.Attachments))
	for i, a := range m.Attachments {
		names[i] = a.Name
	}
	return desk.Preview(strings.Join(names, ", "))
}

// MessageByDedupe returns the message that was stored under a dedupe key.
func (q Query) MessageByDedupe(key string) (*desk.Message, error) {
	return scanOne(q.row(`SELECT `+messageColumns+` FROM message WHERE dedupe_key = $1`, key), scanMessage)
}

// MessageRange says which part of a conversation to read.
type MessageRange struct {
	Ascending  bool  // the first messages after Since; otherwise the last ones before Before
	Since      int64 // sequence
	Before     int64 // sequence; 0 is the end of the conversation
	Limit      int
	PublicOnly bool // what the customer may read
}

// Messages returns part of a conversation in ascending order and whether there
// is more of it in the direction asked for.
func (q Query) Messages(conversation desk.ID, r MessageRange) (messages []*desk.Message, more bool, err error) {
	visible := ``
	if r.PublicOnly {
		visible = ` AND visibility = 'public'`
	}
	if r.Ascending {
		messages, err = collect(q, scanMessage, `SELECT `+messageColumns+` FROM message WHERE conversation_id = $1 AND seq > $2`+visible+
			` ORDER BY seq LIMIT $3`, conversation, r.Since, r.Limit+1)
		if len(messages) > r.Limit {
			return messages[:r.Limit], true, err
		}
		return messages, false, err
	}
	before := r.Before
	if before == 0 {
		before = 1 << 60
	}
	messages, err = collect(q, scanMessage, `SELECT `+messageColumns+` FROM message WHERE conversation_id = $1 AND seq < $2`+visible+
		` ORDER BY seq DESC LIMIT $3`, conversation, before, r.Limit+1)
	if more = len(messages) > r.Limit; more {
		messages = messages[:r.Limit]
	}
	slices.Reverse(messages)
	return messages, more, err
}

// MessagesByID returns the messages with these identifiers that exist, in no
// particular order.
func (q Query) MessagesByID(ids []desk.ID) ([]*desk.Message, error) {
	if len(ids) == 0 {
		return []*desk.Message{}, nil
	}
	marks, args := placeholders(nil, rounded(ids))
	return collect(q, scanMessage, `SELECT `+messageColumns+` FROM message WHERE id IN (`+marks+`)`, args...)
}

// ConversationsByID returns the conversations with these identifiers that
// exist, with their contacts, in no particular order.
func (q Query) ConversationsByID(ids []desk.ID) ([]*desk.Conversation, error) {
	if len(ids) == 0 {
		return []*desk.Conversation{}, nil
	}
	marks, args := placeholders(nil, rounded(ids))
	return collect(q, scanConversationWithContact, `SELECT `+withContact+`WHERE conversation.id IN (`+marks+`)`, args...)
}

// rounded repeats the last identifier until their number is a power of two, so
// that lists of any length make only a few statement texts.
func rounded(ids []desk.ID) []desk.ID {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	return append(slices.Clone(ids), slices.Repeat(ids[len(ids)-1:], n-len(ids))...)
}
