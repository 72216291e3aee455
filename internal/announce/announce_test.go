package announce_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

var rosa = store.Actor{Kind: desk.ByAgent, ID: 4, Name: "Rosa"}

var begin = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// clock is the store's clock, moved by hand.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time      { return time.UnixMicro(c.at.Load()).UTC() }
func (c *clock) set(t time.Time)     { c.at.Store(t.UnixMicro()) }
func in(d time.Duration) desk.Micros { return desk.MicrosOf(begin.Add(d)) }
func each(t *testing.T, test func(t *testing.T, s *store.Store, c *clock)) {
	t.Helper()
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		c := new(clock)
		c.set(begin)
		test(t, storetest.OpenConfig(t, store.Config{URL: url, Now: c.now}), c)
	})
}

func open(t *testing.T, s *store.Store) *announce.Center {
	t.Helper()
	c, err := announce.New(t.Context(), announce.Config{Store: s, MayLink: func(u string) bool { return strings.HasPrefix(u, "https://status.meridian.example/") }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func words(en, zh string) map[string]announce.Text {
	return map[string]announce.Text{"en": {Title: en}, "zh-CN": {Title: zh, Body: "软件维护"}}
}

func create(t *testing.T, c *announce.Center, a announce.Announcement) announce.Announcement {
	t.Helper()
	if a.Level == "" {
		a.Level = announce.Info
	}
	if a.Texts == nil {
		a.Texts = words("Maintenance", "维护")
	}
	made, err := c.Create(t.Context(), rosa, a)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func titles(c *announce.Center, at time.Time, entity, region string) string {
	var out []string
	for _, a := range c.Active(at, entity, region) {
		out = append(out, a.In("en").Title)
	}
	return strings.Join(out, ", ")
}

// A banner that comes late or stays for ever is worse than none; pages are kept
// in memory by the version, so it must change with the banner and only then.
func TestAnnouncementsBeginAndEndInTime(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, now *clock) {
		c := open(t, s)
		empty := c.Version()
		if titles(c, begin, "", "") != "" || empty != "" {
			t.Fatalf("something is up: version %q", empty)
		}
		draft := create(t, c, announce.Announcement{Texts: words("Draft", "草稿")})
		if draft.State != announce.Draft || c.Version() != empty {
			t.Errorf("a draft changed what customers see: %+v", draft)
		}
		soon := create(t, c, announce.Announcement{Texts: words("Soon", "即将"), Published: true, StartsAt: in(time.Hour), EndsAt: in(2 * time.Hour)})
		if soon.State != announce.Scheduled || c.Version() != empty {
			t.Errorf("what is scheduled is seen already: %+v", soon)
		}
		up := create(t, c, announce.Announcement{Texts: words("Now", "现在"), Published: true})
		if up.State != announce.Active || up.StartsAt != in(0) {
			t.Errorf("%+v", up)
		}
		one := c.Version()
		if one == empty || titles(c, now.now(), "", "") != "Now" {
			t.Errorf("version %q shows %q", one, titles(c, now.now(), "", ""))
		}
		now.set(begin.Add(time.Hour - time.Microsecond))
		if c.Version() != one {
			t.Error("the version changed a moment early")
		}
		now.set(begin.Add(time.Hour))
		two := c.Version()
		if two == one || titles(c, now.now(), "", "") != "Soon, Now" {
			t.Errorf("at its beginning: version %q shows %q", two, titles(c, now.now(), "", ""))
		}
		now.set(begin.Add(2 * time.Hour))
		if c.Version() != one || titles(c, now.now(), "", "") != "Now" {
			t.Errorf("after its end: version %q shows %q", c.Version(), titles(c, now.now(), "", ""))
		}
		if other := open(t, s); other.Version() != one {
			t.Errorf("another node has version %q for the same, not %q", other.Version(), one)
		}
		no := false
		down, err := c.Update(t.Context(), rosa, up.ID, 1, announce.Change{Published: &no})
		if err != nil || down.State != announce.Draft || c.Version() != empty {
			t.Errorf("taken down: %+v %v, version %q", down, err, c.Version())
		}
		list, err := c.List(t.Context())
		if err != nil || len(list) != 3 || list[0].ID != up.ID {
			t.Fatalf("%+v %v", list, err)
		}
		for _, a := range list {
			if a.ID == soon.ID && a.State != announce.Over {
				t.Errorf("its state is %s", a.State)
			}
		}
	})
}

func TestIncidentsComeFirstAndOnlyWhereTheyBelong(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, now *clock) {
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.PutEntity(store.Entity{Code: "eu", Name: "EU"}) }); err != nil {
			t.Fatal(err)
		}
		c := open(t, s)
		create(t, c, announce.Announcement{Texts: words("old info", "旧"), Published: true, StartsAt: in(-2 * time.Hour)})
		create(t, c, announce.Announcement{Texts: words("new info", "新"), Published: true, StartsAt: in(-time.Hour)})
		create(t, c, announce.Announcement{Texts: words("incident", "故障"), Level: announce.Incident, Published: true, StartsAt: in(-3 * time.Hour)})
		create(t, c, announce.Announcement{Texts: words("warning", "警告"), Level: announce.Warning, Published: true, Entity: "eu", Region: "fr"})
		for _, w := range []struct{ entity, region, want string }{
			{"", "", "incident, new info, old info"},
			{"eu", "", "incident, new info, old info"},
			{"eu", "fr", "incident, warning, new info, old info"},
		} {
			if got := titles(c, now.now(), w.entity, w.region); got != w.want {
				t.Errorf("%s/%s: %s", w.entity, w.region, got)
			}
		}
	})
}

