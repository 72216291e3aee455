package inbox

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/channel"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
)

// Inbox holds the conversations of the desk.
type Inbox struct {
	store *store.Store
	hub   *realtime.Hub
	index *store.MessageIndex
	log   *slog.Logger
	out   outlets
	paces answerPaces
	files *Files // nil: messages carry none
	queue *dispatcher
}

// New returns an Inbox on an open store. Events go to hub, stored messages to
// index.
func New(s *store.Store, hub *realtime.Hub, index *store.MessageIndex, log *slog.Logger) *Inbox {
	return &Inbox{store: s, hub: hub, index: index, log: log, queue: newDispatcher()}
}

// Receiver is [Inbox.Receive] as adapters of channels call it.
func (in *Inbox) Receiver() channel.Receiver {
	return func(ctx context.Context, msg desk.Inbound) (channel.Receipt, error) {
		r, err := in.Receive(ctx, msg)
		if err != nil {
			return channel.Receipt{}, err
		}
		return channel.Receipt{ConversationID: r.Conversation.ID, MessageID: r.Message.ID, Repeated: r.Repeated}, nil
	}
}

// Received is the outcome of [Inbox.Receive].
type Received struct {
	Conversation *desk.Conversation // as it is after the message
	Message      *desk.Message
	Repeated     bool // the dedupe key was known: this is the message of the first time
}

// Receive stores one message of a contact and returns after it is durable. A
// zero ConversationID begins a conversation.
//
// Errors: Invalid and TooLarge for a body that is empty (without files) or longer
// than [desk.MaxBodyRunes], and for what was prepared; NotFound for a conversation that is not the contact's;
// Unauthorized when there is no such contact (any more); Unavailable when the
// database is away (trying again with the same DedupeKey is safe, and the right
// thing to do).
func (in *Inbox) Receive(ctx context.Context, msg desk.Inbound) (Received, error) {
	body, removed, err := clean(msg.Body, msg.Locale, len(msg.Attachments))
	if err != nil {
		return Received{}, err
	}
	if !msg.Scenario.Valid() {
		return Received{}, desk.Field("scenario", "field_choice")
	}
	var details store.Details
	if msg.ConversationID == 0 {
		var more []desk.Removed
		if details, more, err = detailsOf(msg); err != nil {
			return Received{}, err
		}
		removed = append(removed, more...)
	}
	came := originOf(msg)
	var out Received
	var waits bool
	err = in.store.Write(ctx, func(tx *store.Tx) error {
		m := &desk.Message{
			ConversationID: msg.ConversationID, ClientID: msg.ClientID, DedupeKey: msg.DedupeKey,
			AuthorKind: desk.ByContact, AuthorID: msg.ContactID, Visibility: desk.Public,
			Body: body, Findings: removed,
		}
		c := new(desk.Conversation)
		if m.ConversationID == 0 {
			began, err := begin(tx, msg, details)
			if err != nil {
				return err
			}
			m.ConversationID = began.ID
			if came != (store.Origin{}) {
				came.ConversationID = began.ID
				if err := tx.InsertOrigin(came); err != nil {
					return err
				}
			}
		}
		if len(msg.Attachments) > 0 {
			if err := in.attach(tx, desk.ByContact, msg.ContactID, msg.Attachments, m); err != nil {
				return err
			}
		}
		if err := tx.AppendMessage(m, c, -1); err != nil {
			return err
		}
		out = Received{Conversation: c, Message: m}
		if waits = beginsToWait(c, m); !waits {
			return nil
		}
		_, err := in.enterQueue(tx, c)
		return err
	})
	if desk.CodeOf(err) == desk.Conflict {
		return in.repeated(ctx, msg)
	}
	if err != nil {
		return Received{}, err
	}
	in.announce(out.Conversation, out.Message)
	if waits {
		in.wakeQueue()
	}
	return out, nil
}

// clean takes secrets out of a body before anybody else sees it. Only a message
// with files may say nothing.
func clean(text, locale string, files int) (body string, removed []desk.Removed, err error) {
	body = storable(text)
	if body == "" && files == 0 {
		return "", nil, desk.Field("body", "message_empty")
	}
	if len(body) > desk.MaxBodyRunes && utf8.RuneCountInString(body) > desk.MaxBodyRunes {
		return "", nil, desk.Errorf(desk.TooLarge, "message_too_long")
	}
	body, removed = redact(body, locale)
	return body, removed, nil
}

