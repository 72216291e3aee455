package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// plannedPage is a page of the live site and the file that it becomes.
type plannedPage struct {
	path, file string
	status     int // what the live site answers
}

// plan lists every page in every exported language. Articles and languages that
// do not go together get the page that says so, as on the live site.
func (w *exporter) plan() []plannedPage {
	snap := w.site.d.HelpCenter.SnapshotFor(w.site.d.Entity, w.site.d.Region)
	articles := map[string]string{} // slug → category, of any language
	for _, l := range desk.ReadingLocales {
		for _, a := range snap.Articles(l) {
			articles[a.Slug] = a.Category.Slug
		}
	}
	out := []plannedPage{{"/" + w.o.Locales[0] + "/-", "404.html", http.StatusNotFound}}
	for _, l := range w.o.Locales {
		add := func(path, file string, status int) {
			out = append(out, plannedPage{"/" + l + path, l + "/" + file, status})
		}
		add("/", "index.html", http.StatusOK)
		add("/contact", "contact.html", http.StatusOK)
		for _, c := range snap.Home(l).Categories {
			add("/c/"+c.Slug, "c/"+c.Slug+".html", http.StatusOK)
		}
		for _, slug := range slices.Sorted(maps.Keys(articles)) {
			status := http.StatusOK
			if a, _ := snap.Article(l, slug); a == nil {
				status = http.StatusNotFound
			}
			add("/a/"+articles[slug]+"/"+slug, "a/"+articles[slug]+"/"+slug+".html", status)
		}
		// Not pages that are fetched, but files that others lead to.
		w.pages["/"+l+"/search"] = l + "/search.html"
		w.pages["/"+l+"/announcements.xml"] = l + "/announcements.xml"
		w.pages["/"+l+"/manifest.webmanifest"] = l + "/manifest.webmanifest"
	}
	w.pages["/"] = "index.html"
	for name := range pictures {
		w.pages["/"+name] = name
	}
	w.pages["/favicon.svg"] = "favicon.svg"
	w.pages["/sitemap.xml"] = "sitemap.xml"
	return out
}

// fetch asks the site for a path. Nothing is counted as read and nothing kept.
func (w *exporter) fetch(ctx context.Context, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path+"?exported", nil) // a query is never kept
	r.Header.Set("User-Agent", "veridesk-export-bot")
	answer := httptest.NewRecorder()
	w.site.ServeHTTP(answer, r)
	return answer
}

