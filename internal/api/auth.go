package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
)

type teamName struct {
	ID   desk.ID `json:"id"`
	Name string  `json:"name"`
}

type meAgent struct {
	ID          desk.ID    `json:"id"`
	Name        string     `json:"name"`
	Email       string     `json:"email"`
	Role        desk.Role  `json:"role"`
	Locale      string     `json:"locale"`
	Theme       string     `json:"theme"`
	Teams       []teamName `json:"teams"`
	TOTPEnabled bool       `json:"totp_enabled"`
	Passkeys    int        `json:"passkeys"`
}

type me struct {
	Agent       meAgent           `json:"agent"`
	Permissions []desk.Permission `json:"permissions"`
}

func (a *API) me(ctx context.Context, _ *nothing) (*body[me], error) {
	agent, err := a.meAgent(ctx, AgentFrom(ctx))
	if err != nil {
		return nil, err
	}
	return &body[me]{me{agent, desk.RolePermissions[agent.Role]}}, nil
}

func (a *API) meAgent(ctx context.Context, agent *desk.Agent) (meAgent, error) {
	teams, err := a.Staff.Teams(ctx)
	if err != nil {
		return meAgent{}, err
	}
	out := meAgent{
		ID: agent.ID, Name: agent.Name, Email: agent.Email, Role: agent.Role, Locale: agent.Locale, Theme: agent.Theme,
		Teams: []teamName{}, TOTPEnabled: agent.TOTPEnabled, Passkeys: agent.Passkeys,
	}
	for _, t := range teams {
		for _, id := range agent.Teams {
			if t.ID == id {
				out.Teams = append(out.Teams, teamName{t.ID, t.Name})
			}
		}
	}
	return out, nil
}

type signInStatus struct {
	Status string `json:"status" enum:"ok,totp_required"`
}

// signedIn is the answer to a step of signing in: the cookie is the session.
type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      signInStatus
}

func (a *API) signedIn(s staff.SignedIn, err error) (*signedIn, error) {
	if err != nil {
		return nil, err
	}
	out := &signedIn{SetCookie: a.cookie(s.Token, int(staff.Absolute.Seconds())), Body: signInStatus{"ok"}}
	if s.TOTPDue {
		out.SetCookie.MaxAge = int(staff.SecondStep.Seconds())
		out.Body.Status = "totp_required"
	}
	return out, nil
}

func (a *API) cookie(token string, maxAge int) http.Cookie {
	return http.Cookie{
		Name: staff.CookieName, Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: a.Edge.Secure(),
	}
}

type signInInput struct {
	Body struct {
		Email    string `json:"email" minLength:"1" maxLength:"254"`
		Password string `json:"password" minLength:"1" maxLength:"1000"`
	}
}

func (a *API) signIn(ctx context.Context, in *signInInput) (*signedIn, error) {
	c := callerFrom(ctx)
	return a.signedIn(a.Staff.SignIn(ctx, in.Body.Email, in.Body.Password, c.client, c.session))
}

type codeInput struct {
	Body struct {
		Code string `json:"code" minLength:"6" maxLength:"40"`
	}
}

func (a *API) secondStep(ctx context.Context, in *codeInput) (*signedIn, error) {
	c := callerFrom(ctx)
	return a.signedIn(a.Staff.SecondStep(ctx, c.session, in.Body.Code, c.client))
}

// optionsOf returns the options of a passkey ceremony. WebAuthn Level 3 §5.1.8
// to §5.1.10 define them; repeating their schema here would only go stale.
func optionsOf(v any, err error) (*body[map[string]any], error) {
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	out := new(body[map[string]any])
	return out, json.Unmarshal(text, &out.Body)
}

func (a *API) beginPasskeySignIn(ctx context.Context, _ *nothing) (*body[map[string]any], error) {
	o, err := a.Staff.BeginPasskeySignIn(ctx, callerFrom(ctx).client)
	return optionsOf(o, err)
}

type credentialInput struct {
	Body struct {
		Credential map[string]any `json:"credential" doc:"the PublicKeyCredential as JSON (WebAuthn Level 3 §5.1)"`
	}
}

func (a *API) finishPasskeySignIn(ctx context.Context, in *credentialInput) (*signedIn, error) {
	credential, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, err
	}
	c := callerFrom(ctx)
	return a.signedIn(a.Staff.FinishPasskeySignIn(ctx, credential, c.client, c.session))
}

type signedOut struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}

func (a *API) signOut(ctx context.Context, _ *nothing) (*signedOut, error) {
	if s := SessionFrom(ctx); s != nil {
		if err := a.Staff.SignOut(ctx, s); err != nil {
			return nil, err
		}
	}
	return &signedOut{a.cookie("", -1)}, nil
}

type tokenInput struct {
	Token string `path:"token"`
}

type setupLink struct {
	ExpiresAt desk.Micros `json:"expires_at"`
}

func (a *API) getSetup(ctx context.Context, in *tokenInput) (*body[setupLink], error) {
	i, err := a.Staff.Setup(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return &body[setupLink]{setupLink{i.ExpiresAt}}, nil
}

type setupInput struct {
	Token string `path:"token"`
	Body  struct {
		Name     string `json:"name"`
		Email    string `json:"email"`
		Password string `json:"password" maxLength:"1000"`
		Locale   string `json:"locale" required:"false"`
	}
}

func (a *API) finishSetup(ctx context.Context, in *setupInput) (*signedIn, error) {
	c, b := callerFrom(ctx), in.Body
	return a.signedIn(a.Staff.FinishSetup(ctx, in.Token, staff.Newcomer{Email: b.Email, Name: b.Name, Password: b.Password, Locale: b.Locale}, c.client, c.session))
}

type invitationLink struct {
	Email     string      `json:"email"`
	Role      desk.Role   `json:"role"`
	InvitedBy string      `json:"invited_by"`
	ExpiresAt desk.Micros `json:"expires_at"`
}

func (a *API) getInvitation(ctx context.Context, in *tokenInput) (*body[invitationLink], error) {
	i, err := a.Staff.Invitation(ctx, in.Token)
	if err != nil {
		return nil, err
	}
	return &body[invitationLink]{invitationLink{i.Email, i.Role, i.InvitedBy, i.ExpiresAt}}, nil
}

type acceptInput struct {
	Token string `path:"token"`
	Body  struct {
		Name     string `json:"name"`
		Password string `json:"password" maxLength:"1000"`
		Locale   string `json:"locale" required:"false"`
	}
}

func (a *API) acceptInvitation(ctx context.Context, in *acceptInput) (*signedIn, error) {
	c, b := callerFrom(ctx), in.Body
	return a.signedIn(a.Staff.AcceptInvitation(ctx, in.Token, staff.Newcomer{Name: b.Name, Password: b.Password, Locale: b.Locale}, c.client, c.session))
}
