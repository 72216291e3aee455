package inbox

import (
	"context"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/mailout"
	"github.com/veridesk/veridesk/internal/store"
)

// retiredBatch is how many conversations go at once: no writer waits long.
const retiredBatch = 50

// retire erases conversations that were kept long enough after their end.
func (in *Inbox) retire(ctx context.Context, _ jobs.Job) (jobs.Effect, error) {
	if in.out.RetentionDays <= 0 {
		return nil, nil
	}
	before := desk.MicrosOf(in.store.Now().Add(-time.Duration(in.out.RetentionDays) * 24 * time.Hour))
	for {
		ids, err := in.store.Read(ctx).ErasableConversations(before, retiredBatch)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			break
		}
		n, err := in.erase(ctx, ids, before)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			break // all of them were opened again this very moment; tomorrow is another day
		}
	}
	return func(tx *store.Tx) error { return tx.EraseMails(mailout.Kind, before) }, nil
}

// erase erases a batch and returns how many conversations it had. The words go
// out of the index first, while they are known. Files are deleted by a job, so
// that neither a crash nor storage that is away leaves one behind.
func (in *Inbox) erase(ctx context.Context, ids []desk.ID, before desk.Micros) (int, error) {
	messages, err := in.store.Read(ctx).MessagesOf(ids)
	if err != nil {
		return 0, err
	}
	if err := in.index.Forget(ctx, messages); err != nil {
		return 0, err
	}
	var gone store.Erased
	err = in.store.Write(ctx, func(tx *store.Tx) (err error) {
		if gone, err = tx.EraseConversations(ids, before); err != nil || len(gone.Conversations) == 0 {
			return err
		}
		if err := DiscardFiles(tx, gone.Blobs); err != nil {
			return err
		}
		return tx.Audit(store.Actor{Kind: desk.BySystem, Name: "retention"}, "conversation.erased", "retention", 0, map[string]any{
			"conversations": len(gone.Conversations), "messages": gone.Messages, "contacts": gone.Contacts, "files": len(gone.Blobs), "days": in.out.RetentionDays,
		})
	})
	if err != nil {
		return 0, err
	}
	in.restore(messages, gone.Conversations)
	return len(gone.Conversations), nil
}

// restore puts back into the index what was opened again and therefore kept.
func (in *Inbox) restore(messages []*desk.Message, gone []desk.ID) {
	erased := map[desk.ID]bool{}
	for _, id := range gone {
		erased[id] = true
	}
	for _, m := range messages {
		if !erased[m.ConversationID] {
			in.index.Feed(m)
		}
	}
}
