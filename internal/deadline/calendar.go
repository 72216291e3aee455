package deadline

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // zones are known on machines that have no such files

	"github.com/veridesk/veridesk/internal/desk"
)

// horizon bounds the search for a moment: longer than from one 29 February to
// the next over a century.
const horizon = 9 * 366 * 24 * time.Hour

const day = 24 * time.Hour

// Calendar answers questions about [desk.Hours]. It never changes.
type Calendar struct {
	zone   *time.Location
	always bool // the week has no hours of its own
	week   [7][]span
	once   map[civil]holiday
	yearly map[civil]holiday // year 0
}

// span is open from its first minute up to its last, which it does not contain.
type span struct{ from, to time.Duration } // since midnight by the clock on the wall

type civil struct {
	year  int
	month time.Month
	day   int
}

type holiday struct {
	open []span
	of   desk.Holiday
}

// New returns the calendar of hours. What is wrong with them is an Invalid
// error with a message per field: "hours.zone", "hours.week.0" (Monday) and
// "hours.holidays.0" (the first).
func New(h desk.Hours) (*Calendar, error) {
	c := &Calendar{always: len(h.Week) == 0, once: map[civil]holiday{}, yearly: map[civil]holiday{}}
	fields := map[string]string{}
	var err error
	if c.zone, err = loadZone(h.Zone); err != nil {
		fields["hours.zone"] = "hours_zone"
	}
	if !c.always && len(h.Week) != len(c.week) {
		fields["hours.week"] = "hours_week"
	} else {
		for i, spans := range h.Week {
			problem := ""
			if c.week[i], problem = parseSpans(spans); problem != "" {
				fields[fmt.Sprintf("hours.week.%d", i)] = problem
			}
		}
	}
	if len(h.Holidays) > maxHolidays {
		fields["hours.holidays"] = "field_too_long"
	}
	for i, of := range h.Holidays {
		if problem := c.addHoliday(of); problem != "" {
			fields[fmt.Sprintf("hours.holidays.%d", i)] = problem
		}
	}
	if len(fields) > 0 {
		return nil, &desk.Error{Code: desk.Invalid, Message: "fields", Fields: fields}
	}
	return c, nil
}

// Always is the calendar of a desk that never closes.
func Always() *Calendar { return &Calendar{zone: time.UTC, always: true} }

func (c *Calendar) addHoliday(of desk.Holiday) string {
	date, yearly, problem := parseDate(of.Date)
	if problem != "" {
		return problem
	}
	open, problem := parseSpans(of.Open)
	if problem != "" {
		return problem
	}
	if len(of.Name) > len(desk.ReadingLocales) {
		return "field_too_long"
	}
	for _, name := range of.Name {
		if len([]rune(name)) > maxName {
			return "field_too_long"
		}
	}
	days := c.once
	if yearly {
		days = c.yearly
	}
	if _, twice := days[date]; twice {
		return "hours_date_twice"
	}
	days[date] = holiday{open, of}
	return ""
}

// on returns the hours of a date, and the holiday that set them, if one did. A
// date named with its year goes before one of every year.
func (c *Calendar) on(midnight time.Time) ([]span, *desk.Holiday) {
	y, m, d := midnight.Date()
	h, found := c.once[civil{y, m, d}]
	if !found {
		h, found = c.yearly[civil{0, m, d}]
	}
	if found {
		return h.open, &h.of
	}
	if c.always {
		return []span{{0, day}}, nil
	}
	return c.week[(int(midnight.Weekday())+6)%7], nil
}

// wall returns the date of t by the clock on the wall, as midnight UTC, and the
// time since.
func (c *Calendar) wall(t time.Time) (midnight time.Time, since time.Duration) {
	t = t.In(c.zone)
	y, m, d := t.Date()
	since = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute +
		time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), since
}

// Open reports whether somebody is there at t.
func (c *Calendar) Open(t time.Time) bool {
	midnight, since := c.wall(t)
	spans, _ := c.on(midnight)
	return slices.ContainsFunc(spans, func(s span) bool { return s.from <= since && since < s.to })
}

// Holiday returns the holiday of t's date, if it is one.
func (c *Calendar) Holiday(t time.Time) (desk.Holiday, bool) {
	midnight, _ := c.wall(t)
	if _, h := c.on(midnight); h != nil {
		return *h, true
	}
	return desk.Holiday{}, false
}

// NextOpen returns the first moment from t on that is open: t itself when it
// is. ok is false when there is none.
func (c *Calendar) NextOpen(t time.Time) (at time.Time, ok bool) {
	for at, end := t, t.Add(horizon); at.Before(end); {
		until := c.steady(at, end)
		if open, found := c.openBetween(at, until); found {
			return open, true
		}
		at = until
	}
	return time.Time{}, false
}

// Close returns the first moment from t on that is not open: t itself when it
// is not. ok is false when it never closes.
func (c *Calendar) Close(t time.Time) (at time.Time, ok bool) {
	for at, end := t, t.Add(horizon); at.Before(end); {
		if !c.Open(at) {
			return at, true
		}
		if c.always && len(c.once) == 0 && len(c.yearly) == 0 {
			break
		}
		at = c.endOfSpan(at, c.steady(at, end))
	}
	return time.Time{}, false
}

// steady returns until when, at most limit, the clock on the wall runs evenly
// from t on.
func (c *Calendar) steady(t, limit time.Time) time.Time {
	if _, end := t.In(c.zone).ZoneBounds(); !end.IsZero() && end.Before(limit) {
		return end
	}
	return limit
}

// openBetween finds the first open moment in [from, until), within which the
// clock on the wall runs evenly.
func (c *Calendar) openBetween(from, until time.Time) (time.Time, bool) {
	midnight, since := c.wall(from)
	for start := from.Add(-since); start.Before(until); start, midnight = start.Add(day), midnight.Add(day) {
		spans, _ := c.on(midnight)
		for _, s := range spans { // in order
			opens, closes := start.Add(s.from), start.Add(s.to)
			if opens.Before(from) {
				opens = from
			}
			if opens.Before(closes) && opens.Before(until) {
				return opens, true
			}
		}
	}
	return time.Time{}, false
}

// endOfSpan returns the end of the span that at, which is open, lies in; at most
// until.
func (c *Calendar) endOfSpan(at, until time.Time) time.Time {
	midnight, since := c.wall(at)
	spans, _ := c.on(midnight)
	for _, s := range spans {
		if s.from <= since && since < s.to {
			if end := at.Add(s.to - since); end.Before(until) {
				return end
			}
		}
	}
	return until
}
