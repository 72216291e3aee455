package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// mark leaves a trace of a writer: a row that can be counted.
func mark(tx *store.Tx, who string) error {
	_, err := tx.Exec(`INSERT INTO mail_preview (id, recipient, subject, body, created_at) VALUES ($1, $2, '', '', $3)`, tx.NewID(), who, tx.Now())
	return err
}

func marks(t *testing.T, s *store.Store, who string) int64 {
	t.Helper()
	n, err := s.Read(context.WithoutCancel(t.Context())).Int(`SELECT COUNT(*) FROM mail_preview WHERE recipient = $1`, who)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var errRefused = errors.New("refused")

// Writers share commits. One who fails, panics, gives up or breaks a constraint
// must take nobody else's message along.
func TestOneBadWriterHarmsNoOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const writers = 1000
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		var wg sync.WaitGroup
		errs := make([]error, writers)
		for i := range writers {
			wg.Go(func() {
				who, ctx := fmt.Sprintf("w%d", i), t.Context()
				var then func(tx *store.Tx) error
				switch i % 10 {
				case 3:
					then = func(*store.Tx) error { return errRefused }
				case 5:
					then = func(*store.Tx) error { panic("a defect") }
				case 7:
					ctx = cancelled
				case 9:
					then = func(tx *store.Tx) error {
						_, err := tx.Exec(`INSERT INTO team_member (team_id, agent_id) VALUES (1, 1)`) // there is no such team
						return err
					}
				}
				errs[i] = s.Write(ctx, func(tx *store.Tx) error {
					if err := mark(tx, who); err != nil || then == nil {
						return err
					}
					return then(tx)
				})
			})
		}
		wg.Wait()
		for i, err := range errs {
			good := i%2 == 0 || i%10 == 1
			switch {
			case good && err != nil:
				t.Fatalf("writer %d: %v", i, err)
			case i%10 == 3 && !errors.Is(err, errRefused),
				i%10 == 5 && (err == nil || !strings.Contains(err.Error(), "a defect")),
				i%10 == 7 && !errors.Is(err, context.Canceled),
				i%10 == 9 && desk.CodeOf(err) != desk.Conflict:
				t.Fatalf("writer %d got the wrong error: %v", i, err)
			}
		}
		trace, err := s.Read(t.Context()).Strings(`SELECT recipient FROM mail_preview`)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, who := range trace {
			seen[who]++
		}
		for i := range writers {
			want := 0
			if i%2 == 0 || i%10 == 1 {
				want = 1
			}
			if got := seen[fmt.Sprintf("w%d", i)]; got != want {
				t.Errorf("writer %d (kind %d) left %d rows, want %d", i, i%10, got, want)
			}
		}
	})
}

// When SQLite gives up the commit that many share (a full disk does that), each
// of the others is told to try again, in no case what the one who met it says.
func TestLostBatchIsUnavailableToTheOthers(t *testing.T) {
	s := storetest.Open(t)
	var wg sync.WaitGroup
	errs := make([]error, 200)
	for i := range errs {
		wg.Go(func() {
			errs[i] = s.Write(t.Context(), func(tx *store.Tx) error {
				if err := mark(tx, fmt.Sprint(i)); err != nil || i%20 != 7 {
					return err
				}
				if _, err := tx.Exec(`ROLLBACK`); err != nil { // what SQLite does by itself
					return err
				}
				return desk.Errorf(desk.Invalid, "your form is wrong")
			})
		})
	}
	wg.Wait()
	lost := 0
	for i, err := range errs {
		want := int64(1)
		switch {
		case i%20 == 7:
			want = 0
			// Behind another such one in the same batch it was never its turn.
			if code := desk.CodeOf(err); code != desk.Invalid && code != desk.Unavailable {
				t.Errorf("the one who met it: %v", err)
			}
		case err != nil:
			want = 0
			lost++
			if desk.CodeOf(err) != desk.Unavailable {
				t.Errorf("another one: code %s, %v", desk.CodeOf(err), err)
			}
		}
		if n := marks(t, s, fmt.Sprint(i)); n != want {
			t.Errorf("writer %d: %d rows, want %d (%v)", i, n, want, err)
		}
	}
	t.Logf("%d others lost their batch", lost)
}

