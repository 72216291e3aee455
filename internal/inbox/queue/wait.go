package queue

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// Served is somebody who has waited and was then given to an agent.
type Served struct{ Entered, Left desk.Micros }

// Recent is what a team did lately, as far as the estimate looks at it.
type Recent struct {
	// From is the beginning of what is known.
	From desk.Micros
	// Served lists who was given to an agent since From, in any order.
	Served []Served
	// WaitingSince is when the longest waiting of those who wait now entered;
	// zero when nobody waits.
	WaitingSince desk.Micros
	Now          desk.Micros
}

// Pace is how fast the line moves while somebody stands in it. The zero value is
// "not known".
type Pace struct {
	departures int
	busy       time.Duration // how long somebody was waiting
}

const (
	// instant is a wait that was none: an agent was free. Such people say nothing
	// about how long a line takes.
	instant = 2 * desk.Micros(time.Second/time.Microsecond)
	// fewest departures that a pace is told from.
	fewest = 3
	// longest is the wait beyond which no number is told.
	longest = 4 * time.Hour
)

// PaceOf measures the pace: departures from the line by the time in which there
// was one.
func PaceOf(r Recent) Pace {
	spans := make([]Served, 0, len(r.Served)+1)
	n := 0
	for _, s := range r.Served {
		if s.Left-s.Entered < instant || s.Left < r.From || s.Left > r.Now {
			continue
		}
		n++
		spans = append(spans, Served{max(s.Entered, r.From), s.Left})
	}
	if r.WaitingSince != 0 {
		spans = append(spans, Served{max(r.WaitingSince, r.From), r.Now})
	}
	return Pace{departures: n, busy: covered(spans)}
}

// covered is how much time the spans cover together.
func covered(spans []Served) time.Duration {
	slices.SortFunc(spans, func(a, b Served) int { return cmp.Compare(a.Entered, b.Entered) })
	var sum, until desk.Micros
	for _, s := range spans {
		if from := max(s.Entered, until); s.Left > from {
			sum += s.Left - from
			until = s.Left
		}
	}
	return time.Duration(sum) * time.Microsecond
}

// Wait is a range; both zero when nothing honest can be said.
type Wait struct{ Low, High time.Duration }

// Wait tells how long the one at a place (1 is next) waits for an agent: a range
// that holds in four of five cases, or more, when the line goes on as it did.
//
// With n departures in a busy time T, and departures at random moments, the time
// to the p-th departure in units of T·p/n is distributed as F(2p, 2n): the fewer
// have been seen, the wider the range.
func (p Pace) Wait(place int) Wait {
	if place < 1 || p.departures < fewest || p.busy <= 0 {
		return Wait{}
	}
	unit := p.busy.Seconds() * float64(place) / float64(p.departures)
	const z = 1.282 // 10 % on each side
	low := unit * fQuantile(float64(2*place), float64(2*p.departures), -z)
	high := unit * fQuantile(float64(2*place), float64(2*p.departures), z)
	if high > longest.Seconds() {
		return Wait{}
	}
	return Wait{roundDown(seconds(low)), roundUp(seconds(high))}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// fQuantile returns the quantile of the F distribution with a and b degrees of
// freedom that belongs to the standard normal quantile z (Paulson's
// approximation: the cube root of F is nearly a ratio of two normal variables).
func fQuantile(a, b, z float64) float64 {
	u, v := 2/(9*a), 2/(9*b)
	// ((1−v)x − (1−u))² = z² (v x² + u) for x, the cube root.
	qa := (1-v)*(1-v) - z*z*v
	qb := (1 - u) * (1 - v)
	qc := (1-u)*(1-u) - z*z*u
	root := math.Sqrt(max(qb*qb-qa*qc, 0))
	if z < 0 {
		root = -root
	}
	x := (qb + root) / qa
	return max(x*x*x, 0)
}

// step is how finely a wait is told.
func step(d time.Duration) time.Duration {
	switch {
	case d < 2*time.Minute:
		return 30 * time.Second
	case d < 15*time.Minute:
		return time.Minute
	case d < time.Hour:
		return 5 * time.Minute
	}
	return 15 * time.Minute
}

func roundDown(d time.Duration) time.Duration { return d / step(d) * step(d) }

func roundUp(d time.Duration) time.Duration {
	s := step(d)
	return max((d+s-1)/s*s, s)
}

// CoarsePlace is how a place is told: exactly up to 50, then in steps, so that
// a long line does not tell everybody of every move.
func CoarsePlace(place int) int {
	switch {
	case place <= 50:
		return place
	case place <= 200:
		return (place + 9) / 10 * 10
	}
	return (place + 49) / 50 * 50
}
