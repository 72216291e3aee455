package helpcenter_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// evening is a moment before a day ends.
var evening = time.Date(2026, 3, 1, 23, 59, 58, 0, time.UTC)

// wall is a store's clock, moved by hand.
type wall struct{ at atomic.Int64 }

func (w *wall) now() time.Time  { return time.UnixMicro(w.at.Load()).UTC() }
func (w *wall) set(t time.Time) { w.at.Store(t.UnixMicro()) }

// counted runs a test on both engines with a Help Center of three articles, at
// a moment before midnight.
func counted(t *testing.T, test func(t *testing.T, s *store.Store, c *helpcenter.Center, w *wall)) {
	t.Helper()
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		w := new(wall)
		w.set(evening)
		s := storetest.OpenConfig(t, store.Config{URL: url, Now: w.now})
		c := open(t, s)
		imported(t, c, tree(nil))
		if _, err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		test(t, s, c, w)
	})
}

func articleID(t *testing.T, c *helpcenter.Center, slug string) desk.ID {
	t.Helper()
	a, _ := c.Snapshot().Article("en", slug)
	if a == nil {
		t.Fatalf("there is no %s", slug)
	}
	return a.ID
}

func flush(t *testing.T, c *helpcenter.Center) {
	t.Helper()
	if err := c.Usage().Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func totals(t *testing.T, s *store.Store, from, to, locale string) store.UsageTotals {
	t.Helper()
	sums, _, err := s.Read(t.Context()).UsageOf(store.UsageSpan{From: from, To: to, Locale: locale})
	if err != nil {
		t.Fatal(err)
	}
	return sums
}

// What was read must be found under its day and language, however many nodes
// counted it.
func TestUsageIsCountedByDayAndLanguage(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, w *wall) {
		other := open(t, s)
		id := articleID(t, c, "late-deposit")
		c.Usage().Viewed(id, "en")
		c.Usage().Viewed(id, "zh-TW")
		other.Usage().Viewed(id, "en")
		c.Usage().Searched("en", "Late Deposit", 2)
		c.Usage().Searched("en", "late  deposit", 0)
		c.Usage().Clicked("en", "LATE deposit", id)
		w.set(evening.Add(4 * time.Second)) // the next day, before anything was written
		c.Usage().Viewed(id, "en")
		c.Usage().Viewed(0, "en")
		c.Usage().Searched("zh-CN", "提币", 0)
		flush(t, c)
		flush(t, other)
		flush(t, c) // nothing twice

		first, second := totals(t, s, "2026-03-01", "2026-03-01", ""), totals(t, s, "2026-03-02", "2026-03-02", "")
		if first != (store.UsageTotals{Views: 3, Searches: 2, Nothing: 1}) {
			t.Errorf("the first day: %+v", first)
		}
		if second != (store.UsageTotals{Views: 1, Searches: 1, Nothing: 1}) {
			t.Errorf("the second day: %+v", second)
		}
		if tw := totals(t, s, "2026-03-01", "2026-03-02", "zh-TW"); tw.Views != 1 || tw.Searches != 0 {
			t.Errorf("zh-TW: %+v", tw)
		}
		top, err := s.Read(t.Context()).TopQueries(store.UsageSpan{From: "2026-03-01", To: "2026-03-02"}, 10)
		if list := top.FoundNothing; err != nil || len(list) != 2 || list[0] != (store.QueryInsight{Query: "late deposit", Locale: "en", Searches: 2, Nothing: 1, Clicks: 1}) {
			t.Errorf("%+v %v", top, err)
		}
	})
}

// Somebody's account number in the list of searches would be a leak; the number
// of searches must be right all the same.
func TestSearchesThatNameSomebodyAreCountedNotKept(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		c.Usage().Searched("en", "uid 204918377", 0)
		c.Usage().Searched("en", "legal winner thank year wave sausage worth useful legal winner thank yellow", 0)
		flush(t, c)
		if sums := totals(t, s, "2026-03-01", "2026-03-01", ""); sums.Searches != 2 || sums.Nothing != 2 {
			t.Errorf("%+v", sums)
		}
		for _, table := range tables(t, s) {
			if strings.Contains(table, "204918377") || strings.Contains(table, "sausage") {
				t.Errorf("kept: %s", table)
			}
		}
	})
}

