package site

import (
	"bytes"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/web"
)

// cacheBytes bounds what ready pages take in memory. An article takes about
// 8 KB in one language and theme.
const cacheBytes = 32 << 20

// epoch stands for everything that pages are made from. Pages of one epoch are
// good for as long as it lasts.
type epoch struct {
	articles *helpcenter.Snapshot // that of the default site: a new one for every change
	notices  string
	contacts string
}

func (s *Site) epoch() epoch {
	e := epoch{articles: s.d.HelpCenter.Snapshot()}
	if s.d.Announce != nil {
		e.notices = s.d.Announce.Version()
	}
	if s.d.Official != nil {
		e.contacts = s.d.Official.Version()
	}
	return e
}

// entry is a page that is ready.
type entry struct {
	*web.Ready
	article *helpcenter.Article // is read with it; may be nil
}

// cache keeps answers in two generations: what nobody asked for while a whole
// generation filled up is dropped with the older one.
type cache struct {
	s          *Site
	mu         sync.RWMutex
	epoch      epoch
	young, old map[string]*entry
	size       int // of the young, in bytes
	limit      int // of a generation
}

func newCache(s *Site) *cache {
	return &cache{s: s, young: map[string]*entry{}, limit: cacheBytes / 2}
}

// get returns what is ready under a key, for the present epoch.
func (c *cache) get(now epoch, key []byte) *entry {
	c.mu.RLock()
	if c.epoch != now {
		c.mu.RUnlock()
		return nil
	}
	e, ok := c.young[string(key)]
	if ok {
		c.mu.RUnlock()
		return e
	}
	e = c.old[string(key)]
	c.mu.RUnlock()
	if e != nil {
		c.put(now, string(key), e)
	}
	return e
}

func (c *cache) put(at epoch, key string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.epoch != at {
		if at != c.s.epoch() {
			return // made from what has changed meanwhile
		}
		c.epoch, c.young, c.old, c.size = at, map[string]*entry{}, nil, 0
	}
	if _, known := c.young[key]; known {
		return
	}
	if c.size += e.Size(); c.size > c.limit {
		c.old, c.young, c.size = c.young, map[string]*entry{}, e.Size()
	}
	c.young[key] = e
}

// keep makes an answer ready and keeps it under the request's key.
func (c *cache) keep(q *request, body []byte) *entry {
	own := http.Header{}
	for _, k := range []string{"Content-Type", "Cache-Control"} {
		own.Set(k, q.w.Header().Get(k))
	}
	own.Set("Vary", "Cookie") // the chosen theme
	if q.r.URL.Path == "/" {
		own.Add("Vary", "Accept-Language")
	}
	a, err := c.s.d.Edge.NewReady(q.r.URL.Path, own, body)
	if err != nil {
		c.s.d.Logger.Error("a page cannot be kept", "path", q.r.URL.Path, "error", err)
		return nil
	}
	e := &entry{Ready: a, article: q.reads}
	c.put(q.epoch, string(pageKey(nil, q.at, q.locale, themeOf(q.r), q.r.URL.Path)), e)
	return e
}

// pageKey is what a public page depends on besides the epoch. The locale
// matters to "/" only; elsewhere it is in the path.
func pageKey(to []byte, at *tenant, locale, theme, path string) []byte {
	to = append(to, byte(at.index), byte(at.index>>8))
	switch theme {
	case "light":
		to = append(to, 'l')
	case "dark":
		to = append(to, 'd')
	default:
		to = append(to, '-')
	}
	if path == "/" {
		to = append(to, locale...)
	}
	return append(to, path...)
}

// ready returns the answer to a request when it is kept.
func (s *Site) ready(r *http.Request) *entry {
	if (r.Method != http.MethodGet && r.Method != http.MethodHead) || r.URL.RawQuery != "" || r.URL.ForceQuery {
		return nil
	}
	locale := ""
	if r.URL.Path == "/" {
		locale = localeOf(r)
	}
	var room [256]byte
	e := s.cache.get(s.epoch(), pageKey(room[:0], s.tenantAt(r.Host), locale, themeOf(r), r.URL.Path))
	if e == nil {
		return nil
	}
	s.count.kept.Inc()
	if e.article != nil && r.Method == http.MethodGet {
		s.viewed(e.article, r.UserAgent(), r.Referer())
	}
	return e
}

// Find answers for a [web.Front] what is ready; it does nothing else that a
// page would not do. See [web.NewFront].
func (s *Site) Find(q *web.Question) *web.Ready {
	at := s.tenants[0]
	if len(s.tenants) > 1 {
		at = s.tenantAt(string(q.Host))
	}
	locale := ""
	if len(q.Path) == 1 {
		locale = web.NegotiateReadingField(string(q.AcceptLanguage))
	}
	theme, ok := themeByte(q.Cookie)
	if !ok {
		return nil
	}
	var room [256]byte
	key := append(room[:0], byte(at.index), byte(at.index>>8), theme)
	key = append(append(key, locale...), q.Path...)
	e := s.cache.get(s.epoch(), key)
	if e == nil {
		return nil
	}
	s.count.front.Inc()
	if e.article != nil && !q.Head {
		s.viewed(e.article, string(q.UserAgent), string(q.Referer))
	}
	return e.Ready
}

var themeName = []byte(themeCookie)

// themeByte reads the chosen theme as [themeOf] does. What browsers do not send
// (the cookie twice, or with another value) is not ok: the handler reads it.
func themeByte(cookies []byte) (theme byte, ok bool) {
	switch bytes.Count(cookies, themeName) {
	case 0:
		return '-', true
	case 1:
	default:
		return '-', false
	}
	for len(cookies) > 0 {
		var one []byte
		one, cookies, _ = bytes.Cut(cookies, []byte(";"))
		switch string(bytes.Trim(one, " \t")) {
		case themeCookie + "=light":
			return 'l', true
		case themeCookie + "=dark":
			return 'd', true
		}
	}
	return '-', false
}

type counters struct{ front, kept, made prometheus.Counter }

func newCounters(to prometheus.Registerer) counters {
	pages := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "veridesk_site_pages_total", Help: "Help Center pages answered, by how: from the connection, kept ready, or made anew.",
	}, []string{"how"})
	if to != nil {
		to.MustRegister(pages)
	}
	return counters{pages.WithLabelValues("front"), pages.WithLabelValues("kept"), pages.WithLabelValues("made")}
}
