package chat_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

const webhookSecret = "correct-horse-battery-staple-0123456789"

func webhookConfig(o *outside) chat.Config {
	return chat.Config{WebhookURL: o.URL + "/veridesk", WebhookSecret: webhookSecret, Transport: o.Client().Transport}
}

// verify is what the documentation asks the exchange to do.
func verify(t *testing.T, c call) map[string]any {
	t.Helper()
	timestamp := c.header.Get("Veridesk-Timestamp")
	mac := hmac.New(sha256.New, []byte(webhookSecret))
	mac.Write([]byte(timestamp + "." + string(c.body)))
	given, ok := strings.CutPrefix(c.header.Get("Veridesk-Signature"), "v1=")
	sum, err := hex.DecodeString(given)
	if !ok || err != nil || !hmac.Equal(sum, mac.Sum(nil)) {
		t.Fatalf("signature %q of %s", c.header.Get("Veridesk-Signature"), c.body)
	}
	if s, err := strconv.ParseInt(timestamp, 10, 64); err != nil || time.Since(time.Unix(s, 0)).Abs() > 5*time.Minute {
		t.Fatalf("timestamp %q", timestamp)
	}
	var body map[string]any
	if err := json.Unmarshal(c.body, &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// The exchange must be able to trust what it is told, and to tell a repeat from
// news.
func TestExchangeIsToldOfUnreadAnswers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		o := newOutside(t, 500, 302)
		f := newFixture(t, s, webhookConfig(o))
		f.work(t)
		if !f.Everybody() {
			t.Error("a webhook reaches every customer")
		}
		f.deliver(t, f.out)
		eventually(t, "it is told", func() bool { return len(o.taken()) == 3 })
		f.settled(t, chat.KindWebhook)
		var ids []any
		for _, c := range o.taken() {
			body := verify(t, c)
			ids = append(ids, body["id"])
			if c.path != "/veridesk" || body["type"] != "unread" || body["uid"] != "204918377" || body["contact_id"] != f.contact.ID.String() ||
				body["conversation"] != f.conversation.ID.String() || body["number"] != f.conversation.Number || body["unread_messages"] != 1.0 ||
				body["unread_conversations"] != 1.0 || body["locale"] != "zh-CN" || body["at"].(float64) < 1e15 || strings.Contains(string(c.body), "BTC") {
				t.Errorf("%s %s", c.path, c.body)
			}
		}
		if ids[0] != ids[1] || ids[1] != ids[2] || ids[0] == "" {
			t.Errorf("a repeat looks like news: %v", ids)
		}
	})
}

func TestExchangeIsNotToldOfWhatWasRead(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		o := newOutside(t)
		f := newFixture(t, s, webhookConfig(o))
		f.deliver(t, f.out)
		f.read(t, f.out.Message.Seq)
		f.work(t)
		f.settled(t, chat.KindWebhook)
		if n := len(o.taken()); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

// An exchange that is away for long finds what it missed among the dead letters;
// an administrator can send it again.
func TestExchangeThatIsAwayLeavesADeadLetter(t *testing.T) {
	s := storetest.Open(t)
	answers := make([]int, 40)
	for i := range answers {
		answers[i] = 503
	}
	o := newOutside(t, answers...)
	f := newFixture(t, s, webhookConfig(o))
	f.work(t)
	f.deliver(t, f.out)
	eventually(t, "it is given up", func() bool { return len(f.jobs(t, chat.KindWebhook, store.JobDead)) == 1 })
	if j := f.jobs(t, chat.KindWebhook, store.JobDead)[0]; !strings.Contains(j.LastError, "503") || strings.Contains(j.LastError, o.URL) {
		t.Errorf("%q", j.LastError)
	}
}

// A visitor's word about who they are is no customer's.
func TestVisitorIsNotToldAsACustomer(t *testing.T) {
	s := storetest.Open(t)
	o := newOutside(t)
	f := newFixture(t, s, webhookConfig(o))
	v := &desk.Contact{Kind: "visitor", UID: "claimed-1"}
	var out desk.Outbound
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		v.ID = 0
		if err := tx.InsertContact(v); err != nil {
			return err
		}
		c := &desk.Conversation{Channel: desk.Chat, ContactID: v.ID, Status: desk.Open}
		if err := tx.InsertConversation(c, "visitor", ""); err != nil {
			return err
		}
		m := &desk.Message{ConversationID: c.ID, AuthorKind: desk.ByAgent, Visibility: desk.Public, Body: "x", DedupeKey: "x"}
		out = desk.Outbound{Channel: desk.Chat, ConversationID: c.ID, ContactID: v.ID}
		err := tx.AppendMessage(m, c, -1)
		out.Message = *m
		return err
	}); err != nil {
		t.Fatal(err)
	}
	f.work(t)
	f.deliver(t, out)
	eventually(t, "it is told", func() bool { return len(o.taken()) == 1 })
	if body := verify(t, o.taken()[0]); body["uid"] != "" || body["contact_id"] != v.ID.String() {
		t.Errorf("%v", body)
	}
}

func TestWebhookWithoutASecretIsRefused(t *testing.T) {
	s := storetest.Open(t)
	_, err := chat.Open(t.Context(), chat.Config{Store: s, Vault: openVault(t, key(1)), WebhookURL: "https://www.meridian.example/hook"})
	if desk.CodeOf(err) != desk.Invalid {
		t.Error(err)
	}
}
