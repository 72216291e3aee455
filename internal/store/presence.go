package store

import (
	"github.com/veridesk/veridesk/internal/desk"
)

// Colleague is an agent as the queue sees them. Online and Load of the presence
// are set by [Query.Roster].
type Colleague struct {
	desk.Presence
	Name     string
	Role     desk.Role
	Teams    []desk.ID
	Capacity int
	Locales  []string
	Skills   []desk.Scenario
	SeenAt   desk.Micros // by a node that they were connected to
	GoneAt   desk.Micros // when it was noticed that they are not there; 0: they are
	GivenAt  desk.Micros // when work was last given to them
}

const presenceColumns = `agent_presence.agent_id, agent_presence.state, agent_presence.since, agent_presence.until_at, agent_presence.seen_at, agent_presence.gone_at, agent_presence.given_at`

func (c *Colleague) presenceFields() []any {
	return []any{&c.AgentID, &c.State, &c.Since, &c.Until, &c.SeenAt, &c.GoneAt, &c.GivenAt}
}

// RosterView says how a roster is read.
type RosterView struct {
	SeenAfter desk.Micros // who was not seen since is offline
	// What a chat weighs, and a message that was left; anything else weighs 1.
	ChatWeight, LeftWeight int
	// IdleAfter: a conversation that has been waiting for its contact since before
	// is no work any more.
	IdleAfter desk.Micros
}

// Roster returns every active agent who has ever been connected, by id, with
// their teams and the work that they have in hand.
func (q Query) Roster(v RosterView) ([]Colleague, error) {
	list, err := collect(q, func(r scanner) (c Colleague, err error) {
		err = r.Scan(append(c.presenceFields(), &c.Name, &c.Role, &c.Capacity, jsonOf{&c.Locales}, jsonOf{&c.Skills})...)
		c.Online = c.GoneAt == 0 && c.SeenAt > v.SeenAfter
		return c, err
	}, `SELECT `+presenceColumns+`, agent.name, agent.role, agent.capacity, agent.locales, agent.skills
		FROM agent_presence JOIN agent ON agent.id = agent_presence.agent_id WHERE agent.status = 'active' ORDER BY agent_presence.agent_id`)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*Colleague, len(list))
	for i := range list {
		byID[list[i].AgentID] = &list[i]
	}
	type member struct{ team, agent desk.ID }
	for m, err := range each(q, func(r scanner) (m member, err error) {
		err = r.Scan(&m.team, &m.agent)
		return m, err
	}, `SELECT team_id, agent_id FROM team_member ORDER BY team_id`) {
		if err != nil {
			return nil, err
		}
		if c := byID[m.agent]; c != nil {
			c.Teams = append(c.Teams, m.team)
		}
	}
	loads, err := q.loads(``, v.args())
	for agent, load := range loads {
		if c := byID[agent]; c != nil {
			c.Load = load
		}
	}
	return list, err
}

// inHand is the condition of the index conversation_in_hand, word for word. No
// other index fits it, so that both engines take this one whatever they believe
// about the rest of the table.
const inHand = `conversation.assignee_id <> 0 AND conversation.status <> 'resolved'`

// Loads returns the work that agents have in hand, in units.
func (q Query) Loads(v RosterView, agents []desk.ID) (map[desk.ID]int, error) {
	marks, args := placeholders(v.args(), rounded(agents))
	return q.loads(` AND conversation.assignee_id IN (`+marks+`)`, args)
}

func (v RosterView) args() []any { return []any{v.IdleAfter, v.ChatWeight, v.LeftWeight} }

func (q Query) loads(where string, args []any) (map[desk.ID]int, error) {
	type load struct {
		agent desk.ID
		units int
	}
	list, err := collect(q, func(r scanner) (l load, err error) {
		err = r.Scan(&l.agent, &l.units)
		return l, err
	}, `SELECT conversation.assignee_id, CAST(SUM(CASE
			WHEN conversation.status = 'waiting' AND conversation.last_at <= $1 THEN 0
			WHEN conversation.mode = 'message' THEN CAST($3 AS BIGINT)
			WHEN conversation.channel = 'chat' THEN CAST($2 AS BIGINT) ELSE 1 END) AS BIGINT)
		FROM conversation WHERE `+inHand+where+` GROUP BY conversation.assignee_id`, args...)
	out := make(map[desk.ID]int, len(list))
	for _, l := range list {
		out[l.agent] = l.units
	}
	return out, err
}

// Presence returns what an agent has chosen, or a NotFound error for somebody
// who was never connected.
func (q Query) Presence(agent desk.ID) (c Colleague, err error) {
	err = q.row(`SELECT `+presenceColumns+` FROM agent_presence WHERE agent_id = $1`, agent).scan(c.presenceFields()...)
	return c, err
}

// Ready returns which of these agents are available now.
func (q Query) Ready(agents []desk.ID, seenAfter desk.Micros) (map[desk.ID]bool, error) {
	marks, args := placeholders([]any{string(desk.Available), seenAfter}, rounded(agents))
	list, err := collect(q, scanID, `SELECT agent_id FROM agent_presence WHERE state = $1 AND gone_at = 0 AND seen_at > $2 AND agent_id IN (`+marks+`)`, args...)
	ready := make(map[desk.ID]bool, len(list))
	for _, id := range list {
		ready[id] = true
	}
	return ready, err
}

