package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func write(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func TestAttemptsPauseLongerAndLonger(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s := storetest.OpenConfig(t, store.Config{URL: storetest.SQLiteURL(t), Now: func() time.Time { return now }})
	policy := store.ThrottlePolicy{Free: 2, Base: time.Second, Max: 5 * time.Second, Forget: time.Hour}
	attempt := func() (wait time.Duration) {
		write(t, s, func(tx *store.Tx) (err error) {
			wait, err = tx.Attempt("k", policy)
			return err
		})
		return wait
	}
	for i, want := range []time.Duration{0, 0, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		if got := attempt(); got != want {
			t.Fatalf("attempt %d waits %s, want %s", i+1, got, want)
		}
		now = now.Add(want)
		if want > 0 && attempt() != 0 {
			t.Fatalf("attempt %d is refused after its pause", i+1)
		}
	}
	now = now.Add(-24 * time.Hour) // the clock was set back: nobody is locked out for a day
	if got := attempt(); got > policy.Max {
		t.Errorf("after the clock was set back: %s", got)
	}
	now = now.Add(48 * time.Hour)
	if first, second := attempt(), attempt(); first != 0 || second != 0 {
		t.Error("what was long ago still counts")
	}
	write(t, s, func(tx *store.Tx) error { return tx.ReturnAttempt("k") })
	if attempt() != 0 {
		t.Error("an attempt that was given back still counts")
	}
	write(t, s, func(tx *store.Tx) error { return tx.ForgetAttempts("k") })
	if first, second := attempt(), attempt(); first != 0 || second != 0 {
		t.Error("forgotten attempts still count")
	}
}

func TestAuditPagesLoseNothingWithinOneMicrosecond(t *testing.T) {
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		s := storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return now }})
		write(t, s, func(tx *store.Tx) error {
			for i := range 7 {
				if err := tx.Audit(store.Actor{Kind: desk.ByAgent, ID: 5, Name: "Ann 安", IP: "::1"}, fmt.Sprintf("a%d", i), "thing", 9, map[string]any{"from": i}); err != nil {
					return err
				}
			}
			return nil
		})
		var got []string
		for before := ""; ; {
			page, next, err := s.Read(context.Background()).AuditEntries(before, 3)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page {
				got = append(got, e.Action)
				if e.ActorName != "Ann 安" || e.ObjectID != "9" || e.At != desk.MicrosOf(now) {
					t.Errorf("%+v", e)
				}
			}
			if before = next; next == "" {
				break
			}
		}
		if fmt.Sprint(got) != "[a6 a5 a4 a3 a2 a1 a0]" {
			t.Error(got)
		}
		// The row belongs to its change: no change, no row.
		refused := errors.New("refused")
		if err := s.Write(context.Background(), func(tx *store.Tx) error {
			return errors.Join(tx.Audit(store.Actor{Kind: desk.BySystem}, "never", "x", 0, nil), refused)
		}); !errors.Is(err, refused) {
			t.Error(err)
		}
		if page, _, err := s.Read(context.Background()).AuditEntries("", 1); err != nil || page[0].Action != "a6" {
			t.Error(page, err)
		}
	})
}

func TestOneTimeThingsAreTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		a := &desk.Agent{Email: "a@x.example", Name: "A", Role: desk.Admin, Status: "active", Locale: "en", Theme: "system"}
		later := desk.MicrosOf(time.Now().Add(time.Hour))
		i := &store.Invitation{TokenHash: "h", Kind: store.StaffInvitation, Email: "b@x.example", Role: desk.AgentRole, Teams: []desk.ID{3}, ExpiresAt: later}
		write(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.InsertAgent(a, "hash"), tx.ReplaceRecoveryCodes(a.ID, []string{"r1", "r2"}), tx.InsertInvitation(i),
				tx.InsertCeremony(store.Ceremony{IDHash: "c", Kind: "login", Data: "{}", ExpiresAt: later}))
		})
		for name, take := range map[string]func(tx *store.Tx) error{
			"recovery code": func(tx *store.Tx) error { return tx.SpendRecoveryCode(a.ID, "r1") },
			"one-time code": func(tx *store.Tx) error { return tx.SpendTOTP(a.ID, 77) },
			"invitation":    func(tx *store.Tx) error { return tx.AcceptInvitation(i.ID) },
			"passkey ceremony": func(tx *store.Tx) error {
				_, err := tx.TakeCeremony("c", "login")
				return err
			},
		} {
			results := make(chan error, 8)
			for range 8 {
				go func() { results <- s.Write(ctx, take) }()
			}
			won := 0
			for range 8 {
				switch err := <-results; desk.CodeOf(err) {
				case "":
					won++
				case desk.NotFound:
				default:
					t.Errorf("%s: %v", name, err)
				}
			}
			if won != 1 {
				t.Errorf("%s was taken %d times", name, won)
			}
		}
		if n, err := s.Read(ctx).RecoveryCodesLeft(a.ID); err != nil || n != 1 {
			t.Errorf("%d recovery codes are left (%v)", n, err)
		}
		if err := s.Write(ctx, func(tx *store.Tx) error { return tx.InsertAgent(&desk.Agent{Email: "a@x.example"}, "") }); desk.CodeOf(err) != desk.Conflict {
			t.Error(err)
		}
	})
}
