package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Config says how a Runner works.
type Config struct {
	Workers int           // jobs at once; 0 is 4
	Lease   time.Duration // how long a silent node keeps its jobs; 0 is 30 s. Renewed at a third
	Poll    time.Duration // how often other nodes' jobs are looked for; 0 is 1 s

	// Backoff returns the wait before attempt n+1 after attempt n (1, 2 …)
	// failed. nil is [Backoff] with random jitter.
	Backoff func(attempt int) time.Duration

	Logger  *slog.Logger          // nil is slog.Default()
	Metrics prometheus.Registerer // nil: none
}

// Runner claims due jobs and runs them. Make one with NewRunner, Register what
// it can do, then Start it.
type Runner struct {
	s         *store.Store
	cfg       Config
	log       *slog.Logger
	metrics   *runnerMetrics
	handlers  map[string]Handler
	kinds     []string
	schedules []schedule

	life    sync.Mutex // starting and stopping exclude each other
	stopped bool

	wake     chan struct{}      // rung by Enqueue in this process
	freed    chan struct{}      // a worker became free
	stopping context.CancelFunc // ends the loop
	leaving  context.CancelFunc // ends the renewal of leases
	looping  sync.WaitGroup
	renewing sync.WaitGroup

	mu      sync.Mutex
	running map[*run]struct{}
	workers sync.WaitGroup
}

// run is a job that this runner has claimed.
type run struct {
	store.Job
	cancel context.CancelFunc
}

type schedule struct {
	name  string
	every time.Duration
	kind  string
}

// NewRunner returns a runner on a store.
func NewRunner(s *store.Store, cfg Config) *Runner {
	if cfg.Workers <= 0 {
		cfg.Workers = 4
	}
	if cfg.Lease <= 0 {
		cfg.Lease = 30 * time.Second
	}
	if cfg.Poll <= 0 {
		cfg.Poll = time.Second
	}
	if cfg.Backoff == nil {
		cfg.Backoff = func(attempt int) time.Duration { return Backoff(attempt, rand.Float64()) }
	}
	r := &Runner{s: s, cfg: cfg, log: cfg.Logger, handlers: map[string]Handler{}, running: map[*run]struct{}{}, freed: make(chan struct{}, 1)}
	if r.log == nil {
		r.log = slog.Default()
	}
	r.metrics = newRunnerMetrics(s, cfg.Metrics)
	r.Register(kindPrune, r.prune)
	r.Every("jobs.prune", time.Hour, kindPrune)
	return r
}

// Register says how jobs of a kind are done. Kinds without a handler are left
// to other nodes. It panics when the kind is taken, or after Start.
func (r *Runner) Register(kind string, h Handler) {
	if r.wake != nil || r.handlers[kind] != nil {
		panic("jobs: " + kind + " is registered twice, or too late")
	}
	r.handlers[kind] = h
	r.kinds = append(r.kinds, kind)
}

// Every enqueues a job of kind, with an empty payload, once per interval (to
// the microsecond, at least one millisecond) among all nodes. The first tick of
// a new schedule is at once. A tick is skipped while the job of the one before
// is still alive. Call it before Start.
func (r *Runner) Every(name string, interval time.Duration, kind string) {
	r.schedules = append(r.schedules, schedule{name, max(interval, time.Millisecond), kind})
}

// Backoff is the default wait after a failed attempt: 5 s, doubling up to an
// hour, spread by random (0 ≤ random < 1) over 75–125 %.
func Backoff(attempt int, random float64) time.Duration {
	wait := time.Hour
	if attempt < 11 { // 5 s · 2¹⁰ is beyond an hour
		wait = min(5*time.Second<<max(attempt-1, 0), time.Hour)
	}
	return time.Duration(float64(wait) * (0.75 + random/2))
}

