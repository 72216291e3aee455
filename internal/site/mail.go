package site

import (
	"net/http"
	"regexp"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// mailShown is how many letters the demo's page lists.
const mailShown = 50

type letter struct {
	To, Subject string
	At          time.Time
	Parts       []part
}

// part is text of a letter; URL is set when it is an address to follow.
type part struct{ Text, URL string }

var webAddress = regexp.MustCompile(`https?://[^\s<>"]+`)

// mail lists what a desk without an SMTP server would have sent, so that
// invitations can be followed in the demo. It exists only there.
func (q *request) mail() error {
	if !q.s.d.Demo || q.s.d.Store == nil {
		return desk.Errorf(desk.NotFound, "no such page")
	}
	rows, err := q.s.d.Store.Read(q.r.Context()).MailPreviews(mailShown)
	if err != nil {
		return err
	}
	q.w.Header().Set("Cache-Control", "no-store")
	p := q.page("mail_title", "/")
	p.NoIndex = true
	letters := make([]letter, 0, len(rows))
	for _, m := range rows {
		letters = append(letters, letter{m.Recipient, m.Subject, m.CreatedAt.Time(), linked(m.Body)})
	}
	p.Main = letters
	return q.show(http.StatusOK, "mail.html", p)
}

// linked cuts a text at the web addresses in it.
func linked(body string) []part {
	var out []part
	at := 0
	for _, m := range webAddress.FindAllStringIndex(body, -1) {
		out = append(out, part{Text: body[at:m[0]]}, part{body[m[0]:m[1]], body[m[0]:m[1]]})
		at = m[1]
	}
	return append(out, part{Text: body[at:]})
}