// Readers in Taiwan get an announcement although nobody wrote it for them.
func TestTraditionalChineseIsDerivedUnlessItIsWritten(t *testing.T) {
	c := open(t, storetest.Open(t))
	create(t, c, announce.Announcement{Published: true})
	a := c.Active(time.Now(), "", "")[0]
	if got := a.In("zh-TW"); got.Title != "維護" || got.Body != "軟體維護" {
		t.Errorf("%+v", got)
	}
	if a.In("zh-CN").Title != "维护" || a.In("de").Title != "Maintenance" {
		t.Errorf("%+v", a.Texts)
	}
	texts := words("Maintenance", "维护")
	texts["zh-TW"] = announce.Text{Title: "例行維護"}
	if _, err := c.Update(t.Context(), rosa, a.ID, 1, announce.Change{Texts: texts}); err != nil {
		t.Fatal(err)
	}
	if got := c.Active(time.Now(), "", "")[0].In("zh-TW").Title; got != "例行維護" {
		t.Errorf("its own text is not used: %s", got)
	}
}

// A link in a banner is what a thief would want to place.
func TestWhatMayNotBeAnnounced(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, _ *clock) {
		c := open(t, s)
		base := func(change func(*announce.Announcement)) announce.Announcement {
			a := announce.Announcement{Level: announce.Info, Texts: words("Maintenance", "维护")}
			change(&a)
			return a
		}
		for name, w := range map[string]struct {
			field string
			a     announce.Announcement
		}{
			"level":        {"level", base(func(a *announce.Announcement) { a.Level = "loud" })},
			"one language": {"texts", base(func(a *announce.Announcement) { delete(a.Texts, "zh-CN") })},
			"empty title":  {"texts", base(func(a *announce.Announcement) { a.Texts["en"] = announce.Text{Title: " \u0000", Body: "x"} })},
			"long title": {"texts", base(func(a *announce.Announcement) {
				a.Texts["en"] = announce.Text{Title: strings.Repeat("字", announce.MaxTitle+1)}
			})},
			"long body": {"texts", base(func(a *announce.Announcement) {
				a.Texts["en"] = announce.Text{Title: "x", Body: strings.Repeat("字", announce.MaxBody+1)}
			})},
			"other language":  {"texts", base(func(a *announce.Announcement) { a.Texts["fr"] = announce.Text{Title: "x"} })},
			"half zh-TW":      {"texts", base(func(a *announce.Announcement) { a.Texts["zh-TW"] = announce.Text{Body: "x"} })},
			"beyond dates":    {"starts_at", base(func(a *announce.Announcement) { a.EndsAt = 1 << 62 })},
			"backwards":       {"ends_at", base(func(a *announce.Announcement) { a.StartsAt, a.EndsAt = 20, 10 })},
			"http":            {"url", base(func(a *announce.Announcement) { a.URL = "http://status.meridian.example/" })},
			"script":          {"url", base(func(a *announce.Announcement) { a.URL = "javascript:alert(1)" })},
			"stranger's link": {"url", base(func(a *announce.Announcement) { a.URL = "https://status.meridian-bonus.example/" })},
			"entity":          {"entity", base(func(a *announce.Announcement) { a.Entity = "nowhere" })},
		} {
			_, err := c.Create(t.Context(), rosa, w.a)
			if desk.CodeOf(err) != desk.Invalid || !strings.HasPrefix(err.Error(), w.field+":") {
				t.Errorf("%s: %v", name, err)
			}
		}
		good := create(t, c, base(func(a *announce.Announcement) {
			a.URL, a.Texts["en"] = " https://status.meridian.example/1 ", announce.Text{Title: " Two\nlines ", Body: "One\r\nTwo\x00\n"}
		}))
		if good.URL != "https://status.meridian.example/1" || good.Texts["en"] != (announce.Text{Title: "Two lines", Body: "One\nTwo"}) {
			t.Errorf("%+v", good)
		}
	})
}

