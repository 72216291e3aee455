package vault

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"
)

// What Unwrap may find wrong; test with errors.Is.
var (
	// ErrUnknownKey: the value was wrapped under a master key that this vault does not hold.
	ErrUnknownKey = errors.New("vault: wrapped under another master key")
	// ErrTampered: the value was changed, cut, or wrapped for another purpose.
	ErrTampered = errors.New("vault: wrapped value is damaged or of another purpose")
)

const (
	wrapVersion = 1 // XChaCha20-Poly1305 under an HKDF-SHA256 subkey
	keyIDSize   = 8
	headerSize  = 1 + keyIDSize + chacha20poly1305.NonceSizeX
	maxDerived  = 255 * sha256.Size // limit of HKDF, RFC 5869 §2.3
)

// Vault holds the master keys. It is safe for concurrent use and never shows them.
type Vault struct {
	keys     []masterKey // current first
	warnings []string
	random   io.Reader
}

type masterKey struct {
	id     [keyIDSize]byte
	secret []byte
}

func newVault(keys [][]byte, warnings []string, random io.Reader) (*Vault, error) {
	v := &Vault{warnings: warnings, random: random}
	for _, secret := range keys {
		key := masterKey{secret: secret}
		copy(key.id[:], subkey(secret, "id", "", keyIDSize))
		if slices.ContainsFunc(v.keys, func(k masterKey) bool { return k.id == key.id }) {
			return nil, fmt.Errorf("%w: the same key is listed twice", ErrBadKey)
		}
		v.keys = append(v.keys, key)
	}
	return v, nil
}

// subkey derives n bytes for one use and purpose (HKDF, RFC 5869). No use contains "/", so two different pairs
// never give the same info string.
func subkey(secret []byte, use, purpose string, n int) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, "veridesk/1/"+use+"/"+purpose, n)
	if err != nil {
		panic(fmt.Sprintf("vault: %d bytes derived for %s: %v", n, use, err)) // callers check n
	}
	return key
}

// String keeps keys out of logs.
func (v *Vault) String() string { return "vault " + v.KeyID() }

// GoString keeps keys out of debugging output too.
func (v *Vault) GoString() string { return v.String() }

// Warnings are sentences for the operator about how the key is kept; nil when all is well.
func (v *Vault) Warnings() []string { return slices.Clone(v.warnings) }

// KeyID names the current master key (16 hex digits) without telling anything about it. The store keeps it, so that a
// database opened with the wrong key is noticed at once.
func (v *Vault) KeyID() string { return hex.EncodeToString(v.keys[0].id[:]) }

// Holds reports whether the vault has the key with the given KeyID, as the current or an older one.
func (v *Vault) Holds(keyID string) bool {
	id, err := hex.DecodeString(keyID)
	return err == nil && len(id) == keyIDSize && v.byID(id) != nil
}

func (v *Vault) byID(id []byte) *masterKey {
	for i := range v.keys {
		if string(v.keys[i].id[:]) == string(id) {
			return &v.keys[i]
		}
	}
	return nil
}

// Wrap encrypts plaintext under the current key. Only Unwrap with the same purpose (any string, for example
// "mail.password") gives it back. The result is 49 bytes longer: version, key id, nonce, then XChaCha20-Poly1305. The
// only error is missing randomness.
func (v *Vault) Wrap(purpose string, plaintext []byte) ([]byte, error) {
	key := &v.keys[0]
	wrapped := make([]byte, headerSize, headerSize+len(plaintext)+chacha20poly1305.Overhead)
	wrapped[0] = wrapVersion
	copy(wrapped[1:], key.id[:])
	nonce := wrapped[1+keyIDSize : headerSize]
	if _, err := io.ReadFull(v.random, nonce); err != nil {
		return nil, fmt.Errorf("vault: no randomness for %s: %w", purpose, err)
	}
	aead, err := chacha20poly1305.NewX(subkey(key.secret, "wrap", purpose, chacha20poly1305.KeySize))
	if err != nil {
		return nil, fmt.Errorf("vault: wrap %s: %w", purpose, err)
	}
	return aead.Seal(wrapped, nonce, plaintext, wrapped[:1+keyIDSize]), nil
}

// Unwrap gives back what Wrap was given for the same purpose, under the current or an older key. Errors: ErrUnknownKey,
// ErrTampered.
func (v *Vault) Unwrap(purpose string, wrapped []byte) ([]byte, error) {
	if len(wrapped) < headerSize+chacha20poly1305.Overhead || wrapped[0] != wrapVersion {
		return nil, fmt.Errorf("%w (%s)", ErrTampered, purpose)
	}
	id := wrapped[1 : 1+keyIDSize]
	key := v.byID(id)
	if key == nil {
		return nil, fmt.Errorf("%w (%s needs key %x, current is %s)", ErrUnknownKey, purpose, id, v.KeyID())
	}
	aead, err := chacha20poly1305.NewX(subkey(key.secret, "wrap", purpose, chacha20poly1305.KeySize))
	if err != nil {
		return nil, fmt.Errorf("vault: unwrap %s: %w", purpose, err)
	}
	plaintext, err := aead.Open(nil, wrapped[1+keyIDSize:headerSize], wrapped[headerSize:], wrapped[:1+keyIDSize])
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", ErrTampered, purpose)
	}
	return plaintext, nil
}

// Stale reports whether wrapped is under an older key and should be wrapped anew.
func (v *Vault) Stale(wrapped []byte) bool {
	return len(wrapped) >= headerSize && string(wrapped[1:1+keyIDSize]) != string(v.keys[0].id[:])
}

// Derive gives n bytes (1 to 8,160) that only this master key and purpose give, always the same. It changes when the
// key is rotated. It panics when n is out of range.
func (v *Vault) Derive(purpose string, n int) []byte {
	if n < 1 || n > maxDerived {
		panic(fmt.Sprintf("vault: Derive of %d bytes for %s", n, purpose))
	}
	return subkey(v.keys[0].secret, "derive", purpose, n)
}

// Sign gives the 32-byte HMAC-SHA256 of msg for a purpose, under the current key.
func (v *Vault) Sign(purpose string, msg []byte) []byte {
	return sign(v.keys[0].secret, purpose, msg)
}

// Verify reports whether signature is Sign(purpose, msg) under the current or an older key, in constant time per key.
func (v *Vault) Verify(purpose string, msg, signature []byte) bool {
	for i := range v.keys {
		if hmac.Equal(sign(v.keys[i].secret, purpose, msg), signature) {
			return true
		}
	}
	return false
}

func sign(secret []byte, purpose string, msg []byte) []byte {
	mac := hmac.New(sha256.New, subkey(secret, "sign", purpose, sha256.Size))
	mac.Write(msg)
	return mac.Sum(nil)
}
