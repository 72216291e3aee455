package inbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// A transcript has at most so much of a conversation, the newest.
const (
	transcriptMessages = 500
	transcriptBytes    = 128 << 10
)

// transcriptLimit is three, and then a day without.
var transcriptLimit = store.ThrottlePolicy{Free: 3, Base: 24 * time.Hour, Max: 24 * time.Hour, Forget: 24 * time.Hour}

// Transcript mails a conversation as its contact sees it to an address. Files
// are named, not sent. Asking is limited for the contact and for the address,
// for it makes us write to whomever they name; and a conversation in which nobody
// of the desk has said anything is not mailed at all.
//
// Errors: Invalid for the address; Conflict without an answer; Throttled;
// NotFound for another's conversation; Unavailable when this desk sends no mail.
func (in *Inbox) Transcript(ctx context.Context, contact, id desk.ID, email, locale string) error {
	email, err := mailAddress(email, "email")
	if err != nil {
		return err
	}
	if in.out.EnqueueMail == nil {
		return desk.Errorf(desk.Unavailable, "mail_off")
	}
	q := in.store.Read(ctx)
	c, err := q.ConversationOf(contact, id)
	if err != nil {
		return err
	}
	messages, more, err := q.Messages(id, store.MessageRange{Limit: transcriptMessages, PublicOnly: true})
	if err != nil {
		return err
	}
	if agent, err := q.AnsweredBy(id); err != nil {
		return err
	} else if agent == 0 {
		return desk.Errorf(desk.Conflict, "transcript_no_answer")
	}
	messages, cut := newest(messages, transcriptBytes)
	lines, err := mailLines(messages)
	if err != nil {
		return err
	}
	data := map[string]string{"number": c.Number, "lines": lines}
	if more || cut {
		data["cut"] = "yes"
	}
	return in.store.Write(ctx, func(tx *store.Tx) error {
		if err := transcriptAttempt(tx, contact, email); err != nil {
			return err
		}
		return in.out.EnqueueMail(tx, email, locale, "chat_transcript", data)
	})
}

func transcriptAttempt(tx *store.Tx, contact desk.ID, email string) error {
	// Of the address only a hash: the table must not become a list of addresses.
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	keys := []string{"transcript:address:" + hex.EncodeToString(sum[:16]), "transcript:contact:" + contact.String()}
	slices.Sort(keys) // two nodes never wait for each other
	for _, key := range keys {
		wait, err := tx.Attempt(key, transcriptLimit)
		if err != nil {
			return err
		}
		if wait > 0 {
			return &desk.Error{Code: desk.Throttled, Message: "throttled", RetryAfter: wait}
		}
	}
	return nil
}

// newest returns the last messages that fit into so many bytes, at least one.
func newest(messages []*desk.Message, most int) (fit []*desk.Message, cut bool) {
	size := 0
	for i := len(messages) - 1; i >= 0; i-- {
		size += len(messages[i].Body) + 100
		if size > most && i < len(messages)-1 {
			return messages[i+1:], true
		}
	}
	return messages, false
}
