package site

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Host
}

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

func (q *request) sitemap() error {
	set := urlset{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
	add := func(locale, path string, updated time.Time, locales []string) {
		u := siteURL{Loc: q.s.base + "/" + locale + path}
		if !updated.IsZero() {
			u.LastMod = updated.Format(time.DateOnly)
		}
		for _, l := range locales {
			u.Links = append(u.Links, siteLink{"alternate", l, q.s.base + "/" + l + path})
		}
		set.URLs = append(set.URLs, u)
	}
	for _, l := range desk.Locales {
		add(l, "/", time.Time{}, desk.Locales)
		add(l, "/contact", time.Time{}, desk.Locales)
		for _, c := range q.snap.Home(l).Categories {
			var locales []string
			for _, other := range desk.Locales {
				if q.snap.Category(other, c.Slug) != nil {
					locales = append(locales, other)
				}
			}
			add(l, "/c/"+c.Slug, time.Time{}, locales)
			for _, a := range c.Articles {
				_, others := q.snap.Article(l, a.Slug)
				add(l, "/a/"+c.Slug+"/"+a.Slug, a.UpdatedAt, otherLocales(a, others))
			}
		}
	}
	var buf bytes.Buffer
	buf.WriteString(xml.Header)
	if err := xml.NewEncoder(&buf).Encode(set); err != nil {
		return fmt.Errorf("write the sitemap: %w", err)
	}
	q.write(http.StatusOK, "application/xml", buf.Bytes())
	return nil
}

func (q *request) robots() error {
	body := "User-agent: *\nDisallow: /api/\nDisallow: /app\nDisallow: /console\nDisallow: /demo/\nDisallow: /widget/\n"
	for _, l := range desk.Locales {
		body += "Disallow: /" + l + "/search\n"
	}
	body += "\nSitemap: " + q.s.base + "/sitemap.xml\n"
	q.write(http.StatusOK, "text/plain; charset=utf-8", []byte(body))
	return nil
}

func (q *request) favicon() error {
	q.w.Header().Set("Cache-Control", "public, max-age=86400")
	q.write(http.StatusOK, "image/svg+xml", []byte(faviconSVG))
	return nil
}
