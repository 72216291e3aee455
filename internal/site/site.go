package site

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

// Deps is what the site needs.
type Deps struct {
	Store      *store.Store // the demo's mail; may be nil otherwise
	HelpCenter *helpcenter.Center
	Assets     *web.Assets // nil: those built into the binary
	Brand      desk.Brand
	PublicURL  string // such as https://help.example.com, for canonical addresses
	Demo       bool   // adds /demo/mail and says that this is a demonstration
	Logger     *slog.Logger
}

// Site serves the pages. It is an http.Handler for "/".
type Site struct {
	d      Deps
	base   string // PublicURL without a slash at its end
	mux    *http.ServeMux
	assets map[string]string // file → address with its version; absent when not built
}

// New returns the site.
func New(d Deps) *Site {
	if d.Assets == nil {
		d.Assets = web.NewAssets(nil)
	}
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	s := &Site{d: d, base: strings.TrimSuffix(d.PublicURL, "/"), mux: http.NewServeMux(), assets: map[string]string{}}
	for _, name := range []string{"style.css", "site.js"} {
		if v := d.Assets.Version("site/" + name); v != "" {
			s.assets[name] = "/site/" + v + "/" + name
		}
	}
	s.routes()
	return s
}

// Register mounts the site at "/", below everything more specific.
func (s *Site) Register(mux *http.ServeMux) { mux.Handle("/", s) }

func (s *Site) routes() {
	page := func(pattern string, h func(*request) error) {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, h) })
	}
	page("GET /{$}", (*request).front)
	for _, l := range desk.Locales {
		page("GET /"+l+"/{$}", (*request).home)
		page("GET /"+l+"/c/{category}", (*request).category)
		page("GET /"+l+"/a/{category}/{slug}", (*request).article)
		page("GET /"+l+"/search", (*request).search)
		page("GET /"+l+"/contact", (*request).contact)
	}
	page("POST /theme", (*request).theme)
	page("GET /sitemap.xml", (*request).sitemap)
	page("GET /robots.txt", (*request).robots)
	page("GET /favicon.svg", (*request).favicon)
	page("GET /favicon.ico", (*request).favicon)
	s.mux.HandleFunc("GET /site/{version}/{file}", s.file)
	if s.d.Demo {
		page("GET /demo/mail", (*request).mail)
	}
	page("/", (*request).elsewhere)
}

