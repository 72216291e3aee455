package store

import "github.com/veridesk/veridesk/internal/desk"

// RedirectKind says what an old slug was the name of.
type RedirectKind string

// The kinds of redirect.
const (
	RedirectArticle  RedirectKind = "article"
	RedirectCategory RedirectKind = "category"
)

// Redirect leads an old slug to what had it. It names the thing and not its new
// slug, so that however often it is renamed one step leads there.
type Redirect struct {
	Kind   RedirectKind
	Slug   string
	Entity string
	Region string
	Target desk.ID
}

// Redirects returns all redirects.
func (q Query) Redirects() ([]Redirect, error) {
	return collect(q, scanRedirect, `SELECT kind, slug, entity, region, target_id FROM help_redirect ORDER BY kind, slug, entity, region`)
}

// RedirectsTo returns the redirects that lead to one article or category.
func (q Query) RedirectsTo(kind RedirectKind, target desk.ID) ([]Redirect, error) {
	return collect(q, scanRedirect, `SELECT kind, slug, entity, region, target_id FROM help_redirect WHERE kind = $1 AND target_id = $2 ORDER BY slug, entity, region`, kind, target)
}

func scanRedirect(r scanner) (d Redirect, err error) {
	err = r.Scan(&d.Kind, &d.Slug, &d.Entity, &d.Region, &d.Target)
	return d, err
}

// PutRedirect stores a redirect in place of the one of the same slug.
func (tx *Tx) PutRedirect(d Redirect) error {
	_, err := tx.exec(`INSERT INTO help_redirect (kind, slug, entity, region, target_id) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (kind, slug, entity, region) DO UPDATE SET target_id = excluded.target_id`, d.Kind, d.Slug, d.Entity, d.Region, d.Target)
	return err
}

// DeleteRedirect forgets an old slug: something has that name again. None is no
// error.
func (tx *Tx) DeleteRedirect(kind RedirectKind, slug, entity, region string) error {
	_, err := tx.exec(`DELETE FROM help_redirect WHERE kind = $1 AND slug = $2 AND entity = $3 AND region = $4`, kind, slug, entity, region)
	return err
}
