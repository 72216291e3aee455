package inbox_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/mailout"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// mark is in everything that must go.
const mark = "zebrafish"

// everything returns what all tables hold, as text.
func everything(t *testing.T, s *store.Store) string {
	t.Helper()
	q := s.Read(t.Context())
	tables, err := q.Tables()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		for row, err := range q.Rows(table) {
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintln(&b, table.Name, fmt.Sprintf("%s", row))
		}
	}
	return b.String()
}

// old makes a conversation with everything that can hang on one, and resolves it.
func old(t *testing.T, f *fixture, blobs blob.Store) desk.ID {
	t.Helper()
	const key = "attachments/zebra"
	if _, err := blobs.Put(t.Context(), key, bytes.NewReader([]byte(mark)), int64(len(mark))); err != nil {
		t.Fatal(err)
	}
	file := &store.Attachment{OwnerKind: desk.ByContact, OwnerID: f.contact, ClientID: "file-0001", Name: mark + ".txt", Size: 9}
	err := f.store.Write(t.Context(), func(tx *store.Tx) error {
		if _, err := tx.InsertAttachment(file); err != nil {
			return err
		}
		a, err := tx.AddAttachmentPiece(file.ID, store.AttachmentPiece{Size: 9, BlobKey: "pieces/zebra"})
		if err != nil {
			return err
		}
		a.State, a.BlobKey = store.AttachmentReady, key
		return tx.FinishAttachment(a)
	})
	if err != nil {
		t.Fatal(err)
	}
	msg := f.inbound(0, "client-0001", "Where did my "+mark+" go?")
	msg.Scenario, msg.Prepared, msg.ReplyTo = desk.TransferTrouble, map[string]string{"asset": mark}, mark+"@mail.example"
	msg.PageURL, msg.Came, msg.Attachments = "https://www.meridian.example/"+mark, desk.Origin{Query: mark}, []desk.ID{file.ID}
	r, err := f.Receive(t.Context(), msg)
	if err != nil {
		t.Fatal(err)
	}
	id := r.Conversation.ID
	f.reply(t, id, "agent-0001", "Your "+mark+" is here.")
	if _, err := f.End(t.Context(), f.contact, id); err != nil {
		t.Fatal(err)
	}
	if err := f.Rate(t.Context(), f.contact, id, 5, "a fine "+mark, "en"); err != nil {
		t.Fatal(err)
	}
	if err := f.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.AddMailPreview(&store.MailPreview{Recipient: "ann@mail.example", Subject: "Transcript", Body: mark})
	}); err != nil {
		t.Fatal(err)
	}
	return id
}

func found(t *testing.T, f *fixture, words string) int {
	t.Helper()
	hits, err := f.index.Search(t.Context(), words, nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	return len(hits)
}

func soon(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if fn() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

// What the operator has promised to erase must be gone: from every table, from
// the index, and the files; what is still open must stay.
func TestNothingIsLeftAfterTheTime(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		var ago atomic.Int64
		ago.Store(int64(60 * 24 * time.Hour))
		f := newFixture(t, storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return time.Now().Add(-time.Duration(ago.Load())) }}))
		blobs, err := blob.OpenDisk(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		id := old(t, f, blobs)
		kept := f.receive(t, 0, "client-0002", "My capybara is still missing").Conversation.ID
		soon(t, "both are indexed", func() bool { return found(t, f, mark) == 2 && found(t, f, "capybara") == 1 })
		if before := everything(t, f.store); strings.Count(before, mark) < 10 {
			t.Fatalf("there is too little to erase:\n%s", before)
		}
		ago.Store(0)

		log := slog.New(slog.NewTextHandler(io.Discard, nil))
		r := jobs.NewRunner(f.store, jobs.Config{Poll: 20 * time.Millisecond, Logger: log})
		inbox.NewFiles(inbox.FilesConfig{Store: f.store, Blobs: blobs, Logger: log}).Register(r)
		f.Register(r, inbox.Outlets{RetentionDays: 30, EnqueueMail: mailout.Enqueue})
		if err := r.Start(t.Context()); err != nil { // the schedule's first tick is at once
			t.Fatal(err)
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			if err := r.Stop(ctx); err != nil {
				t.Error(err)
			}
		}()
		soon(t, "the conversation is gone", func() bool {
			_, err := f.store.Read(t.Context()).Conversation(id)
			return desk.CodeOf(err) == desk.NotFound
		})
		soon(t, "the file is gone", func() bool {
			n := 0
			if err := blobs.List(t.Context(), "", func(blob.Info) error { n++; return nil }); err != nil {
				t.Fatal(err)
			}
			return n == 0
		})
		soon(t, "nothing names it any more", func() bool { return !strings.Contains(everything(t, f.store), mark) })
		if n := found(t, f, mark); n != 0 {
			t.Errorf("%d hits in the index", n)
		}
		if _, err := f.Conversation(t.Context(), f.agent, kept); err != nil || found(t, f, "capybara") != 1 {
			t.Errorf("what is open was touched: %v", err)
		}
		entries, _, err := f.store.Read(t.Context()).AuditEntries("", 50)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range entries {
			if e.Action == "conversation.erased" {
				n++
				if e.Detail["conversations"] != 1.0 || e.Detail["messages"].(float64) < 4 || e.Detail["days"] != 30.0 || e.ActorKind != "system" {
					t.Errorf("%+v", e)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d entries in the audit log", n)
		}
	})
}

// Days are days: what is younger, waits for an answer or was opened again is kept,
// and 0 keeps everything.
func TestWhatIsYoungIsKept(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
		f := newFixture(t, storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return now }}))
		settled := f.receive(t, 0, "client-0001", "settled").Conversation.ID
		again := f.receive(t, 0, "client-0002", "opened again").Conversation.ID
		waiting := f.receive(t, 0, "client-0003", "waiting").Conversation.ID
		f.reply(t, waiting, "agent-0001", "Hello?")
		for _, id := range []desk.ID{settled, again} {
			if _, err := f.End(t.Context(), f.contact, id); err != nil {
				t.Fatal(err)
			}
		}
		left := func(days int, after time.Duration) int {
			t.Helper()
			now = now.Add(after)
			f.KeepFor(days)
			if _, err := f.Handlers()[inbox.KindRetention](t.Context(), jobs.Job{}); err != nil {
				t.Fatal(err)
			}
			list, err := f.store.Read(t.Context()).ConversationsOf(f.contact)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		if n := left(30, 29*24*time.Hour); n != 3 {
			t.Errorf("%d left a day early", n)
		}
		f.receive(t, again, "client-0004", "It is back")
		if n := left(0, 1000*24*time.Hour); n != 3 {
			t.Errorf("%d left although everything is kept", n)
		}
		if n := left(30, time.Minute); n != 2 {
			t.Errorf("%d left", n)
		}
		if _, err := f.store.Read(t.Context()).Contact(f.contact); err != nil {
			t.Errorf("a contact who has conversations was erased: %v", err)
		}
	})
}
