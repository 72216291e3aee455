package official

import (
	"context"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// maxPurpose is the longest purpose of an entry in one language, in runes.
const maxPurpose = 300

// Contacts lists the whole registry in order, from the database.
func (r *Registry) Contacts(ctx context.Context) ([]Contact, error) {
	rows, err := r.cfg.Store.Read(ctx).OfficialContacts()
	if err != nil {
		return nil, err
	}
	out := make([]Contact, len(rows))
	for i, row := range rows {
		out[i] = contactOf(row)
	}
	return out, nil
}

// Create stores a new entry; ID, revision and times of c are not looked at.
// Errors: Invalid by field; Conflict when the entity and region have the
// contact already.
func (r *Registry) Create(ctx context.Context, by store.Actor, c Contact) (Contact, error) {
	if err := c.check(); err != nil {
		return Contact{}, err
	}
	row := c.row()
	err := r.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		row.ID, row.CreatedBy = 0, by.ID
		if err := tx.CheckEntity(c.Entity); err != nil {
			return err
		}
		if err := taken(tx.InsertOfficialContact(&row)); err != nil {
			return err
		}
		return tx.Audit(by, "official.create", "official_contact", row.ID, map[string]any{"type": row.Type, "value": row.Value, "status": row.Status})
	})
	if err != nil {
		return Contact{}, err
	}
	r.tables.Seen(ctx)
	return contactOf(row), nil
}

// Change is what changes about an entry; nil leaves it.
type Change struct {
	Type       *Type
	Value      *string
	Status     *Status
	Subdomains *bool
	Purpose    map[string]string
	Public     *bool
	Position   *int
	Entity     *string
	Region     *string
}

func (ch Change) apply(c *Contact) {
	desk.Set(&c.Type, ch.Type)
	desk.Set(&c.Value, ch.Value)
	desk.Set(&c.Status, ch.Status)
	desk.Set(&c.Subdomains, ch.Subdomains)
	desk.Set(&c.Public, ch.Public)
	desk.Set(&c.Position, ch.Position)
	desk.Set(&c.Entity, ch.Entity)
	desk.Set(&c.Region, ch.Region)
	if ch.Purpose != nil {
		c.Purpose = ch.Purpose
	}
}

// Update changes an entry that the caller saw in a revision. Errors: as
// [Registry.Create]; NotFound; Stale when it was changed since.
func (r *Registry) Update(ctx context.Context, by store.Actor, id desk.ID, revision int, ch Change) (Contact, error) {
	var row store.OfficialContact
	err := r.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		before, err := tx.OfficialContact(id)
		if err != nil {
			return err
		}
		c := contactOf(before)
		c.Purpose = maps.Clone(c.Purpose)
		ch.apply(&c)
		if err := c.check(); err != nil {
			return err
		}
		if err := tx.CheckEntity(c.Entity); err != nil {
			return err
		}
		row = c.row()
		row.Revision, row.CreatedBy, row.CreatedAt = revision, before.CreatedBy, before.CreatedAt
		if err := taken(tx.UpdateOfficialContact(&row)); err != nil {
			return err
		}
		return tx.Audit(by, "official.update", "official_contact", id, differences(before, row))
	})
	if err != nil {
		return Contact{}, err
	}
	r.tables.Seen(ctx)
	return contactOf(row), nil
}

// Delete removes an entry that the caller saw in a revision. Errors: NotFound,
// Stale.
func (r *Registry) Delete(ctx context.Context, by store.Actor, id desk.ID, revision int) error {
	err := r.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		before, err := tx.OfficialContact(id)
		if err != nil {
			return err
		}
		if err := tx.DeleteOfficialContact(id, revision); err != nil {
			return err
		}
		return tx.Audit(by, "official.delete", "official_contact", id, map[string]any{"type": before.Type, "value": before.Value, "status": before.Status})
	})
	if err != nil {
		return err
	}
	r.tables.Seen(ctx)
	return nil
}

func (c *Contact) row() store.OfficialContact {
	return store.OfficialContact{
		ID: c.ID, Type: string(c.Type), Value: c.Value, Status: string(c.Status), Subdomains: c.Subdomains, Purpose: c.Purpose,
		Public: c.Public, Position: c.Position, Entity: c.Entity, Region: c.Region,
	}
}

// check puts the entry into its normal form, or says by field what is wrong.
func (c *Contact) check() error {
	if !c.Type.Valid() {
		return desk.Field("type", "field_choice")
	}
	if !c.Status.Valid() {
		return desk.Field("status", "field_choice")
	}
	var err error
	if c.Value, err = Normalise(c.Type, c.Value); err != nil {
		return err
	}
	if c.Subdomains && c.Type != Domain && (c.Type != Email || c.Value[0] != '@') {
		return desk.Field("subdomains", "contact_subdomains")
	}
	if c.Public && c.Status != Official {
		return desk.Field("public", "contact_public")
	}
	if len(c.Entity) > 64 || len(c.Region) > 64 {
		return desk.Field("region", "field_too_long")
	}
	purpose := map[string]string{}
	for locale, text := range c.Purpose {
		if !slices.Contains(desk.ReadingLocales, locale) {
			return desk.Field("purpose", "field_choice")
		}
		if utf8.RuneCountInString(text) > maxPurpose {
			return desk.Field("purpose", "field_too_long")
		}
		if text = oneLine(text); text != "" {
			purpose[locale] = text
		}
	}
	c.Purpose = purpose
	for _, locale := range desk.Locales {
		if c.Public && purpose[locale] == "" {
			return desk.Field("purpose", "contact_purpose")
		}
	}
	return nil
}

// oneLine drops what does not belong into a line of text.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

func taken(err error) error {
	if desk.CodeOf(err) == desk.Conflict {
		return &desk.Error{Code: desk.Conflict, Message: "contact_exists", Fields: map[string]string{"value": "contact_exists"}, Cause: err}
	}
	return err
}

// differences tells what an update changed, from what to what.
func differences(before, after store.OfficialContact) map[string]any {
	d := map[string]any{"value": after.Value}
	note := func(field string, from, to any) {
		if from != to {
			d[field] = map[string]any{"from": from, "to": to}
		}
	}
	note("type", before.Type, after.Type)
	note("value", before.Value, after.Value)
	note("status", before.Status, after.Status)
	note("subdomains", before.Subdomains, after.Subdomains)
	note("public", before.Public, after.Public)
	note("position", before.Position, after.Position)
	note("entity", before.Entity, after.Entity)
	note("region", before.Region, after.Region)
	for _, locale := range desk.ReadingLocales {
		note("purpose."+locale, before.Purpose[locale], after.Purpose[locale])
	}
	return d
}
