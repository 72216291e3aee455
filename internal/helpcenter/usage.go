package helpcenter

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	// flushEvery is how long a count may wait for the database.
	flushEvery = 5 * time.Second
	// closePatience is how long a node that stops waits to write its counts.
	closePatience = 5 * time.Second
	// shards keep readers of different articles out of each other's way.
	shards = 16
	// maxQueries bounds the different queries that are held between two flushes:
	// a flood of random ones is counted without being told apart.
	maxQueries = 2000
	// secondsADay, for numbering days since 1970-01-01 UTC.
	secondsADay = 24 * 60 * 60
)

// Usage counts, without a trace of who it was, what is read and looked for.
// Counting takes a fraction of a microsecond: it may stand on the path of every
// page. The counts reach the database every few seconds and when the node stops.
type Usage struct {
	store *store.Store
	log   *slog.Logger

	views [shards]viewShard

	searching sync.Mutex
	searches  map[searchKey]*searchCount

	flushing sync.Mutex // one flush at a time
}

type viewKey struct {
	article desk.ID
	day     int32
	locale  uint8 // of desk.ReadingLocales
}

type viewShard struct {
	mu     sync.Mutex
	counts map[viewKey]int64
	spare  map[viewKey]int64 // emptied by a flush; the two take turns
	_      [40]byte          // a cache line of its own
}

type searchKey struct {
	day    int32
	locale uint8
	query  string // as [LoggedQuery] gives it; "" for what is counted without being told
}

type searchCount struct{ searches, nothing, clicks int64 }

func newUsage(s *store.Store, log *slog.Logger) *Usage {
	u := &Usage{store: s, log: log, searches: map[searchKey]*searchCount{}}
	for i := range u.views {
		u.views[i].counts, u.views[i].spare = map[viewKey]int64{}, map[viewKey]int64{}
	}
	return u
}

// Usage returns the node's counters.
func (c *Center) Usage() *Usage { return c.usage }

// Close writes the last counts. Call it when no page is served any more and
// the store is still open.
func (c *Center) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closePatience)
	defer cancel()
	return c.usage.Flush(ctx)
}

func (u *Usage) today() int32 { return int32(u.store.Now().Unix() / secondsADay) }

// Viewed counts a reading of an article in a language. It does not allocate.
func (u *Usage) Viewed(article desk.ID, locale string) {
	if article == 0 {
		return
	}
	k := viewKey{article, u.today(), localeIndex(locale)}
	s := &u.views[uint64(article)%shards]
	s.mu.Lock()
	s.counts[k]++
	s.mu.Unlock()
}

// Searched counts a search that somebody sent off (not one while typing) and
// whether it found anything. What could name somebody is counted, not kept.
func (u *Usage) Searched(locale, query string, hits int) {
	u.search(locale, query, func(c *searchCount) {
		c.searches++
		if hits == 0 {
			c.nothing++
		}
	})
}

// Clicked counts that a search led to an article.
func (u *Usage) Clicked(locale, query string, _ desk.ID) {
	u.search(locale, query, func(c *searchCount) { c.clicks++ })
}

func (u *Usage) search(locale, query string, count func(*searchCount)) {
	logged, _ := LoggedQuery(query)
	k := searchKey{u.today(), localeIndex(locale), logged}
	u.searching.Lock()
	defer u.searching.Unlock()
	c := u.searches[k]
	if c == nil {
		if len(u.searches) >= maxQueries {
			k.query = ""
			c = u.searches[k]
		}
		if c == nil {
			c = new(searchCount)
			u.searches[k] = c
		}
	}
	count(c)
}

// localeIndex numbers the languages; an unknown one counts as the shipped one
// that fits it best.
func localeIndex(locale string) uint8 {
	for range 2 {
		for i, l := range desk.ReadingLocales {
			if l == locale {
				return uint8(i)
			}
		}
		locale = desk.KnownLocale(locale)
	}
	return 0
}

func dayName(day int32) string {
	return time.Unix(int64(day)*secondsADay, 0).UTC().Format(time.DateOnly)
}

// run flushes every few seconds until ctx ends. Counts that cannot be written
// are kept.
func (u *Usage) run(ctx context.Context) {
	store.Every(ctx, flushEvery, u.log, "counting what is read and looked for", u.Flush)
}

// Flush writes the counts to the database, all or none: when it fails they are
// kept for the next time. Counts of articles that were deleted are dropped.
func (u *Usage) Flush(ctx context.Context) error {
	u.flushing.Lock()
	defer u.flushing.Unlock()
	articles, searches := u.take()
	if len(articles)+len(searches) == 0 {
		return nil
	}
	err := u.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.AddArticleUsage(articles); err != nil {
			return err
		}
		return tx.AddSearchUsage(searches)
	})
	if err != nil {
		u.putBack(articles, searches)
		return fmt.Errorf("write usage: %w", err)
	}
	return nil
}

// take empties the counters.
func (u *Usage) take() (articles []store.ArticleUsage, searches []store.SearchUsage) {
	for i := range u.views {
		s := &u.views[i]
		s.mu.Lock()
		full := s.counts
		s.counts = s.spare
		s.mu.Unlock()
		for k, n := range full {
			articles = append(articles, store.ArticleUsage{Day: dayName(k.day), ArticleID: k.article, Locale: desk.ReadingLocales[k.locale], Views: n})
		}
		clear(full)
		s.mu.Lock()
		s.spare = full
		s.mu.Unlock()
	}
	u.searching.Lock()
	taken := u.searches
	u.searches = map[searchKey]*searchCount{}
	u.searching.Unlock()
	for k, c := range taken {
		searches = append(searches, store.SearchUsage{
			Day: dayName(k.day), Locale: desk.ReadingLocales[k.locale], Query: k.query, Searches: c.searches, Nothing: c.nothing, Clicks: c.clicks,
		})
	}
	return articles, searches
}

// putBack adds what could not be written to what was counted meanwhile.
func (u *Usage) putBack(articles []store.ArticleUsage, searches []store.SearchUsage) {
	for _, a := range articles {
		k := viewKey{a.ArticleID, dayNumber(a.Day), localeIndex(a.Locale)}
		s := &u.views[uint64(a.ArticleID)%shards]
		s.mu.Lock()
		s.counts[k] += a.Views
		s.mu.Unlock()
	}
	u.searching.Lock()
	defer u.searching.Unlock()
	for _, q := range searches {
		k := searchKey{dayNumber(q.Day), localeIndex(q.Locale), q.Query}
		c := u.searches[k]
		if c == nil {
			if len(u.searches) >= maxQueries {
				k.query = ""
			}
			if c = u.searches[k]; c == nil {
				c = new(searchCount)
				u.searches[k] = c
			}
		}
		c.searches += q.Searches
		c.nothing += q.Nothing
		c.clicks += q.Clicks
	}
}

func dayNumber(name string) int32 {
	t, err := time.Parse(time.DateOnly, name)
	if err != nil {
		return 0 // it is our own [dayName]
	}
	return int32(t.Unix() / secondsADay)
}
