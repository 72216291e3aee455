package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/veridesk/veridesk/internal/desk"
)

// runner is what *sql.DB, *sql.Tx and *sql.Conn have in common.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Query reads. See [Store.Read] and [Store.Snapshot].
type Query struct {
	ctx    context.Context
	s      *Store
	on     runner
	cached bool  // use the statements prepared on the read pool
	pg     *pgTx // instead of on: a writing transaction on PostgreSQL
}

// Tx reads and writes within one transaction. See [Store.Write].
type Tx struct {
	Query
	after []func()
}

// AfterCommit runs f once when the transaction is durable, before
// [Store.Write] returns; not at all when it is given up.
func (tx *Tx) AfterCommit(f func()) { tx.after = append(tx.after, f) }

func (tx *Tx) committed() {
	for _, f := range tx.after {
		f()
	}
}

// Context returns the context of the call that began the transaction.
func (q Query) Context() context.Context { return q.ctx }

// NewID returns a new identifier.
func (tx *Tx) NewID() desk.ID { return tx.s.ids.Next() }

// Now returns the moment by this node's clock.
func (q Query) Now() desk.Micros { return desk.MicrosOf(q.s.now()) }

// Durable reports whether a commit survives a power cut. On SQLite it always
// does; PostgreSQL can be told by its own configuration not to flush to disk.
func (q Query) Durable() (bool, error) {
	if q.s.engine == SQLite {
		return true, nil
	}
	var fsync string
	err := q.row(`SELECT current_setting('fsync')`).scan(&fsync)
	return fsync == "on", err
}

// DatabaseNow returns the moment by the database's clock, which every node
// agrees on. Leases are measured by it.
func (q Query) DatabaseNow() (desk.Micros, error) {
	if q.s.engine == SQLite {
		return q.Now(), nil // one process: its clock is the database's
	}
	var now desk.Micros
	err := q.row(`SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)`).scan(&now)
	return now, err
}

func (q Query) stmt(query string) (*sql.Stmt, error) {
	if v, ok := q.s.stmts.Load(query); ok {
		return v.(*sql.Stmt), nil
	}
	st, err := q.s.read.PrepareContext(q.ctx, query)
	if err != nil {
		return nil, err
	}
	if v, taken := q.s.stmts.LoadOrStore(query, st); taken {
		return v.(*sql.Stmt), st.Close()
	}
	return st, nil
}

func (tx *Tx) exec(query string, args ...any) (int64, error) {
	if tx.pg != nil {
		n, err := tx.pg.exec(tx.ctx, query, args...)
		return n, tx.s.wrap(err)
	}
	res, err := tx.on.ExecContext(tx.ctx, query, args...)
	if err != nil {
		return 0, tx.s.wrap(err)
	}
	return res.RowsAffected()
}

// execOne is exec for statements that must touch a row: none is NotFound.
func (tx *Tx) execOne(query string, args ...any) error {
	n, err := tx.exec(query, args...)
	if err == nil && n == 0 {
		return desk.Errorf(desk.NotFound, "not found")
	}
	return err
}

// row is the answer to a query for one row.
type row struct {
	rows answer
	s    *Store
	err  error
}

// Scan reads the row and ends the query; no row is sql.ErrNoRows.
func (r row) Scan(dest ...any) error {
	if !r.rows.Next() {
		return cmp.Or(r.rows.Err(), r.rows.Close(), sql.ErrNoRows)
	}
	if err := r.rows.Scan(dest...); err != nil {
		return errors.Join(err, r.rows.Close())
	}
	return r.rows.Close()
}

// scan is Scan with codes; no row is [desk.NotFound].
func (r row) scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	return r.wrap(r.Scan(dest...))
}

func (r row) wrap(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return desk.Wrap(desk.NotFound, "not found", err)
	}
	return r.s.wrap(err)
}

