package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/veridesk/veridesk/internal/desk"
)

// Cost is what one argon2id hash takes.
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// OWASPCost is the first choice of the OWASP Password Storage Cheat Sheet for
// argon2id: 19 MiB, two passes, one lane.
var OWASPCost = Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1}

const (
	saltBytes   = 16
	hashBytes   = 32
	minPassword = 10  // runes
	maxPassword = 200 // runes; hashing time does not depend on it, reading it does
	// hashWait is how long a sign-in waits for its turn before it is told to
	// come again.
	hashWait = 5 * time.Second
)

// hasher makes and checks argon2id hashes, a few at a time: a flood of sign-ins
// waits for its turn instead of eating the machine's memory.
type hasher struct {
	cost  Cost
	turns chan struct{}
	dummy string // nobody's; checked when there is no such account, so that both cases take the same work
}

func newHasher(c Cost) *hasher {
	return &hasher{
		cost:  c,
		turns: make(chan struct{}, max(runtime.GOMAXPROCS(0), 1)),
		dummy: formatHash(c, randomBytes(saltBytes), randomBytes(hashBytes)),
	}
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) //nolint:errcheck // never fails: crypto/rand
	return b
}

func (h *hasher) turn(ctx context.Context) (done func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	select {
	case h.turns <- struct{}{}:
		return func() { <-h.turns }, nil
	case <-ctx.Done():
		return nil, &desk.Error{Code: desk.Unavailable, Message: "busy", RetryAfter: hashWait, Cause: ctx.Err()}
	}
}

// hash returns the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	c, salt := h.cost, randomBytes(saltBytes)
	return formatHash(c, salt, argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, hashBytes)), nil
}

func formatHash(c Cost, salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// verify reports whether password belongs to the stored hash, and whether the
// hash should be made anew because the cost has changed. An empty hash takes as
// long as any and never matches.
func (h *hasher) verify(ctx context.Context, stored, password string) (ok, outdated bool, err error) {
	real := stored != ""
	if !real {
		stored = h.dummy
	}
	c, salt, want, err := parseHash(stored)
	if err != nil {
		return false, false, err
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	got := argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1 && real, c != h.cost, nil
}

func parseHash(s string) (c Cost, salt, key []byte, err error) {
	bad := func(err error) (Cost, []byte, []byte, error) {
		return Cost{}, nil, nil, fmt.Errorf("a stored password hash cannot be read: %w", err)
	}
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return bad(fmt.Errorf("not argon2id of version %d", argon2.Version))
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return bad(err)
	}
	if c.MemoryKiB == 0 || c.MemoryKiB > 1<<20 || c.Passes == 0 || c.Passes > 64 || c.Lanes == 0 {
		return bad(fmt.Errorf("cost %+v is out of range", c))
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return bad(err)
	}
	if key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(key) < 16 {
		return bad(fmt.Errorf("key of %d bytes: %w", len(key), err))
	}
	return c, salt, key, nil
}

// easyPasswords are refused whatever surrounds them in digits and marks.
var easyPasswords = map[string]bool{
	"password": true, "passw0rd": true, "passwort": true, "qwertyuiop": true, "qwerty": true, "letmein": true, "welcome": true,
	"iloveyou": true, "administrator": true, "admin": true, "veridesk": true, "changeme": true, "asdfghjkl": true, "superman": true,
	"woaini": true, "secret": true, "support": true, "abc": true, "test": true, "": true,
}

// checkPassword judges a new password: long enough, not one that everybody
// tries first, not the owner's own name. There are no rules about kinds of
// characters (NIST SP 800-63B §3.1.1.2).
func checkPassword(field, password, email, name string) error {
	n := utf8.RuneCountInString(password)
	lower := strings.ToLower(password)
	local, _, _ := strings.Cut(email, "@")
	switch {
	case n < minPassword:
		return desk.Field(field, "password_short")
	case n > maxPassword:
		return desk.Field(field, "password_long")
	case easyPasswords[strings.Trim(lower, "0123456789!@#$%^&*()_-+=.,?~ ")], monotonous(lower):
		return desk.Field(field, "password_common")
	case email != "" && (lower == email || lower == local), name != "" && lower == strings.ToLower(name):
		return desk.Field(field, "password_personal")
	}
	return nil
}

// monotonous reports whether a text has too few different characters, or only
// counts up: 1111111111, abababab, 1234567890.
func monotonous(s string) bool {
	seen := map[rune]bool{}
	steps := true
	var prev rune
	for i, r := range s {
		if i > 0 && r != prev+1 && (prev != '9' || r != '0') {
			steps = false
		}
		prev = r
		seen[r] = true
	}
	return steps || len(seen) < 4
}
