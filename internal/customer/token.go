package customer

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// How long tokens are good for.
const (
	// TokenLife is a visitor's, after it was last renewed.
	TokenLife = 180 * 24 * time.Hour
	// CustomerLife is a customer's. Only the exchange's word makes another one.
	CustomerLife = 12 * time.Hour
)

// kind tells tokens apart: their beginning, what they are signed for, and how
// much they hold.
type kind struct {
	prefix  string
	purpose string
	claim   int // bytes
	life    time.Duration
}

var (
	// Contact, moment of issue in microseconds; big endian.
	visitorToken = kind{"vst_", "visitor token v1", 16, TokenLife}
	// The same and eight random bytes, so that two devices that sign in at one
	// instant can sign out one by one.
	customerToken = kind{"cst_", "customer token v1", 24, CustomerLife}
)

const macBytes = 32

// claim is what a good token says.
type claim struct {
	contact  desk.ID
	customer bool
	until    time.Time
}

// Token returns a visitor's token for a contact: "vst_" and base64url of the
// contact's id, the moment of issue and an HMAC-SHA256 of both.
func (v *Visitors) Token(contact desk.ID) string {
	return v.sign(visitorToken, v.claim(visitorToken, contact))
}

func (v *Visitors) customerToken(contact desk.ID) (string, error) {
	c := v.claim(customerToken, contact)
	var unique [8]byte
	if _, err := io.ReadFull(v.random, unique[:]); err != nil {
		return "", err
	}
	return v.sign(customerToken, append(c, unique[:]...)), nil
}

func (v *Visitors) claim(k kind, contact desk.ID) []byte {
	c := make([]byte, 0, k.claim+macBytes)
	c = binary.BigEndian.AppendUint64(c, uint64(contact))
	return binary.BigEndian.AppendUint64(c, uint64(desk.MicrosOf(v.store.Now())))
}

func (v *Visitors) sign(k kind, c []byte) string {
	return k.prefix + base64.RawURLEncoding.EncodeToString(append(c, v.vault.Sign(k.purpose, c)...))
}

var errToken = desk.Errorf(desk.Unauthorized, "visitor_token_bad")

// read returns what a token says. It does not ask the database.
func (v *Visitors) read(token string) (claim, error) {
	k := visitorToken
	text, ok := strings.CutPrefix(token, k.prefix)
	if !ok {
		k = customerToken
		if text, ok = strings.CutPrefix(token, k.prefix); !ok {
			return claim{}, errToken
		}
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != k.claim+macBytes || !v.vault.Verify(k.purpose, raw[:k.claim], raw[k.claim:]) {
		return claim{}, errToken
	}
	until := desk.Micros(binary.BigEndian.Uint64(raw[8:16])).Time().Add(k.life)
	// A token from the future is as good as any: a clock was set back.
	if v.store.Now().After(until) || v.ended.has(hashOf(token)) {
		return claim{}, errToken
	}
	return claim{desk.ID(binary.BigEndian.Uint64(raw[:8])), k.prefix == customerToken.prefix, until}, nil
}

// hash stands for a token where the token itself must not be kept.
type hash [sha256.Size]byte

func hashOf(token string) hash { return sha256.Sum256([]byte(token)) }

// String returns the hash in hexadecimal digits.
func (h hash) String() string { return hex.EncodeToString(h[:]) }

// ContactOf returns the contact that a token stands for. It does not ask the
// database. Any defect of the token is the same Unauthorized error.
func (v *Visitors) ContactOf(token string) (desk.ID, error) {
	c, err := v.read(token)
	return c.contact, err
}

// Until returns when a customer's token ends by itself. It is zero for tokens
// that are not good, and for a visitor's, which is renewed by being used.
func (v *Visitors) Until(token string) time.Time {
	c, err := v.read(token)
	if err != nil || !c.customer {
		return time.Time{}
	}
	return c.until
}
