package customer

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-jose/go-jose/v4"
	josejson "github.com/go-jose/go-jose/v4/json"

	"github.com/veridesk/veridesk/internal/desk"
)

// What a token of the exchange may be at most.
const (
	maxLogin     = 8 << 10         // bytes
	maxLoginLife = time.Hour       // from iat to exp
	clockLeeway  = 1 * time.Minute // between the exchange's clock and ours
	maxUID       = 128             // runes
)

// minSecret is the least length of a shared key in bytes: RFC 7518 §3.2.
const minSecret = 32

// LoginConfig says whose tokens sign customers in. Exactly one of JWKSURL,
// JWKSFile and Secret is given.
type LoginConfig struct {
	JWKSURL  string // public keys (EdDSA, RS256), fetched again now and then
	JWKSFile string // the same in a file, read again when it changes
	Secret   string // shared key (HS256) of at least 32 bytes
	Audience string // that tokens must name
	Issuer   string // that tokens must name; "": any
	// Client fetches JWKSURL; nil: one of its own.
	Client *http.Client
	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: slog.Default
}

// Login checks the tokens by which an exchange says who its customer is: a JWT
// (RFC 7519) with sub, aud, iat and exp. Its methods may be called from many
// goroutines.
type Login struct {
	cfg  LoginConfig
	algs []jose.SignatureAlgorithm
	keys keySource
	log  *slog.Logger
}

// NewLogin checks cfg. Keys are read by [Login.Run] and when a token needs them.
func NewLogin(cfg LoginConfig) (*Login, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l := &Login{cfg: cfg, log: cfg.Logger, algs: []jose.SignatureAlgorithm{jose.EdDSA, jose.RS256}}
	if l.log == nil {
		l.log = slog.Default()
	}
	given := slices.DeleteFunc([]string{cfg.JWKSURL, cfg.JWKSFile, cfg.Secret}, func(s string) bool { return s == "" })
	switch {
	case len(given) != 1:
		return nil, desk.Errorf(desk.Invalid, "the sign-in of customers needs one of an address of keys, a file of keys and a shared key")
	case cfg.Audience == "":
		return nil, desk.Errorf(desk.Invalid, "the sign-in of customers needs an audience")
	case cfg.Secret != "" && len(cfg.Secret) < minSecret:
		return nil, desk.Errorf(desk.Invalid, "the shared key of the sign-in of customers is shorter than %d bytes", minSecret)
	case cfg.Secret != "":
		l.algs = []jose.SignatureAlgorithm{jose.HS256}
		l.keys = sharedKey(cfg.Secret)
	case cfg.JWKSFile != "":
		l.keys = newKeyCache(fileOfKeys(cfg.JWKSFile), fileTiming, cfg.Now, l.log)
	default:
		l.keys = newKeyCache(addressOfKeys(cfg.JWKSURL, cfg.Client), addressTiming, cfg.Now, l.log)
	}
	return l, nil
}

// Run keeps the keys up to date until ctx ends.
func (l *Login) Run(ctx context.Context) { l.keys.run(ctx) }

// Check reads the keys once, for whoever sets the desk up: what can be used, and
// why the rest of the set cannot.
func (l *Login) Check(ctx context.Context) (names []string, left []error, err error) {
	return l.keys.check(ctx)
}

// Person is a customer as the exchange describes them. A nil field was not
// mentioned.
type Person struct {
	UID    string
	Locale string // as given; "": not mentioned
	Email  *string
	Name   *string
	Tier   *string
	Entity *string
	Region *string
}

// IsLogin reports whether a bearer token has the shape of the exchange's and not
// of one of ours.
func IsLogin(bearer string) bool { return strings.Count(bearer, ".") == 2 }

// refused is the error for a token that is not accepted: the class of the
// reason for the sender, the cause for the log.
func refused(class string, cause error) error {
	return &desk.Error{Code: desk.Unauthorized, Message: class, Cause: cause}
}

