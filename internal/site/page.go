package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

const htmlType = "text/html; charset=utf-8"

// page is what the layout shows; Main is the page's own.
type page struct {
	words
	Locale      string
	Brand       string
	ExchangeURL string
	PrivacyURL  string
	Title       string // without the brand
	Description string
	Path        string // of this page, for the way back
	Canonical   string // absolute; "" for pages that are nobody's to find
	NoIndex     bool
	Theme       string // light, dark or "" for the system's
	Demo        bool
	Home        bool // the first page: its search box is the big one
	Query       string
	Alternates  []alternate
	Crumbs      []crumb
	Questions   []question
	CSS, JS     string // addresses of the built files, "" when not built
	OGType      string
	Languages   []alternate
	Notices     []notice
	Main        any

	base string // of the tenant
}

// alternate is the page in another language.
type alternate struct {
	Locale, Name, URL string
	Here              bool // the language that is being read
}

type crumb struct{ Name, URL string }

// notice is an announcement in the reader's language.
type notice struct {
	ID, Level, Title, Body, URL string
}

// Lasting reports whether it stays up: an incident is not to be hidden.
func (n notice) Lasting() bool { return n.Level == string(announce.Incident) }

var localeNames = map[string]string{"en": "English", "zh-CN": "简体中文", "zh-TW": "繁體中文"}

// page begins a page whose title is a text of the catalogue, at a path below
// the locale ("/contact").
func (q *request) page(title, path string) *page {
	p := &page{
		words: q.words, Locale: q.locale, Brand: q.words["brand"], ExchangeURL: q.s.d.Brand.ExchangeURL, PrivacyURL: q.s.d.Brand.PrivacyURL,
		Theme: themeOf(q.r), Demo: q.s.d.Demo, CSS: q.s.assets["style.css"], JS: q.s.assets["site.js"], OGType: "website", base: q.at.base,
		Path: "/" + q.locale + path, Notices: q.notices(),
	}
	if title != "" {
		p.Title = p.T(title)
	}
	for _, l := range desk.ReadingLocales {
		p.Languages = append(p.Languages, alternate{l, localeNames[l], "/" + l + path, l == q.locale})
	}
	return p
}

func (q *request) notices() []notice {
	if q.s.d.Announce == nil {
		return nil
	}
	var out []notice
	for _, a := range q.s.d.Announce.Active(q.s.d.Now(), q.at.Entity, q.at.Region) {
		t := a.In(q.locale)
		out = append(out, notice{a.ID.String(), string(a.Level), t.Title, t.Body, a.URL})
	}
	return out
}

// findable makes a page one that search engines list, with its languages. Such
// a page is the same for everybody and is kept.
func (q *request) findable(p *page, path string, locales ...string) {
	q.keep = true
	p.Canonical = q.at.base + "/" + p.Locale + path
	p.Alternates = q.alternates(path, locales)
}

// alternates are a page's languages as hreflang names them. Readers of other
// languages are sent to the page that negotiates, or to the first language.
func (q *request) alternates(path string, locales []string) []alternate {
	var out []alternate
	for _, l := range locales {
		out = append(out, alternate{Locale: l, URL: q.at.base + "/" + l + path})
	}
	if len(out) > 0 {
		other := alternate{Locale: "x-default", URL: out[0].URL}
		if path == "/" {
			other.URL = q.at.base + "/"
		}
		out = append(out, other)
	}
	return out
}

// LanguageHere is the name of the language that is being read.
func (p *page) LanguageHere() string { return localeNames[p.Locale] }

// FullTitle is what a tab shows.
func (p *page) FullTitle() string {
	if p.Title == "" {
		return p.T("site_title", p.Brand)
	}
	return p.Title + " · " + p.T("site_title", p.Brand)
}

// URL returns a path below the locale.
func (p *page) URL(path string) string { return "/" + p.Locale + path }

// At returns an absolute address on the page's site.
func (p *page) At(path string) string { return p.base + path }

// Date writes a day in the reader's language.
func (p *page) Date(t time.Time) string {
	if p.Locale == "en" {
		return t.Format("2 January 2006")
	}
	return t.Format("2006年1月2日")
}

// OGLocale is the locale as Open Graph writes it.
func (p *page) OGLocale() string { return ogLocale(p.Locale) }

func ogLocale(locale string) string {
	if locale == "en" {
		return "en_US"
	}
	return strings.ReplaceAll(locale, "-", "_")
}

// OtherOGLocales are the other languages of the page, for Open Graph.
func (p *page) OtherOGLocales() []string {
	var out []string
	for _, a := range p.Alternates {
		if a.Locale != p.Locale && a.Locale != "x-default" {
			out = append(out, ogLocale(a.Locale))
		}
	}
	return out
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
	q.s.count.made.Inc()
	q.w.Header().Add("Vary", "Cookie") // the chosen theme
	if p.NoIndex {
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

func (w words) plural(n int, one, many string) string {
	if n == 1 {
		return w.T(one)
	}
	return w.T(many, strconv.Itoa(n))
}

// Count writes how many articles there are.
func (w words) Count(n int) string { return w.plural(n, "one_article", "n_articles") }

// Results writes how many articles a search found.
func (w words) Results(n int) string { return w.plural(n, "one_result", "n_results") }

// otherLocales lists the languages that an article has.
func otherLocales(a *helpcenter.Article, others []*helpcenter.Article) []string {
	var out []string
	for _, l := range desk.ReadingLocales {
		if (a != nil && a.Locale == l) || slices.ContainsFunc(others, func(o *helpcenter.Article) bool { return o.Locale == l }) {
			out = append(out, l)
		}
	}
	return out
}
