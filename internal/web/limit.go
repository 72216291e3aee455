package web

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter is a token bucket per key, in this node's memory. It remembers at most
// a fixed number of keys and forgets those that have been quiet for as long as a
// bucket takes to fill: to them it makes no difference.
type Limiter[K comparable] struct {
	every time.Duration
	burst int
	most  int // keys per generation

	mu sync.Mutex
	// Two generations: a key that is used moves to the young one; when that is
	// full or a filling time old, it becomes the old one, whose keys are
	// forgotten. No timer, no walk.
	young, old map[K]*rate.Limiter
	began      time.Time
}

// NewLimiter returns a Limiter that lets each key act burst times at once and
// then once in every. It remembers at most keys of them; when more come in a
// short time, some begin anew.
func NewLimiter[K comparable](every time.Duration, burst, keys int) *Limiter[K] {
	return &Limiter[K]{every: every, burst: burst, most: max(keys/2, 1), young: map[K]*rate.Limiter{}}
}

// Take counts an act of key at now and returns zero; or, when it comes too
// early, how long to wait. What is refused is not counted.
func (l *Limiter[K]) Take(key K, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(key, now)
	if b.AllowN(now, 1) {
		return 0
	}
	missing := 1 - b.TokensAt(now)
	return max(time.Duration(missing*float64(l.every)), time.Millisecond)
}

func (l *Limiter[K]) bucket(key K, now time.Time) *rate.Limiter {
	if full := l.every * time.Duration(l.burst); len(l.young) >= l.most || now.Sub(l.began) > full {
		if now.Sub(l.began) > 2*full {
			l.young = map[K]*rate.Limiter{} // quiet for long: even the young have filled
		}
		l.old, l.young, l.began = l.young, map[K]*rate.Limiter{}, now
	}
	b := l.young[key]
	if b == nil {
		if b = l.old[key]; b == nil {
			b = rate.NewLimiter(rate.Every(l.every), l.burst)
		}
		l.young[key] = b
		delete(l.old, key)
	}
	return b
}

// Len returns how many keys are remembered.
func (l *Limiter[K]) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.young) + len(l.old)
}

// PacedAddress returns what to count a stranger's requests by: the IPv4 address,
// or the /64 network of an IPv6 one, which is what one customer of a provider
// has. ok is false when the address is not the stranger's own: this machine or a
// trusted proxy that did not say for whom it asks. Behind it may be everybody,
// and a limit for everybody would shut the desk on the day it is needed; load
// tests come from there, too. What a contact may do is limited all the same.
func PacedAddress(ctx context.Context) (address netip.Addr, ok bool) {
	return pacedAddress(requestOf(ctx))
}

func pacedAddress(q *request) (address netip.Addr, ok bool) {
	switch {
	case !q.ip.IsValid() || q.ip.IsLoopback() || q.proxy:
		return netip.Addr{}, false
	case q.ip.Is4():
		return q.ip, true
	}
	network, err := q.ip.Prefix(64)
	return network.Addr(), err == nil
}
