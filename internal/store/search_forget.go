package store

import (
	"context"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/terms"
)

// Forget takes messages out of the index, which must be done while their words
// are still known: before they are erased.
func (x *MessageIndex) Forget(ctx context.Context, messages []*desk.Message) error {
	return x.s.wrap(x.engine.forget(ctx, messages))
}

func (x *liteSearch) forget(ctx context.Context, messages []*desk.Message) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	for _, m := range messages {
		res, err := tx.ExecContext(ctx, `DELETE FROM indexed WHERE message_id = $1`, m.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			continue // FTS5 must not be told to forget what it never had
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO words (words, rowid, terms) VALUES ('delete', $1, $2)`, m.ID, liteTerms(m.Body)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// liteTerms is a text as FTS5 is given it.
func liteTerms(body string) string {
	split := terms.Split(body)
	for i, t := range split {
		split[i] = liteTerm(t)
	}
	return strings.Join(split, " ")
}

func (x *postgresSearch) forget(ctx context.Context, messages []*desk.Message) error {
	ids := make([]int64, len(messages))
	for i, m := range messages {
		ids[i] = int64(m.ID)
	}
	_, err := x.db.ExecContext(ctx, `DELETE FROM search_message WHERE message_id = ANY ($1::bigint[])`, ids)
	return err
}