// Verify returns who a token speaks of. The error is Unauthorized; its message
// is a class of reasons: login_malformed, login_key, login_signature,
// login_claims, login_audience, login_issuer, login_subject, login_expired,
// login_early, login_long.
func (l *Login) Verify(ctx context.Context, token string) (*Person, error) {
	if len(token) > maxLogin {
		return nil, refused("login_malformed", errors.New("too long"))
	}
	if strings.IndexFunc(token, func(r rune) bool { return r > '~' || r <= ' ' }) >= 0 {
		return nil, refused("login_malformed", errors.New("not base64url")) // the decoder would skip line breaks
	}
	// The list of algorithms is ours. What the token says about its own key (jwk,
	// jku, x5u, x5c) is never looked at: only its kid, to choose among our keys.
	signed, err := jose.ParseSignedCompact(token, l.algs)
	if wrong := new(jose.ErrUnexpectedSignatureAlgorithm); errors.As(err, &wrong) {
		return nil, refused("login_key", err)
	}
	if err != nil || len(signed.Signatures) != 1 {
		return nil, refused("login_malformed", err)
	}
	header := signed.Signatures[0].Protected
	key, err := l.keys.find(ctx, header.KeyID, jose.SignatureAlgorithm(header.Algorithm))
	if err != nil {
		return nil, refused("login_key", err)
	}
	payload, err := signed.Verify(key)
	if err != nil {
		return nil, refused("login_signature", err)
	}
	// This decoder, unlike the standard library's, tells Sub from sub and refuses
	// names that are there twice.
	var c claims
	if err := josejson.Unmarshal(payload, &c); err != nil {
		return nil, refused("login_claims", err)
	}
	if class := c.wrong(l.cfg.Audience, l.cfg.Issuer, l.cfg.Now()); class != "" {
		return nil, refused(class, nil)
	}
	return c.person(), nil
}

// claims is the payload of a token.
type claims struct {
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	Issuer    string   `json:"iss"`
	IssuedAt  *float64 `json:"iat"`
	Expires   *float64 `json:"exp"`
	NotBefore *float64 `json:"nbf"`
	Email     *string  `json:"email"`
	Name      *string  `json:"name"`
	Locale    string   `json:"locale"`
	Tier      *string  `json:"tier"`
	Entity    *string  `json:"entity"`
	Region    *string  `json:"region"`
}

// audience is one name or a list of them: RFC 7519 §4.1.3.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if err := josejson.Unmarshal(b, &one); err == nil {
		*a = audience{one}
		return nil
	}
	return josejson.Unmarshal(b, (*[]string)(a))
}

// wrong returns the class of what is wrong with the claims at now, or "".
func (c *claims) wrong(audience, issuer string, now time.Time) string {
	issued, ok := moment(c.IssuedAt)
	expires, ok2 := moment(c.Expires)
	switch {
	case !slices.Contains(c.Audience, audience):
		return "login_audience"
	case issuer != "" && c.Issuer != issuer:
		return "login_issuer"
	case !ok || !ok2 || !expires.After(issued):
		return "login_claims"
	case expires.Sub(issued) > maxLoginLife:
		return "login_long"
	case !now.Before(expires.Add(clockLeeway)):
		return "login_expired"
	case issued.After(now.Add(clockLeeway)):
		return "login_early"
	}
	if c.NotBefore != nil {
		from, ok := moment(c.NotBefore)
		switch {
		case !ok:
			return "login_claims"
		case from.After(now.Add(clockLeeway)):
			return "login_early"
		}
	}
	if !plainName(c.Subject, maxUID) {
		return "login_subject"
	}
	return ""
}

// moment reads a NumericDate: seconds, perhaps with a fraction.
func moment(seconds *float64) (time.Time, bool) {
	const year9999 = 253402300799
	if seconds == nil || *seconds < 0 || *seconds > year9999 {
		return time.Time{}, false
	}
	whole, part := math.Modf(*seconds)
	return time.Unix(int64(whole), int64(part*1e9)), true
}

// plainName reports whether s can name somebody: 1 to most runes that can be
// seen, with none at the ends that cannot.
func plainName(s string, most int) bool {
	if s == "" || s != strings.TrimSpace(s) || utf8.RuneCountInString(s) > most {
		return false
	}
	// U+FFFD is what broken UTF-8 becomes: two UIDs must not become one. Format
	// characters (Cf) cannot be seen, so that two UIDs would look like one.
	return strings.IndexFunc(s, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}) < 0
}

func (c *claims) person() *Person {
	p := &Person{
		UID: c.Subject, Locale: c.Locale,
		Name: line(c.Name, 100), Tier: line(c.Tier, 40), Entity: line(c.Entity, 64), Region: line(c.Region, 64),
	}
	if c.Email != nil {
		// What is no address is none; the customer is who they are all the same.
		if a, err := mail.ParseAddress(*c.Email); *c.Email == "" || (err == nil && a.Address == *c.Email && len(a.Address) <= 254) {
			p.Email = c.Email
		}
	}
	return p
}

// line makes a text of one line and at most so many runes.
func line(s *string, most int) *string {
	if s == nil {
		return nil
	}
	runes := []rune(strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, *s)))
	out := string(runes[:min(len(runes), most)])
	return &out
}
