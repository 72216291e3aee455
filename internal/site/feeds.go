package site

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"time"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
)

// Sitemap protocol 0.9 with alternate languages as xhtml:link.
type urlset struct {
	XMLName xml.Name  `xml:"urlset"`
	NS      string    `xml:"xmlns,attr"`
	XHTML   string    `xml:"xmlns:xhtml,attr"`
	URLs    []siteURL `xml:"url"`
}

type siteURL struct {
	Loc     string     `xml:"loc"`
	LastMod string     `xml:"lastmod,omitempty"`
	Links   []siteLink `xml:"xhtml:link"`
}

type siteLink struct {
	Rel      string `xml:"rel,attr"`
	HrefLang string `xml:"hreflang,attr"`
	Href     string `xml:"href,attr"`
}

// places is every page that search engines should know, in every language.
func (q *request) places(add func(locale, path string, updated time.Time, locales []string)) {
	for _, l := range desk.ReadingLocales {
		add(l, "/", time.Time{}, desk.ReadingLocales)
		add(l, "/contact", time.Time{}, desk.ReadingLocales)
		for _, c := range q.snap.Home(l).Categories {
			add(l, "/c/"+c.Slug, time.Time{}, q.categoryLocales(c.Slug))
			for _, a := range c.Articles {
				_, others := q.snap.Article(l, a.Slug)
				add(l, "/a/"+c.Slug+"/"+a.Slug, a.UpdatedAt, otherLocales(a, others))
			}
		}
	}
}

func (q *request) sitemap() error {
	set := urlset{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
	q.places(func(locale, path string, updated time.Time, locales []string) {
		u := siteURL{Loc: q.at.base + "/" + locale + path}
		if !updated.IsZero() {
			u.LastMod = updated.Format(time.DateOnly)
		}
		for _, a := range q.alternates(path, locales) {
			u.Links = append(u.Links, siteLink{"alternate", a.Locale, a.URL})
		}
		set.URLs = append(set.URLs, u)
	})
	q.keep = true
	return q.writeXML("application/xml", set)
}

func (q *request) writeXML(contentType string, v any) error {
	var buf bytes.Buffer
	buf.WriteString(xml.Header)
	if err := xml.NewEncoder(&buf).Encode(v); err != nil {
		return fmt.Errorf("write %s: %w", q.r.URL.Path, err)
	}
	q.write(http.StatusOK, contentType, buf.Bytes())
	return nil
}

// robots keeps programs away from what is not to be read. Results of searches
// may be visited: their canonical address is the empty search page.
func (q *request) robots() error {
	body := "User-agent: *\nDisallow: /api/\nDisallow: /app\nDisallow: /console\nDisallow: /demo/\n"
	body += "\nSitemap: " + q.at.base + "/sitemap.xml\n"
	q.keep = true
	q.write(http.StatusOK, "text/plain; charset=utf-8", []byte(body))
	return nil
}

func (q *request) favicon() error {
	q.w.Header().Set("Cache-Control", "public, max-age=86400")
	q.write(http.StatusOK, "image/svg+xml", []byte(faviconSVG))
	return nil
}

// RSS 2.0.
type rss struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Atom    string   `xml:"xmlns:atom,attr"`
	Channel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Language    string    `xml:"language"`
		Self        rssSelf   `xml:"atom:link"`
		Items       []rssItem `xml:"item"`
	} `xml:"channel"`
}

type rssSelf struct {
	Href string `xml:"href,attr"`
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	Description string  `xml:"description,omitempty"`
	Category    string  `xml:"category"`
	GUID        rssGUID `xml:"guid"`
	PubDate     string  `xml:"pubDate,omitempty"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	ID        string `xml:",chardata"`
}

// announcements is what is announced now, for feed readers.
func (q *request) announcements() error {
	home := q.at.base + "/" + q.locale + "/"
	feed := rss{Version: "2.0", Atom: "http://www.w3.org/2005/Atom"}
	feed.Channel.Title = q.words.T("feed_title", q.words["brand"])
	feed.Channel.Link = home
	feed.Channel.Description = q.words.T("feed_text", q.words["brand"])
	feed.Channel.Language = q.locale
	feed.Channel.Self = rssSelf{q.at.base + "/" + q.locale + "/announcements.xml", "self", "application/rss+xml"}
	if q.s.d.Announce != nil {
		for _, a := range q.s.d.Announce.Active(q.s.d.Now(), q.at.Entity, q.at.Region) {
			feed.Channel.Items = append(feed.Channel.Items, q.item(a, home))
		}
	}
	q.keep = true
	return q.writeXML("application/rss+xml; charset=utf-8", feed)
}

func (q *request) item(a announce.Announcement, home string) rssItem {
	t := a.In(q.locale)
	item := rssItem{Title: t.Title, Link: a.URL, Description: t.Body, Category: q.words.T("notice_" + string(a.Level)), GUID: rssGUID{false, "veridesk-announcement-" + a.ID.String()}}
	if item.Link == "" {
		item.Link = home
	}
	if at := max(a.StartsAt, 0); at > 0 {
		item.PubDate = at.Time().Format(time.RFC1123Z)
	} else if a.UpdatedAt > 0 {
		item.PubDate = a.UpdatedAt.Time().Format(time.RFC1123Z)
	}
	return item
}
