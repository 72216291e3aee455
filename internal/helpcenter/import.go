package helpcenter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// ImportOptions says how a folder is imported.
type ImportOptions struct {
	// Prune archives what readers see and the folder does not hold.
	Prune bool
	// DryRun finds out what an import would do and does nothing.
	DryRun bool
	// By is who imports; the zero value is the system.
	By store.Actor
}

// Report tells what an import did, counted in articles (all languages of one
// are one).
type Report struct {
	Created   int
	Updated   int
	Unchanged int
	Archived  int       // texts, by Prune
	Texts     int       // files of articles
	Pictures  int       // files of pictures
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
	return c.ImportFolder(ctx, fsys, ImportOptions{})
}

// errDryRun takes an import back.
var errDryRun = errors.New("dry run")

// ImportFolder is [Center.Import] with options.
func (c *Center) ImportFolder(ctx context.Context, fsys fs.FS, opts ImportOptions) (Report, error) {
	var stored *terrain
	err := c.cfg.Store.Snapshot(ctx, func(q store.Query) error {
		articles, err := q.ArticleList()
		if err != nil {
			return err
		}
		redirects, err := q.Redirects()
		if err != nil {
			return err
		}
		stored, err = c.terrainOf(q, articles, redirects)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("read the articles: %w", err)
	}
	t, err := readFolder(ctx, fsys, stored.pictures)
	if err != nil {
		return Report{}, fmt.Errorf("read the folder: %w", err)
	}
	t.checkTargets(stored)
	if len(t.pictures) > 0 && c.cfg.Blobs == nil {
		t.problem("images", 0, "pictures cannot be stored: there is no file store")
	}
	if t.problems = sortProblems(t.problems); len(t.problems) > 0 {
		return Report{}, desk.Wrap(desk.Invalid, "the articles cannot be imported", &ImportError{t.problems})
	}
	if !opts.DryRun {
		if err := c.keepPictures(ctx, t, stored.pictures); err != nil {
			return Report{}, err
		}
	}
	return c.apply(ctx, t, opts)
}

// keepPictures puts the bytes of new pictures into the file store. Nobody sees
// them before their rows are committed.
func (c *Center) keepPictures(ctx context.Context, t *folder, known map[string]store.Media) error {
	for _, path := range t.picturePaths() {
		p := t.pictures[path]
		if _, have := known[p.Name]; have && c.hasBlob(ctx, p.Name) {
			continue
		}
		data, err := fs.ReadFile(t.fs, path)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if onlyPixels(data) == "" {
			made, err := blob.Reencode(ctx, bytes.NewReader(data))
			if err != nil {
				return fmt.Errorf("read %s: %w", path, err)
			}
			data = made.Data
		}
		again := pictureOf(data, p.Type, p.Width, p.Height)
		if again.Name != p.Name {
			return desk.Errorf(desk.Conflict, "%s was changed while it was imported; try again", path)
		}
		if err := c.keep(ctx, again); err != nil {
			return err
		}
	}
	return nil
}

func (c *Center) hasBlob(ctx context.Context, name string) bool {
	r, _, err := c.cfg.Blobs.Open(ctx, blobKey(name))
	if err != nil {
		return false
	}
	return r.Close() == nil
}

// apply writes what differs from the database.
func (c *Center) apply(ctx context.Context, t *folder, opts ImportOptions) (Report, error) {
	by := opts.By
	if by.Kind == "" {
		by.Kind = desk.BySystem
	}
	var m *importing
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		m = &importing{c: c, tx: tx, t: t, by: Editor{by, true}} // the function may be run again
		m.report = Report{Warnings: sortProblems(slices.Clone(t.warnings))}
		if err := m.run(opts.Prune); err != nil {
			return err
		}
		if opts.DryRun {
			return errDryRun
		}
		return nil
	})
	switch {
	case errors.Is(err, errDryRun):
		return m.report, nil
	case err != nil:
		return Report{}, fmt.Errorf("store the articles: %w", err)
	}
	c.shelves.Seen(ctx)
	return m.report, nil
}

// importing is one import on its way into the database.
type importing struct {
	c  *Center
	tx *store.Tx
	t  *folder
	by Editor

	have      []store.Article // working texts
	live      []store.Article
	haveAt    map[articleKey]int // where in have
	liveAt    map[articleKey]int // where in live
	owners    map[string]desk.ID // by email
	redirects map[store.RedirectKind]map[articleKey]desk.ID
	ids       map[string]desk.ID // slug of a category → the one of the folder for all entities
	visible   bool               // readers will see a difference
	report    Report
}

