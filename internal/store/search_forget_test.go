package store_test

import (
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// What is to be erased must not be findable any more, and everything else must
// be, also after it was forgotten by mistake and fed again.
func TestForgottenMessagesAreNotFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := openIndex(t, s)
		defer func() {
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		}()
		m := talk(t, s, 0, "lost deposit of Zebra & Co.", "lost withdrawal", "丢失的充值 zebra")
		for _, one := range m {
			x.Feed(one)
		}
		finds(t, x, "lost", nil, m[1].Body, m[0].Body)
		finds(t, x, "zebra", nil, m[2].Body, m[0].Body)
		never := &desk.Message{ID: m[2].ID + 1, Body: "lost zebra that was never indexed"}
		for range 2 { // again, after a crash between this and the deletion
			if err := x.Forget(t.Context(), []*desk.Message{m[0], never}); err != nil {
				t.Fatal(err)
			}
		}
		finds(t, x, "lost", nil, m[1].Body)
		finds(t, x, "zebra", nil, m[2].Body)
		finds(t, x, "充值", nil, m[2].Body)
		x.Feed(m[0])
		finds(t, x, "zebra", nil, m[2].Body, m[0].Body)
		if err := x.Forget(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}
