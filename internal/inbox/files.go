package inbox

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// Limits of files on their way.
const (
	// MaxPiece is the most bytes that one piece may have: few enough that a phone on
	// a slow network does not lose much with a connection.
	MaxPiece = 512 << 10
	// MinPiece is the least that a piece has, unless it is the last.
	MinPiece = 16 << 10
	// MaxUnsent is how many files somebody may have that they have not sent.
	MaxUnsent = 20

	receivingAtOnce = 128 // pieces that a node takes at a time
	receivingOfOne  = 4   // of these, from one owner
	finishingAtOnce = 4   // files that a node checks at a time
	// answerAfter is how long whoever sent the last byte waits for the checks.
	answerAfter = 15 * time.Second
	// finishPatience ends one try of the checks.
	finishPatience = 5 * time.Minute
	// retryAfter is when a job looks after a file whose checks nobody has finished:
	// the scanner is away, or the node has died.
	retryAfter = time.Minute
)

// FilesConfig says what [Files] works with.
type FilesConfig struct {
	Store    *store.Store
	Blobs    blob.Store
	Vault    *vault.Vault  // signs addresses
	Scanner  *blob.Scanner // nil: files are not scanned
	MaxBytes int64         // of a file; 0: nobody may send files
	Logger   *slog.Logger  // nil: slog.Default
}

// Files takes files in, piece by piece, and hands them out. What has been
// acknowledged is in the blob store and in the database, so that any node may go
// on with it. Its methods may be called from many goroutines.
type Files struct {
	cfg       FilesConfig
	finishing chan struct{}
	mu        sync.Mutex
	receiving map[Owner]int         // pieces that are arriving
	arriving  int                   // the sum of them
	checks    map[desk.ID]*checking // on this node
	running   sync.WaitGroup
	stop      context.Context //nolint:containedctx // ends with Close
	close     context.CancelFunc
}

// NewFiles returns Files on an open store; [Files.Register] and [Inbox.UseFiles]
// belong to it.
func NewFiles(cfg FilesConfig) *Files {
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	f := &Files{cfg: cfg, receiving: map[Owner]int{}, finishing: make(chan struct{}, finishingAtOnce), checks: map[desk.ID]*checking{}}
	f.stop, f.close = context.WithCancel(context.Background())
	return f
}

// Close gives the checks under way up; a job finishes them later.
func (f *Files) Close() error {
	f.mu.Lock()
	f.close()
	f.mu.Unlock()
	f.running.Wait()
	return nil
}

// Owner is whose file it is: a contact's or an agent's.
type Owner struct {
	Kind desk.AuthorKind
	ID   desk.ID
}

// Begin announces a file of size bytes. The same client id again gives the same
// file, and false.
//
// Errors: TooLarge for more than the limit; Invalid for nothing at all; Forbidden
// when files are switched off; Throttled when the owner has too many files that
// were not sent; Conflict when the client id stands for a file of another size.
func (f *Files) Begin(ctx context.Context, owner Owner, clientID, name string, size int64) (*store.Attachment, bool, error) {
	switch {
	case f.cfg.MaxBytes <= 0:
		return nil, false, desk.Errorf(desk.Forbidden, "uploads_off")
	case size > f.cfg.MaxBytes:
		return nil, false, desk.Errorf(desk.TooLarge, "upload_too_large")
	case size <= 0:
		return nil, false, desk.Field("size", "upload_empty")
	}
	a := &store.Attachment{OwnerKind: owner.Kind, OwnerID: owner.ID, ClientID: clientID, Name: fileName(name), Size: size}
	var fresh bool
	err := f.cfg.Store.Write(ctx, func(tx *store.Tx) (err error) {
		here := *a
		if fresh, err = tx.InsertAttachment(&here); err != nil {
			return err
		}
		if fresh {
			n, err := tx.UnsentAttachments(owner.Kind, owner.ID)
			if err != nil {
				return err
			}
			if n > MaxUnsent {
				return &desk.Error{Code: desk.Throttled, Message: "upload_too_many", RetryAfter: time.Minute}
			}
		} else if here.Size != size {
			return desk.Errorf(desk.Conflict, "upload_other")
		}
		a = &here
		return nil
	})
	if err != nil {
		return nil, false, err
	}
	return a, fresh, nil
}

