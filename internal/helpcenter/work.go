package helpcenter

import (
	"context"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Work is everything that editors work on, at one moment: articles without the
// bodies of their texts.
type Work struct {
	Now        desk.Micros
	Categories []store.Category
	Articles   []store.Article
	Redirects  []store.Redirect
	Names      map[desk.ID]string // of the agents

	findings map[textKey][]Finding
}

// Work reads what editors work on. What is wrong with texts is found out when
// they have changed, otherwise remembered.
func (c *Center) Work(ctx context.Context) (*Work, error) {
	w := &Work{Names: map[desk.ID]string{}, findings: map[textKey][]Finding{}}
	err := c.cfg.Store.Snapshot(ctx, func(q store.Query) (err error) {
		w.Now = q.Now()
		if w.Categories, err = q.Categories(); err != nil {
			return err
		}
		if w.Articles, err = q.ArticleList(); err != nil {
			return err
		}
		if w.Redirects, err = q.Redirects(); err != nil {
			return err
		}
		agents, err := q.Agents()
		if err != nil {
			return err
		}
		for _, a := range agents {
			w.Names[a.ID] = a.Name
		}
		return c.findAll(q, w)
	})
	return w, err
}

func (c *Center) findAll(q store.Query, w *Work) error {
	t, err := c.terrainOf(q, w.Articles, w.Redirects)
	if err != nil {
		return err
	}
	var bodies map[textKey]string
	for _, a := range w.Articles {
		category := w.CategorySlug(a.CategoryID)
		for locale, text := range a.Texts {
			k := textKey{a.ID, locale}
			x := c.examined.of(k, text.Revision, category, func() string {
				if bodies == nil {
					bodies, err = allBodies(q)
				}
				return bodies[k]
			})
			if err != nil {
				return err
			}
			w.findings[k] = t.judgeText(locale, text.Title, text.Summary, "-", x)
		}
	}
	return nil
}

func allBodies(q store.Query) (map[textKey]string, error) {
	all, err := q.Articles()
	out := map[textKey]string{}
	for _, a := range all {
		for locale, t := range a.Texts {
			out[textKey{a.ID, locale}] = t.Body
		}
	}
	return out, err
}

// terrainOf is what texts can lead to now.
func (c *Center) terrainOf(q store.Query, articles []store.Article, redirects []store.Redirect) (*terrain, error) {
	t := &terrain{articles: map[string]map[string]bool{}, pictures: map[string]store.Media{}, paths: map[string]string{}, judge: c.cfg.Judge}
	slugs := map[desk.ID]string{}
	for _, a := range articles {
		slugs[a.ID] = a.Slug
		if t.articles[a.Slug] == nil {
			t.articles[a.Slug] = map[string]bool{}
		}
		for locale, text := range a.Texts {
			if text.Live > 0 {
				t.articles[a.Slug][locale] = true
			}
		}
	}
	for _, d := range redirects {
		if to := t.articles[slugs[d.Target]]; d.Kind == store.RedirectArticle && t.articles[d.Slug] == nil && to != nil {
			t.articles[d.Slug] = to
		}
	}
	pictures, err := q.AllMedia()
	if err != nil {
		return nil, err
	}
	for _, m := range pictures {
		t.pictures[m.Name] = m
	}
	paths, err := q.MediaPaths()
	for _, p := range paths {
		t.paths[p.Path] = p.Name
	}
	return t, err
}

// findings lists what is wrong with one text.
func (c *Center) findings(q store.Query, category, locale string, text *store.ArticleText) ([]Finding, error) {
	articles, err := q.ArticleList()
	if err != nil {
		return nil, err
	}
	redirects, err := q.Redirects()
	if err != nil {
		return nil, err
	}
	t, err := c.terrainOf(q, articles, redirects)
	if err != nil {
		return nil, err
	}
	return t.judgeText(locale, text.Title, text.Summary, text.Body, examine(text.Body, category)), nil
}

// Findings lists what is wrong with a text in a language, by the slug of its
// category.
func (c *Center) Findings(ctx context.Context, category, locale string, text store.ArticleText) ([]Finding, error) {
	return c.findings(c.cfg.Store.Read(ctx), category, locale, &text)
}

// Preview renders a body as the site shows it to readers of an entity and
// region, and lists what is wrong with it.
func (c *Center) Preview(ctx context.Context, locale, category, entity, region, body string) (string, []Finding, error) {
	l := c.SnapshotFor(entity, region).links
	in := l.around(locale, category)
	shown := in.picture
	in.picture = func(dest string) (store.Media, bool) {
		if m, ok := shown(dest); ok || pictureName(dest) == "" {
			return m, ok
		}
		m, err := c.cfg.Store.Read(ctx).Media(pictureName(dest)) // added since the last text went up
		return m, err == nil
	}
	r, err := render(body, in)
	if err != nil {
		return "", nil, err
	}
	all, err := c.Findings(ctx, category, locale, store.ArticleText{Title: "-", Summary: "-", Body: body})
	return string(r.html), all, err
}

// CategorySlug returns the slug of a category, "" when there is none.
func (w *Work) CategorySlug(id desk.ID) string {
	if i := slices.IndexFunc(w.Categories, func(c store.Category) bool { return c.ID == id }); i >= 0 {
		return w.Categories[i].Slug
	}
	return ""
}

// Findings lists what is wrong with a text.
func (w *Work) Findings(a *store.Article, locale string) []Finding {
	return w.findings[textKey{a.ID, locale}]
}

// Outdated reports whether a translation is older than the last change of its
// source that was more than minor.
func Outdated(a *store.Article, locale string) bool {
	t, ok := a.Texts[locale]
	return ok && locale != a.SourceLocale && t.SourceVersion < a.Texts[a.SourceLocale].Major
}

// DueAt returns when a text that readers see is to be looked at again; 0 = never.
func DueAt(a *store.Article, t store.ArticleText) desk.Micros {
	if a.ReviewDays <= 0 || t.Live == 0 {
		return 0
	}
	return t.UpdatedAt + desk.Micros(time.Duration(a.ReviewDays)*24*time.Hour/time.Microsecond)
}

// Missing lists the languages in which an article is not written and that are
// not derived either.
func Missing(a *store.Article) []string {
	var out []string
	for _, l := range desk.Locales {
		if _, ok := a.Texts[l]; !ok {
			out = append(out, l)
		}
	}
	return out
}
