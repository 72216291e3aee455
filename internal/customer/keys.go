package customer

import (
	"context"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	maxKeySet    = 256 << 10 // bytes
	fetchTimeout = 5 * time.Second
	minRSABits   = 2048
)

// keySource holds the keys that tokens are checked with.
type keySource interface {
	// find returns the key of this name and algorithm. "" names the only key of
	// the algorithm.
	find(ctx context.Context, kid string, alg jose.SignatureAlgorithm) (any, error)
	run(ctx context.Context)
	// check reads the keys now, for whoever sets the desk up.
	check(ctx context.Context) (names []string, left []error, err error)
}

var errNoKey = errors.New("no such key")

// sharedKey is the key of HS256. It has no name: a token may give any.
type sharedKey []byte

func (k sharedKey) find(context.Context, string, jose.SignatureAlgorithm) (any, error) {
	return []byte(k), nil
}

func (k sharedKey) run(context.Context) {}

func (k sharedKey) check(context.Context) ([]string, []error, error) {
	return []string{"a shared key (HS256)"}, nil, nil
}

// keyName is what a key is found by. The algorithm belongs to the key: a token
// cannot have it used for another.
type keyName struct {
	kid string
	alg jose.SignatureAlgorithm
}

// parseKeys reads a JWK Set (RFC 7517 §5). Keys that are no public keys of EdDSA
// or RS256 for signatures are left out, and why is told for the log.
func parseKeys(text []byte) (keys map[keyName]any, left []error, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, nil, fmt.Errorf("it is not a JWK set: %w", err)
	}
	keys = map[keyName]any{}
	for i, raw := range set.Keys {
		name, key, err := parseKey(raw)
		if err == nil && keys[name] != nil {
			err = fmt.Errorf("kid %q is there twice for %s", name.kid, name.alg)
		}
		if err != nil {
			left = append(left, fmt.Errorf("key %d: %w", i+1, err))
			continue
		}
		keys[name] = key
	}
	if len(keys) == 0 {
		return nil, left, errors.Join(append([]error{errors.New("it has no public key for EdDSA (Ed25519) or RS256 (2048 bits or more)")}, left...)...)
	}
	return keys, left, nil
}

func parseKey(raw []byte) (keyName, any, error) {
	var k jose.JSONWebKey
	if err := k.UnmarshalJSON(raw); err != nil {
		return keyName{}, nil, err
	}
	name := keyName{kid: k.KeyID}
	switch key := k.Key.(type) {
	case ed25519.PublicKey:
		name.alg = jose.EdDSA
	case *rsa.PublicKey:
		name.alg = jose.RS256
		if key.N.BitLen() < minRSABits {
			return name, nil, fmt.Errorf("RSA of %d bits is too short", key.N.BitLen())
		}
	default:
		if !k.IsPublic() {
			return name, nil, errors.New("it is not public: a set must hold public keys only; if others can read it, replace the key")
		}
		return name, nil, fmt.Errorf("a key of type %T is not used here", k.Key)
	}
	if k.Use != "" && k.Use != "sig" {
		return name, nil, fmt.Errorf("its use is %q, not sig", k.Use)
	}
	if k.Algorithm != "" && k.Algorithm != string(name.alg) {
		return name, nil, fmt.Errorf("its algorithm is %q, not %s", k.Algorithm, name.alg)
	}
	return name, k.Key, nil
}

// fetch reads a key set; nil without an error says that it is as before.
type fetch func(ctx context.Context) ([]byte, error)

// timing is how often a key set is read: every so often at any rate, and for a
// kid that is not known not more often than gap.
type timing struct{ every, gap time.Duration }

var (
	addressTiming = timing{10 * time.Minute, time.Minute}
	fileTiming    = timing{time.Second, time.Second}
)

// retry is how soon a set that could not be read at all is tried again.
const retry = 5 * time.Second

// keyCache keeps the last good set in memory. A set that is away or broken
// changes nothing.
type keyCache struct {
	fetch  fetch
	timing timing
	now    func() time.Time
	log    *slog.Logger

	mu      sync.Mutex
	keys    map[keyName]any
	tried   time.Time
	failing bool
	reading chan struct{} // closed when the reading under way ends; nil: none is
}

func newKeyCache(f fetch, t timing, now func() time.Time, log *slog.Logger) *keyCache {
	return &keyCache{fetch: f, timing: t, now: now, log: log}
}

