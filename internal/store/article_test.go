package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Articles come back as they were stored, a second Put replaces texts, and every
// change can be seen by the other nodes; else customers read what was corrected.
func TestArticlesAreStoredReplacedAndNoticed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		version := func() string {
			v, err := s.Read(ctx).ArticlesVersion()
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if v := version(); v != "" {
			t.Fatalf("version before any article = %q", v)
		}
		c := store.Category{Slug: "deposits", Icon: "deposit", Position: 3, Texts: map[string]store.CategoryText{
			"en": {Title: "Deposits", Description: "Find one."}, "zh-CN": {Title: "充值"},
		}}
		a := store.Article{Slug: "late", Position: 1, Scenarios: []desk.Scenario{desk.TransferTrouble}, Texts: map[string]store.ArticleText{
			"en":    {Title: "Late", Summary: "Wait.", Body: "Look at the **TxID**.", Tags: []string{"txid"}, Status: store.Published, UpdatedAt: 7},
			"zh-CN": {Title: "未到账", Body: "查 TxID。", Status: store.Draft},
		}}
		put := func() {
			t.Helper()
			err := s.Write(ctx, func(tx *store.Tx) (err error) {
				if c.ID, err = tx.PutCategory(c); err != nil {
					return err
				}
				a.CategoryID = c.ID
				a.ID, err = tx.PutArticle(a)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		check := func() {
			t.Helper()
			categories, err := s.Read(ctx).Categories()
			if err != nil {
				t.Fatal(err)
			}
			articles, err := s.Read(ctx).Articles()
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]store.Category{c}, categories); d != "" {
				t.Error(d)
			}
			if len(articles) == 1 {
				articles[0].CreatedAt = 0
			}
			if d := cmp.Diff([]store.Article{a}, articles); d != "" {
				t.Error(d)
			}
		}
		put()
		check()
		first, id := version(), a.ID
		if first == "" {
			t.Error("no version after the first article")
		}

		delete(a.Texts, "zh-CN")
		a.Texts["en"] = store.ArticleText{Title: "Late deposit", Body: "Wait.", Status: store.Published}
		put()
		check()
		if a.ID != id {
			t.Error("the article has become another one; links and feedback would be lost")
		}
		second := version()
		if second == first {
			t.Error("a change left the version as it was: other nodes go on showing the old text")
		}

		if err := s.Write(ctx, func(tx *store.Tx) error { return tx.DeleteArticle(id) }); err != nil {
			t.Fatal(err)
		}
		if rest, err := s.Read(ctx).Articles(); err != nil || len(rest) != 0 {
			t.Errorf("after deleting: %v %v", rest, err)
		}
		if version() == second {
			t.Error("deleting left the version as it was")
		}
		err := s.Write(ctx, func(tx *store.Tx) error { return tx.DeleteArticle(id) })
		if desk.CodeOf(err) != desk.NotFound {
			t.Errorf("deleting twice: %v", err)
		}
	})
}
