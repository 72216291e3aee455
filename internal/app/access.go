package app

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/realtime"
)

// teamsOf returns the teams whose events an agent hears.
func (a *app) teamsOf(ctx context.Context, agent *desk.Agent) ([]desk.ID, error) {
	if !agent.Role.May(desk.ReadConversations) {
		return nil, nil
	}
	ids := []desk.ID{0} // conversations of no team are everybody's
	teams, err := a.staff.TeamsOf(ctx, agent)
	return append(ids, teams...), err
}

// maySee reports whether an agent may follow a contact or a conversation.
func (a *app) maySee(ctx context.Context, agent *desk.Agent, kind realtime.Kind, id desk.ID) (bool, error) {
	q := a.store.Read(ctx)
	if kind == realtime.KindViewing {
		c, err := q.Conversation(id)
		if desk.CodeOf(err) == desk.NotFound {
			return false, nil
		}
		return err == nil && agent.Sees(c.TeamID), err
	}
	list, err := q.ConversationsOf(id)
	if err != nil {
		return false, err
	}
	for _, c := range list {
		if agent.Sees(c.TeamID) {
			return true, nil
		}
	}
	return false, nil
}
