package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// filesOf reads a folder.
func filesOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// articles runs the command on an installation of its own.
func articles(t *testing.T, data string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs strings.Builder
	code = run(&env{t.Context(), strings.NewReader(""), &out, &errs, []string{"VERIDESK_DATA=" + data}}, append([]string{"articles"}, args...))
	return code, out.String(), errs.String()
}

const article = "---\ntitle: 'Late'\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\n\n\nWait.\n"

// What an editor keeps in a folder comes back byte for byte.
func TestArticlesImportAndExport(t *testing.T) {
	data, in, out := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "new")
	files := map[string]string{
		"categories.yaml":             "- {slug: c, title: {en: C, zh-CN: 分类}} # ours\n",
		"articles/en/c/late.md":       article,
		"articles/zh-CN/c/late.md":    strings.ReplaceAll(article, "\n", "\r\n"),
		"articles/en/c/late@eu.de.md": article,
		"articles/en/c/late.draft.md": "---\ntitle: Later\norder: 1\n---\nSoon.",
	}
	writeFiles(t, in, files)
	if code, stdout, stderr := articles(t, data, "import", in, "--dry-run"); code != 0 || !strings.Contains(stdout, "would be imported: 3 text(s)") {
		t.Fatalf("%d %s %s", code, stdout, stderr)
	}
	for i, want := range []string{"2 new", "0 new, 0 changed, 2 as they were"} {
		if code, stdout, stderr := articles(t, data, "import", in); code != 0 || !strings.Contains(stdout, want) {
			t.Fatalf("import %d: %d %s %s", i, code, stdout, stderr)
		}
	}
	if code, stdout, stderr := articles(t, data, "export", out); code != 0 || !strings.Contains(stdout, "3 text(s), 1 draft(s)") {
		t.Fatalf("%d %s %s", code, stdout, stderr)
	}
	have := filesOf(t, out)
	for name, text := range files {
		if have[name] != text {
			t.Errorf("%s was %q, is %q", name, text, have[name])
		}
	}
	if len(have) != len(files) {
		t.Errorf("%d files instead of %d: %v", len(have), len(files), have)
	}
	if code, _, stderr := articles(t, data, "export", out); code != exitError || !strings.Contains(stderr, "--force") {
		t.Errorf("into a folder that holds something: %d %s", code, stderr)
	}
	if code, _, stderr := articles(t, data, "export", out, "--force", "--locale", "en"); code != 0 {
		t.Errorf("%d %s", code, stderr)
	}
	if code, _, stderr := articles(t, data, "export", t.TempDir(), "--locale", "fr"); code != exitError || !strings.Contains(stderr, "fr") {
		t.Errorf("%d %s", code, stderr)
	}
	if err := os.Remove(filepath.Join(in, "articles/zh-CN/c/late.md")); err != nil {
		t.Fatal(err)
	}
	if code, stdout, stderr := articles(t, data, "import", in, "--prune"); code != 0 || !strings.Contains(stdout, "1 text(s) archived") {
		t.Errorf("%d %s %s", code, stdout, stderr)
	}
}

// A broken folder says what is wrong, where, all at once; nothing outside of it
// is read.
func TestArticlesImportOfABrokenFolder(t *testing.T) {
	data, in, outside := t.TempDir(), t.TempDir(), t.TempDir()
	writeFiles(t, outside, map[string]string{"secret.md": article})
	writeFiles(t, in, map[string]string{
		"categories.yaml":         "- {slug: c, title: {en: C, zh-CN: 分类}}\n",
		"articles/en/c/good.md":   article,
		"articles/en/c/bad.md":    strings.Replace(article, "order: 1", "order: one", 1) + "\n<script>alert(1)</script>\n",
		"articles/en/c/locked.md": article,
		"articles/en/c/dir.md/x":  "x",
	})
	for name, target := range map[string]string{
		"articles/en/c/out.md":  filepath.Join(outside, "secret.md"),
		"articles/en/c/loop.md": "loop.md",
		"articles/en/loop":      "..",
		"articles/zh-CN":        outside,
	} {
		if err := os.Symlink(target, filepath.Join(in, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(in, "articles/en/c/locked.md"), 0); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := articles(t, data, "import", in)
	if code != exitError || stdout != "" {
		t.Fatalf("%d %s", code, stdout)
	}
	want := []string{"c/bad.md:4: order", "c/bad.md:11: HTML", "c/dir.md: is a folder", "c/out.md: is a symbolic link", "c/loop.md: is a symbolic link", "en/loop: is a symbolic link", "articles/zh-CN: is a symbolic link", "nothing was imported"}
	if os.Geteuid() != 0 { // root reads everything
		want = append(want, "c/locked.md: cannot be read")
	}
	for _, w := range want {
		if !strings.Contains(stderr, w) {
			t.Errorf("%q is not told in\n%s", w, stderr)
		}
	}
	if code, stdout, _ := articles(t, data, "export", filepath.Join(t.TempDir(), "x")); code != 0 || !strings.Contains(stdout, "0 text(s)") {
		t.Errorf("half of it was imported: %d %s", code, stdout)
	}
	if code, _, stderr := articles(t, data, "import", filepath.Join(in, "nowhere")); code != exitError || !strings.Contains(stderr, "check the path") {
		t.Errorf("%d %s", code, stderr)
	}
	if code, _, _ := articles(t, data, "import"); code != exitUsage {
		t.Errorf("without a folder: %d", code)
	}
}
