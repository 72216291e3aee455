package helpcenter

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	maxCategoryTitle       = 60
	maxCategoryDescription = 200
)

// Icons are the names that a category may choose from; the site draws them.
var Icons = []string{"user", "id", "deposit", "withdraw", "trade", "fees", "api", "shield", "appeal"}

// CreateCategory adds a category. It needs a title in every shipped language.
// Errors: Invalid, Conflict (the slug is taken), Forbidden.
func (c *Center) CreateCategory(ctx context.Context, by Editor, k store.Category) (store.Category, error) {
	return c.putCategory(ctx, by, &k, func(tx *store.Tx) error {
		if err := tx.InsertCategory(&k); err != nil {
			return slugTaken(err)
		}
		if err := tx.DeleteRedirect(store.RedirectCategory, k.Slug, k.Entity, k.Region); err != nil {
			return err
		}
		return tx.Audit(by.Actor, "category.create", "category", k.ID, map[string]any{"slug": k.Slug})
	})
}

// ChangeCategory stores a category in place of the one with its ID and Revision;
// a new slug leaves a redirect. Errors: Stale, NotFound, Invalid, Conflict,
// Forbidden.
func (c *Center) ChangeCategory(ctx context.Context, by Editor, k store.Category) (store.Category, error) {
	return c.putCategory(ctx, by, &k, func(tx *store.Tx) error {
		all, err := tx.Categories()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(have store.Category) bool { return have.ID == k.ID })
		if i < 0 {
			return desk.Errorf(desk.NotFound, "not_found")
		}
		was := all[i]
		if err := tx.UpdateCategory(&k); err != nil {
			return slugTaken(err)
		}
		if was.Slug != k.Slug || was.Entity != k.Entity || was.Region != k.Region {
			if err := tx.DeleteRedirect(store.RedirectCategory, k.Slug, k.Entity, k.Region); err != nil {
				return err
			}
		}
		if was.Slug != k.Slug {
			if err := tx.PutRedirect(store.Redirect{Kind: store.RedirectCategory, Slug: was.Slug, Entity: k.Entity, Region: k.Region, Target: k.ID}); err != nil {
				return err
			}
		}
		return tx.Audit(by.Actor, "category.update", "category", k.ID, map[string]any{"from": was.Slug, "to": k.Slug})
	})
}

func (c *Center) putCategory(ctx context.Context, by Editor, k *store.Category, put func(*store.Tx) error) (store.Category, error) {
	if err := by.publishing(); err != nil {
		return *k, err
	}
	if err := fieldsOf(checkCategory(k)); err != nil {
		return *k, err
	}
	was := *k
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		*k = was // the function may be run again
		if err := put(tx); err != nil {
			return err
		}
		return tx.ArticlesChanged()
	})
	if err != nil {
		return *k, err
	}
	c.shelves.Seen(ctx)
	return *k, nil
}

// DeleteCategory removes an empty category. Errors: Stale, NotFound, Conflict (it
// has articles), Forbidden.
func (c *Center) DeleteCategory(ctx context.Context, by Editor, id desk.ID) error {
	if err := by.publishing(); err != nil {
		return err
	}
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		err := tx.DeleteCategory(id)
		switch desk.CodeOf(err) {
		case "":
		case desk.Conflict:
			return desk.Wrap(desk.Conflict, "category_not_empty", err)
		default:
			return err
		}
		if err := tx.Audit(by.Actor, "category.delete", "category", id, nil); err != nil {
			return err
		}
		return tx.ArticlesChanged()
	})
	if err != nil {
		return err
	}
	c.shelves.Seen(ctx)
	return nil
}

func checkCategory(k *store.Category) problemsOf {
	p := problemsOf{}
	if !slugForm.MatchString(k.Slug) || len(k.Slug) > maxSlugBytes {
		p["slug"] = "slug_invalid"
	}
	if !scopeForm.MatchString(k.Entity) {
		p["entity"] = "field_invalid"
	}
	if !scopeForm.MatchString(k.Region) {
		p["region"] = "field_invalid"
	}
	if k.Position < -maxPosition || k.Position > maxPosition {
		p["position"] = "field_number"
	}
	if k.Icon != "" && !slices.Contains(Icons, k.Icon) {
		p["icon"] = "field_choice"
	}
	for locale, t := range k.Texts {
		t.Title, t.Description = strings.TrimSpace(t.Title), strings.TrimSpace(t.Description)
		k.Texts[locale] = t
		bad := func(s string, most int) bool {
			return !utf8.ValidString(s) || utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl)
		}
		if !slices.Contains(desk.ReadingLocales, locale) || bad(t.Title, maxCategoryTitle) || bad(t.Description, maxCategoryDescription) {
			p["texts."+locale] = "field_invalid"
		}
	}
	for _, locale := range desk.Locales {
		if k.Texts[locale].Title == "" {
			p["texts."+locale+".title"] = "field_required"
		}
	}
	return p
}