// fileName is a sender's file name without what could harm or tell: paths,
// control characters, marks of direction, and secrets.
func fileName(name string) string {
	name = blob.CleanName(name)
	if found := guard.Scan(name); len(found) > 0 {
		name = blob.CleanName(guard.Redact(name, found, "en"))
	}
	return name
}

// Upload returns a file of its owner; anybody else's is NotFound.
func (f *Files) Upload(ctx context.Context, owner Owner, id desk.ID) (*store.Attachment, error) {
	return f.cfg.Store.Read(ctx).AttachmentOf(owner.Kind, owner.ID, id)
}

// Append stores a piece of a file, which begins at offset and is the whole of r;
// length is its number of bytes, or [blob.UnknownSize]. When it is durable the
// file as it is then is returned. Of a piece that breaks off nothing is kept. A
// piece that is there already is fine.
//
// The last piece begins the checks and waits for them for a while: the file that
// is returned may still be checking.
//
// Errors: Conflict, with the file as it is, when the piece does not begin where
// the file ends; TooLarge when it is longer than [MaxPiece] or than what is
// missing; Invalid when it is shorter than [MinPiece]; NotFound for a file that is
// not the owner's; Unavailable when too many are sending.
func (f *Files) Append(ctx context.Context, owner Owner, id desk.ID, offset int64, r io.Reader, length int64) (*store.Attachment, error) {
	a, err := f.Upload(ctx, owner, id)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset > a.Received {
		return a, errOffset()
	}
	if most := min(MaxPiece, a.Size-offset); length > most {
		return nil, desk.Errorf(desk.TooLarge, "upload_piece_long")
	}
	if !f.enter(owner) {
		return nil, &desk.Error{Code: desk.Unavailable, Message: "upload_busy", RetryAfter: 5 * time.Second}
	}
	defer f.leave(owner)
	if offset < a.Received || length == 0 || a.State != store.AttachmentUploading {
		return f.repeated(ctx, a, offset, r)
	}
	p, err := f.stage(ctx, a, offset, r, length)
	if err != nil {
		return nil, err
	}
	return f.accept(ctx, owner, a.ID, p)
}

// enter lets a piece in, if there is room: who sends slowly must not keep others
// out.
func (f *Files) enter(owner Owner) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.arriving >= receivingAtOnce || f.receiving[owner] >= receivingOfOne {
		return false
	}
	f.arriving++
	f.receiving[owner]++
	return true
}

func (f *Files) leave(owner Owner) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.arriving--
	if f.receiving[owner]--; f.receiving[owner] == 0 {
		delete(f.receiving, owner)
	}
}

func errOffset() error { return desk.Errorf(desk.Conflict, "upload_offset") }

// stage puts a piece into the blob store, under a name of its own: of two that
// arrive at once only one will count.
func (f *Files) stage(ctx context.Context, a *store.Attachment, offset int64, r io.Reader, length int64) (store.AttachmentPiece, error) {
	key := fmt.Sprintf("%s%d/%d-%d", stagingPrefix, a.ID, offset, f.cfg.Store.NewID())
	most := min(MaxPiece, a.Size-offset)
	info, err := f.cfg.Blobs.Put(ctx, key, &bounded{r: r, left: most}, length)
	switch {
	case errors.Is(err, errTooLong):
		return store.AttachmentPiece{}, desk.Wrap(desk.TooLarge, "upload_piece_long", err)
	case errors.Is(err, blob.ErrSize):
		return store.AttachmentPiece{}, desk.Wrap(desk.Invalid, "upload_piece_cut", err)
	case errors.Is(err, blob.ErrFull), errors.Is(err, blob.ErrUnreadable), errors.Is(err, blob.ErrNotFound):
		return store.AttachmentPiece{}, desk.Wrap(desk.Unavailable, "upload_storage", err)
	case err != nil:
		return store.AttachmentPiece{}, err
	}
	if info.Size < MinPiece && info.Size < most {
		f.discard(ctx, key)
		return store.AttachmentPiece{}, desk.Errorf(desk.Invalid, "upload_piece_short")
	}
	return store.AttachmentPiece{Start: offset, Size: info.Size, SHA256: info.SHA256, BlobKey: key}, nil
}

