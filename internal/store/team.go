package store

import "github.com/veridesk/veridesk/internal/desk"

const teamColumns = `team.id, team.name, team.entity, team.region, (SELECT COUNT(*) FROM team_member WHERE team_member.team_id = team.id), team.hours, team.queue`

func scanTeam(r scanner) (t desk.Team, err error) {
	err = r.Scan(&t.ID, &t.Name, &t.Entity, &t.Region, &t.Members, jsonOf{&t.Hours}, jsonOf{&t.Queue})
	return t, err
}

// Teams returns all teams by name.
func (q Query) Teams() ([]desk.Team, error) {
	return collect(q, scanTeam, `SELECT `+teamColumns+` FROM team ORDER BY team.name, team.id`)
}

// Team returns a team, or a NotFound error.
func (q Query) Team(id desk.ID) (desk.Team, error) {
	return scanOne(q.row(`SELECT `+teamColumns+` FROM team WHERE team.id = $1`, id), scanTeam)
}

// InsertTeam stores a new team and sets its ID when zero. The same name for the
// same entity and region is a Conflict.
func (tx *Tx) InsertTeam(t *desk.Team) error {
	if t.ID == 0 {
		t.ID = tx.NewID()
	}
	hours, queue, err := teamTexts(t)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO team (id, name, entity, region, created_at, hours, queue) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		t.ID, t.Name, t.Entity, t.Region, tx.Now(), hours, queue)
	return err
}

// UpdateTeam stores a team's name, entity, region, hours and queue.
func (tx *Tx) UpdateTeam(t desk.Team) error {
	hours, queue, err := teamTexts(&t)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE team SET name = $1, entity = $2, region = $3, hours = $4, queue = $5 WHERE id = $6`, t.Name, t.Entity, t.Region, hours, queue, t.ID)
}

func teamTexts(t *desk.Team) (hours, queue string, err error) {
	h := &t.Hours
	if hours, err = jsonText(h, h.Zone == "" && h.Week == nil && len(h.Holidays) == 0); err != nil {
		return "", "", err
	}
	queue, err = jsonText(&t.Queue, t.Queue == desk.TeamQueue{})
	return hours, queue, err
}
