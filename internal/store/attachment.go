package store

import "github.com/veridesk/veridesk/internal/desk"

// AttachmentState is where a file stands.
type AttachmentState string

// The states of a file.
const (
	AttachmentUploading AttachmentState = "uploading" // bytes are missing
	AttachmentChecking  AttachmentState = "checking"  // all there; being scanned and made anew
	AttachmentReady     AttachmentState = "ready"     // may be sent, or was
	AttachmentRefused   AttachmentState = "refused"   // see Problem; nothing of it is kept
)

// Attachment is a file of a contact or an agent, from its first byte on.
type Attachment struct {
	ID             desk.ID
	OwnerKind      desk.AuthorKind // contact or agent
	OwnerID        desk.ID
	ClientID       string // chosen by the owner's device, unique among the owner's files
	ConversationID desk.ID
	MessageID      desk.ID // zero until it was sent
	Name           string
	Size           int64 // bytes, as announced
	Received       int64 // bytes that have arrived
	Stored         int64 // bytes of what is kept, when ready
	State          AttachmentState
	Problem        string // catalogue entry, when refused
	MIME           string
	Active         bool
	Width, Height  int    // pixels, of a picture that was made anew
	BlobKey        string // of the content, when ready
	PreviewKey     string // of the small picture, for pictures
	CreatedAt      desk.Micros
	UpdatedAt      desk.Micros
}

// Descriptor is the file as a message carries it, without addresses.
func (a *Attachment) Descriptor() desk.Attachment {
	return desk.Attachment{ID: a.ID, Name: a.Name, MIME: a.MIME, Size: a.Stored, Width: a.Width, Height: a.Height, Active: a.Active}
}

// Keys are the contents that belong to the file, once it is ready.
func (a *Attachment) Keys() []string {
	var keys []string
	for _, k := range []string{a.BlobKey, a.PreviewKey} {
		if k != "" {
			keys = append(keys, k)
		}
	}
	return keys
}

// AttachmentPiece is what has arrived of a file in one go.
type AttachmentPiece struct {
	Start   int64
	Size    int64 // bytes
	SHA256  string
	BlobKey string
}

const attachmentColumns = `id, owner_kind, owner_id, client_id, conversation_id, message_id, name, size, received, stored, state, problem,
	mime, active, width, height, blob_key, preview_key, created_at, updated_at`

