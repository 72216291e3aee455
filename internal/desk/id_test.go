package desk_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/veridesk/veridesk/internal/desk"
)

// Whatever the clock does, one process never hands out an identifier twice, they
// grow, and they carry its slot.
func TestIDsNeverRepeat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := desk.Epoch.Add(time.Duration(rapid.Int64Range(0, int64(20*365*24*time.Hour)).Draw(t, "start")))
		slot := rapid.IntRange(0, desk.MaxSlot).Draw(t, "slot")
		g, err := desk.NewIDs(slot, func() time.Time { return now })
		if err != nil {
			t.Fatal(err)
		}
		last := desk.ID(0)
		t.Repeat(map[string]func(*rapid.T){
			"clock moves": func(t *rapid.T) {
				by := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "by"))
				if now.Add(by).After(desk.Epoch) {
					now = now.Add(by)
				}
			},
			"another node's identifier is seen": func(t *rapid.T) {
				seen := desk.FirstIDAt(now.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(time.Hour)).Draw(t, "ahead"))))
				g.NotBefore(seen)
				if id := g.Next(); id <= seen || id <= last {
					t.Fatalf("%d is not after %d and %d", id, seen, last)
				} else {
					last = id
				}
			},
			"next": func(t *rapid.T) {
				for range rapid.IntRange(1, 9000).Draw(t, "n") {
					id := g.Next()
					if id <= last {
						t.Fatalf("%d after %d", id, last)
					}
					if got := int(int64(id) >> 12 & desk.MaxSlot); got != slot {
						t.Fatalf("%d carries slot %d, want %d", id, got, slot)
					}
					last = id
				}
			},
		})
	})
}

// Two nodes never make the same identifier, and goroutines of one neither.
func TestIDsAreUniqueAcrossNodesAndGoroutines(t *testing.T) {
	now := func() time.Time { return desk.Epoch.Add(time.Hour) } // the worst clock: it stands still
	var mu sync.Mutex
	seen := map[desk.ID]bool{}
	var wg sync.WaitGroup
	for slot := range 4 {
		g, err := desk.NewIDs(slot, now)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			wg.Go(func() {
				ids := make([]desk.ID, 3000)
				for i := range ids {
					ids[i] = g.Next()
				}
				mu.Lock()
				defer mu.Unlock()
				for _, id := range ids {
					if seen[id] {
						t.Errorf("%d twice", id)
					}
					seen[id] = true
				}
			})
		}
	}
	wg.Wait()
}

// A browser gets identifiers as text: numbers above 2^53 would change there.
func TestIDTextRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := desk.ID(rapid.Int64Range(0, 1<<63-1).Draw(t, "id"))
		text, err := json.Marshal(id)
		if err != nil || text[0] != '"' {
			t.Fatalf("%s, %v", text, err)
		}
		var back desk.ID
		if err := json.Unmarshal(text, &back); err != nil || back != id {
			t.Fatalf("%d came back as %d, %v", id, back, err)
		}
	})
	for _, bad := range []string{"0", "-1", "abc", "1.5", "9223372036854775808", " 1", "0x10", "+1x"} {
		if _, err := desk.ParseID(bad); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%q was read as an identifier: %v", bad, err)
		}
	}
	if _, err := desk.NewIDs(desk.MaxSlot+1, nil); err == nil {
		t.Error("a slot that does not fit was accepted")
	}
}

// An identifier tells when it was made; lists by age start from it.
func TestIDCarriesItsMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := desk.Epoch.Add(time.Duration(rapid.Int64Range(1, int64(60*365*24*time.Hour/time.Millisecond)).Draw(t, "ms")) * time.Millisecond)
		g, err := desk.NewIDs(rapid.IntRange(0, desk.MaxSlot).Draw(t, "slot"), func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		id := g.Next()
		if !id.Time().Equal(at) || desk.FirstIDAt(at) > id || desk.FirstIDAt(at.Add(time.Millisecond)) <= id {
			t.Fatalf("%d: %v, want %v", id, id.Time(), at)
		}
	})
}
