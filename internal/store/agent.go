package store

import (
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
)

// AgentSecrets is what proves that somebody is an agent. It never leaves the
// server.
type AgentSecrets struct {
	PasswordHash string // PHC string format; "" = no password
	TOTPSecret   []byte // wrapped by the vault; nil = none
	TOTPEnabled  bool   // false while a secret is not confirmed yet
	TOTPLastStep int64  // the last used time step: codes up to it are spent
}

const agentColumns = `agent.id, agent.email, agent.name, agent.role, agent.status, agent.locale, agent.theme,
	agent.totp_enabled, (SELECT COUNT(*) FROM passkey WHERE passkey.agent_id = agent.id), agent.created_at, agent.last_seen_at,
	agent.capacity, agent.locales, agent.skills`

func agentFields(a *desk.Agent) []any {
	return []any{&a.ID, &a.Email, &a.Name, &a.Role, &a.Status, &a.Locale, &a.Theme, &a.TOTPEnabled, &a.Passkeys, &a.CreatedAt, &a.LastSeenAt, &a.Capacity, jsonOf{&a.Locales}, jsonOf{&a.Skills}}
}

// Agent returns an agent with their teams, or a NotFound error.
func (q Query) Agent(id desk.ID) (*desk.Agent, error) {
	return q.agentWhere(`agent.id = $1`, id)
}

// AgentByEmail returns an agent by address (as stored: lower case), or a
// NotFound error.
func (q Query) AgentByEmail(email string) (*desk.Agent, error) {
	return q.agentWhere(`agent.email = $1`, email)
}

func (q Query) agentWhere(cond string, arg any) (*desk.Agent, error) {
	a := new(desk.Agent)
	if err := q.row(`SELECT `+agentColumns+` FROM agent WHERE `+cond, arg).scan(agentFields(a)...); err != nil {
		return nil, err
	}
	var err error
	a.Teams, err = q.AgentTeams(a.ID)
	return a, err
}

// AgentTeams returns the teams an agent belongs to, in a fixed order.
func (q Query) AgentTeams(id desk.ID) ([]desk.ID, error) {
	return collect(q, func(r scanner) (t desk.ID, err error) {
		err = r.Scan(&t)
		return t, err
	}, `SELECT team_id FROM team_member WHERE agent_id = $1 ORDER BY team_id`, id)
}

// Agents returns all agents by name, with their teams.
func (q Query) Agents() ([]*desk.Agent, error) {
	agents, err := collect(q, func(r scanner) (*desk.Agent, error) {
		a := &desk.Agent{Teams: []desk.ID{}}
		return a, r.Scan(agentFields(a)...)
	}, `SELECT `+agentColumns+` FROM agent ORDER BY agent.name, agent.id`)
	if err != nil {
		return nil, err
	}
	type member struct{ team, agent desk.ID }
	members, err := collect(q, func(r scanner) (m member, err error) {
		err = r.Scan(&m.team, &m.agent)
		return m, err
	}, `SELECT team_id, agent_id FROM team_member ORDER BY team_id`)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*desk.Agent, len(agents))
	for _, a := range agents {
		byID[a.ID] = a
	}
	for _, m := range members {
		if a := byID[m.agent]; a != nil {
			a.Teams = append(a.Teams, m.team)
		}
	}
	return agents, nil
}

// CountAgents returns how many agents there are, disabled ones included.
func (q Query) CountAgents() (n int, err error) {
	err = q.row(`SELECT COUNT(*) FROM agent`).scan(&n)
	return n, err
}

// CountActive returns how many active agents have the role.
func (q Query) CountActive(role desk.Role) (n int, err error) {
	err = q.row(`SELECT COUNT(*) FROM agent WHERE role = $1 AND status = 'active'`, role).scan(&n)
	return n, err
}

// LockStaff makes the transaction wait for every other one that has locked the
// staff, so that what it counts stays true until its commit.
func (tx *Tx) LockStaff() error {
	_, err := tx.nextCount("staff", 1)
	return err
}

// InsertAgent stores a new agent with the hash of their password and their
// teams. ID and CreatedAt are set when zero. A taken address is a Conflict.
func (tx *Tx) InsertAgent(a *desk.Agent, passwordHash string) error {
	if a.ID == 0 {
		a.ID = tx.NewID()
	}
	if a.CreatedAt == 0 {
		a.CreatedAt = tx.Now()
	}
	err := tx.row(`INSERT INTO agent (id, email, name, role, status, locale, theme, password_hash, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING capacity, locales, skills`,
		a.ID, a.Email, a.Name, a.Role, a.Status, a.Locale, a.Theme, passwordHash, a.CreatedAt).
		scan(&a.Capacity, jsonOf{&a.Locales}, jsonOf{&a.Skills})
	if err != nil {
		return err
	}
	return tx.SetAgentTeams(a.ID, a.Teams)
}

