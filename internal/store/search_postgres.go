package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/terms"
)

const (
	// sampleEvery: the frequency of a term is counted on one message in so many.
	sampleEvery = 1 << 4
	// frequentTerm is the document frequency from which walking the newest
	// messages finds a page sooner than collecting every match.
	frequentTerm = 20_000
)

// postgresSearch keeps terms as tsvector. The tables are not part of the schema
// that migrations and backups know: they can be dropped at any time and are
// built again.
type postgresSearch struct{ db *sql.DB }

func openPostgresSearch(ctx context.Context, s *Store) (*postgresSearch, error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return nil, s.wrap(err)
	}
	defer conn.Close()
	// Nodes that start at once would trip over each other's CREATE.
	for _, q := range []string{
		`SELECT pg_advisory_lock(7236482002)`,
		`CREATE TABLE IF NOT EXISTS search_message (message_id BIGINT PRIMARY KEY, words tsvector NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS search_message_words ON search_message USING gin (words) WITH (fastupdate = on)`,
		`CREATE TABLE IF NOT EXISTS search_term (term TEXT PRIMARY KEY, sampled BIGINT NOT NULL)`,
		`CREATE TABLE IF NOT EXISTS search_state (one INTEGER PRIMARY KEY, watermark BIGINT NOT NULL)`,
		`SELECT pg_advisory_unlock(7236482002)`,
	} {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return nil, s.wrap(err)
		}
	}
	return &postgresSearch{s.read}, nil
}

func (x *postgresSearch) add(ctx context.Context, messages []*desk.Message) error {
	ids := make([]int64, len(messages))
	texts := make([]string, len(messages))
	sampled := map[string]int64{}
	for i, m := range messages {
		split := terms.Split(m.Body)
		for j, t := range split {
			split[j] = strings.ReplaceAll(t, " ", "")
		}
		ids[i], texts[i] = int64(m.ID), strings.Join(split, " ")
		if uint64(m.ID)*0x9E3779B97F4A7C15>>60 == 0 { // a hash: the low bits of an identifier are rarely anything but 0
			for _, t := range split {
				sampled[t]++
			}
		}
	}
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	// Derived data: a commit lost in a crash is caught up, so do not wait for it.
	if _, err := tx.ExecContext(ctx, `SET LOCAL synchronous_commit = off`); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO search_message (message_id, words)
		SELECT id, array_to_tsvector(array_remove(string_to_array(words, ' '), '')) FROM unnest($1::bigint[], $2::text[]) AS m (id, words) ORDER BY id
		ON CONFLICT DO NOTHING`, ids, texts); err != nil {
		return err
	}
	if len(sampled) > 0 {
		words, counts := make([]string, 0, len(sampled)), make([]int64, 0, len(sampled))
		for t, n := range sampled {
			words, counts = append(words, t), append(counts, n)
		}
		// Sorted, so that two nodes never wait for each other.
		if _, err := tx.ExecContext(ctx, `INSERT INTO search_term (term, sampled)
			SELECT term, n FROM unnest($1::text[], $2::bigint[]) AS t (term, n) ORDER BY term
			ON CONFLICT (term) DO UPDATE SET sampled = search_term.sampled + excluded.sampled`, words, counts); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (x *postgresSearch) match(ctx context.Context, words []string, prefix bool, before desk.ID, n int) ([]desk.ID, error) {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `'` + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(w) + `'`
	}
	expr := strings.Join(quoted, " & ")
	if prefix {
		expr += ":*"
	}
	// The planner cannot know how far back the matches lie. A rare term is
	// gathered from the index of words and then sorted; a frequent one is met soon
	// enough when walking back from the newest message.
	var rarest int64
	if err := x.db.QueryRowContext(ctx, `SELECT COALESCE(MIN(COALESCE(t.sampled, 0)), 0) FROM unnest($1::text[]) AS w (term) LEFT JOIN search_term t ON t.term = w.term`,
		words).Scan(&rarest); err != nil {
		return nil, err
	}
	query := `WITH hit AS MATERIALIZED (SELECT message_id FROM search_message WHERE words @@ CAST($1 AS tsquery) AND message_id < $2)
		SELECT message_id FROM hit ORDER BY message_id DESC LIMIT $3`
	if rarest*sampleEvery >= frequentTerm {
		// "IS TRUE" keeps the planner from the index of words.
		query = `SELECT message_id FROM search_message WHERE message_id < $2 AND (words @@ CAST($1 AS tsquery)) IS TRUE ORDER BY message_id DESC LIMIT $3`
	}
	rows, err := x.db.QueryContext(ctx, query, expr, before, n)
	return scanIDs(rows, err)
}

func (x *postgresSearch) watermark(ctx context.Context) (id desk.ID, err error) {
	err = x.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(watermark), 0) FROM search_state`).Scan(&id)
	return id, err
}

func (x *postgresSearch) setWatermark(ctx context.Context, id desk.ID) error {
	_, err := x.db.ExecContext(ctx, `INSERT INTO search_state (one, watermark) VALUES (1, $1)
		ON CONFLICT (one) DO UPDATE SET watermark = GREATEST(search_state.watermark, excluded.watermark)`, id)
	return err
}

func (x *postgresSearch) close() error { return nil }
