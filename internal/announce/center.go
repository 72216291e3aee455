package announce

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	// pollEvery is how long another node's change may go unseen.
	pollEvery = time.Second
	// listed is how many announcements the console lists, drafts and old ones
	// included.
	listed = 200
)

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
	cfg     Config
	log     *slog.Logger
	current atomic.Pointer[board]
	active  atomic.Pointer[fingerprint]
	refresh sync.Mutex // one reading at a time
}

// board is the published announcements that were not over at the moment of
// reading.
type board struct {
	version string
	list    []Announcement
}

// fingerprint stands for what is active from one moment until another.
type fingerprint struct {
	of          *board
	from, until desk.Micros
	value       string
}

// New returns a Center with the current announcements loaded.
func New(ctx context.Context, cfg Config) (*Center, error) {
	c := &Center{cfg: cfg, log: cfg.Logger}
	if c.log == nil {
		c.log = slog.Default()
	}
	if _, err := c.Refresh(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// Refresh reads the announcements anew when they have changed, and reports
// whether they had.
func (c *Center) Refresh(ctx context.Context) (bool, error) {
	c.refresh.Lock()
	defer c.refresh.Unlock()
	version, err := c.cfg.Store.Read(ctx).AnnouncementsVersion()
	if err != nil {
		return false, fmt.Errorf("read the announcements' version: %w", err)
	}
	if b := c.current.Load(); b != nil && b.version == version {
		return false, nil
	}
	var rows []store.Announcement
	now := c.now()
	err = c.cfg.Store.Snapshot(ctx, func(q store.Query) (err error) {
		if version, err = q.AnnouncementsVersion(); err != nil {
			return err
		}
		rows, err = q.CurrentAnnouncements(now)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the announcements: %w", err)
	}
	b := &board{version: version}
	for _, row := range rows {
		a := announcementOf(row, now)
		a.derived = sync.OnceValue(func() Text { return traditional(row.Texts["zh-CN"]) })
		b.list = append(b.list, a)
	}
	inOrder(b.list)
	c.current.Store(b)
	return true, nil
}

// Run looks every second whether announcements have changed, until ctx ends.
// While the database is away the last ones stay up, and still begin and end in
// time.
func (c *Center) Run(ctx context.Context) {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, err := c.Refresh(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			failing = true // once, not every second
			c.log.Error("announcements cannot be refreshed; the last ones stay up", "error", err)
		case err == nil && failing:
			failing = false
			c.log.Info("announcements can be refreshed again")
		}
	}
}

func (c *Center) now() desk.Micros { return desk.MicrosOf(c.cfg.Store.Now()) }

// Active returns what customers of an entity and region see at a moment: what
// matters most first, then the newest. [Announcement.In] answers in every reading
// locale. The list is the caller's; the texts are shared and not to be changed.
func (c *Center) Active(now time.Time, entity, region string) []Announcement {
	at := desk.MicrosOf(now)
	var out []Announcement
	for _, a := range c.current.Load().list {
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
	b, now := c.current.Load(), c.now()
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