// UpdateAgent stores name, role, status, locale and theme.
func (tx *Tx) UpdateAgent(a *desk.Agent) error {
	return tx.execOne(`UPDATE agent SET name = $1, role = $2, status = $3, locale = $4, theme = $5, updated_at = $6 WHERE id = $7`,
		a.Name, a.Role, a.Status, a.Locale, a.Theme, tx.Now(), a.ID)
}

// SetAgentWork stores what an agent is given: capacity, languages and skills.
func (tx *Tx) SetAgentWork(a *desk.Agent) error {
	locales, err := jsonText(a.Locales, false)
	if err != nil {
		return err
	}
	skills, err := jsonText(a.Skills, false)
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE agent SET capacity = $1, locales = $2, skills = $3, updated_at = $4 WHERE id = $5`, a.Capacity, locales, skills, tx.Now(), a.ID)
}

// SetAgentTeams makes the agent a member of exactly these teams. A team that
// does not exist is a Conflict.
func (tx *Tx) SetAgentTeams(id desk.ID, teams []desk.ID) error {
	if _, err := tx.exec(`DELETE FROM team_member WHERE agent_id = $1`, id); err != nil {
		return err
	}
	teams = slices.Clone(teams)
	slices.Sort(teams)
	for _, t := range slices.Compact(teams) {
		if _, err := tx.exec(`INSERT INTO team_member (team_id, agent_id) VALUES ($1, $2)`, t, id); err != nil {
			return err
		}
	}
	return nil
}

// AgentSecrets returns an agent's secrets, or a NotFound error.
func (q Query) AgentSecrets(id desk.ID) (s AgentSecrets, err error) {
	err = q.row(`SELECT password_hash, totp_secret, totp_enabled, totp_last_step FROM agent WHERE id = $1`, id).
		scan(&s.PasswordHash, &s.TOTPSecret, &s.TOTPEnabled, &s.TOTPLastStep)
	return s, err
}

// SetPasswordHash replaces an agent's password.
func (tx *Tx) SetPasswordHash(id desk.ID, hash string) error {
	return tx.execOne(`UPDATE agent SET password_hash = $1, updated_at = $2 WHERE id = $3`, hash, tx.Now(), id)
}

// RehashPassword replaces a hash by a stronger one of the same password, unless
// the password was changed meanwhile.
func (tx *Tx) RehashPassword(id desk.ID, from, to string) error {
	_, err := tx.exec(`UPDATE agent SET password_hash = $1 WHERE id = $2 AND password_hash = $3`, to, id, from)
	return err
}

// SetTOTP stores an agent's wrapped secret; nil takes it away. Steps up to
// lastStep are spent.
func (tx *Tx) SetTOTP(id desk.ID, wrapped []byte, enabled bool, lastStep int64) error {
	return tx.execOne(`UPDATE agent SET totp_secret = $1, totp_enabled = $2, totp_last_step = $3, updated_at = $4 WHERE id = $5`,
		wrapped, enabled, lastStep, tx.Now(), id)
}

// SpendTOTP marks a time step as used. A step that was spent already (or is
// older than one that was) is NotFound: the code was seen before.
func (tx *Tx) SpendTOTP(id desk.ID, step int64) error {
	return tx.execOne(`UPDATE agent SET totp_last_step = $1 WHERE id = $2 AND totp_last_step < $1`, step, id)
}

// ReplaceRecoveryCodes stores the hashes of new recovery codes in place of all
// earlier ones.
func (tx *Tx) ReplaceRecoveryCodes(id desk.ID, hashes []string) error {
	if _, err := tx.exec(`DELETE FROM recovery_code WHERE agent_id = $1`, id); err != nil {
		return err
	}
	for _, h := range hashes {
		if _, err := tx.exec(`INSERT INTO recovery_code (agent_id, code_hash) VALUES ($1, $2)`, id, h); err != nil {
			return err
		}
	}
	return nil
}

// SpendRecoveryCode uses up a recovery code; one that is unknown or used is
// NotFound.
func (tx *Tx) SpendRecoveryCode(id desk.ID, hash string) error {
	return tx.execOne(`UPDATE recovery_code SET used_at = $1 WHERE agent_id = $2 AND code_hash = $3 AND used_at = 0`, tx.Now(), id, hash)
}

// RecoveryCodesLeft returns how many recovery codes are unused.
func (q Query) RecoveryCodesLeft(id desk.ID) (n int, err error) {
	err = q.row(`SELECT COUNT(*) FROM recovery_code WHERE agent_id = $1 AND used_at = 0`, id).scan(&n)
	return n, err
}
