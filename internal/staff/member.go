package staff

import (
	"cmp"
	"context"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// NewAgent describes an agent to be made.
type NewAgent struct {
	Email    string
	Name     string
	Password string
	Locale   string
	Role     desk.Role
	Teams    []desk.ID
}

// newAgent checks n and hashes the password, outside any transaction.
func (s *Staff) newAgent(ctx context.Context, n NewAgent) (*desk.Agent, string, error) {
	email, err := normalEmail(n.Email)
	if err != nil {
		return nil, "", err
	}
	name, err := normalName("name", n.Name, 80)
	if err != nil {
		return nil, "", err
	}
	if !n.Role.Valid() {
		return nil, "", desk.Field("role", "field_choice")
	}
	if err := checkPassword("password", n.Password, email, name); err != nil {
		return nil, "", err
	}
	hash, err := s.hasher.hash(ctx, n.Password)
	if err != nil {
		return nil, "", err
	}
	return &desk.Agent{
		Email: email, Name: name, Role: n.Role, Status: Active, Locale: desk.KnownLocale(n.Locale), Theme: "system",
		Teams: slices.Clone(n.Teams),
	}, hash, nil
}

// insert stores a new agent. Teams that were deleted since they were chosen are
// left out.
func (s *Staff) insert(tx *store.Tx, a *desk.Agent, hash string) error {
	a.ID, a.CreatedAt = 0, 0
	var kept []desk.ID
	for _, t := range a.Teams {
		switch _, err := tx.Team(t); desk.CodeOf(err) {
		case "":
			kept = append(kept, t)
		case desk.NotFound:
		default:
			return err
		}
	}
	a.Teams = kept
	if _, err := tx.AgentByEmail(a.Email); err == nil {
		return &desk.Error{Code: desk.Conflict, Message: "email_taken", Fields: map[string]string{"email": "email_taken"}}
	} else if desk.CodeOf(err) != desk.NotFound {
		return err
	}
	return tx.InsertAgent(a, hash)
}

// Provision makes an agent without an invitation, for the command line and the
// demo. An address that is taken is a Conflict.
func (s *Staff) Provision(ctx context.Context, n NewAgent) (*desk.Agent, error) {
	a, hash, err := s.newAgent(ctx, n)
	if err != nil {
		return nil, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockStaff(); err != nil {
			return err
		}
		if err := s.insert(tx, a, hash); err != nil {
			return err
		}
		return tx.Audit(Client{}.system("veridesk"), "agent.create", "agent", a.ID, map[string]any{"email": a.Email, "role": a.Role})
	})
	if err != nil {
		return nil, err
	}
	return a, nil
}

// ResetPassword replaces the password of somebody who lost it, switches their
// two-step sign-in off and ends their sessions; for the command line.
func (s *Staff) ResetPassword(ctx context.Context, email, password string) error {
	email, err := normalEmail(email)
	if err != nil {
		return err
	}
	a, err := s.store.Read(ctx).AgentByEmail(email)
	if err != nil {
		return err
	}
	if err := checkPassword("password", password, email, a.Name); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	var ended []desk.ID
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if err := tx.SetPasswordHash(a.ID, hash); err != nil {
			return err
		}
		if err := tx.SetTOTP(a.ID, nil, false, 0); err != nil {
			return err
		}
		if err := tx.ReplaceRecoveryCodes(a.ID, nil); err != nil {
			return err
		}
		if ended, err = tx.DeleteSessions(a.ID, 0); err != nil {
			return err
		}
		return tx.Audit(Client{}.system("veridesk"), "password.reset", "agent", a.ID, nil)
	})
	if err == nil {
		s.ended(ended...)
	}
	return err
}

// Agents lists all agents by name.
func (s *Staff) Agents(ctx context.Context) ([]*desk.Agent, error) {
	return s.store.Read(ctx).Agents()
}

// AgentChange is what an administrator changes about an agent; nil leaves it.
type AgentChange struct {
	Role   *desk.Role
	Status *string
	Teams  *[]desk.ID

	Capacity *int // units of work at a time, up to 100; 0: nothing comes by itself
	Locales  *[]string
	Skills   *[]desk.Scenario
}

func (c AgentChange) check() error {
	if c.Role != nil && !c.Role.Valid() {
		return desk.Field("role", "field_choice")
	}
	if c.Status != nil && *c.Status != Active && *c.Status != Disabled {
		return desk.Field("status", "field_choice")
	}
	if c.Capacity != nil && (*c.Capacity < 0 || *c.Capacity > 100) {
		return desk.Field("capacity", "field_number")
	}
	if c.Locales != nil && slices.ContainsFunc(*c.Locales, func(l string) bool { return !slices.Contains(desk.Locales, l) }) {
		return desk.Field("locales", "field_choice")
	}
	if c.Skills != nil && slices.ContainsFunc(*c.Skills, func(s desk.Scenario) bool { return s == desk.NoScenario || !s.Valid() }) {
		return desk.Field("skills", "field_choice")
	}
	return nil
}

