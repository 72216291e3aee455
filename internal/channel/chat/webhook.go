package chat

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// KindWebhook is the kind of the jobs that tell the exchange of unread answers.
const KindWebhook = "chat.webhook"

// The headers of a call.
const (
	HeaderTimestamp = "Veridesk-Timestamp" // seconds since 1970, when this attempt was made
	HeaderSignature = "Veridesk-Signature" // v1= and Sign
)

// Unread is what the exchange is told. The id stays the same however often a call
// is repeated.
type Unread struct {
	ID                  desk.ID     `json:"id"`
	Type                string      `json:"type"` // unread
	UID                 string      `json:"uid"`  // "" for somebody who has not signed in
	ContactID           desk.ID     `json:"contact_id"`
	ConversationID      desk.ID     `json:"conversation"`
	Number              string      `json:"number"`
	UnreadMessages      int64       `json:"unread_messages"`
	UnreadConversations int64       `json:"unread_conversations"`
	Locale              string      `json:"locale"`
	At                  desk.Micros `json:"at"`
}

// Sign returns the signature of a call: hex of HMAC-SHA256 over the timestamp, a
// dot and the body.
func Sign(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp))
	mac.Write([]byte{'.'})
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// webhookJob is the payload of a job that calls the exchange.
type webhookJob struct {
	Seq  int64           `json:"seq"`
	Body json.RawMessage `json:"body"`
}

func (c *Chat) planWebhook(tx *store.Tx, out desk.Outbound) error {
	conversation, err := tx.Conversation(out.ConversationID)
	if err != nil {
		return err
	}
	u := Unread{
		ID: tx.NewID(), Type: "unread", UID: conversation.Contact.UID, ContactID: conversation.ContactID, ConversationID: conversation.ID,
		Number: conversation.Number, Locale: conversation.Contact.Locale, At: tx.Now(),
	}
	if conversation.Contact.Kind != "customer" {
		u.UID = "" // what a visitor says of themselves is a claim
	}
	unread, err := tx.UnreadBy(conversation.ContactID)
	if err != nil {
		return err
	}
	u.UnreadMessages, u.UnreadConversations = unread.Messages, unread.Conversations
	body, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	return jobs.Enqueue(tx, KindWebhook, webhookJob{out.Message.Seq, body}, jobs.UniqueKey(KindWebhook+":"+out.Message.ID.String()))
}

func (c *Chat) callWebhook(ctx context.Context, job jobs.Job) (jobs.Effect, error) {
	var w webhookJob
	var u Unread
	if err := job.Decode(&w); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(w.Body, &u); err != nil {
		return nil, jobs.Permanent(fmt.Errorf("webhook: %w", err))
	}
	if c.cfg.WebhookURL == "" {
		return nil, nil // it was taken out of the configuration
	}
	if read, err := c.read(ctx, u.ConversationID, w.Seq); err != nil || read {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.cfg.WebhookURL, bytes.NewReader(w.Body))
	if err != nil {
		return nil, jobs.Permanent(fmt.Errorf("push.webhook_url: %w", err))
	}
	timestamp := strconv.FormatInt(c.cfg.Store.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Veridesk")
	req.Header.Set(HeaderTimestamp, timestamp)
	req.Header.Set(HeaderSignature, "v1="+Sign(c.cfg.WebhookSecret, timestamp, w.Body))
	res, err := c.webhook.Do(req)
	if err != nil {
		return nil, fmt.Errorf("reach the exchange's webhook: %w", withoutURL(err))
	}
	defer res.Body.Close() //nolint:errcheck // nothing is left to lose
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, fmt.Errorf("the exchange's webhook answers %s", res.Status)
	}
	return nil, nil
}
