package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func articlesVersion(t *testing.T, s *store.Store) string {
	t.Helper()
	v, err := s.Read(t.Context()).ArticlesVersion()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func mustWrite(t *testing.T, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// article puts a category and an article into the database.
func article(t *testing.T, s *store.Store, slug string, texts map[string]store.ArticleText) store.Article {
	t.Helper()
	a := store.Article{Slug: slug, Position: 1, Scenarios: []desk.Scenario{desk.TransferTrouble}, ReviewDays: 90, SourceLocale: "en", Texts: texts}
	mustWrite(t, s, func(tx *store.Tx) (err error) {
		c := store.Category{Slug: "deposits", Icon: "deposit", Position: 3, Texts: map[string]store.CategoryText{
			"en": {Title: "Deposits", Description: "Find one."}, "zh-CN": {Title: "充值"},
		}}
		if a.CategoryID, err = tx.PutCategory(c); err != nil {
			return err
		}
		a.ID, err = tx.PutArticle(a)
		return err
	})
	return a
}

// Articles come back as they were stored, readers get the live version and
// editors the working text, and every change can be seen by the other nodes;
// else customers read what was corrected.
func TestArticlesAreStoredReplacedAndNoticed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if v := articlesVersion(t, s); v != "" {
			t.Fatalf("version before any article = %q", v)
		}
		texts := map[string]store.ArticleText{
			"en":    {Title: "Late", Summary: "Wait.", Body: "Look at the **TxID**.", Tags: []string{"txid"}, Status: store.Published, UpdatedAt: 7},
			"zh-CN": {Title: "未到账", Body: "查 TxID。", Status: store.Draft},
		}
		a := article(t, s, "late", texts)
		first := articlesVersion(t, s)
		ignore := cmpopts.IgnoreFields(store.ArticleText{}, "EditedAt", "EditedBy")
		want := map[string]store.ArticleText{}
		for l, text := range texts {
			text.Revision, text.Newest = 1, 1
			if text.Status == store.Published {
				text.Live, text.Major = 1, 1
			}
			want[l] = text
		}
		q := s.Read(t.Context())
		have, err := q.Article(a.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, have.Texts, ignore); d != "" {
			t.Error(d)
		}
		if have.ReviewDays != 90 || have.Scenarios[0] != desk.TransferTrouble || have.Revision != 1 {
			t.Errorf("%+v", have)
		}
		// A newer draft does not reach the readers.
		mustWrite(t, s, func(tx *store.Tx) error {
			draft := have.Texts["en"]
			draft.Title, draft.Status, draft.Newest = "Later", store.Draft, 2
			if err := tx.PutText(a.ID, "en", &draft); err != nil {
				return err
			}
			return tx.PutVersion(a.ID, "en", &store.ArticleVersion{Number: 2, Title: "Later", Body: "x", Action: store.ActionSave})
		})
		live, err := q.LiveArticles()
		if err != nil || len(live) != 1 || len(live[0].Texts) != 1 || live[0].Texts["en"].Title != "Late" || live[0].Texts["en"].Body != texts["en"].Body {
			t.Errorf("readers see %+v, %v", live, err)
		}
		list, err := q.ArticleList()
		if err != nil || list[0].Texts["en"].Title != "Later" || list[0].Texts["en"].Body != "" {
			t.Errorf("editors see %+v, %v", list, err)
		}
		// Put again: the same article, with a new version that is up.
		again := article(t, s, "late", map[string]store.ArticleText{"en": {Title: "Late deposit", Body: "Wait.", UpdatedAt: 9}})
		if again.ID != a.ID {
			t.Error("the article has become another one; links and feedback would be lost")
		}
		if articlesVersion(t, s) == first {
			t.Error("a change left the version as it was: other nodes go on showing the old text")
		}
		versions, err := q.ArticleVersions(a.ID, "en")
		if err != nil || len(versions) != 3 || versions[0].Number != 3 || versions[0].Title != "Late deposit" || versions[2].Title != "Late" {
			t.Errorf("versions %+v, %v", versions, err)
		}
		if have, err := q.Article(a.ID); err != nil || have.Texts["zh-CN"].Title != "未到账" {
			t.Errorf("the other language has gone: %+v, %v", have, err)
		}
		mustWrite(t, s, func(tx *store.Tx) error { return tx.DeleteArticle(a.ID) })
		if rest, err := q.Articles(); err != nil || len(rest) != 0 {
			t.Errorf("after deleting: %v %v", rest, err)
		}
		if err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.DeleteArticle(a.ID) }); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("deleting twice: %v", err)
		}
	})
}

