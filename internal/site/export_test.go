package site_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/site"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/web"
)

// exporting is everything that the command gives to the export, with files of
// content imported.
func exporting(t *testing.T, s *store.Store, files fs.FS) site.Deps {
	t.Helper()
	hc, err := helpcenter.New(t.Context(), helpcenter.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hc.Import(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	if _, err := hc.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return site.Deps{
		HelpCenter: hc,
		Assets: web.NewAssets(fstest.MapFS{
			"site/style.css": {Data: []byte("body{}")}, "site/site.js": {Data: []byte("0")}, "site/export.js": {Data: []byte("1")}, "site/export_search.js": {Data: []byte("2")},
		}),
		Brand: desk.Brand{Names: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}, ExchangeURL: "https://www.meridian.example"},
	}
}

// export writes d to a fresh folder.
func export(t *testing.T, d site.Deps, o site.Export) (string, site.Exported) {
	t.Helper()
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "help")
	}
	done, err := site.ExportTo(t.Context(), d, o)
	if err != nil {
		t.Fatal(err)
	}
	return o.Dir, done
}

// contents are the files of a folder by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[filepath.ToSlash(rel)] = string(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var linked = regexp.MustCompile(`(?:href|src|action)="([^"]*)"`)

// When the desk is down, the folder is all that customers have: every page must
// be there, and every link must work without a server that knows our paths.
func TestExportStandsAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		dir, done := export(t, exporting(t, s, content()), site.Export{})
		files := contents(t, dir)
		for _, name := range []string{
			"index.html", "404.html", "robots.txt", "favicon.svg", "favicon.ico", "og.png", "en/index.html", "zh-CN/contact.html", "zh-TW/search.html",
			"en/c/security.html", "en/a/security/stolen.html", "zh-TW/a/security/stolen.html", "zh-CN/announcements.xml", "en/manifest.webmanifest",
			"zh-CN/a/security/is-it-really-us.html", // not translated: the page says so
		} {
			if files[name] == "" {
				t.Errorf("there is no %s", name)
			}
		}
		for name, body := range files {
			if path.Ext(name) != ".html" {
				continue
			}
			if strings.Contains(body, "<style") || regexp.MustCompile(`<script(?: defer="")?>|javascript:| on[a-z]+="`).MatchString(body) {
				t.Errorf("%s: something inline that the policy forbids", name)
			}
			if !strings.Contains(body, "Content-Security-Policy") || !strings.Contains(body, desk.IronRule("en")) && !strings.Contains(body, "绝不") && !strings.Contains(body, "絕不") {
				t.Errorf("%s lacks the policy or the iron rule", name)
			}
			for _, m := range linked.FindAllStringSubmatch(body, -1) {
				to, _, _ := strings.Cut(m[1], "#")
				switch {
				case strings.HasPrefix(to, "https://www.meridian.example") || to == "":
				case strings.Contains(to, ":") || strings.HasPrefix(to, "/"):
					t.Errorf("%s leads to %q", name, m[1])
				case files[path.Join(path.Dir(name), to)] == "":
					t.Errorf("%s: %q leads nowhere", name, m[1])
				}
			}
			for _, never := range []string{`"/app`, "/api/", "/widget/", "data-chat", `method="post"`, `name="q"`, "localhost"} {
				if strings.Contains(body, never) {
					t.Errorf("%s has %q, which needs a server", name, never)
				}
			}
		}
		if _, ok := files["sitemap.xml"]; ok || strings.Contains(files["robots.txt"], "Sitemap") {
			t.Error("a sitemap without an address misleads search engines")
		}
		if done.Pages < 20 || len(done.Searches) != 3 || len(done.Notes) == 0 {
			t.Errorf("report %+v", done)
		}
	})
}

// Two exports of the same articles are the same to the byte: what did not
// change need not be uploaded, and a difference is a change.
func TestExportIsDeterministic(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := exporting(t, s, content())
		first, _ := export(t, d, site.Export{Live: "https://help.meridian.example"})
		second, _ := export(t, exporting(t, s, content()), site.Export{Live: "https://help.meridian.example/"})
		a, b := contents(t, first), contents(t, second)
		if !slices.Equal(slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(b))) {
			t.Fatal("other files")
		}
		for name := range a {
			if a[name] != b[name] {
				t.Errorf("%s differs", name)
			}
		}
	})
}

