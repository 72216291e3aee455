package site

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/web"
)

// write answers with a body and its entity tag, or 304 when the reader has it.
// An answer that is the same for everybody is kept for the next one.
func (q *request) write(status int, contentType string, body []byte) {
	h := q.w.Header()
	h.Set("Content-Type", contentType)
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-cache") // keep it, but ask
	}
	if status == http.StatusOK && q.reads != nil && q.r.Method == http.MethodGet {
		q.s.viewed(q.reads, q.r.UserAgent(), q.r.Referer())
	}
	if status == http.StatusOK && q.keep {
		if a := q.s.cache.keep(q, body); a != nil {
			a.ServeHTTP(q.w, q.r)
			return
		}
	}
	if status == http.StatusOK && h.Get("Cache-Control") != "no-store" {
		tag := web.Tag(body)
		h.Set("Etag", tag)
		if web.MatchesTag(q.r.Header.Get("If-None-Match"), tag) {
			h.Del("Content-Type")
			q.w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	q.w.WriteHeader(status)
	if q.r.Method == http.MethodHead {
		return
	}
	if _, err := q.w.Write(body); err != nil {
		q.s.d.Logger.Debug("the reader left", "error", err)
	}
}

// redirect sends the reader to a path of ours.
func (q *request) redirect(status int, path string) error {
	q.w.Header().Set("Cache-Control", "no-cache")
	http.Redirect(q.w, q.r, path, status)
	return nil
}

const themeCookie = "veridesk_theme"

// themeOf is the theme chosen by hand, or "" for the system's.
func themeOf(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || (c.Value != "light" && c.Value != "dark") {
		return ""
	}
	return c.Value
}

// theme keeps the chosen theme and goes back to the page. The cookie lets the
// server send the right page at once, without a flash of the other theme.
func (q *request) theme() error {
	value := q.r.PostFormValue("theme")
	if value != "light" && value != "dark" {
		value = ""
	}
	c := &http.Cookie{
		Name: themeCookie, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode,
		Secure: strings.HasPrefix(q.at.base, "https:"),
	}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(q.w, c)
	return q.redirect(http.StatusSeeOther, localPath(q.r.PostFormValue("back")))
}

// localPath returns a path of this site, whatever was asked for.
func localPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(back, "/") ||
		strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		return "/"
	}
	return u.RequestURI()
}

// elsewhere answers paths that no page has: spellings of a language that mean
// one of ours are led there, the rest is not found.
func (q *request) elsewhere() error {
	head, rest, _ := strings.Cut(strings.TrimPrefix(q.r.URL.Path, "/"), "/")
	if to, ok := aliases[strings.ToLower(head)]; ok && to != head && (q.r.Method == http.MethodGet || q.r.Method == http.MethodHead) {
		u := url.URL{Path: "/" + to + "/" + rest, RawQuery: q.r.URL.RawQuery}
		return q.redirect(http.StatusMovedPermanently, u.String())
	}
	// "/en" and "/en/c/security/" are near misses of people who type addresses.
	if path := q.r.URL.Path; slices.Contains(desk.ReadingLocales, head) {
		switch {
		case rest == "" && !strings.HasSuffix(path, "/"):
			return q.redirect(http.StatusMovedPermanently, path+"/")
		case rest != "" && strings.HasSuffix(path, "/"):
			return q.redirect(http.StatusMovedPermanently, (&url.URL{Path: strings.TrimRight(path, "/")}).String())
		}
	}
	return desk.Errorf(desk.NotFound, "no such page")
}

var aliases = map[string]string{
	"en": "en", "en-us": "en", "en-gb": "en",
	"zh": "zh-CN", "zh-cn": "zh-CN", "zh-sg": "zh-CN", "zh-hans": "zh-CN", "zh-hans-cn": "zh-CN", "cn": "zh-CN",
	"zh-tw": "zh-TW", "zh-hk": "zh-TW", "zh-mo": "zh-TW", "zh-hant": "zh-TW", "zh-hant-tw": "zh-TW", "zh-hant-hk": "zh-TW", "tw": "zh-TW", "hk": "zh-TW",
}

func (q *request) failed(err error) {
	if desk.CodeOf(err) == desk.Internal {
		web.Logger(q.r.Context()).Error("a page failed", "path", q.r.URL.Path, "error", err)
	}
	status, body := web.Answer(q.r.Context(), err)
	q.w.Header().Set("Cache-Control", "no-store")
	p := q.page("error_title", "/")
	p.NoIndex = true
	p.Main = struct{ Message, RequestID string }{q.inReading(body.Message), body.RequestID}
	var buf bytes.Buffer
	if rerr := templates["error.html"].Execute(&buf, p); rerr != nil {
		web.WriteError(q.w, q.r, err) // the layout itself is broken
		return
	}
	q.write(status, htmlType, buf.Bytes())
}
