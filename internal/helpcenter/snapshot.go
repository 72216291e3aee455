package helpcenter

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Article is an article in one language, ready to show.
type Article struct {
	Locale    string
	Category  *Category
	Slug      string
	Title     string
	Summary   string
	HTML      template.HTML // sanitised
	Headings  []Heading
	Tags      []string
	Scenarios []desk.Scenario
	UpdatedAt time.Time // the last review, UTC

	id   desk.ID
	text string // without markup, one block a line
}

// Path is the article's address on the site.
func (a *Article) Path() string { return ArticlePath(a.Locale, a.Category.Slug, a.Slug) }

// ArticlePath is the address of an article on the site.
func ArticlePath(locale, category, slug string) string {
	return "/" + locale + "/a/" + category + "/" + slug
}

// Category is a category in one language with its articles in order.
type Category struct {
	Locale      string
	Slug        string
	Icon        string
	Title       string
	Description string
	Articles    []*Article
}

// Path is the category's address on the site.
func (c *Category) Path() string { return "/" + c.Locale + "/c/" + c.Slug }

// Home is what the first page shows in one language.
type Home struct {
	Categories []*Category // those with articles, in order
	Popular    []*Article  // one for each kind of trouble, most urgent first
}

// Snapshot is all published articles at one moment. It is immutable.
type Snapshot struct {
	Version  string // see store.ArticlesVersion
	editions map[string]*edition
}

// edition is the Help Center in one language.
type edition struct {
	locale     string
	categories []*Category
	articles   map[string]*Article // by slug
	popular    []*Article
	index      *index
}

// build makes a snapshot for an entity and region.
func build(version, entity, region string, categories []store.Category, articles []store.Article) (*Snapshot, error) {
	slugs := map[desk.ID]string{} // of every stored category, also of those that another one stands for
	for _, c := range categories {
		slugs[c.ID] = c.Slug
	}
	categories = closest(categories, func(c store.Category) (string, string, string) { return c.Slug, c.Entity, c.Region }, entity, region)
	articles = closest(articles, func(a store.Article) (string, string, string) { return a.Slug, a.Entity, a.Region }, entity, region)
	s := &Snapshot{Version: version, editions: map[string]*edition{}}
	for _, locale := range desk.Locales {
		e, err := buildEdition(locale, slugs, categories, articles)
		if err != nil {
			return nil, err
		}
		s.editions[locale] = e
	}
	return s, nil
}

