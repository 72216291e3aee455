package inbox

import (
	"context"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// QueueView is the queue as an agent sees it.
type QueueView struct {
	Teams    []TeamLine      `json:"teams"`
	Entries  []Waiting       `json:"entries" doc:"who is next, at most 200"`
	Presence []desk.Presence `json:"presence" doc:"everybody who has ever been connected"`
}

// TeamLine is the queue of one team.
type TeamLine struct {
	ID           desk.ID     `json:"id"`
	Name         string      `json:"name"`
	Open         bool        `json:"open" doc:"by its hours"`
	OpensAt      desk.Micros `json:"opens_at"`
	Waiting      int         `json:"waiting"`
	LongestSince desk.Micros `json:"longest_since" doc:"since when the longest of them waits; 0: nobody does"`
	WaitLow      int         `json:"wait_low" doc:"seconds that one who comes now may wait"`
	WaitHigh     int         `json:"wait_high" doc:"0: not known"`
	Agents       AgentCounts `json:"agents"`
}

// Waiting is one who waits.
type Waiting struct {
	ConversationID desk.ID       `json:"conversation_id"`
	Number         string        `json:"number"`
	ContactName    string        `json:"contact_name"`
	TeamID         desk.ID       `json:"team_id"`
	Scenario       desk.Scenario `json:"scenario"`
	Priority       desk.Priority `json:"priority"`
	Locale         string        `json:"locale"`
	Live           bool          `json:"live"`
	Position       int           `json:"position" doc:"in the team's line; 1 is next"`
	EnteredAt      desk.Micros   `json:"entered_at"`
	Preview        string        `json:"preview"`
}

// viewLimit is how many of those who wait are listed.
const viewLimit = 200

// ViewQueue returns the queue of the teams whose conversations the agent may
// see.
func (in *Inbox) ViewQueue(ctx context.Context, agent *desk.Agent) (QueueView, error) {
	b, err := in.boardOf(ctx, 0)
	if err != nil {
		return QueueView{}, err
	}
	v := QueueView{Teams: []TeamLine{}, Entries: []Waiting{}, Presence: make([]desk.Presence, 0, len(b.roster))}
	for _, id := range b.order {
		t := b.teams[id]
		if !agent.Sees(id) || id == 0 && t.waiting == 0 {
			continue
		}
		line := TeamLine{
			ID: id, Name: t.team.Name, Open: t.open, OpensAt: t.opensAt, Waiting: t.waiting, LongestSince: t.since, Agents: t.agents,
		}
		if t.staffed {
			line.WaitLow, line.WaitHigh = inSeconds(t.pace.Wait(t.waiting + 1))
		}
		v.Teams = append(v.Teams, line)
	}
	for i := range b.roster {
		v.Presence = append(v.Presence, b.roster[i].Presence)
	}
	v.Entries, err = in.whoWaits(in.store.Read(ctx), agent)
	return v, err
}

// whoWaits lists who is next of the teams that the agent may see.
func (in *Inbox) whoWaits(q store.Query, agent *desk.Agent) ([]Waiting, error) {
	entries, err := q.QueueEntries(store.QueueEntry{}, seenTeams(agent), viewLimit)
	if err != nil {
		return nil, err
	}
	ids := make([]desk.ID, 0, len(entries))
	for _, e := range entries {
		ids = append(ids, e.ConversationID)
	}
	list, err := q.ConversationsByID(ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[desk.ID]*desk.Conversation, len(list))
	for _, c := range list {
		byID[c.ID] = c
	}
	out := make([]Waiting, 0, len(entries))
	nth := map[desk.ID]int{} // the list has every entry of the teams that it names
	for _, e := range entries {
		nth[e.TeamID]++
		c := byID[e.ConversationID]
		if c == nil {
			continue // gone between the two readings
		}
		out = append(out, Waiting{
			ConversationID: c.ID, Number: c.Number, ContactName: c.Contact.Name, TeamID: e.TeamID, Scenario: e.Scenario, Priority: c.Priority,
			Locale: e.Locale, Live: e.Live, Position: nth[e.TeamID], EnteredAt: e.EnteredAt, Preview: c.LastMessage.Preview,
		})
	}
	return out, nil
}

// keepServices is how long it is kept how long people waited.
const keepServices = 400 * 24 * time.Hour

// PruneQueue forgets waits that are too old for any report.
func PruneQueue(tx *store.Tx) error {
	return tx.PruneQueueServices(tx.Now() - micros(keepServices))
}
