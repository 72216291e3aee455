package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/web"
)

func (a *API) visitorChatRoutes() []Route {
	const one = "/visitor/conversations/{id}"
	return []Route{
		route("POST", one+"/leave", Visitor, a.leaveConversation, a.paced(actPace)),
		route("POST", one+"/end", Visitor, a.endConversation, a.paced(actPace)),
		route("POST", one+"/rating", Visitor, a.rateConversation, a.paced(actPace)),
		route("POST", one+"/transcript", Visitor, a.mailTranscript, status(http.StatusAccepted), a.paced(actPace)),
		route("GET", "/visitor/requests", Visitor, a.visitorRequests, a.paced(actPace)),
		route("GET", "/push/key", Public, a.getPushKey),
		route("POST", "/visitor/push", Visitor, a.subscribePush, a.paced(actPace)),
		route("DELETE", "/visitor/push", Visitor, a.unsubscribePush, a.paced(actPace)),
	}
}

type leaveInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		ReplyEmail string `json:"reply_email,omitempty" maxLength:"254" doc:"where the answer is mailed; empty keeps what there is"`
	}
}

func (a *API) leaveConversation(ctx context.Context, in *leaveInput) (*nothing, error) {
	return nil, a.Inbox.Leave(ctx, visitorFrom(ctx), in.ID.ID, in.Body.ReplyEmail)
}

func (a *API) endConversation(ctx context.Context, in *byID) (*body[sentConversation], error) {
	c, err := a.Inbox.End(ctx, visitorFrom(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return &body[sentConversation]{sentConversation{inbox.ForContact(c)}}, nil
}

type ratingInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Score   int    `json:"score" minimum:"1" maximum:"5"`
		Comment string `json:"comment,omitempty" doc:"at most 2,000 characters; secrets are taken out"`
	}
}

func (a *API) rateConversation(ctx context.Context, in *ratingInput) (*nothing, error) {
	return nil, a.Inbox.Rate(ctx, visitorFrom(ctx), in.ID.ID, in.Body.Score, in.Body.Comment, web.Locale(ctx))
}

type transcriptInput struct {
	ID     IDParam `path:"id"`
	Locale string  `query:"locale"`
	Accept string  `header:"Accept-Language"`
	Body   struct {
		Email string `json:"email" maxLength:"254"`
	}
}

func (a *API) mailTranscript(ctx context.Context, in *transcriptInput) (*nothing, error) {
	locale := (&widgetConfigInput{Locale: in.Locale, Accept: in.Accept}).locale()
	return nil, a.Inbox.Transcript(ctx, visitorFrom(ctx), in.ID.ID, in.Body.Email, locale)
}

type requestsInput struct {
	Cursor string `query:"cursor" doc:"next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
}

type requestList struct {
	Requests []inbox.Request `json:"requests" doc:"newest activity first"`
	Next     string          `json:"next,omitempty" doc:"cursor of the next page; empty on the last"`
}

func (a *API) visitorRequests(ctx context.Context, in *requestsInput) (*body[requestList], error) {
	at, id, err := parseCursor(in.Cursor)
	if err != nil {
		return nil, err
	}
	page, more, err := a.Inbox.Requests(ctx, visitorFrom(ctx), at, id, in.Limit)
	if err != nil {
		return nil, err
	}
	out := requestList{Requests: page}
	if more {
		out.Next = cursorOf(page[len(page)-1].Conversation)
	}
	return &body[requestList]{out}, nil
}

// cursorOf is the cursor of what comes behind a conversation.
func cursorOf(c *desk.Conversation) string {
	return strconv.FormatInt(int64(c.LastMessage.CreatedAt), 10) + "." + c.ID.String()
}
