package store

import (
	"encoding/json"
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// metaArticlesVersion changes with every change that readers can see, in the
// same transaction. It is opaque: equal or not equal is all it says.
const metaArticlesVersion = "articles.version"

// Category groups articles. The slug joins its texts in all languages; Entity
// and Region are "" for all of them.
type Category struct {
	ID       desk.ID
	Slug     string // unique per entity and region
	Entity   string
	Region   string
	Icon     string
	Position int // lowest first
	Revision int // grows with every change
	Texts    map[string]CategoryText
}

// CategoryText is a category in one language.
type CategoryText struct {
	Title       string
	Description string
}

// Article is one answer in every language in which it was written.
type Article struct {
	ID           desk.ID
	CategoryID   desk.ID
	Slug         string // unique per entity and region, whatever the category
	Entity       string // "" for all
	Region       string // "" for all
	Position     int    // within the category, lowest first
	Scenarios    []desk.Scenario
	CreatedAt    desk.Micros
	Revision     int     // of what stands in this struct, without the texts
	OwnerID      desk.ID // who reviews it; 0 = nobody
	ReviewDays   int     // days from one review to the next; 0 = never
	SourceLocale string  // the language that the others are translated from
	Texts        map[string]ArticleText
}

// ArticleText is an article in one language: the working text, and which of its
// versions readers see. Body is Markdown.
type ArticleText struct {
	Title   string
	Summary string
	Body    string
	Tags    []string

	Status        ArticleStatus // of the working text
	UpdatedAt     desk.Micros   // the last review
	Revision      int           // grows with every change of the text or its status
	Newest        int           // number of the version that equals the working text
	Live          int           // number of the version that readers see; 0 = none
	Major         int           // number of the last live version that was more than a minor change
	SourceVersion int           // the Major of the source language that this translates
	PublishAt     desk.Micros   // when a scheduled text goes up; 0 = not planned
	EditedAt      desk.Micros
	EditedBy      desk.ID // 0 = an import
	RemindedAt    desk.Micros
}

// ArticleStatus is the stage of a working text.
type ArticleStatus string

// The stages of a working text.
const (
	Draft     ArticleStatus = "draft"
	Review    ArticleStatus = "review"    // its author asks somebody to look at it
	Scheduled ArticleStatus = "scheduled" // goes up at PublishAt
	Published ArticleStatus = "published" // it is what readers see
	Archived  ArticleStatus = "archived"  // taken down
)

// ArticleStatuses lists the stages in the order of a text's life.
var ArticleStatuses = []ArticleStatus{Draft, Review, Scheduled, Published, Archived}

// ArticlesVersion returns a value that differs after every change that readers
// can see; "" when there never was one.
func (q Query) ArticlesVersion() (string, error) { return q.version(metaArticlesVersion) }

// ArticlesChanged tells every node to show articles and categories anew.
func (tx *Tx) ArticlesChanged() error { return tx.setVersion(metaArticlesVersion) }

const articleColumns = `id, category_id, slug, entity, region, position, scenarios, created_at, revision, owner_id, review_days, source_locale`

func scanArticle(r scanner) (a Article, err error) {
	var scenarios string
	a.Texts = map[string]ArticleText{}
	err = r.Scan(&a.ID, &a.CategoryID, &a.Slug, &a.Entity, &a.Region, &a.Position, &scenarios, &a.CreatedAt, &a.Revision, &a.OwnerID, &a.ReviewDays, &a.SourceLocale)
	if err != nil {
		return a, err
	}
	err = decodeList(scenarios, &a.Scenarios)
	return a, err
}

// textLine is a row of article_text with what it belongs to.
type textLine struct {
	id     desk.ID
	locale string
	ArticleText
}

const textState = `status, updated_at, revision, newest, live, major, source_version, publish_at, edited_at, edited_by, reminded_at`

func scanText(r scanner) (l textLine, err error) {
	var tags string
	err = r.Scan(&l.id, &l.locale, &l.Title, &l.Summary, &l.Body, &tags, &l.Status, &l.UpdatedAt, &l.Revision, &l.Newest, &l.Live,
		&l.Major, &l.SourceVersion, &l.PublishAt, &l.EditedAt, &l.EditedBy, &l.RemindedAt)
	if err != nil {
		return l, err
	}
	err = decodeList(tags, &l.Tags)
	return l, err
}

// Articles returns all articles with their working texts, in order within their
// categories.
func (q Query) Articles() ([]Article, error) {
	return q.articlesWith(`SELECT article_id, locale, title, summary, body, tags, ` + textState + ` FROM article_text`)
}

// ArticleList is [Query.Articles] without the bodies.
func (q Query) ArticleList() ([]Article, error) {
	return q.articlesWith(`SELECT article_id, locale, title, summary, '', tags, ` + textState + ` FROM article_text`)
}

// LiveArticles returns the articles with the texts that readers see: title,
// summary, body and tags are those of the live version.
func (q Query) LiveArticles() ([]Article, error) {
	return q.articlesWith(`SELECT t.article_id, t.locale, v.title, v.summary, v.body, v.tags, t.status, t.updated_at, t.revision, t.newest, t.live,
		t.major, t.source_version, t.publish_at, t.edited_at, t.edited_by, t.reminded_at
		FROM article_text t JOIN article_version v ON v.article_id = t.article_id AND v.locale = t.locale AND v.number = t.live`)
}

func (q Query) articlesWith(texts string) ([]Article, error) {
	out, err := collect(q, scanArticle, `SELECT `+articleColumns+` FROM article ORDER BY category_id, position, slug, entity, region`)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*Article, len(out))
	for i := range out {
		byID[out[i].ID] = &out[i]
	}
	for l, err := range each(q, scanText, texts) {
		if err != nil {
			return nil, err
		}
		if a := byID[l.id]; a != nil {
			a.Texts[l.locale] = l.ArticleText
		}
	}
	return out, nil
}

