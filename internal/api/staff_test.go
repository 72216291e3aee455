package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func linkToken(m mail) string { return m.data["link"][strings.LastIndex(m.data["link"], "/")+1:] }

func TestInvitationFromMailToDesk(t *testing.T) {
	eachEngine(t, func(e *env) {
		boss, admin := e.member(desk.Admin, "admin@meridian.example")
		team := admin.must(201, "POST", "/staff/teams", map[string]any{"name": "Deposits"}).str("team.id")
		invite := map[string]any{"email": "Bo@meridian.example", "role": "agent", "teams": []string{team}, "locale": "zh-CN"}
		made := admin.must(201, "POST", "/staff/invitations", invite)
		first := e.mail()
		if first.to != "bo@meridian.example" || first.locale != "zh-CN" || first.template != "invitation" || first.data["invited_by"] != boss.Name ||
			!strings.HasPrefix(first.data["link"], publicURL+"/console/invitation/") {
			e.Errorf("%+v", first)
		}
		list := admin.must(200, "GET", "/staff/invitations", nil)
		if list.str("invitations.0.email") != "bo@meridian.example" || list.str("invitations.0.invited_by") != boss.Name {
			e.Error(list.text)
		}
		for _, text := range []string{made.text, list.text} {
			if strings.Contains(text, linkToken(first)) || strings.Contains(text, "token") {
				e.Error("the link's token is shown to administrators:", text)
			}
		}
		if res := admin.must(409, "POST", "/staff/invitations", invite); res.str("fields.email") == "" {
			e.Error(res.text)
		}

		// Sent again: the first link is dead.
		id := made.str("invitation.id")
		admin.must(200, "POST", "/staff/invitations/"+id+"/resend", map[string]any{})
		second := e.mail()
		e.browser().must(404, "GET", "/auth/invitation/"+linkToken(first), nil)
		b := e.browser()
		if res := b.must(200, "GET", "/auth/invitation/"+linkToken(second), nil); res.str("email") != "bo@meridian.example" || res.str("role") != "agent" || res.str("invited_by") != boss.Name {
			e.Error(res.text)
		}
		b.must(422, "POST", "/auth/invitation/"+linkToken(second), map[string]any{"name": "Bo", "password": "bo@meridian.example"})
		b.must(200, "POST", "/auth/invitation/"+linkToken(second), map[string]any{"name": "Bo", "password": password, "locale": "zh-CN"})
		me := b.must(200, "GET", "/auth/me", nil)
		if me.str("agent.role") != "agent" || me.str("agent.teams.0.name") != "Deposits" || me.str("agent.email") != "bo@meridian.example" {
			e.Error(me.text)
		}
		e.browser().must(404, "POST", "/auth/invitation/"+linkToken(second), map[string]any{"name": "Eve", "password": password})
		if res := admin.must(409, "POST", "/staff/invitations", invite); !strings.Contains(res.str("message"), "member already") {
			e.Error(res.text)
		}

		// Revoked and expired links open nothing.
		made = admin.must(201, "POST", "/staff/invitations", map[string]any{"email": "cy@meridian.example", "role": "editor"})
		token := linkToken(e.mail())
		admin.must(204, "DELETE", "/staff/invitations/"+made.str("invitation.id"), nil)
		e.browser().must(404, "GET", "/auth/invitation/"+token, nil)
		admin.must(404, "POST", "/staff/invitations/"+made.str("invitation.id")+"/resend", map[string]any{})
		admin.must(201, "POST", "/staff/invitations", map[string]any{"email": "cy@meridian.example", "role": "editor"})
		token = linkToken(e.mail())
		e.clock.advance(7*24*time.Hour + time.Second)
		e.browser().must(404, "POST", "/auth/invitation/"+token, map[string]any{"name": "Cy", "password": password})

		want := []string{
			"agent.create", "session.sign_in", "team.create", "invitation.create", "invitation.resend", "invitation.accept",
			"invitation.create", "invitation.revoke", "invitation.create",
		}
		if got := e.actions(); !slices.Equal(got, want) {
			e.Errorf("audit says %v", got)
		}
	})
}

