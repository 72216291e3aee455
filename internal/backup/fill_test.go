package backup_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// openBare opens a store as the commands do: migrated when asked, not started.
func openBare(t *testing.T, url string, migrate bool) *store.Store {
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
	if migrate {
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

var texts = []string{
	"", "plain", "子午交易所：提现未到账", "👩‍💻 \"quotes\" 'single' \\ backslash", "<script>&amp;\u2028</script>",
	"line\nline\r\n\ttab", "\u0001\u001f\u007f control", "e\u0301 decomposed", "\ufffd replacement", "null", "{\"base64\":\"eA==\"}",
}

// fill puts n rows into every table, with whatever may be hard to carry: NULL,
// empty and binary bytes, the largest numbers, every kind of text.
func fill(t *testing.T, s *store.Store, n int) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	err := s.Load(t.Context(), func(l *store.Loader) error {
		tables, err := l.Tables()
		if err != nil {
			return err
		}
		withID := map[string]bool{}
		for _, tab := range tables {
			withID[tab.Name] = slices.ContainsFunc(tab.Columns, func(c store.Column) bool { return c.Name == "id" && c.Kind == store.Int })
		}
		for i := range tables {
			for row := range n {
				values := make([]any, len(tables[i].Columns))
				for c, col := range tables[i].Columns {
					values[c] = value(random, tables[i].Name, col, row, withID)
				}
				if err := l.Insert(&tables[i], values); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("fill: %v", err)
	}
}

func value(random *rand.Rand, table string, c store.Column, row int, withID map[string]bool) any {
	parent, refers := strings.CutSuffix(c.Name, "_id")
	switch {
	case (c.Name == "totp_secret" || c.Name == "unique_key") && row%3 == 0:
		return nil
	case c.Kind == store.Int && c.Name == "id", c.Kind == store.Int && refers && withID[parent]:
		return int64(1<<53) + int64(row)
	case c.Kind == store.Int && (strings.HasSuffix(c.Name, "_at") || c.Name == "value"):
		return int64(1<<63-1) - int64(row)
	case c.Kind == store.Int:
		return int64(row)
	case c.Kind == store.Bool:
		return row%2 == 0
	case c.Kind == store.Text:
		return fmt.Sprintf("%s %s %d", texts[row%len(texts)], table, row)
	}
	b := make([]byte, row%40)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}

// rows reads everything that a backup carries.
func rows(t *testing.T, s *store.Store, without map[string]string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := s.Snapshot(context.WithoutCancel(t.Context()), func(q store.Query) error {
		tables, err := q.Tables()
		if err != nil {
			return err
		}
		for _, tab := range tables {
			if _, not := without[tab.Name]; not {
				continue
			}
			all[tab.Name] = []string{}
			for values, err := range q.Rows(tab) {
				if err != nil {
					return err
				}
				all[tab.Name] = append(all[tab.Name], describe(values))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// describe writes a row with its types; fast, for rows of many bytes.
func describe(values []any) string {
	var b strings.Builder
	for _, v := range values {
		if bytes, is := v.([]byte); is {
			fmt.Fprintf(&b, "bytes %x|", bytes)
		} else {
			fmt.Fprintf(&b, "%T %q|", v, fmt.Sprint(v))
		}
	}
	return b.String()
}

func sqlite(t *testing.T) *store.Store { t.Helper(); return openBare(t, storetest.SQLiteURL(t), true) }

func postgres(t *testing.T) *store.Store {
	t.Helper()
	return openBare(t, storetest.PostgresURL(t), true)
}
