package store

import (
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// Gift says which agent gets a conversation that waits.
type Gift struct {
	ConversationID desk.ID
	AgentID        desk.ID
	AgentName      string
	By             *desk.Agent // who gives it; nil: the queue
}

// Given is a gift that arrived: the conversation as it is now, and the note that
// tells the desk of it.
type Given struct {
	Conversation *desk.Conversation
	Message      *desk.Message
}

// Give gives conversations to agents: those that are still open and nobody's;
// the others are left out of the answer. Either way they leave the queue. All of
// a batch takes five statements or a few more.
func (tx *Tx) Give(batch []Gift, outcome string) ([]Given, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	taken, err := tx.setAssignees(batch)
	if err != nil {
		return nil, err
	}
	gifts := make(map[desk.ID]Gift, len(batch))
	ids := make([]desk.ID, 0, len(batch))
	for _, g := range batch {
		gifts[g.ConversationID] = g
		ids = append(ids, g.ConversationID)
	}
	out := make([]Given, 0, len(taken))
	for _, c := range taken {
		id := tx.NewID()
		g := gifts[c.ID]
		m := &desk.Message{
			ID: id, ConversationID: c.ID, Seq: c.Seq, Prev: c.PublicSeq, DedupeKey: "system:" + strconv.FormatInt(int64(id), 10),
			AuthorKind: desk.BySystem, Visibility: desk.Note, CreatedAt: c.UpdatedAt,
			Event: &desk.MessageEvent{Type: "assignee", To: g.AgentName},
		}
		if g.By != nil {
			m.AuthorID, m.AuthorName = g.By.ID, g.By.Name
		}
		out = append(out, Given{c, m})
	}
	if err := tx.insertNotes(out); err != nil {
		return nil, err
	}
	return out, tx.noteServices(ids, taken, outcome)
}

func (tx *Tx) setAssignees(batch []Gift) ([]*desk.Conversation, error) {
	args := []any{tx.Now()}
	var to strings.Builder
	n := 1
	for n < len(batch) {
		n *= 2
	}
	marks := make([]string, 0, n)
	for i := range n { // the last is repeated, so that there are few statement texts
		g := batch[min(i, len(batch)-1)]
		args = append(args, g.ConversationID, g.AgentID)
		id := `$` + strconv.Itoa(len(args)-1)
		marks = append(marks, id)
		to.WriteString(` WHEN ` + id + ` THEN CAST($` + strconv.Itoa(len(args)) + ` AS BIGINT)`)
	}
	// "+ 0" and "|| ''" keep PostgreSQL, as long as it has no statistics, from
	// walking all that wait instead of the few by their key. A join with the list
	// it would do in the wrong order as well.
	return collect(tx.Query, scanConversation, `UPDATE conversation SET assignee_id = CASE id`+to.String()+` END, assigned_at = $1, updated_at = $1, seq = seq + 1,
			agent_read_seq = CASE WHEN agent_read_seq = seq THEN seq + 1 ELSE agent_read_seq END
		WHERE id IN (`+strings.Join(marks, ", ")+`) AND assignee_id + 0 = 0 AND status || '' = 'open'
		RETURNING `+strings.ReplaceAll(conversationColumns, "conversation.", ""), args...)
}

func (tx *Tx) insertNotes(given []Given) error {
	rows := make([][]any, 0, len(given))
	for _, g := range given {
		m := g.Message
		event, err := jsonText(m.Event, false)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			m.ID, m.ConversationID, m.Seq, m.Prev, m.ClientID, m.DedupeKey, m.AuthorKind, m.AuthorID, m.AuthorName,
			m.Visibility, m.Body, "", event, m.CreatedAt, "",
		})
	}
	return tx.insertRows(`INSERT INTO message (`+messageColumns+`)`, rows)
}

// noteServices takes conversations out of the queue and notes the waits of those
// that were taken.
func (tx *Tx) noteServices(ids []desk.ID, taken []*desk.Conversation, outcome string) error {
	agentOf := make(map[desk.ID]desk.ID, len(taken))
	agents := make([]desk.ID, 0, len(taken))
	for _, c := range taken {
		agentOf[c.ID] = c.AssigneeID
		agents = append(agents, c.AssigneeID)
	}
	marks, args := placeholders(nil, rounded(ids))
	left, err := collect(tx.Query, func(r scanner) (s queueService, err error) {
		err = r.Scan(&s.conversation, &s.team, &s.channel, &s.entered)
		return s, err
	}, `DELETE FROM queue_entry WHERE conversation_id IN (`+marks+`) RETURNING conversation_id, team_id, channel, entered_at`, args...)
	if err != nil {
		return err
	}
	services := left[:0]
	for _, s := range left {
		if s.agent = agentOf[s.conversation]; s.agent != 0 {
			s.outcome = outcome
			services = append(services, s)
		}
	}
	if err := tx.insertService(services); err != nil || len(agents) == 0 {
		return err
	}
	marks, args = placeholders([]any{tx.Now()}, rounded(agents))
	_, err = tx.exec(`UPDATE agent_presence SET given_at = $1 WHERE agent_id IN (`+marks+`)`, args...)
	return err
}
