package store

import "github.com/veridesk/veridesk/internal/desk"

// MailPreview is a mail that a desk without an SMTP server shows instead of
// sending.
type MailPreview struct {
	ID        desk.ID     `json:"id"`
	Recipient string      `json:"recipient"`
	Subject   string      `json:"subject"`
	Body      string      `json:"body" doc:"the text part"`
	CreatedAt desk.Micros `json:"created_at"`
}

// mailPreviewsKept bounds the demo's outbox.
const mailPreviewsKept = 200

// AddMailPreview stores a mail to be shown and gives it an identifier; the
// oldest beyond 200 are dropped.
func (tx *Tx) AddMailPreview(m *MailPreview) error {
	m.ID, m.CreatedAt = tx.NewID(), tx.Now()
	if _, err := tx.exec(`INSERT INTO mail_preview (id, recipient, subject, body, created_at) VALUES ($1, $2, $3, $4, $5)`,
		m.ID, m.Recipient, m.Subject, m.Body, m.CreatedAt); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM mail_preview WHERE id NOT IN (SELECT id FROM mail_preview ORDER BY created_at DESC, id DESC LIMIT $1)`, mailPreviewsKept)
	return err
}

// MailPreviews lists the mails, newest first, at most limit.
func (q Query) MailPreviews(limit int) ([]MailPreview, error) {
	return collect(q, func(r scanner) (m MailPreview, err error) {
		err = r.Scan(&m.ID, &m.Recipient, &m.Subject, &m.Body, &m.CreatedAt)
		return m, err
	}, `SELECT id, recipient, subject, body, created_at FROM mail_preview ORDER BY created_at DESC, id DESC LIMIT $1`, limit)
}
