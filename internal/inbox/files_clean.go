package inbox

import (
	"context"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	kindErase  = "files.erase"
	kindUnsent = "files.unsent"
	kindOrphan = "files.orphans"

	// keepUnsent is how long a file waits for being sent, or for its next piece.
	keepUnsent  = 24 * time.Hour
	unsentBatch = 200
	eraseBatch  = 500
	orphanBatch = 200
)

type eraseJob struct {
	Keys []string `json:"keys"`
}

// Register adds the jobs of files to a runner: checks that could not be finished
// at once, contents to delete, and the cleaning up.
func (f *Files) Register(r *jobs.Runner) {
	r.Register(kindFinish, f.finishAgain)
	r.Register(kindErase, f.erase)
	r.Register(kindUnsent, f.dropUnsent)
	r.Register(kindOrphan, f.dropOrphans)
	r.Every(kindUnsent, time.Hour, kindUnsent)
	r.Every(kindOrphan, 24*time.Hour, kindOrphan)
}

// DiscardFiles deletes the contents under keys once tx is committed: whoever
// takes rows of files away, as the retention does, calls it in the same
// transaction with the keys that the rows named.
func DiscardFiles(tx *store.Tx, keys []string) error {
	for len(keys) > 0 {
		some := keys[:min(len(keys), eraseBatch)]
		keys = keys[len(some):]
		if err := jobs.Enqueue(tx, kindErase, eraseJob{some}); err != nil {
			return err
		}
	}
	return nil
}

func (f *Files) erase(ctx context.Context, j jobs.Job) (jobs.Effect, error) {
	var what eraseJob
	if err := j.Decode(&what); err != nil {
		return nil, err
	}
	for _, key := range what.Keys {
		if err := f.cfg.Blobs.Delete(ctx, key); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// discard deletes contents that nothing names. When that fails the cleaning up
// finds them.
func (f *Files) discard(ctx context.Context, keys ...string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	for _, key := range keys {
		if err := f.cfg.Blobs.Delete(ctx, key); err != nil {
			f.cfg.Logger.Warn("a content that nobody needs is left for the cleaning up", "key", key, "error", err)
			return
		}
	}
}

// dropUnsent takes files away that were not sent within a day.
func (f *Files) dropUnsent(ctx context.Context, _ jobs.Job) (jobs.Effect, error) {
	before := desk.MicrosOf(f.cfg.Store.Now().Add(-keepUnsent))
	for {
		var n int
		err := f.cfg.Store.Write(ctx, func(tx *store.Tx) (err error) {
			var keys []string
			if keys, n, err = tx.DeleteUnsentAttachments(before, unsentBatch); err != nil {
				return err
			}
			return DiscardFiles(tx, keys)
		})
		if err != nil || n < unsentBatch {
			return nil, err
		}
	}
}

// dropOrphans deletes contents that no file names: a node died, or the blob store
// was away, between the content and its row. Young ones may be on their way.
func (f *Files) dropOrphans(ctx context.Context, _ jobs.Job) (jobs.Effect, error) {
	before := f.cfg.Store.Now().Add(-keepUnsent)
	for _, prefix := range []string{stagingPrefix, filesPrefix} {
		keys, ids := []string{}, []desk.ID{}
		drop := func() error {
			named, err := f.cfg.Store.Read(ctx).NamedContents(ids)
			if err != nil {
				return err
			}
			for _, k := range keys {
				if named[k] {
					continue
				}
				if err := f.cfg.Blobs.Delete(ctx, k); err != nil {
					return err
				}
			}
			keys, ids = keys[:0], ids[:0]
			return nil
		}
		err := f.cfg.Blobs.List(ctx, prefix, func(i blob.Info) error {
			id, ok := fileOf(i.Key)
			if !ok || i.Modified.After(before) {
				return nil
			}
			keys, ids = append(keys, i.Key), append(ids, id)
			if len(keys) < orphanBatch {
				return nil
			}
			return drop()
		})
		if err == nil {
			err = drop()
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}
