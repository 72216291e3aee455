package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// replicaPoll is how long another node's change may go unseen.
const replicaPoll = time.Second

// ReplicaConfig says what a [Replica] holds and how it is read.
type ReplicaConfig[T any] struct {
	// Name says in the log and in errors what is held: "articles".
	Name string
	// Version returns a value that differs after every change.
	Version func(q Query) (string, error)
	// Read reads everything; it sees one moment of the database.
	Read func(q Query, version string) (*T, error)
	// Ready, if any, prepares what was just read before others see it, outside the
	// transaction. before is nil the first time. One call at a time.
	Ready  func(before, now *T)
	Logger *slog.Logger // nil: slog.Default
}

// Replica is a node's copy in memory of something that every request reads and
// seldom anybody changes. A copy never changes: it is replaced. Its methods may
// be called from many goroutines.
type Replica[T any] struct {
	store   *Store
	cfg     ReplicaConfig[T]
	current atomic.Pointer[copyOf[T]]
	refresh sync.Mutex // one reading at a time
}

type copyOf[T any] struct {
	version string
	value   *T
}

// OpenReplica reads the copy for the first time.
func OpenReplica[T any](ctx context.Context, s *Store, cfg ReplicaConfig[T]) (*Replica[T], error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	r := &Replica[T]{store: s, cfg: cfg}
	if _, err := r.Refresh(ctx); err != nil {
		return nil, err
	}
	return r, nil
}

// Load returns the copy. It waits for nothing.
func (r *Replica[T]) Load() *T { return r.current.Load().value }

// Refresh reads the copy anew when what it is of has changed, and reports
// whether it had.
func (r *Replica[T]) Refresh(ctx context.Context) (bool, error) {
	r.refresh.Lock()
	defer r.refresh.Unlock()
	version, err := r.cfg.Version(r.store.Read(ctx))
	if err != nil {
		return false, fmt.Errorf("read the version of %s: %w", r.cfg.Name, err)
	}
	var before *T
	if c := r.current.Load(); c != nil {
		if c.version == version {
			return false, nil
		}
		before = c.value
	}
	now := &copyOf[T]{}
	// One moment of the database: the version must belong to what is read.
	err = r.store.Snapshot(ctx, func(q Query) (err error) {
		if now.version, err = r.cfg.Version(q); err != nil {
			return err
		}
		now.value, err = r.cfg.Read(q, now.version)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read %s: %w", r.cfg.Name, err)
	}
	if r.cfg.Ready != nil {
		r.cfg.Ready(before, now.value)
	}
	r.current.Store(now)
	return true, nil
}

// Seen refreshes the copy after a change of this node's own. The change is
// committed whatever happens here; when it cannot be read now, Run will.
func (r *Replica[T]) Seen(ctx context.Context) {
	if _, err := r.Refresh(ctx); err != nil {
		r.cfg.Logger.Warn(r.cfg.Name+" changed but could not be read again yet", "error", err)
	}
}

// Run looks every second for changes of other nodes, until ctx ends. While the
// database is away the last copy stays. After each look it calls then, if any.
func (r *Replica[T]) Run(ctx context.Context, then func()) {
	Every(ctx, replicaPoll, r.cfg.Logger, r.cfg.Name+": looking for changes", func(ctx context.Context) error {
		_, err := r.Refresh(ctx)
		if then != nil {
			then()
		}
		return err
	})
}

// Every calls step in an interval until ctx ends. Of a row of failures it logs
// the first, and then that all is well again; what names the work in the log.
func Every(ctx context.Context, interval time.Duration, log *slog.Logger, what string, step func(ctx context.Context) error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			failing = true // once, not every time
			log.Error(what+" fails; it will be tried again", "every", interval, "error", err)
		case err == nil && failing:
			failing = false
			log.Info(what + " works again")
		}
	}
}
