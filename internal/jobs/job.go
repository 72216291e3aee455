package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Job is one run of a piece of work.
type Job struct {
	ID          desk.ID
	Kind        string
	Payload     json.RawMessage
	Attempt     int // 1 for the first
	MaxAttempts int
	CreatedAt   desk.Micros
}

// Decode reads the payload into v. A payload that does not fit is a permanent
// error: trying again would read the same.
func (j Job) Decode(v any) error {
	if err := json.Unmarshal(j.Payload, v); err != nil {
		return Permanent(fmt.Errorf("payload of %s: %w", j.Kind, err))
	}
	return nil
}

// Effect is what a job changes in the database. It runs in the transaction that
// marks the job done; like every function given to [store.Store.Write] it may
// run more than once and does nothing but talk to its Tx.
type Effect func(*store.Tx) error

// Handler does the work of a job. ctx ends when the lease is lost or the runner
// stops. A nil Effect changes nothing. An error, or a panic, makes the runner
// try again later; [Permanent] errors do not.
type Handler func(ctx context.Context, job Job) (Effect, error)

// Lane says which jobs go first when there is more work than workers.
type Lane int

// The lanes.
const (
	Urgent Lane = iota // somebody waits for it: an emergency, a sign-in mail
	Normal
	Bulk // may take the night
)

// DefaultAttempts is how often a job is tried unless MaxAttempts says otherwise:
// with the default backoff for about three hours.
const DefaultAttempts = 12

// Option changes how a job is enqueued.
type Option func(*store.Job)

// RunAt delays a job until t.
func RunAt(t time.Time) Option { return func(j *store.Job) { j.RunAt = desk.MicrosOf(t) } }

// UniqueKey makes enqueuing a no-op while another job with the key is pending
// or running. The key is shared by all kinds: begin it with the kind.
func UniqueKey(key string) Option { return func(j *store.Job) { j.UniqueKey = key } }

// MaxAttempts bounds how often the job is tried, at least once.
func MaxAttempts(n int) Option { return func(j *store.Job) { j.MaxAttempts = max(n, 1) } }

// InLane chooses the lane; the default is Normal.
func InLane(l Lane) Option { return func(j *store.Job) { j.Lane = int(l) } }

// Enqueue adds a job to the caller's transaction; payload is stored as JSON.
// Runners of this process look for it at once, those of other nodes within
// their poll interval.
func Enqueue(tx *store.Tx, kind string, payload any, opts ...Option) error {
	body, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("payload of %s: %w", kind, err)
	}
	j := store.Job{Kind: kind, Payload: string(body), Lane: int(Normal), MaxAttempts: DefaultAttempts}
	for _, o := range opts {
		o(&j)
	}
	if j.Lane < 0 || j.Lane >= store.JobLanes {
		return fmt.Errorf("job %s: there is no lane %d", kind, j.Lane)
	}
	now := j.RunAt == 0
	if now {
		if j.RunAt, err = tx.DatabaseNow(); err != nil {
			return err
		}
	}
	inserted, err := tx.InsertJob(&j)
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", kind, err)
	}
	if inserted && now {
		tx.AfterCommit(bells.ring)
	}
	return nil
}

// bells wakes the runners of this process.
var bells = doorbells{ropes: map[chan struct{}]struct{}{}}

type doorbells struct {
	mu    sync.Mutex
	ropes map[chan struct{}]struct{}
}

func (d *doorbells) ring() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for c := range d.ropes {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (d *doorbells) hang() chan struct{} {
	c := make(chan struct{}, 1)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ropes[c] = struct{}{}
	return c
}

func (d *doorbells) takeDown(c chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.ropes, c)
}

type permanentError struct{ error }

func (p permanentError) Unwrap() error { return p.error }

// Permanent marks an error that trying again will not cure; the job becomes
// dead at once. Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

// IsPermanent reports whether err is marked by [Permanent].
func IsPermanent(err error) bool { return errors.As(err, new(permanentError)) }

// Replay gives a dead job all its attempts again, from now on. NotFound: there
// is no such job, or it is not dead.
func Replay(tx *store.Tx, id desk.ID) error {
	if err := tx.ReplayJob(id); err != nil {
		return err
	}
	tx.AfterCommit(bells.ring)
	return nil
}
