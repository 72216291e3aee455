package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// talk gives the API what conversations need.
func (e *env) talk() {
	e.Helper()
	log := slog.New(slog.DiscardHandler)
	nobody := desk.Errorf(desk.Unauthorized, "nobody connects in these tests")
	hub, err := realtime.New(realtime.Config{
		VisitorOf: func(string) (desk.ID, error) { return 0, nobody },
		AgentOf:   func(*http.Request) (*desk.Agent, desk.ID, error) { return nil, 0, nobody },
		TeamsOf:   func(context.Context, *desk.Agent) ([]desk.ID, error) { return nil, nobody },
		MaySee:    func(context.Context, *desk.Agent, realtime.Kind, desk.ID) (bool, error) { return false, nobody },
		Logger:    log,
	})
	if err != nil {
		e.Fatal(err)
	}
	index, err := store.OpenMessageIndex(e.Context(), e.store, log)
	if err != nil {
		e.Fatal(err)
	}
	e.Cleanup(func() {
		if err := index.Close(); err != nil {
			e.Error(err)
		}
	})
	v, err := vault.Open(vault.Source{Value: strings.Repeat("A", 43)})
	if err != nil {
		e.Fatal(err)
	}
	e.api.Visitors = customer.NewVisitors(e.store, v)
	e.api.VisitorFrom = VisitorFrom(e.api.Visitors)
	e.api.Inbox = inbox.New(e.store, hub, index, log)
	e.api.Index, e.api.ContactOnline = index, hub.Online
	e.api.Brand = desk.Brand{Names: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}}
}

// visitor returns a customer's browser with a token of its own.
func (e *env) visitor() *browser {
	e.Helper()
	b := e.browser()
	token := b.must(200, "POST", "/visitor/session", map[string]any{"locale": "en"}).str("token")
	b.header = map[string]string{"Authorization": "Bearer " + token}
	return b
}

func say(id, text string) map[string]any { return map[string]any{"client_id": id, "body": text} }

func forbid(e *env, res result, words ...string) {
	e.Helper()
	for _, w := range words {
		if strings.Contains(res.text, w) {
			e.Errorf("%q must not be in %s", w, res.text)
		}
	}
}

// The whole conversation over HTTP: what the customer must see, what they must
// never see, and what comes back when a device repeats itself.
func TestConversationOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		_, agent := e.member(desk.Admin, "mei@meridian.example")
		v := e.visitor()
		begun := v.must(201, "POST", "/visitor/conversations", map[string]any{
			"client_id": "device-0001", "body": "Where is my deposit?", "scenario": "transfer_trouble", "page_url": "https://www.meridian.example/wallet?token=abc#x",
		})
		id := begun.str("conversation.id")
		forbid(e, begun, `"priority":"high"`, "token=abc")
		again := v.must(200, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0001", "body": "Where is my deposit?"})
		if again.str("conversation.id") != id || again.str("message.id") != begun.str("message.id") {
			e.Errorf("a repeat began another conversation: %s", again.text)
		}
		base := "/visitor/conversations/" + id
		thread := "/conversations/" + id
		agent.must(201, "POST", thread+"/messages", map[string]any{"client_id": "agent-0001", "body": "looks like a missing memo", "visibility": "note"})
		v.must(201, "POST", base+"/messages", say("device-0002", "It has 30 confirmations."))
		stale := agent.must(409, "POST", thread+"/messages", map[string]any{"client_id": "agent-0002", "body": "Please wait.", "visibility": "public", "expect_seq": 2})
		if stale.str("code") != "stale" {
			e.Errorf("a stale answer: %s", stale.text)
		}
		agent.must(201, "POST", thread+"/messages", map[string]any{"client_id": "agent-0002", "body": "We credit it now.", "visibility": "public", "expect_seq": 3})
		seen := v.must(200, "GET", base+"/messages?since=0", nil)
		forbid(e, seen, "memo", "assignee_id\":\"3", `"visibility":"note"`)
		if got := len(seen.get("messages").([]any)); got != 3 || seen.get("messages.2.prev") != 3.0 {
			e.Errorf("the customer sees %d messages: %s", got, seen.text)
		}
		if all := agent.must(200, "GET", thread+"/messages?since=0", nil); len(all.get("messages").([]any)) != 4 {
			e.Errorf("the desk sees %s", all.text)
		}
		for _, page := range []struct {
			query string
			want  int
			more  bool
		}{{"?limit=2", 2, true}, {"?before=3&limit=10", 2, false}, {"?since=1&limit=1", 1, true}, {"?since=99", 0, false}} {
			res := agent.must(200, "GET", thread+"/messages"+page.query, nil)
			if got := len(res.get("messages").([]any)); got != page.want || res.get("more") != page.more {
				e.Errorf("messages%s: %d, more %v", page.query, got, res.get("more"))
			}
		}
		v.must(204, "POST", base+"/read", map[string]any{"seq": 4})
		v.must(204, "POST", base+"/typing", nil)
		agent.must(204, "POST", thread+"/read", map[string]any{"seq": 4})
		agent.must(200, "PATCH", thread, map[string]any{"status": "resolved"})
		if res := v.must(200, "GET", "/visitor/conversations", nil); res.str("conversations.0.status") != "resolved" {
			e.Errorf("the customer's list: %s", res.text)
		}
		counts := agent.must(200, "GET", "/conversations/counts", nil)
		if counts.get("resolved") != 1.0 || counts.get("open") != 0.0 || counts.get("unread") != 0.0 {
			e.Errorf("counts %s", counts.text)
		}
	})
}

