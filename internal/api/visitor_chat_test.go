package api

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/channel"
	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/mailout"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// reach gives the API the ways to contacts who are away.
func (e *env) reach() {
	e.Helper()
	e.talk()
	e.api.PublicURL = publicURL
	v, err := vault.Open(vault.Source{Value: strings.Repeat("A", 43)})
	if err != nil {
		e.Fatal(err)
	}
	push, err := chat.Open(e.Context(), chat.Config{Store: e.store, Vault: v, Subject: "mailto:ops@meridian.example", Brand: e.api.Brand})
	if err != nil {
		e.Fatal(err)
	}
	e.api.Widget = Widget{Push: push, RetentionDays: 365, MaxFileBytes: 25 << 20, Login: true}
	e.api.Inbox.Register(jobs.NewRunner(e.store, jobs.Config{Logger: slog.New(slog.DiscardHandler)}),
		inbox.Outlets{Adapters: []channel.Adapter{push}, EnqueueMail: mailout.Enqueue, PublicURL: publicURL})
}

func (e *env) pendingJobs(kind string) []store.Job {
	e.Helper()
	all, err := e.store.Read(e.Context()).Jobs(store.JobPending, 100)
	if err != nil {
		e.Fatal(err)
	}
	out := []store.Job{}
	for _, j := range all {
		if j.Kind == kind {
			out = append(out, j)
		}
	}
	return out
}

// Somebody in front of a form must read in their own language what to have ready,
// and whether anybody is there.
func TestWidgetConfigInThreeLanguages(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.reach()
		if err := e.store.Write(e.Context(), func(tx *store.Tx) error {
			return tx.PutEntity(store.Entity{Code: "meridian-eu", Name: "Meridian EU"})
		}); err != nil {
			e.Fatal(err)
		}
		b := e.browser()
		for locale, says := range map[string][]string{
			"en":    {"Meridian Exchange", "My account may be stolen", "Account UID", "Real support never asks"},
			"zh-CN": {"子午交易所", "账户异常，可能被盗", "账户 UID", "官方客服绝不会索要您的密码、验证码"},
			"zh-TW": {"子午交易所", "帳戶異常，可能被盜", "帳戶 UID", "官方客服絕不會索要您的密碼、驗證碼"},
		} {
			res := b.must(200, "GET", "/widget/config?locale="+locale+"&entity=meridian-eu", nil)
			for path, want := range map[string]any{
				"locale": locale, "entity": "meridian-eu", "brand.name": says[0], "scenarios.0.title": says[1], "scenarios.0.fields.0.label": says[2], "scenarios.0.fields.0.key": "uid",
				"fields.0.key": "uid", "retention_days": 365.0, "max_file_bytes": float64(25 << 20), "login": true, "push_key": e.api.Widget.Push.PublicKey(),
				"channels.0.kind": "chat", "brand.help_url": publicURL + "/" + locale + "/",
			} {
				if got := res.get(path); got != want {
					e.Errorf("%s: %s is %v, want %v", locale, path, got, want)
				}
			}
			if !strings.HasPrefix(res.str("iron_rule"), says[3]) || len(res.get("locales").([]any)) != 3 || len(res.get("scenarios").([]any)) != 7 {
				e.Errorf("%s: %s", locale, res.text)
			}
		}
		b.locale = "zh-TW,zh;q=0.9,en;q=0.8"
		if res := b.must(200, "GET", "/widget/config?entity=nobody-knows", nil); res.str("locale") != "zh-TW" || res.str("entity") != "" {
			e.Errorf("%s", res.text)
		}
		e.api.Widget.Push = nil
		if res := b.must(200, "GET", "/widget/config", nil); res.str("push_key") != "" {
			e.Errorf("%s", res.text)
		}
	})
}