// setWork changes what an agent is given, and says so in detail.
func (c AgentChange) setWork(tx *store.Tx, a *desk.Agent, detail map[string]any) error {
	before := len(detail)
	if c.Capacity != nil && *c.Capacity != a.Capacity {
		detail["capacity"] = change(a.Capacity, *c.Capacity)
		a.Capacity = *c.Capacity
	}
	if c.Locales != nil {
		if to := sorted(*c.Locales); !slices.Equal(to, a.Locales) {
			detail["locales"] = change(a.Locales, to)
			a.Locales = to
		}
	}
	if c.Skills != nil {
		if to := sorted(*c.Skills); !slices.Equal(to, a.Skills) {
			detail["skills"] = change(a.Skills, to)
			a.Skills = to
		}
	}
	if len(detail) == before {
		return nil
	}
	return tx.SetAgentWork(a)
}

// sorted returns the values once each, in order; never nil.
func sorted[T cmp.Ordered](values []T) []T {
	out := append([]T{}, values...)
	slices.Sort(out)
	return slices.Compact(out)
}

// UpdateAgent changes an agent's role, status, teams and what work they are given. The last active
// administrator stays one, and nobody changes their own role or status. A
// disabled agent's sessions end at once.
func (s *Staff) UpdateAgent(ctx context.Context, who *Session, id desk.ID, c AgentChange) (*desk.Agent, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var after *desk.Agent
	var ended []desk.ID
	var rights bool
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		ended = nil
		if err := tx.LockStaff(); err != nil {
			return err
		}
		a, err := tx.Agent(id)
		if err != nil {
			return err
		}
		detail := map[string]any{}
		if c.Role != nil && *c.Role != a.Role {
			detail["role"] = change(a.Role, *c.Role)
			a.Role = *c.Role
		}
		if c.Status != nil && *c.Status != a.Status {
			detail["status"] = change(a.Status, *c.Status)
			a.Status = *c.Status
		}
		if len(detail) > 0 && id == who.Agent.ID {
			return desk.Errorf(desk.Conflict, "not_yourself")
		}
		if len(detail) > 0 {
			if err := tx.UpdateAgent(a); err != nil {
				return err
			}
			// Counted after the change and under the lock: two administrators
			// cannot demote each other at the same moment.
			if n, err := tx.CountActive(desk.Admin); err != nil {
				return err
			} else if n == 0 {
				return desk.Errorf(desk.Conflict, "last_admin")
			}
		}
		if c.Teams != nil {
			if err := s.setTeams(tx, a, *c.Teams, detail); err != nil {
				return err
			}
		}
		rights = len(detail) > 0
		if err := c.setWork(tx, a, detail); err != nil {
			return err
		}
		if a.Status == Disabled {
			if ended, err = tx.DeleteSessions(id, 0); err != nil {
				return err
			}
		}
		after = a
		if len(detail) == 0 {
			return nil
		}
		return tx.Audit(who.Actor(), "agent.update", "agent", id, detail)
	})
	if err != nil {
		return nil, err
	}
	s.ended(ended...)
	s.changed(id, rights)
	return after, nil
}

func (s *Staff) setTeams(tx *store.Tx, a *desk.Agent, teams []desk.ID, detail map[string]any) error {
	want := slices.Clone(teams)
	slices.Sort(want)
	want = slices.Compact(want)
	if slices.Equal(want, a.Teams) {
		return nil
	}
	if err := tx.SetAgentTeams(a.ID, want); err != nil {
		if desk.CodeOf(err) == desk.Conflict {
			return desk.Field("teams", "no_such_team")
		}
		return err
	}
	detail["teams"] = change(a.Teams, want)
	a.Teams = want
	return nil
}

// AccountChange is what agents change about themselves; nil leaves it.
type AccountChange struct {
	Name   *string
	Locale *string
	Theme  *string
}

// UpdateAccount changes the agent's own name and preferences.
func (s *Staff) UpdateAccount(ctx context.Context, who *Session, c AccountChange) (*desk.Agent, error) {
	var name string
	if c.Name != nil {
		var err error
		if name, err = normalName("name", *c.Name, 80); err != nil {
			return nil, err
		}
	}
	if c.Locale != nil && !slices.Contains(desk.Locales, *c.Locale) {
		return nil, desk.Field("locale", "field_choice")
	}
	if c.Theme != nil && !slices.Contains([]string{"system", "light", "dark"}, *c.Theme) {
		return nil, desk.Field("theme", "field_choice")
	}
	var after *desk.Agent
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		a, err := tx.Agent(who.Agent.ID)
		if err != nil {
			return err
		}
		detail := map[string]any{}
		set := func(field string, at *string, to *string) {
			if to != nil && *to != *at {
				detail[field] = change(*at, *to)
				*at = *to
			}
		}
		if c.Name != nil {
			set("name", &a.Name, &name)
		}
		set("locale", &a.Locale, c.Locale)
		set("theme", &a.Theme, c.Theme)
		after = a
		if len(detail) == 0 {
			return nil
		}
		if err := tx.UpdateAgent(a); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "account.update", "agent", a.ID, detail)
	})
	if err != nil {
		return nil, err
	}
	s.changed(who.Agent.ID, false)
	return after, nil
}

// Audit returns a page of the audit log, newest first; see store.AuditEntries.
func (s *Staff) Audit(ctx context.Context, before string, limit int) ([]store.AuditEntry, string, error) {
	return s.store.Read(ctx).AuditEntries(before, limit)
}
