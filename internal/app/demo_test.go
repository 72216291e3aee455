package app

import (
	"io"
	"log/slog"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/insight"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// The demo is the first thing that anybody sees: its registry, banner and
// insight page must not be empty, nor its own rules broken by it.
func TestTheDemoHasSomethingToShow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := &app{store: s, log: slog.New(slog.NewTextHandler(io.Discard, nil))}
		var err error
		if a.official, err = official.Open(t.Context(), official.Config{Store: s}); err != nil {
			t.Fatal(err)
		}
		if a.announce, err = announce.New(t.Context(), announce.Config{Store: s, MayLink: a.mayLink}); err != nil {
			t.Fatal(err)
		}
		if a.help, err = helpcenter.New(t.Context(), helpcenter.Config{Store: s, Judge: a.judgeLink}); err != nil {
			t.Fatal(err)
		}
		text := &fstest.MapFile{Data: []byte("---\ntitle: Late\nsummary: Late.\norder: 1\nupdated: 2026-02-03\n---\nText.\n")}
		if _, err := a.help.Import(t.Context(), fstest.MapFS{
			"categories.yaml":              {Data: []byte("- slug: deposits\n  title: {en: Deposits, zh-CN: 充值}\n")},
			"articles/en/deposits/late.md": text, "articles/zh-CN/deposits/late.md": text,
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := a.help.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a start that was interrupted comes again
			if err := a.seedOfficial(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.seedUsage(t.Context()); err != nil {
			t.Fatal(err)
		}
		for link, want := range map[string]helpcenter.LinkStatus{
			"https://www.meridian.example/":         helpcenter.LinkOfficial,
			"mailto:appeals@meridian.example":       helpcenter.LinkOfficial,
			"https://t.me/meridian_announcements":   helpcenter.LinkOfficial,
			"https://etherscan.io/tx/0x1":           helpcenter.LinkReference,
			"https://login.meridian-bonus.example/": helpcenter.LinkFake,
			"https://meridian-support.example/":     helpcenter.LinkUnknown,
		} {
			if got := a.judgeLink(link); got != want {
				t.Errorf("%s is %s, want %s", link, got, want)
			}
		}
		if shown := a.official.Public("", ""); len(shown) < 8 || slices.ContainsFunc(shown, func(c official.Contact) bool { return c.PurposeIn("zh-TW") == "" || c.Status != official.Official }) {
			t.Errorf("the contact page shows %+v", shown)
		}
		if up := a.announce.Active(s.Now(), "", ""); len(up) != 1 || up[0].In("zh-TW").Title == up[0].In("zh-CN").Title {
			t.Errorf("announced: %+v", up)
		}
		r, err := insight.New(s).Report(t.Context(), insight.Span{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Totals.Views == 0 || r.Totals.Nothing == 0 || r.Before.Views == 0 || len(r.Days) != 30 || r.Days[15].Searches == 0 ||
			len(r.Nothing) < 5 || len(r.Unclicked) < 5 || len(r.Articles) != 2 {
			t.Errorf("%+v", r)
		}
		if votes, _, err := a.help.Feedback(t.Context(), store.FeedbackFilter{Limit: 10}); err != nil || len(votes) == 0 || votes[0].CreatedAt.Time().After(time.Now()) {
			t.Errorf("%+v %v", votes, err)
		}
	})
}
