package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func quick() Config {
	return Config{
		Poll: 20 * time.Millisecond, Lease: 2 * time.Second,
		Backoff: func(int) time.Duration { return 10 * time.Millisecond },
		Logger:  slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func start(t *testing.T, r *Runner) {
	t.Helper()
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, r) })
}

func stop(t *testing.T, r *Runner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := r.Stop(ctx); err != nil {
		t.Errorf("stop: %v", err)
	}
}

func enqueue(t *testing.T, s *store.Store, kind string, payload any, opts ...Option) {
	t.Helper()
	if err := s.Write(t.Context(), func(tx *store.Tx) error { return Enqueue(tx, kind, payload, opts...) }); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if fn() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

func list(t *testing.T, s *store.Store, state store.JobState) []store.Job {
	t.Helper()
	all, err := s.Read(t.Context()).Jobs(state, 10000)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(j store.Job) bool { return j.Kind == kindPrune })
}

// mark is an effect that can be counted: a job that nobody handles.
func mark(what string) Effect {
	return func(tx *store.Tx) error {
		return Enqueue(tx, "mark", what, RunAt(time.Now().Add(time.Hour)))
	}
}

func marks(t *testing.T, s *store.Store) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, j := range list(t, s, store.JobPending) {
		if j.Kind == "mark" {
			var what string
			if err := json.Unmarshal([]byte(j.Payload), &what); err != nil {
				t.Fatal(err)
			}
			n[what]++
		}
	}
	return n
}

// A mail would be sent for something that never happened, or not for what did.
func TestJobBelongsToItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		changed := errors.New("changed my mind")
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			if err := Enqueue(tx, "mail", 1); err != nil {
				return err
			}
			return changed
		})
		if !errors.Is(err, changed) {
			t.Fatal(err)
		}
		if got := list(t, s, store.JobPending); len(got) != 0 {
			t.Fatalf("a job survived its transaction: %+v", got)
		}
	})
}

func TestTwoRunnersEachEffectOnce(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		one := storetest.OpenURL(t, url)
		stores := []*store.Store{one, one}
		if one.Engine() == store.Postgres {
			stores[1] = storetest.OpenURL(t, url) // another node
		}
		const jobs = 200
		var mu sync.Mutex
		ran := map[string]int{}
		for _, s := range stores {
			r := NewRunner(s, quick())
			r.Register("work", func(_ context.Context, j Job) (Effect, error) {
				var what string
				if err := j.Decode(&what); err != nil {
					return nil, err
				}
				mu.Lock()
				ran[what]++
				mu.Unlock()
				return mark(what), nil
			})
			start(t, r)
		}
		err := one.Write(t.Context(), func(tx *store.Tx) error {
			for i := range jobs {
				if err := Enqueue(tx, "work", fmt.Sprint(i), InLane(Lane(i%3))); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "all jobs are done", func() bool { return len(list(t, one, store.JobDone)) == jobs })
		for what, n := range marks(t, one) {
			if n != 1 {
				t.Errorf("effect of %s happened %d times", what, n)
			}
		}
		if len(marks(t, one)) != jobs || len(ran) != jobs {
			t.Fatalf("%d effects of %d runs of %d jobs", len(marks(t, one)), len(ran), jobs)
		}
		if done := list(t, one, store.JobDone); done[0].Payload != "" {
			t.Error("a finished job still holds what it was about")
		}
	})
}

// An answer mail must leave at once, not at the next poll.
func TestEnqueueWakesTheRunner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		cfg := quick()
		cfg.Poll = time.Hour
		r := NewRunner(s, cfg)
		done := make(chan time.Time, 1)
		r.Register("work", func(context.Context, Job) (Effect, error) { done <- time.Now(); return nil, nil })
		start(t, r)
		eventually(t, "the first tick of pruning", func() bool {
			n, err := s.Read(t.Context()).CountJobs()
			return err == nil && n[store.JobDone] == 1
		})
		for range 5 {
			began := time.Now()
			enqueue(t, s, "work", 1)
			select {
			case at := <-done:
				if took := at.Sub(began); took > 500*time.Millisecond {
					t.Errorf("begun after %s", took)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("not begun")
			}
		}
	})
}

