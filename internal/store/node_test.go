package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Nodes that share a slot hand out the same identifiers; a rolling restart
// starts many at once.
func TestNodesThatStartTogetherGetDifferentSlots(t *testing.T) {
	url := storetest.PostgresURL(t)
	const nodes = 12
	stores := make([]*store.Store, nodes)
	for i := range stores {
		s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 3})
		if err != nil {
			t.Fatal(err)
		}
		stores[i] = s
	}
	var wg sync.WaitGroup
	for _, s := range stores {
		wg.Go(func() {
			if err := s.Start(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	taken := map[int]bool{}
	for _, s := range stores {
		if taken[s.Slot()] {
			t.Errorf("slot %d was given twice", s.Slot())
		}
		taken[s.Slot()] = true
		if got := s.NewID(); int64(got)>>12&desk.MaxSlot != int64(s.Slot()) {
			t.Errorf("identifier %d does not carry slot %d", got, s.Slot())
		}
	}
	for _, s := range stores { // a release lets the slot be used again
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if s := storetest.OpenURL(t, url); s.Slot() != 0 {
		t.Errorf("after everybody left the next node gets slot %d, want 0", s.Slot())
	}
}

// The 1,024 slots would run out if those of crashed nodes were not used again;
// those of living nodes must not be.
func TestSlotOfACrashedNodeIsReclaimedAfterItsLease(t *testing.T) {
	url := storetest.PostgresURL(t)
	first := storetest.OpenURL(t, url)
	now, err := first.Read(t.Context()).DatabaseNow()
	if err != nil {
		t.Fatal(err)
	}
	err = first.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO node (slot, holder, lease_until) VALUES (1, 'crashed long ago', $1), (2, 'alive', $2)`, now-1, now+60_000_000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 3} {
		if s := storetest.OpenURL(t, url); s.Slot() != want {
			t.Errorf("node %d got slot %d, want %d", i, s.Slot(), want)
		}
	}
}

// A server whose clock was set back a day must not hand out yesterday's
// identifiers again.
func TestClockSetBackRepeatsNoIdentifier(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		clock := time.Now()
		run := func(now time.Time) (ids []desk.ID) {
			s, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 4, Now: func() time.Time { return now }})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := s.Start(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 5000 { // more than a millisecond's worth
				ids = append(ids, s.NewID())
			}
			err = s.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(`INSERT INTO audit (id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id)
					VALUES ($1, 0, '', 0, '', '', '', '')`, ids[len(ids)-1])
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		seen := map[desk.ID]bool{}
		for _, now := range []time.Time{clock, clock.Add(-24 * time.Hour), clock.Add(time.Hour)} {
			for _, id := range run(now) {
				if seen[id] {
					t.Fatalf("identifier %d was handed out twice", id)
				}
				seen[id] = true
			}
		}
	})
}

// A node that cannot start says so instead of waiting for ever.
func TestStartWithoutASchemaFails(t *testing.T) {
	storetest.EachURL(t, false, func(t *testing.T, url string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := openBare(t, url).Start(ctx); err == nil {
			t.Error("Start on an empty database succeeded")
		}
	})
}
