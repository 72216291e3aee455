package staff

import (
	"context"
	"reflect"
	"slices"

	"github.com/veridesk/veridesk/internal/deadline"
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
type TeamChange struct {
	Name, Entity, Region *string
	Hours                *desk.Hours
	Queue                *desk.TeamQueue
}

// check refuses hours that no clock shows and limits that nobody means.
func (c TeamChange) check() error {
	if c.Hours != nil {
		if _, err := deadline.New(*c.Hours); err != nil {
			return err
		}
	}
	if q := c.Queue; q != nil {
		switch {
		case q.AnswerWithin != -1 && q.AnswerWithin != 0 && (q.AnswerWithin < 20 || q.AnswerWithin > 86_400):
			return desk.Field("queue.answer_within", "field_number")
		case q.MaxWaiting < 0 || q.MaxWaiting > 100_000:
			return desk.Field("queue.max_waiting", "field_number")
		}
	}
	return nil
}

// UpdateTeam renames a team, moves it to another entity or region, or changes when
// it is there and how its queue works.
func (s *Staff) UpdateTeam(ctx context.Context, who *Session, id desk.ID, c TeamChange) (t desk.Team, err error) {
	if c.Name != nil {
		name, err := normalName("name", *c.Name, 80)
		if err != nil {
			return t, err
		}
		c.Name = &name
	}
	if err := c.check(); err != nil {
		return t, err
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
		if c.Hours != nil && !reflect.DeepEqual(*c.Hours, t.Hours) {
			detail["hours"] = change(t.Hours, *c.Hours)
			t.Hours = *c.Hours
		}
		if c.Queue != nil && *c.Queue != t.Queue {
			detail["queue"] = change(t.Queue, *c.Queue)
			t.Queue = *c.Queue
		}
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
