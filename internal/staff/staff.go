package staff

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// Config is what the staff needs from the rest of the house.
type Config struct {
	Store *store.Store
	Vault *vault.Vault
	// PublicURL is where people reach us; its host name is the relying party of
	// passkeys, and links in mails begin with it.
	PublicURL string
	// Brand is the name that authenticators show.
	Brand string
	// EnqueueMail hands a mail to the jobs in the caller's transaction.
	// Templates and their data: "invitation" with link, role, invited_by,
	// expires_at (decimal microseconds).
	EnqueueMail func(tx *store.Tx, to, locale, template string, data map[string]string) error
	// SessionsEnded and AgentChanged, when set, are called after the commit, so
	// that live connections end as well.
	SessionsEnded func(sessions []desk.ID)
	AgentChanged  func(agent desk.ID)
	// PasswordCost is what a password hash costs; zero is [OWASPCost].
	PasswordCost Cost
	Logger       *slog.Logger // nil is slog.Default()
}

// Staff is the people of the desk. Its methods may be called from many
// goroutines.
type Staff struct {
	cfg      Config
	store    *store.Store
	hasher   *hasher
	cache    sessionCache
	passkeys *webauthn.WebAuthn // nil when the public address is no host name
	log      *slog.Logger
}

// New returns the staff of a store.
func New(cfg Config) (*Staff, error) {
	u, err := url.Parse(cfg.PublicURL)
	if err != nil || u.Host == "" {
		return nil, desk.Errorf(desk.Invalid, "the public address %q is not of the form https://host", cfg.PublicURL)
	}
	if cfg.Store == nil || cfg.Vault == nil || cfg.EnqueueMail == nil {
		return nil, errors.New("staff: Store, Vault and EnqueueMail are needed")
	}
	if cfg.PasswordCost == (Cost{}) {
		cfg.PasswordCost = OWASPCost
	}
	if cfg.Brand == "" {
		cfg.Brand = "Veridesk"
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.Default()
	}
	cfg.PublicURL = strings.TrimSuffix(cfg.PublicURL, "/")
	s := &Staff{cfg: cfg, store: cfg.Store, log: cfg.Logger, hasher: newHasher(cfg.PasswordCost)}
	if s.passkeys, err = newRelyingParty(u, cfg.Brand); err != nil {
		s.log.Warn("passkeys are off: the public address must have a host name", "public_url", cfg.PublicURL, "error", err)
	}
	return s, nil
}

// Client is where a request comes from.
type Client struct {
	IP        string
	UserAgent string
}

// system acts when nobody is signed in.
func (c Client) system(name string) store.Actor {
	return store.Actor{Kind: desk.BySystem, Name: name, IP: c.IP}
}

func (c Client) agent(a *desk.Agent) store.Actor {
	return store.Actor{Kind: desk.ByAgent, ID: a.ID, Name: a.Name, IP: c.IP}
}

// newToken returns a token of 256 random bits in base64url-safe text.
func newToken() string { return rand.Text() + rand.Text() }

// hashToken is how tokens are stored: they are random, so a plain hash cannot
// be searched backwards.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// normalEmail returns the address as stored, or an error about the field.
func normalEmail(email string) (string, error) {
	e := strings.ToLower(strings.TrimSpace(email))
	a, err := mail.ParseAddress(e)
	if err != nil || a.Address != e || len(e) > 254 {
		return "", desk.Field("email", "field_email")
	}
	return e, nil
}

// normalName trims a name and refuses what would break a list or a mail header.
func normalName(field, name string, maxRunes int) (string, error) {
	n := strings.Join(strings.Fields(name), " ")
	switch {
	case n == "":
		return "", desk.Field(field, "field_required")
	case utf8.RuneCountInString(n) > maxRunes:
		return "", desk.Field(field, "field_too_long")
	case strings.ContainsFunc(n, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }):
		return "", desk.Field(field, "field_invalid")
	}
	return n, nil
}

func (s *Staff) ago(d time.Duration) desk.Micros { return desk.MicrosOf(s.store.Now().Add(-d)) }

func (s *Staff) in(d time.Duration) desk.Micros { return desk.MicrosOf(s.store.Now().Add(d)) }

// change is how an audit row tells a value's way.
func change(from, to any) map[string]any { return map[string]any{"from": from, "to": to} }
