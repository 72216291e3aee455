package app

import (
	"context"
	"slices"

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

// maySee reports whether an agent may follow a contact or a conversation. What
// a contact's channel tells is about all of their conversations, so an agent who
// may not see one of these does not follow it.
func (a *app) maySee(ctx context.Context, agent *desk.Agent, kind realtime.Kind, id desk.ID) (bool, error) {
	if kind == realtime.KindEditing {
		return agent.Role.May(desk.EditArticles), nil
	}
	q := a.store.Read(ctx)
	if kind == realtime.KindViewing {
		c, err := q.Conversation(id)
		if desk.CodeOf(err) == desk.NotFound {
			return false, nil
		}
		return err == nil && agent.Sees(c.TeamID), err
	}
	list, err := q.ConversationsOf(id)
	hidden := slices.ContainsFunc(list, func(c *desk.Conversation) bool { return !agent.Sees(c.TeamID) })
	return err == nil && len(list) > 0 && !hidden, err
}
