package inbox_test

import (
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Editors want to know which article did not help; nobody must be found by it.
func TestWhereAConversationCameFromIsKept(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		var article desk.ID
		err := f.store.Write(t.Context(), func(tx *store.Tx) error {
			category, err := tx.PutCategory(store.Category{Slug: "deposits"})
			if err != nil {
				return err
			}
			article, err = tx.PutArticle(store.Article{CategoryID: category, Slug: "late", Texts: map[string]store.ArticleText{"en": {Title: "Late", Body: "x"}}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		begin := func(client string, came desk.Origin, page string) desk.ID {
			t.Helper()
			msg := f.inbound(0, client, "Where is my deposit?")
			msg.Came, msg.PageURL = came, page
			r, err := f.Receive(t.Context(), msg)
			if err != nil {
				t.Fatal(err)
			}
			again, err := f.Receive(t.Context(), msg)
			if err != nil || !again.Repeated {
				t.Fatalf("a repeat: %+v %v", again, err)
			}
			return r.Conversation.ID
		}
		origin := func(id desk.ID) store.Origin {
			t.Helper()
			o, err := f.store.Read(t.Context()).Origin(id)
			if err != nil && desk.CodeOf(err) != desk.NotFound {
				t.Fatal(err)
			}
			o.ConversationID, o.CreatedAt = 0, 0
			return o
		}
		const page = "https://help.meridian.example/zh-TW/a/deposits/late"
		both := begin("client-0001", desk.Origin{Article: article, Query: "  Late   Deposit", Locale: "zh-TW"}, page)
		if got, want := origin(both), (store.Origin{PageURL: page, ArticleID: article, Locale: "zh-TW", Query: "late deposit"}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
		masked := begin("client-0002", desk.Origin{Query: "uid 204918377", Locale: "en"}, page)
		secret := begin("client-0003", desk.Origin{Query: phrase}, "")
		if a, b := origin(masked), origin(secret); a != (store.Origin{}) || b != (store.Origin{}) {
			t.Errorf("what names somebody was kept: %+v %+v", a, b)
		}
		gone := begin("client-0004", desk.Origin{Article: 99, Query: "memo", Locale: "xx"}, "")
		if got := origin(gone); got != (store.Origin{Locale: "en", Query: "memo"}) {
			t.Errorf("an article that is gone: %+v", got)
		}
		if _, err := f.Receive(t.Context(), func() desk.Inbound {
			msg := f.inbound(both, "client-0005", "And now?")
			msg.Came = desk.Origin{Article: article, Query: "late deposit"}
			return msg
		}()); err != nil {
			t.Fatal(err)
		}
		today := f.store.Now().UTC().Format("2006-01-02")
		sums, _, err := f.store.Read(t.Context()).UsageOf(store.UsageSpan{From: today, To: today})
		if err != nil || sums.Conversations != 2 {
			t.Errorf("%+v %v", sums, err)
		}
		articles, err := f.store.Read(t.Context()).ArticleInsights(store.UsageSpan{From: today, To: today}, 10)
		if err != nil || len(articles) != 1 || articles[0].Conversations != 1 || articles[0].Locale != "zh-TW" {
			t.Errorf("%+v %v", articles, err)
		}
		top, err := f.store.Read(t.Context()).TopQueries(store.UsageSpan{From: today, To: today}, 10)
		if err != nil || len(top.LedToConversation) != 2 || top.LedToConversation[0].Query != "late deposit" {
			t.Errorf("%+v %v", top, err)
		}
	})
}
