package site

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

// Deps is what the site needs.
type Deps struct {
	Store      *store.Store // holds the demo's mail; may be nil otherwise
	HelpCenter *helpcenter.Center
	Announce   *announce.Center   // nil: nothing is announced
	Official   *official.Registry // nil: the contact page names our own channels only
	Edge       *web.Edge          // nil: answers carry no security headers, posts from anywhere are taken
	Assets     *web.Assets        // nil: those built into the binary
	Brand      desk.Brand
	PublicURL  string // such as https://help.example.com, for canonical addresses
	Entity     string // whose articles are shown at PublicURL; "" those for all
	Region     string
	Sites      []Tenant // further addresses, for other entities and regions
	Demo       bool     // adds /demo/mail and says that this is a demonstration
	Logger     *slog.Logger
	Metrics    prometheus.Registerer
	Now        func() time.Time // nil: time.Now
}

// Tenant is the Help Center of a legal entity and region at an address of its
// own.
type Tenant struct {
	Host      string // as in the Host header, in lower case, with the port unless it is the scheme's own
	Entity    string
	Region    string
	PublicURL string
}

// Site serves the pages. It is an http.Handler for "/".
type Site struct {
	d       Deps
	tenants []*tenant // the first one answers hosts that nobody registered
	hosts   map[string]*tenant
	mux     *http.ServeMux
	assets  map[string]string // file → address with its version; absent when not built
	words   map[string]func() words
	cache   *cache
	count   counters
}

// tenant is one of the site's addresses.
type tenant struct {
	Tenant
	index int
	base  string // PublicURL without a slash at its end
	host  string // of PublicURL
}

// New returns the site.
func New(d Deps) *Site {
	if d.Assets == nil {
		d.Assets = web.NewAssets(nil)
	}
	if d.Logger == nil {
		d.Logger = slog.Default()
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	s := &Site{d: d, hosts: map[string]*tenant{}, mux: http.NewServeMux(), assets: map[string]string{}, words: map[string]func() words{}}
	for i, t := range append([]Tenant{{Entity: d.Entity, Region: d.Region, PublicURL: d.PublicURL}}, d.Sites...) {
		n := &tenant{Tenant: t, index: i, base: strings.TrimSuffix(t.PublicURL, "/")}
		if u, err := url.Parse(t.PublicURL); err == nil {
			n.host = u.Host
		}
		s.tenants = append(s.tenants, n)
		for _, h := range []string{strings.ToLower(t.Host), n.host} {
			if _, taken := s.hosts[h]; h != "" && !taken {
				s.hosts[h] = n
			}
		}
	}
	for _, name := range []string{"style.css", "site.js"} {
		if v := d.Assets.Version("site/" + name); v != "" {
			s.assets[name] = "/site/" + v + "/" + name
		}
	}
	for _, l := range desk.ReadingLocales {
		s.words[l] = sync.OnceValue(func() words { return wordsOf(l, d.Brand) })
	}
	s.count = newCounters(d.Metrics)
	s.cache = newCache(s)
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
	for _, l := range desk.ReadingLocales {
		page("GET /"+l+"/{$}", (*request).home)
		page("GET /"+l+"/c/{category}", (*request).category)
		page("GET /"+l+"/a/{category}/{slug}", (*request).article)
		page("POST /"+l+"/a/{category}/{slug}/vote", (*request).vote)
		page("GET /"+l+"/search", (*request).search)
		page("GET /"+l+"/contact", (*request).contact)
		page("GET /"+l+"/announcements.xml", (*request).announcements)
		page("GET /"+l+"/manifest.webmanifest", (*request).manifest)
	}
	page("POST /theme", (*request).theme)
	page("GET /sitemap.xml", (*request).sitemap)
	page("GET /robots.txt", (*request).robots)
	page("GET /favicon.svg", (*request).favicon)
	for name := range pictures {
		page("GET /"+name, (*request).picture)
	}
	page("GET /media/{name}", (*request).media)
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
	at     *tenant
	locale string
	words  words
	snap   *helpcenter.Snapshot
	epoch  epoch               // what the answer is made from
	keep   bool                // the answer is the same for everybody who asks alike
	reads  *helpcenter.Article // what is read with it; may be nil
}

// ServeHTTP implements http.Handler.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The mux would clean a path by redirecting to it; nothing of ours lies there.
	if strings.Contains(r.URL.Path, "//") || strings.Contains(r.URL.Path, "/.") {
		s.serve(w, r, (*request).notFound)
		return
	}
	if a := s.ready(r); a != nil {
		a.ServeHTTP(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Site) serve(w http.ResponseWriter, r *http.Request, h func(*request) error) {
	q := &request{s: s, w: w, r: r, at: s.tenantAt(r.Host), locale: localeOf(r)}
	q.words = s.words[q.locale]()
	q.epoch = s.epoch() // before what it stands for, so that an answer is never thought newer than it is
	q.snap = s.d.HelpCenter.SnapshotFor(q.at.Entity, q.at.Region)
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

// tenantAt is whose site a Host header asks for. What nobody registered is
// never repeated in a page: canonical addresses come from the configuration.
func (s *Site) tenantAt(host string) *tenant {
	if len(s.tenants) == 1 {
		return s.tenants[0]
	}
	if t, ok := s.hosts[host]; ok {
		return t
	}
	if t, ok := s.hosts[strings.ToLower(host)]; ok {
		return t
	}
	return s.tenants[0]
}

// localeOf is the locale of the path, or what the reader's browser prefers.
func localeOf(r *http.Request) string {
	head, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if slices.Contains(desk.ReadingLocales, head) {
		return head
	}
	return web.NegotiateReading(r)
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

const forever = "public, max-age=31536000, immutable"

// foreverWriter lets an answer be cached for good: its address is its content.
type foreverWriter struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *foreverWriter) WriteHeader(status int) {
	if status == http.StatusOK || status == http.StatusNotModified || status == http.StatusPartialContent {
		w.Header().Set("Cache-Control", forever)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (w *foreverWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
