package app

import (
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// A customer of two legal entities talks to two teams. Neither team may listen
// in on what is said to the other.
func TestAgentsFollowOnlyWhatTheirTeamsMaySee(t *testing.T) {
	a := &app{store: storetest.Open(t)}
	var teams [2]desk.Team
	var shared, own desk.ID // contacts: of both teams, of the first alone
	var talks [2]desk.ID
	err := a.store.Write(t.Context(), func(tx *store.Tx) error {
		for i, name := range []string{"One", "Two"} {
			teams[i] = desk.Team{Name: name}
			if err := tx.InsertTeam(&teams[i]); err != nil {
				return err
			}
		}
		begin := func(key string, contact, team desk.ID) (desk.ID, error) {
			c := &desk.Conversation{Channel: desk.Chat, Status: desk.Open, Priority: desk.Normal, ContactID: contact, TeamID: team}
			err := tx.InsertConversation(c, key, "")
			return c.ID, err
		}
		both, one := &desk.Contact{Kind: "visitor"}, &desk.Contact{Kind: "visitor"}
		for _, c := range []*desk.Contact{both, one} {
			if err := tx.InsertContact(c); err != nil {
				return err
			}
		}
		shared, own = both.ID, one.ID
		var err error
		for i, team := range teams {
			if talks[i], err = begin("shared:"+team.Name, shared, team.ID); err != nil {
				return err
			}
		}
		_, err = begin("own", own, teams[0].ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	member := &desk.Agent{Role: desk.AgentRole, Teams: []desk.ID{teams[0].ID}}
	for _, c := range []struct {
		who  *desk.Agent
		kind realtime.Kind
		id   desk.ID
		want bool
	}{
		{member, realtime.KindVisitor, own, true},
		{member, realtime.KindVisitor, shared, false},
		{member, realtime.KindVisitor, 1, false},
		{member, realtime.KindViewing, talks[0], true},
		{member, realtime.KindViewing, talks[1], false},
		{&desk.Agent{Role: desk.Supervisor}, realtime.KindVisitor, shared, true},
		{&desk.Agent{Role: desk.Editor}, realtime.KindVisitor, own, false},
	} {
		if got, err := a.maySee(t.Context(), c.who, c.kind, c.id); got != c.want || err != nil {
			t.Errorf("%s follows %s %d: %v %v", c.who.Role, c.kind, c.id, got, err)
		}
	}
}
