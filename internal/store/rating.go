package store

import "github.com/veridesk/veridesk/internal/desk"

// Rating is what a contact says of a conversation.
type Rating struct {
	ConversationID desk.ID     `json:"-"`
	ContactID      desk.ID     `json:"-"`
	AgentID        desk.ID     `json:"-"` // who answered last
	TeamID         desk.ID     `json:"-"`
	Score          int         `json:"score" minimum:"1" maximum:"5"`
	Comment        string      `json:"comment"`
	CreatedAt      desk.Micros `json:"created_at"`
	UpdatedAt      desk.Micros `json:"updated_at"`
}

// Rating returns the rating of a conversation, or a NotFound error.
func (q Query) Rating(conversation desk.ID) (*Rating, error) {
	r := &Rating{ConversationID: conversation}
	err := q.row(`SELECT contact_id, agent_id, team_id, score, comment, created_at, updated_at FROM rating WHERE conversation_id = $1`, conversation).
		scan(&r.ContactID, &r.AgentID, &r.TeamID, &r.Score, &r.Comment, &r.CreatedAt, &r.UpdatedAt)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// PutRating stores a rating, in place of the one before; the conversation shows
// its score.
func (tx *Tx) PutRating(r *Rating) error {
	r.CreatedAt, r.UpdatedAt = tx.Now(), tx.Now()
	err := tx.row(`INSERT INTO rating (conversation_id, contact_id, agent_id, team_id, score, comment, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (conversation_id) DO UPDATE SET contact_id = excluded.contact_id, agent_id = excluded.agent_id, team_id = excluded.team_id,
			score = excluded.score, comment = excluded.comment, updated_at = excluded.updated_at
		RETURNING created_at`,
		r.ConversationID, r.ContactID, r.AgentID, r.TeamID, r.Score, r.Comment, r.CreatedAt, r.UpdatedAt).scan(&r.CreatedAt)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE conversation SET rating = $1 WHERE id = $2`, r.Score, r.ConversationID)
}
