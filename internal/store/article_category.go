package store

import (
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// Categories returns all categories of all entities and regions, in order.
func (q Query) Categories() ([]Category, error) {
	out, err := collect(q, func(r scanner) (c Category, err error) {
		c.Texts = map[string]CategoryText{}
		err = r.Scan(&c.ID, &c.Slug, &c.Entity, &c.Region, &c.Icon, &c.Position, &c.Revision)
		return c, err
	}, `SELECT id, slug, entity, region, icon, position, revision FROM category ORDER BY position, slug, entity, region`)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*Category, len(out))
	for i := range out {
		byID[out[i].ID] = &out[i]
	}
	type line struct {
		id     desk.ID
		locale string
		text   CategoryText
	}
	for l, err := range each(q, func(r scanner) (l line, err error) {
		err = r.Scan(&l.id, &l.locale, &l.text.Title, &l.text.Description)
		return l, err
	}, `SELECT category_id, locale, title, description FROM category_text`) {
		if err != nil {
			return nil, err
		}
		if c := byID[l.id]; c != nil {
			c.Texts[l.locale] = l.text
		}
	}
	return out, nil
}

// InsertCategory stores a new category with its texts and sets its ID and
// Revision. Conflict: the slug is taken.
func (tx *Tx) InsertCategory(c *Category) error {
	c.ID, c.Revision = tx.NewID(), 1
	_, err := tx.exec(`INSERT INTO category (id, slug, entity, region, icon, position, revision) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID, c.Slug, c.Entity, c.Region, c.Icon, c.Position, c.Revision)
	if err != nil {
		return err
	}
	return tx.putCategoryTexts(c)
}

// UpdateCategory stores a category with its texts in place of the one with its
// ID and Revision, which it counts up. Stale: it was changed meanwhile;
// NotFound: there is none; Conflict: the slug is taken.
func (tx *Tx) UpdateCategory(c *Category) error {
	n, err := tx.exec(`UPDATE category SET slug = $1, entity = $2, region = $3, icon = $4, position = $5, revision = revision + 1
		WHERE id = $6 AND revision = $7`, c.Slug, c.Entity, c.Region, c.Icon, c.Position, c.ID, c.Revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.staleOrGone(`SELECT COUNT(*) FROM category WHERE id = $1`, c.ID)
	}
	c.Revision++
	return tx.putCategoryTexts(c)
}

func (tx *Tx) putCategoryTexts(c *Category) error {
	if _, err := tx.exec(`DELETE FROM category_text WHERE category_id = $1`, c.ID); err != nil {
		return err
	}
	for locale, t := range c.Texts {
		_, err := tx.exec(`INSERT INTO category_text (category_id, locale, title, description) VALUES ($1, $2, $3, $4)`,
			c.ID, locale, t.Title, t.Description)
		if err != nil {
			return fmt.Errorf("store category %s (%s): %w", c.Slug, locale, err)
		}
	}
	return nil
}

// DeleteCategory removes an empty category. Conflict: it has articles; NotFound:
// there is none.
func (tx *Tx) DeleteCategory(id desk.ID) error {
	if err := tx.execOne(`DELETE FROM category WHERE id = $1`, id); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM help_redirect WHERE kind = $1 AND target_id = $2`, RedirectCategory, id)
	return err
}

// PutCategory stores a category and its texts in place of the one with the same
// slug, entity and region, and returns its identifier.
func (tx *Tx) PutCategory(c Category) (desk.ID, error) {
	err := tx.row(`SELECT id, revision FROM category WHERE slug = $1 AND entity = $2 AND region = $3`, c.Slug, c.Entity, c.Region).scan(&c.ID, &c.Revision)
	switch {
	case err == nil:
		err = tx.UpdateCategory(&c)
	case desk.CodeOf(err) == desk.NotFound:
		err = tx.InsertCategory(&c)
	}
	if err != nil {
		return 0, fmt.Errorf("store category %s: %w", c.Slug, err)
	}
	return c.ID, tx.ArticlesChanged()
}