// Of many who save the same revision at once exactly one wins, and every other
// one is told; else an hour of writing is lost without a word.
func TestNoUpdateIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := article(t, s, "late", map[string]store.ArticleText{"en": {Title: "Late", Body: "x"}})
		var won, stale atomic.Int32
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				text := store.ArticleText{Title: fmt.Sprint(i), Body: "x", Status: store.Draft, Revision: 1, Newest: 2}
				switch err := s.Write(t.Context(), func(tx *store.Tx) error {
					mine := text // the function may be run again
					return tx.PutText(a.ID, "en", &mine)
				}); desk.CodeOf(err) {
				case "":
					won.Add(1)
				case desk.Stale:
					stale.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 || stale.Load() != 7 {
			t.Errorf("%d won, %d were told", won.Load(), stale.Load())
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error { return tx.PutText(a.ID, "en", &store.ArticleText{Title: "new"}) })
		if desk.CodeOf(err) != desk.Stale {
			t.Errorf("writing a language that somebody has just begun: %v", err)
		}
		for name, fn := range map[string]func(tx *store.Tx) error{
			"article":  func(tx *store.Tx) error { b := a; b.Revision = 7; return tx.UpdateArticle(&b) },
			"category": func(tx *store.Tx) error { return tx.UpdateCategory(&store.Category{ID: a.CategoryID, Revision: 7}) },
			"delete":   func(tx *store.Tx) error { return tx.DeleteText(a.ID, "en", 7) },
		} {
			if err := s.Write(t.Context(), fn); desk.CodeOf(err) != desk.Stale {
				t.Errorf("%s with an old revision: %v", name, err)
			}
		}
		for name, fn := range map[string]func(tx *store.Tx) error{
			"article":  func(tx *store.Tx) error { return tx.UpdateArticle(&store.Article{ID: 99, Revision: 1}) },
			"category": func(tx *store.Tx) error { return tx.UpdateCategory(&store.Category{ID: 99, Revision: 1}) },
			"text":     func(tx *store.Tx) error { return tx.PutText(a.ID, "zh-CN", &store.ArticleText{Revision: 1}) },
			"delete":   func(tx *store.Tx) error { return tx.DeleteText(a.ID, "zh-CN", 1) },
			"reminder": func(tx *store.Tx) error { return tx.SetReminded(a.ID, "zh-CN", 1) },
		} {
			if err := s.Write(t.Context(), fn); desk.CodeOf(err) != desk.NotFound {
				t.Errorf("%s that is not there: %v", name, err)
			}
		}
	})
}

func TestSlugsAreTakenOnceAndCategoriesGoEmpty(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := article(t, s, "late", nil)
		for name, fn := range map[string]func(tx *store.Tx) error{
			"article": func(tx *store.Tx) error {
				return tx.InsertArticle(&store.Article{CategoryID: a.CategoryID, Slug: "late", SourceLocale: "en"})
			},
			"category":           func(tx *store.Tx) error { return tx.InsertCategory(&store.Category{Slug: "deposits"}) },
			"no such category":   func(tx *store.Tx) error { return tx.InsertArticle(&store.Article{CategoryID: 99, Slug: "x"}) },
			"category not empty": func(tx *store.Tx) error { return tx.DeleteCategory(a.CategoryID) },
		} {
			if err := s.Write(t.Context(), fn); desk.CodeOf(err) != desk.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		mustWrite(t, s, func(tx *store.Tx) error {
			if err := tx.InsertArticle(&store.Article{CategoryID: a.CategoryID, Slug: "late", Entity: "eu", SourceLocale: "en"}); err != nil {
				return err
			}
			return nil
		})
	})
}

