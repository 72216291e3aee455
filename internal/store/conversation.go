package store

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// firstNumber is the first case number of an installation: a number that looks
// like one.
const firstNumber = 1001

const conversationColumns = `conversation.id, conversation.number, conversation.contact_id, conversation.channel, conversation.status, conversation.scenario,
	conversation.subject, conversation.team_id, conversation.assignee_id, conversation.priority, conversation.entity, conversation.region, conversation.locale,
	conversation.seq, conversation.public_seq, conversation.contact_seq, conversation.contact_read_seq, conversation.agent_read_seq,
	conversation.last_seq, conversation.last_author, conversation.last_preview, conversation.last_at,
	conversation.created_at, conversation.updated_at, conversation.resolved_at,
	conversation.waiting_since, conversation.assigned_at, conversation.previous_agent_id, conversation.mode, conversation.ended_by, conversation.rating`

// number reads and writes a case number: 1042 in the database, VD-1042 for people.
type number struct{ of *string }

func (n number) Scan(v any) error {
	i, ok := v.(int64)
	if !ok {
		return fmt.Errorf("case number of type %T", v)
	}
	*n.of = "VD-" + strconv.FormatInt(i, 10)
	return nil
}

// ParseNumber reads a case number as people write it ("VD-1042", "vd1042",
// "#1042"). ok is false when it is none.
func ParseNumber(s string) (n int64, ok bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	s = strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(s, "#"), "VD"), "-")
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= firstNumber
}

func conversationFields(c *desk.Conversation) []any {
	return []any{
		&c.ID,
		number{&c.Number},
		&c.ContactID, &c.Channel, &c.Status, &c.Scenario,
		&c.Subject, &c.TeamID, &c.AssigneeID, &c.Priority, &c.Entity, &c.Region, &c.Locale,
		&c.Seq, &c.PublicSeq, &c.ContactSeq, &c.ContactReadSeq, &c.AgentReadSeq,
		&c.LastMessage.Seq, &c.LastMessage.AuthorKind, &c.LastMessage.Preview, &c.LastMessage.CreatedAt,
		&c.CreatedAt, &c.UpdatedAt, &c.ResolvedAt,
		&c.WaitingSince, &c.AssignedAt, &c.PreviousID, &c.Mode, &c.EndedBy, &c.Rating,
	}
}

func scanConversation(r scanner) (*desk.Conversation, error) {
	c := new(desk.Conversation)
	return c, r.Scan(conversationFields(c)...)
}

func scanConversationWithContact(r scanner) (*desk.Conversation, error) {
	c := &desk.Conversation{Contact: new(desk.Contact)}
	return c, r.Scan(append(conversationFields(c), contactFields(c.Contact)...)...)
}

const withContact = conversationColumns + `, ` + contactColumns + ` FROM conversation JOIN contact ON contact.id = conversation.contact_id `