// SetPresence stores what an agent has chosen to be.
func (tx *Tx) SetPresence(p desk.Presence) error {
	_, err := tx.exec(`INSERT INTO agent_presence (agent_id, state, since, until_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (agent_id) DO UPDATE SET state = excluded.state, since = excluded.since, until_at = excluded.until_at`,
		p.AgentID, p.State, p.Since, p.Until)
	return err
}

// SeeAgents notes that agents are connected, and returns those who were not
// there before: they are as they were when they left, the first time available.
func (tx *Tx) SeeAgents(agents []desk.ID, seenAfter desk.Micros) (back []desk.ID, err error) {
	if len(agents) == 0 {
		return nil, nil
	}
	marks, args := placeholders([]any{seenAfter}, rounded(agents))
	there, err := collect(tx.Query, scanID, `SELECT agent_id FROM agent_presence WHERE gone_at = 0 AND seen_at > $1 AND agent_id IN (`+marks+`)`, args...)
	if err != nil {
		return nil, err
	}
	known := make(map[desk.ID]bool, len(there))
	for _, id := range there {
		known[id] = true
	}
	now := tx.Now()
	for _, id := range agents {
		if !known[id] {
			back = append(back, id)
			// An agent who was deleted meanwhile has no row to be seen in.
			if _, err := tx.exec(`INSERT INTO agent_presence (agent_id, state, since) SELECT id, CAST($1 AS TEXT), CAST($2 AS BIGINT) FROM agent WHERE id = $3
				ON CONFLICT (agent_id) DO NOTHING`, string(desk.Available), now, id); err != nil {
				return nil, err
			}
		}
	}
	marks, args = placeholders([]any{now}, rounded(agents))
	_, err = tx.exec(`UPDATE agent_presence SET seen_at = $1, gone_at = 0 WHERE agent_id IN (`+marks+`)`, args...)
	return back, err
}

func scanID(r scanner) (id desk.ID, err error) {
	err = r.Scan(&id)
	return id, err
}

// LoseAgents notes who was not seen since a moment, and returns them. Of several
// nodes that look at once, one gets an agent.
func (tx *Tx) LoseAgents(seenAfter desk.Micros) ([]desk.ID, error) {
	return collect(tx.Query, scanID, `UPDATE agent_presence SET gone_at = $1 WHERE gone_at = 0 AND seen_at <= $2 RETURNING agent_id`, tx.Now(), seenAfter)
}

// EndPauses makes available whoever has said until when they would not be, and
// returns them.
func (tx *Tx) EndPauses() ([]desk.ID, error) {
	return collect(tx.Query, scanID, `UPDATE agent_presence SET state = $1, since = $2, until_at = 0 WHERE until_at > 0 AND until_at <= $2 RETURNING agent_id`,
		string(desk.Available), tx.Now())
}

// Held is work that its contact waits for an answer to.
type Held struct {
	ConversationID, AgentID, TeamID desk.ID
	WaitingSince, AssignedAt        desk.Micros
	Mode                            desk.Mode
}

// HeldWork returns all work in agents' hands that waits for their answer; of one
// agent, or (zero) of all.
func (q Query) HeldWork(agent desk.ID) ([]Held, error) {
	where, args := ``, []any(nil)
	if agent != 0 {
		where, args = ` AND conversation.assignee_id = $1`, []any{agent}
	}
	return collect(q, func(r scanner) (h Held, err error) {
		err = r.Scan(&h.ConversationID, &h.AgentID, &h.TeamID, &h.WaitingSince, &h.AssignedAt, &h.Mode)
		return h, err
	}, `SELECT conversation.id, conversation.assignee_id, conversation.team_id, conversation.waiting_since, conversation.assigned_at, conversation.mode
		FROM conversation WHERE `+inHand+` AND conversation.status <> 'waiting' AND conversation.waiting_since > 0`+where, args...)
}

// PausesDue reports whether [Tx.EndPauses] would find anybody.
func (q Query) PausesDue() (bool, error) {
	return q.any(`SELECT agent_id FROM agent_presence WHERE until_at > 0 AND until_at <= $1 LIMIT 1`, q.Now())
}

// AgentsLost reports whether [Tx.LoseAgents] would find anybody.
func (q Query) AgentsLost(seenAfter desk.Micros) (bool, error) {
	return q.any(`SELECT agent_id FROM agent_presence WHERE gone_at = 0 AND seen_at <= $1 LIMIT 1`, seenAfter)
}

func (q Query) any(query string, args ...any) (bool, error) {
	found, err := collect(q, scanID, query, args...)
	return len(found) > 0, err
}

// TeamMembers counts the active members of each team.
func (q Query) TeamMembers() (map[desk.ID]int, error) {
	type count struct {
		team desk.ID
		n    int
	}
	list, err := collect(q, func(r scanner) (c count, err error) {
		err = r.Scan(&c.team, &c.n)
		return c, err
	}, `SELECT team_member.team_id, COUNT(*) FROM team_member JOIN agent ON agent.id = team_member.agent_id WHERE agent.status = 'active' GROUP BY team_member.team_id`)
	out := make(map[desk.ID]int, len(list))
	for _, c := range list {
		out[c.team] = c.n
	}
	return out, err
}