// What a transaction has written it can read, and nobody else can until the
// commit.
func TestWriterSeesItsOwnRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			if err := mark(tx, "me"); err != nil {
				return err
			}
			n, err := tx.Int(`SELECT COUNT(*) FROM mail_preview`)
			if err != nil || n != 1 {
				t.Errorf("inside the transaction: %d rows, %v", n, err)
			}
			if n := marks(t, s, "me"); n != 0 {
				t.Errorf("outside before the commit: %d rows", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := marks(t, s, "me"); n != 1 {
			t.Errorf("after the commit: %d rows", n)
		}
	})
}

// Two agents who touch the same two rows in opposite order deadlock on
// PostgreSQL. Neither may see an error, and each effect must happen once.
func TestDeadlockIsRunAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO counter (name, value) VALUES ('a', 0), ('b', 0)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		const rounds = 3
		var wg sync.WaitGroup
		for range rounds {
			var both sync.WaitGroup // meets once, on the first try of each
			if s.Engine() == store.Postgres {
				both.Add(2)
			}
			for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
				wg.Go(func() {
					var once sync.Once
					err := s.Write(t.Context(), func(tx *store.Tx) error {
						if err := tx.ExecOne(`UPDATE counter SET value = value + 1 WHERE name = $1`, order[0]); err != nil {
							return err
						}
						if s.Engine() == store.Postgres {
							once.Do(func() { both.Done(); both.Wait() })
						}
						return tx.ExecOne(`UPDATE counter SET value = value + 1 WHERE name = $1`, order[1])
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		values, err := s.Read(t.Context()).Strings(`SELECT CAST(value AS TEXT) FROM counter ORDER BY name`)
		if err != nil || len(values) != 2 || values[0] != "6" || values[1] != "6" {
			t.Errorf("counters %v, want 6 and 6, %v", values, err)
		}
	})
}

// A list and its count, or a backup, must show one moment.
func TestSnapshotSeesOneMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		put := func() {
			if err := s.Write(t.Context(), func(tx *store.Tx) error { return mark(tx, "x") }); err != nil {
				t.Fatal(err)
			}
		}
		put()
		err := s.Snapshot(t.Context(), func(q store.Query) error {
			for range 3 {
				n, err := q.Int(`SELECT COUNT(*) FROM mail_preview`)
				if err != nil {
					return err
				}
				if n != 1 {
					t.Errorf("the snapshot moved: %d rows", n)
				}
				put()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := marks(t, s, "x"); n != 4 {
			t.Errorf("%d rows afterwards, want 4", n)
		}
	})
}

// A snapshot and a plain read refuse to write: a mistake shows in the first test.
func TestSnapshotCannotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Snapshot(t.Context(), func(q store.Query) error {
			_, err := q.Int(`INSERT INTO counter (name, value) VALUES ('s', 1) RETURNING value`)
			return err
		})
		if err == nil {
			t.Error("a snapshot wrote")
		}
	})
}

// Shutting down writes out what was accepted and refuses the rest with an error
// a client may act on; nobody hangs.
func TestCloseDuringWrites(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 8})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		acknowledged := []string{}
		for w := range 20 {
			wg.Go(func() {
				for i := 0; ; i++ {
					who := fmt.Sprintf("%d-%d", w, i)
					err := s.Write(t.Context(), func(tx *store.Tx) error { return mark(tx, who) })
					if err != nil {
						if desk.CodeOf(err) != desk.Unavailable {
							t.Errorf("after Close: %v", err)
						}
						return
					}
					mu.Lock()
					acknowledged = append(acknowledged, who)
					mu.Unlock()
				}
			})
		}
		poll(t, "some writes", func() bool { mu.Lock(); defer mu.Unlock(); return len(acknowledged) > 100 })
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		again := openBare(t, url)
		trace, err := again.Read(t.Context()).Strings(`SELECT recipient FROM mail_preview`)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, who := range trace {
			seen[who]++
		}
		for _, who := range acknowledged {
			if seen[who] != 1 {
				t.Fatalf("%s was acknowledged and is there %d times", who, seen[who])
			}
		}
	})
}

// poll waits until ok, at most 20 seconds.
func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 20 s: %s", what)
		}
	}
}
