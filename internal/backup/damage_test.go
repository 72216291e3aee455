package backup_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/veridesk/veridesk/internal/backup"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// A disk that lost a bit, a copy that was cut off: said at once, and nothing of
// it reaches the database.
func TestDamagedFilesAreRefused(t *testing.T) {
	from, target := sqlite(t), sqlite(t)
	fill(t, from, 4)
	file, made := write(t, from, backup.Options{Files: folder{"a": []byte("content")}})
	empty := rows(t, target, nil)
	try := func(name string, damaged []byte) {
		t.Helper()
		r, err := backup.Verify(t.Context(), bytes.NewReader(damaged))
		if err == nil && cmp.Equal(r, made) {
			return // a bit that says nothing: the content is the same
		}
		if desk.CodeOf(err) != desk.Invalid || !strings.Contains(err.Error(), "backup") {
			t.Errorf("%s: Verify: %+v, %v", name, r, err)
		}
		_, err = backup.Restore(t.Context(), target, bytes.NewReader(damaged), backup.RestoreOptions{Files: folder{}})
		if desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%s: Restore: code %s, %v", name, desk.CodeOf(err), err)
		}
		if err == nil {
			t.FailNow()
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	for range 120 {
		bit := random.IntN(8 * len(file))
		damaged := bytes.Clone(file)
		damaged[bit/8] ^= 1 << (bit % 8)
		try(fmt.Sprintf("bit %d of %d flipped", bit, 8*len(file)), damaged)
	}
	for range 40 {
		n := random.IntN(len(file))
		try(fmt.Sprintf("cut off at %d of %d", n, len(file)), file[:n])
	}
	try("empty", nil)
	try("not a backup", []byte("PK\x03\x04 something else"))
	try("twice", append(bytes.Clone(file), file...))
	if diff := cmp.Diff(empty, rows(t, target, nil)); diff != "" {
		t.Errorf("something of a damaged backup is in the database:\n%s", diff)
	}
}

// What was changed by hand, and whole again as a compressed stream.
func TestChangedContentIsRefused(t *testing.T) {
	from, target := sqlite(t), sqlite(t)
	fill(t, from, 4)
	file, _ := write(t, from, backup.Options{})
	text := unpack(t, file)
	one := func(old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the backup does not contain %s", old)
		}
		return strings.Replace(text, old, with, 1)
	}
	row := regexp.MustCompile(`(?m)^\[.*\n`).FindString(text)
	end := regexp.MustCompile(`(?m)^\{"end":.*\n`).FindString(text)
	for name, changed := range map[string]string{
		"a row less":         one(row, ""),
		"a row twice":        one(row, row+row),
		"a value":            one("plain", "plane"),
		"no end":             one(end, ""),
		"more behind":        text + "{}\n",
		"another count":      one(`"rows":4`, `"rows":5`),
		"a later format":     one(`"veridesk_backup":1`, `"veridesk_backup":2`),
		"a later schema":     one(`"schema":`, `"schema":9`),
		"no manifest":        "{}\n" + text,
		"a table renamed":    strings.ReplaceAll(text, `"entity"`, `"entitx"`),
		"a table smuggled":   strings.ReplaceAll(text, `"entity"`, `"session"`),
		"a table forgotten":  one(regexp.MustCompile(`\{"name":"meta","columns":.*?\]\,"rows":4\},`).FindString(text), ""),
		"not an object":      "17\n",
		"a very long number": one(`"rows":4`, `"rows":4e400`),
	} {
		if !strings.Contains(name, "end") { // a forger who mends the last sum as well
			changed = reseal(changed)
		}
		if name == "a value" || name == "a row less" || name == "a row twice" {
			name += " (last sum mended)"
		}
		_, err := backup.Restore(t.Context(), target, bytes.NewReader(pack(t, changed)), backup.RestoreOptions{})
		if desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%s: code %s, %v", name, desk.CodeOf(err), err)
		}
	}
	for name, n := range rows(t, target, nil) {
		if len(n) > 0 {
			t.Errorf("%s has %d rows", name, len(n))
		}
	}
}

func unpack(t *testing.T, file []byte) string {
	t.Helper()
	z, err := zstd.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func pack(t *testing.T, text string) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	return z.EncodeAll([]byte(text), nil)
}

func reseal(text string) string {
	at := strings.LastIndex(text, `{"end":`)
	if at < 0 {
		return text
	}
	sum := sha256.Sum256([]byte(text[:at]))
	return text[:at] + regexp.MustCompile(`"sha256":"[0-9a-f]*"`).ReplaceAllString(text[at:], `"sha256":"`+hex.EncodeToString(sum[:])+`"`)
}

// envRestore makes the test binary play the restore that is killed: it reads a
// backup from standard input into the database at this address.
const envRestore = "VERIDESK_BACKUP_RESTORE"

func TestMain(m *testing.M) {
	if url := os.Getenv(envRestore); url != "" {
		ctx := context.Background()
		s, err := store.Open(ctx, store.Config{URL: url, MaxConns: 4})
		if err == nil {
			_, err = backup.Restore(ctx, s, os.Stdin, backup.RestoreOptions{Replace: true})
		}
		fmt.Fprintln(os.Stderr, "the restore that should have been killed ended:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// The power fails in the middle of a restore: the desk as it was is still there.
func TestKilledRestoreLeavesTheTargetAlone(t *testing.T) {
	from := sqlite(t)
	fill(t, from, 3)
	err := from.Load(t.Context(), func(l *store.Loader) error { // about 4 MB that do not compress
		tables, err := l.Tables()
		if err != nil {
			return err
		}
		for i := range tables {
			if tables[i].Name != "meta" {
				continue
			}
			random := rand.NewChaCha8([32]byte{1})
			for row := range 1000 {
				b := make([]byte, 4000)
				random.Read(b) //nolint:errcheck // never fails
				values := make([]any, len(tables[i].Columns))
				for c, col := range tables[i].Columns {
					switch col.Kind {
					case store.Text:
						values[c] = fmt.Sprintf("big %d", row)
					case store.Bytes:
						values[c] = b
					default:
						values[c] = int64(row)
					}
				}
				if err := l.Insert(&tables[i], values); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	file, _ := write(t, from, backup.Options{})
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		target := openBare(t, url, true)
		err := target.Load(t.Context(), func(l *store.Loader) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		fill(t, target, 6)
		if err := target.Load(t.Context(), clearNodes); err != nil {
			t.Fatal(err)
		}
		before := rows(t, target, nil)

		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), envRestore+"="+url)
		child.Stderr = os.Stderr
		in, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		// Writing returns when all but a pipe's worth has been taken.
		if _, err := in.Write(file[:len(file)*9/10]); err != nil {
			t.Fatal(err)
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait() //nolint:errcheck // it was killed

		again := openBare(t, url, false)
		if diff := cmp.Diff(before, rows(t, again, nil)); diff != "" {
			t.Errorf("after the killed restore:\n%s", diff)
		}
		// PostgreSQL notices a dead client at its own pace and then frees its locks.
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			_, err = backup.Restore(t.Context(), again, bytes.NewReader(file), backup.RestoreOptions{Replace: true})
			if err == nil || time.Now().After(deadline) {
				break
			}
		}
		if err != nil {
			t.Fatalf("the second attempt: %v", err)
		}
		if diff := cmp.Diff(rows(t, from, backup.NotCarried), rows(t, again, backup.NotCarried)); diff != "" {
			t.Errorf("after the second attempt:\n%s", diff)
		}
	})
}
