package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

var quiet = slog.New(slog.DiscardHandler)

// talk stores messages of one contact in a new conversation of a team.
func talk(t *testing.T, s *store.Store, team desk.ID, texts ...string) []*desk.Message {
	t.Helper()
	var out []*desk.Message
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		out = nil
		c := &desk.Contact{Kind: "visitor"}
		if err := tx.InsertContact(c); err != nil {
			return err
		}
		conv := &desk.Conversation{Channel: desk.Chat, Status: desk.Open, Priority: desk.Normal, ContactID: c.ID, TeamID: team}
		if err := tx.InsertConversation(conv, "test:"+c.ID.String(), ""); err != nil {
			return err
		}
		for i, text := range texts {
			m := &desk.Message{
				ConversationID: conv.ID, DedupeKey: fmt.Sprintf("test:%d:%d", c.ID, i),
				AuthorKind: desk.ByContact, AuthorID: c.ID, Visibility: desk.Public, Body: text,
			}
			if err := tx.AppendMessage(m, conv, -1); err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func openIndex(t *testing.T, s *store.Store) *store.MessageIndex {
	t.Helper()
	x, err := store.OpenMessageIndex(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// finds waits until a search gives the wanted bodies, newest first.
func finds(t *testing.T, x *store.MessageIndex, query string, teams []desk.ID, want ...string) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for {
		found, err := x.Search(context.Background(), query, teams, 10)
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, f := range found {
			got = append(got, f.Message.Body)
		}
		if fmt.Sprint(got) == fmt.Sprint(want) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("search %q found %q, want %q", query, got, want)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// An agent who searches must find what a customer wrote a moment ago, in either
// language, and nothing of teams that are not theirs.
func TestMessagesAreFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := openIndex(t, s)
		defer x.Close()
		for _, m := range talk(t, s, 7, "My withdrawal is pending, order W-10293.", "提现 USDT 一直没有到账", "TxID 8f2ce3a1b0d94c5e7f6a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e") {
			x.Feed(m)
		}
		finds(t, x, "withdrawal", nil, "My withdrawal is pending, order W-10293.")
		finds(t, x, "WITHDR", nil, "My withdrawal is pending, order W-10293.")
		finds(t, x, "没有到账", nil, "提现 USDT 一直没有到账")
		finds(t, x, "usdt 提现", nil, "提现 USDT 一直没有到账")
		finds(t, x, "8f2ce3a1b0d94c5e7f6a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e", []desk.ID{7}, "TxID 8f2ce3a1b0d94c5e7f6a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e")
		finds(t, x, "withdrawal", []desk.ID{8})
		for _, hostile := range []string{`"`, `' OR 1=1 --`, `a AND NOT b*`, `\' & !`, "(((", "NEAR(x)"} {
			if _, err := x.Search(t.Context(), hostile, nil, 10); err != nil {
				t.Errorf("search %q: %v", hostile, err)
			}
		}
	})
}

// What a crash took from the queue must be found after the next start.
func TestIndexCatchesUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		x := openIndex(t, s)
		talk(t, s, 0, "never fed: the node died")
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
		x = openIndex(t, s)
		defer x.Close()
		finds(t, x, "died", nil, "never fed: the node died")
	})
}

// A broken index is derived data: it must cost nobody their search, let alone
// the start.
func TestBrokenIndexIsBuiltAnew(t *testing.T) {
	s := storetest.Open(t)
	talk(t, s, 0, "still here")
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.Path()), "search.db"), []byte("this is not a database, and long enough to be noticed as such"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := openIndex(t, s)
	defer x.Close()
	finds(t, x, "still", nil, "still here")
}

// Every text of a statement is kept prepared on SQLite: were what people search
// for part of the text, each search would cost memory until the restart.
func TestReadingListsKeepsFewStatements(t *testing.T) {
	s := storetest.Open(t)
	messages := talk(t, s, 0, make([]string, 40)...)
	read := func(offset desk.ID) {
		q := s.Read(t.Context())
		for n := 1; n <= len(messages); n++ {
			ids := []desk.ID{}
			for _, m := range messages[:n] {
				ids = append(ids, m.ID+offset)
			}
			found, err := q.MessagesByID(ids)
			if err != nil || (offset == 0 && len(found) != n) {
				t.Fatalf("%d of %d found: %v", len(found), n, err)
			}
			if _, err := q.ConversationsByID(ids); err != nil {
				t.Fatal(err)
			}
			filter := store.ConversationFilter{View: store.OpenView, Teams: []desk.ID{offset + 1, offset + 2}, Limit: 1}
			if _, err := q.Conversations(filter); err != nil {
				t.Fatal(err)
			}
		}
	}
	read(0)
	before := s.Statements()
	if before > 20 {
		t.Errorf("%d statements for lists of 1 to 40", before)
	}
	for i := desk.ID(1); i < 20; i++ {
		read(1000 * i)
	}
	if after := s.Statements(); after != before {
		t.Errorf("%d statements became %d: values stand in the text", before, after)
	}
}
