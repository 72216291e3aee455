package store

import (
	"encoding/json"
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// The kinds of invitation.
const (
	SetupInvitation = "setup"  // makes the first administrator
	StaffInvitation = "invite" // makes an agent
)

// Invitation is a one-time link that makes an agent. The token is in the link;
// only its SHA-256 (hexadecimal) is stored.
type Invitation struct {
	ID         desk.ID
	TokenHash  string
	Kind       string
	Email      string
	Role       desk.Role
	Teams      []desk.ID
	Locale     string
	CreatedBy  desk.ID // zero: the system
	InvitedBy  string  // the name of CreatedBy; read only
	CreatedAt  desk.Micros
	ExpiresAt  desk.Micros
	AcceptedAt desk.Micros
	RevokedAt  desk.Micros
}

const invitationQuery = `SELECT invitation.id, invitation.token_hash, invitation.kind, invitation.email, invitation.role, invitation.teams, invitation.locale,
	invitation.created_by, COALESCE(agent.name, ''), invitation.created_at, invitation.expires_at, invitation.accepted_at, invitation.revoked_at
	FROM invitation LEFT JOIN agent ON agent.id = invitation.created_by `

func invitationFields(i *Invitation, teams *string) []any {
	return []any{
		&i.ID, &i.TokenHash, &i.Kind, &i.Email, &i.Role, teams, &i.Locale, &i.CreatedBy, &i.InvitedBy,
		&i.CreatedAt, &i.ExpiresAt, &i.AcceptedAt, &i.RevokedAt,
	}
}

func (i *Invitation) setTeams(text string) error {
	if err := json.Unmarshal([]byte(text), &i.Teams); err != nil {
		return fmt.Errorf("teams of invitation %d: %w", i.ID, err)
	}
	return nil
}

func (q Query) invitationWhere(cond string, args ...any) (*Invitation, error) {
	i, teams := new(Invitation), ""
	if err := q.row(invitationQuery+cond, args...).scan(invitationFields(i, &teams)...); err != nil {
		return nil, err
	}
	return i, i.setTeams(teams)
}

// OpenInvitation returns the invitation that a token's hash opens, or NotFound
// when it is unknown, accepted, revoked or expired.
func (q Query) OpenInvitation(kind, hash string) (*Invitation, error) {
	return q.invitationWhere(`WHERE invitation.kind = $1 AND invitation.token_hash = $2 AND invitation.accepted_at = 0
		AND invitation.revoked_at = 0 AND invitation.expires_at > $3`, kind, hash, q.Now())
}

// Invitation returns an invitation, or a NotFound error.
func (q Query) Invitation(id desk.ID) (*Invitation, error) {
	return q.invitationWhere(`WHERE invitation.id = $1`, id)
}

// PendingInvitations returns the invitations of agents that were neither
// accepted nor revoked, newest first; expired ones are among them, to be sent
// again.
func (q Query) PendingInvitations() ([]*Invitation, error) {
	return collect(q, func(r scanner) (*Invitation, error) {
		i, teams := new(Invitation), ""
		if err := r.Scan(invitationFields(i, &teams)...); err != nil {
			return nil, err
		}
		return i, i.setTeams(teams)
	}, invitationQuery+`WHERE invitation.kind = $1 AND invitation.accepted_at = 0 AND invitation.revoked_at = 0
		ORDER BY invitation.created_at DESC, invitation.id DESC`, StaffInvitation)
}

// InsertInvitation stores an invitation and sets ID and CreatedAt when zero.
func (tx *Tx) InsertInvitation(i *Invitation) error {
	if i.ID == 0 {
		i.ID = tx.NewID()
	}
	if i.CreatedAt == 0 {
		i.CreatedAt = tx.Now()
	}
	if i.Teams == nil {
		i.Teams = []desk.ID{}
	}
	teams, err := json.Marshal(i.Teams)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO invitation (id, token_hash, kind, email, role, teams, locale, created_by, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		i.ID, i.TokenHash, i.Kind, i.Email, i.Role, string(teams), i.Locale, i.CreatedBy, i.CreatedAt, i.ExpiresAt)
	return err
}

// RenewInvitation gives a pending invitation a new token; the old link is dead
// from then on. Accepted and revoked ones are NotFound.
func (tx *Tx) RenewInvitation(id desk.ID, hash string, expires desk.Micros) error {
	return tx.execOne(`UPDATE invitation SET token_hash = $1, expires_at = $2 WHERE id = $3 AND accepted_at = 0 AND revoked_at = 0`, hash, expires, id)
}

// AcceptInvitation uses an invitation up; one that is not open any more is
// NotFound.
func (tx *Tx) AcceptInvitation(id desk.ID) error {
	return tx.execOne(`UPDATE invitation SET accepted_at = $1 WHERE id = $2 AND accepted_at = 0 AND revoked_at = 0 AND expires_at > $1`, tx.Now(), id)
}

// RevokeInvitation closes a pending invitation; accepted and revoked ones are
// NotFound.
func (tx *Tx) RevokeInvitation(id desk.ID) error {
	return tx.execOne(`UPDATE invitation SET revoked_at = $1 WHERE id = $2 AND kind = $3 AND accepted_at = 0 AND revoked_at = 0`, tx.Now(), id, StaffInvitation)
}

// RevokeSetup closes every open setup link.
func (tx *Tx) RevokeSetup() error {
	_, err := tx.exec(`UPDATE invitation SET revoked_at = $1 WHERE kind = $2 AND accepted_at = 0 AND revoked_at = 0`, tx.Now(), SetupInvitation)
	return err
}
