package store

import "github.com/veridesk/veridesk/internal/desk"

// PushSubscription is a browser that may be woken. What is needed to reach it is
// wrapped by the vault.
type PushSubscription struct {
	ID           desk.ID
	ContactID    desk.ID
	EndpointHash string // one browser is one endpoint
	Wrapped      []byte
	Locale       string
	CreatedAt    desk.Micros
	LastSentAt   desk.Micros
	Failures     int // in a row
}

// pushesKept is how many browsers one contact may have woken; the oldest go.
const pushesKept = 10

const pushColumns = `id, contact_id, endpoint_hash, subscription, locale, created_at, last_sent_at, failures`

func scanPush(r scanner) (p PushSubscription, err error) {
	err = r.Scan(&p.ID, &p.ContactID, &p.EndpointHash, &p.Wrapped, &p.Locale, &p.CreatedAt, &p.LastSentAt, &p.Failures)
	return p, err
}

// PutPush stores a subscription. An endpoint that is known belongs to the one
// who subscribed last: the browser has changed hands.
func (tx *Tx) PutPush(p *PushSubscription) error {
	p.ID, p.CreatedAt = tx.NewID(), tx.Now()
	err := tx.row(`INSERT INTO push_subscription (id, contact_id, endpoint_hash, subscription, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (endpoint_hash) DO UPDATE SET contact_id = excluded.contact_id, subscription = excluded.subscription,
			locale = excluded.locale, created_at = excluded.created_at, failures = 0
		RETURNING id`, p.ID, p.ContactID, p.EndpointHash, p.Wrapped, p.Locale, p.CreatedAt).scan(&p.ID)
	if err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM push_subscription WHERE contact_id = $1 AND id NOT IN (
		SELECT id FROM push_subscription WHERE contact_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)`, p.ContactID, pushesKept)
	return err
}

// DeletePush forgets a contact's subscription; one that is not there is no error.
func (tx *Tx) DeletePush(contact desk.ID, endpointHash string) error {
	_, err := tx.exec(`DELETE FROM push_subscription WHERE contact_id = $1 AND endpoint_hash = $2`, contact, endpointHash)
	return err
}

// Pushes lists the subscriptions of a contact.
func (q Query) Pushes(contact desk.ID) ([]PushSubscription, error) {
	return collect(q, scanPush, `SELECT `+pushColumns+` FROM push_subscription WHERE contact_id = $1 ORDER BY id`, contact)
}

// Push returns a subscription, or a NotFound error.
func (q Query) Push(id desk.ID) (PushSubscription, error) {
	return scanOne(q.row(`SELECT `+pushColumns+` FROM push_subscription WHERE id = $1`, id), scanPush)
}

// PushSent notes that a subscription was reached.
func (tx *Tx) PushSent(id desk.ID) error {
	_, err := tx.exec(`UPDATE push_subscription SET last_sent_at = $1, failures = 0 WHERE id = $2`, tx.Now(), id)
	return err
}

// PushFailed notes that a subscription could not be reached for good, and
// forgets it at the most-th time in a row.
func (tx *Tx) PushFailed(id desk.ID, most int) error {
	if _, err := tx.exec(`UPDATE push_subscription SET failures = failures + 1 WHERE id = $1`, id); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM push_subscription WHERE id = $1 AND failures >= $2`, id, most)
	return err
}

// PushGone forgets a subscription whose browser has withdrawn it.
func (tx *Tx) PushGone(id desk.ID) error {
	_, err := tx.exec(`DELETE FROM push_subscription WHERE id = $1`, id)
	return err
}
