package inbox

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// MailLine is a message as mails of the desk show it.
type MailLine struct {
	At    desk.Micros `json:"at"`
	By    string      `json:"by"`              // contact, agent or system
	Name  string      `json:"name,omitempty"`  // of an agent
	Body  string      `json:"body"`            // of people
	Event string      `json:"event,omitempty"` // of the system: ended, resolved, reopened
	Files []string    `json:"files,omitempty"` // names; the files themselves are not sent
}

func mailLine(m *desk.Message) (MailLine, bool) {
	l := MailLine{At: m.CreatedAt, By: string(m.AuthorKind), Body: mailText(m.Body)}
	if m.AuthorKind == desk.ByAgent {
		l.Name = mailName(m.AuthorName)
	}
	for _, a := range m.Attachments {
		l.Files = append(l.Files, mailName(a.Name))
	}
	if m.Event != nil {
		switch {
		case m.Event.Type == "ended":
			l.Event = "ended"
		case m.Event.Type == "status" && m.Event.To == string(desk.Resolved):
			l.Event = "resolved"
		case m.Event.Type == "status":
			l.Event = "reopened"
		}
	}
	return l, l.Event != "" || l.Body != "" || len(l.Files) > 0
}

// mailText is a text without what has no place in a mail.
func mailText(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t', r == '\u2028', r == '\u2029':
			return ' '
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r == '\uFFFD':
			return -1
		case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1 // nothing may read backwards what was written forwards
		}
		return r
	}, s)
}

// mailName is mailText on one line.
func mailName(s string) string { return strings.ReplaceAll(mailText(s), "\n", " ") }

func mailLines(messages []*desk.Message) (string, error) {
	lines := []MailLine{}
	for _, m := range messages {
		if l, ok := mailLine(m); ok {
			lines = append(lines, l)
		}
	}
	text, err := json.Marshal(lines)
	return string(text), err
}

// mailAnswers mails what the contact has not read, once.
func (in *Inbox) mailAnswers(ctx context.Context, job jobs.Job) (jobs.Effect, error) {
	var p awayJob
	if err := job.Decode(&p); err != nil {
		return nil, err
	}
	c, err := in.unheard(ctx, p)
	if err != nil || c == nil {
		return nil, err
	}
	if p.Tries < mailTries && in.connected(ctx, c.ContactID) {
		p.Tries++
		return func(tx *store.Tx) error {
			return jobs.Enqueue(tx, KindMail, p, jobs.RunAt(tx.Now().Time().Add(mailAgain)))
		}, nil
	}
	q := in.store.Read(ctx)
	mailing, err := q.Mailing(c.ID)
	if err != nil || mailing.ReplyEmail == "" {
		return nil, err
	}
	answers, err := q.AnswersAfter(c.ID, max(mailing.MailedSeq, c.ContactReadSeq), mailedMost)
	if err != nil || len(answers) == 0 {
		return nil, err
	}
	lines, err := mailLines(answers)
	if err != nil {
		return nil, jobs.Permanent(err)
	}
	data := map[string]string{"number": c.Number, "lines": lines, "link": in.wayBack(c.ID, mailing.PageURL)}
	last := answers[len(answers)-1].Seq
	return func(tx *store.Tx) error {
		if due, err := tx.SetMailed(c.ID, last); err != nil || !due {
			return err
		}
		return in.out.EnqueueMail(tx, mailing.ReplyEmail, c.Contact.Locale, "chat_answer", data)
	}, nil
}

// wayBack is where a mail leads: to the page on which the contact wrote, where
// their browser knows them, if it is a page of the exchange; otherwise to our own.
func (in *Inbox) wayBack(conversation desk.ID, page string) string {
	u, err := url.Parse(page)
	if err == nil && u.User == nil && !strings.ContainsAny(page, " \"<>") && slices.Contains(in.out.Pages, u.Scheme+"://"+u.Host) {
		return page
	}
	return in.out.PublicURL + "/app?conversation=" + conversation.String()
}
