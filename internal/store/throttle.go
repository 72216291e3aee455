package store

import (
	"math"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// ThrottlePolicy says how attempts are slowed down: Free attempts at will, then
// a pause of Base that doubles with each further one up to Max. After Forget
// without an attempt everything is forgotten.
type ThrottlePolicy struct {
	Free   int
	Base   time.Duration
	Max    time.Duration
	Forget time.Duration
}

// pause returns how long to wait after the count-th attempt.
func (p ThrottlePolicy) pause(count int64) time.Duration {
	over := count - int64(p.Free)
	if over < 0 {
		return 0
	}
	d := float64(p.Base) * math.Pow(2, float64(min(over, 40)))
	return time.Duration(min(d, float64(p.Max)))
}

// Attempt counts an attempt under key, or returns how long to wait when it comes
// too early (it is not counted then, so that waiting always helps). The row is
// locked until the commit: attempts at the same moment, on any node, are counted
// one by one. Take the attempt before doing the work, and
// [Tx.ForgetAttempts] when it succeeded.
func (tx *Tx) Attempt(key string, p ThrottlePolicy) (wait time.Duration, err error) {
	var last desk.Micros
	var count int64
	err = tx.row(`INSERT INTO throttle (key, window_start, count) VALUES ($1, 0, 0)
		ON CONFLICT (key) DO UPDATE SET count = throttle.count RETURNING window_start, count`, key).scan(&last, &count)
	if err != nil {
		return 0, err
	}
	// Asked under the lock: before it, an attempt that waited would seem earlier
	// than the one it waited for, and be refused for it.
	now, err := tx.DatabaseNow()
	if err != nil {
		return 0, err
	}
	since := time.Duration(now-last) * time.Microsecond
	if since > p.Forget || since < -p.Max { // long ago, or the clock was set back
		count = 0
	}
	if count > 0 {
		if wait = p.pause(count) - since; wait > 0 {
			return min(wait, p.Max), nil
		}
	}
	_, err = tx.exec(`UPDATE throttle SET window_start = $1, count = $2 WHERE key = $3`, now, count+1, key)
	return 0, err
}

// ForgetAttempts clears the count under key.
func (tx *Tx) ForgetAttempts(key string) error {
	_, err := tx.exec(`DELETE FROM throttle WHERE key = $1`, key)
	return err
}

// ReturnAttempt takes one counted attempt back: it succeeded, but the others
// under key still count.
func (tx *Tx) ReturnAttempt(key string) error {
	_, err := tx.exec(`UPDATE throttle SET count = count - 1 WHERE key = $1 AND count > 0`, key)
	return err
}
