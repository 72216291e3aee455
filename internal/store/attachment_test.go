package store_test

import (
	"slices"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// What is deleted must say where all of its bytes are, or they stay for ever.
func TestDeletedFilesNameTheirContents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := &store.Attachment{OwnerKind: desk.ByAgent, OwnerID: 7, ClientID: "a", Name: "a.png", Size: 30}
		done := &store.Attachment{OwnerKind: desk.ByAgent, OwnerID: 7, ClientID: "b", Name: "b.png", Size: 10}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			for _, f := range []*store.Attachment{a, done} {
				if _, err := tx.InsertAttachment(f); err != nil {
					return err
				}
			}
			for i, start := range []int64{0, 10} {
				if _, err := tx.AddAttachmentPiece(a.ID, store.AttachmentPiece{Start: start, Size: 10, BlobKey: []string{"p1", "p2"}[i]}); err != nil {
					return err
				}
			}
			f, err := tx.AddAttachmentPiece(done.ID, store.AttachmentPiece{Size: 10, BlobKey: "gone"})
			if err != nil {
				return err
			}
			f.State, f.BlobKey, f.PreviewKey = store.AttachmentReady, "whole", "small"
			return tx.FinishAttachment(f)
		})
		if err != nil {
			t.Fatal(err)
		}
		named, err := s.Read(t.Context()).NamedContents([]desk.ID{a.ID, done.ID, 99})
		if err != nil || len(named) != 4 || !named["p1"] || !named["p2"] || !named["whole"] || !named["small"] {
			t.Errorf("named: %v, %v", named, err)
		}
		for _, wrong := range []store.AttachmentPiece{{Start: 10, Size: 10}, {Start: 20, Size: 11}, {Start: 25, Size: 5}} {
			err := s.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.AddAttachmentPiece(a.ID, wrong); return err })
			if desk.CodeOf(err) != desk.NotFound {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		var keys []string
		err = s.Write(t.Context(), func(tx *store.Tx) (err error) {
			if _, err := tx.DeleteUnsentAttachment(desk.ByContact, 7, a.ID); desk.CodeOf(err) != desk.NotFound {
				t.Errorf("a contact of the agent's number: %v", err)
			}
			if keys, err = tx.DeleteUnsentAttachment(desk.ByAgent, 7, a.ID); err != nil {
				return err
			}
			more, n, err := tx.DeleteUnsentAttachments(tx.Now()+1, 10)
			if n != 1 {
				t.Errorf("%d files", n)
			}
			keys = append(keys, more...)
			return err
		})
		slices.Sort(keys)
		if err != nil || !slices.Equal(keys, []string{"p1", "p2", "small", "whole"}) {
			t.Errorf("to delete: %v, %v", keys, err)
		}
	})
}
