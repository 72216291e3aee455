package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

// What may go wrong with a store; test with errors.Is. The wrapped cause is for the log.
var (
	ErrNotFound   = errors.New("blob: not found")
	ErrFull       = errors.New("blob: storage is full")
	ErrUnreadable = errors.New("blob: storage cannot be read or written")
	ErrBadKey     = errors.New("blob: malformed key")
	ErrSize       = errors.New("blob: content is not of the announced size")
)

// UnknownSize is the size of a content whose length Put shall find out.
const UnknownSize = -1

// MaxKeyLength is the longest key, in bytes.
const MaxKeyLength = 200

// Info describes a stored content.
type Info struct {
	Key      string
	Size     int64     // bytes
	Modified time.Time // when it was put, to the second at least
	SHA256   string    // lower-case hex; only Put knows it, else ""
}

// Store keeps contents under keys. It is safe for concurrent use.
//
// A key is 1 to 200 bytes of a–z, 0–9, ".", "_", "-" in segments divided by "/"; no segment is empty, "." or "..".
// Other keys give ErrBadKey.
type Store interface {
	// Put stores r under key, replacing what was there, and returns when it is durable. Nobody ever sees a part of
	// it. Size is the number of bytes in r or UnknownSize; a different number gives ErrSize and stores nothing, as
	// does an error of r, which is returned wrapped. Errors: ErrFull, ErrUnreadable, ErrSize, ErrBadKey.
	Put(ctx context.Context, key string, r io.Reader, size int64) (Info, error)
	// Open gives the content, which the caller must close. Errors: ErrNotFound, ErrUnreadable, ErrBadKey.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, Info, error)
	// Delete removes a content; one that is not there is no error, so that a repeated job succeeds.
	Delete(ctx context.Context, key string) error
	// List calls fn for every content whose key begins with prefix ("" for all), in no particular order, until fn
	// fails; that error is returned as it is.
	List(ctx context.Context, prefix string, fn func(Info) error) error
	// Check proves by a small file that the store can be written, read and deleted from.
	Check(ctx context.Context) error
}

// probePrefix is where Check writes; List does not show it.
const probePrefix = ".probe/"

func validKey(key string) error {
	if key == "" || len(key) > MaxKeyLength {
		return fmt.Errorf("%w: %d bytes long", ErrBadKey, len(key))
	}
	for i := range len(key) {
		c := key[i]
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '_' || c == '-' || c == '/') {
			return fmt.Errorf("%w: %q has a character that is not allowed", ErrBadKey, key)
		}
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return fmt.Errorf("%w: %q has a segment %q", ErrBadKey, key, segment)
		}
	}
	return nil
}

// measured reads r and notes size, hash and its own error, so that a failing source is told from a failing store. It
// gives up one byte behind the announced size.
type measured struct {
	ctx  context.Context //nolint:containedctx // lives as long as one Put
	r    io.Reader
	want int64
	size int64
	hash hash.Hash
	err  error
}

func measure(ctx context.Context, r io.Reader, want int64) *measured {
	return &measured{ctx: ctx, r: r, want: want, hash: sha256.New()}
}

func (m *measured) Read(p []byte) (int, error) {
	if err := m.ctx.Err(); err != nil {
		m.err = err
		return 0, err
	}
	n, err := m.r.Read(p)
	m.size += int64(n)
	m.hash.Write(p[:n])
	switch {
	case m.want >= 0 && m.size > m.want:
		m.err = fmt.Errorf("%w: more than %d bytes", ErrSize, m.want)
	case errors.Is(err, io.EOF) && m.want >= 0 && m.size != m.want:
		m.err = fmt.Errorf("%w: %d bytes instead of %d", ErrSize, m.size, m.want)
	case err != nil && !errors.Is(err, io.EOF):
		m.err = fmt.Errorf("blob: reading the content to store: %w", err)
	}
	if m.err != nil {
		return n, m.err
	}
	return n, err
}

func (m *measured) sha256() string { return hex.EncodeToString(m.hash.Sum(nil)) }