// scanOne reads a single row with the scan function of a list.
func scanOne[T any](r row, scan func(scanner) (T, error)) (v T, err error) {
	if r.err != nil {
		return v, r.err
	}
	v, err = scan(r)
	return v, r.wrap(err)
}

func (q Query) row(query string, args ...any) row {
	rows, err := q.rows(query, args...)
	return row{rows, q.s, err}
}

func (q Query) rows(query string, args ...any) (answer, error) {
	if q.pg != nil {
		rows, err := q.pg.query(q.ctx, query, args...)
		if err != nil {
			return nil, q.s.wrap(err)
		}
		return rows, nil
	}
	if q.cached {
		st, err := q.stmt(query)
		if err != nil {
			return nil, q.s.wrap(err)
		}
		rows, err := st.QueryContext(q.ctx, args...)
		return rows, q.s.wrap(err)
	}
	rows, err := q.on.QueryContext(q.ctx, query, args...)
	return rows, q.s.wrap(err)
}

// scanner is a row to read: *sql.Rows or row.
type scanner interface{ Scan(dest ...any) error }

// collect reads all rows of a query with scan. The result is never nil.
func collect[T any](q Query, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	out := []T{}
	for v, err := range each(q, scan, query, args...) {
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// each walks the rows of a query without holding them all.
func each[T any](q Query, scan func(scanner) (T, error), query string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		rows, err := q.rows(query, args...)
		if err != nil {
			yield(zero, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				yield(zero, q.s.wrap(err))
				return
			}
			if !yield(v, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(zero, q.s.wrap(err))
		}
	}
}

// placeholders appends values to args and returns their marks: "$6, $7, $8".
// Values stand in no statement's text: on SQLite every text is kept prepared.
func placeholders[T any](args []any, values []T) (string, []any) {
	marks := make([]string, len(values))
	for i, v := range values {
		args = append(args, v)
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	return strings.Join(marks, ", "), args
}

// wrap gives a database error the code that callers act on. What is not the
// database's own fault passes through.
func (s *Store) wrap(err error) error {
	if err == nil || errors.As(err, new(*desk.Error)) || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return desk.Wrap(desk.Unavailable, "the disk is full", err)
	}
	if lite := new(sqlite.Error); errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqlite3.SQLITE_FULL:
			return desk.Wrap(desk.Unavailable, "the disk is full", err)
		case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM:
			return desk.Wrap(desk.Unavailable, "the database cannot be used just now", err)
		case sqlite3.SQLITE_CONSTRAINT:
			switch lite.Code() {
			case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
				return constraintError(true, err)
			case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
				return constraintError(false, err)
			}
		}
		return fmt.Errorf("sqlite: %w", err)
	}
	if pg := new(pgconn.PgError); errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return constraintError(true, err)
		case "23503":
			return constraintError(false, err)
		case "22021": // U+0000, or bytes that are not UTF-8
			return desk.Wrap(desk.Invalid, "field_invalid", err)
		}
		switch pg.Code[:2] {
		case "08", "53", "57", "58", "25", "40": // connection, resources, operator, system, read-only, rollback
			return desk.Wrap(desk.Unavailable, "the database cannot be used just now", err)
		}
		return fmt.Errorf("postgres: %w", err)
	}
	if s.engine == Postgres && !errors.Is(err, sql.ErrNoRows) {
		// Whatever is neither an answer of the server nor a missing row is a
		// broken or refused connection (or a deadline while waiting for one).
		return desk.Wrap(desk.Unavailable, "the database cannot be used just now", err)
	}
	return err
}

func constraintError(unique bool, err error) error {
	if unique {
		return desk.Wrap(desk.Conflict, "it exists already", err)
	}
	return desk.Wrap(desk.Conflict, "it refers to something that does not exist, or is still referred to", err)
}

// retryable reports whether PostgreSQL gave the transaction up for reasons that
// go away by running it again: serialization failure or deadlock.
func retryable(err error) bool {
	pg := new(pgconn.PgError)
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