func scanAttachment(r scanner) (*Attachment, error) {
	a := new(Attachment)
	err := r.Scan(&a.ID, &a.OwnerKind, &a.OwnerID, &a.ClientID, &a.ConversationID, &a.MessageID, &a.Name, &a.Size, &a.Received, &a.Stored, &a.State,
		&a.Problem, &a.MIME, &a.Active, &a.Width, &a.Height, &a.BlobKey, &a.PreviewKey, &a.CreatedAt, &a.UpdatedAt)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// InsertAttachment announces a file: owner, client id, name and size are taken
// from a. When the owner has announced one under the client id before, a becomes
// that one and it returns false.
func (tx *Tx) InsertAttachment(a *Attachment) (bool, error) {
	now := tx.Now()
	n, err := tx.exec(`INSERT INTO attachment (id, owner_kind, owner_id, client_id, name, size, state, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (owner_kind, owner_id, client_id) DO NOTHING`,
		tx.NewID(), a.OwnerKind, a.OwnerID, a.ClientID, a.Name, a.Size, AttachmentUploading, now)
	if err != nil {
		return false, err
	}
	there, err := scanOne(tx.row(`SELECT `+attachmentColumns+` FROM attachment WHERE owner_kind = $1 AND owner_id = $2 AND client_id = $3`,
		a.OwnerKind, a.OwnerID, a.ClientID), scanAttachment)
	if err != nil {
		return false, err
	}
	*a = *there
	return n > 0, nil
}

// UnsentAttachments counts the files of an owner that take up room and were not
// sent yet.
func (q Query) UnsentAttachments(kind desk.AuthorKind, owner desk.ID) (n int, err error) {
	err = q.row(`SELECT COUNT(*) FROM attachment WHERE owner_kind = $1 AND owner_id = $2 AND message_id = 0 AND state <> $3`,
		kind, owner, AttachmentRefused).scan(&n)
	return n, err
}

// Attachment returns a file, or a NotFound error.
func (q Query) Attachment(id desk.ID) (*Attachment, error) {
	return scanOne(q.row(`SELECT `+attachmentColumns+` FROM attachment WHERE id = $1`, id), scanAttachment)
}

// AttachmentOf returns a file of an owner; anybody else's is NotFound.
func (q Query) AttachmentOf(kind desk.AuthorKind, owner, id desk.ID) (*Attachment, error) {
	return scanOne(q.row(`SELECT `+attachmentColumns+` FROM attachment WHERE id = $1 AND owner_kind = $2 AND owner_id = $3`, id, kind, owner), scanAttachment)
}

// AttachmentPieces returns what has arrived of a file, in order.
func (q Query) AttachmentPieces(id desk.ID) ([]AttachmentPiece, error) {
	return collect(q, func(r scanner) (p AttachmentPiece, err error) {
		err = r.Scan(&p.Start, &p.Size, &p.SHA256, &p.BlobKey)
		return p, err
	}, `SELECT start, size, sha256, blob_key FROM attachment_piece WHERE attachment_id = $1 ORDER BY start`, id)
}

// AddAttachmentPiece notes that a piece has arrived and returns the file as it is
// then: checking, when it was the last. NotFound: the piece does not begin where
// the file ends by now, or the file is gone or not waiting for anything.
func (tx *Tx) AddAttachmentPiece(id desk.ID, p AttachmentPiece) (*Attachment, error) {
	a, err := scanOne(tx.row(`UPDATE attachment SET received = received + $1, updated_at = $2,
			state = CASE WHEN received + $1 = size THEN '`+string(AttachmentChecking)+`' ELSE state END
		WHERE id = $3 AND received = $4 AND state = '`+string(AttachmentUploading)+`' AND received + $1 <= size RETURNING `+attachmentColumns,
		p.Size, tx.Now(), id, p.Start), scanAttachment)
	if err != nil {
		return nil, err
	}
	_, err = tx.exec(`INSERT INTO attachment_piece (attachment_id, start, size, sha256, blob_key) VALUES ($1, $2, $3, $4, $5)`,
		id, p.Start, p.Size, p.SHA256, p.BlobKey)
	return a, err
}

// FinishAttachment stores what a file that was being checked turned out to be
// (ready or refused, with everything that says so) and forgets its pieces.
// NotFound: somebody else has finished it, or it is gone.
func (tx *Tx) FinishAttachment(a *Attachment) error {
	a.UpdatedAt = tx.Now()
	err := tx.execOne(`UPDATE attachment SET state = $1, problem = $2, mime = $3, active = $4, width = $5, height = $6, stored = $7,
			blob_key = $8, preview_key = $9, updated_at = $10 WHERE id = $11 AND state = $12`,
		a.State, a.Problem, a.MIME, a.Active, a.Width, a.Height, a.Stored, a.BlobKey, a.PreviewKey, a.UpdatedAt, a.ID, AttachmentChecking)
	if err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM attachment_piece WHERE attachment_id = $1`, a.ID)
	return err
}

// SendAttachment gives a file to a message. NotFound: it is not the owner's, not
// ready, or was sent before.
func (tx *Tx) SendAttachment(kind desk.AuthorKind, owner, id, conversation, message desk.ID) (*Attachment, error) {
	return scanOne(tx.row(`UPDATE attachment SET conversation_id = $1, message_id = $2, updated_at = $3
		WHERE id = $4 AND owner_kind = $5 AND owner_id = $6 AND state = $7 AND message_id = 0 RETURNING `+attachmentColumns,
		conversation, message, tx.Now(), id, kind, owner, AttachmentReady), scanAttachment)
}

// DeleteUnsentAttachment takes a file away that was not sent and returns where its
// contents are. NotFound: there is none, or it was sent.
func (tx *Tx) DeleteUnsentAttachment(kind desk.AuthorKind, owner, id desk.ID) ([]string, error) {
	// Locked first: a piece that arrives at the same moment is either among the keys
	// or not accepted.
	if err := tx.execOne(`UPDATE attachment SET updated_at = $1 WHERE id = $2 AND owner_kind = $3 AND owner_id = $4 AND message_id = 0`, tx.Now(), id, kind, owner); err != nil {
		return nil, err
	}
	return tx.deleteAttachments([]desk.ID{id})
}

// DeleteUnsentAttachments takes up to limit files away that nobody has sent or
// added to since before, and returns where their contents are and how many they
// were.
func (tx *Tx) DeleteUnsentAttachments(before desk.Micros, limit int) (keys []string, n int, err error) {
	ids, err := collect(tx.Query, scanID, `UPDATE attachment SET message_id = 0 WHERE id IN
		(SELECT id FROM attachment WHERE message_id = 0 AND updated_at < $1 ORDER BY updated_at LIMIT $2) AND message_id = 0 AND updated_at < $1 RETURNING id`, before, limit)
	if err != nil || len(ids) == 0 {
		return nil, 0, err
	}
	keys, err = tx.deleteAttachments(ids)
	return keys, len(ids), err
}

func (tx *Tx) deleteAttachments(ids []desk.ID) ([]string, error) {
	keys := []string{}
	const most = 256 // names in one statement
	for len(ids) > 0 {
		some := ids[:min(len(ids), most)]
		ids = ids[len(some):]
		marks, args := placeholders(nil, rounded(some))
		pieces, err := collect(tx.Query, scanKey, `DELETE FROM attachment_piece WHERE attachment_id IN (`+marks+`) RETURNING blob_key`, args...)
		if err != nil {
			return nil, err
		}
		keys = append(keys, pieces...)
		gone, err := collect(tx.Query, scanAttachment, `DELETE FROM attachment WHERE id IN (`+marks+`) RETURNING `+attachmentColumns, args...)
		if err != nil {
			return nil, err
		}
		for _, a := range gone {
			keys = append(keys, a.Keys()...)
		}
	}
	return keys, nil
}

func scanKey(r scanner) (s string, err error) {
	err = r.Scan(&s)
	return s, err
}

// NamedContents returns which of the given contents a file names.
func (q Query) NamedContents(ids []desk.ID) (map[string]bool, error) {
	named := map[string]bool{}
	if len(ids) == 0 {
		return named, nil
	}
	marks, args := placeholders(nil, rounded(ids))
	there, err := collect(q, scanAttachment, `SELECT `+attachmentColumns+` FROM attachment WHERE id IN (`+marks+`)`, args...)
	if err != nil {
		return nil, err
	}
	for _, a := range there {
		for _, k := range a.Keys() {
			named[k] = true
		}
	}
	pieces, err := collect(q, scanKey, `SELECT blob_key FROM attachment_piece WHERE attachment_id IN (`+marks+`)`, args...)
	for _, k := range pieces {
		named[k] = true
	}
	return named, err
}
