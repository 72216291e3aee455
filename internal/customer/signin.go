package customer

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// signIn begins the session of a customer for whom the exchange vouches.
func (v *Visitors) signIn(ctx context.Context, b Beginning) (Session, error) {
	person, err := v.verify(ctx, b.JWT)
	if err != nil {
		return Session{}, err
	}
	before, tokenErr := v.read(b.Token)
	var contact *desk.Contact
	var merged []Merged
	err = v.store.Write(ctx, func(tx *store.Tx) error {
		merged = nil
		if contact, err = customerOf(tx, person, b.Locale); err != nil {
			return err
		}
		switch {
		case tokenErr != nil:
			return nil
		case before.customer:
			if before.contact == contact.ID {
				return nil
			}
			// Another customer's device until now: theirs it is no longer.
			return endToken(tx, b.Token, before)
		}
		merged, err = merge(tx, before.contact, contact)
		return err
	})
	if err != nil {
		return Session{}, err
	}
	v.announce(ctx, merged, before.customer)
	token, err := v.customerToken(contact.ID)
	if err != nil {
		return Session{}, err
	}
	return Session{Token: token, Contact: contact, ExpiresAt: desk.MicrosOf(v.store.Now().Add(CustomerLife)), Merged: len(merged)}, nil
}

// announce tells the house what a sign-in changed, after the commit.
func (v *Visitors) announce(ctx context.Context, merged []Merged, refresh bool) {
	if v.onMerged != nil {
		for _, m := range merged {
			v.onMerged(m)
		}
	}
	if refresh {
		if err := v.Refresh(ctx); err != nil {
			v.log.Warn("a customer's former token may be good here for another moment", "error", err)
		}
	}
}

// customerOf returns the contact of a customer, made now when there was none,
// with what the exchange says today. What it does not mention stays.
func customerOf(tx *store.Tx, p *Person, locale string) (*desk.Contact, error) {
	id, err := tx.ContactByIdentity(store.IdentityUID, p.UID)
	if desk.CodeOf(err) == desk.NotFound {
		id, err = newCustomer(tx, p.UID, locale)
	}
	if err != nil {
		return nil, err
	}
	c, err := tx.Contact(id)
	if err != nil {
		return nil, err
	}
	c.UID, c.Locale = p.UID, locale
	if p.Locale != "" {
		c.Locale = desk.KnownLocale(p.Locale)
	}
	desk.Set(&c.Name, p.Name)
	desk.Set(&c.Email, p.Email)
	desk.Set(&c.Tier, p.Tier)
	desk.Set(&c.Region, p.Region)
	if p.Entity != nil {
		if c.Entity, err = tx.KnownEntity(*p.Entity); err != nil {
			return nil, err
		}
	}
	return c, tx.UpdateContact(c)
}

func newCustomer(tx *store.Tx, uid, locale string) (desk.ID, error) {
	c := &desk.Contact{Kind: KindCustomer, UID: uid, Locale: locale}
	if err := tx.InsertContact(c); err != nil {
		return 0, err
	}
	owner, err := tx.ClaimIdentity(store.IdentityUID, uid, c.ID)
	if err == nil && owner != c.ID { // another device was a moment earlier
		err = tx.DeleteContact(c.ID)
	}
	return owner, err
}

// merge gives a visitor's conversations to the customer, with a note in each.
func merge(tx *store.Tx, visitor desk.ID, c *desk.Contact) ([]Merged, error) {
	moved, _, err := tx.MergeContact(visitor, c.ID)
	if err != nil {
		return nil, err
	}
	var out []Merged
	for _, id := range moved {
		noteID := tx.NewID()
		note := &desk.Message{
			ID: noteID, ConversationID: id, DedupeKey: "system:" + noteID.String(), AuthorKind: desk.BySystem, Visibility: desk.Note,
			Event: &desk.MessageEvent{Type: "signed_in", To: c.UID},
		}
		now := new(desk.Conversation)
		if err := tx.AppendMessage(note, now, -1); err != nil {
			return nil, err
		}
		now.Contact = c
		out = append(out, Merged{From: visitor, Conversation: now, Note: note})
	}
	return out, nil
}

// CustomerOf returns the contact that the exchange's token speaks of; zero when
// that customer has never signed in here.
func (v *Visitors) CustomerOf(ctx context.Context, jwt string) (desk.ID, error) {
	person, err := v.verify(ctx, jwt)
	if err != nil {
		return 0, err
	}
	id, err := v.store.Read(ctx).ContactByIdentity(store.IdentityUID, person.UID)
	if desk.CodeOf(err) == desk.NotFound {
		return 0, nil
	}
	return id, err
}

func (v *Visitors) verify(ctx context.Context, jwt string) (*Person, error) {
	if v.login == nil {
		return nil, refused("login_off", nil)
	}
	return v.login.Verify(ctx, jwt)
}
