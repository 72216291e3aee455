package announce

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// listed is how many announcements the console lists, drafts and old ones
// included.
const listed = 200

// Config says where a [Center] keeps its announcements.
type Config struct {
	Store *store.Store
	// MayLink reports whether an announcement may lead to an address: whether the
	// registry of contacts knows it as official or as a reference. nil allows all.
	MayLink func(rawURL string) bool
	Logger  *slog.Logger // nil: slog.Default
}

// Center is the announcements of one node. Its methods may be called from many
// goroutines.
type Center struct {
	cfg    Config
	boards *store.Replica[board]
	active atomic.Pointer[fingerprint]
}

// board is the published announcements that were not over at the moment of
// reading.
type board struct {
	list []Announcement
}

// fingerprint stands for what is active from one moment until another.
type fingerprint struct {
	of          *board
	from, until desk.Micros
	value       string
}

// New returns a Center with the current announcements loaded.
func New(ctx context.Context, cfg Config) (*Center, error) {
	c := &Center{cfg: cfg}
	var err error
	c.boards, err = store.OpenReplica(ctx, cfg.Store, store.ReplicaConfig[board]{
		Name: "announcements", Version: store.Query.AnnouncementsVersion, Read: c.read, Logger: cfg.Logger,
	})
	return c, err
}

// Refresh reads the announcements anew when they have changed, and reports
// whether they had.
func (c *Center) Refresh(ctx context.Context) (bool, error) { return c.boards.Refresh(ctx) }

func (c *Center) read(q store.Query, _ string) (*board, error) {
	now := c.now()
	rows, err := q.CurrentAnnouncements(now)
	if err != nil {
		return nil, err
	}
	b := new(board)
	for _, row := range rows {
		a := announcementOf(row, now)
		a.derived = sync.OnceValue(func() Text { return traditional(row.Texts["zh-CN"]) })
		b.list = append(b.list, a)
	}
	inOrder(b.list)
	return b, nil
}

// Run looks every second whether announcements have changed, until ctx ends.
// While the database is away the last ones stay up, and still begin and end in
// time.
func (c *Center) Run(ctx context.Context) { c.boards.Run(ctx, nil) }

func (c *Center) now() desk.Micros { return desk.MicrosOf(c.cfg.Store.Now()) }

// Active returns what customers of an entity and region see at a moment: what
// matters most first, then the newest. [Announcement.In] answers in every reading
// locale. The list is the caller's; the texts are shared and not to be changed.
func (c *Center) Active(now time.Time, entity, region string) []Announcement {
	at := desk.MicrosOf(now)
	var out []Announcement
	for _, a := range c.boards.Load().list {
		if a.State = stateAt(a.Published, a.StartsAt, a.EndsAt, at); a.State == Active && a.concerns(entity, region) {
			out = append(out, a)
		}
	}
	return out
}

// Version changes exactly when what is active, anywhere, changes: by an edit or
// because a time has come. Equal contents have equal versions on every node. It
// is cheap enough for every request.
func (c *Center) Version() string {
	b, now := c.boards.Load(), c.now()
	f := c.active.Load()
	if f == nil || f.of != b || now < f.from || now >= f.until {
		f = b.fingerprintAt(now)
		c.active.Store(f)
	}
	return f.value
}

func (b *board) fingerprintAt(now desk.Micros) *fingerprint {
	f := &fingerprint{of: b, from: 0, until: 1 << 62}
	border := func(m desk.Micros) {
		if m == 0 {
			return
		}
		if m <= now {
			f.from = max(f.from, m)
		} else {
			f.until = min(f.until, m)
		}
	}
	h := fnv.New128a()
	some := false
	for i := range b.list {
		a := &b.list[i]
		border(a.StartsAt)
		border(a.EndsAt)
		if stateAt(a.Published, a.StartsAt, a.EndsAt, now) != Active {
			continue
		}
		some = true
		var key [16]byte
		binary.BigEndian.PutUint64(key[:8], uint64(a.ID))
		binary.BigEndian.PutUint64(key[8:], uint64(a.Revision))
		h.Write(key[:]) //nolint:errcheck // a hash never fails
	}
	if some {
		f.value = hex.EncodeToString(h.Sum(nil))
	}
	return f
}