// A desk without an administrator can never get one again.
func TestTheLastAdministratorStays(t *testing.T) {
	eachEngine(t, func(e *env) {
		a, first := e.member(desk.Admin, "a@meridian.example")
		if res := first.must(409, "PATCH", "/staff/agents/"+a.ID.String(), map[string]any{"role": "agent"}); res.str("message") != "You cannot change your own role or status." {
			e.Error(res.text)
		}
		b, second := e.member(desk.Admin, "b@meridian.example")
		// Both demote each other at the same moment.
		statuses := make(chan int, 2)
		go func() {
			statuses <- first.do("PATCH", "/staff/agents/"+b.ID.String(), map[string]any{"role": "agent"}).status
		}()
		go func() {
			statuses <- second.do("PATCH", "/staff/agents/"+a.ID.String(), map[string]any{"status": "disabled"}).status
		}()
		<-statuses
		<-statuses
		if n, err := e.store.Read(context.Background()).CountActive(desk.Admin); err != nil || n != 1 {
			e.Errorf("%d administrators are left (%v)", n, err)
		}
	})
}

func TestRightsChangeAtOnceAndOnTheRecord(t *testing.T) {
	eachEngine(t, func(e *env) {
		boss, admin := e.member(desk.Admin, "admin@meridian.example")
		ann, b := e.member(desk.AgentRole, "ann@meridian.example")
		team := admin.must(201, "POST", "/staff/teams", map[string]any{"name": "Deposits", "entity": "", "region": "eu"}).str("team.id")
		b.must(403, "GET", "/audit", nil)
		res := admin.must(200, "PATCH", "/staff/agents/"+ann.ID.String(), map[string]any{"role": "compliance", "teams": []string{team}})
		if res.str("agent.role") != "compliance" || res.str("agent.teams.0") != team {
			e.Error(res.text)
		}
		b.must(200, "GET", "/audit", nil) // without signing in again
		if res := admin.must(422, "PATCH", "/staff/agents/"+ann.ID.String(), map[string]any{"teams": []string{"999"}}); res.str("fields.teams") != "This team does not exist." {
			e.Error(res.text)
		}
		admin.must(404, "PATCH", "/staff/agents/999", map[string]any{"role": "agent"})

		page := b.must(200, "GET", "/audit?limit=1", nil)
		entry := page.get("entries.0").(map[string]any)
		want := map[string]any{"role": map[string]any{"from": "agent", "to": "compliance"}, "teams": map[string]any{"from": []any{}, "to": []any{team}}}
		if entry["action"] != "agent.update" || entry["actor_id"] != boss.ID.String() || entry["actor_name"] != boss.Name || entry["object_id"] != ann.ID.String() ||
			entry["ip"] != "203.0.113.5" || fmt.Sprint(entry["detail"]) != fmt.Sprint(want) {
			e.Error(page.text)
		}
		// Page by page is everything, once.
		seen := map[string]bool{}
		for next := ""; ; {
			page := b.must(200, "GET", "/audit?limit=2&before="+next, nil)
			for _, x := range page.get("entries").([]any) {
				id := x.(map[string]any)["id"].(string)
				if seen[id] {
					e.Errorf("entry %s comes twice", id)
				}
				seen[id] = true
			}
			if next = page.str("next"); next == "" {
				break
			}
		}
		if len(seen) != len(e.actions()) {
			e.Errorf("%d entries page by page, %d at once", len(seen), len(e.actions()))
		}
		all := b.must(200, "GET", "/audit?limit=200", nil).text
		for _, secret := range []string{password, b.cookie, "argon2id"} {
			if strings.Contains(all, secret) {
				e.Errorf("the audit log holds %q", secret)
			}
		}
	})
}

