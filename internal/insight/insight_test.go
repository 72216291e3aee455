package insight_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/insight"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

var noon = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

func each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		test(t, storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return noon }}))
	})
}

// library stores articles in English and Chinese and returns their identifiers.
func library(t testing.TB, s *store.Store, n int) []desk.ID {
	t.Helper()
	var ids []desk.ID
	err := s.Write(context.Background(), func(tx *store.Tx) error {
		ids = nil
		category, err := tx.PutCategory(store.Category{Slug: "deposits", Texts: map[string]store.CategoryText{"en": {Title: "Deposits"}}})
		if err != nil {
			return err
		}
		for i := range n {
			id, err := tx.PutArticle(store.Article{CategoryID: category, Slug: fmt.Sprintf("article-%d", i), Texts: map[string]store.ArticleText{
				"en": {Title: fmt.Sprintf("Article %d", i), Body: "x"}, "zh-CN": {Title: fmt.Sprintf("软件 %d", i), Body: "x"},
			}})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func write(t testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

func report(t testing.TB, s *store.Store, span insight.Span) *insight.Report {
	t.Helper()
	r, err := insight.New(s).Report(context.Background(), span)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// conversation stores one that came from an article or a search, at a moment.
func conversation(t testing.TB, s *store.Store, at time.Time, article desk.ID, locale, query string) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		contact := &desk.Contact{Kind: "visitor", Locale: "en"}
		if err := tx.InsertContact(contact); err != nil {
			return err
		}
		c := &desk.Conversation{Channel: desk.Chat, ContactID: contact.ID, Status: desk.Open, Priority: desk.Normal, Locale: "en"}
		if err := tx.InsertConversation(c, "k"+contact.ID.String(), ""); err != nil {
			return err
		}
		return tx.InsertOrigin(store.Origin{ConversationID: c.ID, ArticleID: article, Locale: locale, Query: query, CreatedAt: desk.MicrosOf(at)})
	})
}

// Editors decide by these numbers what to write next: a day too many or a
// language too few sends them to the wrong article.
func TestReport(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ids := library(t, s, 3)
		write(t, s, func(tx *store.Tx) error {
			if err := tx.AddArticleUsage([]store.ArticleUsage{
				{Day: "2026-02-19", ArticleID: ids[0], Locale: "en", Views: 1000}, // before the span before
				{Day: "2026-02-20", ArticleID: ids[0], Locale: "en", Views: 7},
				{Day: "2026-03-10", ArticleID: ids[0], Locale: "en", Views: 3},
				{Day: "2026-03-11", ArticleID: ids[0], Locale: "en", Views: 10},
				{Day: "2026-03-11", ArticleID: ids[1], Locale: "zh-TW", Views: 30},
				{Day: "2026-03-29", ArticleID: ids[0], Locale: "en", Views: 5},
				{Day: "2026-03-30", ArticleID: ids[2], Locale: "en", Views: 2000}, // after the span
				{Day: "2026-03-11", ArticleID: 99, Locale: "en", Views: 9},        // deleted
			}); err != nil {
				return err
			}
			return tx.AddSearchUsage([]store.SearchUsage{
				{Day: "2026-03-11", Locale: "en", Query: "memo", Searches: 10, Nothing: 4, Clicks: 2},
				{Day: "2026-03-12", Locale: "en", Query: "memo", Searches: 5, Nothing: 1, Clicks: 9}, // clicked more than once a search
				{Day: "2026-03-12", Locale: "zh-CN", Query: "提币", Searches: 20, Clicks: 20},
				{Day: "2026-03-12", Locale: "en", Query: "", Searches: 50, Nothing: 50},
				{Day: "2026-03-29", Locale: "en", Query: "refund", Searches: 3, Nothing: 3},
				{Day: "2026-03-10", Locale: "en", Query: "old", Searches: 8, Nothing: 8},
			})
		})
		conversation(t, s, time.Date(2026, 3, 10, 23, 59, 59, 999_999_000, time.UTC), ids[0], "en", "")
		conversation(t, s, time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC), ids[0], "en", "memo")
		conversation(t, s, time.Date(2026, 3, 29, 23, 59, 59, 999_999_000, time.UTC), 0, "en", "memo")
		conversation(t, s, time.Date(2026, 3, 30, 0, 0, 0, 0, time.UTC), ids[0], "en", "memo")
		conversation(t, s, time.Date(2026, 3, 15, 0, 0, 0, 0, time.UTC), 98, "en", "") // an article that is gone

		r := report(t, s, insight.Span{From: "2026-03-11", To: "2026-03-29"})
		if want := (store.UsageTotals{Views: 45, Searches: 88, Nothing: 58, Unclicked: 4, Conversations: 2}); r.Totals != want {
			t.Errorf("totals %+v\n  want %+v", r.Totals, want)
		}
		if want := (store.UsageTotals{Views: 10, Searches: 8, Nothing: 8, Conversations: 1}); r.Before != want {
			t.Errorf("before %+v\n  want %+v", r.Before, want)
		}
		if len(r.Days) != 19 || r.Days[0] != (store.UsageDay{Day: "2026-03-11", Views: 40, Searches: 10, Nothing: 4, Conversations: 1}) ||
			r.Days[2] != (store.UsageDay{Day: "2026-03-13"}) || r.Days[18] != (store.UsageDay{Day: "2026-03-29", Views: 5, Searches: 3, Nothing: 3, Conversations: 1}) {
			t.Errorf("days %+v", r.Days)
		}
		if len(r.Articles) != 2 || r.Articles[0].ID != ids[1] || r.Articles[0].Title != "軟體 1" || r.Articles[0].Category != "deposits" ||
			r.Articles[1].Views != 15 || r.Articles[1].Conversations != 1 || r.Articles[1].Slug != "article-0" {
			t.Errorf("articles %+v", r.Articles)
		}
		if fmt.Sprint(r.Nothing) != "[{memo en 5} {refund en 3}]" || fmt.Sprint(r.Led) != "[{memo en 15 2}]" {
			t.Errorf("nothing %v, led %v", r.Nothing, r.Led)
		}
		zh := report(t, s, insight.Span{From: "2026-03-11", To: "2026-03-29", Locale: "zh-CN"})
		if zh.Totals != (store.UsageTotals{Searches: 20}) || len(zh.Articles) != 0 {
			t.Errorf("zh-CN %+v", zh.Totals)
		}
		one := report(t, s, insight.Span{From: "2026-03-11", To: "2026-03-11", Locale: "en"})
		if fmt.Sprint(one.Unclicked) != "[{memo en 6 2}]" || one.Totals.Unclicked != 4 || one.Before.Views != 3 || len(one.Days) != 1 {
			t.Errorf("one day %+v", one)
		}
	})
}

