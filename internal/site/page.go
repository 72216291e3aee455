package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

const htmlType = "text/html; charset=utf-8"

// page is what the layout shows; Main is the page's own.
type page struct {
	Locale      string
	Brand       string
	ExchangeURL string
	PrivacyURL  string
	Title       string // without the brand
	Description string
	Path        string // of this page, for the language switch and the way back
	Canonical   string // absolute; "" for pages that are nobody's to find
	NoIndex     bool
	Theme       string // light, dark or "" for the system's
	Demo        bool
	Home        bool // the first page: its search box is the big one
	Query       string
	Alternates  []alternate
	Crumbs      []crumb
	CSS, JS     string // addresses of the built files, "" when not built
	OGType      string
	Switch      alternate // the other language
	Main        any
}

type alternate struct{ Locale, Name, URL string }

type crumb struct{ Name, URL string }

var localeNames = map[string]string{"en": "English", "zh-CN": "简体中文"}

// page begins a page whose title is a text of the catalogue, at a path below
// the locale ("/contact").
func (q *request) page(title, path string) *page {
	p := &page{
		Locale: q.locale, Brand: q.s.d.Brand.Name(q.locale), ExchangeURL: q.s.d.Brand.ExchangeURL, PrivacyURL: q.s.d.Brand.PrivacyURL,
		Theme: themeOf(q.r), Demo: q.s.d.Demo, CSS: q.s.assets["style.css"], JS: q.s.assets["site.js"], OGType: "website",
	}
	if title != "" {
		p.Title = text(q.locale, title)
	}
	p.Path = "/" + q.locale + path
	for _, l := range desk.Locales {
		if l != q.locale {
			p.Switch = alternate{l, localeNames[l], "/" + l + path}
		}
	}
	return p
}

// findable makes a page one that search engines list, with its languages.
func (q *request) findable(p *page, path string, locales ...string) {
	p.Canonical = q.s.base + "/" + p.Locale + path
	for _, l := range locales {
		p.Alternates = append(p.Alternates, alternate{Locale: l, URL: q.s.base + "/" + l + path})
	}
	if path == "/" {
		p.Alternates = append(p.Alternates, alternate{Locale: "x-default", URL: q.s.base + "/"})
	}
}

// T returns a text of the catalogue with its arguments filled in.
func (p *page) T(key string, args ...any) string { return text(p.Locale, key, args...) }

// FullTitle is what a tab shows.
func (p *page) FullTitle() string {
	site := text(p.Locale, "site_title", p.Brand)
	if p.Title == "" {
		return site
	}
	return p.Title + " · " + site
}

// IronRule is the sentence that stands on every page.
func (p *page) IronRule() string { return desk.IronRule(p.Locale) }

// URL returns a path below the locale.
func (p *page) URL(path string) string { return "/" + p.Locale + path }

// Date writes a day in the reader's language.
func (p *page) Date(t time.Time) string {
	if p.Locale == "zh-CN" {
		return t.Format("2006年1月2日")
	}
	return t.Format("2 January 2006")
}

// Breadcrumbs is the path to the page for search engines
// (schema.org BreadcrumbList).
func (p *page) Breadcrumbs() any {
	base := strings.TrimSuffix(p.Canonical, p.Path)
	type item struct {
		Type     string `json:"@type"`
		Position int    `json:"position"`
		Name     string `json:"name"`
		Item     string `json:"item"`
	}
	var items []item
	for i, c := range p.Crumbs {
		items = append(items, item{"ListItem", i + 1, c.Name, base + c.URL})
	}
	items = append(items, item{"ListItem", len(items) + 1, p.Title, p.Canonical})
	return map[string]any{"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items}
}

// OGLocale is the locale as Open Graph writes it.
func (p *page) OGLocale() string {
	if p.Locale == "en" {
		return "en_US"
	}
	return strings.ReplaceAll(p.Locale, "-", "_")
}

//go:embed *.html
var files embed.FS

// templates holds one set per page: the layout with that page's main part.
var templates = func() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"icon": icon,
		"mark": mark,
		"add":  func(a, b int) int { return a + b },
	}).ParseFS(files, "layout.html", "parts.html"))
	out := map[string]*template.Template{}
	for _, name := range []string{"home.html", "category.html", "article.html", "search.html", "contact.html", "error.html", "notfound.html", "mail.html"} {
		out[name] = template.Must(template.Must(layout.Clone()).ParseFS(files, name))
	}
	return out
}()

// show renders a page and answers with it.
func (q *request) show(status int, name string, p *page) error {
	var buf bytes.Buffer
	if err := templates[name].Execute(&buf, p); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	q.w.Header().Add("Vary", "Cookie") // the chosen theme
	if p.Canonical == "" && status == http.StatusOK {
		q.w.Header().Set("X-Robots-Tag", "noindex")
	}
	q.write(status, htmlType, buf.Bytes())
	return nil
}

// span is a piece of text, marked or not.
type span struct {
	Text string
	Mark bool
}

// marked cuts a text at the rune offsets of its matches.
func marked(s string, spans [][2]int) []span {
	runes := []rune(s)
	var out []span
	at := 0
	for _, m := range spans {
		if m[0] < at || m[1] > len(runes) || m[0] >= m[1] {
			continue
		}
		if m[0] > at {
			out = append(out, span{Text: string(runes[at:m[0]])})
		}
		out = append(out, span{Text: string(runes[m[0]:m[1]]), Mark: true})
		at = m[1]
	}
	if at < len(runes) {
		out = append(out, span{Text: string(runes[at:])})
	}
	return out
}

func plural(locale string, n int, one, many string) string {
	if n == 1 {
		return text(locale, one)
	}
	return text(locale, many, strconv.Itoa(n))
}

// Count writes how many articles there are.
func (p *page) Count(n int) string { return plural(p.Locale, n, "one_article", "n_articles") }

// Results writes how many articles a search found.
func (p *page) Results(n int) string { return plural(p.Locale, n, "one_result", "n_results") }

// otherLocales lists the languages that an article has.
func otherLocales(a *helpcenter.Article, others []*helpcenter.Article) []string {
	var out []string
	for _, l := range desk.Locales {
		if a != nil && a.Locale == l {
			out = append(out, l)
		}
		for _, o := range others {
			if o.Locale == l {
				out = append(out, l)
			}
		}
	}
	return out
}
