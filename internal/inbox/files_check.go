package inbox

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// PreviewEdge is how wide and high the small picture of a picture is at most, in
// pixels.
const PreviewEdge = 640

const kindFinish = "files.finish"

type finishJob struct {
	ID desk.ID `json:"id"`
}

// check begins the checks of a file whose bytes are all there and waits for them
// for a while. It does not matter when they fail here: a job tries again.
func (f *Files) check(ctx context.Context, a *store.Attachment) (*store.Attachment, error) {
	patience := time.NewTimer(answerAfter)
	defer patience.Stop()
	select {
	case <-f.begun(a.ID).done:
	case <-patience.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return f.cfg.Store.Read(ctx).Attachment(a.ID)
}

// checking is a check under way on this node.
type checking struct {
	done chan struct{}
	err  error // once done is closed
}

// begun begins the checks unless they are under way on this node.
func (f *Files) begun(id desk.ID) *checking {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, underWay := f.checks[id]; underWay {
		return c
	}
	c := &checking{done: make(chan struct{}), err: f.stop.Err()}
	if c.err != nil {
		close(c.done)
		return c
	}
	f.checks[id] = c
	f.running.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				c.err = fmt.Errorf("checking a file panics: %v\n%s", p, debug.Stack())
			}
			if c.err != nil {
				f.cfg.Logger.Warn("a file could not be checked; it will be tried again", "file", id, "error", c.err)
			}
			f.mu.Lock()
			delete(f.checks, id)
			f.mu.Unlock()
			close(c.done)
		}()
		ctx, cancel := context.WithTimeout(f.stop, finishPatience)
		defer cancel()
		c.err = f.finish(ctx, id, false)
	})
	return c
}

