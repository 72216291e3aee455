package staff

import (
	"context"
	"strconv"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// How long links are good for.
const (
	setupLife      = 24 * time.Hour
	invitationLife = 7 * 24 * time.Hour
)

// EnsureSetup returns a new one-time token for making the first administrator,
// when there is no agent at all. Earlier tokens stay valid until one of them is
// used: several nodes may start at once, and each prints its own.
func (s *Staff) EnsureSetup(ctx context.Context) (token string, needed bool, err error) {
	n, err := s.store.Read(ctx).CountAgents()
	if err != nil || n > 0 {
		return "", false, err
	}
	token = newToken()
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertInvitation(&store.Invitation{
			TokenHash: hashToken(token), Kind: store.SetupInvitation, Role: desk.Admin, Locale: desk.Locales[0], ExpiresAt: s.in(setupLife),
		})
	})
	return token, err == nil, err
}

// SetupURL returns the address of the page on which a setup token is used.
func (s *Staff) SetupURL(token string) string { return s.cfg.PublicURL + "/console/setup/" + token }

func (s *Staff) invitationURL(token string) string {
	return s.cfg.PublicURL + "/console/invitation/" + token
}

var errLinkGone = desk.Errorf(desk.NotFound, "link_gone")

func (s *Staff) open(ctx context.Context, kind, token string) (*store.Invitation, error) {
	i, err := s.store.Read(ctx).OpenInvitation(kind, hashToken(token))
	if desk.CodeOf(err) == desk.NotFound {
		return nil, errLinkGone
	}
	return i, err
}

// Setup returns the setup link that a token opens, or NotFound.
func (s *Staff) Setup(ctx context.Context, token string) (*store.Invitation, error) {
	return s.open(ctx, store.SetupInvitation, token)
}

// Invitation returns the invitation that a token opens, or NotFound.
func (s *Staff) Invitation(ctx context.Context, token string) (*store.Invitation, error) {
	return s.open(ctx, store.StaffInvitation, token)
}

// Newcomer is what somebody says about themselves when they come in.
type Newcomer struct {
	Email    string // only at setup; an invitation has its own
	Name     string
	Password string
	Locale   string
}

// FinishSetup makes the first administrator and signs them in.
func (s *Staff) FinishSetup(ctx context.Context, token string, n Newcomer, from Client, before *Session) (SignedIn, error) {
	i, err := s.Setup(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	i.Email = n.Email
	return s.admit(ctx, i, n, from, before, func(tx *store.Tx) error {
		// The lock lets only one of two people with a link be the first.
		if err := tx.LockStaff(); err != nil {
			return err
		}
		count, err := tx.CountAgents()
		if err == nil && count > 0 {
			err = errLinkGone
		}
		return err
	}, func(tx *store.Tx) error { return tx.RevokeSetup() })
}

// AcceptInvitation makes an agent of whoever holds an invitation's token and
// signs them in.
func (s *Staff) AcceptInvitation(ctx context.Context, token string, n Newcomer, from Client, before *Session) (SignedIn, error) {
	i, err := s.Invitation(ctx, token)
	if err != nil {
		return SignedIn{}, err
	}
	return s.admit(ctx, i, n, from, before, nil, nil)
}

func (s *Staff) admit(ctx context.Context, i *store.Invitation, n Newcomer, from Client, before *Session, check, after func(*store.Tx) error) (SignedIn, error) {
	agent, hash, err := s.newAgent(ctx, NewAgent{Email: i.Email, Name: n.Name, Password: n.Password, Locale: n.Locale, Role: i.Role, Teams: i.Teams})
	if err != nil {
		return SignedIn{}, err
	}
	var token string
	var ended []desk.ID
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if check != nil {
			if err := check(tx); err != nil {
				return err
			}
		}
		if err := tx.AcceptInvitation(i.ID); err != nil {
			if desk.CodeOf(err) == desk.NotFound {
				return errLinkGone
			}
			return err
		}
		if err := s.insert(tx, agent, hash); err != nil {
			return err
		}
		if after != nil {
			if err := after(tx); err != nil {
				return err
			}
		}
		action := "invitation.accept"
		if i.Kind == store.SetupInvitation {
			action = "setup.complete"
		}
		if err := tx.Audit(from.agent(agent), action, "agent", agent.ID, map[string]any{"email": agent.Email, "role": agent.Role}); err != nil {
			return err
		}
		token, ended, err = s.begin(tx, agent.ID, LevelFull, from, before)
		return err
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.ended(ended...)
	return SignedIn{Token: token, Agent: agent.ID}, nil
}

// Invite is whom an administrator asks in.
type Invite struct {
	Email  string
	Role   desk.Role
	Teams  []desk.ID
	Locale string
}

// Invitations lists the pending invitations, newest first.
func (s *Staff) Invitations(ctx context.Context) ([]*store.Invitation, error) {
	return s.store.Read(ctx).PendingInvitations()
}

// Invite stores an invitation and hands its mail to the jobs, both or neither.
// The link is returned too, for a desk that cannot send mail.
func (s *Staff) Invite(ctx context.Context, who *Session, in Invite) (_ *store.Invitation, link string, err error) {
	email, err := normalEmail(in.Email)
	if err != nil {
		return nil, "", err
	}
	if !in.Role.Valid() {
		return nil, "", desk.Field("role", "field_choice")
	}
	i := &store.Invitation{Email: email, Kind: store.StaffInvitation, Role: in.Role, Teams: in.Teams, Locale: desk.KnownLocale(in.Locale), CreatedBy: who.Agent.ID, InvitedBy: who.Agent.Name}
	token := newToken()
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		i.ID, i.CreatedAt, i.TokenHash, i.ExpiresAt = 0, 0, hashToken(token), s.in(invitationLife)
		if err := tx.LockStaff(); err != nil { // the checks below must still hold at the commit
			return err
		}
		if err := s.mayInvite(tx, i); err != nil {
			return err
		}
		if err := tx.InsertInvitation(i); err != nil {
			return err
		}
		if err := s.mailInvitation(tx, i, token); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "invitation.create", "invitation", i.ID, map[string]any{"email": i.Email, "role": i.Role, "teams": i.Teams})
	})
	if err != nil {
		return nil, "", err
	}
	return i, s.invitationURL(token), nil
}

