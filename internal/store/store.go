package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/veridesk/veridesk/internal/desk"
)

// Engine is the database behind a Store.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says which database to open.
type Config struct {
	// URL is "sqlite:PATH" or "postgres://…" (any form that pgx accepts).
	URL string
	// Exclusive takes the database for this process alone (SQLite only): a
	// second one fails to open instead of handing out the same identifiers.
	Exclusive bool
	// MaxConns bounds the connections to PostgreSQL; 0 is what pool_max_conns in
	// the URL says, or else 4 per core, at least 8.
	MaxConns int
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Store is an open database. Its methods may be called from many goroutines.
type Store struct {
	engine Engine
	path   string // of the SQLite file
	read   *sql.DB
	admin  *sql.DB // migrations, backup; PostgreSQL: the same pool as read
	pool   *pgxpool.Pool
	writer *batchWriter // SQLite only
	stmts  sync.Map     // SQL text → *sql.Stmt on read (SQLite only; pgx caches by itself)
	now    func() time.Time
	ids    *desk.IDs
	lease  *nodeLease
	lock   *os.File
}

// Open opens the database of cfg. The schema is not touched: see
// [Store.Migrate], and [Store.Start] for what a serving node needs.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{now: cfg.Now}
	if s.now == nil {
		s.now = time.Now
	}
	ids, err := desk.NewIDs(0, s.now)
	if err != nil {
		return nil, err
	}
	s.ids = ids
	switch {
	case strings.HasPrefix(cfg.URL, "sqlite:"):
		err = s.openSQLite(ctx, strings.TrimPrefix(cfg.URL, "sqlite:"), cfg.Exclusive)
	case strings.HasPrefix(cfg.URL, "postgres://"), strings.HasPrefix(cfg.URL, "postgresql://"):
		err = s.openPostgres(ctx, cfg)
	default:
		err = desk.Errorf(desk.Invalid, "database %q: the address must begin with sqlite: or postgres://", redactURL(cfg.URL))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// redactURL takes the password out of a database address, for messages.
func redactURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return "(unreadable address)"
	}
	return u.Redacted()
}

func sqliteDSN(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{
		"busy_timeout(10000)", "foreign_keys(1)", "temp_store(2)",
	}, pragmas...)}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

func (s *Store) openSQLite(ctx context.Context, path string, exclusive bool) error {
	s.engine, s.path = SQLite, path
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return desk.Wrap(desk.Unavailable, fmt.Sprintf("the data folder %s cannot be made; check the path and who owns it", dir), err)
	}
	if exclusive {
		lock, err := lockFile(filepath.Join(dir, "lock"))
		if err != nil {
			return err
		}
		s.lock = lock
	}
	// One connection writes; its page cache may be small because the operating
	// system caches the file. WAL with synchronous FULL: a commit is on disk
	// before it is acknowledged.
	w, err := sql.Open("sqlite", sqliteDSN(path, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-8192)", "wal_autocheckpoint(2000)"))
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	if err := w.PingContext(ctx); err != nil {
		return errors.Join(desk.Wrap(desk.Unavailable, fmt.Sprintf("the database %s cannot be opened; check that the folder is writable and the file is a SQLite database", path), err), w.Close(), s.unlock())
	}
	r, err := sql.Open("sqlite", sqliteDSN(path, "query_only(1)", "cache_size(-4096)"))
	if err != nil {
		return errors.Join(err, w.Close(), s.unlock())
	}
	readers := max(runtime.GOMAXPROCS(0), 2)
	r.SetMaxOpenConns(readers)
	r.SetMaxIdleConns(readers)
	// Migrations and the like have a connection of their own: the writer keeps its.
	a, err := sql.Open("sqlite", sqliteDSN(path, "journal_mode(WAL)", "synchronous(FULL)"))
	if err != nil {
		return errors.Join(err, r.Close(), w.Close(), s.unlock())
	}
	a.SetMaxOpenConns(1)
	s.read, s.admin = r, a
	s.writer = newBatchWriter(s, w)
	return nil
}

