package helpcenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// ExportReport tells what an export wrote, in files.
type ExportReport struct {
	Texts    int
	Drafts   int // beside a text that is up
	Pictures int
	Missing  []string // pictures whose bytes are gone
}

// Export gives every file of a content folder to put: categories.yaml, the texts
// of a locale ("" for all) and the pictures, by slash-separated paths. What was
// imported and not changed since has the bytes that it had; what was changed has
// front matter in its canonical form.
func (c *Center) Export(ctx context.Context, locale string, put func(path string, data []byte) error) (ExportReport, error) {
	if locale != "" && !slices.Contains(desk.ReadingLocales, locale) {
		return ExportReport{}, desk.Errorf(desk.Invalid, "%q is not a locale; there are %s", locale, strings.Join(desk.ReadingLocales, ", "))
	}
	x := &exporting{locale: locale, put: put, inUse: map[string]bool{}}
	if err := c.cfg.Store.Snapshot(ctx, x.run); err != nil {
		return x.report, err
	}
	return x.report, c.exportPictures(ctx, x)
}

type exporting struct {
	locale string
	put    func(path string, data []byte) error
	report ExportReport

	articles   map[desk.ID]*store.Article
	categories map[desk.ID]string
	redirects  map[desk.ID][]string
	emails     map[desk.ID]string
	owners     map[string]desk.ID
	paths      []store.MediaPath
	inUse      map[string]bool // pictures that texts name as /media/…
}

func (x *exporting) run(q store.Query) error {
	if err := x.read(q); err != nil {
		return err
	}
	return q.EachVersion(func(id desk.ID, locale string, v store.ArticleVersion) error {
		a := x.articles[id]
		t, ok := a.Texts[locale]
		if !ok || x.locale != "" && locale != x.locale {
			return nil
		}
		switch {
		case v.Number == t.Live:
			x.report.Texts++
			return x.text(a, locale, t, v, store.Published, false)
		case t.Live > 0:
			x.report.Drafts++
			return x.text(a, locale, t, v, t.Status, true)
		}
		x.report.Texts++
		return x.text(a, locale, t, v, t.Status, false)
	})
}

func (x *exporting) read(q store.Query) error {
	categories, err := q.Categories()
	if err != nil {
		return err
	}
	articles, err := q.ArticleList()
	if err != nil {
		return err
	}
	agents, err := q.Agents()
	if err != nil {
		return err
	}
	redirects, err := q.Redirects()
	if err != nil {
		return err
	}
	x.emails, x.owners = map[desk.ID]string{}, map[string]desk.ID{}
	for _, a := range agents {
		x.emails[a.ID], x.owners[a.Email] = a.Email, a.ID
	}
	x.redirects = map[desk.ID][]string{}
	for _, d := range redirects {
		x.redirects[d.Target] = append(x.redirects[d.Target], d.Slug)
	}
	x.articles, x.categories = map[desk.ID]*store.Article{}, map[desk.ID]string{}
	for i := range articles {
		x.articles[articles[i].ID] = &articles[i]
	}
	var entries []categoryEntry
	for _, k := range categories {
		x.categories[k.ID] = k.Slug
		entries = append(entries, categoryEntry{k, x.redirects[k.ID]})
	}
	if x.paths, err = q.MediaPaths(); err != nil {
		return err
	}
	file := writeCategories(entries)
	was, err := q.Meta(metaCategoriesFile)
	if err != nil && desk.CodeOf(err) != desk.NotFound {
		return err
	}
	if old, wrong := parseCategories(string(was)); len(was) > 0 && len(wrong) == 0 && sameEntries(old, entries) {
		file = was
	}
	return x.put(categoriesFile, file)
}

