package api

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
)

func (e *env) dispatch() {
	e.Helper()
	if _, err := e.api.Inbox.Dispatch(e.Context()); err != nil {
		e.Fatal(err)
	}
}

func (e *env) connect(agents ...*desk.Agent) {
	e.Helper()
	ids := []desk.ID{}
	for _, a := range agents {
		ids = append(ids, a.ID)
	}
	if err := e.api.Inbox.SeeAgents(e.Context(), ids); err != nil {
		e.Fatal(err)
	}
}

func begin(id string) map[string]any {
	return map[string]any{"client_id": id, "body": "Where is my deposit?", "scenario": "transfer_trouble"}
}

// From the line to an agent, away, handed over and back, as the console does it;
// the customer sees their own place and nothing of the desk's.
func TestQueueOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		_, boss := e.member(desk.Admin, "boss@meridian.example")
		team := boss.must(201, "POST", "/staff/teams", map[string]any{"name": "Support"}).str("team.id")
		id, err := desk.ParseID(team)
		if err != nil {
			e.Fatal(err)
		}
		mei, agent := e.member(desk.AgentRole, "mei@meridian.example", id)
		bo, other := e.member(desk.AgentRole, "bo@meridian.example", id)
		v := e.visitor()
		talk := v.must(201, "POST", "/visitor/conversations", begin("device-0001")).str("conversation.id")
		place := v.must(200, "GET", "/visitor/conversations/"+talk+"/queue", nil)
		if place.str("state") != "closed" || place.get("position") != 0.0 {
			e.Error(place.text)
		}
		stranger := e.visitor()
		stranger.must(404, "GET", "/visitor/conversations/"+talk+"/queue", nil)
		stranger.must(404, "GET", "/visitor/conversations/12345/queue", nil)

		queue := agent.must(200, "GET", "/queue", nil)
		if queue.str("teams.0.name") != "Support" || queue.get("teams.0.waiting") != 1.0 || queue.get("teams.0.open") != true || queue.get("teams.0.agents.offline") != 2.0 ||
			queue.str("entries.0.conversation_id") != talk || queue.get("entries.0.position") != 1.0 || queue.str("entries.0.priority") != "high" {
			e.Error(queue.text)
		}
		if p := agent.must(200, "GET", "/me/presence", nil); p.str("presence.state") != "available" || p.get("presence.online") != false {
			e.Error(p.text)
		}
		e.connect(mei, bo)
		agent.must(200, "PUT", "/me/presence", map[string]any{"state": "break", "minutes": 10})
		if p := agent.must(200, "GET", "/me/presence", nil); p.str("presence.state") != "break" || p.get("presence.until") == 0.0 {
			e.Error(p.text)
		}
		for field, bad := range map[string]map[string]any{
			"state":   {"state": "asleep"},
			"minutes": {"state": "break", "minutes": 100_000},
		} {
			if res := agent.must(422, "PUT", "/me/presence", bad); res.str("fields."+field) == "" {
				e.Error(res.text)
			}
		}
		if res := agent.must(422, "PUT", "/me/presence", map[string]any{"state": "away", "minutes": 5}); res.str("fields.minutes") == "" {
			e.Error(res.text)
		}
		agent.must(200, "PUT", "/me/presence", map[string]any{"state": "available"})
		other.must(200, "PUT", "/me/presence", map[string]any{"state": "away"})
		e.dispatch()
		if c := agent.must(200, "GET", "/conversations/"+talk, nil); c.str("conversation.assignee_id") != mei.ID.String() {
			e.Error(c.text)
		}
		forbid(e, v.must(200, "GET", "/visitor/conversations/"+talk+"/messages?since=0", nil), "assignee\"", mei.ID.String(), mei.Name)
		agent.must(200, "PUT", "/me/presence", map[string]any{"state": "away"})
		back := agent.must(200, "GET", "/conversations/"+talk, nil)
		if back.str("conversation.assignee_id") != "" && back.str("conversation.assignee_id") != "0" {
			e.Error(back.text)
		}
		taken := other.must(200, "POST", "/queue/next", nil)
		if taken.str("conversation.id") != talk || taken.str("conversation.assignee_id") != bo.ID.String() {
			e.Error(taken.text)
		}
		if res := other.must(404, "POST", "/queue/next", nil); res.str("message") != "Nobody is waiting." {
			e.Error(res.text)
		}
		for field, bad := range map[string]map[string]any{
			"note":     {"agent_id": mei.ID.String(), "note": "  "},
			"agent_id": {"agent_id": "77", "note": "x"},
			"team_id":  {"note": "x"},
		} {
			if res := other.must(422, "POST", "/conversations/"+talk+"/handover", bad); res.str("fields."+field) == "" {
				e.Errorf("%s: %s", field, res.text)
			}
		}
		given := other.must(200, "POST", "/conversations/"+talk+"/handover", map[string]any{"agent_id": mei.ID.String(), "note": "You know this customer."})
		if given.str("conversation.assignee_id") != mei.ID.String() {
			e.Error(given.text)
		}
		agent.must(200, "POST", "/conversations/"+talk+"/return", map[string]any{})
		if res := agent.must(409, "POST", "/conversations/"+talk+"/return", map[string]any{"note": "again"}); res.str("message") != "Nobody has this conversation." {
			e.Error(res.text)
		}
		thread := agent.must(200, "GET", "/conversations/"+talk+"/messages?since=0", nil)
		var events []string
		for _, m := range thread.get("messages").([]any) {
			if ev, ok := m.(map[string]any)["event"].(map[string]any); ok {
				events = append(events, ev["type"].(string)+">"+ev["to"].(string))
			}
		}
		want := []string{"assignee>" + mei.Name, "returned>away", "assignee>" + bo.Name, "handover>" + mei.Name, "returned>by_hand"}
		if !slices.Equal(events, want) || !strings.Contains(thread.text, "You know this customer.") {
			e.Errorf("the thread says %v", events)
		}
		forbid(e, v.must(200, "GET", "/visitor/conversations/"+talk+"/messages?since=0", nil), "You know", "handover", "returned")
		actions := e.actions()
		for _, a := range []string{"presence.returned", "conversation.assignee", "conversation.handover", "conversation.returned"} {
			if !slices.Contains(actions, a) {
				e.Errorf("%s is not on record: %v", a, actions)
			}
		}
	})
}

func TestQueueSettingsOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		_, boss := e.member(desk.Supervisor, "boss@meridian.example")
		_, agent := e.member(desk.AgentRole, "mei@meridian.example")
		got := agent.must(200, "GET", "/queue/settings", nil)
		if got.get("channel_weights.chat") != 2.0 || got.get("boost.urgent") != 86400.0 || got.get("revision") != 0.0 {
			e.Error(got.text)
		}
		agent.must(403, "PUT", "/queue/settings", got.body)
		got.body["sticky_seconds"] = 90
		saved := boss.must(200, "PUT", "/queue/settings", got.body)
		if saved.get("sticky_seconds") != 90.0 || saved.get("revision") != 1.0 {
			e.Error(saved.text)
		}
		boss.must(409, "PUT", "/queue/settings", got.body)
		saved.body["channel_weights"] = map[string]any{"fax": 1}
		if res := boss.must(422, "PUT", "/queue/settings", saved.body); !strings.Contains(res.text, "channel_weights.fax") {
			e.Error(res.text)
		}
		saved.body["offline_after"] = 1
		if res := boss.must(422, "PUT", "/queue/settings", saved.body); res.str("fields.offline_after") == "" {
			e.Error(res.text)
		}
	})
}

// What is typed wrong must be named, and what is right must come back as it was
// sent.
func TestTeamHoursAndAgentsWorkOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		_, boss := e.member(desk.Admin, "boss@meridian.example")
		mei, agent := e.member(desk.AgentRole, "mei@meridian.example")
		team := "/staff/teams/" + boss.must(201, "POST", "/staff/teams", map[string]any{"name": "Support"}).str("team.id")
		day := []any{map[string]any{"from": "09:00", "to": "18:00"}}
		none := []any{}
		week := []any{day, day, day, day, day, none, none}
		hours := map[string]any{
			"zone": "Asia/Shanghai", "week": week,
			"holidays": []any{map[string]any{"date": "--10-01", "name": map[string]any{"zh-CN": "国庆节"}, "open": nil}},
		}
		queue := map[string]any{"answer_within": 90, "max_waiting": 200}
		agent.must(403, "PATCH", team, map[string]any{"hours": hours})
		saved := boss.must(200, "PATCH", team, map[string]any{"hours": hours, "queue": queue})
		if saved.str("team.hours.zone") != "Asia/Shanghai" || saved.str("team.hours.week.4.0.to") != "18:00" || saved.str("team.hours.holidays.0.date") != "--10-01" ||
			saved.get("team.queue.max_waiting") != 200.0 {
			e.Error(saved.text)
		}
		again := boss.must(200, "PATCH", team, map[string]any{"hours": saved.get("team.hours"), "queue": saved.get("team.queue")})
		if again.text != saved.text {
			e.Errorf("sent back, it changed:\n%s\n%s", saved.text, again.text)
		}
		if n := len(e.actions()); n != 6 { // two agents, two sign-ins, the team made and changed
			e.Errorf("%d entries: a change that changes nothing leaves none", n)
		}
		always := boss.must(200, "PATCH", team, map[string]any{"hours": map[string]any{"zone": "", "week": nil, "holidays": nil}})
		if always.get("team.hours.week") != nil || always.get("team.queue.answer_within") != 90.0 {
			e.Error(always.text)
		}
		for field, bad := range map[string]map[string]any{
			"hours.zone":          {"hours": map[string]any{"zone": "Mars"}},
			"hours.week":          {"hours": map[string]any{"week": []any{day}}},
			"hours.week.6":        {"hours": map[string]any{"week": []any{none, none, none, none, none, none, []any{map[string]any{"from": "9", "to": "18:00"}}}}},
			"hours.holidays.0":    {"hours": map[string]any{"holidays": []any{map[string]any{"date": "2026-13-01"}}}},
			"queue.answer_within": {"queue": map[string]any{"answer_within": 3}},
			"queue.max_waiting":   {"queue": map[string]any{"max_waiting": -1}},
		} {
			res := boss.must(422, "PATCH", team, bad)
			if text, ok := res.body["fields"].(map[string]any)[field].(string); !ok || text == "" || strings.HasPrefix(text, "hours_") {
				e.Errorf("%s: %s", field, res.text)
			}
		}

		path := "/staff/agents/" + mei.ID.String()
		if list := boss.must(200, "GET", "/staff/agents", nil); list.get("agents.0.capacity") != 6.0 {
			e.Error(list.text)
		}
		agent.must(403, "PATCH", path, map[string]any{"capacity": 50})
		before := len(e.changed)
		work := boss.must(200, "PATCH", path, map[string]any{"capacity": 8, "locales": []any{"zh-CN", "zh-CN"}, "skills": []any{"transfer_trouble", "how_to"}})
		if work.get("agent.capacity") != 8.0 || work.str("agent.locales.0") != "zh-CN" || work.get("agent.locales.1") != nil || work.str("agent.skills.0") != "how_to" {
			e.Error(work.text)
		}
		if len(e.changed) != before {
			e.Error("a live connection was ended because of a capacity")
		}
		for field, bad := range map[string]map[string]any{
			"capacity": {"capacity": 101}, "locales": {"locales": []any{"tlh"}}, "skills": {"skills": []any{"juggling"}},
		} {
			if res := boss.must(422, "PATCH", path, bad); res.str("fields."+field) == "" {
				e.Errorf("%s: %s", field, res.text)
			}
		}
	})
}

// What everybody is told before they write must follow the hours of their team.
func TestWidgetIsToldWhyTheChatIsClosed(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		_, boss := e.member(desk.Admin, "boss@meridian.example")
		team := boss.must(201, "POST", "/staff/teams", map[string]any{"name": "Support"}).str("team.id")
		week := make([]any, 7)
		for i := range week {
			week[i] = []any{map[string]any{"from": "10:00", "to": "18:00"}}
		}
		boss.must(200, "PATCH", "/staff/teams/"+team, map[string]any{"hours": map[string]any{"week": week}}) // it is 09:00
		state, err := e.api.Inbox.ChatState(e.Context(), "", "", "en")
		want := desk.MicrosOf(e.clock.Now().Add(time.Hour))
		if err != nil || state != (inbox.ChatState{Kind: "chat", Reason: "hours", OpensAt: want}) {
			e.Errorf("%+v %v", state, err)
		}
	})
}
