package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/veridesk/veridesk/internal/desk"
)

// pgTx is a writing transaction on PostgreSQL, on pgx itself: the way through
// database/sql costs as much as a statement does. BEGIN travels with the first
// statement, which saves a round trip.
type pgTx struct {
	conn  *pgx.Conn
	begun bool
}

// answer walks over the rows of an answer; *sql.Rows is one.
type answer interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close() error
}

// pgRows closes the batch that the rows came in, if any, and tells errors that
// only show at the end.
type pgRows struct {
	pgx.Rows
	batch pgx.BatchResults
}

func (r *pgRows) Close() error {
	r.Rows.Close()
	err := r.Err()
	if r.batch != nil {
		if berr := r.batch.Close(); err == nil {
			err = berr
		}
		r.batch = nil
	}
	return err
}

func (t *pgTx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if t.begun {
		tag, err := t.conn.Exec(ctx, query, args...)
		return tag.RowsAffected(), err
	}
	rows, err := t.query(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	if err := rows.Close(); err != nil {
		return 0, err
	}
	return rows.CommandTag().RowsAffected(), nil
}

func (t *pgTx) query(ctx context.Context, query string, args ...any) (*pgRows, error) {
	if t.begun {
		rows, err := t.conn.Query(ctx, query, args...)
		return &pgRows{Rows: rows}, err
	}
	t.begun = true
	var b pgx.Batch
	b.Queue("BEGIN")
	b.Queue(query, args...)
	results := t.conn.SendBatch(ctx, &b)
	if _, err := results.Exec(); err != nil {
		results.Close() //nolint:errcheck // the first error is the one that tells
		return nil, err
	}
	rows, err := results.Query()
	r := &pgRows{Rows: rows, batch: results}
	if err != nil {
		r.Close() //nolint:errcheck // likewise
		return nil, err
	}
	return r, nil
}

func (t *pgTx) commit(ctx context.Context) error {
	if !t.begun {
		return nil
	}
	tag, err := t.conn.Exec(ctx, "COMMIT")
	if err == nil && tag.String() == "ROLLBACK" {
		// A statement had failed and the caller went on as if it had not.
		return pgx.ErrTxCommitRollback
	}
	return err
}

// rollback gives the transaction up. A connection that cannot is closed by the
// pool, which has the same effect.
func (t *pgTx) rollback(ctx context.Context) {
	if !t.begun || t.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	t.conn.Exec(ctx, "ROLLBACK") //nolint:errcheck // see above
}

// durable makes the commits of a connection wait for the disk where the server
// (or the address) says that they need not: what we acknowledge is kept. Stricter
// ways, such as waiting for a replica, stay.
func durable(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`,
		pgx.QueryExecModeSimpleProtocol)
	return err
}

func (s *Store) writePostgres(ctx context.Context, fn func(*Tx) error) error {
	const tries = 6
	for try := 1; ; try++ {
		again, err := s.tryPostgres(ctx, fn)
		if err == nil || try == tries || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(try*try) * time.Millisecond):
		}
	}
}

// tryPostgres runs fn once. again says that nothing was committed and that
// another try may fare better.
func (s *Store) tryPostgres(ctx context.Context, fn func(*Tx) error) (again bool, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil && ctx.Err() == nil {
		// Refused, or cut off because the pool is being closed.
		return false, desk.Wrap(desk.Unavailable, "the database cannot be used just now", err)
	}
	if err != nil {
		return false, s.wrap(err)
	}
	defer conn.Release()
	t := &pgTx{conn: conn.Conn()}
	tx := &Tx{Query: Query{ctx: ctx, s: s, pg: t}}
	if err := protect(fn, tx); err != nil {
		if t.conn.IsClosed() && ctx.Err() == nil {
			// PostgreSQL was restarted: every connection of the pool is dead, and
			// nothing was committed.
			s.pool.Reset()
			return true, err
		}
		t.rollback(ctx)
		return retryable(err), err // what the database said has its code already
	}
	if err := t.commit(ctx); err != nil {
		return retryable(err), s.wrap(err)
	}
	tx.committed()
	return false, nil
}

var _ answer = (*sql.Rows)(nil)