func TestExportWithALiveDesk(t *testing.T) {
	d := exporting(t, storetest.Open(t), content())
	const live, base = "https://help.meridian.example", "https://static.meridian.example/help"
	for _, tc := range []struct {
		name   string
		o      site.Export
		file   string
		want   []string
		never  []string
		absent []string
	}{
		{
			"copy at an unknown place",
			site.Export{Live: live},
			"en/a/security/stolen.html",
			[]string{
				`rel="canonical" href="` + live + `/en/a/security/stolen"`, `src="` + live + `/widget/loader.js"`, live + `/app?locale=en#scenario=suspected_theft`,
				`href="` + live + `/en/a/security/stolen#vote"`, "script-src &#39;self&#39; " + live,
			},
			[]string{"data-chat"},
			nil,
		},
		{
			"at an address of its own",
			site.Export{Live: live, Base: base},
			"en/a/security/stolen.html",
			[]string{
				`rel="canonical" href="` + base + `/en/a/security/stolen.html"`, `hreflang="zh-CN" href="` + base + `/zh-CN/a/security/stolen.html"`,
				`"item":"` + base + `/en/"`, `content="` + base + `/og.png"`, live + "/app?locale=en",
			},
			[]string{"loader.js", "data-chat", "frame-src"},
			nil,
		},
		{
			"where the chat may be embedded",
			site.Export{Live: live, Base: live + "/static", Embeds: true},
			"zh-CN/a/security/stolen.html",
			[]string{`src="` + live + `/widget/loader.js"`, `data-chat="suspected_theft"`, "frame-src " + live},
			nil, nil,
		},
		{"contact names the place", site.Export{Live: live, Base: base}, "en/contact.html", []string{"This page lives at static.meridian.example", `id="ch_chat"`}, nil, nil},
		{"sitemap", site.Export{Base: base}, "sitemap.xml", []string{"<loc>" + base + "/en/a/security/stolen.html</loc>", "<loc>" + base + "/zh-CN/</loc>", "<lastmod>2026-11-20"}, []string{"is-it-really-us.html\"></xhtml:link><xhtml:link rel=\"alternate\" hreflang=\"zh-CN\"", "zh-CN/a/security/is-it-really-us"}, nil},
		{"feed", site.Export{Base: base}, "zh-CN/announcements.xml", []string{"<link>" + base + "/zh-CN/</link>"}, nil, nil},
		{"not found under any address", site.Export{Base: base}, "404.html", []string{`href="/help/assets/style.`, `href="/help/en/index.html"`}, []string{`href="en/`}, nil},
		{"one language", site.Export{Locales: []string{"zh-CN"}, Base: base}, "index.html", []string{`data-front="zh-CN"`}, []string{"zh-TW/", "/en/"}, []string{"en/index.html", "zh-TW/index.html"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir, _ := export(t, d, tc.o)
			files := contents(t, dir)
			for _, want := range tc.want {
				if !strings.Contains(files[tc.file], want) {
					t.Errorf("%s lacks %q", tc.file, want)
				}
			}
			for _, never := range tc.never {
				if strings.Contains(files[tc.file], never) {
					t.Errorf("%s has %q", tc.file, never)
				}
			}
			for _, name := range tc.absent {
				if files[name] != "" {
					t.Errorf("there is a %s", name)
				}
			}
		})
	}
}