// request is one request with what every page needs to know about it.
type request struct {
	s      *Site
	w      http.ResponseWriter
	r      *http.Request
	locale string
	snap   *helpcenter.Snapshot
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The mux would clean a path by redirecting to it; nothing of ours lies there.
	if strings.Contains(r.URL.Path, "//") || strings.Contains(r.URL.Path, "/.") {
		s.serve(w, r, (*request).notFound)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Site) serve(w http.ResponseWriter, r *http.Request, h func(*request) error) {
	q := &request{s: s, w: w, r: r, locale: localeOf(r), snap: s.d.HelpCenter.Snapshot()}
	err := h(q)
	if err == nil {
		return
	}
	if desk.CodeOf(err) == desk.NotFound {
		err = q.notFound()
	}
	if err != nil {
		q.failed(err)
	}
}

// localeOf is the locale of the path, or what the reader's browser prefers.
func localeOf(r *http.Request) string {
	head, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if slices.Contains(desk.Locales, head) {
		return head
	}
	return web.NegotiateLocale(r)
}

// file serves a built file under an address that changes with its content.
func (s *Site) file(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if s.assets[name] != r.URL.Path {
		w.Header().Set("Cache-Control", "no-store") // an older page asks for what is gone
		http.NotFound(w, r)
		return
	}
	s.d.Assets.ServeFile(&foreverWriter{w}, r, "site/"+name)
}

// foreverWriter lets an answer be cached for good: its address is its content.
type foreverWriter struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *foreverWriter) WriteHeader(status int) {
	if status == http.StatusOK || status == http.StatusNotModified {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (w *foreverWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// write answers with a body and its entity tag, or 304 when the reader has it.
func (q *request) write(status int, contentType string, body []byte) {
	h := q.w.Header()
	h.Set("Content-Type", contentType)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache") // keep it, but ask
	}
	if status == http.StatusOK && h.Get("Cache-Control") != "no-store" {
		sum := sha256.Sum256(body)
		// Weak: compression at the edge changes the bytes, not the page.
		tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
		h.Set("Etag", tag)
		if matches(q.r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			q.w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	q.w.WriteHeader(status)
	if q.r.Method == http.MethodHead {
		return
	}
	if _, err := q.w.Write(body); err != nil {
		q.s.d.Logger.Debug("the reader left", "error", err)
	}
}

// matches compares weakly (RFC 9110 §13.1.2).
func matches(header, tag string) bool {
	for _, part := range strings.Split(header, ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// redirect sends the reader to a path of ours.
func (q *request) redirect(status int, path string) error {
	q.w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(q.w, q.r, path, status)
	return nil
}

const themeCookie = "veridesk_theme"

// themeOf is the theme chosen by hand, or "" for the system's.
func themeOf(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || (c.Value != "light" && c.Value != "dark") {
		return ""
	}
	return c.Value
}

// theme keeps the chosen theme and goes back to the page. The cookie lets the
// server send the right page at once, without a flash of the other theme.
func (q *request) theme() error {
	value := q.r.PostFormValue("theme")
	if value != "light" && value != "dark" {
		value = ""
	}
	c := &http.Cookie{
		Name: themeCookie, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(q.s.base, "https:"),
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(q.w, c)
	return q.redirect(http.StatusSeeOther, localPath(q.r.PostFormValue("back")))
}

// localPath returns a path of this site, whatever was asked for.
func localPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(back, "/") ||
		strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

// elsewhere answers paths that no page has: spellings of a language that mean
// one of ours are led there, the rest is not found.
func (q *request) elsewhere() error {
	head, rest, _ := strings.Cut(strings.TrimPrefix(q.r.URL.Path, "/"), "/")
	if to, ok := aliases[strings.ToLower(head)]; ok && to != head && (q.r.Method == http.MethodGet || q.r.Method == http.MethodHead) {
		u := url.URL{Path: "/" + to + "/" + rest, RawQuery: q.r.URL.RawQuery}
		return q.redirect(http.StatusMovedPermanently, u.String())
	}
	// "/en" and "/en/c/security/" are near misses of people who type addresses.
	if path := q.r.URL.Path; slices.Contains(desk.Locales, head) {
		switch {
		case rest == "" && !strings.HasSuffix(path, "/"):
			return q.redirect(http.StatusMovedPermanently, path+"/")
		case rest != "" && strings.HasSuffix(path, "/"):
			return q.redirect(http.StatusMovedPermanently, (&url.URL{Path: strings.TrimRight(path, "/")}).String())
		}
	}
	return desk.Errorf(desk.NotFound, "no such page")
}

var aliases = map[string]string{
	"en": "en", "en-us": "en", "en-gb": "en",
	"zh": "zh-CN", "zh-cn": "zh-CN", "zh-hans": "zh-CN", "zh-hans-cn": "zh-CN", "cn": "zh-CN",
}

func (q *request) failed(err error) {
	if desk.CodeOf(err) == desk.Internal {
		web.Logger(q.r.Context()).Error("a page failed", "path", q.r.URL.Path, "error", err)
	}
	status, body := web.Answer(q.r.Context(), err)
	q.w.Header().Set("Cache-Control", "no-store")
	p := q.page("error_title", "")
	p.NoIndex = true
	p.Main = struct{ Message, RequestID string }{body.Message, body.RequestID}
	var buf bytes.Buffer
	if rerr := templates["error.html"].Execute(&buf, p); rerr != nil {
		web.WriteError(q.w, q.r, err) // the layout itself is broken
		return
	}
	q.write(status, htmlType, buf.Bytes())
}
