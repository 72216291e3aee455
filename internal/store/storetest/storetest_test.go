package storetest

import (
	"testing"

	"github.com/veridesk/veridesk/internal/store"
)

// Every other package builds on these two lines: a migrated store on each engine.
func TestEachOpensBothEngines(t *testing.T) {
	Each(t, func(t *testing.T, s *store.Store) {
		have, want, err := s.Version(t.Context())
		if err != nil || have == 0 || have != want {
			t.Fatalf("schema version %d of %d, %v", have, want, err)
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error { return tx.SetMeta("k", []byte("v")) })
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Read(t.Context()).Meta("k")
		if err != nil || string(v) != "v" {
			t.Fatalf("read back %q, %v", v, err)
		}
	})
}
