package store_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
)

// The API turns these codes into statuses that clients act on.
func TestErrorCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		one := `INSERT INTO entity (code, name, created_at) VALUES ('x', 'X', 0)`
		for _, c := range []struct {
			name string
			fn   func(tx *store.Tx) error
			want desk.Code
		}{
			{"no row to read", func(tx *store.Tx) error { _, err := tx.Meta("none"); return err }, desk.NotFound},
			{"no row to change", func(tx *store.Tx) error { return tx.ExecOne(`UPDATE counter SET value = 1 WHERE name = 'none'`) }, desk.NotFound},
			{"unique", func(tx *store.Tx) error {
				if _, err := tx.Exec(one); err != nil {
					return err
				}
				_, err := tx.Exec(one)
				return err
			}, desk.Conflict},
			{"foreign key", func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO recovery_code (agent_id, code_hash) VALUES (7, 'x')`)
				return err
			}, desk.Conflict},
			{"a missing value is our defect", func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO entity (code, name, created_at) VALUES ('y', NULL, 0)`)
				return err
			}, desk.Internal},
			{"our own code passes through", func(*store.Tx) error { return desk.Errorf(desk.Stale, "look again") }, desk.Stale},
			{"wrong SQL is our defect", func(tx *store.Tx) error { _, err := tx.Exec(`SELECT FROM WHERE`); return err }, desk.Internal},
		} {
			err := s.Write(t.Context(), c.fn)
			if got := desk.CodeOf(err); got != c.want {
				t.Errorf("%s: code %q (%v), want %q", c.name, got, err, c.want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Read(ctx).Meta("none"); !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled read: %v", err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Errorf("after all of that: %v", err)
		}
	})
}

