package store

import "github.com/veridesk/veridesk/internal/desk"

const contactColumns = `contact.id, contact.kind, contact.name, contact.email, contact.uid, contact.locale, contact.entity, contact.region, contact.created_at, contact.last_seen_at`

func contactFields(c *desk.Contact) []any {
	return []any{&c.ID, &c.Kind, &c.Name, &c.Email, &c.UID, &c.Locale, &c.Entity, &c.Region, &c.CreatedAt, &c.LastSeenAt}
}

// Contact returns a contact, or a NotFound error.
func (q Query) Contact(id desk.ID) (*desk.Contact, error) {
	c := new(desk.Contact)
	err := q.row(`SELECT `+contactColumns+` FROM contact WHERE id = $1`, id).scan(contactFields(c)...)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// InsertContact stores a new contact. ID, CreatedAt and LastSeenAt are set when
// they are zero.
func (tx *Tx) InsertContact(c *desk.Contact) error {
	if c.ID == 0 {
		c.ID = tx.NewID()
	}
	if c.CreatedAt == 0 {
		c.CreatedAt = tx.Now()
	}
	if c.LastSeenAt == 0 {
		c.LastSeenAt = c.CreatedAt
	}
	_, err := tx.exec(`INSERT INTO contact (id, kind, name, email, uid, locale, entity, region, created_at, last_seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		c.ID, c.Kind, c.Name, c.Email, c.UID, c.Locale, c.Entity, c.Region, c.CreatedAt, c.LastSeenAt)
	return err
}

// TouchContact notes that a contact was here, in this language.
func (tx *Tx) TouchContact(id desk.ID, locale string) error {
	return tx.execOne(`UPDATE contact SET last_seen_at = $1, locale = $2 WHERE id = $3`, tx.Now(), locale, id)
}
