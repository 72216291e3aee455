package helpcenter_test

import (
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

func vote(t *testing.T, c *helpcenter.Center, v helpcenter.Vote) {
	t.Helper()
	if err := c.Vote(t.Context(), v); err != nil {
		t.Fatal(err)
	}
}

func feedback(t *testing.T, c *helpcenter.Center, f store.FeedbackFilter) []store.Feedback {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 50
	}
	list, _, err := c.Feedback(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A reader who thinks again has one vote, not two; tomorrow nobody knows them.
func TestAChangeOfMindReplacesTheVote(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, w *wall) {
		id := articleID(t, c, "late-deposit")
		reader := helpcenter.Vote{Article: id, Locale: "en", Helpful: true, Reason: "wrong", Voter: "203.0.113.5\nBrowser", Address: "203.0.113.5"}
		vote(t, c, reader)
		if got := totals(t, s, "2026-03-01", "2026-03-01", "en"); got.Helpful != 1 || got.Unhelpful != 0 {
			t.Fatalf("%+v", got)
		}
		reader.Helpful, reader.Comment = false, "  It is\tout of date.\n"
		vote(t, c, reader)
		vote(t, c, reader)
		other := reader
		other.Voter, other.Helpful = "203.0.113.9\nBrowser", true
		vote(t, c, other)
		if got := totals(t, s, "2026-03-01", "2026-03-01", "en"); got.Helpful != 1 || got.Unhelpful != 1 {
			t.Errorf("after a change of mind: %+v", got)
		}
		no := false
		list := feedback(t, c, store.FeedbackFilter{Article: id, Locale: "en", Helpful: &no})
		if len(list) != 1 || list[0].Comment != "It isout of date." || list[0].Reason != "wrong" || list[0].Title != "Late deposit" || list[0].Category != "deposits" || list[0].Slug != "late-deposit" || list[0].Version == 0 {
			t.Errorf("%+v", list)
		}
		w.set(evening.Add(time.Minute))
		vote(t, c, reader)
		if got := totals(t, s, "2026-03-02", "2026-03-02", "en"); got.Unhelpful != 1 {
			t.Errorf("the next day: %+v", got)
		}
		for _, row := range tables(t, s) {
			if strings.Contains(row, "203.0.113") {
				t.Errorf("an address is kept: %s", row)
			}
		}
	})
}

// Yesterday's voters must not be found again by anybody who has the database.
func TestTheSaltOfAVoteIsForgotten(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, w *wall) {
		v := helpcenter.Vote{Article: articleID(t, c, "stolen"), Locale: "en", Helpful: true, Voter: "a", Address: "a"}
		vote(t, c, v)
		first, err := s.Read(t.Context()).Meta("helpcenter.voter_salt")
		if err != nil || !strings.HasPrefix(string(first), "2026-03-01:") {
			t.Fatalf("%s %v", first, err)
		}
		w.set(evening.Add(time.Minute))
		vote(t, c, v)
		second, err := s.Read(t.Context()).Meta("helpcenter.voter_salt")
		if err != nil || !strings.HasPrefix(string(second), "2026-03-02:") || string(second[11:]) == string(first[11:]) {
			t.Fatalf("%s %v", second, err)
		}
		w.set(evening) // a node whose clock is behind
		v.Voter, v.Address = "b", "b"
		vote(t, c, v)
		if now, err := s.Read(t.Context()).Meta("helpcenter.voter_salt"); err != nil || string(now) != string(second) {
			t.Errorf("yesterday came back: %s %v", now, err)
		}
		if got := totals(t, s, "2026-03-01", "2026-03-02", ""); got.Helpful != 3 {
			t.Errorf("%+v", got)
		}
	})
}

func TestVotesThatAreRefused(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		id := articleID(t, c, "only-en")
		for name, w := range map[string]struct {
			v    helpcenter.Vote
			code desk.Code
		}{
			"no such article": {helpcenter.Vote{Article: 17, Locale: "en", Voter: "1"}, desk.NotFound},
			"not translated":  {helpcenter.Vote{Article: id, Locale: "zh-CN", Voter: "2"}, desk.NotFound},
			"not derived":     {helpcenter.Vote{Article: id, Locale: "zh-TW", Voter: "3"}, desk.NotFound},
			"unknown reason":  {helpcenter.Vote{Article: id, Locale: "en", Reason: "ugly", Voter: "4"}, desk.Invalid},
			"a novel":         {helpcenter.Vote{Article: id, Locale: "en", Comment: strings.Repeat("字", 1001), Voter: "5"}, desk.Invalid},
		} {
			if err := c.Vote(t.Context(), w.v); desk.CodeOf(err) != w.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		vote(t, c, helpcenter.Vote{Article: articleID(t, c, "stolen"), Locale: "zh-TW", Voter: "6"}) // read in a derived language
		secret := "my words: legal winner thank year wave sausage worth useful legal winner thank yellow ok?"
		vote(t, c, helpcenter.Vote{Article: id, Locale: "en", Comment: secret, Voter: "7"})
		list := feedback(t, c, store.FeedbackFilter{})
		if len(list) != 2 || list[0].Comment != "my words: [removed: recovery phrase, 12 words] ok?" || list[1].Title != "账户被盗" && list[1].Title != "帳戶被盜" {
			t.Errorf("%+v", list)
		}
		for _, row := range tables(t, s) {
			if strings.Contains(row, "sausage") {
				t.Errorf("a secret is kept: %s", row)
			}
		}
	})
}

// One angry reader with a script must not decide what editors rewrite.
func TestVotesOfOneAddressAreSlowedDown(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		id := articleID(t, c, "stolen")
		var err error
		for i := range 60 {
			// Another browser and another address of the same network each time.
			v := helpcenter.Vote{Article: id, Locale: "en", Voter: strings.Repeat("x", i+1), Address: "2001:db8:1:2::" + strings.Repeat("1", i%4+1)}
			if err = c.Vote(t.Context(), v); err != nil {
				break
			}
		}
		var e *desk.Error
		if desk.CodeOf(err) != desk.Throttled {
			t.Fatalf("60 votes of one network: %v", err)
		}
		if e, _ = err.(*desk.Error); e == nil || e.RetryAfter <= 0 {
			t.Errorf("it does not say when to try again: %v", err)
		}
		vote(t, c, helpcenter.Vote{Article: id, Locale: "en", Voter: "somebody else", Address: "2001:db8:1:3::1"})
		if got := totals(t, s, "2026-03-01", "2026-03-01", ""); got.Unhelpful > 30 {
			t.Errorf("%d votes went through", got.Unhelpful)
		}
	})
}

func TestFeedbackIsListedByPages(t *testing.T) {
	counted(t, func(t *testing.T, _ *store.Store, c *helpcenter.Center, w *wall) {
		id := articleID(t, c, "stolen")
		for i := range 5 {
			w.set(evening.Add(time.Duration(i) * time.Millisecond))
			vote(t, c, helpcenter.Vote{Article: id, Locale: "en", Comment: string(rune('a' + i)), Voter: string(rune('a' + i)), Address: string(rune('a' + i))})
		}
		var got string
		f := store.FeedbackFilter{Limit: 2}
		for range 4 {
			list, next, err := c.Feedback(t.Context(), f)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range list {
				got += v.Comment
			}
			if f.Before = next; next == "" {
				break
			}
		}
		if got != "edcba" {
			t.Errorf("pages have %q", got)
		}
		f.Before = "x"
		if _, _, err := c.Feedback(t.Context(), f); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("a cursor of nobody's: %v", err)
		}
	})
}
