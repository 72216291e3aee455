package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/veridesk/veridesk/internal/backup"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func write(t *testing.T, s *store.Store, opts backup.Options) ([]byte, backup.Report) {
	t.Helper()
	var buf bytes.Buffer
	r, err := backup.Backup(t.Context(), s, &buf, opts)
	if err != nil {
		t.Fatal(err)
	}
	return buf.Bytes(), r
}

// The road from one machine to many, and back: every row of every table arrives
// as it was.
func TestRoundTripBetweenEngines(t *testing.T) {
	pg := postgres(t) // skips first
	first, last := sqlite(t), sqlite(t)
	fill(t, first, 60)
	want := rows(t, first, backup.NotCarried)

	file, made := write(t, first, backup.Options{VaultKeyID: "key 1"})
	if made.Engine != store.SQLite || made.VaultKeyID != "key 1" || made.Rows() != int64(60*len(made.Tables)) {
		t.Errorf("the report is wrong: %+v", made)
	}
	if _, err := backup.Restore(t.Context(), pg, bytes.NewReader(file), backup.RestoreOptions{}); err != nil {
		t.Fatalf("into PostgreSQL: %v", err)
	}
	if diff := cmp.Diff(want, rows(t, pg, backup.NotCarried)); diff != "" {
		t.Errorf("in PostgreSQL:\n%s", diff)
	}
	file, there := write(t, pg, backup.Options{})
	if diff := cmp.Diff(made.Tables, there.Tables); diff != "" {
		t.Errorf("equal rows have other sums on the other engine:\n%s", diff)
	}
	if _, err := backup.Restore(t.Context(), last, bytes.NewReader(file), backup.RestoreOptions{}); err != nil {
		t.Fatalf("back into SQLite: %v", err)
	}
	if diff := cmp.Diff(want, rows(t, last, backup.NotCarried)); diff != "" {
		t.Errorf("back in SQLite:\n%s", diff)
	}
}

// Whoever steals a backup must not be signed in by it.
func TestSessionsAndLeasesAreNotCarried(t *testing.T) {
	from, to := sqlite(t), sqlite(t)
	fill(t, from, 5)
	file, r := write(t, from, backup.Options{})
	for _, tab := range r.Tables {
		if backup.NotCarried[tab.Name] != "" {
			t.Errorf("%s is in the backup", tab.Name)
		}
	}
	if _, err := backup.Restore(t.Context(), to, bytes.NewReader(file), backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	all := rows(t, to, nil)
	for name := range backup.NotCarried {
		if n, there := all[name]; !there || len(n) != 0 {
			t.Errorf("%s has rows after a restore (or is no table any more: %v)", name, there)
		}
	}
	if err := to.Start(t.Context()); err != nil {
		t.Errorf("a node on the restored database: %v", err)
	}
}

// A backup of a busy desk shows one moment: no half transaction, nothing missing
// that was acknowledged before it began.
func TestBackupWhileWritingIsOneMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, stop := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var mu sync.Mutex
		acknowledged := map[string]bool{}
		for w := range 20 {
			wg.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					name := fmt.Sprintf("%d-%d", w, i)
					err := s.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error { // three rows in two tables
						if err := tx.PutEntity(store.Entity{Code: name, Name: "x"}); err != nil {
							return err
						}
						if err := tx.SetMeta(name+" a", []byte{}); err != nil {
							return err
						}
						return tx.SetMeta(name+" b", []byte{})
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					acknowledged[name] = true
					mu.Unlock()
				}
			})
		}
		for n := 0; n < 500; {
			mu.Lock()
			n = len(acknowledged)
			mu.Unlock()
		}
		mu.Lock()
		before := make([]string, 0, len(acknowledged))
		for name := range acknowledged {
			before = append(before, name)
		}
		mu.Unlock()
		file, _ := write(t, s, backup.Options{})
		stop()
		wg.Wait()

		to := sqlite(t)
		if _, err := backup.Restore(t.Context(), to, bytes.NewReader(file), backup.RestoreOptions{}); err != nil {
			t.Fatal(err)
		}
		entities, err := to.Read(t.Context()).Entities()
		if err != nil {
			t.Fatal(err)
		}
		there := map[string]bool{}
		for _, e := range entities {
			there[e.Code] = true
			for _, part := range []string{" a", " b"} {
				if _, err := to.Read(t.Context()).Meta(e.Code + part); err != nil {
					t.Fatalf("half of transaction %s: %v", e.Code, err)
				}
			}
		}
		if meta := rows(t, to, nil)["meta"]; len(meta) != 2*len(entities) {
			t.Errorf("%d and %d rows: half a transaction", len(meta), len(entities))
		}
		for _, name := range before {
			if !there[name] {
				t.Fatalf("%s was acknowledged before the backup began and is not in it", name)
			}
		}
	})
}

