package api

import (
	"context"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

type member struct {
	ID          desk.ID     `json:"id"`
	Name        string      `json:"name"`
	Email       string      `json:"email"`
	Role        desk.Role   `json:"role"`
	Status      string      `json:"status" enum:"active,disabled"`
	Teams       []desk.ID   `json:"teams"`
	LastSeenAt  desk.Micros `json:"last_seen_at"`
	TOTPEnabled bool        `json:"totp_enabled"`
	Online      bool        `json:"online"`

	Capacity int             `json:"capacity" doc:"units of work at a time"`
	Locales  []string        `json:"locales" doc:"languages; none: all"`
	Skills   []desk.Scenario `json:"skills" doc:"scenarios that come by themselves; none: all"`
}

func memberOf(a *desk.Agent, online []desk.ID) member {
	return member{
		a.ID, a.Name, a.Email, a.Role, a.Status, a.Teams, a.LastSeenAt, a.TOTPEnabled, slices.Contains(online, a.ID),
		a.Capacity, a.Locales, a.Skills,
	}
}

type members struct {
	Agents []member `json:"agents"`
}

// presence returns who is online; unknown (Redis is away) is shown as offline.
func (a *API) presence(ctx context.Context) []desk.ID {
	ids, err := a.online(ctx)
	if err != nil {
		web.Logger(ctx).Debug("presence is not known", "error", err)
	}
	return ids
}

func (a *API) listAgents(ctx context.Context, _ *nothing) (*body[members], error) {
	agents, err := a.Staff.Agents(ctx)
	if err != nil {
		return nil, err
	}
	online := a.presence(ctx)
	out := members{Agents: []member{}}
	for _, agent := range agents {
		out.Agents = append(out.Agents, memberOf(agent, online))
	}
	return &body[members]{out}, nil
}

type agentInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Role   *desk.Role `json:"role,omitempty"`
		Status *string    `json:"status,omitempty"`
		Teams  *[]desk.ID `json:"teams,omitempty"`

		Capacity *int             `json:"capacity,omitempty"`
		Locales  *[]string        `json:"locales,omitempty"`
		Skills   *[]desk.Scenario `json:"skills,omitempty"`
	}
}

type updatedMember struct {
	Agent member `json:"agent"`
}

func (a *API) updateAgent(ctx context.Context, in *agentInput) (*body[updatedMember], error) {
	agent, err := a.Staff.UpdateAgent(ctx, SessionFrom(ctx), in.ID.ID, staff.AgentChange{
		Role: in.Body.Role, Status: in.Body.Status, Teams: in.Body.Teams,
		Capacity: in.Body.Capacity, Locales: in.Body.Locales, Skills: in.Body.Skills,
	})
	if err != nil {
		return nil, err
	}
	return &body[updatedMember]{updatedMember{memberOf(agent, a.presence(ctx))}}, nil
}

type invitation struct {
	ID        desk.ID     `json:"id"`
	Email     string      `json:"email"`
	Role      desk.Role   `json:"role"`
	Teams     []desk.ID   `json:"teams"`
	Locale    string      `json:"locale"`
	InvitedBy string      `json:"invited_by"`
	CreatedAt desk.Micros `json:"created_at"`
	ExpiresAt desk.Micros `json:"expires_at"`
}

func invitationOf(i *store.Invitation) invitation {
	return invitation{i.ID, i.Email, i.Role, i.Teams, i.Locale, i.InvitedBy, i.CreatedAt, i.ExpiresAt}
}

type invitations struct {
	Invitations []invitation `json:"invitations"`
}

func (a *API) listInvitations(ctx context.Context, _ *nothing) (*body[invitations], error) {
	list, err := a.Staff.Invitations(ctx)
	if err != nil {
		return nil, err
	}
	out := invitations{Invitations: []invitation{}}
	for _, i := range list {
		out.Invitations = append(out.Invitations, invitationOf(i))
	}
	return &body[invitations]{out}, nil
}

type inviteInput struct {
	Body struct {
		Email  string    `json:"email"`
		Role   desk.Role `json:"role"`
		Teams  []desk.ID `json:"teams" required:"false"`
		Locale string    `json:"locale" required:"false"`
	}
}

type newInvitation struct {
	Invitation invitation `json:"invitation"`
	handedLink
}

// handedLink is for a desk without a mail server: the inviter hands the link on.
type handedLink struct {
	Link string `json:"link,omitempty" doc:"the one-time link, when no mail server is configured"`
}

func (a *API) handed(link string) handedLink {
	if a.MailSent {
		return handedLink{}
	}
	return handedLink{link}
}

func (a *API) createInvitation(ctx context.Context, in *inviteInput) (*body[newInvitation], error) {
	b := in.Body
	if b.Locale == "" {
		b.Locale = web.Locale(ctx)
	}
	i, link, err := a.Staff.Invite(ctx, SessionFrom(ctx), staff.Invite{Email: b.Email, Role: b.Role, Teams: b.Teams, Locale: b.Locale})
	if err != nil {
		return nil, err
	}
	return &body[newInvitation]{newInvitation{invitationOf(i), a.handed(link)}}, nil
}

func (a *API) revokeInvitation(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.Staff.RevokeInvitation(ctx, SessionFrom(ctx), in.ID.ID)
}

func (a *API) resendInvitation(ctx context.Context, in *byID) (*body[handedLink], error) {
	link, err := a.Staff.ResendInvitation(ctx, SessionFrom(ctx), in.ID.ID)
	return answered(a.handed(link), err)
}

type teams struct {
	Teams []desk.Team `json:"teams"`
}

func (a *API) listTeams(ctx context.Context, _ *nothing) (*body[teams], error) {
	list, err := a.Staff.Teams(ctx)
	if err != nil {
		return nil, err
	}
	return &body[teams]{teams{list}}, nil
}

type newTeamInput struct {
	Body struct {
		Name   string `json:"name"`
		Entity string `json:"entity" required:"false" maxLength:"64"`
		Region string `json:"region" required:"false" maxLength:"64"`
	}
}

type oneTeam struct {
	Team desk.Team `json:"team"`
}

func (a *API) createTeam(ctx context.Context, in *newTeamInput) (*body[oneTeam], error) {
	t, err := a.Staff.CreateTeam(ctx, SessionFrom(ctx), in.Body.Name, in.Body.Entity, in.Body.Region)
	if err != nil {
		return nil, err
	}
	return &body[oneTeam]{oneTeam{t}}, nil
}

type teamInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Name   *string `json:"name,omitempty"`
		Entity *string `json:"entity,omitempty" maxLength:"64"`
		Region *string `json:"region,omitempty" maxLength:"64"`

		Hours *desk.Hours     `json:"hours,omitempty"`
		Queue *desk.TeamQueue `json:"queue,omitempty"`
	}
}

func (a *API) updateTeam(ctx context.Context, in *teamInput) (*body[oneTeam], error) {
	t, err := a.Staff.UpdateTeam(ctx, SessionFrom(ctx), in.ID.ID, staff.TeamChange{
		Name: in.Body.Name, Entity: in.Body.Entity, Region: in.Body.Region, Hours: in.Body.Hours, Queue: in.Body.Queue,
	})
	if err != nil {
		return nil, err
	}
	return &body[oneTeam]{oneTeam{t}}, nil
}
