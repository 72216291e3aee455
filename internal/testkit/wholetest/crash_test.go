package wholetest_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit"
)

// An acknowledged message must survive a power cut at any instant, exactly once
// and in its place; and people must carry on by themselves afterwards.
func TestAcknowledgedMessagesSurviveKill(t *testing.T) {
	engines(t, func(t *testing.T, options ...testkit.Option) {
		srv := testkit.StartServer(t, options...)
		senders := newSenders(t, 50, srv.URL)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		done := make(chan struct{})
		go func() {
			defer close(done)
			crowd(ctx, senders)
		}()
		rounds := soak(3, 20)
		for range rounds {
			time.Sleep(time.Duration(300+rand.IntN(900)) * time.Millisecond)
			if err := srv.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := srv.Start(); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(500 * time.Millisecond) // they carry on
		stop()
		<-done
		acked := checkKept(t, senders)
		for i, s := range senders {
			if time.Since(s.last) > 20*time.Second {
				t.Errorf("sender %d did not come back", i)
			}
		}
		t.Logf("%d kills, %d acknowledged messages, all kept", rounds, acked)
	})
}