// A restore must never mix two desks, or overwrite one by mistake.
func TestRestoreRefusesADatabaseInUse(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		from := sqlite(t)
		fill(t, from, 3)
		file, _ := write(t, from, backup.Options{})
		target := openBare(t, url, true)
		fill(t, target, 7)
		err := target.Load(t.Context(), func(l *store.Loader) error { return clearNodes(l) })
		if err != nil {
			t.Fatal(err)
		}
		before := rows(t, target, nil)
		_, err = backup.Restore(t.Context(), target, bytes.NewReader(file), backup.RestoreOptions{})
		if desk.CodeOf(err) != desk.Conflict || !strings.Contains(err.Error(), "conversation (7)") {
			t.Errorf("into a full database: %v", err)
		}
		if diff := cmp.Diff(before, rows(t, target, nil)); diff != "" {
			t.Errorf("a refused restore changed the target:\n%s", diff)
		}
		if _, err := backup.Restore(t.Context(), target, bytes.NewReader(file), backup.RestoreOptions{Replace: true}); err != nil {
			t.Fatalf("replacing: %v", err)
		}
		if diff := cmp.Diff(rows(t, from, backup.NotCarried), rows(t, target, backup.NotCarried)); diff != "" {
			t.Errorf("after replacing:\n%s", diff)
		}
	})
}

func clearNodes(l *store.Loader) error {
	tables, err := l.Tables()
	if err != nil {
		return err
	}
	for _, tab := range tables {
		if tab.Name == "node" {
			err = l.Clear(tab)
		}
	}
	return err
}

// A restore under a running node would pull the rows from under its feet.
func TestRestoreRefusesARunningNode(t *testing.T) {
	url := storetest.PostgresURL(t)
	storetest.OpenURL(t, url) // a node
	from := sqlite(t)
	file, _ := write(t, from, backup.Options{})
	_, err := backup.Restore(t.Context(), openBare(t, url, false), bytes.NewReader(file), backup.RestoreOptions{Replace: true})
	if desk.CodeOf(err) != desk.Conflict || !strings.Contains(err.Error(), "stop every node") {
		t.Errorf("got %v", err)
	}
}

// An empty machine: no schema yet.
func TestRestoreMakesTheSchema(t *testing.T) {
	storetest.EachURL(t, false, func(t *testing.T, url string) {
		from := sqlite(t)
		fill(t, from, 4)
		file, _ := write(t, from, backup.Options{})
		target := openBare(t, url, false)
		if _, err := backup.Restore(t.Context(), target, bytes.NewReader(file), backup.RestoreOptions{}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rows(t, from, backup.NotCarried), rows(t, target, backup.NotCarried)); diff != "" {
			t.Error(diff)
		}
	})
}

// The message index of the past must not answer for the restored messages.
func TestRestoreThrowsTheMessageIndexAway(t *testing.T) {
	from, to := sqlite(t), sqlite(t)
	file, _ := write(t, from, backup.Options{})
	index := filepath.Join(filepath.Dir(to.Path()), "search.db")
	if err := os.WriteFile(index, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), to, bytes.NewReader(file), backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(index); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the old index is still there: %v", err)
	}
}

