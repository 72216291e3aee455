package site

import (
	"net/url"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

// viewed counts that an article was opened, and the search that led to it.
func (s *Site) viewed(a *helpcenter.Article, agent, referer string) {
	if helpcenter.Robot(agent) {
		return
	}
	usage := s.d.HelpCenter.Usage()
	usage.Viewed(a.ID, a.Locale)
	if !strings.Contains(referer, "/search?") {
		return
	}
	u, err := url.Parse(referer)
	if err != nil || s.hosts[u.Host] == nil {
		return // another site's search
	}
	locale, rest, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	query := u.Query().Get("q")
	if rest != "search" || query == "" || len(query) > 4*helpcenter.MaxQueryRunes || len(guard.Scan(query)) > 0 {
		return
	}
	for _, l := range desk.ReadingLocales {
		if l == locale {
			usage.Clicked(locale, strings.Join(strings.Fields(query), " "), a.ID)
		}
	}
}
