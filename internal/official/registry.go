package official

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/store"
)

// pollEvery is how long another node's change of the registry may go unseen.
const pollEvery = time.Second

// Verdict is what the registry says about a contact. Value is the entry that
// decided, in its normal form; "" when the contact is unknown.
type Verdict struct {
	Status Status
	Value  string
}

// Config says where a [Registry] is kept.
type Config struct {
	Store  *store.Store
	Logger *slog.Logger // nil: slog.Default
}

// Registry is the registry on one node. Its methods may be called from many
// goroutines.
type Registry struct {
	cfg     Config
	log     *slog.Logger
	current atomic.Pointer[table]
	refresh sync.Mutex // one reading at a time
}

// Open returns the registry with its entries loaded.
func Open(ctx context.Context, cfg Config) (*Registry, error) {
	r := &Registry{cfg: cfg, log: cfg.Logger}
	if r.log == nil {
		r.log = slog.Default()
	}
	if _, err := r.Refresh(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Refresh reads the registry anew when it has changed, and reports whether it
// had.
func (r *Registry) Refresh(ctx context.Context) (bool, error) {
	r.refresh.Lock()
	defer r.refresh.Unlock()
	version, err := r.cfg.Store.Read(ctx).OfficialVersion()
	if err != nil {
		return false, fmt.Errorf("read the registry's version: %w", err)
	}
	if t := r.current.Load(); t != nil && t.version == version {
		return false, nil
	}
	var rows []store.OfficialContact
	err = r.cfg.Store.Snapshot(ctx, func(q store.Query) (err error) {
		if version, err = q.OfficialVersion(); err != nil {
			return err
		}
		rows, err = q.OfficialContacts()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the registry: %w", err)
	}
	r.current.Store(newTable(version, rows))
	return true, nil
}

// Run looks every second whether the registry has changed, until ctx ends.
// While the database is away the last state stays.
func (r *Registry) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, err := r.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			failing = true // once, not every second
			r.log.Error("the registry of contacts cannot be refreshed; the last state stays", "error", err)
		case err == nil && failing:
			failing = false
			r.log.Info("the registry of contacts can be refreshed again")
		}
	}
}

// Version differs after every change that this node has seen.
func (r *Registry) Version() string { return r.current.Load().version }

// Judge says what the registry knows about a link: an https address by its
// host, a mailto address by its mailbox. Everything else is [Unknown].
func (r *Registry) Judge(rawURL string) Verdict { return r.current.Load().judge(rawURL) }

// Public lists the official contacts that the contact page of an entity and
// region shows, in order. The result is the caller's.
func (r *Registry) Public(entity, region string) []Contact {
	var out []Contact
	for _, c := range r.current.Load().contacts {
		if c.Public && c.Status == Official && (c.Entity == "" || c.Entity == entity) && (c.Region == "" || c.Region == region) {
			out = append(out, c)
		}
	}
	return out
}
