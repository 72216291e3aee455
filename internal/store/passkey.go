package store

import "github.com/veridesk/veridesk/internal/desk"

// Passkey is a WebAuthn credential of an agent.
type Passkey struct {
	ID           desk.ID
	AgentID      desk.ID
	CredentialID string // base64url without padding
	Credential   string // the credential record, JSON
	Name         string
	CreatedAt    desk.Micros
	LastUsedAt   desk.Micros
}

// Passkeys returns an agent's passkeys, oldest first.
func (q Query) Passkeys(agent desk.ID) ([]Passkey, error) {
	return collect(q, func(r scanner) (p Passkey, err error) {
		err = r.Scan(&p.ID, &p.AgentID, &p.CredentialID, &p.Credential, &p.Name, &p.CreatedAt, &p.LastUsedAt)
		return p, err
	}, `SELECT id, agent_id, credential_id, credential, name, created_at, last_used_at FROM passkey WHERE agent_id = $1 ORDER BY created_at, id`, agent)
}

// InsertPasskey stores a passkey and sets ID and CreatedAt when zero. A
// credential that is known already is a Conflict.
func (tx *Tx) InsertPasskey(p *Passkey) error {
	if p.ID == 0 {
		p.ID = tx.NewID()
	}
	if p.CreatedAt == 0 {
		p.CreatedAt = tx.Now()
	}
	_, err := tx.exec(`INSERT INTO passkey (id, agent_id, credential_id, credential, name, created_at, last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		p.ID, p.AgentID, p.CredentialID, p.Credential, p.Name, p.CreatedAt, p.LastUsedAt)
	return err
}

// UsePasskey stores the credential record after a sign-in (its counter moved).
func (tx *Tx) UsePasskey(agent desk.ID, credentialID, credential string) error {
	return tx.execOne(`UPDATE passkey SET credential = $1, last_used_at = $2 WHERE agent_id = $3 AND credential_id = $4`, credential, tx.Now(), agent, credentialID)
}

// DeletePasskey removes a passkey of an agent and returns its name; none is
// NotFound.
func (tx *Tx) DeletePasskey(agent, id desk.ID) (name string, err error) {
	err = tx.row(`DELETE FROM passkey WHERE agent_id = $1 AND id = $2 RETURNING name`, agent, id).scan(&name)
	return name, err
}