// Conversation returns a conversation with its contact, or a NotFound error.
func (q Query) Conversation(id desk.ID) (*desk.Conversation, error) {
	c := &desk.Conversation{Contact: new(desk.Contact)}
	err := q.row(`SELECT `+withContact+`WHERE conversation.id = $1`, id).
		scan(append(conversationFields(c), contactFields(c.Contact)...)...)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// ConversationOf returns a conversation of a contact, without the contact; a
// stranger's conversation is NotFound like one that does not exist.
func (q Query) ConversationOf(contact, id desk.ID) (*desk.Conversation, error) {
	c := new(desk.Conversation)
	err := q.row(`SELECT `+conversationColumns+` FROM conversation WHERE id = $1 AND contact_id = $2`, id, contact).scan(conversationFields(c)...)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// ConversationsOf lists a contact's conversations, newest activity first.
func (q Query) ConversationsOf(contact desk.ID) ([]*desk.Conversation, error) {
	return collect(q, scanConversation, `SELECT `+conversationColumns+` FROM conversation WHERE contact_id = $1 ORDER BY last_at DESC, id DESC LIMIT 200`, contact)
}

// InsertConversation is [Tx.BeginConversation] without details.
func (tx *Tx) InsertConversation(c *desk.Conversation, dedupeKey, pageURL string) error {
	return tx.BeginConversation(c, dedupeKey, pageURL, Details{})
}

// BeginConversation stores a new, empty conversation and gives it its case
// number. A repeated dedupe key is a Conflict; a contact that is gone or was
// merged into a customer, Unauthorized.
func (tx *Tx) BeginConversation(c *desk.Conversation, dedupeKey, pageURL string, d Details) error {
	if err := tx.holdContact(c.ContactID); err != nil {
		return err
	}
	prepared, err := jsonText(d.Prepared, len(d.Prepared) == 0)
	if err != nil {
		return err
	}
	n, err := tx.nextCount("conversation", firstNumber)
	if err != nil {
		return err
	}
	if c.ID == 0 {
		c.ID = tx.NewID()
	}
	c.Number = "VD-" + strconv.FormatInt(n, 10)
	if c.Mode == "" {
		c.Mode = desk.LiveMode
	}
	c.CreatedAt = tx.Now()
	c.UpdatedAt, c.LastMessage.CreatedAt = c.CreatedAt, c.CreatedAt
	_, err = tx.exec(`INSERT INTO conversation (id, number, contact_id, channel, status, scenario, subject, team_id, assignee_id, priority,
			entity, region, locale, page_url, dedupe_key, last_at, created_at, updated_at, mode, prepared, reply_email)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)`,
		c.ID, n, c.ContactID, c.Channel, c.Status, c.Scenario, c.Subject, c.TeamID, c.AssigneeID, c.Priority,
		c.Entity, c.Region, c.Locale, pageURL, dedupeKey, c.LastMessage.CreatedAt, c.CreatedAt, c.UpdatedAt, c.Mode, prepared, d.ReplyEmail)
	return err
}

// View names a list of conversations in the console.
type View string

// The views.
const (
	Mine         View = "mine"
	Unassigned   View = "unassigned"
	OpenView     View = "open"
	WaitingView  View = "waiting"
	ResolvedView View = "resolved"
	AllView      View = "all"
)

// ConversationFilter says which conversations to list. The zero of a field
// means "any".
type ConversationFilter struct {
	View  View
	Agent desk.ID   // whose view it is (for Mine)
	Teams []desk.ID // only these teams and conversations without one; nil: every team
	Team  desk.ID
	// Contact lists the conversations of one contact.
	Contact desk.ID
	Limit   int
	// After continues behind the last conversation of the previous page.
	AfterAt desk.Micros
	AfterID desk.ID
}

// where builds the condition of a filter. Its values are always parameters.
func (f ConversationFilter) where(args []any) (string, []any) {
	var cond []string
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	switch f.View {
	case Mine:
		cond = append(cond, `conversation.assignee_id = `+arg(f.Agent), `conversation.status IN ('open', 'waiting')`)
	case Unassigned:
		cond = append(cond, `conversation.assignee_id = 0`, `conversation.status = 'open'`)
	case OpenView, WaitingView, ResolvedView:
		cond = append(cond, `conversation.status = '`+string(f.View)+`'`)
	}
	if f.Teams != nil {
		var marks string
		marks, args = placeholders(args, append([]desk.ID{0}, f.Teams...))
		cond = append(cond, `conversation.team_id IN (`+marks+`)`)
	}
	if f.Team != 0 {
		cond = append(cond, `conversation.team_id = `+arg(f.Team))
	}
	if f.Contact != 0 {
		cond = append(cond, `conversation.contact_id = `+arg(f.Contact))
	}
	if f.AfterID != 0 {
		cond = append(cond, `(conversation.last_at, conversation.id) < (`+arg(f.AfterAt)+`, `+arg(f.AfterID)+`)`)
	}
	if len(cond) == 0 {
		return "", args
	}
	return ` WHERE ` + strings.Join(cond, ` AND `), args
}

// Conversations lists conversations with their contacts, newest activity first.
func (q Query) Conversations(f ConversationFilter) ([]*desk.Conversation, error) {
	if f.View == Mine || f.View == Unassigned || f.View == AllView {
		// More than one status: one ordered walk of the index per status, merged.
		return q.mergedConversations(f)
	}
	where, args := f.where(nil)
	args = append(args, f.Limit)
	return collect(q, scanConversationWithContact, `SELECT `+withContact+where+
		` ORDER BY conversation.last_at DESC, conversation.id DESC LIMIT $`+strconv.Itoa(len(args)), args...)
}

func (q Query) mergedConversations(f ConversationFilter) ([]*desk.Conversation, error) {
	where, args := f.where(nil)
	if where == "" {
		where = ` WHERE 1 = 1`
	}
	statuses := []desk.Status{desk.Open, desk.Waiting, desk.Resolved}
	switch f.View {
	case Mine:
		statuses = statuses[:2]
	case Unassigned:
		statuses = statuses[:1]
	}
	args = append(args, f.Limit)
	limit := `$` + strconv.Itoa(len(args))
	var parts []string
	for _, st := range statuses {
		parts = append(parts, `SELECT * FROM (SELECT id, last_at FROM conversation`+where+` AND status = '`+string(st)+
			`' ORDER BY last_at DESC, id DESC LIMIT `+limit+`) AS s_`+string(st))
	}
	return collect(q, scanConversationWithContact, `SELECT `+withContact+`WHERE conversation.id IN (
		SELECT id FROM (`+strings.Join(parts, ` UNION ALL `)+`) AS page ORDER BY last_at DESC, id DESC LIMIT `+limit+`)
		ORDER BY conversation.last_at DESC, conversation.id DESC`, args...)
}

// ConversationCounts says how many conversations each view holds, and how many
// open ones have something unread.
type ConversationCounts struct {
	Mine       int64 `json:"mine"`
	Unassigned int64 `json:"unassigned"`
	Open       int64 `json:"open"`
	Waiting    int64 `json:"waiting"`
	Resolved   int64 `json:"resolved"`
	All        int64 `json:"all"`
	Unread     int64 `json:"unread"`
}

// CountConversations counts the conversations of each view that f's agent may
// see. Resolved ones are counted through the index alone.
func (q Query) CountConversations(f ConversationFilter) (ConversationCounts, error) {
	var n ConversationCounts
	f.View = AllView
	where, args := f.where(nil)
	args = append(args, f.Agent)
	me := `$` + strconv.Itoa(len(args))
	if where == "" {
		where = ` WHERE 1 = 1`
	}
	err := q.row(`SELECT
			COUNT(*), COALESCE(SUM(CASE WHEN status = 'open' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN assignee_id = `+me+` THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN assignee_id = 0 AND status = 'open' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN contact_seq > agent_read_seq THEN 1 ELSE 0 END), 0)
		FROM conversation`+where+` AND status IN ('open', 'waiting')`, args...).
		scan(&n.All, &n.Open, &n.Mine, &n.Unassigned, &n.Unread)
	if err != nil {
		return n, err
	}
	n.Waiting = n.All - n.Open
	args = args[:len(args)-1]
	err = q.row(`SELECT COUNT(*) FROM conversation`+where+` AND status = 'resolved'`, args...).scan(&n.Resolved)
	n.All += n.Resolved
	return n, err
}

// ConversationByNumber returns a conversation by its case number.
func (q Query) ConversationByNumber(n int64) (*desk.Conversation, error) {
	var id desk.ID
	if err := q.row(`SELECT id FROM conversation WHERE number = $1`, n).scan(&id); err != nil {
		return nil, err
	}
	return q.Conversation(id)
}

// UpdateConversation writes the fields that people change: status, assignee,
// team, priority, scenario, subject, and what follows from them.
func (tx *Tx) UpdateConversation(c *desk.Conversation) error {
	c.UpdatedAt = tx.Now()
	return tx.execOne(`UPDATE conversation SET status = $1, assignee_id = $2, team_id = $3, priority = $4, scenario = $5, subject = $6,
			resolved_at = $7, updated_at = $8, waiting_since = $9, assigned_at = $10, previous_agent_id = $11, mode = $12, ended_by = $13 WHERE id = $14`,
		c.Status, c.AssigneeID, c.TeamID, c.Priority, c.Scenario, c.Subject, c.ResolvedAt, c.UpdatedAt,
		c.WaitingSince, c.AssignedAt, c.PreviousID, c.Mode, c.EndedBy, c.ID)
}

// MarkReadByContact notes how far the contact has read; it never goes back.
// The conversation as it stands is returned.
func (tx *Tx) MarkReadByContact(contact, id desk.ID, seq int64) (*desk.Conversation, error) {
	return tx.mark(`contact_read_seq = CASE WHEN contact_read_seq < $1 AND $1 <= public_seq THEN $1 ELSE contact_read_seq END WHERE id = $2 AND contact_id = $3`, seq, id, contact)
}

// MarkReadByAgent notes how far the desk has read; it never goes back.
func (tx *Tx) MarkReadByAgent(id desk.ID, seq int64) (*desk.Conversation, error) {
	return tx.mark(`agent_read_seq = CASE WHEN agent_read_seq < $1 AND $1 <= seq THEN $1 ELSE agent_read_seq END WHERE id = $2`, seq, id)
}

// MarkUnread makes the contact's last message unread again.
func (tx *Tx) MarkUnread(id desk.ID) (*desk.Conversation, error) {
	return tx.mark(`agent_read_seq = CASE WHEN contact_seq > 0 THEN contact_seq - 1 ELSE 0 END WHERE id = $1`, id)
}

func (tx *Tx) mark(change string, args ...any) (*desk.Conversation, error) {
	c := new(desk.Conversation)
	err := tx.row(`UPDATE conversation SET `+change+` RETURNING `+strings.ReplaceAll(conversationColumns, "conversation.", ""), args...).scan(conversationFields(c)...)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// LockConversation returns a conversation and keeps other writers from it until
// the transaction ends.
func (tx *Tx) LockConversation(id desk.ID) (*desk.Conversation, error) {
	return tx.mark(`updated_at = updated_at WHERE id = $1`, id)
}