// An operator's other files must survive a mistyped folder, and a failed export
// must leave the last good one up.
func TestExportReplacesOnlyItsOwn(t *testing.T) {
	d := exporting(t, storetest.Open(t), content())
	dir := filepath.Join(t.TempDir(), "www")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("precious.txt", "mine")
	if _, err := site.ExportTo(t.Context(), d, site.Export{Dir: dir}); desk.CodeOf(err) != desk.Conflict || !strings.Contains(err.Error(), "--force") {
		t.Fatalf("error %v, want one that names --force", err)
	}
	if got := contents(t, dir); len(got) != 1 || got["precious.txt"] != "mine" {
		t.Fatalf("the folder was touched: %v", slices.Sorted(maps.Keys(got)))
	}
	export(t, d, site.Export{Dir: dir, Force: true})
	write("en/stale.html", "old") // of an earlier export
	export(t, d, site.Export{Dir: dir})
	if files := contents(t, dir); files["en/stale.html"] != "" || files["precious.txt"] != "" || files["en/index.html"] == "" {
		t.Error("the earlier export was not replaced as a whole")
	}
	before := contents(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := site.ExportTo(ctx, d, site.Export{Dir: dir}); err == nil {
		t.Fatal("no error from an export that was interrupted")
	}
	if !maps.Equal(before, contents(t, dir)) {
		t.Error("an interrupted export changed the folder")
	}
	left, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(left) != 1 {
		t.Errorf("left beside the folder: %v %v", left, err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("a web server cannot read it: %v %v", info.Mode(), err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []site.Export{{Dir: file, Force: true}, {Dir: dir, Locales: []string{"fr"}}, {Dir: dir, Live: "help.example"}, {Dir: "/", Force: true}} {
		if _, err := site.ExportTo(t.Context(), d, bad); err == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}

// The wrong database must not put an empty Help Center in the place of a full
// one.
func TestExportOfNothing(t *testing.T) {
	s := storetest.Open(t)
	hc, err := helpcenter.New(t.Context(), helpcenter.Config{Store: s})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "help")
	if _, err := site.ExportTo(t.Context(), site.Deps{HelpCenter: hc}, site.Export{Dir: dir}); desk.CodeOf(err) != desk.NotFound {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("an empty export was kept")
	}
}

// A link to the folder is a common way to switch sites; it must go on leading
// to the export.
func TestExportFollowsALink(t *testing.T) {
	d := exporting(t, storetest.Open(t), content())
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "real"), 0o700); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(root, "link")
	if err := os.Symlink("real", link); err != nil {
		t.Skip(err)
	}
	export(t, d, site.Export{Dir: link})
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if _, err := os.Stat(filepath.Join(root, "real", "en", "index.html")); err != nil {
		t.Error(err)
	}
}

type searchFile struct {
	Categories []string
	Articles   []struct {
		Path, Title, Summary, Text string
		Category                   int
		Tags                       []string
	}
	Synonyms   [][]string
	Simplified string
}

func searchOf(t *testing.T, dir, locale string) searchFile {
	t.Helper()
	for name, body := range contents(t, dir) {
		if !strings.HasPrefix(name, "assets/search-"+locale+".") {
			continue
		}
		data, ok := strings.CutPrefix(body, "self.veridesk=")
		if !ok || strings.ContainsAny(data, "<>") {
			t.Errorf("%s may end its script early", name)
		}
		var f searchFile
		if err := json.Unmarshal([]byte(data), &f); err != nil {
			t.Fatal(err)
		}
		return f
	}
	t.Fatalf("no search data of %s", locale)
	return searchFile{}
}

// What editors write may look like markup; it must not run on the exported
// pages, nor break the file that the search reads.
func TestExportOfHostileTexts(t *testing.T) {
	files := content()
	files["articles/en/security/stolen.md"] = &fstest.MapFile{Data: []byte("---\ntitle: \"</script><script>alert(1)</script> {{.}}\"\nsummary: \"<img src=x onerror=alert(1)>\"\ntags: ['</script>']\norder: 1\nscenarios: [suspected_theft]\nupdated: 2026-11-20\n---\n`<script>alert(2)</script>`\n\n[us](is-it-really-us.md#none)\n")}
	dir, done := export(t, exporting(t, storetest.Open(t), files), site.Export{})
	for name, body := range contents(t, dir) {
		if path.Ext(name) == ".html" && regexp.MustCompile(`<script>|<img src="?x|href="javascript:`).MatchString(body) {
			t.Errorf("%s runs what an editor wrote", name)
		}
	}
	titles := ""
	for _, a := range searchOf(t, dir, "en").Articles {
		titles += a.Title
	}
	if !strings.Contains(titles, "</script><script>alert(1)</script> {{.}}") {
		t.Errorf("the titles are %q", titles)
	}
	if !slices.ContainsFunc(done.Notes, func(n string) bool { return strings.Contains(n, "#none") }) {
		t.Errorf("nobody is told of a heading that does not exist: %q", done.Notes)
	}
}

// A step-by-step article without its picture misleads; the operator must hear of
// it before the folder is up.
func TestExportOfPictures(t *testing.T) {
	s := storetest.Open(t)
	blobs, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	files := content()
	files["images/en/step.png"] = &fstest.MapFile{Data: picture.Bytes()}
	files["articles/en/security/stolen.md"].Data = append(files["articles/en/security/stolen.md"].Data, "\n![The page](../../../images/en/step.png)\n"...)
	d := exporting(t, s, content())
	if d.HelpCenter, err = helpcenter.New(t.Context(), helpcenter.Config{Store: s, Blobs: blobs}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.HelpCenter.Import(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	if _, err := d.HelpCenter.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir, _ := export(t, d, site.Export{})
	page := contents(t, dir)["en/a/security/stolen.html"]
	m := regexp.MustCompile(`<img src="\.\./\.\./\.\./(media/[0-9a-f]{32}\.png)"`).FindStringSubmatch(page)
	if m == nil || !strings.HasPrefix(contents(t, dir)[m[1]], "\x89PNG") {
		t.Fatalf("the picture is missing: %q", m)
	}
	if err := blobs.Delete(t.Context(), m[1]); err != nil {
		t.Fatal(err)
	}
	_, err = site.ExportTo(t.Context(), d, site.Export{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "/en/a/security/stolen shows /"+m[1]) {
		t.Errorf("error %v, want the page and the picture", err)
	}
}

// A large Help Center must still be found on a phone: titles, summaries and tags
// whole, and as much of the texts as fits.
func TestExportedSearchFits(t *testing.T) {
	files := fstest.MapFS{"categories.yaml": content()["categories.yaml"]}
	words := strings.Fields(strings.Repeat("deposit withdrawal network address confirm balance limit order refund account ", 3))
	for i := range 700 {
		var body strings.Builder
		for j := range 60 {
			fmt.Fprintf(&body, "%s %s%d %s.\n\n", words[(i*7+j)%len(words)], words[(i+j*3)%len(words)], i*61+j*7919, words[j%len(words)])
		}
		files[fmt.Sprintf("articles/en/security/article-%d.md", i)] = &fstest.MapFile{Data: []byte(fmt.Sprintf("---\ntitle: Article %d\nsummary: About %d.\ntags: [tag%d]\norder: 1\nupdated: 2026-11-20\n---\n%s", i, i, i, body.String()))}
	}
	dir, done := export(t, exporting(t, storetest.Open(t), files), site.Export{Locales: []string{"en"}})
	s := done.Searches[0]
	if s.Packed > 150_000 || s.Packed < 100_000 || s.Cut == 0 || s.Articles != 700 {
		t.Errorf("search %+v", s)
	}
	if !slices.ContainsFunc(done.Notes, func(n string) bool { return strings.Contains(n, "search in en") }) {
		t.Errorf("nobody is told: %q", done.Notes)
	}
	for _, a := range searchOf(t, dir, "en").Articles {
		if a.Title == "" || a.Summary == "" || len(a.Tags) != 1 || a.Text == "" || strings.HasSuffix(a.Text, "\n") {
			t.Fatalf("article %+v", a)
		}
	}
}

func TestExportedSearchData(t *testing.T) {
	dir, _ := export(t, exporting(t, storetest.Open(t), content()), site.Export{})
	zh := searchOf(t, dir, "zh-CN")
	if len(zh.Articles) != 1 || zh.Articles[0].Path != "a/security/stolen.html" || zh.Articles[0].Text != "先冻结，再细说。" || zh.Categories[0] != "账户安全" {
		t.Errorf("data %+v", zh.Articles)
	}
	for _, pair := range []string{"凍冻", "細细", "帳账"} {
		if !strings.Contains(zh.Simplified, pair) {
			t.Errorf("a reader who writes traditional characters finds nothing: no %s", pair)
		}
	}
	if len(zh.Synonyms) < 100 {
		t.Errorf("%d groups of synonyms", len(zh.Synonyms))
	}
}