// closest keeps what is meant for an entity and region: of several with one
// slug, the one made for them before the one for all. Order is kept.
func closest[T any](all []T, key func(T) (slug, entity, region string), entity, region string) []T {
	rank := func(v T) int {
		_, e, r := key(v)
		if (e != "" && e != entity) || (r != "" && r != region) {
			return -1
		}
		n := 0
		if e != "" {
			n += 2
		}
		if r != "" {
			n++
		}
		return n
	}
	best := map[string]int{}
	for _, v := range all {
		slug, _, _ := key(v)
		if have, ok := best[slug]; !ok || rank(v) > have {
			best[slug] = rank(v)
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(v T) bool {
		slug, _, _ := key(v)
		return rank(v) < 0 || rank(v) != best[slug]
	})
}

func buildEdition(locale string, slugs map[desk.ID]string, categories []store.Category, articles []store.Article) (*edition, error) {
	e := &edition{locale: locale, articles: map[string]*Article{}}
	bySlug := map[string]*Category{}
	for _, c := range categories {
		t, ok := c.Texts[locale]
		if !ok {
			t.Title = c.Slug
		}
		bySlug[c.Slug] = &Category{Locale: locale, Slug: c.Slug, Icon: c.Icon, Title: t.Title, Description: t.Description}
	}
	published := func(a *store.Article) (store.ArticleText, *Category) {
		t, ok := a.Texts[locale]
		if !ok || t.Status != store.Published {
			return t, nil
		}
		return t, bySlug[slugs[a.CategoryID]]
	}
	known := map[string]string{} // slug → category
	for i := range articles {
		for _, t := range articles[i].Texts {
			if t.Status == store.Published {
				known[articles[i].Slug] = slugs[articles[i].CategoryID]
			}
		}
	}
	resolve := func(_, slug string) string {
		if known[slug] == "" {
			return ""
		}
		return ArticlePath(locale, known[slug], slug) // also after the article moved to another category
	}
	for i := range articles {
		t, category := published(&articles[i])
		if category == nil {
			continue
		}
		a, err := present(&articles[i], t, category, resolve)
		if err != nil {
			return nil, err
		}
		category.Articles = append(category.Articles, a)
		e.articles[a.Slug] = a
	}
	for _, c := range categories {
		if k := bySlug[c.Slug]; len(k.Articles) > 0 {
			e.categories = append(e.categories, k)
		}
	}
	e.popular = popular(e.categories)
	e.index = newIndex(e)
	return e, nil
}

func present(a *store.Article, t store.ArticleText, category *Category, resolve func(category, slug string) string) (*Article, error) {
	r, err := render(t.Body, category.Locale, category.Slug, resolve)
	if err != nil {
		return nil, fmt.Errorf("article %s (%s): %w", a.Slug, category.Locale, err)
	}
	return &Article{
		Locale: category.Locale, Category: category, Slug: a.Slug, Title: t.Title, Summary: t.Summary,
		HTML: r.html, Headings: r.headings, Tags: t.Tags, Scenarios: a.Scenarios, UpdatedAt: t.UpdatedAt.Time(),
		id: a.ID, text: r.text,
	}, nil
}

// popular picks the first article of each scenario, in the order in which
// people are asked what happened. Until reads are counted, this is the best
// guess at what is looked for, and it is the same on every node.
func popular(categories []*Category) []*Article {
	var out []*Article
	for _, s := range desk.Scenarios {
		for _, c := range categories {
			i := slices.IndexFunc(c.Articles, func(a *Article) bool {
				return len(a.Scenarios) > 0 && a.Scenarios[0] == s && !slices.Contains(out, a)
			})
			if i >= 0 {
				out = append(out, c.Articles[i])
				break
			}
		}
	}
	return out
}

func (s *Snapshot) edition(locale string) *edition {
	if e, ok := s.editions[locale]; ok {
		return e
	}
	return s.editions[desk.Locales[0]]
}

// Home returns the first page's content in a locale.
func (s *Snapshot) Home(locale string) Home {
	e := s.edition(locale)
	return Home{Categories: e.categories, Popular: e.popular}
}

// Category returns a category that has articles in the locale, or nil.
func (s *Snapshot) Category(locale, slug string) *Category {
	for _, c := range s.edition(locale).categories {
		if c.Slug == slug {
			return c
		}
	}
	return nil
}

// Article returns an article in the locale, or nil when it is not published
// there; and the same article in the other languages. Its category may have
// changed: compare Path before answering under the address that was asked for.
func (s *Snapshot) Article(locale, slug string) (article *Article, others []*Article) {
	for _, l := range desk.Locales {
		a := s.editions[l].articles[slug]
		switch {
		case a == nil:
		case l == locale:
			article = a
		default:
			others = append(others, a)
		}
	}
	return article, others
}

// ForScenario returns the articles that may solve a scenario, best first.
func (s *Snapshot) ForScenario(locale string, scenario desk.Scenario) []*Article {
	var out []*Article
	for _, c := range s.edition(locale).categories {
		for _, a := range c.Articles {
			if slices.Contains(a.Scenarios, scenario) {
				out = append(out, a)
			}
		}
	}
	// An article names first what it is mostly about.
	slices.SortStableFunc(out, func(a, b *Article) int {
		return cmp.Compare(slices.Index(a.Scenarios, scenario), slices.Index(b.Scenarios, scenario))
	})
	return out
}

// Articles returns every published article of a locale, by category.
func (s *Snapshot) Articles(locale string) []*Article {
	var out []*Article
	for _, c := range s.edition(locale).categories {
		out = append(out, c.Articles...)
	}
	return out
}
