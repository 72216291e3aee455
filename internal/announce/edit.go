package announce

import (
	"context"
	"maps"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// List returns all announcements, drafts and old ones included, latest change
// first, as they were written (zh-TW only when it is not derived).
func (c *Center) List(ctx context.Context) ([]Announcement, error) {
	rows, err := c.cfg.Store.Read(ctx).Announcements(listed)
	if err != nil {
		return nil, err
	}
	out := make([]Announcement, len(rows))
	for i, row := range rows {
		out[i] = announcementOf(row, c.now())
	}
	return out, nil
}

// Create stores a new announcement; its ID, revision and state are not looked
// at. A published one without a start begins now. Errors: Invalid by field.
func (c *Center) Create(ctx context.Context, by store.Actor, a Announcement) (Announcement, error) {
	if err := a.check(c.cfg.MayLink); err != nil {
		return Announcement{}, err
	}
	if a.Published && a.StartsAt == 0 {
		a.StartsAt = c.now()
	}
	row := a.row()
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		row.ID, row.CreatedBy = 0, by.ID
		if err := tx.CheckEntity(row.Entity); err != nil {
			return err
		}
		if err := tx.InsertAnnouncement(&row); err != nil {
			return err
		}
		return tx.Audit(by, "announcement.create", "announcement", row.ID, detail(row))
	})
	if err != nil {
		return Announcement{}, err
	}
	c.boards.Seen(ctx)
	return announcementOf(row, c.now()), nil
}

// Change is what changes about an announcement; nil leaves it.
type Change struct {
	Level     *Level
	Texts     map[string]Text
	URL       *string
	Entity    *string
	Region    *string
	Published *bool
	StartsAt  *desk.Micros
	EndsAt    *desk.Micros
}

func (ch Change) apply(a *Announcement) {
	desk.Set(&a.Level, ch.Level)
	desk.Set(&a.URL, ch.URL)
	desk.Set(&a.Entity, ch.Entity)
	desk.Set(&a.Region, ch.Region)
	desk.Set(&a.Published, ch.Published)
	desk.Set(&a.StartsAt, ch.StartsAt)
	desk.Set(&a.EndsAt, ch.EndsAt)
	if ch.Texts != nil {
		a.Texts = ch.Texts
	}
}

// Update changes an announcement that the caller saw in a revision. Errors:
// Invalid by field; NotFound; Stale when it was changed since.
func (c *Center) Update(ctx context.Context, by store.Actor, id desk.ID, revision int, ch Change) (Announcement, error) {
	var row store.Announcement
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		before, err := tx.Announcement(id)
		if err != nil {
			return err
		}
		a := announcementOf(before, tx.Now())
		a.Texts = maps.Clone(a.Texts)
		ch.apply(&a)
		if err := a.check(c.cfg.MayLink); err != nil {
			return err
		}
		if a.Published && a.StartsAt == 0 {
			a.StartsAt = tx.Now()
		}
		if err := tx.CheckEntity(a.Entity); err != nil {
			return err
		}
		row = a.row()
		row.Revision, row.CreatedBy, row.CreatedAt = revision, before.CreatedBy, before.CreatedAt
		if err := tx.UpdateAnnouncement(&row); err != nil {
			return err
		}
		d := detail(row)
		if before.Published != row.Published {
			d["published"] = map[string]any{"from": before.Published, "to": row.Published}
		}
		return tx.Audit(by, "announcement.update", "announcement", id, d)
	})
	if err != nil {
		return Announcement{}, err
	}
	c.boards.Seen(ctx)
	return announcementOf(row, c.now()), nil
}

// Delete removes an announcement that the caller saw in a revision. Errors:
// NotFound, Stale.
func (c *Center) Delete(ctx context.Context, by store.Actor, id desk.ID, revision int) error {
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		before, err := tx.Announcement(id)
		if err != nil {
			return err
		}
		if err := tx.DeleteAnnouncement(id, revision); err != nil {
			return err
		}
		return tx.Audit(by, "announcement.delete", "announcement", id, detail(before))
	})
	if err != nil {
		return err
	}
	c.boards.Seen(ctx)
	return nil
}

func (a *Announcement) row() store.Announcement {
	return store.Announcement{
		ID: a.ID, Level: string(a.Level), Texts: a.Texts, URL: a.URL, Entity: a.Entity, Region: a.Region,
		Published: a.Published, StartsAt: a.StartsAt, EndsAt: a.EndsAt,
	}
}

// detail tells the audit log what customers were told.
func detail(a store.Announcement) map[string]any {
	return map[string]any{"title": a.Texts[desk.Locales[0]].Title, "level": a.Level, "published": a.Published, "starts_at": a.StartsAt, "ends_at": a.EndsAt, "url": a.URL}
}
