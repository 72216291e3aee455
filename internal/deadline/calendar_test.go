package deadline_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/veridesk/veridesk/internal/deadline"
	"github.com/veridesk/veridesk/internal/desk"
)

func spans(clock ...string) []desk.Span {
	out := []desk.Span{}
	for i := 0; i+1 < len(clock); i += 2 {
		out = append(out, desk.Span{From: clock[i], To: clock[i+1]})
	}
	return out
}

func week(weekdays, weekend []desk.Span) [][]desk.Span {
	return [][]desk.Span{weekdays, weekdays, weekdays, weekdays, weekdays, weekend, weekend}
}

func calendar(t *testing.T, h desk.Hours) *deadline.Calendar {
	t.Helper()
	c, err := deadline.New(h)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Customers are told when somebody is there again; a wrong answer makes them
// wait for nothing.
func TestHoursAsPeopleReadThem(t *testing.T) {
	office := desk.Hours{
		Zone: "Asia/Shanghai", Week: week(spans("09:00", "12:00", "13:00", "18:00"), nil),
		Holidays: []desk.Holiday{
			{Date: "--10-01", Name: map[string]string{"en": "National Day"}},
			{Date: "2026-10-10", Open: spans("10:00", "16:00")}, // a Saturday that is worked
		},
	}
	night := desk.Hours{Zone: "Europe/Berlin", Week: week(spans("00:00", "06:00", "20:00", "24:00"), spans("00:00", "24:00"))}
	for _, tc := range []struct {
		name          string
		hours         desk.Hours
		at            string
		opens, closes string // "": at itself is on that side
	}{
		{"in the morning", office, "2026-09-29T09:30:00+08:00", "", "2026-09-29T12:00:00+08:00"},
		{"the first minute", office, "2026-09-29T09:00:00+08:00", "", "2026-09-29T12:00:00+08:00"},
		{"at lunch", office, "2026-09-29T12:00:00+08:00", "2026-09-29T13:00:00+08:00", ""},
		{"asked from elsewhere", office, "2026-09-29T01:30:00Z", "", "2026-09-29T12:00:00+08:00"},
		{"before a holiday of every year", office, "2026-09-30T18:00:00+08:00", "2026-10-02T09:00:00+08:00", ""},
		{"Friday evening", office, "2026-10-16T20:00:00+08:00", "2026-10-19T09:00:00+08:00", ""},
		{"before a Saturday that is worked", office, "2026-10-09T18:00:00+08:00", "2026-10-10T10:00:00+08:00", ""},
		{"over midnight", night, "2026-03-10T23:59:00+01:00", "", "2026-03-11T06:00:00+01:00"},
		// 29 March 2026: 02:00 becomes 03:00; the weekend is open through.
		{"the night that is short", night, "2026-03-28T12:00:00+01:00", "", "2026-03-30T06:00:00+02:00"},
		{"an hour that never comes", desk.Hours{Zone: "Europe/Berlin", Week: week(nil, spans("02:15", "02:45", "04:00", "05:00"))}, "2026-03-29T00:00:00+01:00", "2026-03-29T04:00:00+02:00", ""},
		// 25 October 2026: 03:00 becomes 02:00; half past two comes twice.
		{"an hour that comes twice", desk.Hours{Zone: "Europe/Berlin", Week: week(nil, spans("02:15", "02:45"))}, "2026-10-25T02:50:00+02:00", "2026-10-25T02:15:00+01:00", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, now := calendar(t, tc.hours), at(t, tc.at)
			want := now
			if tc.opens != "" {
				want = at(t, tc.opens)
			}
			if got, ok := c.NextOpen(now); !ok || !got.Equal(want) || c.Open(now) != (tc.opens == "") {
				t.Errorf("opens %v (%v), want %v; open now: %v", got, ok, want, c.Open(now))
			}
			want = now
			if tc.closes != "" {
				want = at(t, tc.closes)
			}
			if got, ok := c.Close(now); !ok || !got.Equal(want) {
				t.Errorf("closes %v (%v), want %v", got, ok, want)
			}
		})
	}
}

