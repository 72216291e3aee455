package store

import "github.com/veridesk/veridesk/internal/desk"

const contactColumns = `contact.id, contact.kind, contact.name, contact.email, contact.uid, contact.locale, contact.entity, contact.region, contact.created_at, contact.last_seen_at, contact.tier`

func contactFields(c *desk.Contact) []any {
	return []any{&c.ID, &c.Kind, &c.Name, &c.Email, &c.UID, &c.Locale, &c.Entity, &c.Region, &c.CreatedAt, &c.LastSeenAt, &c.Tier}
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
	_, err := tx.exec(`INSERT INTO contact (id, kind, name, email, uid, locale, entity, region, created_at, last_seen_at, tier)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		c.ID, c.Kind, c.Name, c.Email, c.UID, c.Locale, c.Entity, c.Region, c.CreatedAt, c.LastSeenAt, c.Tier)
	return err
}

// TouchContact notes that a contact was here, in this language. One that was
// merged into a customer is NotFound.
func (tx *Tx) TouchContact(id desk.ID, locale string) error {
	return tx.execOne(`UPDATE contact SET last_seen_at = $1, locale = $2 WHERE id = $3 AND merged_into = 0`, tx.Now(), locale, id)
}

// holdContact keeps a contact from being merged until the transaction ends, for
// what is begun in its name. Unauthorized: it was merged or is gone, and so is
// what a token for it is good for.
func (tx *Tx) holdContact(id desk.ID) error {
	err := tx.execOne(`UPDATE contact SET last_seen_at = $1 WHERE id = $2 AND merged_into = 0`, tx.Now(), id)
	if desk.CodeOf(err) == desk.NotFound {
		return desk.Errorf(desk.Unauthorized, "visitor_token_bad")
	}
	return err
}

// UpdateContact stores what a contact is called and where it belongs, and that
// it was here.
func (tx *Tx) UpdateContact(c *desk.Contact) error {
	c.LastSeenAt = tx.Now()
	return tx.execOne(`UPDATE contact SET name = $1, email = $2, uid = $3, locale = $4, entity = $5, region = $6, tier = $7, last_seen_at = $8 WHERE id = $9`,
		c.Name, c.Email, c.UID, c.Locale, c.Entity, c.Region, c.Tier, c.LastSeenAt, c.ID)
}

// DeleteContact removes a contact that has nothing.
func (tx *Tx) DeleteContact(id desk.ID) error {
	return tx.execOne(`DELETE FROM contact WHERE id = $1`, id)
}

// KnownEntity returns code when there is such a legal entity, else "".
func (q Query) KnownEntity(code string) (string, error) {
	err := q.CheckEntity(code)
	if desk.CodeOf(err) == desk.Invalid {
		return "", nil
	}
	return code, err
}