func TestFailuresAreRetriedThenDead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := NewRunner(s, quick())
		var tries, panics, effects atomic.Int32
		r.Register("flaky", func(_ context.Context, j Job) (Effect, error) {
			if j.Attempt < 3 {
				return nil, errors.New("not yet")
			}
			return mark("flaky"), nil
		})
		r.Register("hopeless", func(context.Context, Job) (Effect, error) { tries.Add(1); return nil, errors.New("refused 拒绝") })
		r.Register("permanent", func(context.Context, Job) (Effect, error) {
			return nil, fmt.Errorf("sending: %w", Permanent(errors.New("no such mailbox")))
		})
		r.Register("panics", func(context.Context, Job) (Effect, error) { panics.Add(1); panic("boom") })
		r.Register("bad effect", func(context.Context, Job) (Effect, error) {
			return func(tx *store.Tx) error {
				if err := Enqueue(tx, "mark", "must not stay", RunAt(time.Now().Add(time.Hour))); err != nil {
					return err
				}
				if effects.Add(1) == 1 {
					panic("in the effect")
				}
				return errors.New("effect refused")
			}, nil
		})
		r.Register("bad payload", func(_ context.Context, j Job) (Effect, error) {
			var n int
			return nil, j.Decode(&n)
		})
		start(t, r)
		enqueue(t, s, "flaky", 1)
		enqueue(t, s, "hopeless", 1, MaxAttempts(4), UniqueKey("hopeless"))
		enqueue(t, s, "permanent", 1)
		enqueue(t, s, "panics", 1, MaxAttempts(2))
		enqueue(t, s, "bad effect", 1, MaxAttempts(2))
		enqueue(t, s, "bad payload", "not a number")
		eventually(t, "five dead, one done", func() bool {
			return len(list(t, s, store.JobDead)) == 5 && len(list(t, s, store.JobDone)) == 1
		})
		dead := map[string]store.Job{}
		for _, j := range list(t, s, store.JobDead) {
			dead[j.Kind] = j
		}
		for kind, want := range map[string]struct {
			attempts int
			says     string
		}{
			"hopeless": {4, "refused 拒绝"}, "permanent": {1, "no such mailbox"}, "panics": {2, "boom"},
			"bad effect": {2, "effect refused"}, "bad payload": {1, "payload of bad payload"},
		} {
			if j := dead[kind]; j.Attempts != want.attempts || !strings.Contains(j.LastError, want.says) {
				t.Errorf("%s: %d attempts, %q", kind, j.Attempts, j.LastError)
			}
		}
		if m := marks(t, s); len(m) != 1 || m["flaky"] != 1 {
			t.Errorf("effects: %v", m)
		}
		// A person replays it: all attempts anew.
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return Replay(tx, dead["hopeless"].ID) }); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the replayed job was tried again", func() bool { return tries.Load() == 8 && len(list(t, s, store.JobDead)) == 5 })
		err := s.Write(t.Context(), func(tx *store.Tx) error { return Replay(tx, list(t, s, store.JobDone)[0].ID) })
		if desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a finished job was replayed: %v", err)
		}
	})
}

func TestUniqueKeyWhileAlive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := NewRunner(s, quick())
		begun, let := make(chan struct{}, 10), make(chan struct{})
		r.Register("index", func(context.Context, Job) (Effect, error) { begun <- struct{}{}; <-let; return nil, nil })
		start(t, r)
		enqueue(t, s, "index", 1, UniqueKey("index"))
		<-begun
		enqueue(t, s, "index", 2, UniqueKey("index")) // one is running: nothing to add
		if n := len(list(t, s, store.JobPending)); n != 0 {
			t.Fatalf("%d pending", n)
		}
		close(let)
		eventually(t, "it is done", func() bool { return len(list(t, s, store.JobDone)) == 1 })
		enqueue(t, s, "index", 3, UniqueKey("index"))
		eventually(t, "the key is free again", func() bool { return len(list(t, s, store.JobDone)) == 2 })
	})
}

// A node that stands still loses its jobs, and its late effect with them.
func TestLostLeaseIsFenced(t *testing.T) {
	var mu sync.Mutex
	now := time.Now()
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s := storetest.OpenConfig(t, store.Config{URL: storetest.SQLiteURL(t), Now: clock})
	cfg := quick()
	cfg.Lease = time.Hour // never renewed within this test
	cfg.Workers = 1       // it is busy standing still
	slow := NewRunner(s, cfg)
	begun, let := make(chan struct{}), make(chan struct{})
	slow.Register("work", func(context.Context, Job) (Effect, error) { close(begun); <-let; return mark("slow"), nil })
	start(t, slow)
	enqueue(t, s, "work", 1)
	<-begun
	mu.Lock()
	now = now.Add(time.Hour + time.Second)
	mu.Unlock()
	other := NewRunner(s, cfg)
	other.Register("work", func(_ context.Context, j Job) (Effect, error) {
		return mark(fmt.Sprint("other, attempt ", j.Attempt)), nil
	})
	start(t, other)
	eventually(t, "the other runner did it", func() bool { return len(list(t, s, store.JobDone)) == 1 })
	close(let)
	stop(t, slow)
	if m := marks(t, s); len(m) != 1 || m["other, attempt 2"] != 1 {
		t.Fatalf("effects: %v", m)
	}
}