// Start begins to work. It returns after the schedules are stored.
func (r *Runner) Start(ctx context.Context) error {
	r.life.Lock()
	defer r.life.Unlock()
	if r.stopped {
		return fmt.Errorf("jobs were stopped before they began: %w", context.Canceled)
	}
	err := r.s.Write(ctx, func(tx *store.Tx) error {
		now, err := tx.DatabaseNow()
		if err != nil {
			return err
		}
		for _, s := range r.schedules {
			if err := tx.EnsureSchedule(s.name, s.every.Microseconds(), now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store the schedules: %w", err)
	}
	r.wake = bells.hang()
	loop, stop := context.WithCancel(context.WithoutCancel(ctx))
	lease, leave := context.WithCancel(context.WithoutCancel(ctx))
	r.stopping, r.leaving = stop, leave
	r.looping.Go(func() { r.loop(loop) })
	r.renewing.Go(func() { r.renew(lease) })
	return nil
}

// Stop claims no more and waits for the running jobs until ctx ends; then their
// handlers are interrupted and what they have not finished is given back, to be
// run by another node at once.
func (r *Runner) Stop(ctx context.Context) error {
	r.life.Lock()
	defer r.life.Unlock()
	r.stopped = true
	if r.stopping == nil {
		return nil
	}
	bells.takeDown(r.wake)
	r.stopping()
	r.looping.Wait() // from now on nothing is begun
	idle := make(chan struct{})
	go func() {
		r.workers.Wait()
		close(idle)
	}()
	var err error
	select {
	case <-idle:
	case <-ctx.Done():
		r.mu.Lock()
		for run := range r.running {
			run.cancel()
		}
		r.mu.Unlock()
		select {
		case <-idle:
		case <-time.After(2 * time.Second): // a handler that does not listen loses its lease
			err = r.giveBack()
		}
	}
	r.leaving()
	r.renewing.Wait()
	r.stopping = nil
	return err
}

func (r *Runner) giveBack() error {
	r.mu.Lock()
	runs := make([]*run, 0, len(r.running))
	for run := range r.running {
		runs = append(runs, run)
	}
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var errs []error
	for _, run := range runs {
		r.log.Warn("a job does not stop; it is given back and will run again", "job", run.ID, "kind", run.Kind)
		if err := r.release(ctx, run); err != nil && desk.CodeOf(err) != desk.NotFound {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (r *Runner) loop(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-r.freed:
		case <-timer.C:
		}
		claimed, next, err := r.round(ctx)
		wait := r.cfg.Poll
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.log.Warn("jobs could not be looked for", "error", err)
		case claimed > 0:
			wait = 0 // there may be more
		case next > 0:
			wait = min(wait, next)
		}
		timer.Reset(wait)
	}
}

// round does what is due: ticks, lost leases, jobs for the free workers. It
// returns how many jobs were begun and how long until the next is due (0:
// unknown). When nothing is due it only reads.
func (r *Runner) round(ctx context.Context) (begun int, next time.Duration, err error) {
	free := r.free()
	if free == 0 {
		return 0, 0, nil // a worker that becomes free asks again
	}
	q := r.s.Read(ctx)
	at, err := q.NextJobAt(r.scheduleNames())
	if err != nil || at == 0 {
		return 0, 0, err
	}
	now, err := q.DatabaseNow()
	if err != nil {
		return 0, 0, err
	}
	if at > now {
		return 0, time.Duration(at-now)*time.Microsecond + time.Millisecond, nil
	}
	var claimed []store.Job
	// A claim that was committed must be known to us: a Stop does not cut it off.
	wctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.cfg.Lease/2)
	defer cancel()
	err = r.s.Write(wctx, func(tx *store.Tx) error {
		claimed = nil
		now, err := tx.DatabaseNow()
		if err != nil {
			return err
		}
		if err := r.tick(tx, now); err != nil {
			return err
		}
		back, dead, err := tx.ReclaimJobs(now)
		if err != nil {
			return err
		}
		if back+dead > 0 {
			r.log.Warn("leases ran out: a node went away in the middle of jobs", "again", back, "dead", dead)
		}
		claimed, err = tx.ClaimJobs(r.kinds, now, now+desk.Micros(r.cfg.Lease.Microseconds()), free)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	for _, j := range claimed {
		r.begin(ctx, j)
	}
	return len(claimed), 0, nil
}

func (r *Runner) free() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cfg.Workers - len(r.running)
}

func (r *Runner) scheduleNames() []string {
	names := make([]string, len(r.schedules))
	for i, s := range r.schedules {
		names[i] = s.name
	}
	return names
}

func (r *Runner) tick(tx *store.Tx, now desk.Micros) error {
	for _, s := range r.schedules {
		due, err := tx.TickSchedule(s.name, now)
		if err != nil {
			return err
		}
		if !due {
			continue
		}
		if err := Enqueue(tx, s.kind, struct{}{}, UniqueKey("schedule:"+s.name), InLane(Bulk)); err != nil {
			return err
		}
	}
	return nil
}

// begin runs a claimed job on its own goroutine. ctx is the loop's: its end
// does not interrupt the job, Stop does.
func (r *Runner) begin(ctx context.Context, j store.Job) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	run := &run{Job: j, cancel: cancel}
	r.mu.Lock()
	r.running[run] = struct{}{}
	r.mu.Unlock()
	r.workers.Go(func() {
		defer func() {
			cancel()
			r.mu.Lock()
			delete(r.running, run)
			r.mu.Unlock()
			select {
			case r.freed <- struct{}{}:
			default:
			}
		}()
		r.run(own, run)
	})
}

func (r *Runner) run(ctx context.Context, run *run) {
	began := time.Now()
	effect, err := r.handle(ctx, run)
	outcome := ""
	switch {
	case err == nil:
		outcome, err = r.finish(run, effect)
	case ctx.Err() != nil:
		outcome = "interrupted" // by Stop, or because the lease was lost
		err = r.settle(func(c context.Context) error { return r.release(c, run) })
	default:
		outcome, err = r.fail(run, err)
	}
	if desk.CodeOf(err) == desk.NotFound {
		outcome = "lost"
		r.log.Warn("a job's lease was lost; its effect was not kept", "job", run.ID, "kind", run.Kind)
	} else if err != nil {
		r.log.Error("the end of a job could not be stored; it runs again when the lease ends", "job", run.ID, "kind", run.Kind, "error", err)
	}
	r.metrics.ran(run.Kind, outcome, time.Since(began))
}

// handle calls the handler; a panic is an error.
func (r *Runner) handle(ctx context.Context, run *run) (effect Effect, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return r.handlers[run.Kind](ctx, Job{
		ID: run.ID, Kind: run.Kind, Payload: []byte(run.Payload),
		Attempt: run.Attempts, MaxAttempts: run.MaxAttempts, CreatedAt: run.CreatedAt,
	})
}

// errEffect tells a failed effect from a database that is away.
type errEffect struct{ error }

func (e errEffect) Unwrap() error { return e.error }

func (r *Runner) finish(run *run, effect Effect) (outcome string, err error) {
	err = r.settle(func(ctx context.Context) error {
		return r.s.Write(ctx, func(tx *store.Tx) error {
			// First the mark: it locks the row, and fails when the lease is lost.
			if err := tx.FinishJob(run.ID, run.LeaseToken); err != nil {
				return err
			}
			if effect == nil {
				return nil
			}
			if err := protect(effect, tx); err != nil {
				return errEffect{err}
			}
			return nil
		})
	})
	if failed := new(errEffect); errors.As(err, failed) {
		return r.fail(run, failed.error)
	}
	return "done", err
}

func protect(effect Effect, tx *store.Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in the effect: %v\n%s", p, debug.Stack())
		}
	}()
	return effect(tx)
}