// accept makes a staged piece count, if it still begins where the file ends.
func (f *Files) accept(ctx context.Context, owner Owner, id desk.ID, p store.AttachmentPiece) (*store.Attachment, error) {
	var a *store.Attachment
	err := f.cfg.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if a, err = tx.AddAttachmentPiece(id, p); err != nil || a.State != store.AttachmentChecking {
			return err
		}
		return jobs.Enqueue(tx, kindFinish, finishJob{id}, jobs.UniqueKey(fmt.Sprintf("%s:%d", kindFinish, id)),
			jobs.RunAt(f.cfg.Store.Now().Add(retryAfter)))
	})
	if desk.CodeOf(err) == desk.NotFound {
		f.discard(ctx, p.BlobKey)
		now, err := f.Upload(ctx, owner, id)
		if err != nil {
			return nil, err
		}
		if there, err := f.has(ctx, now, p.Start, p.Size, p.SHA256); err != nil || there {
			return now, err
		}
		return now, errOffset()
	}
	if err != nil {
		return nil, err // perhaps it does count: only the cleaning up may take the content away
	}
	if a.State == store.AttachmentChecking {
		return f.check(ctx, a)
	}
	return a, nil
}

// repeated answers a piece that was sent before.
func (f *Files) repeated(ctx context.Context, a *store.Attachment, offset int64, r io.Reader) (*store.Attachment, error) {
	sum, size, err := digest(&bounded{r: r, left: min(MaxPiece, a.Size-offset)})
	if errors.Is(err, errTooLong) {
		return nil, desk.Wrap(desk.TooLarge, "upload_piece_long", err)
	}
	if err != nil {
		return nil, err
	}
	there, err := f.has(ctx, a, offset, size, sum)
	if err != nil {
		return nil, err
	}
	if !there {
		return a, errOffset()
	}
	if a.State == store.AttachmentChecking {
		return f.check(ctx, a)
	}
	return a, nil
}

// has reports whether a file has exactly this piece. Once it is finished its
// pieces are forgotten, and any piece of it counts.
func (f *Files) has(ctx context.Context, a *store.Attachment, offset, size int64, sum string) (bool, error) {
	if a.State == store.AttachmentReady || a.State == store.AttachmentRefused {
		return offset+size <= a.Size, nil
	}
	if size == 0 && offset == a.Received { // only asks how far it is
		return true, nil
	}
	pieces, err := f.cfg.Store.Read(ctx).AttachmentPieces(a.ID)
	if err != nil {
		return false, err
	}
	for _, p := range pieces {
		if p.Start == offset && p.Size == size && p.SHA256 == sum {
			return true, nil
		}
	}
	return false, nil
}

// Cancel takes back a file that was not sent. NotFound: it was, or is not the
// owner's.
func (f *Files) Cancel(ctx context.Context, owner Owner, id desk.ID) error {
	return f.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		keys, err := tx.DeleteUnsentAttachment(owner.Kind, owner.ID, id)
		if err != nil {
			return err
		}
		return DiscardFiles(tx, keys)
	})
}

// bounded is a source that fails when it is longer than it may be.
type bounded struct {
	r    io.Reader
	left int64
}

var errTooLong = errors.New("inbox: the piece is longer than it may be")

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLong
	}
	return n, err
}

// Where contents are: pieces under staging/<file>/, finished files under
// files/<file>/.
const (
	stagingPrefix = "staging/"
	filesPrefix   = "files/"
)

// fileOf returns the file that a content belongs to by its key.
func fileOf(key string) (desk.ID, bool) {
	rest, ok := strings.CutPrefix(key, stagingPrefix)
	if !ok {
		if rest, ok = strings.CutPrefix(key, filesPrefix); !ok {
			return 0, false
		}
	}
	id, _, _ := strings.Cut(rest, "/")
	n, err := desk.ParseID(id)
	return n, err == nil && n != 0
}
