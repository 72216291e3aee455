package blobtest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
)

// Run puts a store through everything that callers rely on. Open gives a new, empty store each time.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for name, test := range map[string]func(*testing.T, blob.Store){
		"what is put comes back":            comesBack,
		"replacing shows old or new":        replacing,
		"a failed put leaves nothing":       failedPut,
		"missing contents are told":         missing,
		"strange keys are refused":          strangeKeys,
		"list by prefix":                    list,
		"parts can be read":                 seeking,
		"check leaves no trace":             check,
		"many at once":                      manyAtOnce,
		"a cancelled context stops the put": cancelled,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func put(t *testing.T, s blob.Store, key, content string) blob.Info {
	t.Helper()
	info, err := s.Put(t.Context(), key, strings.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatalf("Put(%s): %v", key, err)
	}
	return info
}

func get(t *testing.T, s blob.Store, key string) (string, blob.Info) {
	t.Helper()
	r, info, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open(%s): %v", key, err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read %s: %v", key, err)
	}
	if err := r.Close(); err != nil {
		t.Fatalf("close %s: %v", key, err)
	}
	return string(content), info
}

func keys(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	var found []string
	err := s.List(t.Context(), prefix, func(i blob.Info) error {
		if i.Modified.IsZero() {
			t.Errorf("List gives %s no time", i.Key)
		}
		found = append(found, fmt.Sprintf("%s:%d", i.Key, i.Size))
		return nil
	})
	if err != nil {
		t.Fatalf("List(%q): %v", prefix, err)
	}
	slices.Sort(found)
	return found
}

func comesBack(t *testing.T, s blob.Store) {
	contents := map[string]string{
		"empty":                  "",
		"attachments/1/a.png":    "\x89PNG",
		"exports/2026-04.zip":    strings.Repeat("0123456789abcdef", 20_000),
		strings.Repeat("k", 200): "longest key",
	}
	for key, content := range contents {
		for _, size := range []int64{int64(len(content)), blob.UnknownSize} {
			info, err := s.Put(t.Context(), key, iotest.HalfReader(strings.NewReader(content)), size)
			if err != nil {
				t.Fatalf("Put(%s, size %d): %v", key, size, err)
			}
			sum := sha256.Sum256([]byte(content))
			if info.Key != key || info.Size != int64(len(content)) || info.SHA256 != hex.EncodeToString(sum[:]) {
				t.Errorf("Put(%s, size %d) = %+v", key, size, info)
			}
			if age := time.Since(info.Modified); age > time.Minute || age < -time.Minute {
				t.Errorf("Put(%s): modified %v", key, info.Modified)
			}
			got, opened := get(t, s, key)
			if got != content || opened.Size != int64(len(content)) || opened.Key != key || opened.Modified.IsZero() {
				t.Errorf("%s came back with %d bytes of %d, %+v", key, len(got), len(content), opened)
			}
		}
	}
}

func replacing(t *testing.T, s blob.Store) {
	put(t, s, "logo", "first")
	r, _, err := s.Open(t.Context(), "logo")
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "logo", "second, and longer")
	if old, err := io.ReadAll(r); err == nil && string(old) != "first" && string(old) != "second, and longer" {
		t.Errorf("a reader sees a mixture: %q", old)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if got, _ := get(t, s, "logo"); got != "second, and longer" {
		t.Errorf("after replacing: %q", got)
	}
}

func failedPut(t *testing.T, s blob.Store) {
	broken := errors.New("the customer's connection broke")
	put(t, s, "kept", "kept")
	cases := []struct {
		name string
		key  string
		r    io.Reader
		size int64
		want error
	}{
		{"source fails", "a", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), 8, broken},
		{"source fails, unknown size", "a", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), blob.UnknownSize, broken},
		{"too short", "a", strings.NewReader("half"), 8, blob.ErrSize},
		{"too long", "a", strings.NewReader("longer than announced"), 8, blob.ErrSize},
		{"not empty", "a", strings.NewReader("x"), 0, blob.ErrSize},
		{"too long, in small reads", "a", iotest.OneByteReader(strings.NewReader("longer")), 3, blob.ErrSize},
		{"long and too short", "a", strings.NewReader(strings.Repeat("x", 2<<20)), 2<<20 + 1, blob.ErrSize},
		{"long and too long", "a", strings.NewReader(strings.Repeat("x", 2<<20)), 2<<20 - 1, blob.ErrSize},
		{"one MiB and too long", "a", strings.NewReader(strings.Repeat("x", 1<<20+1)), 1 << 20, blob.ErrSize},
		{"replacing fails", "kept", strings.NewReader("half"), 8, blob.ErrSize},
	}
	for _, c := range cases {
		if _, err := s.Put(t.Context(), c.key, c.r, c.size); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if got := keys(t, s, ""); !slices.Equal(got, []string{"kept:4"}) {
			t.Errorf("%s: the store now has %v", c.name, got)
		}
	}
}

