package helpcenter

import (
	"cmp"
	"html/template"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Article is an article in one language, as readers see it. It is shared: read
// it, do not change it.
type Article struct {
	ID        desk.ID
	Version   int // number of the version that is shown
	Locale    string
	Derived   bool // converted from another script; nobody wrote it in this one
	Category  *Category
	Slug      string
	Title     string
	Summary   string
	Tags      []string
	Scenarios []desk.Scenario
	UpdatedAt time.Time // the last review, UTC

	edition *edition
	content *content
}

// HTML is the body, sanitised.
func (a *Article) HTML() template.HTML { return a.content.rendered().html }

// Headings are the body's headings of the second and third level.
func (a *Article) Headings() []Heading { return a.content.rendered().headings }

// Text is the body without markup, one block a line.
func (a *Article) Text() string { return a.content.plain() }

// Path is the article's address on the site.
func (a *Article) Path() string { return ArticlePath(a.Locale, a.Category.Slug, a.Slug) }

// Related returns up to n articles on the same trouble or with the same words
// in title and tags, best first.
func (a *Article) Related(n int) []*Article {
	all := a.edition.relatives().of(a)
	return all[:min(n, len(all))]
}

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

// content is the body of a version, rendered when somebody first reads it. A new
// snapshot takes over what the last one has rendered, unless links or pictures
// mean something else by now.
type content struct {
	body     string
	locale   string
	category string
	derived  bool
	links    *atomic.Pointer[links]

	htmlOnce sync.Once
	html     rendered
	textOnce sync.Once
	text     string
}

// source is the Markdown in the language of the content.
func (c *content) source() string {
	if c.derived {
		return TraditionalMarkdown(c.body)
	}
	return c.body
}

func (c *content) rendered() rendered {
	c.htmlOnce.Do(func() {
		var err error
		if c.html, err = render(c.source(), c.links.Load().around(c.locale, c.category)); err != nil {
			// Writing to memory cannot fail. Should it all the same, readers get the words.
			c.html.html = template.HTML(template.HTMLEscapeString(c.body)) //nolint:gosec // escaped in this line
		}
	})
	return c.html
}

func (c *content) plain() string {
	c.textOnce.Do(func() { c.text = textOf(c.source()) })
	return c.text
}

// words is plain for those who read each article once: nothing is kept.
func (c *content) words() string { return textOf(c.source()) }

// sameAs reports whether the content shows what another one does.
func (c *content) sameAs(o *content) bool {
	return c.body == o.body && c.locale == o.locale && c.category == o.category && c.derived == o.derived && c.links == o.links
}

// links is what links and pictures mean in a snapshot.
type links struct {
	known    map[string]string // slug of what can be read in some language → category
	moved    map[string]string // old slug → slug
	pictures map[string]store.Media
	paths    map[string]string // path in an imported folder → name of a picture
}

func (l *links) around(locale, category string) surroundings {
	return surroundings{
		locale: locale, category: category,
		article: func(slug string) string {
			slug = l.current(slug)
			if l.known[slug] == "" {
				return ""
			}
			return ArticlePath(locale, l.known[slug], slug) // also after the article moved to another category
		},
		picture: func(dest string) (store.Media, bool) {
			m, ok := l.pictures[cmp.Or(l.paths[picturePath(dest)], pictureName(dest))]
			return m, ok
		},
	}
}

// current is the slug that a slug leads to: itself, unless it is an old one.
func (l *links) current(slug string) string {
	if l.known[slug] == "" && l.moved[slug] != "" {
		return l.moved[slug]
	}
	return slug
}
