package api

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// articlePage is the path of an article on the site, also in the static export.
var articlePage = regexp.MustCompile(`/(en|zh-CN|zh-TW)/a/[^/]+/([^/]+?)(?:/|\.html|/index\.html)?$`)

// cameFrom says what a visitor tried before a conversation: the article that
// the device names ("category/slug"), or else the one whose page they are on.
func (a *API) cameFrom(msg desk.Inbound, locale, article, query string) desk.Origin {
	o := desk.Origin{Query: plain(query), Locale: locale}
	slug := article[strings.LastIndexByte(article, '/')+1:]
	if slug == "" && strings.Contains(msg.PageURL, "/a/") {
		if u, err := url.Parse(msg.PageURL); err == nil {
			if m := articlePage.FindStringSubmatch(u.Path); m != nil {
				o.Locale, slug = m[1], m[2]
			}
		}
	}
	if slug == "" || a.HelpCenter == nil {
		return o
	}
	found, others := a.HelpCenter.SnapshotFor(msg.Entity, msg.Region).Article(o.Locale, slug)
	switch {
	case found != nil:
		o.Article = found.ID
	case len(others) > 0: // read in another language than the conversation's
		o.Article, o.Locale = others[0].ID, others[0].Locale
	}
	return o
}
