package store

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// A node's slot is leased for slotLease and renewed every slotRenew, both by
// the database's clock: nodes with wrong clocks still never share a slot.
const (
	slotLease = 60 * time.Second
	slotRenew = 15 * time.Second
)

// nodeLease keeps this process's slot in the table node.
type nodeLease struct {
	s      *Store
	holder string
	slot   atomic.Int64
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// Start makes the store ready to serve: it claims a node slot, which makes this
// process's identifiers unique among all nodes, and keeps it until Close.
// Identifiers begin after the newest stored one, so a clock that was set back
// between two runs repeats none.
func (s *Store) Start(ctx context.Context) error {
	l := &nodeLease{s: s, holder: rand.Text()}
	if err := l.claim(ctx); err != nil {
		return err
	}
	newest, err := s.Read(ctx).newestID()
	if err != nil {
		return err
	}
	s.ids.NotBefore(newest)
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	s.lease = l
	l.done.Go(func() { l.keep(run) })
	return nil
}

// Slot returns the node slot that [Store.Start] claimed.
func (s *Store) Slot() int {
	if s.lease == nil {
		return 0
	}
	return int(s.lease.slot.Load())
}

func (q Query) newestID() (desk.ID, error) {
	var id desk.ID
	err := q.row(`SELECT COALESCE(MAX(id), 0) FROM (
		SELECT MAX(id) AS id FROM message UNION ALL SELECT MAX(id) FROM conversation UNION ALL
		SELECT MAX(id) FROM contact UNION ALL SELECT MAX(id) FROM job UNION ALL
		SELECT MAX(id) FROM session UNION ALL SELECT MAX(id) FROM audit) AS newest`).scan(&id)
	return id, err
}

func (l *nodeLease) claim(ctx context.Context) error {
	var slot int
	claim := func(tx *Tx) error {
		now, err := tx.DatabaseNow()
		if err != nil {
			return err
		}
		until := now + desk.Micros(slotLease.Microseconds())
		if tx.s.engine == SQLite { // one process, guarded by the lock file
			slot = 0
			_, err := tx.exec(`INSERT INTO node (slot, holder, lease_until) VALUES (0, $1, $2)
				ON CONFLICT (slot) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until`, l.holder, until)
			return err
		}
		err = tx.row(`UPDATE node SET holder = $1, lease_until = $2
			WHERE slot = (SELECT MIN(slot) FROM node WHERE lease_until < $3) AND lease_until < $3
			RETURNING slot`, l.holder, until, now).scan(&slot)
		if desk.CodeOf(err) == desk.NotFound {
			err = tx.row(`INSERT INTO node (slot, holder, lease_until)
				SELECT COALESCE(MAX(slot) + 1, 0), $1, $2 FROM node RETURNING slot`, l.holder, until).scan(&slot)
		}
		return err
	}
	var err error
	for range 20 { // nodes that start at once collide on the same slot
		if err = l.s.Write(ctx, claim); desk.CodeOf(err) != desk.Conflict && desk.CodeOf(err) != desk.NotFound {
			break
		}
	}
	if err != nil {
		return err
	}
	ids, err := desk.NewIDs(slot, l.s.now)
	if err != nil {
		return desk.Wrap(desk.Unavailable, "all node slots are taken", err)
	}
	l.slot.Store(int64(slot))
	l.s.ids.Become(ids)
	return nil
}

// keep renews the lease. When it was lost (this process stood still for longer
// than the lease and another node took the slot) a new slot is claimed.
func (l *nodeLease) keep(ctx context.Context) {
	tick := time.NewTicker(slotRenew)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := l.s.Write(ctx, func(tx *Tx) error {
			now, err := tx.DatabaseNow()
			if err != nil {
				return err
			}
			return tx.execOne(`UPDATE node SET lease_until = $1 WHERE slot = $2 AND holder = $3`,
				now+desk.Micros(slotLease.Microseconds()), l.slot.Load(), l.holder)
		})
		if desk.CodeOf(err) == desk.NotFound {
			slog.Warn("the node slot was lost; claiming another", "slot", l.slot.Load())
			err = l.claim(ctx)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			slog.Warn("the node slot could not be renewed", "slot", l.slot.Load(), "error", err)
		}
	}
}

func (l *nodeLease) release() error {
	l.stop()
	l.done.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := l.s.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`UPDATE node SET lease_until = 0 WHERE slot = $1 AND holder = $2`, l.slot.Load(), l.holder)
		return err
	})
	if desk.CodeOf(err) == desk.Unavailable {
		return nil // the lease runs out by itself
	}
	return err
}
