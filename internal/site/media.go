package site

import (
	"net/http"

	"github.com/veridesk/veridesk/internal/desk"
)

// media serves a picture of an article. Its name is its content, so it may be
// kept for good; whatever it holds, it cannot do anything.
func (q *request) media() error {
	body, m, err := q.s.d.HelpCenter.OpenMedia(q.r.Context(), q.r.PathValue("name"))
	if err != nil {
		return err
	}
	defer func() {
		if err := body.Close(); err != nil {
			q.s.d.Logger.Warn("close a picture", "name", m.Name, "error", err)
		}
	}()
	if m.Type != "image/png" && m.Type != "image/jpeg" {
		return desk.Errorf(desk.NotFound, "no such picture")
	}
	h := q.w.Header()
	h.Set("Content-Type", m.Type)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Etag", `"`+m.Name+`"`)
	http.ServeContent(&foreverWriter{q.w}, q.r, "", m.CreatedAt.Time(), body)
	return nil
}