// A full disk is told as such, loses nothing that was acknowledged, and needs
// no restart once there is room again.
func TestFullDiskIsUnavailableAndPasses(t *testing.T) {
	s := storetest.Open(t) // SQLite: PostgreSQL reports its own full disk with class 53
	limit := func(pages int) {
		t.Helper()
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Int(`PRAGMA max_page_count = ` + map[bool]string{true: "1", false: "1000000000"}[pages == 1])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put := func(who string) error {
		return s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO mail_preview (id, recipient, subject, body, created_at) VALUES ($1, $2, '', $3, 0)`,
				tx.NewID(), who, strings.Repeat("x", 20_000))
			return err
		})
	}
	if err := put("before"); err != nil {
		t.Fatal(err)
	}
	limit(1) // no further page: the file is as large as it may be
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			err := put("during")
			if desk.CodeOf(err) != desk.Unavailable || !strings.Contains(err.Error(), "disk is full") {
				t.Errorf("on a full disk: %v", err)
			}
		})
	}
	wg.Wait()
	if n := marks(t, s, "before"); n != 1 {
		t.Errorf("reading while the disk is full: %d rows", n)
	}
	limit(0)
	if err := put("after"); err != nil {
		t.Errorf("with room again: %v", err)
	}
	for who, want := range map[string]int64{"before": 1, "during": 0, "after": 1} {
		if n := marks(t, s, who); n != want {
			t.Errorf("%s: %d rows, want %d", who, n, want)
		}
	}
}

// A restart between two messages goes unnoticed, although every connection in
// the pool is dead.
func TestPostgresRestartBetweenWrites(t *testing.T) {
	server := pgtest.Private(t)
	s := storetest.OpenURL(t, server.URL("postgres"))
	for range 2 {
		var wg sync.WaitGroup
		for range 12 {
			wg.Go(func() {
				if err := s.Write(t.Context(), func(tx *store.Tx) error { return mark(tx, "x") }); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
}

// PostgreSQL is restarted for an update: requests meanwhile fail with a code that
// makes clients try again, and the node recovers by itself.
func TestPostgresGoneAndBack(t *testing.T) {
	server := pgtest.Private(t)
	s := storetest.OpenURL(t, server.URL("postgres"))
	put := func(who string) error {
		ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
		defer cancel()
		return s.Write(ctx, func(tx *store.Tx) error { return mark(tx, who) })
	}
	for _, end := range []func() error{server.Stop, server.Kill} {
		var wg sync.WaitGroup
		for range 8 { // so that the pool holds several connections
			wg.Go(func() {
				if err := put("before"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := put("during"); desk.CodeOf(err) != desk.Unavailable {
				t.Errorf("writing without PostgreSQL: code %q, %v", desk.CodeOf(err), err)
			}
			if _, err := s.Read(t.Context()).Meta("x"); desk.CodeOf(err) != desk.Unavailable {
				t.Errorf("reading without PostgreSQL: code %q, %v", desk.CodeOf(err), err)
			}
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		if err := put("after"); err != nil {
			t.Errorf("the first message after the restart: %v", err)
		}
	}
	if n := marks(t, s, "before"); n != 16 {
		t.Errorf("%d of 16 acknowledged rows", n)
	}
	if n := marks(t, s, "during"); n != 0 {
		t.Errorf("%d rows were written although the caller was told otherwise", n)
	}
}

// Two processes on one SQLite file would hand out the same identifiers. The
// second one must say which folder, and start once the first has gone.
func TestDataFolderBelongsToOneProcess(t *testing.T) {
	if url := os.Getenv("VERIDESK_STORE_LOCK"); url != "" {
		_, err := store.Open(t.Context(), store.Config{URL: url, Exclusive: true})
		if desk.CodeOf(err) != desk.Conflict {
			t.Fatalf("the second process: %v", err)
		}
		t.Log(err)
		return
	}
	url := storetest.SQLiteURL(t)
	s, err := store.Open(t.Context(), store.Config{URL: url, Exclusive: true})
	if err != nil {
		t.Fatal(err)
	}
	second := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	second.Env = append(os.Environ(), "VERIDESK_STORE_LOCK="+url)
	out, err := second.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("already uses this data folder")) {
		t.Errorf("%v\n%s", err, out)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err = store.Open(t.Context(), store.Config{URL: url, Exclusive: true})
	if err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// Wrong settings are told with what is wrong, and without the password.
func TestOpenExplainsItself(t *testing.T) {
	dir := t.TempDir()
	notADatabase := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notADatabase, bytes.Repeat([]byte("these are notes\n"), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		url  string
		want desk.Code
		says string
	}{
		{"mysql://root:geheim@localhost/x", desk.Invalid, "sqlite: or postgres://"},
		{"postgres://u:geheim@127.0.0.1:1/x?connect_timeout=1", desk.Unavailable, "127.0.0.1:1"},
		{"postgres://u:geheim@127.0.0.1:port/x", desk.Invalid, "address"},
		{"sqlite:" + notADatabase + "/veridesk.db", desk.Unavailable, "data folder"},
		{"sqlite:" + notADatabase, desk.Unavailable, "SQLite"},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		s, err := store.Open(ctx, store.Config{URL: c.url})
		cancel()
		if err == nil {
			t.Errorf("%s was opened", c.url)
			s.Close()
			continue
		}
		if desk.CodeOf(err) != c.want || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v (code %s)", c.url, err, desk.CodeOf(err))
		}
		if strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the message shows the password: %v", c.url, err)
		}
	}
}

// An operator who shares a PostgreSQL with others says in the address how many
// connections are theirs to take.
func TestTheAddressLimitsTheConnections(t *testing.T) {
	address, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[string]int{"3": 3, "1": 2} {
		q := address.Query()
		q.Set("pool_max_conns", limit)
		address.RawQuery = q.Encode()
		s, err := store.Open(t.Context(), store.Config{URL: address.String()})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.PoolSize(); got != want {
			t.Errorf("pool_max_conns=%s: %d connections, want %d", limit, got, want)
		}
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Many servers are set to acknowledge before the disk has it. A crash would then
// take messages with it that people were told had been received.
func TestCommitsWaitForTheDisk(t *testing.T) {
	address, err := url.Parse(storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	for server, want := range map[string]string{"off": "on", "remote_apply": "remote_apply"} {
		q := address.Query()
		q.Set("synchronous_commit", server) // stands for what postgresql.conf says
		address.RawQuery = q.Encode()
		s := storetest.OpenURL(t, address.String())
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			got, err := tx.Strings(`SHOW synchronous_commit`)
			if err == nil && !slices.Equal(got, []string{want}) {
				t.Errorf("with %s the store commits with %s", server, got)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
