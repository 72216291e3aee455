package store

import (
	"cmp"
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// ArticleVersion is a text as it stood after one change. It stays as it is,
// except that an author's saves in quick succession become one.
type ArticleVersion struct {
	Number  int // 1, 2 … per article and language
	Title   string
	Summary string
	Body    string
	Tags    []string

	Action     string // what made it: one of the Action constants
	Note       string // what its author says about the change
	Minor      bool   // translations need not follow
	AuthorID   desk.ID
	AuthorName string
	Matter     string // front matter as imported, "" = none
	CreatedAt  desk.Micros
}

// What makes a version.
const (
	ActionSave     = "save"
	ActionReview   = "review"
	ActionDraft    = "draft" // taken back from review or plan
	ActionSchedule = "schedule"
	ActionPublish  = "publish"
	ActionArchive  = "archive"
	ActionRestore  = "restore"
	ActionImport   = "import"
)

const versionColumns = `number, title, summary, body, tags, action, note, minor, author_id, author_name, matter, created_at`

func scanVersion(r scanner) (v ArticleVersion, err error) {
	var tags string
	err = r.Scan(&v.Number, &v.Title, &v.Summary, &v.Body, &tags, &v.Action, &v.Note, &v.Minor, &v.AuthorID, &v.AuthorName, &v.Matter, &v.CreatedAt)
	if err != nil {
		return v, err
	}
	err = decodeList(tags, &v.Tags)
	return v, err
}

// ArticleVersions returns the versions of a text without their bodies, newest
// first.
func (q Query) ArticleVersions(id desk.ID, locale string) ([]ArticleVersion, error) {
	return collect(q, scanVersion, `SELECT number, title, summary, '', tags, action, note, minor, author_id, author_name, '', created_at
		FROM article_version WHERE article_id = $1 AND locale = $2 ORDER BY number DESC`, id, locale)
}

// ArticleVersion returns a version, or a NotFound error.
func (q Query) ArticleVersion(id desk.ID, locale string, number int) (ArticleVersion, error) {
	return scanOne(q.row(`SELECT `+versionColumns+` FROM article_version WHERE article_id = $1 AND locale = $2 AND number = $3`, id, locale, number), scanVersion)
}

// EachVersion calls fn for the live and the newest version of every text.
func (q Query) EachVersion(fn func(article desk.ID, locale string, v ArticleVersion) error) error {
	type line struct {
		id     desk.ID
		locale string
		ArticleVersion
	}
	for l, err := range each(q, func(r scanner) (l line, err error) {
		var tags string
		v := &l.ArticleVersion
		err = r.Scan(&l.id, &l.locale, &v.Number, &v.Title, &v.Summary, &v.Body, &tags, &v.Action, &v.Note, &v.Minor, &v.AuthorID, &v.AuthorName, &v.Matter, &v.CreatedAt)
		if err != nil {
			return l, err
		}
		return l, decodeList(tags, &v.Tags)
	}, `SELECT v.article_id, v.locale, v.number, v.title, v.summary, v.body, v.tags, v.action, v.note, v.minor, v.author_id, v.author_name, v.matter, v.created_at
		FROM article_version v JOIN article_text t ON t.article_id = v.article_id AND t.locale = v.locale AND (v.number = t.live OR v.number = t.newest)`) {
		if err != nil {
			return err
		}
		if err := fn(l.id, l.locale, l.ArticleVersion); err != nil {
			return err
		}
	}
	return nil
}

// PutVersion stores a version: a new one, or in place of the one with its
// number.
func (tx *Tx) PutVersion(id desk.ID, locale string, v *ArticleVersion) error {
	tags, err := encodeList(v.Tags)
	if err != nil {
		return err
	}
	v.CreatedAt = cmp.Or(v.CreatedAt, tx.Now())
	_, err = tx.exec(`INSERT INTO article_version (article_id, locale, `+versionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (article_id, locale, number) DO UPDATE SET title = excluded.title, summary = excluded.summary, body = excluded.body, tags = excluded.tags,
			action = excluded.action, note = excluded.note, minor = excluded.minor, matter = excluded.matter`,
		id, locale, v.Number, v.Title, v.Summary, v.Body, tags, v.Action, v.Note, v.Minor, v.AuthorID, v.AuthorName, v.Matter, v.CreatedAt)
	if err != nil {
		return fmt.Errorf("store version %d of article %s (%s): %w", v.Number, id, locale, err)
	}
	return nil
}

// PutArticle stores an article in place of the one with the same slug, entity
// and region, with a new version of each of its texts, and returns its
// identifier. Texts without a status, and published ones, are what readers see
// from now on. Languages that a does not have stay as they are.
func (tx *Tx) PutArticle(a Article) (desk.ID, error) {
	texts, category := a.Texts, a.CategoryID
	a.SourceLocale = cmp.Or(a.SourceLocale, desk.Locales[0])
	have, err := scanOne(tx.row(`SELECT `+articleColumns+` FROM article WHERE slug = $1 AND entity = $2 AND region = $3`, a.Slug, a.Entity, a.Region), scanArticle)
	switch {
	case err == nil:
		a.ID, a.Revision, a.CategoryID = have.ID, have.Revision, category
		err = tx.UpdateArticle(&a)
	case desk.CodeOf(err) == desk.NotFound:
		err = tx.InsertArticle(&a)
	}
	if err != nil {
		return 0, fmt.Errorf("store article %s: %w", a.Slug, err)
	}
	for locale, t := range texts {
		was, err := tx.ArticleText(a.ID, locale)
		if err != nil && desk.CodeOf(err) != desk.NotFound {
			return 0, err
		}
		t.Status = cmp.Or(t.Status, Published)
		t.Revision, t.Newest, t.EditedAt = was.Revision, was.Newest+1, tx.Now()
		t.Live, t.Major = was.Live, was.Major
		if t.Status == Published {
			t.Live, t.Major = t.Newest, t.Newest
		}
		v := ArticleVersion{Number: t.Newest, Title: t.Title, Summary: t.Summary, Body: t.Body, Tags: t.Tags, Action: ActionImport}
		if err := tx.PutText(a.ID, locale, &t); err != nil {
			return 0, err
		}
		if err := tx.PutVersion(a.ID, locale, &v); err != nil {
			return 0, err
		}
	}
	return a.ID, tx.ArticlesChanged()
}
