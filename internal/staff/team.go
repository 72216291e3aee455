package staff

import (
	"context"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Teams lists all teams by name.
func (s *Staff) Teams(ctx context.Context) ([]desk.Team, error) {
	return s.store.Read(ctx).Teams()
}

// TeamsOf lists the teams whose conversations an agent may see: all of them for
// roles that see every team, else those the agent belongs to.
func (s *Staff) TeamsOf(ctx context.Context, a *desk.Agent) ([]desk.ID, error) {
	if !a.Role.May(desk.ReadConversations) {
		return nil, nil
	}
	if !a.Role.SeesAllTeams() {
		return slices.Clone(a.Teams), nil
	}
	teams, err := s.Teams(ctx)
	ids := make([]desk.ID, 0, len(teams))
	for _, t := range teams {
		ids = append(ids, t.ID)
	}
	return ids, err
}

// CreateTeam makes a team.
func (s *Staff) CreateTeam(ctx context.Context, who *Session, name, entity, region string) (desk.Team, error) {
	t := desk.Team{Entity: entity, Region: region}
	var err error
	if t.Name, err = normalName("name", name, 80); err != nil {
		return t, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		t.ID = 0
		if err := tx.CheckEntity(t.Entity); err != nil {
			return err
		}
		if err := teamConflict(tx.InsertTeam(&t)); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "team.create", "team", t.ID, map[string]any{"name": t.Name, "entity": t.Entity, "region": t.Region})
	})
	return t, err
}

// TeamChange is what changes about a team; nil leaves it.
type TeamChange struct{ Name, Entity, Region *string }

// UpdateTeam renames a team or moves it to another entity or region.
func (s *Staff) UpdateTeam(ctx context.Context, who *Session, id desk.ID, c TeamChange) (t desk.Team, err error) {
	if c.Name != nil {
		name, err := normalName("name", *c.Name, 80)
		if err != nil {
			return t, err
		}
		c.Name = &name
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		if t, err = tx.Team(id); err != nil {
			return err
		}
		detail := map[string]any{}
		set := func(field string, at, to *string) {
			if to != nil && *to != *at {
				detail[field] = change(*at, *to)
				*at = *to
			}
		}
		set("name", &t.Name, c.Name)
		set("entity", &t.Entity, c.Entity)
		set("region", &t.Region, c.Region)
		if len(detail) == 0 {
			return nil
		}
		if err := tx.CheckEntity(t.Entity); err != nil {
			return err
		}
		if err := teamConflict(tx.UpdateTeam(t)); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "team.update", "team", id, detail)
	})
	return t, err
}

// ProvisionTeam returns the team of that name, made when there is none; for the
// command line and the demo.
func (s *Staff) ProvisionTeam(ctx context.Context, name, entity, region string) (desk.Team, error) {
	t := desk.Team{Name: name, Entity: entity, Region: region}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		t.ID = 0
		teams, err := tx.Teams()
		if err != nil {
			return err
		}
		for _, have := range teams {
			if have.Name == name && have.Entity == entity && have.Region == region {
				t = have
				return nil
			}
		}
		if err := tx.InsertTeam(&t); err != nil {
			return err
		}
		return tx.Audit(Client{}.system("veridesk"), "team.create", "team", t.ID, map[string]any{"name": name, "entity": entity, "region": region})
	})
	return t, err
}

func teamConflict(err error) error {
	if desk.CodeOf(err) == desk.Conflict {
		return &desk.Error{Code: desk.Conflict, Message: "team_exists", Fields: map[string]string{"name": "team_exists"}, Cause: err}
	}
	return err
}
