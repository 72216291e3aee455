package store_test

import (
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// What a visitor had on its way, files, a rating, a browser to be woken, goes
// along when they sign in; also when the device has used a name twice.
func TestMergeTakesAlongWhatTheVisitorHas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		visitor, customer := &desk.Contact{Kind: "visitor", Locale: "en"}, &desk.Contact{Kind: "customer", UID: "88001234", Locale: "en"}
		file := func(owner desk.ID, client string) *store.Attachment {
			return &store.Attachment{OwnerKind: desk.ByContact, OwnerID: owner, ClientID: client, Name: "a.png", Size: 1}
		}
		var sent, twice, theirs *store.Attachment
		c := &desk.Conversation{Channel: desk.Chat, Status: desk.Open, Priority: desk.Normal, Locale: "en"}
		write(t, s, func(tx *store.Tx) error {
			visitor.ID, customer.ID, c.ID = 0, 0, 0
			for _, p := range []*desk.Contact{visitor, customer} {
				if err := tx.InsertContact(p); err != nil {
					return err
				}
			}
			sent, twice, theirs = file(visitor.ID, "upload-0001"), file(visitor.ID, "upload-0002"), file(customer.ID, "upload-0002")
			for _, a := range []*store.Attachment{sent, twice, theirs} {
				if _, err := tx.InsertAttachment(a); err != nil {
					return err
				}
			}
			c.ContactID = visitor.ID
			if err := tx.InsertConversation(c, store.ChatKeyPrefix(visitor.ID)+"device-0001", ""); err != nil {
				return err
			}
			if err := tx.PutRating(&store.Rating{ConversationID: c.ID, ContactID: visitor.ID, Score: 5}); err != nil {
				return err
			}
			return tx.PutPush(&store.PushSubscription{ContactID: visitor.ID, EndpointHash: "h", Wrapped: []byte("w"), Locale: "en"})
		})
		var moved []desk.ID
		merge := func(from desk.ID) (merged bool) {
			write(t, s, func(tx *store.Tx) (err error) {
				moved, merged, err = tx.MergeContact(from, customer.ID)
				return err
			})
			return merged
		}
		if !merge(visitor.ID) || len(moved) != 1 || moved[0] != c.ID {
			t.Errorf("moved %v", moved)
		}
		if merge(visitor.ID) || merge(customer.ID) || merge(12345) {
			t.Error("what is no visitor any more, or never was, was merged")
		}
		q := s.Read(t.Context())
		for _, a := range []*store.Attachment{sent, twice, theirs} {
			if _, err := q.AttachmentOf(desk.ByContact, customer.ID, a.ID); err != nil {
				t.Errorf("file %s: %v", a.ClientID, err)
			}
		}
		if r, err := q.Rating(c.ID); err != nil || r.ContactID != customer.ID {
			t.Errorf("rating %+v, %v", r, err)
		}
		if p, err := q.Pushes(customer.ID); err != nil || len(p) != 1 {
			t.Errorf("browsers to be woken: %v, %v", p, err)
		}
		// What begins in the visitor's name has no home any more.
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			return tx.InsertConversation(&desk.Conversation{Channel: desk.Chat, ContactID: visitor.ID, Status: desk.Open, Locale: "en"}, "k", "")
		})
		if desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("a conversation of the merged visitor: %v", err)
		}
	})
}

// The badge counts what agents wrote and the contact has not seen: no notes, no
// system messages, nobody else's.
func TestUnreadCountsAnswersOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		contact := &desk.Contact{Kind: "customer", Locale: "en"}
		var ids []desk.ID
		add := func(tx *store.Tx, to desk.ID, by desk.AuthorKind, v desk.Visibility) error {
			m := &desk.Message{ConversationID: to, AuthorKind: by, AuthorID: 7, Visibility: v, Body: "x"}
			if by == desk.ByContact {
				m.AuthorID = contact.ID
			}
			m.ID = tx.NewID()
			m.DedupeKey = m.ID.String()
			return tx.AppendMessage(m, new(desk.Conversation), -1)
		}
		write(t, s, func(tx *store.Tx) error {
			ids, contact.ID = nil, 0
			if err := tx.InsertContact(contact); err != nil {
				return err
			}
			for range 2 {
				c := &desk.Conversation{Channel: desk.Chat, ContactID: contact.ID, Status: desk.Open, Locale: "en"}
				if err := tx.InsertConversation(c, tx.NewID().String(), ""); err != nil {
					return err
				}
				ids = append(ids, c.ID)
				if err := add(tx, c.ID, desk.ByContact, desk.Public); err != nil {
					return err
				}
			}
			for _, m := range []struct {
				by desk.AuthorKind
				v  desk.Visibility
			}{{desk.ByAgent, desk.Public}, {desk.ByAgent, desk.Note}, {desk.BySystem, desk.Public}, {desk.ByAgent, desk.Public}} {
				if err := add(tx, ids[0], m.by, m.v); err != nil {
					return err
				}
			}
			return nil
		})
		if u, err := s.Read(t.Context()).UnreadBy(contact.ID); err != nil || u != (store.Unread{Messages: 2, Conversations: 1}) {
			t.Errorf("%+v, %v", u, err)
		}
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.MarkReadByContact(contact.ID, ids[0], 5)
			return err
		})
		if u, err := s.Read(t.Context()).UnreadBy(contact.ID); err != nil || u != (store.Unread{}) {
			t.Errorf("having read: %+v, %v", u, err)
		}
		if u, err := s.Read(t.Context()).UnreadBy(0); err != nil || u != (store.Unread{}) {
			t.Errorf("nobody: %+v, %v", u, err)
		}
	})
}
