package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// Dump runs fn with a Query that sees one moment, like [Store.Snapshot], on a
// connection that serving does not need: a long reading takes nobody's place.
func (s *Store) Dump(ctx context.Context, fn func(Query) error) error {
	if s.engine == Postgres {
		return s.Snapshot(ctx, fn)
	}
	tx, err := s.admin.BeginTx(ctx, nil)
	if err != nil {
		return s.wrap(err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing to keep
	return fn(Query{ctx: ctx, s: s, on: tx})
}

// Load runs fn once in a transaction of its own that may be as long as the
// database is large; nothing of it is seen until fn returns nil. Nodes that start
// meanwhile wait. The message index is thrown away: the next start builds it.
// A running node is refused with [desk.Conflict].
func (s *Store) Load(ctx context.Context, fn func(*Loader) error) error {
	btx, err := s.admin.BeginTx(ctx, nil)
	if err != nil {
		return s.wrap(err)
	}
	defer btx.Rollback() //nolint:errcheck // after a commit there is nothing to take back
	l := &Loader{Query: Query{ctx: ctx, s: s, on: btx}}
	if s.engine == Postgres {
		if _, err := btx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, migrationLock); err != nil {
			return s.wrap(err)
		}
		// On SQLite the lock file of the data folder says it.
		if n, err := l.liveNodes(); err != nil || n > 0 {
			return errors.Join(err, errNodeRunning)
		}
	}
	if err := protect(func(*Tx) error { return fn(l) }, nil); err != nil {
		return err
	}
	if err := l.Flush(); err != nil {
		return err
	}
	if err := l.dropIndex(); err != nil {
		return err
	}
	return s.wrap(btx.Commit())
}

// Loader writes whole tables. It reads like a Query.
type Loader struct {
	Query
	table   *Table
	pending []any // values of rows that are not written yet
	rows    int64 // of table
	full    *sql.Stmt
}

// Clear deletes every row of t.
func (l *Loader) Clear(t Table) error {
	_, err := l.on.ExecContext(l.ctx, `DELETE FROM `+quoted(t.Name))
	return l.s.wrap(err)
}

// Insert adds a row to t, in the order of t.Columns. Rows are written in groups:
// an error may tell of an earlier row.
func (l *Loader) Insert(t *Table, values []any) error {
	if l.table != t {
		if err := l.Flush(); err != nil {
			return err
		}
		l.table, l.rows = t, 0
	}
	if len(values) != len(t.Columns) {
		return desk.Errorf(desk.Invalid, "table %s: a row with %d values for %d columns", t.Name, len(values), len(t.Columns))
	}
	l.pending = append(l.pending, values...)
	if l.rows++; len(l.pending) < t.group()*len(t.Columns) {
		return nil
	}
	if l.full == nil {
		st, err := l.on.(*sql.Tx).PrepareContext(l.ctx, t.insert(t.group()))
		if err != nil {
			return l.s.wrap(err)
		}
		l.full = st
	}
	_, err := l.full.ExecContext(l.ctx, l.pending...)
	l.pending = l.pending[:0]
	return l.failed(err)
}

// Flush writes the rows that wait.
func (l *Loader) Flush() error {
	if l.table == nil {
		return nil
	}
	t := l.table
	var err error
	if l.full != nil {
		err, l.full = l.full.Close(), nil
	}
	if n := len(l.pending) / len(t.Columns); err == nil && n > 0 {
		_, err = l.on.ExecContext(l.ctx, t.insert(n), l.pending...)
	}
	l.pending = l.pending[:0]
	err = l.failed(err)
	l.table = nil
	return err
}

func (l *Loader) failed(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("table %s, at or shortly before row %d: %w", l.table.Name, l.rows, l.s.wrap(err))
}

// group is how many rows of t go into one statement: at most 1,000 parameters.
func (t *Table) group() int { return max(1000/len(t.Columns), 1) }

func (t *Table) insert(rows int) string {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoted(c.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `INSERT INTO %s (%s) VALUES `, quoted(t.Name), strings.Join(names, ", "))
	n := 0
	for r := range rows {
		for i := range t.Columns {
			n++
			switch {
			case i > 0:
				fmt.Fprintf(&b, ", $%d", n)
			case r > 0:
				fmt.Fprintf(&b, "), ($%d", n)
			default:
				fmt.Fprintf(&b, "($%d", n)
			}
		}
	}
	return b.String() + ")"
}

// dropIndex throws the message index away. It happens before the commit: an
// index too few is built again, one too many would show messages of the past.
func (l *Loader) dropIndex() error {
	if l.s.engine == Postgres {
		_, err := l.on.ExecContext(l.ctx, `DROP TABLE IF EXISTS search_message, search_term, search_state`)
		return l.s.wrap(err)
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Remove(filepath.Join(filepath.Dir(l.s.path), "search.db"+suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return desk.Wrap(desk.Unavailable, "the old message index cannot be removed", err)
		}
	}
	return nil
}
