package helpcenter

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/store"
)

// pollEvery is how long another node's change of an article may go unseen.
const pollEvery = time.Second

// Config says which articles a [Center] shows, and from where.
type Config struct {
	Store *store.Store
	// Entity and Region select the articles of one legal entity and region,
	// besides those meant for all. "" shows only the latter.
	Entity string
	Region string
	Logger *slog.Logger // nil: slog.Default
}

// Center is the Help Center of one node. Its methods may be called from many
// goroutines.
type Center struct {
	cfg     Config
	log     *slog.Logger
	current atomic.Pointer[Snapshot]
	refresh sync.Mutex // one rebuild at a time
}

// New returns a Center with its first snapshot loaded.
func New(ctx context.Context, cfg Config) (*Center, error) {
	c := &Center{cfg: cfg, log: cfg.Logger}
	if c.log == nil {
		c.log = slog.Default()
	}
	if _, err := c.Refresh(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Snapshot returns the articles as they are now. It never changes afterwards:
// take it once per request.
func (c *Center) Snapshot() *Snapshot { return c.current.Load() }

// Refresh rebuilds the snapshot when the articles have changed, and reports
// whether they had.
func (c *Center) Refresh(ctx context.Context) (bool, error) {
	c.refresh.Lock()
	defer c.refresh.Unlock()
	version, err := c.cfg.Store.Read(ctx).ArticlesVersion()
	if err != nil {
		return false, fmt.Errorf("read the articles' version: %w", err)
	}
	if s := c.current.Load(); s != nil && s.Version == version {
		return false, nil
	}
	var categories []store.Category
	var articles []store.Article
	// One moment of the database: the version must belong to what is read.
	err = c.cfg.Store.Snapshot(ctx, func(q store.Query) (err error) {
		if version, err = q.ArticlesVersion(); err != nil {
			return err
		}
		if categories, err = q.Categories(); err != nil {
			return err
		}
		articles, err = q.Articles()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the articles: %w", err)
	}
	s, err := build(version, c.cfg.Entity, c.cfg.Region, categories, articles)
	if err != nil {
		return false, err
	}
	c.current.Store(s)
	return true, nil
}

// Run looks every second whether articles have changed, until ctx ends. While
// the database is away the last snapshot stays up.
func (c *Center) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		changed, err := c.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			failing = true // once, not every second
			c.log.Error("articles cannot be refreshed; the last ones stay up", "error", err)
		case err == nil && failing:
			failing = false
			c.log.Info("articles can be refreshed again")
		case changed:
			c.log.Info("articles refreshed", "version", c.Snapshot().Version)
		}
	}
}
