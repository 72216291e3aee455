package site

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/veridesk/veridesk/internal/desk"
)

// rewriting is one page on its way to a file.
type rewriting struct {
	w          *exporter
	ctx        context.Context //nolint:containedctx // lives as long as one call of rewrite
	from, file string          // path on the live site, file
	locale     string
	top        string // from the file to the folder: "../" once for each level
}

// rewrite makes a page of the live site one that stands alone: links lead to
// files, what needs the desk leads to it or is gone.
func (w *exporter) rewrite(ctx context.Context, from, file string, body []byte) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read the page: %w", err)
	}
	_, locale, _ := cutLocale(from)
	r := &rewriting{w: w, ctx: ctx, from: from, file: file, locale: locale, top: relative(file, "")}
	if u, err := url.Parse(w.o.Base); file == "404.html" && w.o.Base != "" && err == nil {
		r.top = strings.TrimSuffix(u.Path, "/") + "/" // it is shown under any address
	}
	var nodes []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			nodes = append(nodes, n)
		}
	}
	for _, n := range nodes {
		if n.Parent == nil || detached(n, doc) {
			continue
		}
		if err := r.element(n); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := html.Render(&out, doc); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return out.Bytes(), nil
}

// detached reports whether a node was removed with what it stood in.
func detached(n, doc *html.Node) bool {
	for n.Parent != nil {
		n = n.Parent
	}
	return n != doc
}

func (r *rewriting) element(n *html.Node) error {
	switch n.DataAtom {
	case atom.Html:
		if r.file == "index.html" {
			set(n, "data-front", strings.Join(r.w.o.Locales, " "))
		}
	case atom.Meta:
		return r.meta(n)
	case atom.Link:
		return r.link(n)
	case atom.Script:
		return r.script(n)
	case atom.A:
		return r.anchor(n)
	case atom.Form:
		return r.form(n)
	case atom.Img:
		src := get(n, "src")
		if !strings.HasPrefix(src, "/media/") {
			return fmt.Errorf("it shows %q, which is no picture of ours", src)
		}
		r.w.wanted = append(r.w.wanted, wantedFile{src, r.from})
		set(n, "src", r.top+strings.TrimPrefix(src, "/"))
	case atom.Section:
		if get(n, "id") == "vote" {
			r.vote(n)
		}
	case atom.Li:
		if get(n, "id") == "ch_chat" && r.w.o.Live == "" {
			n.Parent.RemoveChild(n)
		}
	}
	return nil
}

func (r *rewriting) meta(n *html.Node) error {
	switch {
	case get(n, "charset") != "":
		policy := element("meta", "http-equiv", "Content-Security-Policy", "content", r.w.policy())
		n.Parent.InsertBefore(policy, n.NextSibling)
		n.Parent.InsertBefore(element("meta", "name", "referrer", "content", "strict-origin-when-cross-origin"), policy.NextSibling)
	case slices.Contains([]string{"og:url", "og:image"}, get(n, "property")):
		base := r.w.site.tenants[0].base
		if base == "" {
			n.Parent.RemoveChild(n)
			return nil
		}
		set(n, "content", r.w.canonical(strings.TrimPrefix(get(n, "content"), base)))
	}
	return nil
}

// policy is what a server would send as a header. frame-ancestors cannot be
// said in a page.
func (w *exporter) policy() string {
	live := ""
	if w.loads() {
		live = " " + origin(w.o.Live)
	}
	frames := ""
	if live != "" {
		frames = "; frame-src" + live
	}
	return "default-src 'none'; script-src 'self'" + live + "; style-src 'self'; img-src 'self'; manifest-src 'self'" + frames +
		"; base-uri 'none'; form-action 'self'; require-trusted-types-for 'script'"
}

// loads reports whether pages load the chat button of the live desk.
func (w *exporter) loads() bool { return w.o.Live != "" && (w.o.Base == "" || w.o.Embeds) }

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (r *rewriting) link(n *html.Node) error {
	href := get(n, "href")
	rel := get(n, "rel")
	base := r.w.site.tenants[0].base
	switch {
	case rel == "canonical" || (rel == "alternate" && get(n, "hreflang") != ""):
		p := strings.TrimPrefix(href, base)
		_, locale, _ := cutLocale(p)
		if base == "" || (r.w.o.Base != "" && p != "/" && !slices.Contains(r.w.o.Locales, locale)) {
			n.Parent.RemoveChild(n)
			return nil
		}
		set(n, "href", r.w.canonical(p))
	case rel == "stylesheet":
		return r.asset(n, "href", "style.css")
	default:
		file, ok := r.w.pages[href]
		if !ok {
			return fmt.Errorf("its head links to %q, which is not exported", href)
		}
		set(n, "href", r.top+file)
	}
	return nil
}

