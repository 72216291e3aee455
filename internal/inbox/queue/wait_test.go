package queue_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox/queue"
)

const second = desk.Micros(time.Second / time.Microsecond)

// A number that is made up is worse than none.
func TestNothingIsSaidWhenNothingIsKnown(t *testing.T) {
	now := 10_000 * second
	few := []queue.Served{{now - 300*second, now - 200*second}, {now - 280*second, now - 100*second}}
	for name, tc := range map[string]struct {
		recent queue.Recent
		place  int
	}{
		"nobody was served":            {queue.Recent{Now: now, WaitingSince: now - 60*second}, 1},
		"two were served":              {queue.Recent{Now: now, Served: few}, 1},
		"nobody had to wait":           {queue.Recent{Now: now, Served: slices.Repeat([]queue.Served{{now - 100*second, now - 99*second}}, 50)}, 1},
		"no place":                     {queue.Recent{Now: now, Served: slices.Repeat(few, 5)}, 0},
		"longer than anybody believes": {queue.Recent{Now: now, Served: slices.Repeat(few, 2)}, 3000},
	} {
		if got := queue.PaceOf(tc.recent).Wait(tc.place); got != (queue.Wait{}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRangeWidensWithFewSamples(t *testing.T) {
	now := 10_000 * second
	line := func(n int) queue.Pace { // one a minute, with somebody waiting all the time
		r := queue.Recent{Now: now, WaitingSince: now - 60*second}
		for i := range n {
			left := now - desk.Micros(60*i)*second
			r.Served = append(r.Served, queue.Served{Entered: left - 120*second, Left: left})
		}
		return queue.PaceOf(r)
	}
	few, many := line(4).Wait(5), line(25).Wait(5)
	if many.Low > 5*time.Minute || many.High < 5*time.Minute || many.Low < time.Minute || many.High > 12*time.Minute {
		t.Errorf("five minutes are told as %v", many)
	}
	if few.High-few.Low <= many.High-many.Low {
		t.Errorf("four samples: %v, twenty-five: %v", few, many)
	}
	for place := 2; place < 60; place++ {
		if a, b := line(25).Wait(place-1), line(25).Wait(place); b.Low < a.Low || b.High < a.High {
			t.Errorf("place %d waits %v, the one behind %v", place-1, a, b)
		}
	}
}

// desk with c agents whose answers take a random time, people who come at
// random, and one clock. What people are told when they join is compared with
// what happens to them.
func simulate(random *rand.Rand, c int, load float64, service func() float64) (told, held int) {
	type waiting struct {
		entered float64
		low     time.Duration
		high    time.Duration
		told    bool
	}
	const mean = 240.0 // seconds that an answer takes
	var served []queue.Served
	var line []waiting
	busy := []float64{} // when each working agent is free again
	micros := func(s float64) desk.Micros { return desk.Micros(s*1e6) + 1_000_000_000 }
	next := 0.0
	for now := 0.0; now < 40*3600; {
		slices.Sort(busy)
		if len(busy) == 0 || next <= busy[0] {
			now = next
			next = now + random.ExpFloat64()*mean/(float64(c)*load)
			if len(busy) < c {
				busy = append(busy, now+service()*mean)
				served = append(served, queue.Served{Entered: micros(now), Left: micros(now)})
				continue
			}
			w := waiting{entered: now}
			r := queue.Recent{Now: micros(now), From: micros(now - 1800), WaitingSince: micros(now)}
			if len(line) > 0 {
				r.WaitingSince = micros(line[0].entered)
			}
			for i := len(served) - 1; i >= 0 && served[i].Left >= r.From; i-- {
				r.Served = append(r.Served, served[i])
			}
			got := queue.PaceOf(r).Wait(len(line) + 1)
			w.low, w.high, w.told = got.Low, got.High, got.High > 0
			line = append(line, w)
			continue
		}
		now = busy[0]
		busy = busy[1:]
		if len(line) > 0 {
			w := line[0]
			line = line[1:]
			busy = append(busy, now+service()*mean)
			served = append(served, queue.Served{Entered: micros(w.entered), Left: micros(now)})
			if wait := seconds(now - w.entered); w.told {
				told++
				if w.low <= wait && wait <= w.high {
					held++
				}
			}
		}
	}
	return told, held
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// Somebody who is told "4 to 9 minutes" must, four times out of five at least,
// wait 4 to 9 minutes.
func TestWhatIsToldHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 2026))
	exponential := random.ExpFloat64
	even := func() float64 { return 0.4 + 1.2*random.Float64() }
	longTail := func() float64 { return math.Exp(random.NormFloat64()*0.8 - 0.32) }
	for _, tc := range []struct {
		name    string
		agents  int
		load    float64
		service func() float64
	}{
		{"M/M/3 at 85 %", 3, 0.85, exponential},
		{"M/M/10 at 95 %", 10, 0.95, exponential},
		{"M/M/20 at 98 %", 20, 0.98, exponential},
		{"a small desk, overloaded for a while", 5, 1.02, exponential},
		{"answers of like length", 8, 0.95, even},
		{"answers with a long tail", 8, 0.95, longTail},
	} {
		told, held := simulate(random, tc.agents, tc.load, tc.service)
		share := float64(held) / float64(told)
		t.Logf("%s: %d of %d (%.0f %%)", tc.name, held, told, 100*share)
		if told < 300 || share < 0.8 {
			t.Errorf("%s: %d of %d waits were in the range that was told", tc.name, held, told)
		}
	}
}

func TestLongLinesMoveInSteps(t *testing.T) {
	for place, want := range map[int]int{1: 1, 50: 50, 51: 60, 60: 60, 61: 70, 201: 250, 9999: 10000} {
		if got := queue.CoarsePlace(place); got != want {
			t.Errorf("place %d is told as %d, want %d", place, got, want)
		}
	}
}