func TestTeams(t *testing.T) {
	eachEngine(t, func(e *env) {
		err := e.store.Write(context.Background(), func(tx *store.Tx) error {
			return tx.PutEntity(store.Entity{Code: "meridian-eu", Name: "Meridian Europe"})
		})
		if err != nil {
			e.Fatal(err)
		}
		_, admin := e.member(desk.Admin, "admin@meridian.example")
		a := admin.must(201, "POST", "/staff/teams", map[string]any{"name": " Deposits   EU ", "entity": "meridian-eu", "region": "eu"})
		if a.str("team.name") != "Deposits EU" {
			e.Error(a.text)
		}
		if res := admin.must(409, "POST", "/staff/teams", map[string]any{"name": "Deposits EU", "entity": "meridian-eu", "region": "eu"}); res.str("fields.name") == "" {
			e.Error(res.text)
		}
		admin.must(422, "POST", "/staff/teams", map[string]any{"name": "X", "entity": "nobody"})
		admin.must(422, "POST", "/staff/teams", map[string]any{"name": " "})
		admin.must(200, "PATCH", "/staff/teams/"+a.str("team.id"), map[string]any{"name": "Einzahlungen"})
		admin.must(404, "PATCH", "/staff/teams/5", map[string]any{"name": "Y"})
		e.member(desk.AgentRole, "ann@meridian.example", mustID(e.T, a.str("team.id")))
		list := admin.must(200, "GET", "/staff/teams", nil)
		if list.str("teams.0.name") != "Einzahlungen" || list.get("teams.0.members") != 1.0 {
			e.Error(list.text)
		}
		again, err := e.staff.ProvisionTeam(context.Background(), "Einzahlungen", "meridian-eu", "eu")
		if err != nil || again.ID.String() != a.str("team.id") {
			e.Error(again, err)
		}
	})
}

func mustID(t *testing.T, s string) desk.ID {
	t.Helper()
	id, err := desk.ParseID(s)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestOwnAccount(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	_, b := e.member(desk.AgentRole, "ann@meridian.example")
	res := b.must(200, "PATCH", "/account", map[string]any{"name": "Ann 安", "locale": "zh-CN", "theme": "dark"})
	if res.str("agent.name") != "Ann 安" || res.str("agent.locale") != "zh-CN" || res.str("agent.theme") != "dark" {
		t.Error(res.text)
	}
	for field, v := range map[string]string{"name": " ", "locale": "tlh", "theme": "pink"} {
		if res := b.must(422, "PATCH", "/account", map[string]any{field: v}); res.str("fields."+field) == "" {
			t.Error(res.text)
		}
	}
	if res := b.must(422, "PATCH", "/account", map[string]any{"role": "admin"}); res.str("fields.role") == "" {
		t.Error("an agent could ask for another role:", res.text)
	}
	list := b.must(200, "GET", "/staff/agents", nil)
	if list.str("agents.0.name") != "Ann 安" || strings.Contains(list.text, "hash") || strings.Contains(list.text, "secret") {
		t.Error(list.text)
	}
}

// A lost phone and a lost password must not need a database console.
func TestResetFromTheCommandLine(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	_, b := e.member(desk.Admin, "ann@meridian.example")
	if err := e.staff.ResetPassword(context.Background(), "ann@meridian.example", "a brand new secret"); err != nil {
		t.Fatal(err)
	}
	b.must(401, "GET", "/auth/me", nil)
	e.browser().must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": "a brand new secret"})
	if err := e.staff.ResetPassword(context.Background(), "nobody@meridian.example", "a brand new secret"); desk.CodeOf(err) != desk.NotFound {
		t.Error(err)
	}
}

// Without a mail server an invitation must not be a dead end: the inviter gets
// the link, and it opens.
func TestInvitationWithoutMailServer(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.api.MailSent = false
	_, admin := e.member(desk.Admin, "admin@meridian.example")
	made := admin.must(201, "POST", "/staff/invitations", map[string]any{"email": "bo@meridian.example", "role": "agent", "teams": []string{}, "locale": "en"})
	again := admin.must(200, "POST", "/staff/invitations/"+made.str("invitation.id")+"/resend", map[string]any{})
	token := func(link string) string { return link[strings.LastIndex(link, "/")+1:] }
	e.browser().must(404, "GET", "/auth/invitation/"+token(made.str("link")), nil)
	e.browser().must(200, "GET", "/auth/invitation/"+token(again.str("link")), nil)
}
