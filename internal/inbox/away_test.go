package inbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/channel"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/testkit/client"
)

// mailed is a mail that was handed over.
type mailed struct {
	to, locale, template string
	data                 map[string]string
}

// lines reads the messages of a mail.
func (m mailed) lines(t *testing.T) []inbox.MailLine {
	t.Helper()
	var out []inbox.MailLine
	if err := json.Unmarshal([]byte(m.data["lines"]), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// world is what lies outside the desk: mails, and a channel's way out.
type world struct {
	mails     []mailed
	delivered []desk.Outbound
	everybody bool
	err       error
}

func (w *world) Channel() desk.Channel { return desk.Chat }
func (w *world) Everybody() bool       { return w.everybody }
func (w *world) Deliver(_ context.Context, out desk.Outbound) error {
	w.delivered = append(w.delivered, out)
	return w.err
}

// connect gives the inbox its ways out.
func (f *fixture) connect(t *testing.T, retentionDays int) *world {
	t.Helper()
	w := new(world)
	f.Register(jobs.NewRunner(f.store, jobs.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}), inbox.Outlets{
		Adapters: []channel.Adapter{w}, PublicURL: "https://help.meridian.example", Pages: []string{"https://www.meridian.example"}, RetentionDays: retentionDays,
		EnqueueMail: func(_ *store.Tx, to, locale, template string, data map[string]string) error {
			w.mails = append(w.mails, mailed{to, locale, template, data})
			return nil
		},
	})
	return w
}

// due runs every pending job of a kind, whatever its time, and returns when it
// was to run, from now on. Failures are returned and the job stays.
func (f *fixture) due(t *testing.T, kind string) (delays []time.Duration, failed error) {
	t.Helper()
	var claimed []store.Job
	write := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := f.store.Write(t.Context(), fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *store.Tx) (err error) {
		far := tx.Now() + desk.Micros(48*time.Hour/time.Microsecond)
		claimed, err = tx.ClaimJobs([]string{kind}, far, far, 100)
		return err
	})
	slices.SortFunc(claimed, func(a, b store.Job) int { return int(a.ID - b.ID) })
	for _, j := range claimed {
		delays = append(delays, time.Duration(j.RunAt-j.CreatedAt)*time.Microsecond)
		effect, err := f.Handlers()[kind](t.Context(), jobs.Job{ID: j.ID, Kind: kind, Payload: []byte(j.Payload), Attempt: 1, MaxAttempts: 12})
		if err != nil {
			failed = errors.Join(failed, err)
			write(func(tx *store.Tx) error { return tx.ReleaseJob(j.ID, j.LeaseToken) })
			continue
		}
		write(func(tx *store.Tx) error {
			if err := tx.FinishJob(j.ID, j.LeaseToken); err != nil || effect == nil {
				return err
			}
			return effect(tx)
		})
	}
	return delays, failed
}

func (f *fixture) tell(t *testing.T) {
	t.Helper()
	for _, kind := range []string{inbox.KindAway, inbox.KindMail} {
		if _, err := f.due(t, kind); err != nil {
			t.Fatal(err)
		}
	}
}

func (f *fixture) pending(t *testing.T, kind string) int {
	t.Helper()
	all, err := f.store.Read(t.Context()).Jobs(store.JobPending, 500)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, j := range all {
		if j.Kind == kind {
			n++
		}
	}
	return n
}

// left begins a conversation of somebody who goes away and leaves an address.
func (f *fixture) left(t *testing.T, client string) desk.ID {
	t.Helper()
	msg := f.inbound(0, client, "My deposit is missing.")
	msg.Mode, msg.ReplyTo, msg.PageURL = desk.MessageMode, "Ann.Lee@Mail.Example", "https://www.meridian.example/wallet"
	r, err := f.Receive(t.Context(), msg)
	if err != nil {
		t.Fatal(err)
	}
	if r.Conversation.Mode != desk.MessageMode {
		t.Fatalf("mode %q", r.Conversation.Mode)
	}
	return r.Conversation.ID
}

func (f *fixture) reply(t *testing.T, conversation desk.ID, client, text string) *desk.Message {
	t.Helper()
	r, err := f.Reply(t.Context(), f.agent, inbox.Answer{ConversationID: conversation, ClientID: client, Body: text, Visibility: desk.Public, ExpectSeq: -1})
	if err != nil {
		t.Fatal(err)
	}
	return r.Message
}

