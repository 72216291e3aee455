package store

import (
	"encoding/json"
	"fmt"

	"github.com/veridesk/veridesk/internal/desk"
)

// metaArticlesVersion changes with every change of categories and articles, in
// the same transaction. It is opaque: equal or not equal is all it says.
const metaArticlesVersion = "articles.version"

// Category groups articles. The slug joins its texts in all languages; Entity
// and Region are "" for all of them.
type Category struct {
	ID       desk.ID
	Slug     string
	Entity   string
	Region   string
	Icon     string
	Position int                     // lowest first
	Texts    map[string]CategoryText // by locale
}

// CategoryText is a category in one language.
type CategoryText struct {
	Title       string
	Description string
}

// Article is one answer in every language in which it was written.
type Article struct {
	ID         desk.ID
	CategoryID desk.ID
	Slug       string // unique per entity and region, whatever the category
	Entity     string // "" for all
	Region     string // "" for all
	Position   int    // within the category, lowest first
	Scenarios  []desk.Scenario
	CreatedAt  desk.Micros
	Texts      map[string]ArticleText // by locale
}

// ArticleText is an article in one language. Body is Markdown.
type ArticleText struct {
	Title     string
	Summary   string
	Body      string
	Tags      []string
	Status    ArticleStatus
	UpdatedAt desk.Micros // the last review, chosen by the editor
}

// ArticleStatus says who may read a text.
type ArticleStatus string

// The statuses of an article's text.
const (
	Published ArticleStatus = "published"
	Draft     ArticleStatus = "draft"
)

// ArticlesVersion returns a value that differs after every change of articles
// and categories; "" when there never was one.
func (q Query) ArticlesVersion() (string, error) {
	v, err := q.Meta(metaArticlesVersion)
	if desk.CodeOf(err) == desk.NotFound {
		return "", nil
	}
	return string(v), err
}

func (tx *Tx) articlesChanged() error {
	return tx.SetMeta(metaArticlesVersion, []byte(tx.NewID().String()))
}

// Categories returns all categories of all entities and regions, in order.
func (q Query) Categories() ([]Category, error) {
	out, err := collect(q, func(r scanner) (c Category, err error) {
		c.Texts = map[string]CategoryText{}
		err = r.Scan(&c.ID, &c.Slug, &c.Entity, &c.Region, &c.Icon, &c.Position)
		return c, err
	}, `SELECT id, slug, entity, region, icon, position FROM category ORDER BY position, slug, entity, region`)
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

// Articles returns all articles with all their texts, drafts included, in
// order within their categories.
func (q Query) Articles() ([]Article, error) {
	out, err := collect(q, func(r scanner) (a Article, err error) {
		var scenarios string
		a.Texts = map[string]ArticleText{}
		if err := r.Scan(&a.ID, &a.CategoryID, &a.Slug, &a.Entity, &a.Region, &a.Position, &scenarios, &a.CreatedAt); err != nil {
			return a, err
		}
		err = decodeList(scenarios, &a.Scenarios)
		return a, err
	}, `SELECT id, category_id, slug, entity, region, position, scenarios, created_at FROM article
		ORDER BY category_id, position, slug, entity, region`)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*Article, len(out))
	for i := range out {
		byID[out[i].ID] = &out[i]
	}
	type line struct {
		id     desk.ID
		locale string
		text   ArticleText
	}
	for l, err := range each(q, func(r scanner) (l line, err error) {
		var tags string
		t := &l.text
		if err := r.Scan(&l.id, &l.locale, &t.Title, &t.Summary, &t.Body, &tags, &t.Status, &t.UpdatedAt); err != nil {
			return l, err
		}
		err = decodeList(tags, &t.Tags)
		return l, err
	}, `SELECT article_id, locale, title, summary, body, tags, status, updated_at FROM article_text`) {
		if err != nil {
			return nil, err
		}
		if a := byID[l.id]; a != nil {
			a.Texts[l.locale] = l.text
		}
	}
	return out, nil
}

// PutCategory stores a category and its texts in place of the one with the same
// slug, entity and region, and returns its identifier. Languages that c does
// not have are removed.
func (tx *Tx) PutCategory(c Category) (desk.ID, error) {
	var id desk.ID
	err := tx.row(`INSERT INTO category (id, slug, entity, region, icon, position) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (slug, entity, region) DO UPDATE SET icon = excluded.icon, position = excluded.position
		RETURNING id`, tx.NewID(), c.Slug, c.Entity, c.Region, c.Icon, c.Position).scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store category %s: %w", c.Slug, err)
	}
	if _, err := tx.exec(`DELETE FROM category_text WHERE category_id = $1`, id); err != nil {
		return 0, err
	}
	for locale, t := range c.Texts {
		_, err := tx.exec(`INSERT INTO category_text (category_id, locale, title, description) VALUES ($1, $2, $3, $4)`,
			id, locale, t.Title, t.Description)
		if err != nil {
			return 0, fmt.Errorf("store category %s (%s): %w", c.Slug, locale, err)
		}
	}
	return id, tx.articlesChanged()
}

// PutArticle stores an article and its texts in place of the one with the same
// slug, entity and region, and returns its identifier. Languages that a does
// not have are removed; an empty status is [Published].
func (tx *Tx) PutArticle(a Article) (desk.ID, error) {
	scenarios, err := encodeList(a.Scenarios)
	if err != nil {
		return 0, err
	}
	if a.CreatedAt == 0 {
		a.CreatedAt = tx.Now()
	}
	var id desk.ID
	err = tx.row(`INSERT INTO article (id, category_id, slug, entity, region, position, scenarios, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (slug, entity, region) DO UPDATE SET category_id = excluded.category_id,
			position = excluded.position, scenarios = excluded.scenarios
		RETURNING id`, tx.NewID(), a.CategoryID, a.Slug, a.Entity, a.Region, a.Position, scenarios, a.CreatedAt).scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store article %s: %w", a.Slug, err)
	}
	if _, err := tx.exec(`DELETE FROM article_text WHERE article_id = $1`, id); err != nil {
		return 0, err
	}
	for locale, t := range a.Texts {
		if err := tx.insertArticleText(id, locale, t); err != nil {
			return 0, fmt.Errorf("store article %s (%s): %w", a.Slug, locale, err)
		}
	}
	return id, tx.articlesChanged()
}

func (tx *Tx) insertArticleText(id desk.ID, locale string, t ArticleText) error {
	tags, err := encodeList(t.Tags)
	if err != nil {
		return err
	}
	if t.Status == "" {
		t.Status = Published
	}
	_, err = tx.exec(`INSERT INTO article_text (article_id, locale, title, summary, body, tags, status, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, locale, t.Title, t.Summary, t.Body, tags, t.Status, t.UpdatedAt)
	return err
}

// DeleteArticle removes an article and all its texts.
func (tx *Tx) DeleteArticle(id desk.ID) error {
	if err := tx.execOne(`DELETE FROM article WHERE id = $1`, id); err != nil {
		return err
	}
	return tx.articlesChanged()
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
