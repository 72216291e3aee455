package deptest

import (
	"bytes"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// sources calls fn for every file below the named directories that is ours to
// write: nothing installed, built or generated.
func sources(t *testing.T, dirs []string, extensions string, fn func(path string)) {
	t.Helper()
	seen := 0
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			switch d.Name() {
			case "node_modules", "testdata", "dist", "generated":
				if d.IsDir() {
					return fs.SkipDir
				}
			}
			if ext := filepath.Ext(path); !d.IsDir() && ext != "" && strings.Contains(extensions, ext+" ") {
				seen++
				rel, err := filepath.Rel(root, path)
				if err != nil {
					return err
				}
				fn(filepath.ToSlash(rel))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen == 0 {
		t.Fatal("no source was found: the law would hold for nothing")
	}
}

// The import law holds for every file, whatever its build tags.
func TestImportLaw(t *testing.T) {
	sources(t, []string{"internal", "cmd", "bench", "content"}, ".go ", func(path string) {
		dir := path[:strings.LastIndexByte(path, '/')]
		home := within(dir)
		if _, ok := rowOf(home); !ok && !matches(testOnly, home) {
			t.Errorf("%s: %s is in no row of the house: give it one in internal/deptest", path, dir)
		}
		files := token.NewFileSet()
		parsed, err := parser.ParseFile(files, filepath.Join(root, path), nil, parser.ImportsOnly)
		if err != nil {
			t.Error(err)
			return
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Error(err)
				continue
			}
			if why := judge(dir, imported, strings.HasSuffix(path, "_test.go")); why != "" {
				t.Errorf("%s:%d must not import %s: %s", path, files.Position(spec.Pos()).Line, imported, why)
			}
		}
	})
}

// A law that forbids nothing would pass as well: these imports must be refused,
// with a reason, and those must not.
func TestLawJudges(t *testing.T) {
	ours := func(dir string) string { return Module + "/" + dir }
	cases := []struct {
		from, path string
		test       bool
		reason     string // part of it; "" when allowed
	}{
		{"internal/guard", ours("internal/fold"), false, ""},
		{"internal/guard", ours("internal/terms"), false, "passed in as a function"},
		{"internal/fold", ours("internal/guard"), false, "ground of every rule"},
		{"internal/guard", ours("internal/store"), true, "never do input or output"},
		{"internal/triage", ours("internal/terms"), false, ""},
		{"internal/store/migrations", ours("internal/store"), false, ""},
		{"internal/store", ours("internal/desk"), false, ""},
		{"internal/store", ours("internal/realtime"), false, "be away by itself"},
		{"internal/store", ours("internal/store/storetest"), true, ""},
		{"internal/store", ours("internal/store/storetest"), false, "for tests only"},
		{"internal/staff", ours("internal/helpcenter"), false, "different reasons"},
		{"internal/staff", ours("internal/inbox"), false, "only orchestrator"},
		{"internal/inbox", ours("internal/staff"), false, ""},
		{"internal/inbox", ours("internal/guide"), false, "hot path"},
		{"internal/inbox", ours("internal/api"), false, "translate HTTP"},
		{"internal/inbox", "net/http", false, "no HTTP request"},
		{"internal/channel/chat", ours("internal/inbox"), false, ""},
		{"internal/channel/chat", ours("internal/channel"), false, ""},
		{"internal/channel/chat", ours("internal/channel/email"), false, "its own adapter"},
		{"internal/inbox", ours("internal/channel/chat"), false, "its own adapter"},
		{"internal/insight", ours("internal/channel/chat"), false, "nothing but its own adapter"},
		{"internal/api", ours("internal/site"), false, "static files"},
		{"internal/web", ours("internal/api"), false, "may know them"},
		{"internal/api", ours("internal/config"), false, "its own Config"},
		{"internal/config", ours("internal/app"), false, "only cmd does"},
		{"internal/app", ours("internal/config"), false, ""},
		{"cmd/veridesk", ours("internal/app"), false, ""},
		{"cmd/veridesk", ours("internal/testkit/pgtest"), false, "for tests only"},
		{"cmd/veridesk", ours("internal/testkit/pgtest"), true, ""},
		{"internal/testkit/desk", ours("internal/app"), false, ""},
		{"internal/nowhere", ours("internal/desk"), false, "in no row"},
		{"internal/desk", ours("internal/nowhere"), false, "in no row"},
		{"internal/desk", "github.com/google/uuid", false, "standard library alone"},
		{"internal/desk", "strings", false, ""},
		{"internal/guard", "log/slog", false, "customer's secret"},
		{"internal/guard", "net", false, "input or output"},
		{"internal/guard", "net/netip", false, ""},
		{"internal/api", "database/sql", false, "SQL lives in internal/store"},
		{"internal/api", "github.com/jackc/pgx/v5", false, "store's business"},
		{"internal/store", "github.com/jackc/pgx/v5/pgxpool", false, ""},
		{"internal/api", "github.com/centrifugal/centrifuge", false, "one place"},
	}
	for _, c := range cases {
		got := judge(c.from, c.path, c.test)
		if (got == "") != (c.reason == "") || !strings.Contains(got, c.reason) {
			t.Errorf("%s importing %s (test: %v): %q, want a reason with %q", c.from, c.path, c.test, got, c.reason)
		}
	}
}

// Every ban can say why it exists.
func TestEveryBanHasAReason(t *testing.T) {
	for i, r := range rows {
		if i > 0 && r.above == "" {
			t.Errorf("row %q does not say why the rows before it may not import it", r.name)
		}
		if r.apart == "" && (len(r.members) > 1) {
			t.Errorf("row %q does not say why its members keep apart", r.name)
		}
	}
	for _, b := range bans {
		if b.why == "" {
			t.Errorf("the ban on %s has no reason", b.path)
		}
	}
}

// A file that nobody reads to the end hides its mistakes.
func TestFilesStayReadable(t *testing.T) {
	sources(t, []string{"internal", "cmd", "bench", "web"}, ".go .ts .svelte .mjs .css ", func(path string) {
		limit := 600
		if strings.HasSuffix(path, ".svelte") {
			limit = 250
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Error(err)
			return
		}
		if n := bytes.Count(text, []byte("\n")); n > limit && !bytes.Contains(text[:min(len(text), 400)], []byte("Code generated")) {
			t.Errorf("%s has %d lines; split it along its subjects (the limit is %d)", path, n, limit)
		}
	})
}

// Names that say nothing collect what belongs elsewhere.
func TestNoDrawers(t *testing.T) {
	sources(t, []string{"internal", "cmd", "bench", "content"}, ".go ", func(path string) {
		for part := range strings.SplitSeq(strings.TrimSuffix(path, ".go"), "/") {
			switch strings.TrimSuffix(part, "_test") {
			case "util", "utils", "common", "helper", "helpers", "manager", "misc":
				t.Errorf("%s: name it after what it does", path)
			}
		}
	})
}

// Every package says in a few lines what it is for.
func TestEveryPackageExplainsItself(t *testing.T) {
	documented := map[string]bool{}
	sources(t, []string{"internal", "cmd", "bench", "content"}, ".go ", func(path string) {
		dir := path[:strings.LastIndexByte(path, '/')]
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Error(err)
			return
		}
		documented[dir] = documented[dir] || parsed.Doc != nil
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment: write its doc.go", dir)
		}
	}
}
