package storetest

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
)

// Open returns a store on a temporary SQLite file, migrated and started. It is
// closed when the test ends.
func Open(t testing.TB) *store.Store {
	t.Helper()
	return OpenURL(t, SQLiteURL(t))
}

// OpenPostgres returns a store on a fresh PostgreSQL database, migrated and
// started. The test is skipped when there is no PostgreSQL.
func OpenPostgres(t testing.TB) *store.Store {
	t.Helper()
	return OpenURL(t, PostgresURL(t))
}

// OpenURL returns a store on the database at url, migrated and started, and
// closes it when the test ends. Several of them may share a PostgreSQL database,
// as nodes do.
func OpenURL(t testing.TB, url string) *store.Store {
	t.Helper()
	return OpenConfig(t, store.Config{URL: url})
}

// OpenConfig is OpenURL for tests that set more than the address.
func OpenConfig(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 16 // tests of many packages share one server
	}
	s, err := store.Open(ctx, cfg)
	if err != nil {
		t.Fatalf("open the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	if _, err := s.Migrate(ctx); err != nil {
		t.Fatalf("migrate the store: %v", err)
	}
	if err := s.Start(ctx); err != nil {
		t.Fatalf("start the store: %v", err)
	}
	return s
}

// SQLiteURL returns the address of a SQLite file that does not exist yet, in
// the test's temporary folder.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "veridesk.db")
}

// PostgresURL returns the address of a fresh PostgreSQL database with the
// schema in place. The test is skipped when there is no PostgreSQL.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return pgtest.StartFrom(t, store.SchemaKey(), migrate)
}

func migrate(url string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := store.Open(ctx, store.Config{URL: url, MaxConns: 4})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.Close(); err == nil {
			err = cerr
		}
	}()
	if _, err := s.Migrate(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// Each runs test twice, as subtests named after the engines: on SQLite and on
// PostgreSQL.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachURL(t, true, func(t *testing.T, url string) { test(t, OpenURL(t, url)) })
}

// EachURL runs test on both engines with the address of a fresh database. On
// PostgreSQL the schema is in place when migrated is set; SQLite files never
// exist yet.
func EachURL(t *testing.T, migrated bool, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLiteURL(t)) })
	t.Run("postgres", func(t *testing.T) {
		if migrated {
			test(t, PostgresURL(t))
		} else {
			test(t, pgtest.Start(t))
		}
	})
}
