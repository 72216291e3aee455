package store

import (
	"encoding/json"
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// metaOfficialVersion changes with every change of the registry, in the same
// transaction.
const metaOfficialVersion = "official.version"

// OfficialContact is an entry of the registry of contacts. Value is the normal
// form of its type; package official says what that is.
type OfficialContact struct {
	ID         desk.ID
	Type       string
	Value      string
	Status     string
	Subdomains bool
	Purpose    map[string]string // by locale
	Public     bool              // shown on the contact page
	Position   int               // lowest first
	Entity     string            // "" for all
	Region     string            // "" for all
	Revision   int               // 1, 2, 3 … with every change
	CreatedBy  desk.ID
	CreatedAt  desk.Micros
	UpdatedAt  desk.Micros
}

const officialColumns = `id, type, value, status, subdomains, purpose, public, position, entity, region, revision, created_by, created_at, updated_at`

func scanOfficial(r scanner) (c OfficialContact, err error) {
	var purpose string
	err = r.Scan(&c.ID, &c.Type, &c.Value, &c.Status, &c.Subdomains, &purpose, &c.Public, &c.Position,
		&c.Entity, &c.Region, &c.Revision, &c.CreatedBy, &c.CreatedAt, &c.UpdatedAt)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(purpose), &c.Purpose); err != nil {
		return c, fmt.Errorf("purpose of contact %s: %w", c.ID, err)
	}
	return c, nil
}

// OfficialVersion returns a value that differs after every change of the
// registry; "" when there never was one.
func (q Query) OfficialVersion() (string, error) { return q.version(metaOfficialVersion) }

// OfficialContacts returns the whole registry in order.
func (q Query) OfficialContacts() ([]OfficialContact, error) {
	return collect(q, scanOfficial, `SELECT `+officialColumns+` FROM official_contact ORDER BY position, type, value, id`)
}

// OfficialContact returns an entry, or a NotFound error.
func (q Query) OfficialContact(id desk.ID) (OfficialContact, error) {
	return scanOne(q.row(`SELECT `+officialColumns+` FROM official_contact WHERE id = $1`, id), scanOfficial)
}

// InsertOfficialContact stores a new entry and sets its ID (when zero), revision
// and times. The same type and value for the same entity and region is a
// Conflict.
func (tx *Tx) InsertOfficialContact(c *OfficialContact) error {
	purpose, err := encodeTexts(c.Purpose)
	if err != nil {
		return err
	}
	if c.ID == 0 {
		c.ID = tx.NewID()
	}
	c.Revision, c.CreatedAt = 1, tx.Now()
	c.UpdatedAt = c.CreatedAt
	_, err = tx.exec(`INSERT INTO official_contact (`+officialColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		c.ID, c.Type, c.Value, c.Status, c.Subdomains, purpose, c.Public, c.Position, c.Entity, c.Region, c.Revision, c.CreatedBy, c.CreatedAt, c.UpdatedAt)
	if err != nil {
		return err
	}
	return tx.setVersion(metaOfficialVersion)
}

// UpdateOfficialContact stores c in place of its revision c.Revision and counts
// that up; another revision is Stale.
func (tx *Tx) UpdateOfficialContact(c *OfficialContact) error {
	purpose, err := encodeTexts(c.Purpose)
	if err != nil {
		return err
	}
	now := tx.Now()
	n, err := tx.exec(`UPDATE official_contact SET type = $1, value = $2, status = $3, subdomains = $4, purpose = $5, public = $6, position = $7,
			entity = $8, region = $9, revision = revision + 1, updated_at = $10 WHERE id = $11 AND revision = $12`,
		c.Type, c.Value, c.Status, c.Subdomains, purpose, c.Public, c.Position, c.Entity, c.Region, now, c.ID, c.Revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.staleOrGone(`SELECT COUNT(*) FROM official_contact WHERE id = $1`, c.ID)
	}
	c.Revision, c.UpdatedAt = c.Revision+1, now
	return tx.setVersion(metaOfficialVersion)
}

// DeleteOfficialContact removes an entry in the revision that the caller saw.
func (tx *Tx) DeleteOfficialContact(id desk.ID, revision int) error {
	n, err := tx.exec(`DELETE FROM official_contact WHERE id = $1 AND revision = $2`, id, revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.staleOrGone(`SELECT COUNT(*) FROM official_contact WHERE id = $1`, id)
	}
	return tx.setVersion(metaOfficialVersion)
}

// encodeTexts writes what is said per locale.
func encodeTexts[T any](texts map[string]T) (string, error) {
	if len(texts) == 0 {
		return "{}", nil
	}
	b, err := json.Marshal(texts)
	return string(b), err
}
