package store

import (
	"cmp"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// QueueEntry is a conversation that waits for an agent.
type QueueEntry struct {
	ConversationID desk.ID
	TeamID         desk.ID
	Rank           desk.Micros // the lowest is next; EnteredAt less what the priority is worth
	EnteredAt      desk.Micros
	Channel        desk.Channel
	Scenario       desk.Scenario
	Locale         string
	Entity         string
	Live           bool      // the contact is in front of the chat
	StickyID       desk.ID   // the agent they know; zero: none
	Declined       []desk.ID // agents who had it and did not answer
}

// The ways in which a conversation leaves the queue.
const (
	QueueAssigned = "assigned" // the queue gave it to an agent
	QueueTaken    = "taken"    // an agent took it, or was given it by a colleague
	QueueEnded    = "ended"    // it needs no agent any more
)

const queueColumns = `conversation_id, team_id, rank, entered_at, channel, scenario, locale, entity, live, sticky_id, declined`

func scanQueueEntry(r scanner) (e QueueEntry, err error) {
	err = r.Scan(&e.ConversationID, &e.TeamID, &e.Rank, &e.EnteredAt, &e.Channel, &e.Scenario, &e.Locale, &e.Entity, &e.Live, &e.StickyID, idsOf{&e.Declined})
	return e, err
}

// idsOf reads a JSON list of identifiers; the empty one, which nearly all are, costs nothing.
type idsOf struct{ into *[]desk.ID }

// Scan reads the text.
func (i idsOf) Scan(v any) error {
	if v == "[]" {
		return nil
	}
	return jsonOf{i.into}.Scan(v)
}

func idsText(ids []desk.ID) (string, error) {
	if len(ids) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(ids)
	return string(b), err
}

// LockQueue makes the transaction wait for every other one that has locked the
// queue. It comes before any other lock of the transaction.
func (tx *Tx) LockQueue() error {
	_, err := tx.nextCount("queue", 1)
	return err
}

// EnterQueue puts a conversation into the queue and reports whether it was not
// there yet; the place of one that was stays as it is.
func (tx *Tx) EnterQueue(e QueueEntry) (entered bool, err error) {
	declined, err := idsText(e.Declined)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(`INSERT INTO queue_entry (`+queueColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (conversation_id) DO NOTHING`,
		e.ConversationID, e.TeamID, e.Rank, e.EnteredAt, e.Channel, e.Scenario, e.Locale, e.Entity, e.Live, e.StickyID, declined)
	return n > 0, err
}

// MoveInQueue gives an entry another team, rank, scenario or way of waiting. A
// conversation that is not in the queue is left alone.
func (tx *Tx) MoveInQueue(e QueueEntry) error {
	_, err := tx.exec(`UPDATE queue_entry SET team_id = $1, rank = $2, scenario = $3, live = $4 WHERE conversation_id = $5`,
		e.TeamID, e.Rank, e.Scenario, e.Live, e.ConversationID)
	return err
}

// LeaveQueue takes a conversation out of the queue, if it is there, and notes how
// long it waited. agent is who has it now, zero for nobody.
func (tx *Tx) LeaveQueue(conversation, agent desk.ID, outcome string) error {
	var s queueService
	err := tx.row(`DELETE FROM queue_entry WHERE conversation_id = $1 RETURNING conversation_id, team_id, channel, entered_at`, conversation).
		scan(&s.conversation, &s.team, &s.channel, &s.entered)
	if desk.CodeOf(err) == desk.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	s.agent, s.outcome = agent, outcome
	return tx.insertService([]queueService{s})
}

type queueService struct {
	conversation, team, agent desk.ID
	channel                   desk.Channel
	entered                   desk.Micros
	outcome                   string
}

func (tx *Tx) insertService(list []queueService) error {
	rows := make([][]any, 0, len(list))
	for _, s := range list {
		rows = append(rows, []any{tx.NewID(), s.conversation, s.team, s.agent, s.channel, s.entered, tx.Now(), s.outcome})
	}
	return tx.insertRows(`INSERT INTO queue_service (id, conversation_id, team_id, agent_id, channel, entered_at, left_at, outcome)`, rows)
}

// insertRows inserts many rows with few statements, of few different texts.
func (tx *Tx) insertRows(head string, rows [][]any) error {
	for len(rows) > 0 {
		n := 64
		for n > len(rows) {
			n /= 2
		}
		var text strings.Builder
		text.WriteString(head + ` VALUES `)
		args := make([]any, 0, n*len(rows[0]))
		for i, row := range rows[:n] {
			if i > 0 {
				text.WriteString(`, `)
			}
			var marks string
			marks, args = placeholders(args, row)
			text.WriteString(`(` + marks + `)`)
		}
		if _, err := tx.exec(text.String(), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// QueueEntry returns a conversation's place in the queue, or a NotFound error.
func (q Query) QueueEntry(conversation desk.ID) (QueueEntry, error) {
	return scanOne(q.row(`SELECT `+queueColumns+` FROM queue_entry WHERE conversation_id = $1`, conversation), scanQueueEntry)
}

// QueueEntries returns up to limit entries behind the one given, in the order of
// their rank; the zero entry is the beginning. teams nil is every team, otherwise
// these and entries without one.
func (q Query) QueueEntries(after QueueEntry, teams []desk.ID, limit int) ([]QueueEntry, error) {
	args := []any{cmp.Or(after.Rank, -1<<62), after.ConversationID}
	where := ``
	if teams != nil {
		var marks string
		marks, args = placeholders(args, rounded(append([]desk.ID{0}, teams...)))
		where = ` AND team_id IN (` + marks + `)`
	}
	args = append(args, limit)
	return collect(q, scanQueueEntry, `SELECT `+queueColumns+` FROM queue_entry WHERE (rank, conversation_id) > ($1, $2)`+where+
		` ORDER BY rank, conversation_id LIMIT $`+strconv.Itoa(len(args)), args...)
}

// QueuePosition returns how many of the entry's team are before it or it itself.
func (q Query) QueuePosition(e QueueEntry) (n int, err error) {
	err = q.row(`SELECT COUNT(*) FROM queue_entry WHERE team_id = $1 AND (rank, conversation_id) <= ($2, $3)`, e.TeamID, e.Rank, e.ConversationID).scan(&n)
	return n, err
}

// QueueLine is how many wait for a team.
type QueueLine struct {
	TeamID  desk.ID
	Waiting int
	Since   desk.Micros // when the longest waiting of them entered
}

// QueueLines returns the lines of the teams that somebody waits for.
func (q Query) QueueLines() ([]QueueLine, error) {
	return collect(q, func(r scanner) (l QueueLine, err error) {
		err = r.Scan(&l.TeamID, &l.Waiting, &l.Since)
		return l, err
	}, `SELECT team_id, COUNT(*), MIN(entered_at) FROM queue_entry GROUP BY team_id`)
}

// QueueSeat is an entry with whom it is of.
type QueueSeat struct {
	ConversationID, TeamID, ContactID desk.ID
	Live                              bool
}

// QueueSeats returns everybody who waits, in the order of rank.
func (q Query) QueueSeats() ([]QueueSeat, error) {
	return collect(q, func(r scanner) (s QueueSeat, err error) {
		err = r.Scan(&s.ConversationID, &s.TeamID, &s.Live, &s.ContactID)
		return s, err
	}, `SELECT queue_entry.conversation_id, queue_entry.team_id, queue_entry.live, conversation.contact_id
		FROM queue_entry JOIN conversation ON conversation.id = queue_entry.conversation_id ORDER BY queue_entry.rank, queue_entry.conversation_id`)
}

// QueueService is somebody who has waited and then had an agent.
type QueueService struct {
	TeamID          desk.ID
	EnteredAt, Left desk.Micros
}

// QueueServices returns who was served after a moment, newest first.
func (q Query) QueueServices(after desk.Micros, limit int) ([]QueueService, error) {
	return collect(q, func(r scanner) (s QueueService, err error) {
		err = r.Scan(&s.TeamID, &s.EnteredAt, &s.Left)
		return s, err
	}, `SELECT team_id, entered_at, left_at FROM queue_service WHERE left_at > $1 AND agent_id <> 0 ORDER BY left_at DESC LIMIT $2`, after, limit)
}

// AgentsSince lists the agents who were given a conversation by the queue after
// a moment.
func (q Query) AgentsSince(conversation desk.ID, after desk.Micros) ([]desk.ID, error) {
	return collect(q, func(r scanner) (id desk.ID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT DISTINCT agent_id FROM queue_service WHERE conversation_id = $1 AND left_at >= $2 AND agent_id <> 0 ORDER BY agent_id`, conversation, after)
}

// PruneQueueServices forgets waits that ended before a moment.
func (tx *Tx) PruneQueueServices(before desk.Micros) error {
	_, err := tx.exec(`DELETE FROM queue_service WHERE left_at < $1`, before)
	return err
}

// Astray lists conversations that nobody has and that nobody would be given:
// open, without an agent and not in the queue.
func (q Query) Astray(limit int) ([]desk.ID, error) {
	return collect(q, func(r scanner) (id desk.ID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT id FROM conversation WHERE assignee_id = 0 AND status = 'open'
		AND NOT EXISTS (SELECT 1 FROM queue_entry WHERE queue_entry.conversation_id = conversation.id) ORDER BY id LIMIT $1`, limit)
}

// InVain lists entries of conversations that somebody has, or that need nobody.
func (q Query) InVain(limit int) ([]desk.ID, error) {
	return collect(q, func(r scanner) (id desk.ID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT queue_entry.conversation_id FROM queue_entry JOIN conversation ON conversation.id = queue_entry.conversation_id
		WHERE conversation.assignee_id <> 0 OR conversation.status <> 'open' ORDER BY queue_entry.conversation_id LIMIT $1`, limit)
}

// RankQueue gives every entry the rank that its priority now has; worth is in
// microseconds.
func (tx *Tx) RankQueue(worth map[desk.Priority]desk.Micros) error {
	_, err := tx.exec(`UPDATE queue_entry SET rank = entered_at - (SELECT CASE conversation.priority
			WHEN 'urgent' THEN CAST($1 AS BIGINT) WHEN 'high' THEN CAST($2 AS BIGINT) WHEN 'low' THEN CAST($3 AS BIGINT) ELSE CAST($4 AS BIGINT) END
		FROM conversation WHERE conversation.id = queue_entry.conversation_id)`,
		worth[desk.Urgent], worth[desk.High], worth[desk.Low], worth[desk.Normal])
	return err
}
