package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/veridesk/veridesk/internal/desk"
)

// maxBatch bounds how many writers share one commit, and so how long the first
// of them waits for the others.
const maxBatch = 256

// batchWriter is SQLite's only writer. Callers queue up; whoever waits while a
// commit is being flushed to disk shares the next one, so the cost of a flush is
// divided by the load (group commit).
type batchWriter struct {
	s     *Store
	db    *sql.DB // a pool of one
	queue chan *writing
	stop  chan struct{}
	done  chan struct{}
}

type writing struct {
	ctx  context.Context
	fn   func(*Tx) error
	tx   *Tx // of the last run of fn
	err  error
	done chan struct{}
}

func newBatchWriter(s *Store, db *sql.DB) *batchWriter {
	w := &batchWriter{s: s, db: db, queue: make(chan *writing, maxBatch), stop: make(chan struct{}), done: make(chan struct{})}
	go w.run()
	return w
}

var errClosed = desk.Errorf(desk.Unavailable, "the database is closed")

func (w *batchWriter) write(ctx context.Context, fn func(*Tx) error) error {
	req := &writing{ctx: ctx, fn: fn, done: make(chan struct{})}
	select {
	case w.queue <- req:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.done:
		return errClosed
	}
	// Once queued the outcome is awaited even when ctx ends: the caller must
	// not believe that nothing happened while the commit is on its way.
	select {
	case <-req.done:
	case <-w.done:
		select {
		case <-req.done:
		default:
			return errClosed
		}
	}
	if req.err == nil {
		req.tx.committed()
	}
	return req.err
}

func (w *batchWriter) close() error {
	close(w.stop)
	<-w.done
	return w.db.Close()
}

func (w *batchWriter) run() {
	defer close(w.done)
	var conn *writerConn
	defer func() {
		if conn != nil {
			conn.close()
		}
	}()
	for {
		var batch []*writing
		select {
		case first := <-w.queue:
			batch = append(batch, first)
		case <-w.stop:
			select { // what was accepted is written before the end
			case first := <-w.queue:
				batch = append(batch, first)
			default:
				return
			}
		}
	more:
		for len(batch) < maxBatch {
			select {
			case req := <-w.queue:
				batch = append(batch, req)
			default:
				break more
			}
		}
		conn = w.commit(conn, batch)
	}
}

// commit runs a batch and tells every caller. It returns the connection to use
// next: nil after a failure that may have left it unusable.
func (w *batchWriter) commit(conn *writerConn, batch []*writing) *writerConn {
	err := func() (err error) {
		if conn == nil {
			if conn, err = w.open(); err != nil {
				return err
			}
		}
		if _, err := conn.ExecContext(conn.ctx, `BEGIN IMMEDIATE`); err != nil {
			return err
		}
		for _, req := range batch {
			if req.err = w.one(conn, req); req.err != nil && conn.broken {
				// Whatever this caller made of it: to the others it is a failure that
				// passes, and not their fault.
				return desk.Wrap(desk.Unavailable, "the database cannot be used just now", req.err)
			}
		}
		_, err = conn.ExecContext(conn.ctx, `COMMIT`)
		return err
	}()
	if err != nil {
		if conn != nil {
			// ROLLBACK fails when SQLite rolled back by itself; either way the
			// connection is begun afresh.
			conn.ExecContext(conn.ctx, `ROLLBACK`) //nolint:errcheck
			conn.close()
			conn = nil
		}
		err = w.s.wrap(err)
		for _, req := range batch {
			if req.err == nil {
				req.err = err
			}
		}
	}
	for _, req := range batch {
		close(req.done)
	}
	return conn
}

// one runs a single caller's function in a savepoint of the batch.
func (w *batchWriter) one(conn *writerConn, req *writing) error {
	if err := req.ctx.Err(); err != nil {
		return err // the caller has gone: do not do what nobody asks for any more
	}
	if _, err := conn.ExecContext(conn.ctx, `SAVEPOINT w`); err != nil {
		conn.broken = true
		return w.s.wrap(err)
	}
	req.tx = &Tx{Query: Query{ctx: conn.ctx, s: w.s, on: conn}}
	err := protect(req.fn, req.tx)
	if err != nil {
		if _, rerr := conn.ExecContext(conn.ctx, `ROLLBACK TO w`); rerr != nil {
			// A full disk or an I/O error makes SQLite roll the whole transaction back.
			conn.broken = true
			return err
		}
	}
	if _, rerr := conn.ExecContext(conn.ctx, `RELEASE w`); rerr != nil {
		conn.broken = true
		return errors.Join(err, w.s.wrap(rerr))
	}
	return err
}

// protect turns a panic of one caller into that caller's error: the others of
// the batch must not pay for it.
func protect(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a transaction: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

// writerConn is the writing connection with its prepared statements. Statements
// run without a caller's context: a batch belongs to many callers, and one who
// leaves must not interrupt the rest.
type writerConn struct {
	*sql.Conn
	ctx    context.Context
	stmts  map[string]*sql.Stmt
	broken bool
}

func (w *batchWriter) open() (*writerConn, error) {
	ctx := context.Background()
	c, err := w.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &writerConn{Conn: c, ctx: ctx, stmts: map[string]*sql.Stmt{}}, nil
}

func (c *writerConn) close() {
	for _, st := range c.stmts {
		st.Close() //nolint:errcheck // the connection goes with them
	}
	c.Conn.Close() //nolint:errcheck // returned to its pool of one
}

func (c *writerConn) prepared(query string) (*sql.Stmt, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	st, err := c.PrepareContext(c.ctx, query)
	if err == nil {
		c.stmts[query] = st
	}
	return st, err
}

// ExecContext runs a statement, prepared once per connection.
func (c *writerConn) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	st, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	return st.ExecContext(ctx, args...)
}

// QueryContext runs a query, prepared once per connection.
func (c *writerConn) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	st, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}
