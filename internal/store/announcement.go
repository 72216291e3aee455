package store

import (
	"encoding/json"
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// metaAnnouncementsVersion changes with every change of announcements, in the
// same transaction.
const metaAnnouncementsVersion = "announcements.version"

// Announcement is something that every customer should know now.
type Announcement struct {
	ID        desk.ID
	Level     string
	Texts     map[string]AnnouncementText // by locale
	URL       string                      // where to read more; may be empty
	Entity    string                      // "" for all
	Region    string                      // "" for all
	Published bool
	StartsAt  desk.Micros
	EndsAt    desk.Micros // 0: until it is taken down
	Revision  int         // 1, 2, 3 … with every change
	CreatedBy desk.ID
	CreatedAt desk.Micros
	UpdatedAt desk.Micros
}

// AnnouncementText is an announcement in one language, without markup.
type AnnouncementText struct {
	Title string `json:"title"`
	Body  string `json:"body"`
}

const announcementColumns = `id, level, texts, url, entity, region, published, starts_at, ends_at, revision, created_by, created_at, updated_at`

func scanAnnouncement(r scanner) (a Announcement, err error) {
	var texts string
	err = r.Scan(&a.ID, &a.Level, &texts, &a.URL, &a.Entity, &a.Region, &a.Published, &a.StartsAt, &a.EndsAt, &a.Revision, &a.CreatedBy, &a.CreatedAt, &a.UpdatedAt)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(texts), &a.Texts); err != nil {
		return a, fmt.Errorf("texts of announcement %s: %w", a.ID, err)
	}
	return a, nil
}

// AnnouncementsVersion returns a value that differs after every change of
// announcements; "" when there never was one.
func (q Query) AnnouncementsVersion() (string, error) { return q.version(metaAnnouncementsVersion) }

// Announcements returns up to limit announcements, latest change first.
func (q Query) Announcements(limit int) ([]Announcement, error) {
	return collect(q, scanAnnouncement, `SELECT `+announcementColumns+` FROM announcement ORDER BY updated_at DESC, id DESC LIMIT $1`, limit)
}

// CurrentAnnouncements returns the published announcements that are not over at
// now: those that are up and those that will be.
func (q Query) CurrentAnnouncements(now desk.Micros) ([]Announcement, error) {
	return collect(q, scanAnnouncement, `SELECT `+announcementColumns+` FROM announcement
		WHERE published AND (ends_at = 0 OR ends_at > $1) ORDER BY starts_at DESC, id DESC`, now)
}

// Announcement returns an announcement, or a NotFound error.
func (q Query) Announcement(id desk.ID) (Announcement, error) {
	return scanOne(q.row(`SELECT `+announcementColumns+` FROM announcement WHERE id = $1`, id), scanAnnouncement)
}

// InsertAnnouncement stores a new announcement and sets its ID (when zero),
// revision and times.
func (tx *Tx) InsertAnnouncement(a *Announcement) error {
	texts, err := encodeTexts(a.Texts)
	if err != nil {
		return err
	}
	if a.ID == 0 {
		a.ID = tx.NewID()
	}
	a.Revision, a.CreatedAt = 1, tx.Now()
	a.UpdatedAt = a.CreatedAt
	_, err = tx.exec(`INSERT INTO announcement (`+announcementColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		a.ID, a.Level, texts, a.URL, a.Entity, a.Region, a.Published, a.StartsAt, a.EndsAt, a.Revision, a.CreatedBy, a.CreatedAt, a.UpdatedAt)
	if err != nil {
		return err
	}
	return tx.setVersion(metaAnnouncementsVersion)
}

// UpdateAnnouncement stores a in place of its revision a.Revision and counts
// that up; another revision is Stale.
func (tx *Tx) UpdateAnnouncement(a *Announcement) error {
	texts, err := encodeTexts(a.Texts)
	if err != nil {
		return err
	}
	now := tx.Now()
	n, err := tx.exec(`UPDATE announcement SET level = $1, texts = $2, url = $3, entity = $4, region = $5, published = $6, starts_at = $7,
			ends_at = $8, revision = revision + 1, updated_at = $9 WHERE id = $10 AND revision = $11`,
		a.Level, texts, a.URL, a.Entity, a.Region, a.Published, a.StartsAt, a.EndsAt, now, a.ID, a.Revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.staleOrGone(`SELECT COUNT(*) FROM announcement WHERE id = $1`, a.ID)
	}
	a.Revision, a.UpdatedAt = a.Revision+1, now
	return tx.setVersion(metaAnnouncementsVersion)
}

// DeleteAnnouncement removes an announcement in the revision that the caller saw.
func (tx *Tx) DeleteAnnouncement(id desk.ID, revision int) error {
	n, err := tx.exec(`DELETE FROM announcement WHERE id = $1 AND revision = $2`, id, revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.staleOrGone(`SELECT COUNT(*) FROM announcement WHERE id = $1`, id)
	}
	return tx.setVersion(metaAnnouncementsVersion)
}
