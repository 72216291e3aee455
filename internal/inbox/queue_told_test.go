package inbox_test

import (
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
)

func TestQueueSettings(t *testing.T) {
	eachFloor(t, func(f *floor) {
		by := store.Actor{Kind: desk.ByAgent, ID: f.agent.ID, Name: "Mei"}
		theft := f.arrive(func(in *desk.Inbound) { in.Scenario = desk.SuspectedTheft })
		s, err := f.QueueSettings(f.Context())
		if err != nil || s.Boost["urgent"] != 86_400 || s.ChannelWeights["chat"] != 2 || s.OfflineAfter != 45 || s.Revision != 0 {
			f.Fatalf("%+v %v", s, err)
		}
		change := inbox.QueueSettings{Boost: map[string]int{"urgent": 3600}, ChannelWeights: map[string]int{"chat": 3}, StickySeconds: 0, OfflineAfter: 60}
		after, err := f.SetQueueSettings(f.Context(), by, change)
		if err != nil || after.Revision != 1 || after.Boost["high"] != 600 || after.ChannelWeights["chat"] != 3 || after.ChannelWeights["message"] != 1 {
			f.Errorf("%+v %v", after, err)
		}
		if e, err := f.store.Read(f.Context()).QueueEntry(theft.ID); err != nil || e.EnteredAt-e.Rank != 3600*1_000_000 {
			f.Errorf("whoever waits keeps the old rank: %+v %v", e, err)
		}
		if _, err := f.SetQueueSettings(f.Context(), by, change); desk.CodeOf(err) != desk.Conflict {
			f.Errorf("an older revision: %v", err)
		}
		for _, bad := range []inbox.QueueSettings{
			{OfflineAfter: 5},
			{OfflineAfter: 45, StickySeconds: -1},
			{OfflineAfter: 45, ChannelWeights: map[string]int{"fax": 1}},
			{OfflineAfter: 45, ChannelWeights: map[string]int{"chat": 0}},
			{OfflineAfter: 45, Boost: map[string]int{"vip": 1}},
			{OfflineAfter: 45, Boost: map[string]int{"low": -1e9}},
		} {
			if _, err := f.SetQueueSettings(f.Context(), by, bad); desk.CodeOf(err) != desk.Invalid {
				f.Errorf("%+v: %v", bad, err)
			}
		}
		if entries, _, err := f.store.Read(f.Context()).AuditEntries("", 9); err != nil || len(entries) != 1 || entries[0].Action != "queue.settings" {
			f.Errorf("%+v %v", entries, err)
		}
	})
}

func TestChatState(t *testing.T) {
	eachFloor(t, func(f *floor) {
		state := func() inbox.ChatState {
			f.Helper()
			f.ForgetBoard()
			s, err := f.ChatState(f.Context(), "", "", "zh-TW")
			f.ok(err)
			return s
		}
		set := func(h desk.Hours, q desk.TeamQueue) {
			f.Helper()
			f.write(func(tx *store.Tx) error {
				return tx.UpdateTeam(desk.Team{ID: f.team, Name: "Support", Hours: h, Queue: q})
			})
		}
		if s := state(); s.Open || s.Reason != "nobody" || s.Kind != "chat" {
			f.Errorf("nobody is there: %+v", s)
		}
		f.hire("Bo", func(a *desk.Agent) { a.Capacity = 2 })
		if s := state(); !s.Open || s.Reason != "" || s.WaitHigh == 0 || s.WaitLow != 0 {
			f.Errorf("somebody is free: %+v", s)
		}
		f.arrive()
		f.dispatch()
		if s := state(); !s.Open || s.WaitHigh != 0 || s.Waiting != 0 {
			f.Errorf("somebody is there but busy: %+v", s)
		}
		f.arrive()
		set(desk.Hours{}, desk.TeamQueue{MaxWaiting: 1})
		if s := state(); s.Open || s.Reason != "full" || s.Waiting != 1 {
			f.Errorf("too many wait: %+v", s)
		}
		closed := desk.Hours{Week: make([][]desk.Span, 7)}
		now := f.store.Now().UTC()
		tomorrow := now.AddDate(0, 0, 1)
		closed.Week[(int(tomorrow.Weekday())+6)%7] = []desk.Span{{From: "09:00", To: "10:00"}}
		set(closed, desk.TeamQueue{})
		opens := desk.MicrosOf(time.Date(tomorrow.Year(), tomorrow.Month(), tomorrow.Day(), 9, 0, 0, 0, time.UTC))
		if s := state(); s.Open || s.Reason != "hours" || s.OpensAt != opens {
			f.Errorf("closed: %+v, want %d", s, opens)
		}
		set(desk.Hours{Holidays: []desk.Holiday{{Date: now.Format(time.DateOnly), Name: map[string]string{"zh-CN": "国庆节", "en": "National Day"}}}}, desk.TeamQueue{})
		if s := state(); s.Open || s.Reason != "holiday" || s.Holiday != "国庆节" || s.OpensAt == 0 {
			f.Errorf("a holiday: %+v", s)
		}
	})
}

func TestPlaceAndWait(t *testing.T) {
	eachFloor(t, func(f *floor) {
		bo := f.hire("Bo", func(a *desk.Agent) { a.Capacity = 2 })
		var line []*desk.Conversation
		for range 12 {
			line = append(line, f.arrive())
		}
		f.dispatch()
		for i := range 6 { // one every two minutes
			f.later(2 * time.Minute)
			resolved := desk.Resolved
			_, err := f.Update(f.Context(), bo, line[i].ID, inbox.Change{Status: &resolved}, "")
			f.ok(err)
			if f.dispatch() != 1 {
				f.Fatal("the next was not given")
			}
		}
		second, fifth := f.place(line[8]), f.place(line[11])
		if second.Position != 2 || fifth.Position != 5 || second.WaitLow > 240 || second.WaitHigh < 240 || fifth.WaitLow > 600 || fifth.WaitHigh < 600 || fifth.WaitHigh <= second.WaitHigh {
			f.Errorf("second %+v, fifth %+v", second, fifth)
		}
		if _, err := f.Place(f.Context(), f.contact, line[8].ID); desk.CodeOf(err) != desk.NotFound {
			f.Errorf("a stranger asks: %v", err)
		}
		view, err := f.ViewQueue(f.Context(), bo)
		if err != nil || len(view.Teams) != 1 || view.Teams[0].Waiting != 5 || view.Teams[0].Agents.Busy != 1 || view.Teams[0].Agents.Offline != 1 ||
			len(view.Entries) != 5 || view.Entries[4].Position != 5 || view.Entries[0].ConversationID != line[7].ID || len(view.Presence) != 1 {
			f.Errorf("%+v %v", view, err)
		}
		outsider := f.hire("Out", func(a *desk.Agent) { a.Teams = nil })
		if view, err := f.ViewQueue(f.Context(), outsider); err != nil || len(view.Teams)+len(view.Entries) != 0 {
			f.Errorf("of another team: %+v %v", view, err)
		}
	})
}