func (r *Runner) fail(run *run, cause error) (outcome string, err error) {
	reason := cut(cause.Error(), 2000)
	if IsPermanent(cause) || run.Attempts >= run.MaxAttempts {
		r.log.Error("a job is given up", "job", run.ID, "kind", run.Kind, "attempt", run.Attempts, "error", cause)
		return "dead", r.settle(func(ctx context.Context) error {
			return r.s.Write(ctx, func(tx *store.Tx) error { return tx.BuryJob(run.ID, run.LeaseToken, reason) })
		})
	}
	wait := r.cfg.Backoff(run.Attempts)
	r.log.Warn("a job failed and is tried again", "job", run.ID, "kind", run.Kind, "attempt", run.Attempts, "in", wait, "error", cause)
	return "failed", r.settle(func(ctx context.Context) error {
		return r.s.Write(ctx, func(tx *store.Tx) error {
			now, err := tx.DatabaseNow()
			if err != nil {
				return err
			}
			return tx.RetryJob(run.ID, run.LeaseToken, now+desk.Micros(wait.Microseconds()), reason)
		})
	})
}

func (r *Runner) release(ctx context.Context, run *run) error {
	return r.s.Write(ctx, func(tx *store.Tx) error { return tx.ReleaseJob(run.ID, run.LeaseToken) })
}

// settle stores how a job ended, and is patient for about as long as the lease
// holds while the database is away.
func (r *Runner) settle(write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), r.cfg.Lease)
	defer cancel()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		err := write(ctx)
		cause := err
		if failed := new(errEffect); errors.As(err, failed) {
			cause = failed.error
		}
		if desk.CodeOf(cause) != desk.Unavailable {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// renew keeps the leases of running jobs, also while Stop waits for them. A job
// whose lease is lost is interrupted: another node has it.
func (r *Runner) renew(ctx context.Context) {
	tick := time.NewTicker(r.cfg.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		r.mu.Lock()
		runs := make([]*run, 0, len(r.running))
		for run := range r.running {
			runs = append(runs, run)
		}
		r.mu.Unlock()
		if len(runs) > 0 {
			r.renewOnce(runs)
		}
	}
}

func (r *Runner) renewOnce(runs []*run) {
	// A fixed order: two nodes that each held a row of the other's would wait for ever.
	slices.SortFunc(runs, func(a, b *run) int { return int(min(max(a.ID-b.ID, -1), 1)) })
	ctx, cancel := context.WithTimeout(context.Background(), r.cfg.Lease/3)
	defer cancel()
	var lost []*run
	err := r.s.Write(ctx, func(tx *store.Tx) error {
		lost = nil
		now, err := tx.DatabaseNow()
		if err != nil {
			return err
		}
		for _, run := range runs {
			err := tx.RenewJob(run.ID, run.LeaseToken, now+desk.Micros(r.cfg.Lease.Microseconds()))
			if desk.CodeOf(err) == desk.NotFound {
				lost = append(lost, run)
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		r.log.Warn("the leases of running jobs could not be renewed", "error", err)
		return
	}
	for _, run := range lost {
		run.cancel() // also when it has ended meanwhile, which harms nobody
	}
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

const (
	kindPrune = "jobs.prune"
	// keepDone is how long finished jobs can be looked at.
	keepDone   = 24 * time.Hour
	pruneBatch = 1000
)

// prune deletes old finished jobs, a batch at a time so that no writer waits long.
func (r *Runner) prune(ctx context.Context, _ Job) (Effect, error) {
	for {
		var n int64
		err := r.s.Write(ctx, func(tx *store.Tx) (err error) {
			n, err = tx.PruneJobs(tx.Now()-desk.Micros(keepDone.Microseconds()), pruneBatch)
			return err
		})
		if err != nil || n < pruneBatch {
			return nil, err
		}
	}
}