// storable is a text that both engines can store, without blanks around it.
func storable(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	// PostgreSQL cannot store U+0000, and no person means to send it.
	return strings.TrimSpace(strings.ReplaceAll(text, "\x00", ""))
}

// redact puts stubs in the place of secrets and names what it took out.
func redact(text, locale string) (clean string, removed []desk.Removed) {
	found := guard.Scan(text)
	for _, f := range found {
		removed = append(removed, desk.Removed{Kind: f.Kind, Words: f.Words})
	}
	return guard.Redact(text, found, locale), removed
}

// begin stores an empty conversation for the first message of a contact.
func begin(tx *store.Tx, msg desk.Inbound, details store.Details) (*desk.Conversation, error) {
	team, err := tx.TeamFor(msg.Entity, msg.Region)
	if err != nil {
		return nil, err
	}
	c := &desk.Conversation{
		Channel: msg.Channel, ContactID: msg.ContactID, Status: desk.Open, Scenario: msg.Scenario, TeamID: team,
		Priority: msg.Scenario.Priority(), Entity: msg.Entity, Region: msg.Region, Locale: desk.KnownLocale(msg.Locale), Mode: msg.Mode,
	}
	return c, tx.BeginConversation(c, msg.DedupeKey, msg.PageURL, details)
}

// originOf returns where a new conversation comes from, without what could name
// somebody; the zero value when it is not known or nothing new begins.
func originOf(msg desk.Inbound) (o store.Origin) {
	if msg.ConversationID != 0 {
		return o
	}
	o.ArticleID = msg.Came.Article
	o.Query, _ = helpcenter.LoggedQuery(msg.Came.Query)
	if o == (store.Origin{}) {
		return o
	}
	o.PageURL, o.Locale = msg.PageURL, msg.Came.Locale
	if !slices.Contains(desk.ReadingLocales, o.Locale) {
		o.Locale = desk.KnownLocale(msg.Locale)
	}
	return o
}

// repeated answers a message that was stored before, as the first time.
func (in *Inbox) repeated(ctx context.Context, msg desk.Inbound) (Received, error) {
	q := in.store.Read(ctx)
	m, err := q.MessageByDedupe(msg.DedupeKey)
	if desk.CodeOf(err) == desk.NotFound {
		return Received{}, in.unstored(q, msg)
	}
	if err != nil {
		return Received{}, err
	}
	c, err := q.ConversationOf(msg.ContactID, m.ConversationID)
	if err != nil {
		return Received{}, err
	}
	in.Address(m)
	return Received{Conversation: c, Message: m, Repeated: true}, nil
}

// unstored says why a message met a conflict although it was not stored before.
// The sender must not take it for a refusal: nothing is wrong with the message.
func (in *Inbox) unstored(q store.Query, msg desk.Inbound) error {
	_, err := q.Contact(msg.ContactID)
	switch desk.CodeOf(err) {
	case "":
		return desk.Errorf(desk.Unavailable, "another message took its place; it can be sent again")
	case desk.NotFound: // a token outlived its contact: a restored backup, an erasure
		return desk.Errorf(desk.Unauthorized, "visitor_token_bad")
	}
	return err
}

// announce tells everybody concerned, after the commit.
func (in *Inbox) announce(c *desk.Conversation, m *desk.Message) {
	in.Address(m) // one value for everybody, and for the answer to the sender
	in.index.Feed(m)
	in.hub.PublishTeam(c.TeamID, desk.Event{Type: desk.EventMessage, ConversationID: c.ID, ContactID: c.ContactID, Message: m, Conversation: c})
	if m.Visibility == desk.Public {
		in.hub.PublishVisitor(c.ContactID, desk.Event{Type: desk.EventMessage, ConversationID: c.ID, ContactID: c.ContactID, Message: m, Conversation: ForContact(c)})
	}
}

// ForContact returns the conversation as its contact may see it: without the
// desk's own bookkeeping.
func ForContact(c *desk.Conversation) *desk.Conversation {
	v := *c
	v.Contact = nil
	v.Seq = c.PublicSeq
	v.TeamID, v.AssigneeID, v.PreviousID, v.Priority = 0, 0, 0, ""
	return &v
}

// ChatKey is the dedupe key of a chat message: the device's own identifier
// within the one who sends it.
func ChatKey(sender desk.ID, clientID string) string {
	return store.ChatKeyPrefix(sender) + clientID
}