// Who left an address and went away must get the answer, once, with the way
// back; what they have read themselves is not sent.
func TestAnswerReachesWhoIsAway(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		w := f.connect(t, 0)
		id := f.left(t, "client-0001")
		f.reply(t, id, "agent-0001", "We found it.\nIt is credited now.")
		f.reply(t, id, "agent-0002", "Anything else?")
		delays, err := f.due(t, inbox.KindAway)
		if err != nil || len(delays) != 2 || delays[0] < 4*time.Second || delays[0] > 6*time.Second {
			t.Fatalf("%v %v", delays, err)
		}
		if len(w.delivered) != 1 || w.delivered[0].Message.Body != "Anything else?" || w.delivered[0].ContactID != f.contact || w.delivered[0].ConversationID != id {
			t.Fatalf("told by the channel: %+v", w.delivered)
		}
		delays, err = f.due(t, inbox.KindMail)
		if err != nil || len(delays) != 1 || delays[0] < 50*time.Second || delays[0] > 60*time.Second {
			t.Fatalf("%v %v", delays, err)
		}
		if len(w.mails) != 1 {
			t.Fatalf("%d mails", len(w.mails))
		}
		m := w.mails[0]
		lines := m.lines(t)
		if m.to != "Ann.Lee@mail.example" || m.template != "chat_answer" || m.locale != "en" || m.data["link"] != "https://www.meridian.example/wallet" || !strings.HasPrefix(m.data["number"], "VD-") ||
			len(lines) != 2 || lines[0].Body != "We found it.\nIt is credited now." || lines[0].Name != "Mei" {
			t.Errorf("%+v", m)
		}
		// The next burst brings only what is new.
		f.reply(t, id, "agent-0003", "One more thing.")
		f.tell(t)
		if len(w.mails) != 2 || len(w.mails[1].lines(t)) != 1 || w.mails[1].lines(t)[0].Body != "One more thing." {
			t.Errorf("%d mails, the last %+v", len(w.mails), w.mails[len(w.mails)-1])
		}
		if f.pending(t, inbox.KindAway)+f.pending(t, inbox.KindMail) != 0 {
			t.Error("jobs are left")
		}
	})
}

func TestNothingIsSentOfWhatWasRead(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		w := f.connect(t, 0)
		id := f.left(t, "client-0001")
		m := f.reply(t, id, "agent-0001", "We found it.")
		if err := f.ReadByContact(t.Context(), f.contact, id, m.Seq); err != nil {
			t.Fatal(err)
		}
		f.tell(t)
		if len(w.mails)+len(w.delivered) != 0 {
			t.Errorf("read before anything was sent: %+v %+v", w.mails, w.delivered)
		}
		m = f.reply(t, id, "agent-0002", "And this?")
		if _, err := f.due(t, inbox.KindAway); err != nil || len(w.delivered) != 1 {
			t.Fatalf("%d, %v", len(w.delivered), err)
		}
		if err := f.ReadByContact(t.Context(), f.contact, id, m.Seq); err != nil { // woken by the push
			t.Fatal(err)
		}
		f.tell(t)
		if len(w.mails) != 0 {
			t.Errorf("read before the mail: %+v", w.mails)
		}
		// Their own next message says that they have read.
		f.reply(t, id, "agent-0003", "Still there?")
		f.receive(t, id, "client-0002", "Yes")
		f.tell(t)
		if len(w.mails) != 0 || len(w.delivered) != 1 {
			t.Errorf("answered already: %+v %+v", w.mails, w.delivered)
		}
	})
}

// The hot path: an answer to somebody who left no way to be told costs no job.
func TestAnswerWithoutAWayCostsNothing(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		f.reply(t, id, "agent-0000", "before anybody listens")
		w := f.connect(t, 0)
		f.reply(t, id, "agent-0001", "Hello")
		if n := f.pending(t, inbox.KindAway); n != 0 {
			t.Errorf("%d jobs", n)
		}
		if err := f.store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.PutPush(&store.PushSubscription{ContactID: f.contact, EndpointHash: "h", Wrapped: []byte("x"), Locale: "en"})
		}); err != nil {
			t.Fatal(err)
		}
		f.reply(t, id, "agent-0002", "There is a browser to wake")
		if _, err := f.answer(t, id, "agent-0003", desk.Note, -1); err != nil {
			t.Fatal(err)
		}
		if n := f.pending(t, inbox.KindAway); n != 1 {
			t.Errorf("%d jobs; a note is nobody's business", n)
		}
		f.tell(t)
		if len(w.delivered) != 1 || len(w.mails) != 0 {
			t.Errorf("%+v %+v", w.delivered, w.mails)
		}
		other := f.receive(t, 0, "client-0009", "Another").Conversation.ID
		w.everybody = true
		f.reply(t, other, "agent-0004", "The exchange wants to hear of everybody")
		if n := f.pending(t, inbox.KindAway); n != 1 {
			t.Errorf("%d jobs", n)
		}
	})
}

// What could not be handed over is handed over later.
func TestDeliveryIsTriedAgain(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		w := f.connect(t, 0)
		id := f.left(t, "client-0001")
		f.reply(t, id, "agent-0001", "We found it.")
		w.err = errors.New("away")
		if _, err := f.due(t, inbox.KindAway); err == nil {
			t.Error("no error")
		}
		w.err = nil
		f.tell(t)
		if len(w.delivered) != 2 || len(w.mails) != 1 {
			t.Errorf("%d delivered, %d mails", len(w.delivered), len(w.mails))
		}
	})
}

