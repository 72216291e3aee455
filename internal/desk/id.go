package desk

import (
	"fmt"
	"strconv"
	"sync"
	"time"
)

// ID identifies any stored thing: 41 bits of milliseconds since [Epoch], 10
// bits of node slot, 12 bits of counter. It is unique across nodes and is never
// used as an order. In JSON it is a decimal string, because JavaScript numbers
// end at 2^53. Zero means "none" and is written as an empty string.
type ID int64

// Epoch is the zero of an ID's clock: 2024-01-01T00:00:00Z.
var Epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Widths of the parts of an ID, in bits.
const (
	slotBits    = 10
	counterBits = 12
	// MaxSlot is the largest node slot an ID can carry.
	MaxSlot    = 1<<slotBits - 1
	maxCounter = 1<<counterBits - 1
)

// String returns the decimal form, or "" for zero.
func (id ID) String() string {
	if id == 0 {
		return ""
	}
	return strconv.FormatInt(int64(id), 10)
}

// Time returns the moment the ID was made, to the millisecond.
func (id ID) Time() time.Time {
	return Epoch.Add(time.Duration(int64(id)>>(slotBits+counterBits)) * time.Millisecond)
}

// MarshalText writes the decimal form; zero is the empty text.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the decimal form; the empty text is zero.
func (id *ID) UnmarshalText(b []byte) error {
	v, err := ParseID(string(b))
	if err != nil {
		return err
	}
	*id = v
	return nil
}

// ParseID reads a decimal identifier. The empty string is zero; anything that
// is not a positive decimal int64 is an error with code [Invalid].
func ParseID(s string) (ID, error) {
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return 0, Errorf(Invalid, "%q is not an identifier", s)
	}
	return ID(n), nil
}

// FirstIDAt returns the smallest ID that can have been made at t, for walking
// identifiers by age.
func FirstIDAt(t time.Time) ID {
	ms := t.Sub(Epoch).Milliseconds()
	if ms < 0 {
		ms = 0
	}
	return ID(ms << (slotBits + counterBits))
}

// IDs makes identifiers for one node slot. It is safe for concurrent use. When
// the clock is set back it keeps counting from the latest moment it has seen,
// so an identifier is never handed out twice by one process.
type IDs struct {
	mu      sync.Mutex
	now     func() time.Time
	slot    int64
	last    int64
	counter int64
}

// NewIDs returns a generator for slot (0 … [MaxSlot]) that reads the time from
// now; a nil now is time.Now.
func NewIDs(slot int, now func() time.Time) (*IDs, error) {
	if slot < 0 || slot > MaxSlot {
		return nil, fmt.Errorf("node slot %d is outside 0…%d", slot, MaxSlot)
	}
	if now == nil {
		now = time.Now
	}
	return &IDs{now: now, slot: int64(slot)}, nil
}

// NotBefore makes sure that no identifier older than or equal to id's
// millisecond is handed out from now on: a process that starts after the clock
// was set back must not repeat what it gave out before.
func (g *IDs) NotBefore(id ID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if ms := int64(id) >> (slotBits + counterBits); ms >= g.last {
		g.last, g.counter = ms, maxCounter
	}
}

// Become makes g count for the slot of other from now on, without falling back
// behind what g has given out.
func (g *IDs) Become(other *IDs) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.slot = other.slot
}

// Next returns a new identifier.
func (g *IDs) Next() ID {
	g.mu.Lock()
	defer g.mu.Unlock()
	ms := g.now().Sub(Epoch).Milliseconds()
	if ms > g.last {
		g.last, g.counter = ms, 0
	} else if g.counter < maxCounter {
		g.counter++
	} else {
		// The millisecond is used up (or the clock stands behind): borrow the next one.
		g.last++
		g.counter = 0
	}
	return ID(g.last<<(slotBits+counterBits) | g.slot<<counterBits | g.counter)
}

// Micros is a moment in microseconds since 1970-01-01 UTC; zero means "never".
type Micros int64

// MicrosOf returns t as Micros; the zero time is zero.
func MicrosOf(t time.Time) Micros {
	if t.IsZero() {
		return 0
	}
	return Micros(t.UnixMicro())
}

// Time returns m as a UTC time; zero is the zero time.
func (m Micros) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(m)).UTC()
}
