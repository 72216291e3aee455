package site

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/web"
)

// Ready pages must not fill the memory of a small machine, whatever is asked
// for; what is asked for often stays.
func TestCacheIsBounded(t *testing.T) {
	hc, err := helpcenter.New(t.Context(), helpcenter.Config{Store: storetest.Open(t)})
	if err != nil {
		t.Fatal(err)
	}
	c := newCache(&Site{d: Deps{HelpCenter: hc}})
	now := c.s.epoch()
	var none *web.Edge
	page, err := none.NewReady("/", http.Header{"Content-Type": {"text/html"}}, []byte(strings.Repeat("x", 1000)))
	if err != nil {
		t.Fatal(err)
	}
	c.limit = 50 * page.Size()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 2000 {
				c.put(now, fmt.Sprint(i), &entry{Ready: page})
				c.put(now, "often", &entry{Ready: page})
				if c.get(now, []byte("often")) == nil {
					t.Error("what is asked for all the time was dropped")
					return
				}
			}
		})
	}
	wg.Wait()
	if n := len(c.young) + len(c.old); n > 101 || c.size > c.limit {
		t.Errorf("%d pages, %d bytes", n, c.size)
	}
	if c.get(epoch{notices: "later"}, []byte("often")) != nil {
		t.Error("a page outlives what it was made from")
	}
	c.put(epoch{notices: "before"}, "old", &entry{Ready: page})
	if c.get(now, []byte("often")) == nil {
		t.Error("a page made from what has changed meanwhile emptied the cache")
	}
}
