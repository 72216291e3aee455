package site

import (
	"net/http"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/web"
)

// vote takes the form below an article and leads back to it.
func (q *request) vote() error {
	if q.s.d.Edge != nil {
		if err := q.s.d.Edge.CheckOrigin(q.r); err != nil {
			return err
		}
	}
	a, _ := q.snap.Article(q.locale, q.r.PathValue("slug"))
	if a == nil {
		return desk.Errorf(desk.NotFound, "no such article")
	}
	if err := q.r.ParseForm(); err != nil {
		return desk.Wrap(desk.Invalid, "the form could not be read", err)
	}
	f := q.r.PostForm
	ip := web.ClientIP(q.r.Context())
	v := helpcenter.Vote{Article: a.ID, Locale: a.Locale, Voter: ip + "\n" + q.r.UserAgent(), Address: ip}
	switch f.Get("helpful") {
	case "yes":
		v.Helpful = true
	case "no":
		v.Reason, v.Comment = f.Get("reason"), f.Get("comment")
		if runes := []rune(v.Comment); len(runes) > helpcenter.MaxComment {
			v.Comment = string(runes[:helpcenter.MaxComment])
		}
	default:
		return desk.Field("helpful", "field_choice")
	}
	if err := q.s.d.HelpCenter.Vote(q.r.Context(), v); err != nil {
		return err
	}
	q.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(q.w, q.r, a.Path()+"?voted=1#vote", http.StatusSeeOther)
	return nil
}
