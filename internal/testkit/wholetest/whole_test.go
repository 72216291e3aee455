package wholetest_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit"
	"github.com/veridesk/veridesk/internal/testkit/client"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
)

// The demo's people; see internal/app.
const (
	agentEmail   = "mei@meridian.example"
	adminEmail   = "lin@meridian.example"
	demoPassword = "meridian-demo"
)

// soak returns full when the long tests are asked for, otherwise short.
func soak(short, full int) int {
	if os.Getenv("VERIDESK_SOAK") == "full" {
		return full
	}
	return short
}

// engines runs a test on SQLite and on PostgreSQL.
func engines(t *testing.T, run func(t *testing.T, options ...testkit.Option)) {
	t.Run("sqlite", func(t *testing.T) { run(t) })
	t.Run("postgres", func(t *testing.T) { run(t, testkit.Database(pgtest.Start(t))) })
}

// eventually polls until ok says yes.
func eventually(t *testing.T, limit time.Duration, what string, ok func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := ok()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v: %v", what, limit, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func visitor(t *testing.T, base string) *client.Visitor {
	t.Helper()
	v, err := client.NewVisitor(t.Context(), base)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Begin(t.Context(), client.NewID(), "Hello, I need help with my withdrawal."); err != nil {
		t.Fatal(err)
	}
	return v
}

func signIn(t *testing.T, base, email string) *client.Agent {
	t.Helper()
	a, err := client.SignIn(t.Context(), base, email, demoPassword)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// sender writes message after message as the widget's send queue does: each is
// repeated under its own client id until it is acknowledged.
type sender struct {
	*client.Visitor
	bases []string // nodes to turn to, one after the other
	acked []string // client ids in order
	gap   time.Duration
	last  time.Time // of the latest acknowledgement
}

func (s *sender) run(ctx context.Context) {
	for node := 0; ctx.Err() == nil; {
		id := client.NewID()
		for ctx.Err() == nil {
			try, cancel := context.WithTimeout(ctx, 5*time.Second)
			_, err := s.Send(try, id, "message "+id)
			cancel()
			if err == nil {
				s.acked = append(s.acked, id)
				if !s.last.IsZero() {
					s.gap = max(s.gap, time.Since(s.last))
				}
				s.last = time.Now()
				break
			}
			if len(s.bases) > 1 {
				node++
				s.Base = s.bases[node%len(s.bases)]
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// crowd lets senders write until ctx ends.
func crowd(ctx context.Context, senders []*sender) {
	var wg sync.WaitGroup
	for _, s := range senders {
		wg.Go(func() { s.run(ctx) })
	}
	wg.Wait()
}

func newSenders(t *testing.T, n int, bases ...string) []*sender {
	t.Helper()
	out := make([]*sender, n)
	for i := range out {
		out[i] = &sender{Visitor: visitor(t, bases[i%len(bases)]), bases: bases}
	}
	return out
}

// checkKept fails unless every acknowledged message is there exactly once, in
// the order in which it was acknowledged, without holes in the sequence.
func checkKept(t *testing.T, senders []*sender) (acked int) {
	t.Helper()
	for _, s := range senders {
		messages, err := s.Messages(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]int{}
		var last int64
		for i, m := range messages {
			if _, twice := at[m.ClientID]; twice {
				t.Fatalf("message %s is there twice", m.ClientID)
			}
			at[m.ClientID] = i
			// The desk's own notes take places in between.
			if m.Prev != last || m.Seq <= last {
				t.Fatalf("message %d has sequence %d and follows %d, but %d was before it", i+1, m.Seq, m.Prev, last)
			}
			last = m.Seq
		}
		before := -1
		for _, id := range s.acked {
			i, ok := at[id]
			if !ok {
				t.Fatalf("message %s was acknowledged and is lost", id)
			}
			if i < before {
				t.Fatalf("message %s stands before an earlier one", id)
			}
			before = i
		}
		acked += len(s.acked)
	}
	return acked
}

// status returns the HTTP status of an error, 0 when it has none.
func status(err error) int {
	if e := new(client.StatusError); errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func unavailable(err error) bool { return status(err) == http.StatusServiceUnavailable }

func httpStatus(t *testing.T, url string) int {
	t.Helper()
	c := http.Client{Timeout: 10 * time.Second}
	res, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode
}