func (s *Store) openPostgres(ctx context.Context, cfg Config) error {
	s.engine = Postgres
	pc, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		// pgx repeats the address with the password masked.
		return desk.Wrap(desk.Invalid, "the PostgreSQL address cannot be read", err)
	}
	switch {
	case cfg.MaxConns > 0:
		pc.MaxConns = int32(cfg.MaxConns)
	case !strings.Contains(cfg.URL, "pool_max_conns="):
		pc.MaxConns = int32(max(4*runtime.GOMAXPROCS(0), 8))
	}
	pc.MaxConns = max(pc.MaxConns, 2) // a migration works on one while it holds the lock on another
	if pc.ConnConfig.ConnectTimeout == 0 {
		pc.ConnConfig.ConnectTimeout = 5 * time.Second
	}
	pc.AfterConnect = durable
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return desk.Wrap(desk.Unavailable, "PostgreSQL cannot be reached", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	// A short patience: PostgreSQL often starts beside us, a little later.
	deadline := time.Now().Add(10 * time.Second)
	for {
		err = db.PingContext(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(deadline) {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(250 * time.Millisecond):
		}
	}
	if err != nil {
		pool.Close()
		return desk.Wrap(desk.Unavailable, fmt.Sprintf("PostgreSQL at %s does not answer; check the address, the password and that it runs", redactURL(cfg.URL)), err)
	}
	s.read, s.admin, s.pool = db, db, pool
	return nil
}

// Engine returns the database behind the store.
func (s *Store) Engine() Engine { return s.engine }

// Path returns the SQLite file, or "" on PostgreSQL.
func (s *Store) Path() string { return s.path }

// Now returns the store's clock.
func (s *Store) Now() time.Time { return s.now() }

// NewID returns a new identifier for this node.
func (s *Store) NewID() desk.ID { return s.ids.Next() }

// Close ends the node's lease, writes out what was accepted and closes the
// database.
func (s *Store) Close() error {
	var errs []error
	if s.lease != nil {
		errs = append(errs, s.lease.release())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.close())
	}
	s.stmts.Range(func(_, v any) bool {
		errs = append(errs, v.(*sql.Stmt).Close())
		return true
	})
	errs = append(errs, s.read.Close())
	if s.admin != s.read {
		errs = append(errs, s.admin.Close())
	}
	if s.pool != nil {
		errs = append(errs, s.closePool())
	}
	return errors.Join(append(errs, s.unlock())...)
}

// closePool waits for the connections in use, but not for ever: PostgreSQL may
// have stopped answering in the middle of a statement.
func (s *Store) closePool() error {
	closed := make(chan struct{})
	go func() {
		s.pool.Close()
		close(closed)
	}()
	select {
	case <-closed:
		return nil
	case <-time.After(5 * time.Second):
		return desk.Errorf(desk.Unavailable, "PostgreSQL does not answer: its connections were left open")
	}
}

func (s *Store) unlock() error {
	if s.lock == nil {
		return nil
	}
	err := s.lock.Close() // closing gives the lock back
	s.lock = nil
	return err
}

// Ping proves that the database takes writes and keeps them, by a small durable
// one.
func (s *Store) Ping(ctx context.Context) error {
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.nextCount("health", 1)
		return err
	})
}

// Read returns a Query outside any transaction: each of its calls sees the
// latest committed state.
func (s *Store) Read(ctx context.Context) Query {
	return Query{ctx: ctx, s: s, on: s.read, cached: s.engine == SQLite}
}

// Snapshot runs fn with a Query that sees one moment of the database throughout.
func (s *Store) Snapshot(ctx context.Context, fn func(Query) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if s.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	} else {
		opts = nil // a deferred transaction on a query_only connection is a snapshot
	}
	tx, err := s.read.BeginTx(ctx, opts)
	if err != nil {
		return s.wrap(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing to keep
	return fn(Query{ctx: ctx, s: s, on: tx})
}

// Write runs fn in a transaction and returns after the commit is durable. fn
// may be run more than once, in a savepoint of a transaction shared with other
// writers: it must do nothing but talk to its Tx and set values it returns.
// When fn returns an error nothing of it is kept and Write returns that error.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	if s.engine == SQLite {
		return s.writer.write(ctx, fn)
	}
	return s.writePostgres(ctx, fn)
}
