package store

import "github.com/veridesk/veridesk/internal/desk"

// IdentityUID is the kind of identity that the exchange vouches for: the account
// UID.
const IdentityUID = "uid"

// ContactByIdentity returns the contact that an identity belongs to, or a
// NotFound error.
func (q Query) ContactByIdentity(kind, value string) (desk.ID, error) {
	var id desk.ID
	err := q.row(`SELECT contact_id FROM contact_identity WHERE kind = $1 AND value = $2`, kind, value).scan(&id)
	return id, err
}

// ClaimIdentity gives an identity to a contact unless somebody has it, and
// returns who has it: of two who claim it at the same instant one gets it, and
// both are told the same.
func (tx *Tx) ClaimIdentity(kind, value string, contact desk.ID) (desk.ID, error) {
	n, err := tx.exec(`INSERT INTO contact_identity (kind, value, contact_id, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (kind, value) DO NOTHING`, kind, value, contact, tx.Now())
	if err != nil || n == 1 {
		return contact, err
	}
	return tx.ContactByIdentity(kind, value)
}

// MergeContact makes a visitor one of a customer: the visitor's conversations,
// files, ratings and places to be woken are the customer's afterwards, and the
// visitor is nobody. Keys by which repeated messages are recognised follow. It
// returns the conversations that moved, oldest first, and whether there was a
// visitor to merge: not one that was merged before, and never a customer.
//
// Who writes into one of the conversations at the same moment is either before
// the merge, and the message moves, or finds the conversation no longer theirs.
func (tx *Tx) MergeContact(visitor, customer desk.ID) (moved []desk.ID, merged bool, err error) {
	// The visitor's row is the lock that excludes conversations begun meanwhile:
	// see holdContact.
	n, err := tx.exec(`UPDATE contact SET merged_into = $1 WHERE id = $2 AND kind = 'visitor' AND merged_into = 0`, customer, visitor)
	if err != nil || n == 0 {
		return nil, false, err
	}
	moved, err = collect(tx.Query, scanID, `UPDATE conversation SET contact_id = $1, updated_at = $2 WHERE contact_id = $3 RETURNING id`,
		customer, tx.Now(), visitor)
	if err != nil {
		return nil, false, err
	}
	for _, id := range moved {
		if _, err := tx.exec(`UPDATE message SET author_id = $1 WHERE conversation_id = $2 AND author_kind <> 'agent' AND author_id = $3`,
			customer, id, visitor); err != nil {
			return nil, false, err
		}
		if err := tx.renameKeys(id, ChatKeyPrefix(visitor), ChatKeyPrefix(customer)); err != nil {
			return nil, false, err
		}
	}
	for _, change := range []string{
		// A device that uses a name again has two files of that name: the other is
		// the customer's already.
		`UPDATE attachment SET owner_id = $1, client_id = CASE WHEN EXISTS
			(SELECT 1 FROM attachment o WHERE o.owner_kind = 'contact' AND o.owner_id = $1 AND o.client_id = attachment.client_id)
			THEN 'merged-' || CAST(id AS TEXT) ELSE client_id END WHERE owner_kind = 'contact' AND owner_id = $2`,
		`UPDATE push_subscription SET contact_id = $1 WHERE contact_id = $2`,
		`UPDATE rating SET contact_id = $1 WHERE contact_id = $2`,
	} {
		if _, err := tx.exec(change, customer, visitor); err != nil {
			return nil, false, err
		}
	}
	return moved, true, nil
}

// renameKeys changes the beginning of the dedupe keys of a conversation. A key
// that is taken stays as it was: it is unique so, too, and nobody repeats it.
func (tx *Tx) renameKeys(conversation desk.ID, from, to string) error {
	for _, query := range renameKeys {
		if _, err := tx.exec(query, to, len(from)+1, conversation, len(from), from); err != nil {
			return err
		}
	}
	return nil
}

var renameKeys = []string{
	`UPDATE conversation SET dedupe_key = $1 || substr(dedupe_key, $2) WHERE id = $3 AND substr(dedupe_key, 1, $4) = $5
		AND NOT EXISTS (SELECT 1 FROM conversation o WHERE o.dedupe_key = $1 || substr(conversation.dedupe_key, $2))`,
	`UPDATE message SET dedupe_key = $1 || substr(dedupe_key, $2) WHERE conversation_id = $3 AND substr(dedupe_key, 1, $4) = $5
		AND NOT EXISTS (SELECT 1 FROM message o WHERE o.dedupe_key = $1 || substr(message.dedupe_key, $2))`,
}

// ChatKeyPrefix begins the dedupe keys of a contact's chat messages; the rest is
// what their device called the message.
func ChatKeyPrefix(contact desk.ID) string { return "chat:" + contact.String() + ":" }

// Unread is what a contact has not read yet.
type Unread struct {
	Messages      int64 `json:"messages" doc:"of agents"`
	Conversations int64 `json:"conversations" doc:"that have any"`
}

// UnreadBy counts the agents' answers that a contact has not read.
func (q Query) UnreadBy(contact desk.ID) (u Unread, err error) {
	err = q.row(`SELECT COUNT(*), COUNT(DISTINCT message.conversation_id) FROM conversation
		JOIN message ON message.conversation_id = conversation.id AND message.seq > conversation.contact_read_seq
		WHERE conversation.contact_id = $1 AND conversation.public_seq > conversation.contact_read_seq
			AND message.visibility = 'public' AND message.author_kind = 'agent'`, contact).scan(&u.Messages, &u.Conversations)
	return u, err
}

// EndedSession is a visitor's or customer's token that was given back before its
// time: only its SHA-256 (hexadecimal) is stored.
type EndedSession struct {
	TokenHash string
	ContactID desk.ID
	ExpiresAt desk.Micros // of the token; afterwards the row says nothing new
	EndedAt   desk.Micros // by the clock of the node that ended it
}

// InsertEndedSession notes that a token has ended; once is enough.
func (tx *Tx) InsertEndedSession(e EndedSession) error {
	_, err := tx.exec(`INSERT INTO ended_session (token_hash, contact_id, expires_at, ended_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (token_hash) DO NOTHING`, e.TokenHash, e.ContactID, e.ExpiresAt, e.EndedAt)
	return err
}

// EndedSessions lists tokens that were ended at since or later and would still
// be good.
func (q Query) EndedSessions(since desk.Micros) ([]EndedSession, error) {
	return collect(q, func(r scanner) (e EndedSession, err error) {
		err = r.Scan(&e.TokenHash, &e.ContactID, &e.ExpiresAt, &e.EndedAt)
		return e, err
	}, `SELECT token_hash, contact_id, expires_at, ended_at FROM ended_session WHERE ended_at >= $1 AND expires_at > $2`, since, q.Now())
}

// PruneEndedSessions forgets the ended tokens that would have expired before a
// moment, and returns how many.
func (tx *Tx) PruneEndedSessions(before desk.Micros) (int64, error) {
	return tx.exec(`DELETE FROM ended_session WHERE expires_at < $1`, before)
}
