package pgtest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) }) //nolint:errcheck // the database goes next
	return c
}

// Tests must not see each other's rows, and the template is made once.
func TestDatabasesAreSeparateCopies(t *testing.T) {
	var made atomic.Int32
	prepare := func(url string) error {
		made.Add(1)
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			return err
		}
		defer c.Close(t.Context())
		_, err = c.Exec(t.Context(), `CREATE TABLE thing (n INT)`)
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			c := connect(t, StartFrom(t, t.Name(), prepare))
			var n int
			err := c.QueryRow(t.Context(), `WITH put AS (INSERT INTO thing VALUES (1)) SELECT COUNT(*) FROM thing`).Scan(&n)
			if err != nil || n != 0 {
				t.Errorf("%d rows of somebody else, %v", n, err)
			}
		})
	}
	wg.Wait()
	if made.Load() > 1 {
		t.Errorf("the template was made %d times", made.Load())
	}
}

// What was committed before a kill -9 of the server is there after a restart:
// the server under test is a durable one.
func TestServerKeepsDataAcrossAKill(t *testing.T) {
	s := Private(t)
	if _, err := connect(t, s.URL("postgres")).Exec(t.Context(), `CREATE TABLE thing AS SELECT 7 AS n`); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	var n int
	var fsync string
	err := connect(t, s.URL("postgres")).QueryRow(t.Context(), `SELECT n, current_setting('fsync') FROM thing`).Scan(&n, &fsync)
	if err != nil || n != 7 {
		t.Fatalf("read back %d, %v", n, err)
	}
	t.Logf("fsync %s", fsync)
}
