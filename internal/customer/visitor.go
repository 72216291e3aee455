package customer

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// The kinds of contact.
const (
	KindVisitor  = "visitor"  // says who it is; nobody vouches for it
	KindCustomer = "customer" // the exchange says who it is
)

// Config is what Visitors need.
type Config struct {
	Store *store.Store
	Vault *vault.Vault // signs tokens
	// Login checks the exchange's tokens; nil: customers cannot sign in.
	Login *Login
	// Ended, if any, is told of tokens that ended before their time, on whatever
	// node: their live connections must end. hash is the SHA-256 of the token in
	// hexadecimal digits.
	Ended func(contact desk.ID, hash string)
	// Merged, if any, is told of every conversation that moved from a visitor to a
	// customer, after the commit.
	Merged func(Merged)
	Logger *slog.Logger // nil: slog.Default
}

// Merged is a conversation that is a customer's now. Conversation has its
// contact and stands as after Note, which tells the desk.
type Merged struct {
	From         desk.ID // the visitor
	Conversation *desk.Conversation
	Note         *desk.Message
}

// Visitors hands out and checks the tokens of visitors and customers.
type Visitors struct {
	store    *store.Store
	vault    *vault.Vault
	login    *Login
	ended    endedTokens
	onEnded  func(desk.ID, string)
	onMerged func(Merged)
	log      *slog.Logger
	random   io.Reader
}

// New returns Visitors whose tokens are signed with keys derived from cfg.Vault.
// Call [Visitors.Refresh] before serving, so that tokens that ended stay ended.
func New(cfg Config) *Visitors {
	v := &Visitors{
		store: cfg.Store, vault: cfg.Vault, login: cfg.Login, onEnded: cfg.Ended, onMerged: cfg.Merged, log: cfg.Logger, random: rand.Reader,
	}
	if v.log == nil {
		v.log = slog.Default()
	}
	return v
}

// NewVisitors returns Visitors for an installation whose customers cannot sign in.
func NewVisitors(s *store.Store, v *vault.Vault) *Visitors { return New(Config{Store: s, Vault: v}) }

// CanSignIn reports whether the exchange can sign its customers in here.
func (v *Visitors) CanSignIn() bool { return v.login != nil }

// Session is what a visitor's device begins with.
type Session struct {
	Token     string
	Contact   *desk.Contact
	ExpiresAt desk.Micros // of the token
	Merged    int         // conversations that moved from the visitor to the customer
}

// Beginning is what a device says when it begins.
type Beginning struct {
	Token  string // that it has from the last time; may be empty or bad
	JWT    string // the exchange's token about the customer; "": nobody signs in
	Locale string // one of desk.Locales
	Entity string // of a new visitor; unknown ones count as none
	Region string
}

// Begin starts or renews a session. With a JWT it is the customer's, and what
// the visitor of the token has becomes theirs; a bad JWT is Unauthorized, with a
// message that names the class of the reason. Without one, a token that is still
// good keeps its contact (a customer's is not renewed by that), and anything
// else makes a new visitor.
func (v *Visitors) Begin(ctx context.Context, b Beginning) (Session, error) {
	if b.JWT != "" {
		return v.signIn(ctx, b)
	}
	known, tokenErr := v.read(b.Token)
	var contact *desk.Contact
	kept := false
	err := v.store.Write(ctx, func(tx *store.Tx) (err error) {
		kept = false
		if tokenErr == nil {
			switch err := tx.TouchContact(known.contact, b.Locale); desk.CodeOf(err) {
			case "":
				kept = true
				contact, err = tx.Contact(known.contact)
				return err
			case desk.NotFound: // erased meanwhile, or a customer's now
			default:
				return err
			}
		}
		contact = &desk.Contact{Kind: KindVisitor, Locale: b.Locale, Region: b.Region}
		if contact.Entity, err = tx.KnownEntity(b.Entity); err != nil {
			return err
		}
		return tx.InsertContact(contact)
	})
	if err != nil {
		return Session{}, err
	}
	if kept && known.customer {
		return Session{Token: b.Token, Contact: contact, ExpiresAt: desk.MicrosOf(known.until)}, nil
	}
	return Session{Token: v.Token(contact.ID), Contact: contact, ExpiresAt: desk.MicrosOf(v.store.Now().Add(TokenLife))}, nil
}
