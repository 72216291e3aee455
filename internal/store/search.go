package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/terms"
)

// How the message index is fed.
const (
	feedQueue    = 16384                  // messages waiting; more are left to the catch-up
	feedBatch    = 1000                   // messages per transaction
	feedDelay    = 250 * time.Millisecond // a message is found well within a second
	catchUpEvery = time.Minute
	// catchUpSlack is how far behind the watermark a catch-up begins: longer than
	// any transaction runs and clocks of nodes differ.
	catchUpSlack = 10 * time.Minute
)

// MessageIndex finds messages by their words. It is derived data: fed in
// batches after commits, and what it missed (a crash, a full queue) is caught up
// from the messages themselves. On SQLite it lives in a file of its own with its
// own writer, so that it costs an acknowledged message nothing.
type MessageIndex struct {
	s      *Store
	engine searchEngine
	feed   chan *desk.Message
	missed atomic.Bool
	cancel context.CancelFunc
	done   chan struct{}
	log    *slog.Logger
}

// searchEngine is the dialect fragment: how terms are stored and matched.
type searchEngine interface {
	// add indexes messages that are not indexed yet.
	add(ctx context.Context, messages []*desk.Message) error
	// forget takes messages out again.
	forget(ctx context.Context, messages []*desk.Message) error
	// match returns up to n identifiers below before, greatest first, of messages
	// that have all words (the last one as a prefix when prefix is set).
	match(ctx context.Context, words []string, prefix bool, before desk.ID, n int) ([]desk.ID, error)
	watermark(ctx context.Context) (desk.ID, error)
	setWatermark(ctx context.Context, id desk.ID) error
	close() error
}

// OpenMessageIndex opens the index beside the store (and builds it when it is
// missing or broken) and begins to feed it.
func OpenMessageIndex(ctx context.Context, s *Store, log *slog.Logger) (*MessageIndex, error) {
	x := &MessageIndex{s: s, feed: make(chan *desk.Message, feedQueue), done: make(chan struct{}), log: log}
	var err error
	if s.engine == SQLite {
		x.engine, err = openLiteSearch(ctx, filepath.Join(filepath.Dir(s.path), "search.db"), log)
	} else {
		x.engine, err = openPostgresSearch(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	x.missed.Store(true)
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	x.cancel = cancel
	go x.run(run)
	return x, nil
}

// Close writes what is queued and closes the index.
func (x *MessageIndex) Close() error {
	x.cancel()
	<-x.done
	return x.engine.close()
}

// Feed queues a stored message. It never blocks.
func (x *MessageIndex) Feed(m *desk.Message) {
	if m.Body == "" {
		return
	}
	select {
	case x.feed <- m:
	default:
		x.missed.Store(true)
	}
}

func (x *MessageIndex) run(ctx context.Context) {
	defer close(x.done)
	catchUp := time.NewTicker(catchUpEvery)
	defer catchUp.Stop()
	x.catchUp(ctx)
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			x.drain(last, nil)
			cancel()
			return
		case m := <-x.feed:
			select { // gather company: one transaction for many
			case <-time.After(feedDelay):
			case <-ctx.Done():
			}
			x.drain(ctx, m)
		case <-catchUp.C:
			if x.missed.Load() || x.s.engine == Postgres { // another node may have crashed with its queue
				x.catchUp(ctx)
			}
		}
	}
}

func (x *MessageIndex) drain(ctx context.Context, first *desk.Message) {
	var batch []*desk.Message
	if first != nil {
		batch = append(batch, first)
	}
	for len(batch) < feedBatch {
		select {
		case m := <-x.feed:
			batch = append(batch, m)
			continue
		default:
		}
		break
	}
	if len(batch) == 0 {
		return
	}
	err := x.engine.add(ctx, batch)
	if err == nil && !x.missed.Load() {
		// Nothing was left out so far: the next start need not look further back
		// than catchUpSlack before this.
		err = x.engine.setWatermark(ctx, slices.MaxFunc(batch, func(a, b *desk.Message) int { return cmp.Compare(a.ID, b.ID) }).ID)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		x.missed.Store(true)
		x.log.Warn("messages were not indexed; they will be caught up", "count", len(batch), "error", err)
	}
}

// catchUp indexes what the queue missed, walking the messages from the
// watermark on.
func (x *MessageIndex) catchUp(ctx context.Context) {
	x.missed.Store(false)
	err := func() error {
		mark, err := x.engine.watermark(ctx)
		if err != nil {
			return err
		}
		from := max(desk.FirstIDAt(mark.Time().Add(-catchUpSlack)), 0)
		for {
			page, err := collect(x.s.Read(ctx), scanMessage, `SELECT `+messageColumns+` FROM message WHERE id > $1 ORDER BY id LIMIT $2`, from, feedBatch)
			if err != nil || len(page) == 0 {
				return err
			}
			if err := x.engine.add(ctx, page); err != nil {
				return err
			}
			from = page[len(page)-1].ID
			if err := x.engine.setWatermark(ctx, from); err != nil {
				return err
			}
		}
	}()
	if err != nil && !errors.Is(err, context.Canceled) {
		x.missed.Store(true)
		x.log.Warn("the message index could not be caught up; trying again", "error", err)
	}
}

// Found is a message that matches a search, with its conversation.
type Found struct {
	Message      *desk.Message
	Conversation *desk.Conversation
}

