package blob

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fullFile is a real file in tmp whose writes go to /dev/full, which answers like a full disk.
type fullFile struct{ file, full *os.File }

func (f fullFile) Write(p []byte) (int, error) { return f.full.Write(p) }
func (f fullFile) Name() string                { return f.file.Name() }
func (f fullFile) Sync() error                 { return f.file.Sync() }
func (f fullFile) Close() error                { return f.file.Close() }

// A full disk must be told as such (an operator has to act) and must not leave half a file that is served later.
func TestFullDiskIsToldAndLeavesNothing(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here: ", err)
	}
	defer full.Close() //nolint:errcheck // nothing was written
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d.create = func(dir string) (tempFile, error) {
		f, err := os.CreateTemp(dir, "put-*")
		return fullFile{f, full}, err
	}
	if _, err := d.Put(t.Context(), "a", strings.NewReader("content"), 7); !errors.Is(err, ErrFull) {
		t.Errorf("Put: %v, want ErrFull", err)
	}
	if err := d.Check(t.Context()); !errors.Is(err, ErrFull) {
		t.Errorf("Check: %v, want ErrFull", err)
	}
	if left, err := os.ReadDir(d.temp()); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, _, err := d.Open(t.Context(), "a"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Open: %v, want ErrNotFound", err)
	}
	d.create = createTemp
	if _, err := d.Put(t.Context(), "a", strings.NewReader("content"), 7); err != nil {
		t.Errorf("after space was made: %v", err)
	}
}

func TestDamagedStoreIsUnreadableNotMissing(t *testing.T) {
	d, err := OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	_, file := d.path("a")
	if err := os.MkdirAll(file, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.Open(t.Context(), "a"); !errors.Is(err, ErrUnreadable) {
		t.Errorf("Open: %v, want ErrUnreadable", err)
	}
}

func TestFilesArePrivate(t *testing.T) {
	d, err := OpenDisk(filepath.Join(t.TempDir(), "new"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Put(t.Context(), "id/passport", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	_, file := d.path("id/passport")
	for path, want := range map[string]os.FileMode{d.dir: 0o700, file: 0o600} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, key := range []string{"a", "a/b", "../x", "a/../b", "~", "", "a//b", ".", "a/."} {
		f.Add(key)
	}
	d, err := OpenDisk(f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if validKey(key) != nil {
			return
		}
		_, file := d.path(key)
		if rel, err := filepath.Rel(d.objects(), file); err != nil || strings.Contains(rel, "..") && !strings.Contains(key, "..") ||
			strings.Count(rel, "/") != 1 {
			t.Fatalf("key %q leads to %q", key, file)
		}
	})
}
