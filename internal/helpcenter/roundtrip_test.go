package helpcenter_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// exported is what an export writes.
func exported(t *testing.T, c *helpcenter.Center) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	_, err := c.Export(t.Context(), "", func(path string, data []byte) error {
		if out[path] != nil {
			return fmt.Errorf("%s twice", path)
		}
		out[path] = &fstest.MapFile{Data: bytes.Clone(data)}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func texts(fsys fstest.MapFS) map[string]string {
	out := map[string]string{}
	for name, f := range fsys {
		out[name] = string(f.Data)
	}
	return out
}

func pngOf(w, h int, shade uint8) []byte {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = shade + uint8(i)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func jpegOf(w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	img.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// Whatever way an editor writes files, an export gives back the same bytes.
func TestRoundTripIsExactWhateverTheFormatting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		files := map[string]string{
			"categories.yaml": "# our own order\n" + categoriesYAML + "\n# the end\n",
			"articles/en/security/quotes.md": "---\n# a comment\ntitle:   'It''s: \"quoted\" # not a comment'\nsummary: >-\n  folded\n  over lines\n" +
				"order: 0x10\nupdated: 2026-01-31\ntags:\n  - a, b\n  - '- c'\n---\n\n\n\nBody  \nwith trailing spaces   \n\n---\n\nrule, then `code`\n\n",
			"articles/en/security/crlf.md":       "---\r\ntitle: CRLF\r\nsummary: s\r\norder: 1\r\nupdated: 2026-01-31\r\n---\r\n\r\nOne\r\n\r\n## Two\r\n",
			"articles/en/security/mixed.md":      "---\ntitle: Mixed\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\n\r\nOne\r\nTwo\nThree\rFour",
			"articles/en/security/bom.md":        "\ufeff--- \ntitle: BOM\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\t\nNo empty line, no line end",
			"articles/en/security/all-keys.md":   "---\nredirects: [was-here, and-here]\ntitle: All keys\nsummary: s\norder: -3\nupdated: 2026-01-31\nowner: nobody@elsewhere.example\nreview_days: 0\nsource_locale: zh-CN\nstatus: published\nscenarios: [how_to]\n---\nSee [old](quotes.md).\n",
			"articles/zh-CN/security/quotes.md":  "---\ntitle: 引号“”：# 不是注释\nsummary: 摘要\norder: 16\nupdated: 2026-02-01\n---\n正文，[链接](../security/crlf.md#s-two)。\n",
			"articles/en/security/quotes@eu.md":  "---\ntitle: For the EU\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\nEU.\n",
			"articles/en/security/quotes@.hk.md": "---\ntitle: For a region\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\nHK.\n",
			"articles/en/security/draft.md":      "---\ntitle: Not finished\norder: 1\nstatus: draft\n---\n",
			"articles/en/security/both.md":       "---\ntitle: Both\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\nUp.\n",
			"articles/en/security/both.draft.md": "---\norder: 1\ntitle: Both, soon\nstatus: review\n---\n<b>not yet</b>\n",
			"articles/en/security/gone.md":       "---\ntitle: Gone\nsummary: s\norder: 1\nupdated: 2026-01-31\nstatus: archived\n---\nOld.\n",
			"articles/en/security/planned.md":    "---\ntitle: Planned\nsummary: s\norder: 1\nstatus: scheduled\npublish_at: 2999-01-01T08:00:00+08:00\n---\nSoon.\n",
			"articles/zh-TW/security/quotes.md":  "---\ntitle: 自己寫的\nsummary: 摘要\norder: 16\nupdated: 2026-02-01\n---\n正文。\n",
			"articles/en/security/picture.md":    "---\ntitle: Picture\nsummary: s\norder: 1\nupdated: 2026-01-31\n---\n![A screen](../../../images/en/a.png \"t\") and ![B](<../../../images/b.jpg>)\n",
			"images/en/a.png":                    string(pngOf(4, 3, 7)),
			"images/b.jpg":                       string(jpegOf(8, 8)),
			"images/unused.png":                  string(pngOf(5, 5, 9)),
		}
		in := fstest.MapFS{}
		for name, text := range files {
			in[name] = &fstest.MapFile{Data: []byte(text)}
		}
		c := open(t, s)
		imported(t, c, in)
		if d := cmp.Diff(files, texts(exported(t, c))); d != "" {
			t.Errorf("exported differently (- was, + is):\n%s", d)
		}
		before := c.Snapshot().Version
		if r := imported(t, c, in); r.Created+r.Updated != 0 || c.Snapshot().Version != before {
			t.Errorf("the same again: %+v", r)
		}
		// Into another installation and out again.
		other := open(t, storetest.Open(t))
		imported(t, other, exported(t, c))
		if d := cmp.Diff(files, texts(exported(t, other))); d != "" {
			t.Errorf("the export of an export differs:\n%s", d)
		}
	})
}

// What was changed here is written in the canonical form, says what is true now,
// and reads back as the same.
func TestWhatWasChangedIsExportedAnew(t *testing.T) {
	o := newOffice(t, storetest.SQLiteURL(t), helpcenter.Config{})
	imported(t, o.Center, tree(nil))
	a := articleBySlug(o, "late-deposit")
	text := a.Texts["en"]
	saved := o.save(editor, a.ID, "en", text.Revision, `Late: "deposit" # 1`, "New.\r\n\r\nText.")
	if saved.Body != "New.\n\nText." {
		t.Errorf("body %q", saved.Body)
	}
	first := exported(t, o.Center)
	if d := string(first["articles/en/deposits/late-deposit.draft.md"].Data); !strings.Contains(d, "status: draft") || !strings.HasSuffix(d, "---\n\nNew.\n\nText.") {
		t.Errorf("the draft beside what is up:\n%s", d)
	}
	if string(first["articles/en/deposits/late-deposit.md"].Data) != string(tree(nil)["articles/en/deposits/late-deposit.md"].Data) {
		t.Error("what is up was not changed")
	}
	o.publish(a.ID, "en", saved.Revision)
	slug := "deposit-not-here"
	a = articleBySlug(o, "late-deposit")
	if _, err := o.ChangeArticle(t.Context(), editor, a.ID, helpcenter.ArticleChange{Revision: a.Revision, Slug: &slug}); err != nil {
		t.Fatal(err)
	}
	out := exported(t, o.Center)
	got := string(out["articles/en/deposits/deposit-not-here.md"].Data)
	want := "---\ntitle: 'Late: \"deposit\" # 1'\nsummary: About.\norder: 1\nupdated: \"2026-03-01\"\nscenarios: [transfer_trouble]\nredirects: [late-deposit]\n---\n\nNew.\n\nText."
	if got != strings.Replace(want, `"2026-03-01"`, "2026-03-01", 1) {
		t.Errorf("exported:\n%s\nwant\n%s", got, want)
	}
	other := open(t, storetest.Open(t))
	imported(t, other, out)
	if d := cmp.Diff(texts(out), texts(exported(t, other))); d != "" {
		t.Errorf("the export of an export differs:\n%s", d)
	}
	// A folder in which the article has its new name renames it where it is known by the old one.
	third := open(t, storetest.Open(t))
	imported(t, third, tree(nil))
	r := imported(t, third, out)
	if a, _ := third.Snapshot().Article("en", "late-deposit"); r.Created != 0 || a == nil || a.Slug != slug {
		t.Errorf("renamed by a folder: %+v, %+v", r, a)
	}
}

func articleBySlug(o *office, slug string) store.Article {
	o.Helper()
	all, err := o.store.Read(o.Context()).Articles()
	for _, a := range ok(o, all, err) {
		if a.Slug == slug {
			return a
		}
	}
	o.Fatalf("there is no %s", slug)
	return store.Article{}
}

// Somebody's draft outlives the next import, and what the folder no longer holds
// is archived only when that is asked for.
func TestImportKeepsDraftsAndPrunes(t *testing.T) {
	o := newOffice(t, storetest.SQLiteURL(t), helpcenter.Config{})
	imported(t, o.Center, tree(nil))
	a := articleBySlug(o, "stolen")
	o.save(editor, a.ID, "en", 1, "My draft", "Half a sentence")
	imported(t, o.Center, tree(map[string]string{"articles/en/security/stolen.md": matter("Stolen, corrected", "scenarios: [suspected_theft]\n") + "Freeze it now.\n"}))
	a = articleBySlug(o, "stolen")
	if text := a.Texts["en"]; text.Title != "My draft" || text.Status != store.Draft || o.reads("en", "stolen") != "Stolen, corrected|Freeze it now." {
		t.Errorf("%+v; readers see %q", text, o.reads("en", "stolen"))
	}
	less := tree(map[string]string{"articles/en/security/only-en.md": "", "articles/en/deposits/late-deposit.md": matter("Late deposit", "scenarios: [transfer_trouble]\n") + "Short.\n"})
	for _, dry := range []bool{true, false} {
		r, err := o.ImportFolder(t.Context(), less, helpcenter.ImportOptions{Prune: true, DryRun: dry})
		if err != nil || r.Archived != 1 || r.Updated != 2 {
			t.Errorf("dry %v: %+v, %v", dry, r, err)
		}
		if up := o.reads("en", "only-en") != ""; up != dry {
			t.Errorf("dry %v: up %v", dry, up)
		}
	}
}

// Random articles by every kind of author survive: what is imported and what is
// written here.
func TestRoundTripOfRandomArticles(t *testing.T) {
	s := storetest.Open(t)
	c := open(t, s)
	line := rapid.OneOf(
		rapid.StringMatching(`[ -~]{0,40}`),
		rapid.StringOf(rapid.RuneFrom([]rune("提币到账，。：“”#'\"\\{}[]|>&*!%@`~- \tabcé🙂—null:true"))),
		rapid.SampledFrom([]string{"---", "--- ", "...", "- a", "? b", "null", "~", "123", "2026-01-01", "yes", "\ufeffx", "x ", " x"}),
	)
	rapid.Check(t, func(rt *rapid.T) {
		in := fstest.MapFS{"categories.yaml": {Data: []byte(categoriesYAML)}}
		n := rapid.IntRange(1, 4).Draw(rt, "articles")
		for i := range n {
			eol := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(rt, "eol")
			title := rapid.StringMatching(`[A-Za-z0-9 :#"'提币，-]{0,20}[a-z币]`).Draw(rt, "title")
			quoted := "'" + strings.ReplaceAll(title, "'", "''") + "'"
			body := "Text." + eol + strings.Join(rapid.SliceOfN(line, 0, 6).Draw(rt, "lines"), eol)
			in[fmt.Sprintf("articles/en/security/a%d-%d.md", i, rapid.IntRange(0, 3).Draw(rt, "slug"))] = &fstest.MapFile{Data: []byte(
				"---" + eol + "title: " + quoted + eol + "summary: 's'" + eol + "order:   " + fmt.Sprint(i) + eol + "updated: 2026-01-31" + eol + "status: draft" + eol + "---" + eol +
					strings.Repeat(eol, rapid.IntRange(0, 3).Draw(rt, "blank")) + body)}
		}
		if _, err := c.Import(t.Context(), in); err != nil {
			rt.Fatalf("%v", err)
		}
		out := exported(t, c)
		for name, f := range in {
			if name != "categories.yaml" && string(out[name].Data) != string(f.Data) {
				rt.Fatalf("%s was %q, is %q", name, f.Data, out[name].Data)
			}
		}
	})
	// Written in the console instead: canonical, and stable from then on.
	rapid.Check(t, func(rt *rapid.T) {
		all, err := s.Read(t.Context()).Articles()
		if err != nil {
			rt.Fatal(err)
		}
		a := all[rapid.IntRange(0, len(all)-1).Draw(rt, "which")]
		text := a.Texts["en"]
		in := helpcenter.TextInput{
			Revision: text.Revision, Title: rapid.StringMatching(`[ -~提币“”：]{1,30}`).Draw(rt, "title"), Summary: line.Draw(rt, "summary"),
			Body: strings.Join(rapid.SliceOf(line).Draw(rt, "lines"), "\n"), Tags: rapid.SliceOfN(rapid.StringMatching(`[ -~提币]{1,12}`), 0, 4).Draw(rt, "tags"),
		}
		if _, err := c.SaveText(t.Context(), writer, a.ID, "en", in); err != nil {
			if desk.CodeOf(err) == desk.Invalid {
				return // a title of spaces, a tab in a summary
			}
			rt.Fatal(err)
		}
		first := exported(t, c)
		if r, err := c.Import(t.Context(), first); err != nil || r.Created != 0 {
			rt.Fatalf("%+v, %v", r, err)
		}
		if d := cmp.Diff(texts(first), texts(exported(t, c))); d != "" {
			rt.Fatalf("%s", d)
		}
		have, err := s.Read(t.Context()).ArticleText(a.ID, "en")
		if err != nil || have.Title != strings.TrimSpace(in.Title) || !slices.Equal(have.Tags, in.Tags) {
			rt.Fatalf("%+v, %v", have, err)
		}
	})
}

// A folder with everything wrong with it tells all of it, with file and line, and
// leaves nothing behind.
func TestBrokenFoldersTellEverythingAtOnce(t *testing.T) {
	s := storetest.Open(t)
	c := open(t, s)
	bomb := pngOf(2, 2, 1)
	copy(bomb[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 × 65,536 pixels
	binary.BigEndian.PutUint32(bomb[29:], crc32.ChecksumIEEE(bomb[12:29]))
	withText, err := base64.StdEncoding.DecodeString("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==")
	if err != nil {
		t.Fatal(err)
	}
	const up = "---\ntitle: T\nsummary: s\norder: 1\nupdated: 2026-01-01\n---\n"
	in := tree(map[string]string{
		"articles/en/security/binary.md":      up + "a\x00b",
		"articles/en/security/latin1.md":      up + "caf\xe9",
		"articles/en/security/huge.md":        up + strings.Repeat("x", 10<<20),
		"articles/en/security/Upper.md":       up + "x",
		"articles/en/security/twice@EU.md":    up + "x",
		"articles/en/security/twice@eu.md":    up + "x",
		"articles/en/security/alone.draft.md": strings.Replace(up, "updated: 2026-01-01", "status: draft", 1) + "x",
		"articles/en/security/pictures.md": up + "![bomb](../../../images/bomb.png)\n\n![](../../../images/fine.png)\n\n![x](../../../images/gone.png)\n\n" +
			"![x](../../../../etc/passwd)\n\n![x](data:image/png;base64,AAAA)\n\n![x](/media/ffffffffffffffffffffffffffffffff.png)\n",
		"articles/en/security/links.md":              up + "Text\n\n[x](data:text/html,x) [y](vbscript:x) <javascript:alert(1)>\n\n<iframe src=x></iframe>\n",
		"articles/en/security/planned.md":            strings.Replace(up, "updated: 2026-01-01", "status: scheduled", 1) + "x",
		"articles/en/security/keys.md":               strings.Replace(up, "order: 1", "order: 1\nreview_days: -1\nredirects: [Bad Slug]\nsource_locale: fr\nstatus: hidden\ntags: [\"a\\nb\"]", 1) + "x",
		"images/bomb.png":                            string(bomb),
		"images/fine.png":                            string(withText),
		"images/text.png":                            "not a picture",
		"images/script.svg":                          "<svg onload=alert(1)/>",
		"media/ffffffffffffffffffffffffffffffff.jpg": string(jpegOf(8, 8)),
	})
	_, err = c.Import(t.Context(), in)
	var e *helpcenter.ImportError
	if err == nil || !asImportError(err, &e) {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{
		"articles/en/security/binary.md:7: has a NUL byte", "articles/en/security/latin1.md:7: is not UTF-8", "articles/en/security/huge.md: has 10240 KiB",
		"articles/en/security/Upper.md: the file's name", "in capitals only", "alone.draft.md: is a draft beside nothing",
		"pictures.md:9: the picture has no words", "pictures.md:11: picture images/gone.png", "pictures.md:13: images are not shown from", "pictures.md:15: images are not shown from",
		"pictures.md:17: picture ffffffffffffffffffffffffffffffff.png", "links.md:9: link to \"data:text/html,x\"", "links.md:9: link to \"vbscript:x\"",
		"links.md:9: link to \"javascript:alert(1)\"", "links.md:11: HTML is not shown", "planned.md:1: publish_at is missing",
		"keys.md:5: review_days", "keys.md:6: redirects", "keys.md:7: source_locale", "keys.md:8: status", "keys.md:9: tags",
		"images/bomb.png: has too many pixels", "images/text.png: cannot be decoded", "images/script.svg: is not a picture",
		"media/ffffffffffffffffffffffffffffffff.jpg: is not the picture of that name",
	} {
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%q is not told in\n%s", want, e)
		}
	}
	media, err := s.Read(t.Context()).AllMedia()
	if articles, aerr := s.Read(t.Context()).Articles(); err != nil || aerr != nil || len(media)+len(articles) != 0 {
		t.Errorf("half of it was stored: %d pictures, %d articles", len(media), len(articles))
	}
	for name := range maps.Keys(in) {
		if strings.HasPrefix(name, "media/") {
			if _, _, err := c.OpenMedia(t.Context(), strings.TrimPrefix(name, "media/")); desk.CodeOf(err) != desk.NotFound {
				t.Errorf("%s is served: %v", name, err)
			}
		}
	}
}

// Nobody waits: a thousand articles in two languages are there at once, and what
// is slow is done when it is first needed.
func TestThousandArticlesAreReadAtOnce(t *testing.T) {
	s := storetest.Open(t)
	in := fstest.MapFS{"categories.yaml": {Data: []byte(categoriesYAML)}}
	body := strings.Repeat("## Step\n\nLook at the **TxID** and wait; see [late](a1.md).\n\n- one\n- two\n\n", 20)
	for i := range 1000 {
		for _, l := range desk.Locales {
			in[fmt.Sprintf("articles/%s/security/a%d.md", l, i)] = &fstest.MapFile{Data: []byte(matter(fmt.Sprintf("提币 Article %d", i)) + body)}
		}
	}
	c := open(t, s)
	imported(t, c, in)
	start := time.Now()
	again := open(t, s)
	took := time.Since(start)
	page := time.Now()
	a, _ := again.Snapshot().Article("en", "a7")
	if len(a.HTML()) == 0 || len(a.Related(3)) != 3 {
		t.Error("an empty page")
	}
	t.Logf("New took %v, the first page %v", took, time.Since(page))
	if took > 2*time.Second { // 200 ms where nothing else runs
		t.Errorf("New took %v", took)
	}
}

func asImportError(err error, into **helpcenter.ImportError) bool { return errors.As(err, into) }

// An old address leads to one article, or every import would turn it round.
func TestOldAddressesLeadToOneArticle(t *testing.T) {
	c := open(t, storetest.Open(t))
	article := func(order int) *fstest.MapFile {
		return &fstest.MapFile{Data: fmt.Appendf(nil, "---\ntitle: T\nsummary: s\norder: %d\nupdated: 2026-01-01\nredirects: [old]\n---\n\nText.\n", order)}
	}
	category := "- slug: %s\n  order: 1\n  icon: shield\n  title: {en: C, zh-CN: 分类}\n  redirects: [was]\n"
	_, err := c.Import(t.Context(), fstest.MapFS{
		"categories.yaml":    {Data: fmt.Appendf(nil, category+category, "c", "d")},
		"articles/en/c/a.md": article(1),
		"articles/en/c/b.md": article(2),
	})
	var wrong *helpcenter.ImportError
	if !asImportError(err, &wrong) || len(wrong.Problems) != 2 || !strings.Contains(err.Error(), "categories.yaml:1: redirects: was stands twice") ||
		!strings.Contains(err.Error(), "articles/en/c/b.md:2: redirects: old leads to articles/en/c/a.md already") {
		t.Errorf("%v", err)
	}
}

// A folder with very many files is read in the time that it takes to read them.
func TestManyFiles(t *testing.T) {
	c := open(t, storetest.Open(t))
	files := fstest.MapFS{"categories.yaml": {Data: []byte("- slug: c\n  order: 1\n  icon: shield\n  title: {en: C, zh-CN: 分类}\n")}}
	for i := range 5_000 {
		files[fmt.Sprintf("articles/en/c/a%d.md", i)] = &fstest.MapFile{Data: []byte("---\ntitle: T\norder: 1\nstatus: draft\n---\n\nText.\n")}
	}
	start := time.Now()
	if _, err := c.ImportFolder(t.Context(), files, helpcenter.ImportOptions{DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > time.Minute {
		t.Errorf("5,000 files took %v", took)
	}
}

// An order that one database can store and another cannot is told with its line.
func TestOrderIsSmall(t *testing.T) {
	c := open(t, storetest.Open(t))
	_, err := c.Import(t.Context(), fstest.MapFS{
		"categories.yaml":    {Data: []byte("- slug: c\n  order: 99999999999\n  icon: shield\n  title: {en: C, zh-CN: 分类}\n")},
		"articles/en/c/a.md": {Data: []byte("---\ntitle: T\nsummary: s\norder: -9223372036854775808\nupdated: 2026-01-01\n---\n\nText.\n")},
	})
	if err == nil || !strings.Contains(err.Error(), "categories.yaml:1: order 99999999999") || !strings.Contains(err.Error(), "articles/en/c/a.md:4: order: expected") {
		t.Errorf("%v", err)
	}
}