func (s *Staff) mayInvite(tx *store.Tx, i *store.Invitation) error {
	_, err := tx.AgentByEmail(i.Email)
	if err == nil {
		return &desk.Error{Code: desk.Conflict, Message: "email_taken", Fields: map[string]string{"email": "email_taken"}}
	}
	if desk.CodeOf(err) != desk.NotFound {
		return err
	}
	pending, err := tx.PendingInvitations()
	if err != nil {
		return err
	}
	for _, p := range pending {
		if p.Email == i.Email {
			return &desk.Error{Code: desk.Conflict, Message: "invitation_exists", Fields: map[string]string{"email": "invitation_exists"}}
		}
	}
	for _, t := range i.Teams {
		if _, err := tx.Team(t); err != nil {
			if desk.CodeOf(err) == desk.NotFound {
				return desk.Field("teams", "no_such_team")
			}
			return err
		}
	}
	return nil
}

func (s *Staff) mailInvitation(tx *store.Tx, i *store.Invitation, token string) error {
	return s.cfg.EnqueueMail(tx, i.Email, i.Locale, "invitation", map[string]string{
		"link": s.invitationURL(token), "role": string(i.Role), "invited_by": i.InvitedBy, "expires_at": strconv.FormatInt(int64(i.ExpiresAt), 10),
	})
}

// ResendInvitation sends a pending invitation again with a new link, which is
// returned as by [Staff.Invite]; the old one is dead.
func (s *Staff) ResendInvitation(ctx context.Context, who *Session, id desk.ID) (link string, err error) {
	token := newToken()
	return s.invitationURL(token), s.store.Write(ctx, func(tx *store.Tx) error {
		i, err := tx.Invitation(id)
		if err != nil {
			return err
		}
		if i.Kind != store.StaffInvitation {
			return desk.Errorf(desk.NotFound, "not_found")
		}
		i.ExpiresAt, i.InvitedBy = s.in(invitationLife), who.Agent.Name
		if err := tx.RenewInvitation(id, hashToken(token), i.ExpiresAt); err != nil {
			return err
		}
		if err := s.mailInvitation(tx, i, token); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "invitation.resend", "invitation", id, map[string]any{"email": i.Email})
	})
}

// RevokeInvitation kills a pending invitation's link.
func (s *Staff) RevokeInvitation(ctx context.Context, who *Session, id desk.ID) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		i, err := tx.Invitation(id)
		if err != nil {
			return err
		}
		if err := tx.RevokeInvitation(id); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "invitation.revoke", "invitation", id, map[string]any{"email": i.Email})
	})
}