func (m *importing) run(prune bool) error {
	if err := m.read(); err != nil {
		return err
	}
	if err := m.putPictures(); err != nil {
		return err
	}
	if err := m.putCategories(); err != nil {
		return err
	}
	for _, a := range m.t.articles {
		if err := m.putArticle(a); err != nil {
			return fmt.Errorf("%s: %w", a.first().file, err)
		}
	}
	if prune {
		if err := m.prune(); err != nil {
			return err
		}
	}
	r := m.report
	if r.Created+r.Updated+r.Archived > 0 {
		err := m.tx.Audit(m.by.Actor, "article.import", "article", 0, map[string]any{"created": r.Created, "updated": r.Updated, "archived": r.Archived})
		if err != nil {
			return err
		}
	}
	if !m.visible {
		return nil
	}
	return m.tx.ArticlesChanged()
}

func (m *importing) read() (err error) {
	if m.have, err = m.tx.Articles(); err != nil {
		return err
	}
	if m.live, err = m.tx.LiveArticles(); err != nil {
		return err
	}
	m.haveAt, m.liveAt = placesOf(m.have), placesOf(m.live)
	agents, err := m.tx.Agents()
	if err != nil {
		return err
	}
	m.owners = map[string]desk.ID{}
	for _, a := range agents {
		m.owners[a.Email] = a.ID
	}
	all, err := m.tx.Redirects()
	m.redirects = map[store.RedirectKind]map[articleKey]desk.ID{store.RedirectArticle: {}, store.RedirectCategory: {}}
	for _, d := range all {
		m.redirects[d.Kind][articleKey{d.Slug, d.Entity, d.Region}] = d.Target
	}
	return err
}

func (m *importing) putPictures() error {
	paths, err := m.tx.MediaPaths()
	if err != nil {
		return err
	}
	have := map[string]string{}
	for _, p := range paths {
		have[p.Path] = p.Name
	}
	known := map[string]bool{}
	all, err := m.tx.AllMedia()
	if err != nil {
		return err
	}
	for _, p := range all {
		known[p.Name] = true
	}
	for _, path := range m.t.picturePaths() {
		p := m.t.pictures[path]
		m.report.Pictures++
		if !known[p.Name] {
			p.CreatedBy, known[p.Name], m.visible = m.by.ID, true, true
			if err := m.tx.PutMedia(p.Media); err != nil {
				return err
			}
		}
		if strings.HasPrefix(path, "images/") && have[path] != p.Name {
			m.visible = true
			if err := m.tx.PutMediaPath(store.MediaPath{Path: path, Name: p.Name}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *importing) putCategories() error {
	have, err := m.tx.Categories()
	if err != nil {
		return err
	}
	m.ids = map[string]desk.ID{}
	for _, c := range m.t.categories {
		i := slices.IndexFunc(have, func(h store.Category) bool { return h.Slug == c.Slug && h.Entity == c.Entity && h.Region == c.Region })
		if i >= 0 {
			c.ID = have[i].ID
		}
		if i < 0 || !sameCategory(have[i], c.Category) {
			m.visible = true
			if c.ID, err = m.tx.PutCategory(c.Category); err != nil {
				return err
			}
		}
		if _, taken := m.ids[c.Slug]; !taken || c.Entity+c.Region == "" {
			m.ids[c.Slug] = c.ID
		}
		if err := m.putRedirects(store.RedirectCategory, articleKey{c.Slug, c.Entity, c.Region}, c.ID, c.redirects); err != nil {
			return err
		}
	}
	return m.tx.SetMeta(metaCategoriesFile, m.t.yaml)
}

// putRedirects makes old slugs lead to an article or category, and its own slug
// to nothing else.
func (m *importing) putRedirects(kind store.RedirectKind, key articleKey, id desk.ID, old []string) error {
	have := m.redirects[kind]
	if _, ok := have[key]; ok {
		m.visible = true
		delete(have, key)
		if err := m.tx.DeleteRedirect(kind, key.slug, key.entity, key.region); err != nil {
			return err
		}
	}
	for _, slug := range old {
		from := articleKey{slug, key.entity, key.region}
		if have[from] == id {
			continue
		}
		m.visible, have[from] = true, id
		if err := m.tx.PutRedirect(store.Redirect{Kind: kind, Slug: slug, Entity: key.entity, Region: key.region, Target: id}); err != nil {
			return err
		}
	}
	return nil
}
