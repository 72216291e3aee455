package helpcenter

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/terms"
)

// derivedFrom names the locale that another one is converted from where nobody
// has written it.
var derivedFrom = map[string]string{"zh-TW": "zh-CN"}

// Home is what the first page shows in one language.
type Home struct {
	Categories []*Category // those with articles, in order
	Popular    []*Article  // one for each kind of trouble, most urgent first
}

// Snapshot is all live articles for one legal entity and region at one moment.
// It does not change.
type Snapshot struct {
	Version  string // see store.ArticlesVersion
	editions map[string]*lateEdition
	links    *links
	shared   *atomic.Pointer[links] // the links of this snapshot and of those before that it agrees with
	moved    map[string]string      // old slug of a category → slug
	synonyms *terms.Synonyms        // the operator's
}

// edition is the Help Center in one language.
type edition struct {
	locale     string
	categories []*Category
	articles   map[string]*Article // by slug
	popular    []*Article
	index      func() *index
	relatives  func() *relatives
}

// shelf is every row that readers can see, at one moment.
type shelf struct {
	version    string
	categories []store.Category
	articles   []store.Article // with their live texts
	redirects  []store.Redirect
	synonyms   *terms.Synonyms
	pictures   map[string]store.Media
	paths      map[string]string

	mu        sync.Mutex
	snapshots map[scope]*Snapshot
	before    map[scope]*Snapshot // of the shelf before this one, for what need not be rendered again
}

type scope struct{ entity, region string }