func TestAnnouncementsAreEditedWithoutLoss(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, _ *clock) {
		c := open(t, s)
		a := create(t, c, announce.Announcement{})
		level := announce.Incident
		if up, err := c.Update(t.Context(), rosa, a.ID, 1, announce.Change{Level: &level}); err != nil || up.Revision != 2 || up.Texts["zh-CN"].Title != "维护" {
			t.Fatalf("%+v %v", up, err)
		}
		if _, err := c.Update(t.Context(), rosa, a.ID, 1, announce.Change{Level: &level}); desk.CodeOf(err) != desk.Stale {
			t.Errorf("an old revision: %v", err)
		}
		if err := c.Delete(t.Context(), rosa, a.ID, 1); desk.CodeOf(err) != desk.Stale {
			t.Errorf("deleted in an old revision: %v", err)
		}
		if err := c.Delete(t.Context(), rosa, a.ID, 2); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Update(t.Context(), rosa, a.ID, 2, announce.Change{}); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("changed after its end: %v", err)
		}
		entries, _, err := s.Read(t.Context()).AuditEntries("", 10)
		if err != nil || len(entries) != 3 || entries[0].Action != "announcement.delete" || entries[2].Action != "announcement.create" {
			t.Errorf("audit: %+v %v", entries, err)
		}
	})
}

func TestOtherNodesShowAnIncidentWithinSeconds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		here, there := open(t, s), open(t, s)
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { there.Run(ctx); close(done) }()
		create(t, here, announce.Announcement{Level: announce.Incident, Published: true})
		for deadline := time.Now().Add(20 * time.Second); there.Version() != here.Version(); {
			if time.Now().After(deadline) {
				t.Fatal("the other node does not show it")
			}
			time.Sleep(20 * time.Millisecond)
		}
		stop()
		<-done
	})
}

// The version is asked on every page.
func TestVersionCostsNothing(t *testing.T) {
	c := open(t, storetest.Open(t))
	create(t, c, announce.Announcement{Published: true})
	if n := testing.AllocsPerRun(100, func() { c.Version() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
