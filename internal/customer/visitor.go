package customer

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// TokenLife is how long a visitor token is good for after it was last renewed.
const TokenLife = 180 * 24 * time.Hour

const (
	tokenPrefix  = "vst_"
	tokenPurpose = "visitor token v1"
	claimBytes   = 16 // contact id, moment of issue in microseconds; big endian
	macBytes     = 32
)

// Visitors hands out and checks visitor tokens.
type Visitors struct {
	store *store.Store
	vault *vault.Vault
}

// NewVisitors returns Visitors whose tokens are signed with a key derived from v.
func NewVisitors(s *store.Store, v *vault.Vault) *Visitors { return &Visitors{s, v} }

// Token returns a token that stands for a contact: "vst_" and base64url of the
// contact's id, the moment of issue and an HMAC-SHA256 of both.
func (v *Visitors) Token(contact desk.ID) string {
	claim := make([]byte, 0, claimBytes+macBytes)
	claim = binary.BigEndian.AppendUint64(claim, uint64(contact))
	claim = binary.BigEndian.AppendUint64(claim, uint64(desk.MicrosOf(v.store.Now())))
	claim = append(claim, v.vault.Sign(tokenPurpose, claim)...)
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(claim)
}

var errToken = desk.Errorf(desk.Unauthorized, "visitor_token_bad")

// ContactOf returns the contact that a token stands for. It does not ask the
// database. Any defect of the token is the same Unauthorized error.
func (v *Visitors) ContactOf(token string) (desk.ID, error) {
	text, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok {
		return 0, errToken
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != claimBytes+macBytes {
		return 0, errToken
	}
	if !v.vault.Verify(tokenPurpose, raw[:claimBytes], raw[claimBytes:]) {
		return 0, errToken
	}
	issued := desk.Micros(binary.BigEndian.Uint64(raw[8:claimBytes])).Time()
	// A token from the future is as good as any: a clock was set back.
	if v.store.Now().Sub(issued) > TokenLife {
		return 0, errToken
	}
	return desk.ID(binary.BigEndian.Uint64(raw[:8])), nil
}

// Session is what a visitor's device begins with.
type Session struct {
	Token   string        `json:"token" doc:"bearer token for the visitor API and for realtime"`
	Contact *desk.Contact `json:"contact"`
}

// Begin starts or renews a visitor's session. A token that is still good keeps
// its contact; anything else makes a new one.
func (v *Visitors) Begin(ctx context.Context, token, locale, entity, region string) (Session, error) {
	var contact *desk.Contact
	known, tokenErr := v.ContactOf(token)
	err := v.store.Write(ctx, func(tx *store.Tx) error {
		if tokenErr == nil {
			switch err := tx.TouchContact(known, locale); desk.CodeOf(err) {
			case "":
				c, err := tx.Contact(known)
				contact = c
				return err
			case desk.NotFound: // erased meanwhile
			default:
				return err
			}
		}
		contact = &desk.Contact{Kind: "visitor", Locale: locale, Entity: entity, Region: region}
		return tx.InsertContact(contact)
	})
	if err != nil {
		return Session{}, err
	}
	return Session{Token: v.Token(contact.ID), Contact: contact}, nil
}
