package helpcenter

import (
	"context"
	"log/slog"
	"maps"
	"sync"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// LinkStatus is what the registry of contacts says about an address.
type LinkStatus string

// What the registry may say.
const (
	LinkOfficial  LinkStatus = "official"
	LinkReference LinkStatus = "reference" // not ours; staff may link to it
	LinkFake      LinkStatus = "known_fake"
	LinkUnknown   LinkStatus = "unknown"
)

// Config says which articles a [Center] shows, from where, and whom it tells.
type Config struct {
	Store *store.Store
	// Blobs holds the pictures; nil: articles have none.
	Blobs blob.Store
	// Entity and Region select the articles of one legal entity and region,
	// besides those meant for all. "" shows only the latter.
	Entity string
	Region string
	// Judge tells what the registry says about the address of a link (https: or
	// mailto:); nil: no registry, every address is unknown and that stops nothing.
	Judge func(url string) LinkStatus
	// Saved is called after each commit of a change to an article's text, so that
	// others who have it open learn of it. It must not block. nil: nobody is told.
	Saved func(article desk.ID, locale string, revision int, by string)
	// EnqueueMail adds a mail to a transaction; nil: nobody is reminded.
	EnqueueMail func(tx *store.Tx, to, locale, template string, data map[string]string) error
	PublicURL   string       // of the console's links in mails
	Logger      *slog.Logger // nil: slog.Default
}

// Center is the Help Center of one node. Its methods may be called from many
// goroutines.
type Center struct {
	cfg      Config
	log      *slog.Logger
	shelves  *store.Replica[shelf]
	examined examinations
	usage    *Usage
}

// New returns a Center with its articles read. Nothing is rendered yet.
func New(ctx context.Context, cfg Config) (*Center, error) {
	c := &Center{cfg: cfg, log: cfg.Logger}
	if c.log == nil {
		c.log = slog.Default()
	}
	c.usage = newUsage(cfg.Store, c.log)
	var err error
	c.shelves, err = store.OpenReplica(ctx, cfg.Store, store.ReplicaConfig[shelf]{
		Name: "articles", Version: store.Query.ArticlesVersion, Read: readShelf, Ready: c.ready, Logger: c.log,
	})
	return c, err
}

// Snapshot returns the articles as they are now, for the entity and region of
// the Config. It never changes afterwards: take it once per request.
func (c *Center) Snapshot() *Snapshot { return c.SnapshotFor(c.cfg.Entity, c.cfg.Region) }

// SnapshotFor is [Center.Snapshot] for an entity and a region, "" for what is
// meant for all.
func (c *Center) SnapshotFor(entity, region string) *Snapshot {
	return c.shelves.Load().snapshot(entity, region)
}

// Refresh reads the articles anew when they have changed, and reports whether
// they had.
func (c *Center) Refresh(ctx context.Context) (bool, error) { return c.shelves.Refresh(ctx) }

// ready renders what the shelf before had rendered, as far as it changed.
func (c *Center) ready(before, h *shelf) {
	if before != nil {
		h.before = before.made()
		c.log.Info("articles refreshed", "version", h.version)
	}
	h.snapshot(c.cfg.Entity, c.cfg.Region)
	h.forget()
}

func readShelf(q store.Query, version string) (*shelf, error) {
	h := &shelf{version: version, snapshots: map[scope]*Snapshot{}, pictures: map[string]store.Media{}, paths: map[string]string{}}
	return h, h.read(q)
}

func (h *shelf) read(q store.Query) (err error) {
	if h.categories, err = q.Categories(); err != nil {
		return err
	}
	if h.articles, err = q.LiveArticles(); err != nil {
		return err
	}
	if h.redirects, err = q.Redirects(); err != nil {
		return err
	}
	if h.synonyms, err = readSynonyms(q); err != nil {
		return err
	}
	pictures, err := q.AllMedia()
	if err != nil {
		return err
	}
	for _, m := range pictures {
		h.pictures[m.Name] = m
	}
	paths, err := q.MediaPaths()
	for _, p := range paths {
		h.paths[p.Path] = p.Name
	}
	return err
}

// made returns the snapshots that somebody has asked for.
func (h *shelf) made() map[scope]*Snapshot {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.snapshots)
}

// forget lets go of the shelf before: its snapshots would keep theirs alive, and
// so on.
func (h *shelf) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for at := range h.before {
		if h.snapshots[at] == nil {
			h.snapshots[at] = build(h, at, h.before[at])
		}
	}
	h.before = nil
}

// Run warms the search and looks every second whether articles have changed,
// until ctx ends. While the database is away the last snapshot stays up.
func (c *Center) Run(ctx context.Context) {
	var counting sync.WaitGroup
	counting.Go(func() { c.usage.run(ctx) })
	defer counting.Wait()
	var warm *shelf
	// Readers wait for the index only when they search within a second of a change.
	warmUp := func() {
		if h := c.shelves.Load(); h != warm {
			warm = h
			for _, s := range h.made() {
				s.Warm()
			}
		}
	}
	warmUp()
	c.shelves.Run(ctx, warmUp)
}
