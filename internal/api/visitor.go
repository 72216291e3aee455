package api

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"unicode"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

// Conversations is what the routes of visitors and conversations need.
type Conversations struct {
	Inbox    *inbox.Inbox
	Files    *inbox.Files
	Index    *store.MessageIndex
	Visitors *customer.Visitors
	// ContactOnline reports whether a contact has a live connection.
	ContactOnline func(ctx context.Context, contact desk.ID) (bool, error)
	Brand         desk.Brand
	PublicURL     string
	Demo          bool
}

func (a *API) visitorRoutes() []Route {
	return append([]Route{
		route("GET", "/widget/config", Public, a.widgetConfig),
		route("GET", "/visitor/conversations", Visitor, a.visitorConversations),
		route("POST", "/visitor/conversations", Visitor, a.beginConversation, status(http.StatusCreated), a.paced(writePace)),
		route("GET", "/visitor/conversations/{id}/messages", Visitor, a.visitorMessages),
		route("POST", "/visitor/conversations/{id}/messages", Visitor, a.sendAsVisitor, status(http.StatusCreated), a.paced(writePace)),
		route("POST", "/visitor/conversations/{id}/read", Visitor, a.readAsVisitor, a.paced(signPace)),
		route("POST", "/visitor/conversations/{id}/typing", Visitor, a.typeAsVisitor, a.paced(signPace)),
	}, a.visitorChatRoutes()...)
}

// body is an output with a JSON body and nothing else.
type body[T any] struct{ Body T }

type conversationList struct {
	Conversations []*desk.Conversation `json:"conversations"`
	Next          string               `json:"next,omitempty" doc:"cursor of the next page; empty on the last"`
}

func (a *API) visitorConversations(ctx context.Context, _ *nothing) (*body[conversationList], error) {
	contact := visitorFrom(ctx)
	list, err := a.Store.Read(ctx).ConversationsOf(contact)
	if err != nil {
		return nil, err
	}
	for i, c := range list {
		list[i] = inbox.ForContact(c)
	}
	return &body[conversationList]{conversationList{Conversations: list}}, nil
}

// clientIDs are what a device may call its messages.
var clientIDs = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

func checkClientID(id string) error {
	if !clientIDs.MatchString(id) {
		return desk.Field("client_id", "field_invalid")
	}
	return nil
}

type beginInput struct {
	Body struct {
		ClientID string        `json:"client_id"`
		Body     string        `json:"body" doc:"may be empty when there are attachments"`
		Scenario desk.Scenario `json:"scenario,omitempty"`
		Locale   string        `json:"locale,omitempty"`
		PageURL  string        `json:"page_url,omitempty" maxLength:"2000"`
		Entity   string        `json:"entity,omitempty" maxLength:"64"`
		Region   string        `json:"region,omitempty" maxLength:"64"`
		Article  string        `json:"article,omitempty" maxLength:"200" doc:"the article that was read last: category/slug; otherwise the page may tell"`
		Query    string        `json:"query,omitempty" maxLength:"400" doc:"what was searched last; what could name somebody is not kept"`

		Prepared    map[string]string `json:"prepared,omitempty" doc:"by the keys of the scenario's fields; a value has at most 300 characters"`
		Attachments []desk.ID         `json:"attachments,omitempty" maxItems:"10" doc:"uploads that are ready"`
		Mode        desk.Mode         `json:"mode,omitempty" enum:"live,message" doc:"message: left while nobody is there"`
		ReplyEmail  string            `json:"reply_email,omitempty" maxLength:"254" doc:"where answers go while the contact is away"`
	}
}

type sentMessage struct {
	Message      *desk.Message      `json:"message"`
	Conversation *desk.Conversation `json:"conversation"`
}

// sent is the answer to a message: 201 when it is new, 200 when it was known.
type sent struct {
	Status int
	Body   sentMessage
}

func sentOutput(r inbox.Received, c *desk.Conversation) *sent {
	out := &sent{Status: http.StatusCreated, Body: sentMessage{r.Message, c}}
	if r.Repeated {
		out.Status = http.StatusOK
	}
	return out
}