// A link in a mail of ours leads to the exchange or to us, wherever somebody said
// that they wrote from.
func TestMailLeadsBackToUsOnly(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		w := f.connect(t, 0)
		for i, page := range []string{
			"https://evil.example/", "https://www.meridian.example.evil.example/", "https://user@www.meridian.example/", "javascript:alert(1)", "//www.meridian.example/", "",
			"https://www.meridian.example:8443/", "http://www.meridian.example/", "https://www.meridian.example/a b",
		} {
			msg := f.inbound(0, "client-000"+string(rune('0'+i)), "Hello")
			msg.ReplyTo, msg.PageURL = "ann@mail.example", page
			r, err := f.Receive(t.Context(), msg)
			if err != nil {
				t.Fatal(err)
			}
			f.reply(t, r.Conversation.ID, "agent-000"+string(rune('0'+i)), "Hello")
			f.tell(t)
			if got := w.mails[len(w.mails)-1].data["link"]; len(w.mails) != i+1 || got != "https://help.meridian.example/app?conversation="+r.Conversation.ID.String() {
				t.Errorf("%q leads to %q", page, got)
			}
		}
	})
}

func TestLeavingIsNotedAndKeepsTheAddress(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		id := f.receive(t, 0, "client-0001", "Hello").Conversation.ID
		for _, bad := range []string{"nobody", "a@b", "a@b.example\r\nBcc: c@d.example", "Ann <a@b.example>", "a@b.example, c@d.example", "a b@c.example", "@b.example", `"a"@b.example`, strings.Repeat("x", 250) + "@b.example"} {
			if err := f.Leave(t.Context(), f.contact, id, bad); desk.CodeOf(err) != desk.Invalid {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := f.Leave(t.Context(), f.contact, id, " ann@mail.example "); err != nil {
			t.Fatal(err)
		}
		if err := f.Leave(t.Context(), f.contact, id, ""); err != nil {
			t.Fatal(err)
		}
		c, err := f.Conversation(t.Context(), f.agent, id)
		if err != nil {
			t.Fatal(err)
		}
		d, err := f.Details(t.Context(), c)
		if err != nil || c.Mode != desk.MessageMode || d.ReplyEmail != "ann@mail.example" || c.Status != desk.Open {
			t.Errorf("%+v %+v %v", c, d, err)
		}
		if c := f.receive(t, id, "client-0002", "I am back").Conversation; c.Mode != desk.LiveMode {
			t.Errorf("back, and still %q", c.Mode)
		}
		if err := f.Leave(t.Context(), f.contact+1, id, ""); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a stranger left: %v", err)
		}
	})
}

// Whoever sits in front of the chat must be left alone: their page shows it. A
// page that nobody looks at gets its mail in the end.
func TestWhoIsConnectedIsNotWoken(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		nobody := desk.Errorf(desk.Unauthorized, "no agent connects in this test")
		log := slog.New(slog.DiscardHandler)
		hub, err := realtime.New(realtime.Config{
			VisitorOf: func(string) (desk.ID, error) { return f.contact, nil },
			AgentOf:   func(*http.Request) (*desk.Agent, desk.ID, error) { return nil, 0, nobody },
			TeamsOf:   func(context.Context, *desk.Agent) ([]desk.ID, error) { return nil, nobody },
			MaySee:    func(context.Context, *desk.Agent, realtime.Kind, desk.ID) (bool, error) { return false, nobody },
			Logger:    log,
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := hub.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			if err := hub.Close(ctx); err != nil {
				t.Error(err)
			}
		}()
		mux := http.NewServeMux()
		hub.Register(mux)
		server := httptest.NewServer(mux)
		defer server.Close()
		f.Inbox = inbox.New(f.store, hub, f.index, log)
		w := f.connect(t, 0)
		online := func(want bool) func() bool {
			return func() bool {
				on, err := hub.Online(t.Context(), f.contact)
				if err != nil {
					t.Fatal(err)
				}
				return on == want
			}
		}

		id := f.left(t, "client-0001")
		here, away := context.WithCancel(t.Context())
		defer away()
		v := &client.Visitor{Base: server.URL, HTTP: server.Client(), Token: "any"}
		if _, err := v.Listen(here); err != nil {
			t.Fatal(err)
		}
		soon(t, "they are connected", online(true))
		f.reply(t, id, "agent-0001", "Are you there?")
		f.tell(t)
		if len(w.delivered)+len(w.mails) != 0 || f.pending(t, inbox.KindMail) != 1 {
			t.Errorf("connected, and told: %+v %+v", w.delivered, w.mails)
		}
		for range 2 {
			if delays, err := f.due(t, inbox.KindMail); err != nil || len(delays) != 1 || delays[0] < 4*time.Minute || len(w.mails) != 0 {
				t.Fatalf("%v %v, %d mails", delays, err, len(w.mails))
			}
		}
		f.tell(t)
		if len(w.mails) != 1 || len(w.delivered) != 0 {
			t.Errorf("a page that nobody looks at: %d mails", len(w.mails))
		}
		away()
		soon(t, "they are gone", online(false))
		f.reply(t, id, "agent-0002", "Hello?")
		f.tell(t)
		if len(w.delivered) != 1 || len(w.mails) != 2 {
			t.Errorf("gone: %d told, %d mails", len(w.delivered), len(w.mails))
		}
	})
}
