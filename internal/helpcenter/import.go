package helpcenter

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Report tells what an import did, counted in articles (all languages of one
// are one).
type Report struct {
	Created   int
	Updated   int
	Unchanged int
	Texts     int       // articles times languages
	Warnings  []Problem // shown to editors; they stop nothing
}

// ImportError is everything wrong with a content folder. Nothing of it was
// stored.
type ImportError struct{ Problems []Problem }

// Error lists the problems, one a line.
func (e *ImportError) Error() string {
	lines := make([]string, 0, len(e.Problems)+1)
	lines = append(lines, fmt.Sprintf("nothing was imported; %d problem(s):", len(e.Problems)))
	for _, p := range e.Problems {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Import stores the articles of a content folder (its form is in
// content/README.md) and shows them. It takes all of it or, when anything is
// wrong, nothing: the error then is an [*ImportError] with code
// [desk.Invalid]. Articles that are not in the folder stay as they are, and
// importing the same folder again changes nothing.
func (c *Center) Import(ctx context.Context, fsys fs.FS) (Report, error) {
	tree, err := readTree(fsys)
	if err != nil {
		return Report{}, err
	}
	if len(tree.problems) > 0 {
		slices.SortStableFunc(tree.problems, func(a, b Problem) int {
			if a.File != b.File {
				return strings.Compare(a.File, b.File)
			}
			return a.Line - b.Line
		})
		e := &ImportError{tree.problems}
		return Report{}, desk.Wrap(desk.Invalid, "the articles cannot be imported", e)
	}
	var report Report
	err = c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		report = Report{Warnings: tree.warnings} // the function may be run again
		return tree.save(tx, &report)
	})
	if err != nil {
		return Report{}, fmt.Errorf("store the articles: %w", err)
	}
	_, err = c.Refresh(ctx)
	return report, err
}

// save writes what differs from the database.
func (t *sourceTree) save(tx *store.Tx, report *Report) error {
	categories, err := tx.Categories()
	if err != nil {
		return err
	}
	articles, err := tx.Articles()
	if err != nil {
		return err
	}
	ids := map[string]desk.ID{}
	for _, c := range t.categories {
		i := slices.IndexFunc(categories, func(have store.Category) bool {
			return have.Slug == c.Slug && have.Entity == "" && have.Region == ""
		})
		if i >= 0 && sameCategory(categories[i], c) {
			ids[c.Slug] = categories[i].ID
			continue
		}
		if ids[c.Slug], err = tx.PutCategory(c); err != nil {
			return err
		}
	}
	for _, a := range t.articles {
		a.CategoryID = ids[a.category]
		report.Texts += len(a.Texts)
		i := slices.IndexFunc(articles, func(have store.Article) bool {
			return have.Slug == a.Slug && have.Entity == "" && have.Region == ""
		})
		switch {
		case i < 0:
			report.Created++
		case sameArticle(articles[i], a.Article):
			report.Unchanged++
			continue
		default:
			report.Updated++
		}
		if _, err := tx.PutArticle(a.Article); err != nil {
			return err
		}
	}
	return nil
}

func sameCategory(have, want store.Category) bool {
	return have.Icon == want.Icon && have.Position == want.Position && maps.Equal(have.Texts, want.Texts)
}

func sameArticle(have, want store.Article) bool {
	return have.CategoryID == want.CategoryID && have.Position == want.Position &&
		slices.Equal(have.Scenarios, want.Scenarios) &&
		maps.EqualFunc(have.Texts, want.Texts, func(h, w store.ArticleText) bool {
			if w.Status == "" {
				w.Status = store.Published
			}
			if len(h.Tags)+len(w.Tags) == 0 {
				h.Tags, w.Tags = nil, nil
			}
			return reflect.DeepEqual(h, w)
		})
}
