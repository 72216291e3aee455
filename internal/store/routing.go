package store

import "github.com/veridesk/veridesk/internal/desk"

// TeamFor returns the team that new conversations of a legal entity and region
// go to: the one made for exactly them, else for the entity, else for everybody;
// among equals the oldest. Zero when there is none.
func (q Query) TeamFor(entity, region string) (desk.ID, error) {
	var id desk.ID
	err := q.row(`SELECT id FROM team WHERE entity IN ($1, '') AND region IN ($2, '')
		ORDER BY entity DESC, region DESC, created_at, id LIMIT 1`, entity, region).scan(&id)
	if desk.CodeOf(err) == desk.NotFound {
		return 0, nil
	}
	return id, err
}

// TeamName returns a team's name, or a NotFound error.
func (q Query) TeamName(id desk.ID) (string, error) {
	return q.name(`SELECT name FROM team WHERE id = $1`, id)
}

// AgentName returns an agent's name, or a NotFound error.
func (q Query) AgentName(id desk.ID) (string, error) {
	return q.name(`SELECT name FROM agent WHERE id = $1`, id)
}

func (q Query) name(query string, id desk.ID) (string, error) {
	var name string
	err := q.row(query, id).scan(&name)
	return name, err
}