func (c *keyCache) find(ctx context.Context, kid string, alg jose.SignatureAlgorithm) (any, error) {
	key, reading := c.look(kid, alg)
	if key != nil || reading == nil {
		return keyOr(key)
	}
	select {
	case <-reading:
		key, _ = c.look(kid, alg)
		return keyOr(key)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func keyOr(key any) (any, error) {
	if key == nil {
		return nil, errNoKey
	}
	return key, nil
}

// look returns the key, or the end of a reading that may bring it.
func (c *keyCache) look(kid string, alg jose.SignatureAlgorithm) (key any, reading <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if key = c.keyOf(kid, alg); key != nil {
		return key, nil
	}
	gap := c.timing.gap
	if c.keys == nil {
		gap = min(gap, retry) // nobody can sign in: look again soon
	}
	if c.reading == nil && c.now().Sub(c.tried) < gap {
		return nil, nil
	}
	return nil, c.begin()
}

func (c *keyCache) keyOf(kid string, alg jose.SignatureAlgorithm) (key any) {
	if kid != "" {
		return c.keys[keyName{kid, alg}]
	}
	for name, k := range c.keys {
		if name.alg != alg {
			continue
		}
		if key != nil {
			return nil // more than one: the token must say which
		}
		key = k
	}
	return key
}

// begin starts to read the set, unless somebody does already, and returns what
// is closed at the end. The reading belongs to nobody: whoever waits may leave.
// c.mu is held.
func (c *keyCache) begin() <-chan struct{} {
	if c.reading != nil {
		return c.reading
	}
	done := make(chan struct{})
	c.reading, c.tried = done, c.now()
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		defer cancel()
		text, err := c.fetch(ctx)
		var keys map[keyName]any
		var left []error
		if err == nil && text != nil {
			keys, left, err = parseKeys(text)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if err != nil || text != nil {
			c.note(keys, left, err)
		}
		c.reading = nil
		close(done)
	}()
	return done
}

// note takes the outcome of a reading. c.mu is held.
func (c *keyCache) note(keys map[keyName]any, left []error, err error) {
	switch {
	case err != nil && !c.failing: // once, not every time
		c.log.Error("the exchange's keys cannot be read: customers sign in with the keys known before", "known", len(c.keys), "error", err)
	case err == nil && c.failing:
		c.log.Info("the exchange's keys can be read again")
	}
	if c.failing = err != nil; c.failing {
		return
	}
	if len(keys) != len(c.keys) { // not at every reading
		for _, e := range left {
			c.log.Warn("a key of the exchange is not used", "error", e)
		}
	}
	c.keys = keys
}

func (c *keyCache) run(ctx context.Context) {
	for {
		c.mu.Lock()
		done := c.begin()
		c.mu.Unlock()
		select {
		case <-done:
		case <-ctx.Done():
			return
		}
		c.mu.Lock()
		wait := c.timing.every
		if c.failing {
			wait = min(wait, retry)
		}
		c.mu.Unlock()
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return
		}
	}
}

func (c *keyCache) check(ctx context.Context) (names []string, left []error, err error) {
	text, err := c.fetch(ctx)
	if err != nil {
		return nil, nil, err
	}
	keys, left, err := parseKeys(text)
	for name := range keys {
		names = append(names, fmt.Sprintf("%q (%s)", name.kid, name.alg))
	}
	slices.Sort(names)
	return names, left, err
}

// addressOfKeys fetches a set over HTTP. It follows no redirect: the address of
// the keys is what all sign-ins hang on.
func addressOfKeys(address string, client *http.Client) fetch {
	if client == nil {
		client = &http.Client{Timeout: fetchTimeout}
	}
	mine := *client
	mine.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return func(ctx context.Context) (text []byte, err error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", "application/jwk-set+json, application/json")
		res, err := mine.Do(req)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, res.Body.Close()) }()
		if res.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("it was answered with %s", res.Status)
		}
		text, err = io.ReadAll(io.LimitReader(res.Body, maxKeySet+1))
		if err == nil && len(text) > maxKeySet {
			err = fmt.Errorf("it is longer than %d bytes", maxKeySet)
		}
		return text, err
	}
}

// fileOfKeys reads a set from a file when that has changed.
func fileOfKeys(path string) fetch {
	var size int64
	var changed time.Time
	return func(context.Context) ([]byte, error) {
		stat, err := os.Stat(path)
		if err != nil {
			size, changed = 0, time.Time{}
			return nil, err
		}
		if stat.Size() == size && stat.ModTime().Equal(changed) {
			return nil, nil
		}
		if stat.Size() > maxKeySet {
			return nil, fmt.Errorf("it is longer than %d bytes", maxKeySet)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		size, changed = stat.Size(), stat.ModTime()
		return text, nil
	}
}