// swap makes another letter of every letter.
func swap(r rune) rune {
	if r == 'A' {
		return 'B'
	}
	return 'A'
}

// What one customer wrote is nobody else's to read, write or even notice.
func TestVisitorsAreKeptApart(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		mine, stranger := e.visitor(), e.visitor()
		id := mine.must(201, "POST", "/visitor/conversations", say("device-0001", "my own words")).str("conversation.id")
		for _, try := range []struct {
			method, path string
			in           any
		}{
			{"GET", "/visitor/conversations/" + id + "/messages", nil},
			{"POST", "/visitor/conversations/" + id + "/messages", say("device-0009", "let me in")},
			{"POST", "/visitor/conversations/" + id + "/read", map[string]any{"seq": 1}},
			{"POST", "/visitor/conversations/" + id + "/typing", nil},
			{"GET", "/visitor/conversations/99999/messages", nil},
		} {
			res := stranger.must(404, try.method, try.path, try.in)
			forbid(e, res, "my own words")
		}
		forbid(e, stranger.must(200, "GET", "/visitor/conversations", nil), "my own words")
		token := strings.TrimPrefix(mine.header["Authorization"], "Bearer ")
		for name, forged := range map[string]string{
			"cut": token[:len(token)-4], "changed": token[:40] + strings.Map(swap, token[40:44]) + token[44:], "other prefix": "x" + token, "empty": "", "garbage": "vst_!!!",
		} {
			b := e.browser()
			b.header = map[string]string{"Authorization": "Bearer " + forged}
			if res := b.do("GET", "/visitor/conversations", nil); res.status != 401 {
				e.Errorf("%s token: %d %s", name, res.status, res.text)
			}
		}
		e.clock.advance(customer.TokenLife + time.Hour)
		mine.must(401, "GET", "/visitor/conversations", nil)
	})
}

func TestBadMessagesAreExplained(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		v := e.visitor()
		for _, tc := range []struct {
			in    map[string]any
			code  int
			field string
		}{
			{say("device-0001", "   "), 422, "body"},
			{say("short", "Hello"), 422, "client_id"},
			{say("device 0001", "Hello"), 422, "client_id"},
			{map[string]any{"client_id": "device-0001", "body": "Hello", "scenario": "party"}, 422, "scenario"},
			{say("device-0001", strings.Repeat("x", 8001)), 413, ""},
			{map[string]any{"body": "Hello"}, 422, "client_id"},
		} {
			res := v.must(tc.code, "POST", "/visitor/conversations", tc.in)
			if tc.field != "" && res.str("fields."+tc.field) == "" {
				e.Errorf("nothing about %s in %s", tc.field, res.text)
			}
		}
		v.locale = "zh-CN"
		if res := v.must(413, "POST", "/visitor/conversations", say("device-0001", strings.Repeat("x", 8001))); !strings.Contains(res.text, "8000 个字符") {
			e.Errorf("not in the reader's language: %s", res.text)
		}
		if res := v.must(200, "GET", "/visitor/conversations", nil); len(res.get("conversations").([]any)) != 0 {
			e.Errorf("something was stored: %s", res.text)
		}
		v.locale = "en"
		v.must(201, "POST", "/visitor/conversations", say("device-0001", strings.Repeat("x", 8000)))
	})
}