// Article returns an article with its working texts, or a NotFound error.
func (q Query) Article(id desk.ID) (Article, error) {
	a, err := scanOne(q.row(`SELECT `+articleColumns+` FROM article WHERE id = $1`, id), scanArticle)
	if err != nil {
		return a, err
	}
	lines, err := collect(q, scanText, `SELECT article_id, locale, title, summary, body, tags, `+textState+` FROM article_text WHERE article_id = $1`, id)
	for _, l := range lines {
		a.Texts[l.locale] = l.ArticleText
	}
	return a, err
}

// ArticleText returns a working text, or a NotFound error.
func (q Query) ArticleText(id desk.ID, locale string) (ArticleText, error) {
	l, err := scanOne(q.row(`SELECT article_id, locale, title, summary, body, tags, `+textState+` FROM article_text WHERE article_id = $1 AND locale = $2`, id, locale), scanText)
	return l.ArticleText, err
}

// InsertArticle stores a new article without its texts and sets its ID,
// Revision and, when it is 0, CreatedAt. Conflict: the slug is taken, or there
// is no such category.
func (tx *Tx) InsertArticle(a *Article) error {
	scenarios, err := encodeList(a.Scenarios)
	if err != nil {
		return err
	}
	a.ID, a.Revision = tx.NewID(), 1
	if a.CreatedAt == 0 {
		a.CreatedAt = tx.Now()
	}
	_, err = tx.exec(`INSERT INTO article (`+articleColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		a.ID, a.CategoryID, a.Slug, a.Entity, a.Region, a.Position, scenarios, a.CreatedAt, a.Revision, a.OwnerID, a.ReviewDays, a.SourceLocale)
	return err
}

