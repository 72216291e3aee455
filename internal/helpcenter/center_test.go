package helpcenter_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

const categoriesYAML = `
- slug: deposits
  order: 2
  icon: deposit
  title: {en: Deposits, zh-CN: 充值}
  description: {en: Find one., zh-CN: 查一查。}
- slug: security
  order: 1
  icon: shield
  title: {en: Security, zh-CN: 账户安全}
`

func matter(title string, more ...string) string {
	return "---\ntitle: " + title + "\nsummary: About " + title + "\norder: 1\nupdated: 2026-11-20\n" + strings.Join(more, "") + "---\n"
}

// tree is a small content folder; files replace or add to it, "" removes one.
func tree(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	base := map[string]string{
		"categories.yaml": categoriesYAML,
		"articles/en/deposits/late-deposit.md": matter("Late deposit", "tags: [TxID]\nscenarios: [transfer_trouble]\n") +
			"Look at the explorer.\n\n## Step 1: \"find\" it\n\nSee [stolen](../security/stolen.md#now) and [only here](../security/only-en.md).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## Step 1: \"find\" it\n",
		"articles/zh-CN/deposits/late-deposit.md": matter("充值未到账", "tags: [TxID]\nscenarios: [transfer_trouble]\n") + "## 第一步\n\n到区块浏览器里查询。\n",
		"articles/en/security/stolen.md":          matter("Account stolen", "scenarios: [suspected_theft]\n") + "Freeze it.\n",
		"articles/zh-CN/security/stolen.md":       matter("账户被盗", "scenarios: [suspected_theft]\n") + "先冻结。\n",
		"articles/en/security/only-en.md":         matter("Only English") + "Antelope.\n",
	}
	for name, text := range files {
		base[name] = text
	}
	for name, text := range base {
		if text != "" {
			out[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return out
}

func open(t testing.TB, s *store.Store) *helpcenter.Center {
	t.Helper()
	return openWith(t, helpcenter.Config{Store: s})
}

// openWith is open for tests that set more; the files are in a temporary folder.
func openWith(t testing.TB, cfg helpcenter.Config) *helpcenter.Center {
	t.Helper()
	var err error
	if cfg.Blobs == nil {
		if cfg.Blobs, err = blob.OpenDisk(t.TempDir()); err != nil {
			t.Fatal(err)
		}
	}
	c, err := helpcenter.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func imported(t testing.TB, c *helpcenter.Center, fsys fs.FS) helpcenter.Report {
	t.Helper()
	r, err := c.Import(t.Context(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestImportShowsArticlesAndChangesNothingTheSecondTime(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		c := open(t, s)
		r := imported(t, c, tree(nil))
		if r.Created != 3 || r.Texts != 5 || len(r.Warnings) != 1 || r.Warnings[0].Message != "is not translated into zh-CN" {
			t.Errorf("first import: %+v", r)
		}
		before := c.Snapshot().Version
		if r := imported(t, c, tree(nil)); r.Unchanged != 3 || r.Created+r.Updated != 0 || c.Snapshot().Version != before {
			t.Errorf("second import: %+v; every node would rebuild for nothing", r)
		}
		r = imported(t, c, tree(map[string]string{"articles/en/security/only-en.md": matter("Only English") + "Corrected.\n"}))
		a, _ := c.Snapshot().Article("en", "only-en")
		if r.Updated != 1 || !strings.Contains(string(a.HTML()), "Corrected") {
			t.Errorf("a correction: %+v %s", r, a.HTML())
		}
	})
}

// A second node shows a change without being told.
func TestOtherNodesFollow(t *testing.T) {
	s := storetest.Open(t)
	editor, other := open(t, s), open(t, s)
	go other.Run(t.Context())
	imported(t, editor, tree(nil))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) { // polls, with a deadline
		if a, _ := other.Snapshot().Article("en", "stolen"); a != nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the other node still shows no article")
		}
	}
}

func TestImportTellsFileAndLineAndStoresNothing(t *testing.T) {
	const good = "Text.\n"
	article := "articles/en/security/bad.md"
	s := storetest.Open(t)
	c := open(t, s)
	for name, tc := range map[string]struct {
		file, text string
		want       string // file:line: part of the message
	}{
		"no front matter":       {article, "Text.\n", article + ":1: front matter is missing"},
		"broken YAML":           {article, "---\ntitle: x\nsummary: [a\n---\n" + good, article + ":"},
		"unknown key":           {article, matter("X", "colour: red\n") + good, article + ":6: colour: unknown key"},
		"key twice":             {article, matter("X", "order: 2\n") + good, article + ":6: order stands twice"},
		"missing key":           {article, "---\ntitle: X\norder: 1\nupdated: 2026-01-01\n---\n" + good, article + ":1: summary is missing"},
		"bad date":              {article, "---\ntitle: X\nsummary: s\norder: 1\nupdated: soon\n---\n" + good, article + ":5: updated: expected a date"},
		"order is no number":    {article, "---\ntitle: X\nsummary: s\norder: first\nupdated: 2026-01-01\n---\n" + good, article + ":4: order: expected a whole number"},
		"long summary":          {article, "---\ntitle: X\nsummary: " + strings.Repeat("长", 161) + "\norder: 1\nupdated: 2026-01-01\n---\n" + good, article + ":3: summary: 161 characters"},
		"unknown scenario":      {article, matter("X", "scenarios: [theft]\n") + good, article + ":6: scenarios: scenario \"theft\" is unknown"},
		"h1 in the body":        {article, matter("X") + "\n# Big\n", article + ":8: headings begin at ##"},
		"raw HTML":              {article, matter("X") + "Text\n\n<script>alert(1)</script>\n", article + ":9: HTML is not shown"},
		"broken link":           {article, matter("X") + "Text.\n\nSee [it](../security/gone.md).\n", article + ":9: link to security/gone.md"},
		"javascript link":       {article, matter("X") + "[x](javascript:alert(1))\n", article + ":7: link to \"javascript:alert(1)\""},
		"image":                 {article, matter("X") + "![x](https://evil.test/x.png)\n", article + ":7: images"},
		"empty":                 {article, matter("X"), article + ":7: the article has no text"},
		"unknown category":      {"articles/en/nowhere/x.md", matter("X") + good, "articles/en/nowhere/x.md: category \"nowhere\""},
		"unknown locale":        {"articles/fr/security/x.md", matter("X") + good, "articles/fr/security/x.md: \"fr\" is not a locale"},
		"bad name":              {"articles/en/security/Über.md", matter("X") + good, "articles/en/security/Über.md: the file's name"},
		"stray file":            {"articles/en/notes.txt", "x", "articles/en/notes.txt: expected articles/"},
		"slug taken":            {"articles/en/deposits/stolen.md", matter("X") + good, "slug \"stolen\" is taken by"},
		"no categories":         {"categories.yaml", "", "categories.yaml: the file is missing"},
		"categories broken":     {"categories.yaml", "- slug: a\n  order: x\n", "categories.yaml:2: "},
		"category not in zh":    {"categories.yaml", categoriesYAML + "- slug: fees\n  title: {en: Fees}\n", "categories.yaml:11: category \"fees\" has no title in zh-CN"},
		"order differs":         {"articles/zh-CN/security/only-en.md", strings.Replace(matter("只有英文"), "order: 1", "order: 9", 1) + good, "articles/zh-CN/security/only-en.md:2: order and scenarios differ"},
		"icon nobody has drawn": {"categories.yaml", categoriesYAML + "- slug: fees\n  icon: rocket\n  title: {en: Fees, zh-CN: 费用}\n", "icon \"rocket\" is unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Import(t.Context(), tree(map[string]string{tc.file: tc.text}))
			var e *helpcenter.ImportError
			if !errors.As(err, &e) || desk.CodeOf(err) != desk.Invalid {
				t.Fatalf("error = %v", err)
			}
			if !strings.Contains(e.Error(), tc.want) {
				t.Errorf("error says\n%s\nwant %q", e, tc.want)
			}
			if as, err := s.Read(t.Context()).Articles(); err != nil || len(as) != 0 {
				t.Errorf("%d articles were stored, %v", len(as), err)
			}
		})
	}
}

func TestSampleContentImports(t *testing.T) {
	if _, err := os.Stat("../../content"); err != nil {
		t.Skip("no sample content beside the source")
	}
	c := open(t, storetest.Open(t))
	r := imported(t, c, os.DirFS("../../content"))
	if len(r.Warnings) > 0 {
		t.Errorf("the sample content has gaps: %v", r.Warnings)
	}
	for _, l := range desk.Locales {
		for _, a := range c.Snapshot().Articles(l) {
			if strings.Contains(string(a.HTML()), ".md\"") {
				t.Errorf("%s links to a file", a.Path())
			}
		}
	}
}

func TestArticlesAreRenderedForReading(t *testing.T) {
	c := open(t, storetest.Open(t))
	imported(t, c, tree(nil))
	a, others := c.Snapshot().Article("en", "late-deposit")
	html := string(a.HTML())
	for _, want := range []string{
		`href="/en/a/security/stolen#now"`, `href="/en/a/security/only-en"`, `<div class="table"`, `<h2 id="s-step-1-find-it">`, `id="s-step-1-find-it-2"`, "“find”",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in\n%s", want, html)
		}
	}
	if len(a.Headings()) != 2 || a.Headings()[0] != (helpcenter.Heading{Level: 2, ID: "s-step-1-find-it", Text: "Step 1: “find” it"}) {
		t.Errorf("headings = %+v", a.Headings())
	}
	if len(others) != 2 || others[0].Locale != "zh-CN" || others[0].Headings()[0].ID != "s-第一步" || others[1].Locale != "zh-TW" || !others[1].Derived {
		t.Errorf("other languages = %+v", others)
	}
	if a, others := c.Snapshot().Article("zh-CN", "only-en"); a != nil || len(others) != 1 {
		t.Errorf("an article that is not translated: %v %v", a, others)
	}
}

// What reaches the database past the import (an editor, a restored backup) is
// as harmless.
func TestMarkdownCannotRunOrLoadAnything(t *testing.T) {
	s := storetest.Open(t)
	body := "## x\" onclick=alert(1)\n\n<script>alert(1)</script><img src=x onerror=alert(1)> <b style=\"color:red\">b</b>\n\n" +
		"[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](data:text/html,x) [d](http://plain.test) [e](//evil.test/x.md) [f](../../../etc/passwd.md) [g](../security/gone.md)\n\n" +
		"![i](https://evil.test/track.png)\n\n<iframe src=https://evil.test></iframe> <table><td background=x>\n\n`<table>`\n"
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		id, err := tx.PutCategory(store.Category{Slug: "c", Texts: map[string]store.CategoryText{"en": {Title: "C"}}})
		if err != nil {
			return err
		}
		_, err = tx.PutArticle(store.Article{CategoryID: id, Slug: "x", Texts: map[string]store.ArticleText{"en": {Title: "X", Body: body}, "zh-CN": {Title: "草稿", Body: "x", Status: store.Draft}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a, others := open(t, s).Snapshot().Article("en", "x")
	html := strings.ToLower(string(a.HTML()))
	for _, bad := range []string{"<script", "onerror", "\" onclick", "javascript:", "data:text", "<img", "<iframe", "style=", "background", "http://plain", "passwd.md\"", "//evil", "gone.md\"", "<div class=\"table\""} {
		if strings.Contains(html, bad) {
			t.Errorf("%q is in\n%s", bad, a.HTML())
		}
	}
	if len(others) != 0 {
		t.Error("a draft is shown")
	}
}

func TestEntitySeesItsOwnArticleBeforeTheCommonOne(t *testing.T) {
	s := storetest.Open(t)
	imported(t, open(t, s), tree(nil))
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		categories, err := tx.Categories()
		if err != nil {
			return err
		}
		_, err = tx.PutArticle(store.Article{CategoryID: categories[0].ID, Slug: "stolen", Entity: "eu", Texts: map[string]store.ArticleText{"en": {Title: "Stolen (EU)", Body: "x"}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for entity, want := range map[string]string{"": "Account stolen", "eu": "Stolen (EU)", "sg": "Account stolen"} {
		c, err := helpcenter.New(t.Context(), helpcenter.Config{Store: s, Entity: entity})
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := c.Snapshot().Article("en", "stolen"); a == nil || a.Title != want {
			t.Errorf("entity %q reads %+v, want %q", entity, a, want)
		}
	}
}

func TestSearch(t *testing.T) {
	c := open(t, storetest.Open(t))
	imported(t, c, tree(nil))
	snap := c.Snapshot()
	slugs := func(hits []helpcenter.Hit) (out []string) {
		for _, h := range hits {
			out = append(out, h.Article.Locale+"/"+h.Article.Slug)
		}
		return out
	}
	for _, tc := range []struct{ locale, query, first string }{
		{"en", "late deposits", "en/late-deposit"},
		{"en", "txid", "en/late-deposit"},
		{"en", "depo", "en/late-deposit"}, // still being typed
		{"zh-CN", "未到账", "zh-CN/late-deposit"},
		{"zh-CN", "充值 TxID", "zh-CN/late-deposit"},
		{"en", strings.Repeat(" ", 300) + "stolen", "en/stolen"},
	} {
		r := snap.Search(tc.locale, tc.query, 5)
		if got := slugs(r.Hits); len(got) == 0 || got[0] != tc.first {
			t.Errorf("search %q in %s = %v, want %s first", tc.query, tc.locale, got, tc.first)
		}
		for _, h := range r.Hits {
			for _, m := range append(h.Spans, h.TitleSpans...) {
				if m[0] < 0 || m[0] >= m[1] {
					t.Errorf("span %v", m)
				}
			}
		}
	}
	if r := snap.Search("zh-CN", "antelope", 5); len(r.Hits) != 0 || !slices.Equal(slugs(r.Elsewhere), []string{"en/only-en"}) {
		t.Errorf("only in the other language: %+v", r)
	}
	if r := snap.Search("en", strings.Repeat("长", 500), 5); len([]rune(r.Query)) != helpcenter.MaxQueryRunes {
		t.Errorf("query of %d characters was used", len([]rune(r.Query)))
	}
	phrase := "legal winner thank year wave sausage worth useful legal winner thank yellow"
	for _, q := range []string{phrase, strings.Repeat("x ", 150) + phrase} {
		r := snap.Search("en", q, 5)
		if len(r.Removed) != 1 || r.Removed[0].Words != 12 || r.Query != "" || len(r.Hits)+len(r.Elsewhere) != 0 {
			t.Errorf("a recovery phrase was searched: %+v", r)
		}
	}
}

// The first reader after a start does not wait until every title is converted,
// and is told of all languages all the same.
func TestFirstPageKnowsAllLanguages(t *testing.T) {
	s := storetest.Open(t)
	if _, err := open(t, s).Import(t.Context(), tree(nil)); err != nil {
		t.Fatal(err)
	}
	paths := func(snap *helpcenter.Snapshot, slug string) (out []string) {
		_, others := snap.Article("en", slug)
		for _, a := range others {
			out = append(out, a.Path())
		}
		return out
	}
	snap := open(t, s).Snapshot() // a node that has just started
	early := map[string][]string{}
	for _, a := range snap.Articles("en") {
		early[a.Slug] = paths(snap, a.Slug)
	}
	snap.Home("zh-TW") // from now on its titles are there
	for slug, was := range early {
		if now := paths(snap, slug); !slices.Equal(was, now) {
			t.Errorf("%s: %v at first, %v later", slug, was, now)
		}
	}
	if len(early["stolen"]) != 2 || len(early["only-en"]) != 0 {
		t.Errorf("languages: %v", early)
	}
}