func TestSpans(t *testing.T) {
	s := storetest.OpenConfig(t, store.Config{URL: storetest.SQLiteURL(t), Now: func() time.Time { return noon }})
	if r := report(t, s, insight.Span{}); r.From != "2026-03-02" || r.To != "2026-03-31" || len(r.Days) != 30 || r.Nothing == nil || r.Articles == nil || r.Unclicked == nil || r.Led == nil {
		t.Errorf("%+v", r)
	}
	if r := report(t, s, insight.Span{From: "2025-04-01", To: "2026-03-31"}); len(r.Days) != 365 {
		t.Errorf("a year has %d days", len(r.Days))
	}
	for _, bad := range []insight.Span{
		{From: "2026-3-1"}, {To: "yesterday"}, {From: "2026-03-02", To: "2026-03-01"}, {From: "2025-03-01"}, {Locale: "fr"}, {From: "2026-02-30"},
	} {
		if _, err := insight.New(s).Report(t.Context(), bad); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestListsAreShort(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ids := library(t, s, 120)
		write(t, s, func(tx *store.Tx) error {
			for i, id := range ids {
				if err := tx.AddArticleUsage([]store.ArticleUsage{{Day: "2026-03-11", ArticleID: id, Locale: "en", Views: int64(i + 1)}}); err != nil {
					return err
				}
				q := store.SearchUsage{Day: "2026-03-11", Locale: "en", Query: fmt.Sprintf("q%03d", i), Searches: int64(2*i + 2), Nothing: int64(i + 1)}
				if err := tx.AddSearchUsage([]store.SearchUsage{q}); err != nil {
					return err
				}
			}
			return nil
		})
		r := report(t, s, insight.Span{})
		if len(r.Articles) != 100 || r.Articles[0].Views != 120 || r.Articles[99].Views != 21 || len(r.Nothing) != 100 || r.Nothing[0].Query != "q119" || len(r.Unclicked) != 100 {
			t.Errorf("%d articles, %d and %d queries", len(r.Articles), len(r.Nothing), len(r.Unclicked))
		}
	})
}

// A year of a busy Help Center: the page must open while somebody waits for it.
// It takes a minute to fill, so it runs when asked for.
func TestAYearIsFast(t *testing.T) {
	if os.Getenv("VERIDESK_SLOW") == "" {
		t.Skip("set VERIDESK_SLOW=1 to fill a year of usage")
	}
	each(t, func(t *testing.T, s *store.Store) {
		ids := library(t, s, 1000)
		for day := range 365 {
			name := noon.AddDate(0, 0, -day).Format(time.DateOnly)
			write(t, s, func(tx *store.Tx) error {
				var views []store.ArticleUsage
				for i, id := range ids {
					views = append(views, store.ArticleUsage{Day: name, ArticleID: id, Locale: []string{"en", "zh-CN"}[(i+day)%2], Views: int64(i%97 + 1)})
				}
				var searches []store.SearchUsage
				for i := range 1500 {
					q := fmt.Sprintf("query %d", i*(day%3+1))
					searches = append(searches, store.SearchUsage{Day: name, Locale: "en", Query: q, Searches: int64(i%13 + 1), Nothing: int64(i % 2), Clicks: int64(i % 5)})
				}
				if err := tx.AddArticleUsage(views); err != nil {
					return err
				}
				return tx.AddSearchUsage(searches)
			})
		}
		for name, span := range map[string]insight.Span{"month": {}, "quarter": {From: "2026-01-01"}, "year": {From: "2025-04-01"}, "year in Chinese": {From: "2025-04-01", Locale: "zh-CN"}} {
			start := time.Now()
			report(t, s, span)
			took := time.Since(start)
			t.Logf("%s: %v", name, took.Round(time.Millisecond))
			if took > 5*time.Second {
				t.Errorf("%s took %v", name, took)
			}
		}
		if !strings.HasPrefix(name(s), "2026") {
			t.Error("the clock is wrong")
		}
	})
}

func name(s *store.Store) string { return s.Now().Format(time.DateOnly) }
