//go:build unix

package helpcenter_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// A pipe in the place of a file must not make an import wait for ever.
func TestPipesAreNotOpened(t *testing.T) {
	c := open(t, storetest.Open(t))
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "articles", "en", "c"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"categories.yaml", "articles/en/c/a.md"} {
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o644); err != nil {
			t.Skip(err)
		}
	}
	_, err := c.Import(t.Context(), os.DirFS(dir))
	var wrong *helpcenter.ImportError
	if !asImportError(err, &wrong) || len(wrong.Problems) != 2 || strings.Count(err.Error(), "is neither a file nor a folder") != 2 {
		t.Errorf("%v", err)
	}
}
