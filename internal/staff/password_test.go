package staff

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

var cheap = Cost{MemoryKiB: 64, Passes: 1, Lanes: 1}

func TestHashesVerifyAndTellTheirAge(t *testing.T) {
	ctx := context.Background()
	old, now := newHasher(cheap), newHasher(Cost{MemoryKiB: 128, Passes: 1, Lanes: 1})
	stored, err := old.hash(ctx, "密码 with ünïcode")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := old.hash(ctx, "密码 with ünïcode"); err != nil || again == stored {
		t.Errorf("two hashes of one password are the same (%v)", err)
	}
	for _, c := range []struct {
		h            *hasher
		stored, with string
		ok, outdated bool
	}{
		{old, stored, "密码 with ünïcode", true, false},
		{old, stored, "密码 with unicode", false, false},
		{now, stored, "密码 with ünïcode", true, true},
		{old, "", "anything", false, false}, // no password: nobody gets in
		{old, "", "", false, false},
	} {
		ok, outdated, err := c.h.verify(ctx, c.stored, c.with)
		if err != nil || ok != c.ok || outdated != c.outdated {
			t.Errorf("%q: %v %v %v", c.with, ok, outdated, err)
		}
	}
	for _, broken := range []string{"x", "$argon2i$v=19$m=1,t=1,p=1$AAAA$AAAA", strings.Replace(stored, "m=64", "m=99999999", 1), strings.Replace(stored, "v=19", "v=16", 1), stored[:40]} {
		if ok, _, err := old.verify(ctx, broken, "x"); err == nil || ok {
			t.Errorf("%q was accepted", broken)
		}
	}
}

// A flood of sign-ins that hashes all at once takes the machine's memory.
func TestHashingWaitsForItsTurn(t *testing.T) {
	h := newHasher(cheap)
	done, err := h.turn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for range cap(h.turns) - 1 {
		if _, err := h.turn(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := h.hash(ctx, "x"); desk.CodeOf(err) != desk.Unavailable {
		t.Errorf("no turn was left, yet: %v", err)
	}
	var wg sync.WaitGroup
	var passed atomic.Bool
	wg.Go(func() {
		if _, err := h.hash(context.Background(), "x"); err == nil {
			passed.Store(true)
		}
	})
	done()
	wg.Wait()
	if !passed.Load() {
		t.Error("a turn that was given back did not help the one who waited")
	}
}

func TestNewPasswordsAreJudged(t *testing.T) {
	for _, c := range []struct{ password, want string }{
		{"harbour violet tundra", ""},
		{"一二三四五六七八九十甲乙", ""},
		{"short", "password_short"},
		{strings.Repeat("long", 51), "password_long"},
		{"Password123!", "password_common"},
		{"1234567890", "password_common"},
		{"aaaaaaaaaaaa", "password_common"},
		{"abcdefghijkl", "password_common"},
		{"ann.smith@meridian.example", "password_personal"},
		{"ANN.SMITH.JONES", "password_personal"},
	} {
		email := "ann.smith@meridian.example"
		if strings.HasPrefix(c.password, "ANN") {
			email = "ann.smith.jones@meridian.example"
		}
		got := ""
		if err := checkPassword("new", c.password, email, "Ann"); err != nil {
			got = err.(*desk.Error).Fields["new"] //nolint:errorlint // made one line above
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.password, got, c.want)
		}
	}
}
