package inbox

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// UseFiles lets messages carry files. Call it before the first message.
func (in *Inbox) UseFiles(f *Files) { in.files = f }

// attach gives files of an author to a message that is about to be stored, and
// writes them into it. The identifier of the message is set when it is zero.
//
// Errors: Invalid when a file is not the author's, not whole, refused, named
// twice or sent before, or when there are too many; Unavailable when it is still
// being checked (trying again is right); Conflict when the very same message was
// stored before.
func (in *Inbox) attach(tx *store.Tx, owner desk.AuthorKind, ownerID desk.ID, ids []desk.ID, m *desk.Message) error {
	if len(ids) == 0 {
		return nil
	}
	if len(ids) > desk.MaxAttachments {
		return desk.Field("attachments", "attachments_too_many")
	}
	if m.ID == 0 {
		m.ID = tx.NewID()
	}
	sent := make([]desk.Attachment, 0, len(ids))
	for i, id := range ids {
		if slices.Contains(ids[:i], id) {
			return desk.Field("attachments", "attachment_sent")
		}
		a, err := tx.SendAttachment(owner, ownerID, id, m.ConversationID, m.ID)
		if desk.CodeOf(err) == desk.NotFound {
			return whyNot(tx, owner, ownerID, id, m.DedupeKey)
		}
		if err != nil {
			return err
		}
		sent = append(sent, a.Descriptor())
	}
	m.Attachments = sent
	return nil
}

// whyNot says why a file cannot be sent.
func whyNot(tx *store.Tx, owner desk.AuthorKind, ownerID, id desk.ID, dedupeKey string) error {
	a, err := tx.AttachmentOf(owner, ownerID, id)
	switch {
	case desk.CodeOf(err) == desk.NotFound:
		return desk.Field("attachments", "attachment_gone")
	case err != nil:
		return err
	case a.MessageID != 0:
		_, err := tx.MessageByDedupe(dedupeKey)
		switch desk.CodeOf(err) {
		case "": // the device has not heard the answer to this message
			return desk.Errorf(desk.Conflict, "it exists already")
		case desk.NotFound:
			return desk.Field("attachments", "attachment_sent")
		}
		return err
	case a.State == store.AttachmentChecking:
		return &desk.Error{Code: desk.Unavailable, Message: "attachment_checking", RetryAfter: 5 * time.Second}
	case a.State == store.AttachmentRefused:
		return desk.Field("attachments", "attachment_refused")
	}
	return desk.Field("attachments", "attachment_unfinished")
}

// Addresses of files.
const (
	addressPurpose = "files.address"
	// addressDays is how long an address works at least; it is the same for a whole
	// day, so that what it names is fetched once.
	addressDays = 7
	day         = 24 * time.Hour
	// unsentFor is how long the address works that somebody gets for a file of their
	// own that they have not sent.
	unsentFor = time.Hour
)

// Address gives the files of messages that are about to leave the desk (an
// answer, an event) their addresses. It never changes what was stored: call it
// after the transaction.
func (in *Inbox) Address(messages ...*desk.Message) {
	if in.files != nil {
		in.files.Address(messages...)
	}
}

// Address is [Inbox.Address].
func (f *Files) Address(messages ...*desk.Message) {
	expires := f.cfg.Store.Now().Truncate(day).Add((addressDays + 1) * day)
	for _, m := range messages {
		if m == nil || len(m.Attachments) == 0 {
			continue
		}
		addressed := slices.Clone(m.Attachments)
		for i := range addressed {
			f.address(&addressed[i], expires)
		}
		m.Attachments = addressed
	}
}

// Own returns a file that is ready as its owner sees it before it is sent.
func (f *Files) Own(a *store.Attachment) desk.Attachment {
	d := a.Descriptor()
	f.address(&d, f.cfg.Store.Now().Add(unsentFor))
	return d
}

func (f *Files) address(a *desk.Attachment, expires time.Time) {
	id, until := a.ID.String(), strconv.FormatInt(expires.Unix(), 10)
	mac := base64.RawURLEncoding.EncodeToString(f.cfg.Vault.Sign(addressPurpose, []byte(id+"/"+until)))
	a.URL = "/files/" + id + "/" + until + "." + mac + "/" + url.PathEscape(a.Name)
	if a.Width > 0 {
		a.PreviewURL = a.URL + "?preview"
	}
}

// ErrExpired is the cause of a NotFound error for an address that worked once.
var ErrExpired = errors.New("inbox: the address of a file has expired")

// File is an open content; the caller closes it.
type File struct {
	io.ReadSeekCloser
	Type     blob.Type
	Name     string
	Tag      string // differs between contents
	Size     int64  // bytes
	Modified time.Time
}

// Open returns what an address of [Files.Address] names: id, seal and name are
// its parts. preview asks for the small picture. The content outlives ctx as far
// as the blob store lets it.
//
// Errors: NotFound for anything that is no address of ours or not there any more,
// with [ErrExpired] as the cause when it only is too late; Unavailable when the
// blob store is away.
func (f *Files) Open(ctx context.Context, id desk.ID, seal, name string, preview bool) (*File, error) {
	until, mac, _ := strings.Cut(seal, ".")
	signature, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil || !f.cfg.Vault.Verify(addressPurpose, []byte(id.String()+"/"+until), signature) {
		return nil, desk.Errorf(desk.NotFound, "no_such_address")
	}
	seconds, err := strconv.ParseInt(until, 10, 64)
	if err != nil {
		return nil, desk.Errorf(desk.NotFound, "no_such_address")
	}
	if !f.cfg.Store.Now().Before(time.Unix(seconds, 0)) {
		return nil, desk.Wrap(desk.NotFound, "file_expired", ErrExpired)
	}
	a, err := f.cfg.Store.Read(ctx).Attachment(id)
	if err != nil {
		return nil, err
	}
	key := a.BlobKey
	if preview {
		key = a.PreviewKey
	}
	if a.State != store.AttachmentReady || key == "" || a.Name != name {
		return nil, desk.Errorf(desk.NotFound, "no_such_address")
	}
	content, info, err := f.cfg.Blobs.Open(ctx, key)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return nil, desk.Wrap(desk.NotFound, "no_such_address", err)
	case err != nil:
		return nil, desk.Wrap(desk.Unavailable, "upload_storage", err)
	}
	// Only what was made anew has a width, and only that is shown.
	out := &File{
		ReadSeekCloser: content, Name: a.Name, Tag: `"` + a.ID.String() + `"`, Size: info.Size, Modified: a.UpdatedAt.Time(),
		Type: blob.Type{MIME: a.MIME, Active: a.Active, Inline: a.Width > 0},
	}
	if preview {
		out.Tag, out.Type = `"`+a.ID.String()+`-preview"`, blob.Type{MIME: "image/jpeg", Inline: true}
	}
	return out, nil
}