func (a *API) beginConversation(ctx context.Context, in *beginInput) (*sent, error) {
	locale := in.Body.Locale
	if locale == "" {
		locale = web.Locale(ctx)
	}
	msg := desk.Inbound{
		ClientID: in.Body.ClientID, Body: in.Body.Body, Scenario: in.Body.Scenario, Locale: desk.KnownLocale(locale),
		PageURL: plain(pageWithoutQuery(in.Body.PageURL)), Entity: plain(in.Body.Entity), Region: plain(in.Body.Region),
		Prepared: in.Body.Prepared, Attachments: in.Body.Attachments, Mode: in.Body.Mode, ReplyTo: in.Body.ReplyEmail,
	}
	var err error
	if msg.Entity, msg.Region, err = a.placeOf(ctx, visitorFrom(ctx), msg.Entity, msg.Region); err != nil {
		return nil, err
	}
	msg.Came = a.cameFrom(msg, locale, in.Body.Article, in.Body.Query)
	return a.receive(ctx, msg)
}

// pageWithoutQuery keeps where a visitor was and drops what may be private.
func pageWithoutQuery(u string) string {
	u, _, _ = strings.Cut(u, "?")
	u, _, _ = strings.Cut(u, "#")
	return u
}

// plain drops control characters, which mean nothing in a name or an address
// and of which PostgreSQL cannot store all.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}

type visitorMessageInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		ClientID    string    `json:"client_id"`
		Body        string    `json:"body" doc:"may be empty when there are attachments"`
		Attachments []desk.ID `json:"attachments,omitempty" maxItems:"10" doc:"uploads that are ready"`
	}
}

func (a *API) sendAsVisitor(ctx context.Context, in *visitorMessageInput) (*sent, error) {
	if in.ID.ID == 0 {
		return nil, desk.Errorf(desk.NotFound, "not_found")
	}
	return a.receive(ctx, desk.Inbound{
		ConversationID: in.ID.ID, ClientID: in.Body.ClientID, Body: in.Body.Body, Locale: web.Locale(ctx),
		Attachments: in.Body.Attachments,
	})
}

func (a *API) receive(ctx context.Context, msg desk.Inbound) (*sent, error) {
	contact := visitorFrom(ctx)
	if err := checkClientID(msg.ClientID); err != nil {
		return nil, err
	}
	msg.Channel, msg.ContactID, msg.DedupeKey = desk.Chat, contact, inbox.ChatKey(contact, msg.ClientID)
	r, err := a.Inbox.Receive(ctx, msg)
	if err != nil {
		return nil, err
	}
	return sentOutput(r, inbox.ForContact(r.Conversation)), nil
}

type rangeInput struct {
	ID     IDParam `path:"id"`
	Since  int64   `query:"since" minimum:"-1" default:"-1" doc:"messages after this sequence; 0 is from the beginning"`
	Before int64   `query:"before" minimum:"0" doc:"messages before this sequence"`
	Limit  int     `query:"limit" minimum:"1" maximum:"500" default:"50"`
}

func (r rangeInput) messages(publicOnly bool) store.MessageRange {
	return store.MessageRange{Since: r.Since, Ascending: r.Since >= 0, Before: r.Before, Limit: r.Limit, PublicOnly: publicOnly}
}

type messagePage struct {
	Conversation *desk.Conversation `json:"conversation"`
	Messages     []*desk.Message    `json:"messages" doc:"in ascending order"`
	More         bool               `json:"more" doc:"whether there are more in the direction asked for"`
}

func (a *API) visitorMessages(ctx context.Context, in *rangeInput) (*body[messagePage], error) {
	contact := visitorFrom(ctx)
	q := a.Store.Read(ctx)
	c, err := q.ConversationOf(contact, in.ID.ID)
	if err != nil {
		return nil, err
	}
	messages, more, err := q.Messages(in.ID.ID, in.messages(true))
	if err != nil {
		return nil, err
	}
	a.Inbox.Address(messages...)
	return &body[messagePage]{messagePage{inbox.ForContact(c), messages, more}}, nil
}

type visitorReadInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Seq int64 `json:"seq" minimum:"0"`
	}
}

func (a *API) readAsVisitor(ctx context.Context, in *visitorReadInput) (*nothing, error) {
	contact := visitorFrom(ctx)
	return nil, a.Inbox.ReadByContact(ctx, contact, in.ID.ID, in.Body.Seq)
}

func (a *API) typeAsVisitor(ctx context.Context, in *byID) (*nothing, error) {
	contact := visitorFrom(ctx)
	return nil, a.Inbox.TypingByContact(ctx, contact, in.ID.ID)
}
