package deadline

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

const (
	maxHolidays = 400
	maxSpans    = 8   // a day
	maxName     = 100 // runes
)

// loadZone knows IANA names only: "Local" would be another zone on every machine.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if name == "Local" {
		return nil, desk.Errorf(desk.Invalid, "hours_zone")
	}
	return time.LoadLocation(name)
}

// parseSpans returns the spans in order, or what is wrong with them.
func parseSpans(spans []desk.Span) ([]span, string) {
	if len(spans) > maxSpans {
		return nil, "hours_spans"
	}
	out := make([]span, 0, len(spans))
	for _, s := range spans {
		from, okFrom := parseClock(s.From)
		to, okTo := parseClock(s.To)
		if !okFrom || !okTo {
			return nil, "hours_clock"
		}
		if from >= to {
			return nil, "hours_order"
		}
		out = append(out, span{from, to})
	}
	slices.SortFunc(out, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	for i := 1; i < len(out); i++ {
		if out[i].from < out[i-1].to {
			return nil, "hours_overlap"
		}
	}
	return out, ""
}

// parseClock reads HH:MM from 00:00 to 24:00.
func parseClock(s string) (time.Duration, bool) {
	hours, minutes, found := strings.Cut(s, ":")
	h, errH := strconv.ParseUint(hours, 10, 8)
	m, errM := strconv.ParseUint(minutes, 10, 8)
	if !found || len(hours) != 2 || len(minutes) != 2 || errH != nil || errM != nil || m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
}

// parseDate reads 2026-10-01, or --10-01 for every year.
func parseDate(s string) (date civil, yearly bool, problem string) {
	rest, yearly := strings.CutPrefix(s, "--")
	if yearly {
		rest = "2000-" + rest // a leap year: 29 February is a date
	}
	t, err := time.Parse(time.DateOnly, rest)
	if err != nil {
		return civil{}, false, "hours_date"
	}
	y, m, d := t.Date()
	if yearly {
		y = 0
	}
	return civil{y, m, d}, yearly, ""
}