// Search returns the newest messages that contain all words of text in
// conversations of the given teams (nil: all) or of no team.
func (x *MessageIndex) Search(ctx context.Context, text string, teams []desk.ID, limit int) ([]Found, error) {
	words := terms.Query(text)
	if len(words) == 0 {
		return []Found{}, nil
	}
	// The word under the cursor is not finished.
	last := []rune(words[len(words)-1])
	prefix := len(last) >= 3 && last[len(last)-1] < 0x2E80 && !strings.HasSuffix(text, " ")
	const page, most = 200, 4000
	out := []Found{}
	before := desk.ID(1<<63 - 1)
	for examined := 0; len(out) < limit && examined < most; examined += page {
		ids, err := x.engine.match(ctx, words, prefix, before, page)
		if err != nil {
			return nil, x.s.wrap(err)
		}
		found, err := x.load(ctx, ids, teams)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
		if len(ids) < page {
			break
		}
		before = ids[len(ids)-1]
	}
	if len(out) > limit {
		out = out[:limit]
	}
	return out, nil
}

func (x *MessageIndex) load(ctx context.Context, ids []desk.ID, teams []desk.ID) ([]Found, error) {
	q := x.s.Read(ctx)
	messages, err := q.MessagesByID(ids)
	if err != nil {
		return nil, err
	}
	var of []desk.ID
	for _, m := range messages {
		of = append(of, m.ConversationID)
	}
	slices.Sort(of)
	conversations, err := q.ConversationsByID(slices.Compact(of))
	if err != nil {
		return nil, err
	}
	seen := map[desk.ID]*desk.Conversation{}
	for _, c := range conversations {
		if teams == nil || c.TeamID == 0 || slices.Contains(teams, c.TeamID) {
			seen[c.ID] = c
		}
	}
	var found []Found
	for _, m := range messages {
		if c := seen[m.ConversationID]; c != nil {
			found = append(found, Found{m, c})
		}
	}
	slices.SortFunc(found, func(a, b Found) int { return int(b.Message.CreatedAt - a.Message.CreatedAt) })
	return found, nil
}

// liteSearch keeps terms in an FTS5 table without content.
type liteSearch struct{ db *sql.DB }

func openLiteSearch(ctx context.Context, path string, log *slog.Logger) (*liteSearch, error) {
	x, err := tryLiteSearch(ctx, path)
	if err == nil {
		return x, nil
	}
	log.Warn("the message index cannot be used and is built anew", "file", path, "error", err)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, desk.Wrap(desk.Unavailable, fmt.Sprintf("the broken message index %s cannot be removed", path), err)
		}
	}
	if x, err = tryLiteSearch(ctx, path); err != nil {
		return nil, desk.Wrap(desk.Unavailable, fmt.Sprintf("the message index %s cannot be made", path), err)
	}
	return x, nil
}

func tryLiteSearch(ctx context.Context, path string) (*liteSearch, error) {
	// Losing the last moments of derived data is fine: they are caught up.
	db, err := sql.Open("sqlite", sqliteDSN(path, "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-4096)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(3)
	_, err = db.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS indexed (message_id INTEGER PRIMARY KEY);
		CREATE TABLE IF NOT EXISTS state (watermark INTEGER NOT NULL);
		CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (terms, content = '', detail = none, tokenize = 'ascii');
		SELECT rowid FROM words LIMIT 1`)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &liteSearch{db}, nil
}

// liteTerm makes a term one token for FTS5's ascii tokenizer, which cuts at
// ASCII punctuation and takes everything else as letters.
func liteTerm(t string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 && !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return '·'
		}
		return r
	}, t)
}

func (x *liteSearch) add(ctx context.Context, messages []*desk.Message) error {
	tx, err := x.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	mark, err := tx.PrepareContext(ctx, `INSERT INTO indexed (message_id) VALUES ($1) ON CONFLICT DO NOTHING`)
	if err != nil {
		return err
	}
	defer mark.Close()
	insert, err := tx.PrepareContext(ctx, `INSERT INTO words (rowid, terms) VALUES ($1, $2)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, m := range messages {
		res, err := mark.ExecContext(ctx, m.ID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			continue
		}
		if _, err := insert.ExecContext(ctx, m.ID, liteTerms(m.Body)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (x *liteSearch) match(ctx context.Context, words []string, prefix bool, before desk.ID, n int) ([]desk.ID, error) {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + liteTerm(w) + `"`
	}
	expr := strings.Join(quoted, " AND ")
	if prefix {
		expr += "*"
	}
	rows, err := x.db.QueryContext(ctx, `SELECT rowid FROM words WHERE words MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3`, expr, before, n)
	return scanIDs(rows, err)
}

func scanIDs(rows *sql.Rows, err error) ([]desk.ID, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []desk.ID
	for rows.Next() {
		var id desk.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (x *liteSearch) watermark(ctx context.Context) (id desk.ID, err error) {
	err = x.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(watermark), 0) FROM state`).Scan(&id)
	return id, err
}

func (x *liteSearch) setWatermark(ctx context.Context, id desk.ID) error {
	_, err := x.db.ExecContext(ctx, `INSERT OR REPLACE INTO state (rowid, watermark) VALUES (1, $1)`, id)
	return err
}

func (x *liteSearch) close() error { return x.db.Close() }
