package customer

import (
	"context"
	"encoding/hex"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	// endedPoll is how long a token that was ended on another node may still be good.
	endedPoll = time.Second
	// endedOverlap is how far back each look goes: rows carry the clock of the node
	// that wrote them, and become visible a little later.
	endedOverlap = 2 * time.Minute
)

// endedTokens are the tokens that were given back before their time, on this
// node's memory. Unlike a [store.Replica] it only ever grows by what is new, for
// at a large exchange people sign out every second.
type endedTokens struct {
	looking sync.Mutex // one look at a time
	seen    desk.Micros

	mu sync.RWMutex
	by map[hash]desk.Micros // until when the token would have been good
}

func (e *endedTokens) has(h hash) bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	_, ended := e.by[h]
	return ended
}

// look reads what has ended since the last time and returns what was not known.
func (e *endedTokens) look(q store.Query) ([]store.EndedSession, error) {
	e.looking.Lock()
	defer e.looking.Unlock()
	rows, err := q.EndedSessions(e.seen - desk.Micros(endedOverlap.Microseconds()))
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.by == nil {
		e.by = map[hash]desk.Micros{}
	}
	fresh := rows[:0]
	for _, row := range rows {
		var h hash
		if n, err := hex.Decode(h[:], []byte(row.TokenHash)); err != nil || n != len(h) {
			continue // no token has such a hash
		}
		e.seen = max(e.seen, row.EndedAt)
		if _, known := e.by[h]; !known {
			e.by[h] = row.ExpiresAt
			fresh = append(fresh, row)
		}
	}
	return fresh, nil
}

// forget drops what expired before now.
func (e *endedTokens) forget(now desk.Micros) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for h, until := range e.by {
		if until < now {
			delete(e.by, h)
		}
	}
}

// Refresh reads which tokens were ended on other nodes. Their live connections
// end, too.
func (v *Visitors) Refresh(ctx context.Context) error {
	fresh, err := v.ended.look(v.store.Read(ctx))
	for _, row := range fresh {
		if v.onEnded != nil {
			v.onEnded(row.ContactID, row.TokenHash)
		}
	}
	return err
}

// Run keeps the ended tokens up to date, and the exchange's keys when customers
// can sign in, until ctx ends.
func (v *Visitors) Run(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	if v.login != nil {
		running.Go(func() { v.login.Run(ctx) })
	}
	var pruned time.Time
	store.Every(ctx, endedPoll, v.log, "ended visitor tokens: looking for changes", func(ctx context.Context) error {
		if now := v.store.Now(); now.Sub(pruned) > time.Hour {
			pruned = now
			v.ended.forget(desk.MicrosOf(now))
		}
		return v.Refresh(ctx)
	})
}

// End ends a token before its time, on every node within a second. What the
// token's contact has is not touched.
func (v *Visitors) End(ctx context.Context, token string) error {
	c, err := v.read(token)
	if err != nil {
		return err
	}
	if err := v.store.Write(ctx, func(tx *store.Tx) error { return endToken(tx, token, c) }); err != nil {
		return err
	}
	if err := v.Refresh(ctx); err != nil {
		v.log.Warn("a visitor's token was ended but may be good here for another moment", "error", err)
	}
	return nil
}

func endToken(tx *store.Tx, token string, c claim) error {
	return tx.InsertEndedSession(store.EndedSession{
		TokenHash: hashOf(token).String(), ContactID: c.contact, ExpiresAt: desk.MicrosOf(c.until), EndedAt: tx.Now(),
	})
}

// Prune forgets ended tokens that would have expired by now, and returns how
// many.
func (v *Visitors) Prune(ctx context.Context) (n int64, err error) {
	err = v.store.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.PruneEndedSessions(tx.Now())
		return err
	})
	return n, err
}