// An old address leads where the thing is now, in one step.
func TestRedirectsNameTheThing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := article(t, s, "third", nil)
		mustWrite(t, s, func(tx *store.Tx) error {
			for _, slug := range []string{"first", "second", "second"} {
				if err := tx.PutRedirect(store.Redirect{Kind: store.RedirectArticle, Slug: slug, Target: a.ID}); err != nil {
					return err
				}
			}
			return tx.DeleteRedirect(store.RedirectArticle, "first", "", "")
		})
		want := []store.Redirect{{Kind: store.RedirectArticle, Slug: "second", Target: a.ID}}
		have, err := s.Read(t.Context()).RedirectsTo(store.RedirectArticle, a.ID)
		if d := cmp.Diff(want, have); d != "" || err != nil {
			t.Error(d, err)
		}
		mustWrite(t, s, func(tx *store.Tx) error { return tx.DeleteArticle(a.ID) })
		if have, err := s.Read(t.Context()).Redirects(); err != nil || len(have) != 0 {
			t.Errorf("a redirect leads to nothing: %v %v", have, err)
		}
	})
}

func TestPicturesAreOneByContentAndKeepTheirPaths(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m := store.Media{Name: "0123456789abcdef0123456789abcdef.png", Type: "image/png", Bytes: 9, Width: 2, Height: 3}
		mustWrite(t, s, func(tx *store.Tx) error {
			for range 2 {
				if err := tx.PutMedia(m); err != nil {
					return err
				}
			}
			for _, path := range []string{"images/b.png", "images/a.png", "images/a.png"} {
				if err := tx.PutMediaPath(store.MediaPath{Path: path, Name: m.Name}); err != nil {
					return err
				}
			}
			return nil
		})
		q := s.Read(t.Context())
		have, err := q.Media(m.Name)
		if have.CreatedAt = 0; have != m || err != nil {
			t.Errorf("%+v %v", have, err)
		}
		paths, err := q.MediaPaths()
		if err != nil || len(paths) != 2 || paths[0].Path != "images/a.png" {
			t.Errorf("%v %v", paths, err)
		}
		if _, err := q.Media("x"); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a picture that is not there: %v", err)
		}
	})
}

// A version keeps everything that its author said.
func TestVersionsOfAText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		a := article(t, s, "late", map[string]store.ArticleText{"en": {Title: "Late", Body: "one"}})
		v := store.ArticleVersion{Number: 2, Title: "Late", Body: "two", Tags: []string{"b", "a"}, Action: store.ActionSave, AuthorID: 5, AuthorName: "Ada", Matter: "---\n", Note: "n"}
		mustWrite(t, s, func(tx *store.Tx) error { return tx.PutVersion(a.ID, "en", &v) })
		have, err := s.Read(t.Context()).ArticleVersion(a.ID, "en", 2)
		if d := cmp.Diff(v, have, cmpopts.IgnoreFields(v, "CreatedAt")); d != "" || err != nil || have.CreatedAt == 0 {
			t.Error(d, err)
		}
		// The same number again is the same sitting: the moment of the first stays.
		later := v
		later.Body, later.CreatedAt = "two and a half", have.CreatedAt+5
		mustWrite(t, s, func(tx *store.Tx) error { return tx.PutVersion(a.ID, "en", &later) })
		again, err := s.Read(t.Context()).ArticleVersion(a.ID, "en", 2)
		if err != nil || again.Body != later.Body || again.CreatedAt != have.CreatedAt {
			t.Errorf("%+v %v", again, err)
		}
		var seen []int
		err = s.Read(t.Context()).EachVersion(func(_ desk.ID, _ string, v store.ArticleVersion) error {
			seen = append(seen, v.Number)
			return nil
		})
		if err != nil || len(seen) != 1 || seen[0] != 1 {
			t.Errorf("live and newest are %v, %v", seen, err)
		}
		if _, err := s.Read(t.Context()).ArticleVersion(a.ID, "en", 9); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a version that is not there: %v", err)
		}
	})
}
