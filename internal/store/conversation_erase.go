package store

import "github.com/veridesk/veridesk/internal/desk"

// ErasableConversations lists conversations that were resolved before a moment
// and have been quiet since, at most limit.
func (q Query) ErasableConversations(before desk.Micros, limit int) ([]desk.ID, error) {
	return collect(q, scanID, `SELECT id FROM conversation WHERE status = 'resolved' AND last_at < $1 AND resolved_at < $1
		ORDER BY last_at, id LIMIT $2`, before, limit)
}

// Erased says what [Tx.EraseConversations] has erased.
type Erased struct {
	Conversations []desk.ID
	Messages      int64
	Contacts      int64
	Blobs         []string // keys of the files that belonged to them and are to be deleted now
}

// EraseConversations deletes those of the conversations that still are resolved
// since before a moment, with everything that hangs on them, and visitors of whom
// nothing is left and nothing was heard since. Of the queue only times remain.
func (tx *Tx) EraseConversations(ids []desk.ID, before desk.Micros) (Erased, error) {
	var out Erased
	if len(ids) == 0 {
		return out, nil
	}
	marks, args := placeholders([]any{before}, rounded(ids))
	// The update locks them: one that was opened again meanwhile is kept.
	type owned struct{ id, contact desk.ID }
	locked, err := collect(tx.Query, func(r scanner) (o owned, err error) {
		err = r.Scan(&o.id, &o.contact)
		return o, err
	}, `UPDATE conversation SET updated_at = updated_at WHERE status = 'resolved' AND resolved_at < $1 AND id IN (`+marks+`) RETURNING id, contact_id`, args...)
	if err != nil || len(locked) == 0 {
		return out, err
	}
	var contacts []desk.ID
	for _, o := range locked {
		out.Conversations = append(out.Conversations, o.id)
		contacts = append(contacts, o.contact)
	}
	marks, args = placeholders(nil, rounded(out.Conversations))
	files, err := collect(tx.Query, scanID, `SELECT id FROM attachment WHERE conversation_id IN (`+marks+`)`, args...)
	if err != nil {
		return out, err
	}
	if out.Blobs, err = tx.deleteAttachments(files); err != nil {
		return out, err
	}
	if out.Messages, err = tx.exec(`DELETE FROM message WHERE conversation_id IN (`+marks+`)`, args...); err != nil {
		return out, err
	}
	// Origin, rating and place in the queue go with the conversation.
	if _, err := tx.exec(`DELETE FROM conversation WHERE id IN (`+marks+`)`, args...); err != nil {
		return out, err
	}
	marks, args = placeholders([]any{before}, rounded(contacts))
	out.Contacts, err = tx.exec(`DELETE FROM contact WHERE kind = 'visitor' AND last_seen_at < $1 AND id IN (`+marks+`)
		AND NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.contact_id = contact.id)`, args...)
	return out, err
}

// MessagesOf returns all messages of conversations, in no particular order.
func (q Query) MessagesOf(conversations []desk.ID) ([]*desk.Message, error) {
	if len(conversations) == 0 {
		return []*desk.Message{}, nil
	}
	marks, args := placeholders(nil, rounded(conversations))
	return collect(q, scanMessage, `SELECT `+messageColumns+` FROM message WHERE conversation_id IN (`+marks+`)`, args...)
}

// EraseMails deletes what mails of before a moment still lie about with their
// texts: previews, and jobs that were given up.
func (tx *Tx) EraseMails(kind string, before desk.Micros) error {
	if _, err := tx.exec(`DELETE FROM mail_preview WHERE created_at < $1`, before); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM job WHERE state = 'dead' AND kind = $1 AND finished_at < $2`, kind, before)
	return err
}