func missing(t *testing.T, s blob.Store) {
	if _, _, err := s.Open(t.Context(), "no/such"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Open: %v, want ErrNotFound", err)
	}
	if err := s.Delete(t.Context(), "no/such"); err != nil {
		t.Errorf("Delete of what is not there: %v", err)
	}
	put(t, s, "here", "x")
	if err := s.Delete(t.Context(), "here"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Open(t.Context(), "here"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("Open after Delete: %v, want ErrNotFound", err)
	}
}

func strangeKeys(t *testing.T, s blob.Store) {
	for _, key := range []string{
		"", "/", "a/", "/a", "a//b", ".", "..", "../a", "a/../b", "a/./b", `a\b`, "A", "a b", "a~b", "a\x00", "ä", "a%2fb",
		"a\n", strings.Repeat("k", 201),
	} {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x"), 1); !errors.Is(err, blob.ErrBadKey) {
			t.Errorf("Put(%q): %v, want ErrBadKey", key, err)
		}
		if _, _, err := s.Open(t.Context(), key); !errors.Is(err, blob.ErrBadKey) {
			t.Errorf("Open(%q): %v, want ErrBadKey", key, err)
		}
		if err := s.Delete(t.Context(), key); !errors.Is(err, blob.ErrBadKey) {
			t.Errorf("Delete(%q): %v, want ErrBadKey", key, err)
		}
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("the store has %v", got)
	}
}

func list(t *testing.T, s blob.Store) {
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("an empty store lists %v", got)
	}
	for _, key := range []string{"a/1", "a/2", "a/b/3", "ab/4", "b"} {
		put(t, s, key, key)
	}
	for prefix, want := range map[string][]string{
		"":     {"a/1:3", "a/2:3", "a/b/3:5", "ab/4:4", "b:1"},
		"a":    {"a/1:3", "a/2:3", "a/b/3:5", "ab/4:4"},
		"a/":   {"a/1:3", "a/2:3", "a/b/3:5"},
		"none": nil,
	} {
		if got := keys(t, s, prefix); !slices.Equal(got, want) {
			t.Errorf("List(%q) = %v, want %v", prefix, got, want)
		}
	}
	stop := errors.New("enough")
	calls := 0
	if err := s.List(t.Context(), "", func(blob.Info) error { calls++; return stop }); !errors.Is(err, stop) || calls != 1 {
		t.Errorf("List after fn failed: %v, %d calls", err, calls)
	}
}

func seeking(t *testing.T, s blob.Store) {
	put(t, s, "video", "0123456789")
	r, _, err := s.Open(t.Context(), "video")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	if end, err := r.Seek(0, io.SeekEnd); err != nil || end != 10 {
		t.Errorf("end = %d, %v", end, err)
	}
	if _, err := r.Seek(4, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	var three [3]byte
	if _, err := io.ReadFull(r, three[:]); err != nil || string(three[:]) != "456" {
		t.Errorf("read %q, %v", three, err)
	}
}

func check(t *testing.T, s blob.Store) {
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("Check left %v", got)
	}
}

func manyAtOnce(t *testing.T, s blob.Store) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 4 {
				content := bytes.Repeat([]byte{byte('a' + i)}, 3000)
				for _, key := range []string{fmt.Sprintf("own/%d-%d", i, j), "shared"} {
					if _, err := s.Put(t.Context(), key, bytes.NewReader(content), 3000); err != nil {
						t.Errorf("Put(%s): %v", key, err)
					}
				}
			}
		})
	}
	wg.Wait()
	if got := keys(t, s, "own/"); len(got) != 32 {
		t.Errorf("%d contents, want 32", len(got))
	}
	got, _ := get(t, s, "shared")
	if len(got) != 3000 || strings.Count(got, got[:1]) != 3000 {
		t.Error("two writers were mixed into one content")
	}
}

func cancelled(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	r := io.MultiReader(strings.NewReader("first"), readFunc(func([]byte) (int, error) { cancel(); return 0, nil }), strings.NewReader("more"))
	if _, err := s.Put(ctx, "a", r, blob.UnknownSize); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v, want context.Canceled", err)
	}
	if got := keys(t, s, ""); len(got) != 0 {
		t.Errorf("the store has %v", got)
	}
	if _, _, err := s.Open(ctx, "a"); err == nil {
		t.Error("Open with a cancelled context succeeds")
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }
