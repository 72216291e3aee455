package api

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
)

const exchangeKey = "the key that the exchange and the desk share"

// trust lets the exchange sign its customers in.
func (e *env) trust() {
	e.Helper()
	e.talk()
	login, err := customer.NewLogin(customer.LoginConfig{Secret: exchangeKey, Audience: "veridesk", Now: e.clock.Now})
	if err != nil {
		e.Fatal(err)
	}
	v, err := vault.Open(vault.Source{Value: strings.Repeat("A", 43)})
	if err != nil {
		e.Fatal(err)
	}
	e.api.Visitors = customer.New(customer.Config{Store: e.store, Vault: v, Login: login})
	e.api.VisitorFrom = VisitorFrom(e.api.Visitors)
}

// word is the exchange's about its customer.
func (e *env) word(uid string, more map[string]any) string {
	e.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(exchangeKey)}, nil)
	if err != nil {
		e.Fatal(err)
	}
	claims := map[string]any{"sub": uid, "aud": "veridesk", "iat": e.clock.Now().Unix(), "exp": e.clock.Now().Add(5 * time.Minute).Unix()}
	for k, v := range more {
		claims[k] = v
	}
	token, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		e.Fatal(err)
	}
	return token
}

// identify signs a device in and returns it with its new token.
func (b *browser) identify(uid string, more map[string]any) (*browser, result) {
	b.e.Helper()
	res := b.must(200, "POST", "/visitor/session", map[string]any{"jwt": b.e.word(uid, more)})
	return b.with(res.str("token")), res
}

func (b *browser) with(token string) *browser {
	c := *b
	c.header = map[string]string{"Authorization": "Bearer " + token}
	return &c
}

// Signing in mid-chat, as the widget does it: nothing of the chat is lost, the
// badge counts, and signing out ends it.
func TestSigningInOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.trust()
		_, agent := e.member(desk.Admin, "mei@meridian.example")
		visitor := e.visitor()
		id := visitor.must(201, "POST", "/visitor/conversations", say("device-0001", "Where is my deposit?")).str("conversation.id")
		me, session := visitor.identify("88001234", map[string]any{"name": "Lin", "tier": "VIP 2"})
		if session.str("contact.kind") != "customer" || session.str("contact.uid") != "88001234" || session.str("contact.tier") != "VIP 2" || session.get("merged") != 1.0 ||
			session.get("expires_at") != float64(desk.MicrosOf(e.clock.Now().Add(customer.CustomerLife))) {
			e.Errorf("%s", session.text)
		}
		again := me.must(200, "POST", "/visitor/conversations", say("device-0001", "Where is my deposit?"))
		if again.str("conversation.id") != id {
			e.Errorf("a repeat after signing in began another conversation: %s", again.text)
		}
		visitor.must(404, "GET", "/visitor/conversations/"+id+"/messages", nil)
		visitor.must(404, "POST", "/visitor/conversations/"+id+"/messages", say("device-0002", "x"))
		visitor.must(401, "POST", "/visitor/conversations", say("device-0003", "x"))
		if list := visitor.must(200, "GET", "/visitor/conversations", nil); len(list.get("conversations").([]any)) != 0 {
			e.Errorf("the visitor's token lists %s", list.text)
		}
		seen := me.must(200, "GET", "/visitor/conversations/"+id+"/messages?since=0", nil)
		forbid(e, seen, "signed_in")
		thread := agent.must(200, "GET", "/conversations/"+id+"/messages?since=0", nil)
		if !strings.Contains(thread.text, `"type":"signed_in","from":"","to":"88001234"`) {
			e.Errorf("the desk is not told: %s", thread.text)
		}
		if c := agent.must(200, "GET", "/conversations/"+id, nil); !strings.Contains(c.text, `"uid":"88001234"`) || !strings.Contains(c.text, `"kind":"customer"`) {
			e.Errorf("the desk still sees a visitor: %s", c.text)
		}

		unread := func(b *browser, messages, conversations float64) {
			e.Helper()
			if res := b.must(200, "GET", "/visitor/unread", nil); res.get("messages") != messages || res.get("conversations") != conversations {
				e.Errorf("unread %s, want %v in %v", res.text, messages, conversations)
			}
		}
		unread(me, 0, 0)
		for i := range 2 {
			agent.must(201, "POST", "/conversations/"+id+"/messages", map[string]any{"client_id": fmt.Sprint("agent-000", i), "body": "We look.", "visibility": "public"})
		}
		agent.must(201, "POST", "/conversations/"+id+"/messages", map[string]any{"client_id": "agent-0009", "body": "memo", "visibility": "note"})
		unread(me, 2, 1)
		unread(e.browser().with(e.word("88001234", nil)), 2, 1)
		unread(e.browser().with(e.word("somebody new", nil)), 0, 0)
		e.browser().with("a.b.c").must(401, "GET", "/visitor/unread", nil)
		e.browser().with(e.word("88001234", nil)).must(401, "GET", "/visitor/conversations", nil) // only the badge takes it
		me.must(204, "POST", "/visitor/conversations/"+id+"/read", map[string]any{"seq": 4})
		unread(me, 0, 0)

		me.must(204, "POST", "/visitor/logout", nil)
		for _, path := range []string{"/visitor/conversations", "/visitor/unread", "/visitor/conversations/" + id + "/messages"} {
			me.must(401, "GET", path, nil)
		}
		me.must(401, "POST", "/visitor/logout", nil)
		if next := me.must(200, "POST", "/visitor/session", map[string]any{}); next.str("contact.kind") != "visitor" {
			e.Errorf("after signing out: %s", next.text)
		}
	})
}

// An engineer who set it up wrong must be told what is wrong; an attacker not
// more than that.
func TestARefusedTokenNamesTheClassOfTheReason(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.trust()
	old := e.word("88001234", map[string]any{"iat": e.clock.Now().Add(-2 * time.Hour).Unix(), "exp": e.clock.Now().Add(-time.Hour).Unix()})
	for _, c := range []struct{ jwt, locale, want string }{
		{old, "en", "Your sign-in has expired. Please go back to the exchange and open support again."},
		{old, "zh-CN", "登录已过期，请返回交易所重新打开客服。"},
		{e.word("88001234", map[string]any{"aud": "x"}), "en", "You could not be signed in: the exchange's token is for somebody else."},
		{e.word("", nil), "en", "You could not be signed in: the exchange's token names no customer."},
		{e.word("88001234", nil) + "A", "en", "You could not be signed in: the signature of the exchange's token is wrong."},
	} {
		b := e.browser()
		b.locale = c.locale
		res := b.must(401, "POST", "/visitor/session", map[string]any{"jwt": c.jwt})
		if res.str("code") != "unauthorized" || res.str("message") != c.want {
			t.Errorf("%s", res.text)
		}
		forbid(e, res, "88001234", "jose", "HS256")
	}
	if res := e.browser().must(422, "POST", "/visitor/session", map[string]any{"jwt": strings.Repeat("x", 9000)}); strings.Contains(res.text, "xxx") {
		t.Errorf("%s", res.text)
	}
}

// What a visitor says about the legal entity opens nothing that is not there, and
// a customer's is the exchange's to say.
func TestTheEntityOfAConversation(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.trust()
		err := e.store.Write(t.Context(), func(tx *store.Tx) error {
			for _, code := range []string{"global", "eu"} {
				if err := tx.PutEntity(store.Entity{Code: code, Name: code}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		entity := func(b *browser, says string) string {
			e.Helper()
			in := say("device-"+strconv.Itoa(int(time.Now().UnixNano()%1e9)+1e9), "hello")
			in["entity"] = says
			return b.must(201, "POST", "/visitor/conversations", in).str("conversation.entity")
		}
		lin, _ := e.browser().identify("88001234", map[string]any{"entity": "eu"})
		for _, c := range []struct {
			who        *browser
			says, want string
		}{{e.visitor(), "eu", "eu"}, {e.visitor(), "nowhere", ""}, {e.visitor(), "", ""}, {lin, "", "eu"}, {lin, "global", "eu"}, {lin, "nowhere", "eu"}} {
			if got := entity(c.who, c.says); got != c.want {
				t.Errorf("%q became %q, want %q", c.says, got, c.want)
			}
		}
	})
}

// Messages on their way while somebody signs in: the device sends each again
// with the token that it has by then, until it is acknowledged.
func TestMessagesOnTheirWayWhileSigningIn(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.trust()
		for round := range 5 {
			visitor := e.visitor()
			chat := visitor.must(201, "POST", "/visitor/conversations", say("device-begin", "begin")).str("conversation.id")
			var current sync.Map // the device's token, as the tabs share it
			current.Store("who", visitor)
			signedIn := make(chan struct{})
			var group sync.WaitGroup
			group.Go(func() {
				defer close(signedIn)
				res := visitor.do("POST", "/visitor/session", map[string]any{"jwt": e.word(fmt.Sprint("uid-", round), nil)})
				if res.status != 200 {
					e.Errorf("signing in: %d %s", res.status, res.text)
					return
				}
				current.Store("who", visitor.with(res.str("token")))
			})
			const writers, each = 6, 4
			for w := range writers {
				group.Go(func() {
					for i := range each {
						path := "/visitor/conversations/" + chat + "/messages"
						if i == 1 {
							path = "/visitor/conversations"
						}
						e.persist(&current, signedIn, path, fmt.Sprintf("device-%d-%d", w, i))
					}
				})
			}
			group.Wait()
			who, _ := current.Load("who")
			count := map[string]int{}
			list := who.(*browser).must(200, "GET", "/visitor/conversations", nil)
			for i := range list.get("conversations").([]any) {
				id := list.body["conversations"].([]any)[i].(map[string]any)["id"].(string)
				page := who.(*browser).must(200, "GET", "/visitor/conversations/"+id+"/messages?since=0&limit=500", nil)
				for _, m := range page.get("messages").([]any) {
					count[m.(map[string]any)["client_id"].(string)]++
				}
			}
			for w := range writers {
				for i := range each {
					if name := fmt.Sprintf("device-%d-%d", w, i); count[name] != 1 {
						e.Errorf("round %d: %s is there %d times", round, name, count[name])
					}
				}
			}
			if left := visitor.must(200, "GET", "/visitor/conversations", nil); len(left.get("conversations").([]any)) != 0 {
				e.Errorf("left behind: %s", left.text)
			}
		}
	})
}

// persist sends a message until it is acknowledged, and once more, as after an
// answer that was lost on the way.
func (e *env) persist(current *sync.Map, signedIn <-chan struct{}, path, client string) {
	for acknowledged := 0; acknowledged < 2; {
		who, _ := current.Load("who")
		res := who.(*browser).do("POST", path, say(client, client))
		switch res.status {
		case http.StatusOK, http.StatusCreated:
			acknowledged++
		case http.StatusServiceUnavailable: // a repeat met the merge itself: it can be sent again
		case http.StatusUnauthorized, http.StatusNotFound: // the token is the visitor's no more
			<-signedIn
		default:
			e.Errorf("%s: %d %s", client, res.status, res.text)
			return
		}
		if acknowledged == 1 && strings.HasSuffix(client, "3") {
			<-signedIn // the repeat comes with the new token
		}
	}
}

// A flood is slowed down with a reason and a time; the one who floods, and not
// the others behind the same address, nor the staff.
func TestStrangersArePaced(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.trust()
	flood, other := e.visitor(), e.visitor()
	id := flood.must(201, "POST", "/visitor/conversations", say("device-0001", "hello")).str("conversation.id")
	path := "/visitor/conversations/" + id + "/typing"
	var refused result
	for i := range 300 {
		if refused = flood.do("POST", path, nil); refused.status != 204 {
			if i < speeds[signPace].contact.burst {
				t.Errorf("refused after %d", i)
			}
			break
		}
	}
	if refused.status != 429 || refused.str("code") != "throttled" || refused.get("retry_after") != 1.0 || refused.header.Get("Retry-After") != "1" || refused.str("message") == "" {
		t.Errorf("%d %s %v", refused.status, refused.text, refused.header)
	}
	other.must(404, "POST", path, nil)
	flood.must(201, "POST", "/visitor/conversations/"+id+"/messages", say("device-0002", "still here")) // counted apart

	// New sessions are counted by address. Who comes back is no new session.
	crowd := e.browser()
	crowd.ip = "198.51.100.9"
	n := 0
	for ; n < 1000; n++ {
		if res := crowd.do("POST", "/visitor/session", map[string]any{}); res.status == 429 {
			break
		}
	}
	if n < speeds[beginPace].address.burst || n > speeds[beginPace].address.burst*2 {
		t.Errorf("an address began %d sessions at once", n)
	}
	known := *other
	known.ip = crowd.ip
	known.must(200, "POST", "/visitor/session", map[string]any{})
	for _, ip := range []string{"127.0.0.1", "[::1]"} {
		local := e.browser()
		local.ip = ip
		for range 2 * speeds[beginPace].address.burst {
			local.must(200, "POST", "/visitor/session", map[string]any{})
		}
	}
}

// A route that forgot its pace could be flooded; one of the staff that has one
// would stop an agent in the middle of a busy day.
func TestEveryChangeByStrangersIsPacedAndNoneByStaff(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	free := []string{"PATCH /visitor/uploads/{id}", "DELETE /visitor/uploads/{id}"} // pieces of what was begun at a pace
	for _, r := range e.api.Routes() {
		path := e.api.huma.OpenAPI().Paths[prefix+r.Path]
		op := map[string]*huma.Operation{"GET": path.Get, "POST": path.Post, "PUT": path.Put, "PATCH": path.Patch, "DELETE": path.Delete}[r.Method]
		if op == nil {
			t.Errorf("%s %s is not described", r.Method, r.Path)
			continue
		}
		paced := len(op.Middlewares) > 1 // the first lets people in
		stranger := r.Who == Public || r.Who == Guest || r.Who == Visitor || r.Who == Badge
		name := r.Method + " " + r.Path
		switch {
		case paced && !stranger:
			t.Errorf("%s is paced although it is for %s", name, r.Who)
		case !paced && stranger && r.Method != "GET" && !slices.Contains(free, name):
			t.Errorf("%s has no pace", name)
		}
	}
	for p, s := range speeds {
		if s.contact.burst < 40 || s.address.burst < s.contact.burst || s.address.every > s.contact.every {
			t.Errorf("%s: %+v is no pace for a crowd behind one address", p, s)
		}
	}
}
