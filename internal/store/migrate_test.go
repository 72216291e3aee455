package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

const tablesSQLite = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`

const tablesPostgres = `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name`

func tables(t *testing.T, s *store.Store) []string {
	t.Helper()
	query := tablesSQLite
	if s.Engine() == store.Postgres {
		query = tablesPostgres
	}
	names, err := s.Read(t.Context()).Strings(query)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func openBare(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// An upgrade that had to be taken back must be possible to make again.
func TestMigrationsUpDownUp(t *testing.T) {
	storetest.EachURL(t, false, func(t *testing.T, url string) {
		s := openBare(t, url)
		version, err := s.Migrate(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		have, want, err := s.Version(t.Context())
		if err != nil || have != version || want != version {
			t.Fatalf("Version is %d of %d (Migrate said %d), %v", have, want, version, err)
		}
		before := tables(t, s)
		if err := s.MigrateTo(t.Context(), 0); err != nil {
			t.Fatalf("down: %v", err)
		}
		if left := tables(t, s); len(left) > 1 { // goose keeps its own table
			t.Errorf("left behind: %v", left)
		}
		for range 2 { // up again; the second time is a start with nothing to do
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatalf("up again: %v", err)
			}
		}
		if diff := cmp.Diff(before, tables(t, s)); diff != "" {
			t.Errorf("tables after up, down, up:\n%s", diff)
		}
	})
}

// Both engines must have the same tables and columns, or a backup of one does
// not fit the other.
func TestEnginesHaveTheSameTables(t *testing.T) {
	pg := storetest.OpenPostgres(t) // skips first when there is none
	lite := storetest.Open(t)
	if diff := cmp.Diff(tables(t, lite), tables(t, pg)); diff != "" {
		t.Errorf("sqlite − postgres +:\n%s", diff)
	}
}

// Nodes of one installation are started together after an upgrade.
func TestManyNodesMigrateAtOnce(t *testing.T) {
	storetest.EachURL(t, false, func(t *testing.T, url string) {
		nodes := 5
		if url[:6] == "sqlite" {
			nodes = 1 // its lock file admits one process
		}
		var wg sync.WaitGroup
		errs := make(chan error, nodes)
		for range nodes {
			s := openBare(t, url)
			wg.Go(func() {
				if _, err := s.Migrate(t.Context()); err != nil {
					errs <- fmt.Errorf("migrate: %w", err)
				}
				if err := s.Start(t.Context()); err != nil {
					errs <- fmt.Errorf("start: %w", err)
				}
			})
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			t.Error(err)
		}
	})
}

// Who upgrades keeps every article where readers find it, and drafts stay drafts.
func TestArticlesOfTheFirstReleaseStayUp(t *testing.T) {
	storetest.EachURL(t, false, func(t *testing.T, url string) {
		s := openBare(t, url)
		if err := s.MigrateTo(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			for _, line := range []string{
				`INSERT INTO category (id, slug) VALUES (1, 'safe')`,
				`INSERT INTO category_text (category_id, locale, title) VALUES (1, 'en', 'Safety')`,
				`INSERT INTO article (id, category_id, slug, created_at) VALUES (2, 1, 'stolen', 5)`,
				`INSERT INTO article_text (article_id, locale, title, body, tags, updated_at) VALUES (2, 'en', 'Stolen?', 'Freeze.', '["lost"]', 7)`,
				`INSERT INTO article_text (article_id, locale, title, body, status, updated_at) VALUES (2, 'zh-CN', '被盗？', '冻结。', 'draft', 8)`,
			} {
				if _, err := tx.Exec(line); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		q := s.Read(t.Context())
		up, err := q.Article(2)
		if err != nil {
			t.Fatal(err)
		}
		en, zh := up.Texts["en"], up.Texts["zh-CN"]
		if en.Live != 1 || en.Status != store.Published || en.Title != "Stolen?" || en.UpdatedAt != 7 || zh.Live != 0 || zh.Status != store.Draft || up.ReviewDays != 180 {
			t.Errorf("after the upgrade: %+v", up)
		}
		v, err := q.ArticleVersion(2, "en", 1)
		if err != nil || v.Body != "Freeze." || len(v.Tags) != 1 || v.Action != store.ActionImport {
			t.Errorf("its version: %+v, %v", v, err)
		}
	})
}
