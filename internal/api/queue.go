package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/web"
)

func (a *API) queueRoutes() []Route {
	return []Route{
		route("GET", "/visitor/conversations/{id}/queue", Visitor, a.placeInQueue),

		route("GET", "/me/presence", desk.ReplyConversations, a.getPresence),
		route("PUT", "/me/presence", desk.ReplyConversations, a.setPresence),
		route("GET", "/queue", desk.ReadConversations, a.viewQueue),
		route("POST", "/queue/next", desk.ReplyConversations, a.takeNext),
		route("GET", "/queue/settings", desk.ReadConversations, a.queueSettings),
		route("PUT", "/queue/settings", desk.ManageTeams, a.setQueueSettings),
		route("POST", "/conversations/{id}/return", desk.ReplyConversations, a.returnConversation),
		route("POST", "/conversations/{id}/handover", desk.AssignConversations, a.handOver),
	}
}

func (a *API) placeInQueue(ctx context.Context, in *byID) (*body[desk.QueuePlace], error) {
	return answered(a.Inbox.Place(ctx, visitorFrom(ctx), in.ID.ID))
}

type presenceBody struct {
	Presence desk.Presence `json:"presence"`
}

func (a *API) getPresence(ctx context.Context, _ *nothing) (*body[presenceBody], error) {
	p, err := a.Inbox.Presence(ctx, AgentFrom(ctx).ID)
	return answered(presenceBody{p}, err)
}

type presenceInput struct {
	Body struct {
		State   desk.PresenceState `json:"state" enum:"available,wrap_up,break,away"`
		Minutes int                `json:"minutes,omitempty" minimum:"0" maximum:"720" doc:"after which a break or wrap-up ends by itself"`
	}
}

func (a *API) setPresence(ctx context.Context, in *presenceInput) (*body[presenceBody], error) {
	p, err := a.Inbox.SetPresence(ctx, AgentFrom(ctx), in.Body.State, in.Body.Minutes, web.ClientIP(ctx))
	return answered(presenceBody{p}, err)
}

func (a *API) viewQueue(ctx context.Context, _ *nothing) (*body[inbox.QueueView], error) {
	return answered(a.Inbox.ViewQueue(ctx, AgentFrom(ctx)))
}

func (a *API) takeNext(ctx context.Context, _ *nothing) (*body[sentConversation], error) {
	c, err := a.Inbox.TakeNext(ctx, AgentFrom(ctx), web.ClientIP(ctx))
	return answered(sentConversation{c}, err)
}

func (a *API) queueSettings(ctx context.Context, _ *nothing) (*body[inbox.QueueSettings], error) {
	return answered(a.Inbox.QueueSettings(ctx))
}

type queueSettingsInput struct{ Body inbox.QueueSettings }

func (a *API) setQueueSettings(ctx context.Context, in *queueSettingsInput) (*body[inbox.QueueSettings], error) {
	return answered(a.Inbox.SetQueueSettings(ctx, ActorFrom(ctx), in.Body))
}

type returnInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Note string `json:"note,omitempty"`
	}
}

func (a *API) returnConversation(ctx context.Context, in *returnInput) (*body[sentConversation], error) {
	c, err := a.Inbox.Return(ctx, AgentFrom(ctx), in.ID.ID, in.Body.Note, web.ClientIP(ctx))
	return answered(sentConversation{c}, err)
}

type handOverInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		TeamID  desk.ID `json:"team_id,omitempty" doc:"to the queue of this team"`
		AgentID desk.ID `json:"agent_id,omitempty" doc:"or to this colleague"`
		Note    string  `json:"note" doc:"what they need to know; kept as a private note"`
	}
}

func (a *API) handOver(ctx context.Context, in *handOverInput) (*body[sentConversation], error) {
	to := inbox.HandOver{TeamID: in.Body.TeamID, AgentID: in.Body.AgentID, Note: in.Body.Note}
	c, err := a.Inbox.HandOver(ctx, AgentFrom(ctx), in.ID.ID, to, web.ClientIP(ctx))
	return answered(sentConversation{c}, err)
}