// tables returns the whole database as text.
func tables(t *testing.T, s *store.Store) []string {
	t.Helper()
	q := s.Read(t.Context())
	list, err := q.Tables()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, table := range list {
		for row, err := range q.Rows(table) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, table.Name+": "+fmt.Sprintf("%s", row))
		}
	}
	return out
}

// A flood of random queries must fill neither the memory nor the disk, nor push
// out what people really look for.
func TestAFloodOfQueriesIsBounded(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		const waves, each = 6, 2500
		c.Usage().Searched("en", "withdraw", 3)
		flush(t, c)
		for wave := range waves {
			for i := range each {
				c.Usage().Searched("en", fmt.Sprintf("q%c%c%c%c", 'a'+wave, 'a'+i%26, 'a'+i/26%26, 'a'+i/676), 0)
			}
			c.Usage().Searched("en", "withdraw", 3)
			flush(t, c)
		}
		if sums := totals(t, s, "2026-03-01", "2026-03-01", ""); sums.Searches != waves*(each+1)+1 {
			t.Errorf("%d searches were counted", sums.Searches)
		}
		list, err := s.Read(t.Context()).Tables()
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range list {
			if table.Name != "search_daily" {
				continue
			}
			if n, err := s.Read(t.Context()).Count(table); err != nil || n > 10_001 {
				t.Errorf("the table has %d rows, %v", n, err)
			}
		}
	})
}

// An article that was deleted a moment ago must not stop all counting; a
// database that is away must not lose what was counted.
func TestCountsSurviveDeletedArticlesAndAFailingDatabase(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		gone, stays := articleID(t, c, "only-en"), articleID(t, c, "stolen")
		c.Usage().Viewed(gone, "en")
		c.Usage().Viewed(stays, "en")
		c.Usage().Searched("en", "freeze", 1)
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.DeleteArticle(gone) }); err != nil {
			t.Fatal(err)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.Usage().Flush(cancelled); err == nil {
			t.Fatal("a flush without a database did not fail")
		}
		c.Usage().Viewed(stays, "en")
		c.Usage().Searched("en", "freeze", 1)
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if sums := totals(t, s, "2026-03-01", "2026-03-01", ""); sums.Views != 2 || sums.Searches != 2 {
			t.Errorf("%+v", sums)
		}
	})
}

// Many requests count at once while the counts are being written.
func TestNothingIsLostBetweenReadersAndTheFlush(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		id := articleID(t, c, "stolen")
		const readers, times = 8, 500
		var wg sync.WaitGroup
		for range readers {
			wg.Go(func() {
				for range times {
					c.Usage().Viewed(id, "en")
					c.Usage().Searched("en", "freeze", 1)
				}
			})
		}
		stop := make(chan struct{})
		var flusher sync.WaitGroup
		flusher.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := c.Usage().Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
			}
		})
		wg.Wait()
		close(stop)
		flusher.Wait()
		flush(t, c)
		if sums := totals(t, s, "2026-03-01", "2026-03-01", ""); sums.Views != readers*times || sums.Searches != readers*times {
			t.Errorf("%+v", sums)
		}
	})
}

// Counting stands on the path of every page.
func TestViewedDoesNotAllocate(t *testing.T) {
	c := open(t, storetest.Open(t))
	if n := testing.AllocsPerRun(1000, func() { c.Usage().Viewed(42, "zh-TW") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if n := testing.AllocsPerRun(1000, func() { helpcenter.Robot("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/120.0") }); n != 0 {
		t.Errorf("Robot: %v allocations", n)
	}
}

func BenchmarkViewed(b *testing.B) {
	c, err := helpcenter.New(b.Context(), helpcenter.Config{Store: storetest.Open(b)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			c.Usage().Viewed(42, "en")
		}
	})
}