// A job that takes the process down each time must not do so for ever.
func TestExpiredLastAttemptIsDead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		enqueue(t, s, "poison", 1, MaxAttempts(1))
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			now, err := tx.DatabaseNow()
			if err != nil {
				return err
			}
			got, err := tx.ClaimJobs([]string{"poison"}, now, now-1, 10)
			if err == nil && len(got) != 1 {
				t.Errorf("claimed %d", len(got))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		start(t, NewRunner(s, quick()))
		eventually(t, "it is dead", func() bool { return len(list(t, s, store.JobDead)) == 1 })
		if j := list(t, s, store.JobDead)[0]; !strings.Contains(j.LastError, "went away") {
			t.Errorf("last error %q", j.LastError)
		}
	})
}

// A long job (an export) must not be taken away from a living node.
func TestLeaseIsRenewedWhileRunning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		cfg := quick()
		cfg.Lease = 3 * time.Second
		var runs atomic.Int32
		let := make(chan struct{})
		for range 2 {
			r := NewRunner(s, cfg)
			r.Register("long", func(ctx context.Context, _ Job) (Effect, error) {
				runs.Add(1)
				select {
				case <-ctx.Done():
					return nil, ctx.Err()
				case <-let:
					return mark("long"), nil
				}
			})
			start(t, r)
		}
		enqueue(t, s, "long", 1)
		var first, last desk.Micros
		eventually(t, "the lease outlived its first term", func() bool {
			for _, j := range list(t, s, store.JobRunning) {
				if first == 0 {
					first = j.LeaseUntil
				}
				last = j.LeaseUntil
			}
			return last-first > desk.Micros(cfg.Lease.Microseconds())
		})
		close(let)
		eventually(t, "it is done", func() bool { return len(list(t, s, store.JobDone)) == 1 })
		if runs.Load() != 1 || marks(t, s)["long"] != 1 {
			t.Fatalf("%d runs, effects %v", runs.Load(), marks(t, s))
		}
	})
}

func TestScheduleTicksOnceAmongNodes(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		s := storetest.OpenURL(t, url)
		var runs atomic.Int32
		const every = 300 * time.Millisecond
		began := time.Now()
		for range 2 {
			node := s
			if s.Engine() == store.Postgres {
				node = storetest.OpenURL(t, url)
			}
			r := NewRunner(node, quick())
			r.Every("digest", every, "digest")
			r.Register("digest", func(context.Context, Job) (Effect, error) { runs.Add(1); return nil, nil })
			start(t, r)
		}
		eventually(t, "some ticks", func() bool { return runs.Load() >= 4 })
		if most := int32(time.Since(began)/every) + 2; runs.Load() > most {
			t.Fatalf("%d runs in %s", runs.Load(), time.Since(began))
		}
	})
}

// After a weekend switched off there is one digest, not five hundred.
func TestMissedTicksAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var ticks int
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			ticks = 0
			if err := tx.EnsureSchedule("digest", 1000, 1_000_000); err != nil {
				return err
			}
			for _, now := range []desk.Micros{999_999, 1_500_300, 1_500_400, 1_500_999, 1_501_000} {
				due, err := tx.TickSchedule("digest", now)
				if err != nil {
					return err
				}
				if due {
					ticks++
				}
			}
			return nil
		})
		if err != nil || ticks != 2 {
			t.Fatalf("%d ticks, %v", ticks, err)
		}
	})
}

func TestStopFinishesOrGivesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := NewRunner(s, quick())
		begun := make(chan struct{}, 2)
		let := make(chan struct{})
		r.Register("short", func(context.Context, Job) (Effect, error) { begun <- struct{}{}; <-let; return mark("short"), nil })
		r.Register("endless", func(ctx context.Context, _ Job) (Effect, error) {
			begun <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		})
		start(t, r)
		enqueue(t, s, "short", 1)
		enqueue(t, s, "endless", 1)
		<-begun
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		go close(let)
		if err := r.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if marks(t, s)["short"] != 1 {
			t.Error("the short job was not finished")
		}
		for _, j := range list(t, s, store.JobPending) {
			if j.Kind == "endless" && j.Attempts != 0 {
				t.Errorf("the interrupted job lost an attempt: %d", j.Attempts)
			}
		}
		if n := len(list(t, s, store.JobRunning)); n != 0 {
			t.Errorf("%d jobs keep a lease that nobody holds", n)
		}
		enqueue(t, s, "short", 2)
		if n := len(list(t, s, store.JobPending)); n != 3 { // the mark, endless, and the new one
			t.Errorf("%d pending: a stopped runner took a job", n)
		}
	})
}

func TestBackoffGrowsAndSpreads(t *testing.T) {
	if got := Backoff(1, 0.5); got != 5*time.Second {
		t.Errorf("first wait %s", got)
	}
	if lo, hi := Backoff(4, 0), Backoff(4, 0.999); lo != 30*time.Second || hi < 49*time.Second || hi > 50*time.Second {
		t.Errorf("fourth wait %s … %s", lo, hi)
	}
	for _, n := range []int{10, 11, 12, 60, 1000} {
		if got := Backoff(n, 0.5); got < 40*time.Minute || got > time.Hour {
			t.Errorf("wait after %d: %s", n, got)
		}
	}
}

func TestPruneKeepsRecentAndDead(t *testing.T) {
	var mu sync.Mutex
	now := time.Now()
	s := storetest.OpenConfig(t, store.Config{URL: storetest.SQLiteURL(t), Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	r := NewRunner(s, quick())
	r.Register("ok", func(context.Context, Job) (Effect, error) { return nil, nil })
	r.Register("bad", func(context.Context, Job) (Effect, error) { return nil, Permanent(errors.New("no")) })
	start(t, r)
	enqueue(t, s, "ok", 1)
	enqueue(t, s, "bad", 1)
	eventually(t, "both ended", func() bool { return len(list(t, s, store.JobDone)) == 1 && len(list(t, s, store.JobDead)) == 1 })
	mu.Lock()
	now = now.Add(25 * time.Hour)
	mu.Unlock()
	enqueue(t, s, "ok", 2)
	eventually(t, "the old one is pruned", func() bool {
		done := list(t, s, store.JobDone)
		return len(done) == 1 && done[0].CreatedAt.Time().After(now.Add(-time.Hour))
	})
	if len(list(t, s, store.JobDead)) != 1 {
		t.Error("a dead job was pruned before anybody saw it")
	}
}

func TestMetricsCountByState(t *testing.T) {
	s := storetest.Open(t)
	reg := prometheus.NewRegistry()
	cfg := quick()
	cfg.Metrics = reg
	NewRunner(s, cfg)
	enqueue(t, s, "nobody does this", 1)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "veridesk_jobs" {
			continue
		}
		for _, m := range f.GetMetric() {
			if m.GetLabel()[0].GetValue() == "pending" && m.GetGauge().GetValue() == 1 {
				return
			}
		}
	}
	t.Fatalf("the waiting job is not counted: %v", families)
}

// A desk where nothing happens must leave the disk alone.
func TestIdleRunnerOnlyReads(t *testing.T) {
	s := storetest.Open(t)
	cfg := quick()
	cfg.Poll = 2 * time.Millisecond
	r := NewRunner(s, cfg)
	start(t, r)
	enqueue(t, s, "of a newer version", 1, RunAt(time.Now().Add(time.Hour)))
	eventually(t, "the first tick of pruning is done", func() bool {
		n, err := s.Read(t.Context()).CountJobs()
		return err == nil && n[store.JobDone] == 1
	})
	size := func() int64 {
		info, err := os.Stat(s.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	before, until := size(), time.Now().Add(300*time.Millisecond)
	for time.Now().Before(until) {
		if now := size(); now != before {
			t.Fatalf("the log grew from %d to %d bytes", before, now)
		}
	}
}

// A signal may come while the node is still starting.
func TestStopBeforeStart(t *testing.T) {
	r := NewRunner(storetest.Open(t), quick())
	stop(t, r)
	if err := r.Start(t.Context()); !errors.Is(err, context.Canceled) {
		t.Fatalf("started after the end: %v", err)
	}
}