func TestAlwaysAndNever(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []*deadline.Calendar{deadline.Always(), calendar(t, desk.Hours{}), calendar(t, desk.Hours{Zone: "America/New_York", Week: [][]desk.Span{}})} {
		if at, ok := c.NextOpen(now); !ok || !at.Equal(now) {
			t.Errorf("always: opens %v %v", at, ok)
		}
		if at, ok := c.Close(now); ok {
			t.Errorf("always: closes %v", at)
		}
	}
	never := calendar(t, desk.Hours{Week: week(nil, nil)})
	if at, ok := never.NextOpen(now); ok {
		t.Errorf("never: opens %v", at)
	}
	leap := calendar(t, desk.Hours{Week: week(nil, nil), Holidays: []desk.Holiday{{Date: "--02-29", Open: spans("10:00", "11:00")}}})
	if at, ok := leap.NextOpen(now); !ok || !at.Equal(time.Date(2028, 2, 29, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("every 29 February: %v %v", at, ok)
	}
	holiday := calendar(t, desk.Hours{Holidays: []desk.Holiday{{Date: "2026-07-04", Name: map[string]string{"en": "Independence Day"}}}})
	if at, ok := holiday.Close(now); !ok || !at.Equal(time.Date(2026, 7, 4, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("open until the holiday: %v %v", at, ok)
	}
	if h, ok := holiday.Holiday(time.Date(2026, 7, 4, 23, 59, 0, 0, time.UTC)); !ok || h.Name["en"] != "Independence Day" {
		t.Errorf("%+v %v", h, ok)
	}
	if _, ok := holiday.Holiday(now); ok {
		t.Error("a working day is a holiday")
	}
}

// Whoever types hours wrong must learn which line it is, before customers do.
func TestWrongHoursNameTheirField(t *testing.T) {
	good := week(spans("09:00", "18:00"), nil)
	for field, h := range map[string]desk.Hours{
		"hours.zone":         {Zone: "Mars/Olympus"},
		"hours.week":         {Week: good[:5]},
		"hours.week.0":       {Week: week(spans("9:00", "18:00"), nil)},
		"hours.week.5":       {Week: week(spans("09:00", "18:00"), spans("18:00", "09:00"))},
		"hours.week.1":       {Week: [][]desk.Span{{}, spans("09:00", "12:00", "11:59", "13:00"), {}, {}, {}, {}, {}}},
		"hours.week.6":       {Week: [][]desk.Span{{}, {}, {}, {}, {}, {}, spans("09:00", "24:01")}},
		"hours.holidays.0":   {Holidays: []desk.Holiday{{Date: "2026-02-29"}}},
		"hours.holidays.1":   {Holidays: []desk.Holiday{{Date: "--02-29"}, {Date: "--02-29"}}},
		"hours.holidays.2":   {Holidays: []desk.Holiday{{Date: "2026-01-01"}, {Date: "--01-01"}, {Date: "--13-01"}}},
		"hours.holidays.000": {Zone: "Local"}, // said of the zone, below
	} {
		_, err := deadline.New(h)
		e := new(desk.Error)
		if !errors.As(err, &e) || e.Code != desk.Invalid {
			t.Errorf("%s: %v", field, err)
			continue
		}
		if h.Zone == "Local" {
			field = "hours.zone"
		}
		if e.Fields[field] == "" {
			t.Errorf("%s is not named: %v", field, e.Fields)
		}
	}
}

// drawHours makes hours on quarters of an hour.
func drawHours(t *rapid.T) desk.Hours {
	day := rapid.Custom(func(t *rapid.T) []desk.Span {
		out, from := []desk.Span{}, 0
		for range rapid.IntRange(0, 3).Draw(t, "spans") {
			from += rapid.IntRange(0, 40).Draw(t, "gap")
			to := from + rapid.IntRange(1, 60).Draw(t, "length")
			if to > 96 {
				break
			}
			clock := func(q int) string { return fmt.Sprintf("%02d:%02d", q/4, q%4*15) }
			out = append(out, desk.Span{From: clock(from), To: clock(to)})
			from = to
		}
		return out
	})
	h := desk.Hours{Zone: rapid.SampledFrom([]string{
		"", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu", "Africa/Cairo", "America/Santiago",
	}).Draw(t, "zone")}
	if rapid.IntRange(0, 9).Draw(t, "always") > 0 {
		h.Week = rapid.SliceOfN(day, 7, 7).Draw(t, "week")
	}
	seen := map[string]bool{}
	for range rapid.IntRange(0, 4).Draw(t, "holidays") {
		date := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 364).Draw(t, "date")).Format(time.DateOnly)
		if rapid.Bool().Draw(t, "yearly") {
			date = "--" + date[5:]
		}
		if !seen[date] {
			seen[date] = true
			h.Holidays = append(h.Holidays, desk.Holiday{Date: date, Open: day.Draw(t, "open")})
		}
	}
	return h
}

// oracle decides by looking at the clock on the wall, and nothing else.
func oracle(h desk.Hours, zone *time.Location, t time.Time) bool {
	t = t.In(zone)
	var spans []desk.Span
	if len(h.Week) == 0 {
		spans = []desk.Span{{From: "00:00", To: "24:00"}}
	} else {
		spans = h.Week[(int(t.Weekday())+6)%7]
	}
	for _, yearly := range []bool{true, false} { // the date itself has the last word
		date := t.Format(time.DateOnly)
		if yearly {
			date = "--" + date[5:]
		}
		for _, d := range h.Holidays {
			if d.Date == date {
				spans = d.Open
			}
		}
	}
	clock := t.Format("15:04")
	for _, s := range spans {
		if s.From <= clock && clock < s.To {
			return true
		}
	}
	return false
}

// Every answer is compared with that of somebody who looks at the clock each
// minute, around changes of summer time above all.
func TestAgainstTheClockOnTheWall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHours(t)
		c, err := deadline.New(h)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(h.Zone)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 360*24*60).Draw(t, "minute")) * time.Minute)
		if _, change := start.In(zone).ZoneBounds(); !change.IsZero() && change.Year() < 2030 && rapid.Bool().Draw(t, "near a change") {
			start = change.Add(-time.Duration(rapid.IntRange(0, 36*60).Draw(t, "before")) * time.Minute).UTC()
		}
		const look = 60 * time.Hour
		open := oracle(h, zone, start)
		if c.Open(start) != open {
			t.Fatalf("open at %v: %v", start.In(zone), !open)
		}
		next, wantNext := start, false
		for next = start; next.Before(start.Add(look)); next = next.Add(time.Minute) {
			if oracle(h, zone, next) != open {
				wantNext = true
				break
			}
		}
		got, ok := c.NextOpen(start)
		if open {
			got, ok = c.Close(start)
		}
		switch {
		case wantNext && (!ok || !got.Equal(next)):
			t.Fatalf("open %v at %v: changes at %v (%v), want %v\n%+v", open, start.In(zone), got.In(zone), ok, next.In(zone), h)
		case !wantNext && ok && got.Before(start.Add(look)):
			t.Fatalf("open %v at %v: changes at %v, want later\n%+v", open, start.In(zone), got.In(zone), h)
		}
	})
}
