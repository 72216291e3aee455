package site

import (
	"net/url"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// Paths lists every address that a host answers with something to read, in a
// stable order: what a copy of the site has to hold. Pages that say honestly
// that an article is not there in a language are among them, because language
// menus lead there; they answer 404. Searches and built files are not.
func (s *Site) Paths(host string) []string {
	at := s.tenantAt(host)
	q := &request{s: s, at: at, snap: s.d.HelpCenter.SnapshotFor(at.Entity, at.Region)}
	out := []string{"/", "/sitemap.xml", "/robots.txt", "/favicon.svg"}
	for name := range pictures {
		out = append(out, "/"+name)
	}
	for _, l := range desk.ReadingLocales {
		out = append(out, "/"+l+"/search", "/"+l+"/announcements.xml", "/"+l+"/manifest.webmanifest")
	}
	q.places(func(locale, path string, _ time.Time, locales []string) {
		out = append(out, "/"+locale+escaped(path))
		for _, l := range desk.ReadingLocales {
			if !slices.Contains(locales, l) {
				out = append(out, "/"+l+escaped(path))
			}
		}
	})
	slices.Sort(out)
	return slices.Compact(out)
}

func escaped(path string) string { return (&url.URL{Path: path}).EscapedPath() }
