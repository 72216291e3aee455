package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrations is migrationFiles with the engine's types filled in.
type migrations struct {
	fs.FS
	fill *strings.Replacer
}

func migrationsFor(engine Engine) fs.FS {
	sub, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the directory is part of the binary
	}
	types := []string{"{{id}}", "BIGINT PRIMARY KEY", "{{bytes}}", "BYTEA"}
	if engine == SQLite {
		types = []string{"{{id}}", "INTEGER PRIMARY KEY", "{{bytes}}", "BLOB"}
	}
	return migrations{sub, strings.NewReplacer(types...)}
}

type filledFile struct {
	fs.File
	io.Reader
}

func (f filledFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }

func (m migrations) Open(name string) (fs.File, error) {
	f, err := m.FS.Open(name)
	if err != nil || !strings.HasSuffix(name, ".sql") {
		return f, err
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return filledFile{f, bytes.NewReader([]byte(m.fill.Replace(string(text))))}, nil
}

func provider(engine Engine, db *sql.DB) (*goose.Provider, error) {
	dialect := goose.DialectPostgres
	if engine == SQLite {
		dialect = goose.DialectSQLite3
	}
	return goose.NewProvider(dialect, db, migrationsFor(engine), goose.WithDisableGlobalRegistry(true))
}

// Migrate brings the schema to the newest version in one step from any earlier
// one and returns the version. On PostgreSQL an advisory lock lets many nodes
// start at once.
func (s *Store) Migrate(ctx context.Context) (int64, error) {
	return s.migrate(ctx, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// MigrateTo brings the schema up or down to a version. Going down deletes what
// the later versions added: it is for databases without rows, before a restore.
func (s *Store) MigrateTo(ctx context.Context, version int64) error {
	_, err := s.migrate(ctx, func(p *goose.Provider) error {
		have, err := p.GetDBVersion(ctx)
		switch {
		case err != nil:
		case have < version:
			_, err = p.UpTo(ctx, version)
		case have > version:
			_, err = p.DownTo(ctx, version)
		}
		return err
	})
	return err
}

// migrationLock is the advisory lock (any constant will do) under which a node
// changes the schema or loads a backup.
const migrationLock = 7236482001

func (s *Store) migrate(ctx context.Context, step func(*goose.Provider) error) (version int64, err error) {
	p, err := provider(s.engine, s.admin)
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	if s.engine == Postgres {
		conn, err := s.admin.Conn(ctx)
		if err != nil {
			return 0, s.wrap(err)
		}
		defer conn.Close()
		// Held by this connection until the migration is over.
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, migrationLock); err != nil {
			return 0, s.wrap(err)
		}
		defer conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, migrationLock) //nolint:errcheck // closing the connection frees it as well
	}
	if err := step(p); err != nil {
		return 0, s.wrap(fmt.Errorf("migrate the database: %w", err))
	}
	return p.GetDBVersion(ctx)
}

// Version returns the schema's version in the database and the newest one that
// this binary knows.
func (s *Store) Version(ctx context.Context) (have, want int64, err error) {
	p, err := provider(s.engine, s.admin)
	if err != nil {
		return 0, 0, fmt.Errorf("read migrations: %w", err)
	}
	have, want, err = p.GetVersions(ctx)
	return have, want, err
}

// SchemaKey identifies the migrations in this binary by their content: it
// changes whenever one of them does.
func SchemaKey() string {
	sum := sha256.New()
	names, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		panic(err) // the pattern is constant
	}
	for _, name := range names {
		text, err := migrationFiles.ReadFile(name)
		if err != nil {
			panic(err) // the files are part of the binary
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
