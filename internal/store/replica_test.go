package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Two nodes look at the same rows: what one changes the other sees, each reads
// only what has changed, and a copy that somebody holds stays what it was.
func TestReplicaFollows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		var reads, ready atomic.Int32
		open := func() *store.Replica[string] {
			r, err := store.OpenReplica(ctx, s, store.ReplicaConfig[string]{
				Name:    "the sign",
				Version: func(q store.Query) (string, error) { v, err := q.Meta("sign.version"); return string(v), err },
				Read: func(q store.Query, _ string) (*string, error) {
					reads.Add(1)
					v, err := q.Meta("sign")
					text := string(v)
					return &text, err
				},
				Ready: func(before, _ *string) {
					if before != nil {
						ready.Add(1)
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		write := func(text string) {
			err := s.Write(ctx, func(tx *store.Tx) error {
				if err := tx.SetMeta("sign", []byte(text)); err != nil {
					return err
				}
				return tx.SetMeta("sign.version", []byte(tx.NewID().String()))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		write("open")
		here, there := open(), open()
		held := here.Load()
		write("closed")
		there.Seen(ctx)
		if got := *there.Load(); got != "closed" {
			t.Errorf("the node that changed it shows %q", got)
		}
		for _, want := range []bool{true, false} {
			if changed, err := here.Refresh(ctx); err != nil || changed != want {
				t.Errorf("changed %v, want %v (%v)", changed, want, err)
			}
		}
		if *held != "open" || *here.Load() != "closed" || reads.Load() != 4 || ready.Load() != 2 {
			t.Errorf("held %q, shows %q, %d reads, %d made ready", *held, *here.Load(), reads.Load(), ready.Load())
		}
	})
}

// A database that is away for an hour is one line in the log, and another when
// it is back.
func TestEveryLogsAFailureOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		steps := 0
		go store.Every(ctx, time.Second, slog.New(slog.NewTextHandler(&out, nil)), "looking", func(context.Context) error {
			if steps++; steps > 5 && steps < 3600 {
				return errors.New("gone")
			}
			return nil
		})
		time.Sleep(2*time.Hour + time.Millisecond)
		cancel()
		synctest.Wait()
		log := out.String()
		if steps != 7200 || strings.Count(log, "gone") != 1 || strings.Count(log, "works again") != 1 {
			t.Errorf("%d steps, log:\n%s", steps, log)
		}
	})
}
