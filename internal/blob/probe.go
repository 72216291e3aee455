package blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
)

// probe writes, reads and deletes a small content of its own name.
func probe(ctx context.Context, s Store) (err error) {
	key := probePrefix + strings.ToLower(rand.Text())
	want := "veridesk"
	if _, err := s.Put(ctx, key, strings.NewReader(want), int64(len(want))); err != nil {
		return fmt.Errorf("blob: check cannot write: %w", err)
	}
	defer func() {
		if deleteErr := s.Delete(ctx, key); deleteErr != nil {
			err = errors.Join(err, fmt.Errorf("blob: check cannot delete: %w", deleteErr))
		}
	}()
	r, _, err := s.Open(ctx, key)
	if err != nil {
		return fmt.Errorf("blob: check cannot read: %w", err)
	}
	got, err := io.ReadAll(r)
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("blob: check cannot read: %w: %w", ErrUnreadable, err)
	}
	if string(got) != want {
		return fmt.Errorf("%w: check read %d bytes back that are not what it wrote", ErrUnreadable, len(got))
	}
	return nil
}