func (x *exporting) text(a *store.Article, locale string, t store.ArticleText, v store.ArticleVersion, status store.ArticleStatus, draft bool) error {
	want := x.frontMatterOf(a, t, v, status, draft)
	matter := v.Matter
	if !x.saysTheSame(matter, a, &want, draft) {
		matter = want.write()
	}
	for _, r := range examine(v.Body, "").pictures {
		if name := pictureName(r.dest); name != "" {
			x.inUse[name] = true
		}
	}
	key := articleKey{a.Slug, a.Entity, a.Region}
	return x.put("articles/"+locale+"/"+x.categories[a.CategoryID]+"/"+key.fileName(draft), []byte(joinFile(matter, v.Body)))
}

// frontMatterOf is what there is to say about a text. What is as it is without
// being said is left out.
func (x *exporting) frontMatterOf(a *store.Article, t store.ArticleText, v store.ArticleVersion, status store.ArticleStatus, draft bool) frontMatter {
	f := frontMatter{title: v.Title, summary: v.Summary, tags: v.Tags, status: status, order: a.Position, scenarios: a.Scenarios}
	if !draft {
		f.updated = t.UpdatedAt
	}
	if status == store.Scheduled {
		f.publishAt = t.PublishAt
	}
	if email := x.emails[a.OwnerID]; email != "" {
		f.owner = &email
	}
	if a.ReviewDays != defaultReviewDays {
		f.review = &a.ReviewDays
	}
	if a.SourceLocale != defaultSource(a.Texts) {
		f.source = &a.SourceLocale
	}
	if old := x.redirects[a.ID]; len(old) > 0 {
		f.redirects = &old
	}
	return f
}

// saysTheSame reports whether front matter as it was imported still says what
// there is to say.
func (x *exporting) saysTheSame(matter string, a *store.Article, want *frontMatter, draft bool) bool {
	if matter == "" {
		return false
	}
	f, wrong := readMatter(matter, draft)
	if len(wrong) > 0 {
		return false
	}
	owner, review, source := desk.ID(0), defaultReviewDays, defaultSource(a.Texts)
	if f.owner != nil {
		owner = x.owners[*f.owner] // whom nobody knows here owns nothing
	}
	desk.Set(&review, f.review)
	desk.Set(&source, f.source)
	return f.title == want.title && f.summary == want.summary && slices.Equal(f.tags, want.tags) && f.status == want.status &&
		f.publishAt == want.publishAt && f.order == want.order && slices.Equal(f.scenarios, want.scenarios) &&
		(draft || sameDay(f.updated, want.updated)) && (owner == a.OwnerID || owner == 0 && x.emails[a.OwnerID] == "") &&
		review == a.ReviewDays && source == a.SourceLocale && sameSet(f.redirects, want.redirects)
}

func sameDay(a, b desk.Micros) bool {
	return a == b || a.Time().Format("2006-01-02") == b.Time().Format("2006-01-02") && a != 0 && b != 0
}

func sameSet(a, b *[]string) bool {
	var x, y []string
	desk.Set(&x, a)
	desk.Set(&y, b)
	return slices.Equal(slices.Sorted(slices.Values(x)), slices.Sorted(slices.Values(y)))
}

func (c *Center) exportPictures(ctx context.Context, x *exporting) error {
	for _, p := range x.paths {
		if err := c.exportPicture(ctx, x, p.Path, p.Name); err != nil {
			return err
		}
	}
	names := make([]string, 0, len(x.inUse))
	for name := range x.inUse {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := c.exportPicture(ctx, x, blobKey(name), name); err != nil {
			return err
		}
	}
	return nil
}

func (c *Center) exportPicture(ctx context.Context, x *exporting, path, name string) error {
	if c.cfg.Blobs == nil {
		x.report.Missing = append(x.report.Missing, path)
		return nil
	}
	r, _, err := c.cfg.Blobs.Open(ctx, blobKey(name))
	if errors.Is(err, blob.ErrNotFound) {
		x.report.Missing = append(x.report.Missing, path)
		return nil
	}
	if err != nil {
		return fmt.Errorf("picture %s: %w", path, err)
	}
	data, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("picture %s: %w", path, err)
	}
	x.report.Pictures++
	return x.put(path, data)
}
