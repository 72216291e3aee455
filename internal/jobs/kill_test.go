package jobs

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// The test binary runs itself as a node that can be killed.
const (
	envURL = "VERIDESK_TEST_JOBS_URL"
	envLog = "VERIDESK_TEST_JOBS_LOG"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(envURL); url != "" {
		fmt.Fprintln(os.Stderr, victim(url, os.Getenv(envLog)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// victim runs jobs until it is killed.
func victim(url, log string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{URL: url})
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	f, err := os.OpenFile(log, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	r := killRunner(s, f)
	if err := r.Start(ctx); err != nil {
		return err
	}
	select {}
}

func killRunner(s *store.Store, log *os.File) *Runner {
	cfg := quick()
	cfg.Lease = 400 * time.Millisecond
	r := NewRunner(s, cfg)
	r.Register("work", func(_ context.Context, j Job) (Effect, error) {
		var what string
		if err := j.Decode(&what); err != nil {
			return nil, err
		}
		if _, err := log.WriteString(what + "\n"); err != nil { // the outside world
			return nil, err
		}
		time.Sleep(5 * time.Millisecond) // what a mail takes: time to be killed in
		return mark(what), nil
	})
	return r
}

// Killed in the middle, again and again: every job runs, and nothing it changes
// is changed twice.
func TestKilledNodesLoseAndDoubleNothing(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		s := storetest.OpenURL(t, url)
		logName := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(logName, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		kills := 4
		if os.Getenv("VERIDESK_SOAK") == "full" {
			kills = 20
		}
		jobs := 50 * kills
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			for i := range jobs {
				if err := Enqueue(tx, "work", fmt.Sprint(i), MaxAttempts(100)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		lines := func() [][]byte {
			b, err := os.ReadFile(logName)
			if err != nil {
				t.Fatal(err)
			}
			return bytes.Fields(b)
		}
		for kill := range kills {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), envURL+"="+url, envLog+"="+logName)
			var complaint bytes.Buffer
			cmd.Stderr = &complaint
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			before := len(lines())
			eventually(t, "the victim is in the middle of its work", func() bool { return len(lines()) >= min(before+40, jobs) })
			if err := cmd.Process.Kill(); err != nil { // SIGKILL
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil || complaint.Len() > 0 && bytes.Contains(complaint.Bytes(), []byte("cannot")) {
				t.Fatalf("kill %d: %v %s", kill, err, complaint.String())
			}
		}
		f, err := os.OpenFile(logName, os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		start(t, killRunner(s, f))
		eventually(t, "the survivor finished everything", func() bool { return len(marks(t, s)) == jobs })
		ran := map[string]int{}
		for _, l := range lines() {
			ran[string(l)]++
		}
		m := marks(t, s)
		for i := range jobs {
			if what := fmt.Sprint(i); ran[what] < 1 || m[what] != 1 {
				t.Errorf("job %s: ran %d times, effect %d times", what, ran[what], m[what])
			}
		}
		t.Logf("%d kills, %d runs of %d jobs, each effect once", kills, len(lines()), jobs)
	})
}