// snapshot returns the articles of a scope. A scope that no row mentions is the
// one for all: there are no more snapshots than entities and regions.
func (h *shelf) snapshot(entity, region string) *Snapshot {
	if !h.mentions(func(e, _ string) bool { return e == entity }) {
		entity = ""
	}
	if !h.mentions(func(_, r string) bool { return r == region }) {
		region = ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	at := scope{entity, region}
	s := h.snapshots[at]
	if s == nil {
		s = build(h, at, h.before[at])
		h.snapshots[at] = s
	}
	return s
}

func (h *shelf) mentions(match func(entity, region string) bool) bool {
	return slices.ContainsFunc(h.articles, func(a store.Article) bool { return match(a.Entity, a.Region) }) ||
		slices.ContainsFunc(h.categories, func(c store.Category) bool { return match(c.Entity, c.Region) })
}

// build makes a snapshot for an entity and region. before is the last one, or
// nil.
func build(h *shelf, at scope, before *Snapshot) *Snapshot {
	slugs := map[desk.ID]string{} // of every stored category, also of those that another one stands for
	for _, c := range h.categories {
		slugs[c.ID] = c.Slug
	}
	b := &builder{
		slugs:      slugs,
		synonyms:   h.synonyms,
		categories: closest(h.categories, func(c store.Category) (string, string, string) { return c.Slug, c.Entity, c.Region }, at),
		// Only what can be read: a draft for one entity must not hide what is up for all.
		articles: closest(slices.DeleteFunc(slices.Clone(h.articles), func(a store.Article) bool { return len(a.Texts) == 0 }),
			func(a store.Article) (string, string, string) { return a.Slug, a.Entity, a.Region }, at),
	}
	s := &Snapshot{Version: h.version, editions: map[string]*lateEdition{}, moved: map[string]string{}, synonyms: h.synonyms}
	s.links = &links{known: map[string]string{}, moved: map[string]string{}, pictures: h.pictures, paths: h.paths}
	for _, a := range b.articles {
		if slices.ContainsFunc(b.categories, func(c store.Category) bool { return c.Slug == slugs[a.CategoryID] }) {
			s.links.known[a.Slug] = slugs[a.CategoryID]
		}
	}
	s.redirect(h, at, slugs)
	s.shared = new(atomic.Pointer[links])
	if before != nil && s.links.covers(before.links) {
		s.shared = before.shared
	}
	s.shared.Store(s.links)
	b.links = s.shared
	for _, locale := range desk.ReadingLocales {
		if before != nil {
			b.reuse(before.editions[locale].made.Load())
		}
		s.editions[locale] = &lateEdition{locale: locale}
		s.editions[locale].from.Store(b)
		if derivedFrom[locale] == "" {
			s.edition(locale)
		}
	}
	return s
}

// lateEdition is made when it is first asked for: what is derived costs time and
// memory.
type lateEdition struct {
	from   atomic.Pointer[builder] // nil once it is made
	locale string
	once   sync.Once
	made   atomic.Pointer[edition]
}

func (l *lateEdition) get() *edition {
	l.once.Do(func() {
		l.made.Store(l.from.Load().edition(l.locale))
		l.from.Store(nil)
	})
	return l.made.Load()
}

// covers reports whether whatever was rendered with o is right with l too:
// addresses are the same, and there are at most more pictures.
func (l *links) covers(o *links) bool {
	for path, name := range o.paths {
		if l.paths[path] != name {
			return false
		}
	}
	for name, m := range o.pictures {
		if l.pictures[name] != m {
			return false
		}
	}
	return maps.Equal(l.known, o.known) && maps.Equal(l.moved, o.moved)
}

// redirect fills in where old slugs lead.
func (s *Snapshot) redirect(h *shelf, at scope, categories map[desk.ID]string) {
	articles := map[desk.ID]string{}
	for _, a := range h.articles {
		articles[a.ID] = a.Slug
	}
	for _, d := range closest(h.redirects, func(d store.Redirect) (string, string, string) {
		return string(d.Kind) + "/" + d.Slug, d.Entity, d.Region
	}, at) {
		if to := articles[d.Target]; d.Kind == store.RedirectArticle && s.links.known[to] != "" {
			s.links.moved[d.Slug] = to
		}
		if to := categories[d.Target]; d.Kind == store.RedirectCategory && to != "" {
			s.moved[d.Slug] = to
		}
	}
}

// closest keeps what is meant for an entity and region: of several with one
// slug, the one made for them before the one for all. Order is kept.
func closest[T any](all []T, key func(T) (slug, entity, region string), at scope) []T {
	rank := func(v T) int {
		_, e, r := key(v)
		if (e != "" && e != at.entity) || (r != "" && r != at.region) {
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

// builder makes the editions of a snapshot.
type builder struct {
	slugs      map[desk.ID]string
	synonyms   *terms.Synonyms
	categories []store.Category
	articles   []store.Article
	links      *atomic.Pointer[links]
	before     map[string]*Article // of the snapshot before, by locale and slug
}

// reuse remembers the articles of an edition, for what they have rendered.
func (b *builder) reuse(e *edition) {
	if e == nil {
		return
	}
	if b.before == nil {
		b.before = map[string]*Article{}
	}
	for slug, a := range e.articles {
		b.before[e.locale+"/"+slug] = a
	}
}

func (b *builder) edition(locale string) *edition {
	e := &edition{locale: locale, articles: map[string]*Article{}}
	synonyms := b.synonyms // and not the whole builder for as long as the index may be needed
	e.index = sync.OnceValue(func() *index { return newIndex(e, synonyms) })
	e.relatives = sync.OnceValue(func() *relatives { return newRelatives(e) })
	bySlug := map[string]*Category{}
	for _, c := range b.categories {
		bySlug[c.Slug] = categoryIn(c, locale)
	}
	for i := range b.articles {
		a := &b.articles[i]
		t, derived, ok := textFor(a, locale)
		category := bySlug[b.slugs[a.CategoryID]]
		if !ok || category == nil {
			continue
		}
		shown := &Article{
			ID: a.ID, Version: t.Live, Locale: locale, Derived: derived, Category: category, Slug: a.Slug, Title: t.Title, Summary: t.Summary,
			Tags: t.Tags, Scenarios: a.Scenarios, UpdatedAt: t.UpdatedAt.Time(), edition: e,
			content: &content{body: t.Body, locale: locale, category: category.Slug, derived: derived, links: b.links},
		}
		was := b.before[locale+"/"+a.Slug]
		if was != nil && was.content.sameAs(shown.content) {
			shown.content = was.content
		}
		switch same := was != nil && was.ID == a.ID && was.Version == t.Live && was.Derived; {
		case derived && same:
			shown.Title, shown.Summary, shown.Tags = was.Title, was.Summary, was.Tags
		case derived:
			shown.Title, shown.Summary, shown.Tags = Traditional(t.Title), Traditional(t.Summary), traditionalAll(t.Tags)
		}
		category.Articles = append(category.Articles, shown)
		e.articles[a.Slug] = shown
	}
	for _, c := range b.categories {
		if k := bySlug[c.Slug]; len(k.Articles) > 0 {
			e.categories = append(e.categories, k)
		}
	}
	e.popular = popular(e.categories)
	return e
}

// textFor returns the live text of an article in a locale, and whether it is
// still to be converted.
func textFor(a *store.Article, locale string) (t store.ArticleText, derived, ok bool) {
	if t, ok = a.Texts[locale]; ok {
		return t, false, true
	}
	t, ok = a.Texts[derivedFrom[locale]]
	return t, ok, ok
}

func categoryIn(c store.Category, locale string) *Category {
	t, ok := c.Texts[locale]
	if !ok && derivedFrom[locale] != "" {
		if t, ok = c.Texts[derivedFrom[locale]]; ok {
			t.Title, t.Description = Traditional(t.Title), Traditional(t.Description)
		}
	}
	return &Category{Locale: locale, Slug: c.Slug, Icon: c.Icon, Title: cmp.Or(t.Title, c.Slug), Description: t.Description}
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
		return e.get()
	}
	return s.editions[desk.Locales[0]].get()
}

// Warm makes what is otherwise made when it is first asked for: the search
// indexes of all languages. It takes about a second for a thousand articles.
func (s *Snapshot) Warm() {
	for _, locale := range desk.ReadingLocales {
		s.edition(locale) // pages wait for these, searches only for the indexes
	}
	for _, locale := range desk.ReadingLocales {
		s.edition(locale).index()
	}
}

// Home returns the first page's content in a locale.
func (s *Snapshot) Home(locale string) Home {
	e := s.edition(locale)
	return Home{Categories: e.categories, Popular: e.popular}
}

// Category returns a category that has articles in the locale, or nil. An old
// slug leads to the category that had it: its Slug then differs.
func (s *Snapshot) Category(locale, slug string) *Category {
	find := func(slug string) *Category {
		for _, c := range s.edition(locale).categories {
			if c.Slug == slug {
				return c
			}
		}
		return nil
	}
	if c := find(slug); c != nil || s.moved[slug] == "" {
		return c
	}
	return find(s.moved[slug])
}

// Article returns an article in the locale, or nil when it cannot be read
// there; and where the same article is in the other languages (their words may
// not be there yet when the article itself can be read). Its category may have
// changed, and an old slug leads to the article that had it: compare Path
// before answering under the address that was asked for.
func (s *Snapshot) Article(locale, slug string) (article *Article, others []*Article) {
	slug = s.links.current(slug)
	if s.links.known[slug] == "" {
		return nil, nil
	}
	article = s.edition(locale).articles[slug]
	for _, l := range desk.ReadingLocales {
		if l == locale {
			continue
		}
		b := s.editions[l].from.Load()
		other := func() *Article { return s.edition(l).articles[slug] }
		if b != nil && article != nil {
			other = func() *Article { return b.sketch(slug, l) }
		}
		if a := other(); a != nil {
			others = append(others, a)
		}
	}
	return article, others
}

// sketch returns where an article is in an edition that is not made yet, without
// its words: the first reader must not wait until all titles are converted.
func (b *builder) sketch(slug, locale string) *Article {
	for i := range b.articles {
		a := &b.articles[i]
		if a.Slug != slug {
			continue
		}
		t, derived, ok := textFor(a, locale)
		if !ok {
			return nil
		}
		return &Article{
			ID: a.ID, Version: t.Live, Locale: locale, Derived: derived, Slug: slug, UpdatedAt: t.UpdatedAt.Time(),
			Category: &Category{Locale: locale, Slug: b.slugs[a.CategoryID]},
		}
	}
	return nil
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

// Articles returns every article that can be read in a locale, by category.
func (s *Snapshot) Articles(locale string) []*Article {
	var out []*Article
	for _, c := range s.edition(locale).categories {
		out = append(out, c.Articles...)
	}
	return out
}