func (r *rewriting) script(n *html.Node) error {
	src := get(n, "src")
	base := r.w.site.tenants[0].base
	switch {
	case get(n, "type") == "application/ld+json":
		if base == "" {
			n.Parent.RemoveChild(n)
			return nil
		}
		if n.FirstChild != nil {
			n.FirstChild.Data = r.structured(n.FirstChild.Data)
		}
	case strings.HasSuffix(src, "/site.js"):
		if r.file == r.locale+"/search.html" {
			for _, name := range []string{"export_search.js", "search-" + r.locale} { // the data stands before the script
				if file, ok := r.w.assets[name]; ok {
					n.Parent.InsertBefore(element("script", "src", r.top+file, "defer", ""), n.NextSibling)
				}
			}
		}
		return r.asset(n, "src", "export.js")
	case src == "/widget/loader.js":
		if !r.w.loads() {
			n.Parent.RemoveChild(n)
			return nil
		}
		set(n, "src", r.w.o.Live+src)
	default:
		return fmt.Errorf("it has a script %q that is not exported", src)
	}
	return nil
}

// structured makes the addresses in a page's data those of the written files.
func (r *rewriting) structured(data string) string {
	if r.w.o.Base == "" {
		return data
	}
	var pairs []string
	base := r.w.site.tenants[0].base
	for p := range r.w.pages {
		pairs = append(pairs, `"`+base+p+`"`, `"`+r.w.canonical(p)+`"`)
	}
	return strings.NewReplacer(pairs...).Replace(data)
}

func (r *rewriting) asset(n *html.Node, attr, name string) error {
	file, ok := r.w.assets[name]
	if !ok {
		n.Parent.RemoveChild(n)
		return nil
	}
	set(n, attr, r.top+file)
	return nil
}

func (r *rewriting) anchor(n *html.Node) error {
	href := get(n, "href")
	u, err := url.Parse(href)
	if err != nil {
		return fmt.Errorf("its link %q is no address: %w", href, err)
	}
	switch {
	case u.Path == "/app" && u.Host == "":
		r.chat(n, href)
	case u.Scheme != "" || u.Host != "" || u.Path == "": // elsewhere, or on this page
	case inMenu(n):
		r.language(n, u)
	case r.elsewhere(u.Path):
		r.abroad(n, href)
	default:
		file, err := r.target(u.Path)
		if err != nil {
			return fmt.Errorf("its link %q leads nowhere: %w", href, err)
		}
		r.lead(n, file, u.Fragment)
	}
	return nil
}

func (r *rewriting) lead(n *html.Node, file, fragment string) {
	to := r.top + file
	if file == r.file && fragment != "" {
		to = ""
	}
	if fragment != "" {
		to += "#" + (&url.URL{Fragment: fragment}).EscapedFragment()
	}
	set(n, "href", to)
}

// target is the file of a path; one that has moved is followed.
func (r *rewriting) target(p string) (string, error) {
	for range 3 {
		if file, ok := r.w.pages[p]; ok {
			return file, nil
		}
		answer := r.w.fetch(r.ctx, p)
		if answer.Code != http.StatusMovedPermanently {
			return "", desk.Errorf(desk.NotFound, "%s is not exported", p)
		}
		to, err := url.Parse(answer.Header().Get("Location"))
		if err != nil {
			return "", fmt.Errorf("%s leads to an unreadable address: %w", p, err)
		}
		p = path.Clean(to.Path)
		if strings.HasSuffix(to.Path, "/") && p != "/" {
			p += "/"
		}
	}
	return "", desk.Errorf(desk.NotFound, "%s leads in a circle", p)
}

// inMenu reports whether a link switches the language.
func inMenu(n *html.Node) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if p.DataAtom == atom.Details && slices.Contains(strings.Fields(get(p, "class")), "menu") {
			return true
		}
	}
	return false
}