// The life of a chat as its customer acts on it, and what the desk sees of it.
func TestLifeOfAChat(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.reach()
		_, agent := e.member(desk.Admin, "mei@meridian.example")
		v, stranger := e.visitor(), e.visitor()
		begun := v.must(201, "POST", "/visitor/conversations", map[string]any{
			"client_id": "device-0001", "body": "Where is my deposit?", "scenario": "transfer_trouble", "mode": "message", "reply_email": "ann@mail.example",
			"prepared": map[string]string{"asset": "USDT", "memo": ""},
		})
		if begun.str("conversation.mode") != "message" {
			e.Errorf("%s", begun.text)
		}
		forbid(e, begun, "ann@mail.example", "USDT")
		id := begun.str("conversation.id")
		base, thread := "/visitor/conversations/"+id, "/conversations/"+id
		res := agent.must(200, "GET", thread, nil)
		if res.str("prepared.asset") != "USDT" || res.str("reply_email") != "ann@mail.example" || res.get("rating") != nil || !strings.Contains(res.text, `"rating":null`) {
			e.Errorf("the desk sees %s", res.text)
		}
		v.must(409, "POST", base+"/transcript", map[string]any{"email": "ann@mail.example"})
		v.must(409, "POST", base+"/rating", map[string]any{"score": 4})
		agent.must(201, "POST", thread+"/messages", map[string]any{"client_id": "agent-0001", "body": "We credit it now.", "visibility": "public"})
		if n := len(e.pendingJobs(inbox.KindAway)); n != 1 {
			e.Errorf("%d jobs to tell the customer", n)
		}
		v.must(202, "POST", base+"/transcript?locale=zh-TW", map[string]any{"email": "ann@mail.example"})
		if mails := e.pendingJobs(mailout.Kind); len(mails) != 1 || !strings.Contains(mails[0].Payload, `"zh-TW"`) || !strings.Contains(mails[0].Payload, "We credit it now.") {
			e.Errorf("%+v", mails)
		}
		v.must(204, "POST", base+"/leave", map[string]any{})
		v.must(422, "POST", base+"/leave", map[string]any{"reply_email": "ann"})
		v.must(204, "POST", base+"/rating", map[string]any{"score": 4, "comment": "quick"})
		if res := v.must(200, "POST", base+"/end", map[string]any{}); res.str("conversation.status") != "resolved" || res.str("conversation.ended_by") != "contact" || res.str("conversation.assignee_id") != "" {
			e.Errorf("%s", res.text)
		}
		v.must(200, "POST", base+"/end", nil)
		v.must(204, "POST", base+"/rating", map[string]any{"score": 5, "comment": "quick after all"})
		res = agent.must(200, "GET", thread, nil)
		if res.get("rating.score") != 5.0 || res.str("rating.comment") != "quick after all" || res.get("conversation.rating") != 5.0 {
			e.Errorf("the desk sees %s", res.text)
		}
		seen := v.must(200, "GET", base+"/messages?since=0", nil)
		forbid(e, seen, "quick", `"rating","from"`)
		if n := len(seen.get("messages").([]any)); n != 3 || seen.str("messages.2.event.type") != "ended" {
			e.Errorf("the customer sees %s", seen.text)
		}
		back := v.must(201, "POST", base+"/messages", say("device-0002", "It is back"))
		if back.str("conversation.status") != "open" || back.str("conversation.ended_by") != "" {
			e.Errorf("%s", back.text)
		}
		for _, path := range []string{"/leave", "/end", "/rating", "/transcript"} {
			in := map[string]any{}
			switch path {
			case "/rating":
				in["score"] = 1
			case "/transcript":
				in["email"] = "eve@mail.example"
			}
			forbid(e, stranger.must(404, "POST", base+path, in), "deposit", "VD-")
		}
		e.clock.advance(8 * 24 * time.Hour)
		v.must(204, "POST", base+"/rating", map[string]any{"score": 3})
		v.must(200, "POST", base+"/end", nil)
		e.clock.advance(8 * 24 * time.Hour)
		if res := v.must(409, "POST", base+"/rating", map[string]any{"score": 1}); !strings.Contains(res.text, "seven days") {
			e.Errorf("%s", res.text)
		}
	})
}

func TestWhatACustomerMayNotSayIsExplained(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.reach()
		v := e.visitor()
		for name, tc := range map[string]struct {
			in    map[string]any
			field string
		}{
			"a field of another scenario": {map[string]any{"scenario": "how_to", "prepared": map[string]string{"uid": "1"}}, "prepared"},
			"a long value":                {map[string]any{"prepared": map[string]string{"uid": strings.Repeat("1", 301)}}, "prepared"},
			"no mode":                     {map[string]any{"mode": "later"}, "mode"},
			"no address":                  {map[string]any{"reply_email": "ann"}, "reply_email"},
			"eleven files":                {map[string]any{"attachments": []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}}, "attachments"},
		} {
			tc.in["client_id"], tc.in["body"] = "device-0001", "Hello"
			if res := v.must(422, "POST", "/visitor/conversations", tc.in); res.str("fields."+tc.field) == "" {
				e.Errorf("%s: %s", name, res.text)
			}
		}
		id := v.must(201, "POST", "/visitor/conversations", say("device-0001", "Hello")).str("conversation.id")
		for _, in := range []map[string]any{{"score": 0}, {"score": 6}, {}, {"score": "good"}} {
			v.must(422, "POST", "/visitor/conversations/"+id+"/rating", in)
		}
		v.locale = "zh-CN"
		if res := v.must(409, "POST", "/visitor/conversations/"+id+"/transcript", map[string]any{"email": "a@b.example"}); !strings.Contains(res.text, "客服尚未回复") {
			e.Errorf("%s", res.text)
		}
		v.must(422, "POST", "/visitor/conversations/"+id+"/transcript", map[string]any{"email": "a@b.example\nBcc: c@d.example"})
	})
}

