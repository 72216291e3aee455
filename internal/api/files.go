package api

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/web"
)

// slowestReader is how slowly a file may be fetched, in bytes per second.
const slowestReader = 8 << 10

// serveFile hands out what an address of a file names. The address is all that is
// asked for: a picture on a page carries no token. Whatever the file holds, it can
// do nothing here: see blob.Type.SetHeader.
func (a *API) serveFile(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Referrer-Policy", "no-referrer")
	h.Set(gzhttp.HeaderNoCompression, "1") // parts of it may be asked for
	id, err := desk.ParseID(r.PathValue("id"))
	if err != nil || id == 0 || a.Files == nil {
		a.noFile(w, r, desk.Errorf(desk.NotFound, "no_such_address"))
		return
	}
	_, preview := r.URL.Query()["preview"]
	// A phone may take longer than other requests are allowed.
	f, err := a.Files.Open(context.WithoutCancel(r.Context()), id, r.PathValue("seal"), r.PathValue("name"), preview)
	if err != nil {
		a.noFile(w, r, err)
		return
	}
	defer func() {
		if err := f.Close(); err != nil {
			web.Logger(r.Context()).Warn("close a file", "file", id, "error", err)
		}
	}()
	// Whoever reads slower than this is not reading. The connection is used again
	// afterwards, so the deadline must not stay.
	control := http.NewResponseController(w)
	limit := func(end time.Time) {
		if err := control.SetWriteDeadline(end); err != nil && !errors.Is(err, http.ErrNotSupported) {
			web.Logger(r.Context()).Debug("a file has no deadline", "error", err)
		}
	}
	limit(time.Now().Add(time.Minute + time.Duration(f.Size/slowestReader)*time.Second))
	defer limit(time.Time{})
	f.Type.SetHeader(h, f.Name)
	h.Set("Cache-Control", "private, max-age=604800, immutable")
	h.Set("Etag", f.Tag)
	http.ServeContent(w, r, "", f.Modified, f)
}

// noFile says that there is no file, to people: somebody followed an old link.
func (a *API) noFile(w http.ResponseWriter, r *http.Request, err error) {
	status, found := web.Answer(r.Context(), err)
	title, text := "no_file", "no_file_text"
	switch {
	case errors.Is(err, inbox.ErrExpired):
		status, title, text = http.StatusGone, "file_expired", "file_expired_text"
	case found.Code != desk.NotFound:
		title, text = "unavailable", "no_file_retry"
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	var page [2]struct{ Lang, Title, Text string }
	for i, locale := range []string{web.Locale(r.Context()), otherLocale(web.Locale(r.Context()))} {
		page[i].Lang, page[i].Title, page[i].Text = locale, web.Text(locale, title), web.Text(locale, text)
	}
	if err := noFilePage.Execute(w, page); err != nil {
		web.Logger(r.Context()).Debug("the client left before the page arrived", "error", err)
	}
}

func otherLocale(locale string) string {
	for _, l := range desk.Locales {
		if l != locale {
			return l
		}
	}
	return locale
}

var noFilePage = template.Must(template.New("no file").Parse(`<!DOCTYPE html>
<html lang="{{(index . 0).Lang}}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{{(index . 0).Title}}</title>
{{range .}}<section lang="{{.Lang}}"><h1>{{.Title}}</h1><p>{{.Text}}</p></section>
{{end}}`))