// language leads to the page in another language, or to that language's first
// page when it has none.
func (r *rewriting) language(n *html.Node, u *url.URL) {
	locale := get(n, "hreflang")
	if !slices.Contains(r.w.o.Locales, locale) {
		n.Parent.Parent.RemoveChild(n.Parent)
		return
	}
	file, ok := r.w.pages[u.Path]
	if !ok {
		file = locale + "/index.html"
	}
	r.lead(n, file, "")
}

// elsewhere reports whether a path is in a language that is not exported.
func (r *rewriting) elsewhere(p string) bool {
	_, locale, _ := cutLocale(p)
	return slices.Contains(desk.ReadingLocales, locale) && !slices.Contains(r.w.o.Locales, locale)
}

// abroad leads to the live page in a language that is not exported; without a
// desk the link goes, with its place in a list.
func (r *rewriting) abroad(n *html.Node, href string) {
	if r.w.o.Live != "" {
		set(n, "href", r.w.o.Live+href)
		return
	}
	gone := n
	for gone.Parent.DataAtom == atom.Li || (gone.DataAtom == atom.Li && only(gone)) {
		gone = gone.Parent
	}
	gone.Parent.RemoveChild(gone)
}

// only reports whether an element has no others beside it.
func only(n *html.Node) bool {
	for c := range n.Parent.ChildNodes() {
		if c != n && c.Type == html.ElementNode {
			return false
		}
	}
	return true
}

// chat leads to the live desk's chat; without one, to the official channels.
func (r *rewriting) chat(n *html.Node, href string) {
	scenario := get(n, "data-chat")
	if r.w.o.Live != "" {
		set(n, "href", r.w.o.Live+href)
		if !r.w.o.Embeds {
			unset(n, "data-chat")
		}
		return
	}
	unset(n, "data-chat")
	unset(n, "data-text")
	if scenario != "" && scenario != string(desk.SuspectedTheft) {
		n.Parent.RemoveChild(n) // "chat about this"
		return
	}
	r.lead(n, r.locale+"/contact.html", "channels-title")
}

func (r *rewriting) form(n *html.Node) error {
	switch {
	case get(n, "role") == "search":
		// Without its name the text is not part of any address that a server sees; the script
		// puts it behind a "#", which stays in the browser.
		set(n, "action", r.top+r.locale+"/search.html")
		for _, a := range []string{"data-suggest", "data-label", "data-some", "data-none"} {
			unset(n, a)
		}
		for d := range n.Descendants() {
			if d.DataAtom == atom.Input {
				unset(d, "name")
			}
		}
	case slices.Contains(strings.Fields(get(n, "class")), "theme"):
		// Only the script can switch it; it takes the form out of its template.
		unset(n, "method")
		unset(n, "action")
		wrapped := element("template", "data-theme-form", "")
		n.Parent.InsertBefore(wrapped, n)
		n.Parent.RemoveChild(n)
		wrapped.AppendChild(n)
		for d := range n.Descendants() {
			if d.DataAtom == atom.Input {
				d.Parent.RemoveChild(d)
				break
			}
		}
	default:
		if !within(n, "vote") {
			return fmt.Errorf("it has a form for %q, which needs a server", get(n, "action"))
		}
	}
	return nil
}

func within(n *html.Node, id string) bool {
	for p := n.Parent; p != nil; p = p.Parent {
		if get(p, "id") == id {
			return true
		}
	}
	return false
}

// vote leads to the live page, where answers are taken.
func (r *rewriting) vote(n *html.Node) {
	parent := n.Parent
	if r.w.o.Live != "" {
		w := r.w.site.words[r.locale]()
		p := element("p", "class", "meta")
		p.AppendChild(&html.Node{Type: html.TextNode, Data: w.T("vote_title") + " "})
		a := element("a", "href", r.w.o.Live+r.from+"#vote")
		a.AppendChild(&html.Node{Type: html.TextNode, Data: w.T("vote_live")})
		p.AppendChild(a)
		parent.InsertBefore(p, n)
	}
	parent.RemoveChild(n)
}

func element(name string, attrs ...string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: name, DataAtom: atom.Lookup([]byte(name))}
	for i := 0; i+1 < len(attrs); i += 2 {
		n.Attr = append(n.Attr, html.Attribute{Key: attrs[i], Val: attrs[i+1]})
	}
	return n
}

func get(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func set(n *html.Node, key, value string) {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			n.Attr[i].Val = value
			return
		}
	}
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func unset(n *html.Node, key string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}
