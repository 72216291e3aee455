package store_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Among nodes that start at once one makes the session key, and all use it.
func TestMetaOnceDecidesOnce(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		stores := []*store.Store{storetest.OpenURL(t, url)}
		if stores[0].Engine() == store.Postgres {
			stores = append(stores, storetest.OpenURL(t, url), storetest.OpenURL(t, url))
		}
		var wg sync.WaitGroup
		got := make([][]byte, 30)
		for i := range got {
			wg.Go(func() {
				err := stores[i%len(stores)].Write(t.Context(), func(tx *store.Tx) (err error) {
					got[i], err = tx.MetaOnce("key", fmt.Append(nil, "proposal ", i))
					return err
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, v := range got {
			if !bytes.Equal(v, got[0]) || len(v) == 0 {
				t.Fatalf("two answers: %q and %q", got[0], v)
			}
		}
	})
}

// Case numbers are read out on the telephone: none twice, and none missing
// because a transaction was taken back.
func TestCounterHasNoHolesAndNoDoubles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const n = 200
		var wg sync.WaitGroup
		var mu sync.Mutex
		seen := map[int64]bool{}
		for i := range n {
			wg.Go(func() {
				var number int64
				err := s.Write(t.Context(), func(tx *store.Tx) (err error) {
					if number, err = tx.NextCount("case", 1000); err == nil && i%4 == 0 {
						return errRefused
					}
					return err
				})
				if err != nil {
					return
				}
				mu.Lock()
				defer mu.Unlock()
				if seen[number] {
					t.Errorf("%d was given twice", number)
				}
				seen[number] = true
			})
		}
		wg.Wait()
		for i := range int64(n * 3 / 4) {
			if !seen[1000+i] {
				t.Errorf("%d is missing", 1000+i)
			}
		}
	})
}

func TestMetaAndEntities(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if _, err := s.Read(t.Context()).Meta("none"); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a missing value: %v", err)
		}
		value := []byte{0, 1, 0xff, '\'', 0}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			for range 2 { // the second time replaces
				if err := tx.SetMeta("bytes", value); err != nil {
					return err
				}
				if err := tx.PutEntity(store.Entity{Code: "eu", Name: "Meridian Europe"}); err != nil {
					return err
				}
			}
			return tx.PutEntity(store.Entity{Code: "asia", Name: "子午亚洲"})
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Read(t.Context()).Meta("bytes")
		if err != nil || !bytes.Equal(got, value) {
			t.Errorf("read back %x, %v", got, err)
		}
		list, err := s.Read(t.Context()).Entities()
		if err != nil || len(list) != 2 || list[0].Name != "子午亚洲" || list[1].Code != "eu" {
			t.Errorf("entities %+v, %v", list, err)
		}
	})
}
