package site

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/veridesk/veridesk/internal/desk"
)

// Export says how the Help Center is written to a folder. The entity, region
// and brand are those of the [Deps].
type Export struct {
	// Dir is the folder to make. It is replaced as a whole, or not at all.
	Dir string
	// Force replaces a folder that is not an earlier export.
	Force bool
	// Locales to write, of desk.ReadingLocales; nil: all.
	Locales []string
	// Live is the address of the running desk, such as https://help.example.com:
	// chat and votes lead there. "" leaves out what needs it.
	Live string
	// Base is the address under which the folder will be served, perhaps with a
	// path; "" when nobody knows. With it, canonical addresses and the sitemap
	// name the written files instead of the live pages.
	Base string
	// Embeds reports that pages at Base may show the desk's chat in place.
	Embeds bool
}

// Exported is what was written.
type Exported struct {
	Pages, Files int
	Bytes        int64 // in all
	Searches     []ExportedSearch
	Notes        []string // what was left out, and why
}

// ExportedSearch is what a locale's search page loads.
type ExportedSearch struct {
	Locale   string
	Packed   int // bytes of script and data, gzip
	Articles int
	Cut      int // articles whose text is not searched to its end
	Runes    int // what is searched of a text at most, when any is cut
}

// ExportTo writes the Help Center of d as static files that any file server can
// serve. d's PublicURL and Sites do not matter. Errors name what leads nowhere,
// or the folder that is in the way; Dir is then as it was.
func ExportTo(ctx context.Context, d Deps, o Export) (Exported, error) {
	for _, l := range o.Locales {
		if !slices.Contains(desk.ReadingLocales, l) {
			return Exported{}, desk.Errorf(desk.Invalid, "%q is not a language of the Help Center; it has %s", l, strings.Join(desk.ReadingLocales, ", "))
		}
	}
	if o.Locales == nil {
		o.Locales = desk.ReadingLocales
	}
	for name, address := range map[string]*string{"the public address": &o.Live, "the base address": &o.Base} {
		*address = strings.TrimRight(*address, "/")
		if u, err := url.Parse(*address); *address != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "") {
			return Exported{}, desk.Errorf(desk.Invalid, "%s %q is not of the form https://host", name, *address)
		}
	}
	folder, err := newExportFolder(o.Dir, o.Force)
	if err != nil {
		return Exported{}, err
	}
	defer folder.discard()
	w := &exporter{o: o, folder: folder, site: exportedSite(d, o), pages: map[string]string{}, assets: map[string]string{}}
	if err := w.write(ctx); err != nil {
		return Exported{}, err
	}
	if err := folder.keep(); err != nil {
		return Exported{}, err
	}
	w.done.Files, w.done.Bytes = folder.files, folder.bytes
	return w.done, nil
}

// exportedSite is the site as its pages are written: at another address, and
// with words for a place where nobody answers.
func exportedSite(d Deps, o Export) *Site {
	d.PublicURL, d.Sites, d.Edge, d.Metrics, d.Demo, d.Store = o.Live, nil, nil, nil, false, nil
	if o.Base != "" {
		d.PublicURL = o.Base
	}
	s := New(d)
	for _, l := range desk.ReadingLocales {
		s.words[l] = sync.OnceValue(func() words { return exportWords(l, wordsOf(l, d.Brand), o) })
	}
	return s
}

// exporter writes one folder.
type exporter struct {
	o      Export
	site   *Site
	folder *exportFolder
	pages  map[string]string // path on the live site → file
	assets map[string]string // what scripts and styles are → file
	found  []string          // paths of the pages that readers may be led to
	wanted []wantedFile      // pictures that pages show
	done   Exported
}

// wantedFile is a file that a page needs.
type wantedFile struct{ path, page string }

func (w *exporter) write(ctx context.Context) error {
	if err := w.writeAssets(); err != nil {
		return err
	}
	if !w.anything() {
		return desk.Errorf(desk.NotFound, "there are no articles to export; is this the right database (--data, VERIDESK_DATABASE), entity and region?")
	}
	plan := w.plan()
	for _, p := range plan {
		w.pages[p.path] = p.file
	}
	for _, step := range []func(context.Context) error{
		func(ctx context.Context) error { return w.writePages(ctx, plan) }, w.writeSearches, w.writeFeeds, w.writePictures,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	switch {
	case w.o.Live == "":
		w.note("No live desk is known (--public-url): chat and votes are left out, the pages name the official channels instead.")
	case w.o.Base != "" && !w.o.Embeds:
		w.note("The chat button is left out, links open the chat at %s: pages at %s may not embed it (widget_origins).", w.o.Live, w.o.Base)
	}
	if w.site.tenants[0].base == "" {
		w.note("No address is known (--base-url or --public-url): there is no sitemap, and pages name no canonical address.")
	}
	return w.check()
}

// anything reports whether there is an article in any exported language. An
// empty folder in place of the last export would help nobody.
func (w *exporter) anything() bool {
	snap := w.site.d.HelpCenter.SnapshotFor(w.site.d.Entity, w.site.d.Region)
	return slices.ContainsFunc(w.o.Locales, func(l string) bool { return len(snap.Articles(l)) > 0 })
}

func (w *exporter) note(format string, args ...any) {
	w.done.Notes = append(w.done.Notes, fmt.Sprintf(format, args...))
}
