package api

import (
	"context"
	"encoding/json"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
)

type accountInput struct {
	Body struct {
		Name   *string `json:"name,omitempty"`
		Locale *string `json:"locale,omitempty"`
		Theme  *string `json:"theme,omitempty"`
	}
}

type account struct {
	Agent meAgent `json:"agent"`
}

func (a *API) updateAccount(ctx context.Context, in *accountInput) (*body[account], error) {
	agent, err := a.Staff.UpdateAccount(ctx, SessionFrom(ctx), staff.AccountChange{Name: in.Body.Name, Locale: in.Body.Locale, Theme: in.Body.Theme})
	if err != nil {
		return nil, err
	}
	out, err := a.meAgent(ctx, agent)
	if err != nil {
		return nil, err
	}
	return &body[account]{account{out}}, nil
}

type passwordInput struct {
	Body struct {
		Current string `json:"current" maxLength:"1000"`
		New     string `json:"new" maxLength:"1000"`
	}
}

func (a *API) changePassword(ctx context.Context, in *passwordInput) (*nothing, error) {
	return nil, a.Staff.ChangePassword(ctx, SessionFrom(ctx), in.Body.Current, in.Body.New)
}

type agentSession struct {
	ID         desk.ID     `json:"id"`
	Current    bool        `json:"current"`
	CreatedAt  desk.Micros `json:"created_at"`
	LastSeenAt desk.Micros `json:"last_seen_at"`
	IP         string      `json:"ip"`
	UserAgent  string      `json:"user_agent"`
}

type agentSessions struct {
	Sessions []agentSession `json:"sessions"`
}

func (a *API) listSessions(ctx context.Context, _ *nothing) (*body[agentSessions], error) {
	who := SessionFrom(ctx)
	list, err := a.Staff.Sessions(ctx, who)
	if err != nil {
		return nil, err
	}
	out := agentSessions{Sessions: []agentSession{}}
	for _, s := range list {
		out.Sessions = append(out.Sessions, agentSession{s.ID, s.ID == who.ID, s.CreatedAt, s.LastSeenAt, s.IP, s.UserAgent})
	}
	return &body[agentSessions]{out}, nil
}

func (a *API) revokeSession(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.Staff.RevokeSession(ctx, SessionFrom(ctx), in.ID.ID)
}

func (a *API) revokeOtherSessions(ctx context.Context, _ *nothing) (*nothing, error) {
	return nil, a.Staff.RevokeOthers(ctx, SessionFrom(ctx))
}

type totpSetup struct {
	Secret     string `json:"secret" doc:"base32, for typing in by hand"`
	OtpauthURL string `json:"otpauth_url"`
	QRPNG      string `json:"qr_png" doc:"data: URL of an image"`
}

func (a *API) beginTOTP(ctx context.Context, _ *nothing) (*body[totpSetup], error) {
	t, err := a.Staff.BeginTOTP(ctx, SessionFrom(ctx))
	if err != nil {
		return nil, err
	}
	return &body[totpSetup]{totpSetup{t.Secret, t.URL, t.QRPNG}}, nil
}

type recoveryCodes struct {
	RecoveryCodes []string `json:"recovery_codes" doc:"each works once; they are shown only here"`
}

func (a *API) confirmTOTP(ctx context.Context, in *codeInput) (*body[recoveryCodes], error) {
	codes, err := a.Staff.ConfirmTOTP(ctx, SessionFrom(ctx), in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &body[recoveryCodes]{recoveryCodes{codes}}, nil
}

type confirmInput struct {
	Body struct {
		Password string `json:"password" maxLength:"1000"`
	}
}

func (a *API) disableTOTP(ctx context.Context, in *confirmInput) (*nothing, error) {
	return nil, a.Staff.DisableTOTP(ctx, SessionFrom(ctx), in.Body.Password)
}

type passkey struct {
	ID         desk.ID     `json:"id"`
	Name       string      `json:"name"`
	CreatedAt  desk.Micros `json:"created_at"`
	LastUsedAt desk.Micros `json:"last_used_at"`
}

func passkeyOf(p *store.Passkey) passkey { return passkey{p.ID, p.Name, p.CreatedAt, p.LastUsedAt} }

type passkeys struct {
	Passkeys []passkey `json:"passkeys"`
}

func (a *API) listPasskeys(ctx context.Context, _ *nothing) (*body[passkeys], error) {
	list, err := a.Staff.Passkeys(ctx, SessionFrom(ctx))
	if err != nil {
		return nil, err
	}
	out := passkeys{Passkeys: []passkey{}}
	for i := range list {
		out.Passkeys = append(out.Passkeys, passkeyOf(&list[i]))
	}
	return &body[passkeys]{out}, nil
}

func (a *API) beginPasskey(ctx context.Context, _ *nothing) (*body[map[string]any], error) {
	o, err := a.Staff.BeginPasskey(ctx, SessionFrom(ctx))
	return optionsOf(o, err)
}

type newPasskeyInput struct {
	Body struct {
		Name       string         `json:"name"`
		Credential map[string]any `json:"credential" doc:"the PublicKeyCredential as JSON (WebAuthn Level 3 §5.1)"`
	}
}

type newPasskey struct {
	Passkey passkey `json:"passkey"`
}

func (a *API) finishPasskey(ctx context.Context, in *newPasskeyInput) (*body[newPasskey], error) {
	credential, err := json.Marshal(in.Body.Credential)
	if err != nil {
		return nil, err
	}
	p, err := a.Staff.FinishPasskey(ctx, SessionFrom(ctx), in.Body.Name, credential)
	if err != nil {
		return nil, err
	}
	return &body[newPasskey]{newPasskey{passkeyOf(p)}}, nil
}

func (a *API) removePasskey(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.Staff.RemovePasskey(ctx, SessionFrom(ctx), in.ID.ID)
}
