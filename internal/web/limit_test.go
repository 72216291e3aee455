package web

import (
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// A burst is fine, a flood is not, and waiting as long as one is told is enough.
func TestLimiterTellsHowLongToWait(t *testing.T) {
	l := NewLimiter[string](time.Second, 3, 100)
	now := start
	for i := range 3 {
		if wait := l.Take("a", now); wait != 0 {
			t.Fatalf("act %d of the burst waits %v", i+1, wait)
		}
	}
	wait := l.Take("a", now)
	if wait <= 0 || wait > time.Second {
		t.Fatalf("after the burst: %v", wait)
	}
	for range 50 {
		l.Take("a", now) // what is refused is not counted
	}
	if l.Take("b", now) != 0 {
		t.Error("somebody else waits for it")
	}
	if again := l.Take("a", now.Add(wait)); again != 0 {
		t.Errorf("having waited %v: %v more", wait, again)
	}
	if l.Take("a", now.Add(wait)) == 0 {
		t.Error("waiting once gave more than one act")
	}
}

// Nobody escapes by waiting for the limiter to forget, or by making it forget.
func TestLimiterForgetsOnlyTheQuiet(t *testing.T) {
	l := NewLimiter[int](time.Second, 10, 1000)
	now, done := start, 0
	for range 10_000 { // 100 s, ten tries a second
		if l.Take(1, now) == 0 {
			done++
		}
		l.Take(2+int(now.Unix()%7), now)
		now = now.Add(10 * time.Millisecond)
	}
	if done < 108 || done > 112 {
		t.Errorf("%d acts in 100 s of one a second and a burst of 10", done)
	}
}

func TestLimiterKeepsItsMemoryBounded(t *testing.T) {
	l := NewLimiter[int](time.Hour, 10, 1000)
	for i := range 100_000 {
		l.Take(i, start)
	}
	if n := l.Len(); n > 1000 {
		t.Errorf("%d keys are remembered", n)
	}
	l.Take(0, start.Add(time.Hour*1000))
	if n := l.Len(); n > 1 {
		t.Errorf("%d keys after a long silence", n)
	}
}

// Behind a proxy that says nothing sits everybody; one customer has a whole /64.
func TestPacedAddress(t *testing.T) {
	e := newEdge(t, Config{PublicURL: "https://help.example.com", TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.7:1", "", "203.0.113.7"},
		{"203.0.113.7:1", "198.51.100.1", "203.0.113.7"},
		{"127.0.0.1:1", "", ""},
		{"[::1]:1", "", ""},
		{"[::ffff:127.0.0.1]:1", "", ""},
		{"10.0.0.1:1", "", ""},
		{"10.0.0.1:1", "10.0.0.2", ""},
		{"10.0.0.1:1", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1", "127.0.0.1", ""},
		{"[2001:db8:1:2:3:4:5:6]:1", "", "2001:db8:1:2::"},
		{"[::ffff:203.0.113.7]:1", "", "203.0.113.7"},
		{"[fe80::1%eth0]:1", "", "fe80::"},
		{"@", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		got := ""
		if a, ok := pacedAddress(e.begin(r)); ok {
			got = a.String()
		}
		if got != c.want {
			t.Errorf("%s for %q: %q, want %q", c.remote, c.forwarded, got, c.want)
		}
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := NewLimiter[int](time.Millisecond, 100, 100_000)
	i := 0
	for b.Loop() {
		i++
		l.Take(i%50_000, start.Add(time.Duration(i)*time.Microsecond))
	}
}