func TestMyRequestsArePaged(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.reach()
		_, agent := e.member(desk.Admin, "mei@meridian.example")
		v, stranger := e.visitor(), e.visitor()
		var ids []string
		for i := range 25 {
			e.clock.advance(time.Minute)
			ids = append(ids, v.must(201, "POST", "/visitor/conversations", say(fmt.Sprintf("device-%04d", i), fmt.Sprint("number ", i))).str("conversation.id"))
		}
		agent.must(201, "POST", "/conversations/"+ids[24]+"/messages", map[string]any{"client_id": "agent-0001", "body": "Hello", "visibility": "public"})
		seen := map[string]bool{}
		cursor := ""
		for pages := 0; pages < 5; pages++ {
			res := v.must(200, "GET", "/visitor/requests?limit=10&cursor="+cursor, nil)
			forbid(e, res, `"priority":"normal"`, `"team_id":"3`)
			for _, r := range res.get("requests").([]any) {
				seen[r.(map[string]any)["conversation"].(map[string]any)["id"].(string)] = true
			}
			if pages == 0 && (res.str("requests.0.conversation.id") != ids[24] || res.str("requests.0.stage") != "answered" || res.str("requests.0.awaiting") != "you" || res.get("requests.0.unread") != 1.0) {
				e.Errorf("%s", res.text)
			}
			if cursor = res.str("next"); cursor == "" {
				break
			}
		}
		if len(seen) != 25 {
			e.Errorf("%d of 25 met", len(seen))
		}
		if res := stranger.must(200, "GET", "/visitor/requests", nil); len(res.get("requests").([]any)) != 0 {
			e.Errorf("a stranger sees %s", res.text)
		}
		v.must(422, "GET", "/visitor/requests?cursor=nonsense", nil)
	})
}

func TestPushRoutes(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.reach()
		v, other := e.visitor(), e.visitor()
		key := v.must(200, "GET", "/push/key", nil).str("key")
		if point, err := base64.RawURLEncoding.DecodeString(key); err != nil || len(point) != 65 {
			e.Fatalf("key %q", key)
		}
		private, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			e.Fatal(err)
		}
		sub := func(endpoint string) map[string]any {
			return map[string]any{
				"endpoint": endpoint, "expirationTime": nil, "locale": "zh-TW",
				"keys": map[string]string{"p256dh": base64.RawURLEncoding.EncodeToString(private.PublicKey().Bytes()), "auth": "AAAAAAAAAAAAAAAAAAAAAA"},
			}
		}
		const endpoint = "https://updates.push.services.example/wpush/v2/secret"
		forbid(e, v.must(204, "POST", "/visitor/push", sub(endpoint)), "secret")
		for _, bad := range []string{"https://127.0.0.1/x", "http://push.example/x", "https://[::1]/", "nonsense", ""} {
			v.must(422, "POST", "/visitor/push", sub(bad))
		}
		e.browser().must(401, "POST", "/visitor/push", sub(endpoint))
		contact := func(b *browser) desk.ID {
			id, err := e.api.Visitors.ContactOf(strings.TrimPrefix(b.header["Authorization"], "Bearer "))
			if err != nil {
				e.Fatal(err)
			}
			return id
		}
		pushes := func(b *browser) []store.PushSubscription {
			list, err := e.store.Read(e.Context()).Pushes(contact(b))
			if err != nil {
				e.Fatal(err)
			}
			return list
		}
		if list := pushes(v); len(list) != 1 || list[0].Locale != "zh-TW" || strings.Contains(string(list[0].Wrapped), "secret") {
			e.Errorf("%+v", list)
		}
		other.must(204, "DELETE", "/visitor/push", map[string]any{"endpoint": endpoint})
		if len(pushes(v)) != 1 {
			e.Error("a stranger ended it")
		}
		v.must(204, "DELETE", "/visitor/push", map[string]any{"endpoint": endpoint})
		if len(pushes(v)) != 0 {
			e.Error("it was not ended")
		}
		e.api.Widget.Push = nil
		v.must(503, "POST", "/visitor/push", sub(endpoint))
		v.must(204, "DELETE", "/visitor/push", map[string]any{"endpoint": endpoint})
		if strings.Contains(e.log.String(), "wpush") {
			e.Error("the log names an endpoint")
		}
	})
}