// finishAgain is the job behind check. It does not hold its worker for long: a
// scanner that never answers must not keep mails from being sent.
func (f *Files) finishAgain(ctx context.Context, j jobs.Job) (jobs.Effect, error) {
	var what finishJob
	if err := j.Decode(&what); err != nil {
		return nil, err
	}
	if j.Attempt >= j.MaxAttempts {
		return nil, f.finish(ctx, what.ID, true)
	}
	c := f.begun(what.ID)
	patience := time.NewTimer(answerAfter)
	defer patience.Stop()
	select {
	case <-c.done:
		return nil, c.err
	case <-patience.C:
		return nil, fmt.Errorf("file %d is still being checked", what.ID)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// finish scans a file, tells its type, makes a picture anew and stores what comes
// of it. With last it gives up on what cannot be checked: the file is refused.
func (f *Files) finish(ctx context.Context, id desk.ID, last bool) error {
	select {
	case f.finishing <- struct{}{}:
		defer func() { <-f.finishing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	a, pieces, err := f.toFinish(ctx, id)
	if a == nil || err != nil {
		return err // nil: cancelled, or somebody else was faster
	}
	whole := &assembled{ctx: ctx, blobs: f.cfg.Blobs, pieces: pieces}
	defer whole.end()
	problem, err := f.scan(ctx, a, whole)
	if err == nil && problem == "" {
		err = f.keep(ctx, a, whole)
	}
	switch {
	case errors.Is(err, blob.ErrNotFound): // a piece is gone: a restored backup
		problem = "upload_broken"
	case err != nil && (!last || ctx.Err() != nil):
		f.discard(ctx, a.Keys()...) // what was kept of it already
		return err
	case err != nil:
		f.cfg.Logger.Error("a file is given up: it could not be checked", "file", id, "error", err)
		problem = "upload_unchecked"
	}
	if problem != "" {
		f.discard(ctx, a.Keys()...)
		a.State, a.Problem, a.Stored, a.BlobKey, a.PreviewKey = store.AttachmentRefused, problem, 0, "", ""
	}
	return f.settle(ctx, a, pieces)
}

// toFinish returns a file that waits for its checks, with its pieces as they are at
// the same moment; nil when it does not wait (any more).
func (f *Files) toFinish(ctx context.Context, id desk.ID) (a *store.Attachment, pieces []store.AttachmentPiece, err error) {
	err = f.cfg.Store.Snapshot(ctx, func(q store.Query) (err error) {
		if a, err = q.Attachment(id); err == nil {
			pieces, err = q.AttachmentPieces(id)
		}
		return err
	})
	if desk.CodeOf(err) == desk.NotFound || err == nil && a.State != store.AttachmentChecking {
		return nil, nil, nil
	}
	return a, pieces, err
}

// settle stores the outcome. Only the contents that lost are taken away.
func (f *Files) settle(ctx context.Context, a *store.Attachment, pieces []store.AttachmentPiece) error {
	err := f.cfg.Store.Write(ctx, func(tx *store.Tx) error { return tx.FinishAttachment(a) })
	switch desk.CodeOf(err) {
	case "":
		for _, p := range pieces {
			f.discard(ctx, p.BlobKey)
		}
		return nil
	case desk.NotFound:
		f.discard(ctx, a.Keys()...)
		return nil
	}
	return err // perhaps it is stored: the cleaning up finds what is not
}

// scan asks the virus scanner, if there is one; problem says why a file cannot be
// taken.
func (f *Files) scan(ctx context.Context, a *store.Attachment, whole *assembled) (problem string, err error) {
	if f.cfg.Scanner == nil {
		return "", nil
	}
	verdict, err := f.cfg.Scanner.Scan(ctx, whole.again())
	switch {
	case errors.Is(err, blob.ErrScanTooLong):
		f.cfg.Logger.Error("a file is longer than clamd accepts: raise StreamMaxLength there or lower max_upload_mb here", "bytes", a.Size)
		return "upload_unchecked", nil
	case err != nil:
		return "", err
	case verdict.Infected:
		f.cfg.Logger.Warn("an infected file was refused", "file", a.ID, "owner_kind", a.OwnerKind, "owner", a.OwnerID, "signature", verdict.Signature)
		return "upload_infected", nil
	}
	return "", nil
}

// keep stores the content for good and fills in what it is.
func (f *Files) keep(ctx context.Context, a *store.Attachment, whole *assembled) error {
	t, content, err := blob.Inspect(whole.again(), a.Name)
	if err != nil {
		return err
	}
	a.State, a.MIME, a.Active = store.AttachmentReady, t.MIME, t.Active
	// A name of its own for every try: two nodes may be at it.
	key := fmt.Sprintf("%s%d/%d", filesPrefix, a.ID, f.cfg.Store.NewID())
	if t.Inline {
		picture, preview, err := blob.ReencodeWithPreview(ctx, content, PreviewEdge)
		switch {
		case err == nil:
			return f.keepPicture(ctx, a, key, picture, preview)
		case !errors.Is(err, blob.ErrNotImage) && !errors.Is(err, blob.ErrAnimated) && !errors.Is(err, blob.ErrImageTooLarge):
			return err
		}
		content = whole.again() // not a picture to show, but it may be looked at after a download
	}
	info, err := f.cfg.Blobs.Put(ctx, key, content, a.Size)
	a.BlobKey, a.Stored = key, info.Size
	return err
}

// keepPicture stores a picture that was made anew; nothing of the original stays.
func (f *Files) keepPicture(ctx context.Context, a *store.Attachment, key string, picture, preview blob.Image) error {
	a.MIME, a.Width, a.Height, a.Stored = picture.MIME, picture.Width, picture.Height, int64(len(picture.Data))
	a.BlobKey, a.PreviewKey = key, key+"-preview"
	if _, err := f.cfg.Blobs.Put(ctx, a.BlobKey, bytes.NewReader(picture.Data), a.Stored); err != nil {
		return err
	}
	_, err := f.cfg.Blobs.Put(ctx, a.PreviewKey, bytes.NewReader(preview.Data), int64(len(preview.Data)))
	return err
}

// assembled reads the pieces of a file one after the other.
type assembled struct {
	ctx    context.Context //nolint:containedctx // lives as long as one check
	blobs  blob.Store
	pieces []store.AttachmentPiece
	next   int
	open   io.ReadCloser
	left   int64 // of the open piece
}

// again begins at the beginning.
func (r *assembled) again() io.Reader {
	r.end()
	r.next = 0
	return r
}

func (r *assembled) end() {
	if r.open != nil {
		r.open.Close() //nolint:errcheck // it was only read
		r.open = nil
	}
}

// Read implements io.Reader.
func (r *assembled) Read(p []byte) (int, error) {
	for {
		if r.open == nil {
			if r.next == len(r.pieces) {
				return 0, io.EOF
			}
			piece := r.pieces[r.next]
			content, info, err := r.blobs.Open(r.ctx, piece.BlobKey)
			if err != nil {
				return 0, err
			}
			r.open, r.left = content, piece.Size
			r.next++
			if info.Size != piece.Size {
				return 0, fmt.Errorf("piece %s has %d bytes instead of %d: %w", piece.BlobKey, info.Size, piece.Size, blob.ErrNotFound)
			}
		}
		n, err := r.open.Read(p)
		r.left -= int64(n)
		switch {
		case errors.Is(err, io.EOF) && r.left == 0:
			r.end()
			err = nil
			if n == 0 {
				continue
			}
		case errors.Is(err, io.EOF):
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
}

// digest reads a source to its end.
func digest(r io.Reader) (sum string, size int64, err error) {
	h := sha256.New()
	size, err = io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