// An agent who pages through a long list must meet every conversation once,
// and only those of their teams.
func TestListsPageAndKeepTeamsApart(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		ours, err := e.staff.ProvisionTeam(context.Background(), "Ours", "", "")
		if err != nil {
			e.Fatal(err)
		}
		_, member := e.member(desk.AgentRole, "in@meridian.example", ours.ID)
		_, outsider := e.member(desk.AgentRole, "out@meridian.example")
		_, admin := e.member(desk.Admin, "admin@meridian.example")
		var id string
		for i := range 25 {
			e.clock.advance(time.Second)
			id = e.visitor().must(201, "POST", "/visitor/conversations", say("device-0001", fmt.Sprint("number ", i))).str("conversation.id")
		}
		seen := map[string]bool{}
		cursor := ""
		for pages := 0; pages < 4; pages++ {
			res := member.must(200, "GET", "/conversations?view=unassigned&limit=10&cursor="+cursor, nil)
			for _, c := range res.get("conversations").([]any) {
				seen[c.(map[string]any)["id"].(string)] = true
			}
			if cursor = res.str("next"); cursor == "" {
				break
			}
		}
		if len(seen) != 25 {
			e.Errorf("%d of 25 conversations met", len(seen))
		}
		for _, view := range []string{"mine", "unassigned", "open", "waiting", "resolved", "all"} {
			if res := outsider.must(200, "GET", "/conversations?view="+view, nil); len(res.get("conversations").([]any)) != 0 {
				e.Errorf("an outsider sees %s", res.text)
			}
		}
		outsider.must(404, "GET", "/conversations/"+id, nil)
		outsider.must(404, "PATCH", "/conversations/"+id, map[string]any{"status": "resolved"})
		member.must(422, "GET", "/conversations?cursor=nonsense", nil)
		number := admin.must(200, "GET", "/conversations/"+id, nil).str("conversation.number")
		for _, q := range []string{number, strings.ToLower(number), strings.TrimPrefix(number, "VD-")} {
			if res := admin.must(200, "GET", "/conversations?q="+q, nil); res.str("conversations.0.id") != id {
				e.Errorf("q=%s: %s", q, res.text)
			}
		}
		if res := outsider.must(200, "GET", "/conversations?q="+number, nil); len(res.get("conversations").([]any)) != 0 {
			e.Errorf("an outsider finds by number: %s", res.text)
		}
	})
}

// What a script or an odd browser sends is stored or refused, on either engine;
// it is never our defect.
func TestOddBytesAreNobodysDefect(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.talk()
		e.member(desk.AgentRole, "ann@meridian.example")
		v := e.visitor()
		v.must(201, "POST", "/visitor/conversations", map[string]any{
			"client_id": "odd-bytes-1", "body": "hello\x00 there", "page_url": "https://x.example/\x00a", "entity": "e\x00", "region": "r\x00",
		})
		e.visitor().must(200, "POST", "/visitor/session", map[string]any{"entity": "e\x00", "region": "\x00"})
		b := e.browser()
		b.header = map[string]string{"User-Agent": "Navegador espa\xf1ol"}
		b.must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})
		if res := e.browser().do("POST", "/auth/sign-in", map[string]any{"email": "a\x00@x.example", "password": "guess"}); res.status >= 500 {
			e.Errorf("an address with a NUL: %d %s", res.status, res.text)
		}
		if res := b.do("GET", "/search/messages?q=%00%ff", nil); res.status >= 500 {
			e.Errorf("a search for odd bytes: %d %s", res.status, res.text)
		}
	})
}