// Without the master key the stored secrets are lost: better to know before.
func TestRestoreAsksForTheMasterKey(t *testing.T) {
	from, to := sqlite(t), sqlite(t)
	file, _ := write(t, from, backup.Options{VaultKeyID: "ab12"})
	holds := func(have string) backup.RestoreOptions {
		return backup.RestoreOptions{HoldsKey: func(id string) bool { return id == have }}
	}
	_, err := backup.Restore(t.Context(), to, bytes.NewReader(file), holds("other"))
	if desk.CodeOf(err) != desk.Invalid || !strings.Contains(err.Error(), "ab12") {
		t.Errorf("with another key: %v", err)
	}
	if _, err := backup.Restore(t.Context(), to, bytes.NewReader(file), holds("ab12")); err != nil {
		t.Errorf("with the key: %v", err)
	}
}

// folder is a place for files.
type folder map[string][]byte

func (f folder) List(_ context.Context, fn func(string) error) error {
	if err := fn("deleted meanwhile"); err != nil {
		return err
	}
	for key := range f {
		if err := fn(key); err != nil {
			return err
		}
	}
	return nil
}

func (f folder) Open(_ context.Context, key string) (io.ReadCloser, int64, error) {
	b, there := f[key]
	if !there {
		return nil, 0, desk.Errorf(desk.NotFound, "no such file")
	}
	return io.NopCloser(bytes.NewReader(b)), int64(len(b)), nil
}

func (f folder) Put(_ context.Context, key string, content io.Reader, size int64) error {
	b, err := io.ReadAll(content)
	if err == nil && int64(len(b)) != size {
		err = fmt.Errorf("%d bytes instead of %d", len(b), size)
	}
	if err == nil {
		f[key] = b
	}
	return err
}

// Screenshots are evidence: they travel with the messages, byte by byte.
func TestFilesTravelAlong(t *testing.T) {
	from, to := sqlite(t), sqlite(t)
	have := folder{"empty": {}, "2026/图片.png": []byte("\x89PNG\r\n\x00\xff"), "large": bytes.Repeat([]byte("0123456789"), 100_000)}
	file, made := write(t, from, backup.Options{Files: have})
	if made.Files != 3 || made.FileBytes != 1_000_009-1 {
		t.Errorf("report: %d files, %d bytes", made.Files, made.FileBytes)
	}
	if _, err := backup.Restore(t.Context(), to, bytes.NewReader(file), backup.RestoreOptions{}); desk.CodeOf(err) != desk.Invalid {
		t.Errorf("files without a place to put them: %v", err)
	}
	got := folder{}
	read, err := backup.Restore(t.Context(), to, bytes.NewReader(file), backup.RestoreOptions{Files: got})
	if err != nil {
		t.Fatal(err)
	}
	if !maps.EqualFunc(have, got, bytes.Equal) {
		t.Errorf("%d files arrived, or with other content", len(got))
	}
	if diff := cmp.Diff(made, read); diff != "" {
		t.Errorf("reports:\n%s", diff)
	}
}

// A backup that is on disk under its name is whole and was read back.
func TestBackupFile(t *testing.T) {
	from, to := sqlite(t), sqlite(t)
	fill(t, from, 10)
	dir := t.TempDir()
	path := filepath.Join(dir, "desk.veridesk")
	made, err := backup.BackupFile(t.Context(), from, path, backup.Options{})
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v: customers' data must be private, %v", info.Mode(), err)
	}
	if _, err := backup.BackupFile(t.Context(), from, path, backup.Options{}); desk.CodeOf(err) != desk.Conflict {
		t.Errorf("over an older backup: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
	read, err := backup.RestoreFile(t.Context(), to, path, backup.RestoreOptions{})
	if err != nil || read.SHA256 != made.SHA256 {
		t.Errorf("restored %s, made %s, %v", read.SHA256, made.SHA256, err)
	}
	if _, err := backup.BackupFile(t.Context(), from, filepath.Join(dir, "none", "x"), backup.Options{}); err == nil {
		t.Error("a backup into a folder that does not exist")
	}
}