func (w *exporter) writePages(ctx context.Context, plan []plannedPage) error {
	for _, p := range plan {
		if err := ctx.Err(); err != nil {
			return err
		}
		answer := w.fetch(ctx, p.path)
		if answer.Code != p.status {
			return fmt.Errorf("the page %s answered %d, expected was %d", p.path, answer.Code, p.status)
		}
		if p.status == http.StatusOK {
			w.found = append(w.found, p.path)
		}
		if err := w.writePage(ctx, p.path, p.file, answer.Body.Bytes()); err != nil {
			return err
		}
		if p.path == "/"+w.o.Locales[0]+"/" { // the front page, which a script leads on to the reader's language
			if err := w.writePage(ctx, p.path, "index.html", answer.Body.Bytes()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *exporter) writePage(ctx context.Context, from, file string, body []byte) error {
	body, err := w.rewrite(ctx, from, file, body)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	w.done.Pages++
	return w.folder.add(file, body)
}

// writeAssets writes style and scripts under names that change with their
// content.
func (w *exporter) writeAssets() error {
	for _, name := range []string{"style.css", "export.js", "export_search.js"} {
		answer := httptest.NewRecorder()
		w.site.d.Assets.ServeFile(answer, httptest.NewRequest(http.MethodGet, "/site/"+name, nil), "site/"+name)
		if answer.Code != http.StatusOK {
			w.note("This binary has no %s: it was built without its front ends (make build).", name)
			continue
		}
		if err := w.addAsset(name, strings.ReplaceAll(name, "_", "-"), answer.Body.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (w *exporter) addAsset(key, name string, body []byte) error {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	file := "assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	w.assets[key] = file
	return w.folder.add(file, body)
}

// writeFeeds writes what programs read.
func (w *exporter) writeFeeds(ctx context.Context) error {
	files := []string{"/favicon.svg"}
	for _, l := range w.o.Locales {
		files = append(files, "/"+l+"/announcements.xml", "/"+l+"/manifest.webmanifest")
	}
	for name := range pictures {
		files = append(files, "/"+name)
	}
	slices.Sort(files)
	for _, p := range files {
		answer := w.fetch(ctx, p)
		if answer.Code != http.StatusOK {
			return fmt.Errorf("%s answered %d", p, answer.Code)
		}
		body := answer.Body.Bytes()
		switch path.Ext(p) {
		case ".xml":
			body = w.readdress(p, body)
		case ".webmanifest":
			body = w.manifest(p, body)
		}
		if err := w.folder.add(strings.TrimPrefix(p, "/"), body); err != nil {
			return err
		}
	}
	robots := "User-agent: *\nAllow: /\n"
	if base := w.site.tenants[0].base; base != "" {
		robots += "\nSitemap: " + base + "/sitemap.xml\n"
		if err := w.writeSitemap(); err != nil {
			return err
		}
	}
	return w.folder.add("robots.txt", []byte(robots))
}

// writeSitemap lists the pages that search engines should know: the written
// ones when their address is known, otherwise the live ones.
func (w *exporter) writeSitemap() error {
	has := map[string][]string{} // path below the locale → locales that have it
	updated := map[string]string{}
	snap := w.site.d.HelpCenter.SnapshotFor(w.site.d.Entity, w.site.d.Region)
	for _, p := range w.found {
		_, locale, rest := cutLocale(p)
		has[rest] = append(has[rest], locale)
		if a, _ := snap.Article(locale, path.Base(rest)); a != nil && strings.HasPrefix(rest, "/a/") && !a.UpdatedAt.IsZero() {
			updated[p] = a.UpdatedAt.Format(time.DateOnly)
		}
	}
	set := urlset{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
	for _, p := range w.found {
		_, _, rest := cutLocale(p)
		u := siteURL{Loc: w.canonical(p), LastMod: updated[p]}
		for _, l := range has[rest] {
			u.Links = append(u.Links, siteLink{"alternate", l, w.canonical("/" + l + rest)})
		}
		set.URLs = append(set.URLs, u)
	}
	var buf bytes.Buffer
	buf.WriteString(xml.Header)
	if err := xml.NewEncoder(&buf).Encode(set); err != nil {
		return fmt.Errorf("write sitemap.xml: %w", err)
	}
	return w.folder.add("sitemap.xml", buf.Bytes())
}

// cutLocale splits a path into its locale and the rest.
func cutLocale(p string) (ok bool, locale, rest string) {
	locale, rest, ok = strings.Cut(strings.TrimPrefix(p, "/"), "/")
	return ok, locale, "/" + rest
}

// canonical is the address under which search engines should know a page.
func (w *exporter) canonical(p string) string {
	base := w.site.tenants[0].base
	if file, ok := w.pages[p]; ok && w.o.Base != "" {
		return base + "/" + address(file)
	}
	return base + p
}

// address is a file as part of an address: a folder's index is the folder.
func address(file string) string { return strings.TrimSuffix(file, "index.html") }

// relative is the address of a file as a link in another one.
func relative(from, to string) string {
	return strings.Repeat("../", strings.Count(from, "/")) + to
}

// addresses are the links in what programs read.
var addresses = regexp.MustCompile(`(href="|<link>)([^"<>]*)`)

// readdress makes addresses of pages in a feed those of the written files:
// absolute when an address is known, otherwise relative to the feed.
func (w *exporter) readdress(from string, body []byte) []byte {
	base := w.site.tenants[0].base
	return addresses.ReplaceAllFunc(body, func(m []byte) []byte {
		parts := addresses.FindSubmatch(m)
		rest, ok := strings.CutPrefix(string(parts[2]), base)
		file, known := w.pages[rest]
		switch {
		case !ok || !known:
			return m
		case base == "":
			return slices.Concat(parts[1], []byte(relative(strings.TrimPrefix(from, "/"), file)))
		}
		return slices.Concat(parts[1], []byte(w.canonical(rest)))
	})
}

// manifest makes a manifest's addresses relative to itself.
func (w *exporter) manifest(from string, body []byte) []byte {
	file := strings.TrimPrefix(from, "/")
	locale, _, _ := strings.Cut(file, "/")
	pairs := []string{
		`"id":"/",`, "", `"scope":"/"`, `"scope":"../"`,
		`"start_url":"/` + locale + `/"`, `"start_url":"index.html"`,
	}
	for p, to := range w.pages {
		if path.Ext(p) == ".png" || path.Ext(p) == ".svg" {
			pairs = append(pairs, `"src":"`+p+`"`, `"src":"`+relative(file, to)+`"`)
		}
	}
	return []byte(strings.NewReplacer(pairs...).Replace(string(body)))
}

// writePictures writes the pictures of the articles.
func (w *exporter) writePictures(ctx context.Context) error {
	var missing []string
	done := map[string]bool{}
	for _, p := range w.wanted {
		if done[p.path] {
			continue
		}
		done[p.path] = true
		answer := w.fetch(ctx, p.path)
		if answer.Code != http.StatusOK {
			missing = append(missing, fmt.Sprintf("%s shows %s, which the file store does not have", p.page, p.path))
			continue
		}
		if err := w.folder.add(strings.TrimPrefix(p.path, "/"), answer.Body.Bytes()); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		return desk.Errorf(desk.NotFound, "pictures are missing; put the files back (veridesk restore) or take them out of the articles:\n  %s", strings.Join(missing, "\n  "))
	}
	return nil
}