// UpdateArticle stores an article in place of the one with its ID and Revision,
// without its texts, and counts the Revision up. Stale: it was changed
// meanwhile; NotFound: there is none; Conflict: the slug is taken, or there is
// no such category.
func (tx *Tx) UpdateArticle(a *Article) error {
	scenarios, err := encodeList(a.Scenarios)
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE article SET category_id = $1, slug = $2, entity = $3, region = $4, position = $5, scenarios = $6, owner_id = $7,
		review_days = $8, source_locale = $9, revision = revision + 1 WHERE id = $10 AND revision = $11`,
		a.CategoryID, a.Slug, a.Entity, a.Region, a.Position, scenarios, a.OwnerID, a.ReviewDays, a.SourceLocale, a.ID, a.Revision)
	switch {
	case err != nil:
		return err
	case n > 0:
		a.Revision++
		return nil
	}
	return tx.staleOrGone(`SELECT COUNT(*) FROM article WHERE id = $1`, a.ID)
}

// staleOrGone says why an update found no row: count counts the rows with the
// key, whatever their revision.
func (tx *Tx) staleOrGone(count string, key ...any) error {
	var n int
	switch err := tx.row(count, key...).scan(&n); {
	case err != nil:
		return err
	case n == 0:
		return desk.Errorf(desk.NotFound, "not_found")
	}
	return desk.Errorf(desk.Stale, "changed_meanwhile")
}

// DeleteArticle removes an article with its texts, versions and redirects.
func (tx *Tx) DeleteArticle(id desk.ID) error {
	if err := tx.execOne(`DELETE FROM article WHERE id = $1`, id); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM help_redirect WHERE kind = $1 AND target_id = $2`, RedirectArticle, id)
	return err
}

// PutText stores a working text: a new one when its Revision is 0, or else in
// place of the one with that revision, which it counts up. Stale: it was
// changed (or written) meanwhile; NotFound: there is none.
func (tx *Tx) PutText(id desk.ID, locale string, t *ArticleText) error {
	tags, err := encodeList(t.Tags)
	if err != nil {
		return err
	}
	var n int64
	args := []any{
		id, locale, t.Title, t.Summary, t.Body, tags, t.Status, t.UpdatedAt, t.Revision + 1, t.Newest, t.Live, t.Major,
		t.SourceVersion, t.PublishAt, t.EditedAt, t.EditedBy, t.RemindedAt,
	}
	if t.Revision == 0 {
		n, err = tx.exec(`INSERT INTO article_text (article_id, locale, title, summary, body, tags, `+textState+`)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (article_id, locale) DO NOTHING`, args...)
	} else {
		n, err = tx.exec(`UPDATE article_text SET title = $3, summary = $4, body = $5, tags = $6, status = $7, updated_at = $8, revision = $9, newest = $10,
			live = $11, major = $12, source_version = $13, publish_at = $14, edited_at = $15, edited_by = $16, reminded_at = $17
			WHERE article_id = $1 AND locale = $2 AND revision = $18`, append(args, t.Revision)...)
	}
	switch {
	case err != nil:
		return fmt.Errorf("store the text of article %s (%s): %w", id, locale, err)
	case n > 0:
		t.Revision++
		return nil
	}
	return tx.staleOrGone(`SELECT COUNT(*) FROM article_text WHERE article_id = $1 AND locale = $2`, id, locale)
}

// DeleteText removes a working text and its versions. Stale and NotFound as in
// [Tx.PutText].
func (tx *Tx) DeleteText(id desk.ID, locale string, revision int) error {
	n, err := tx.exec(`DELETE FROM article_text WHERE article_id = $1 AND locale = $2 AND revision = $3`, id, locale, revision)
	if err != nil {
		return err
	}
	if n == 0 {
		return tx.staleOrGone(`SELECT COUNT(*) FROM article_text WHERE article_id = $1 AND locale = $2`, id, locale)
	}
	_, err = tx.exec(`DELETE FROM article_version WHERE article_id = $1 AND locale = $2`, id, locale)
	return err
}

// SetReminded notes when the owner of an article was last told that a text is
// due. It is no change of the text.
func (tx *Tx) SetReminded(id desk.ID, locale string, at desk.Micros) error {
	return tx.execOne(`UPDATE article_text SET reminded_at = $1 WHERE article_id = $2 AND locale = $3`, at, id, locale)
}

func encodeList[T any](list []T) (string, error) {
	if len(list) == 0 {
		return "[]", nil
	}
	b, err := json.Marshal(list)
	return string(b), err
}

func decodeList[T any](text string, list *[]T) error {
	if text == "" || text == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(text), list)
}
