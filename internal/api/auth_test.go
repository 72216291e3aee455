package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// Without this nobody ever gets in; with a hole in it, everybody does.
func TestFirstRunMakesOneAdministratorOnce(t *testing.T) {
	eachEngine(t, func(e *env) {
		ctx := context.Background()
		one, needed, err := e.staff.EnsureSetup(ctx)
		two, _, err2 := e.staff.EnsureSetup(ctx) // a second node starts at the same time
		if err != nil || err2 != nil || !needed || one == two {
			e.Fatal(one == two, needed, err, err2)
		}
		b := e.browser()
		b.must(404, "GET", "/auth/setup/wrongwrongwrong", nil)
		if res := b.must(200, "GET", "/auth/setup/"+one, nil); res.get("expires_at").(float64) <= float64(desk.MicrosOf(e.clock.Now())) {
			e.Error("the link is expired from the beginning")
		}
		admin := map[string]any{"name": "Mei Lin", "email": "Mei@Meridian.example ", "password": "short", "locale": "zh-CN"}
		if res := b.must(422, "POST", "/auth/setup/"+one, admin); res.str("fields.password") == "" {
			e.Error(res.text)
		}
		admin["password"] = password
		b.must(200, "POST", "/auth/setup/"+one, admin)
		me := b.must(200, "GET", "/auth/me", nil)
		if me.str("agent.email") != "mei@meridian.example" || me.str("agent.role") != "admin" || me.str("agent.locale") != "zh-CN" || !strings.Contains(me.text, `"staff.manage"`) {
			e.Error(me.text)
		}
		for _, token := range []string{one, two} { // used, and void since there is an administrator
			e.browser().must(404, "POST", "/auth/setup/"+token, map[string]any{"name": "Eve", "email": "eve@evil.example", "password": password})
		}
		if _, needed, err := e.staff.EnsureSetup(ctx); needed || err != nil {
			e.Error("a link was offered though there is an administrator", err)
		}
		if got := e.actions(); !slices.Equal(got, []string{"setup.complete"}) {
			e.Error(got)
		}
	})
}

func TestSetupLinkExpires(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	token, _, err := e.staff.EnsureSetup(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	e.clock.advance(24*time.Hour + time.Second)
	e.browser().must(404, "GET", "/auth/setup/"+token, nil)
	e.browser().must(404, "POST", "/auth/setup/"+token, map[string]any{"name": "Eve", "email": "eve@evil.example", "password": password})
}

func TestSignInSetsASafeCookieAndSignOutEndsIt(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.member(desk.AgentRole, "ann@meridian.example")
		b := e.browser()
		res := b.must(200, "POST", "/auth/sign-in", map[string]any{"email": " ANN@meridian.example", "password": password})
		cookie := res.header.Get("Set-Cookie")
		for _, want := range []string{"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=604800"} {
			if !strings.Contains(cookie, want) {
				e.Errorf("cookie lacks %s: %s", want, cookie)
			}
		}
		if strings.Contains(res.text, b.cookie) {
			e.Error("the token is in the body, where scripts can read it")
		}
		b.must(200, "GET", "/auth/me", nil)
		old := *b
		b.must(204, "POST", "/auth/sign-out", map[string]any{})
		old.must(401, "GET", "/auth/me", nil)
		b.must(204, "POST", "/auth/sign-out", map[string]any{}) // twice is no error
	})
}

// Different answers would tell a thief who works here.
func TestSignInDoesNotTellWhoExists(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	ann, _ := e.member(desk.AgentRole, "ann@meridian.example")
	_, admin := e.member(desk.Admin, "admin@meridian.example")
	e.member(desk.AgentRole, "gone@meridian.example")
	var gone desk.ID
	agents, err := e.staff.Agents(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range agents {
		if a.Email == "gone@meridian.example" {
			gone = a.ID
		}
	}
	admin.must(200, "PATCH", "/staff/agents/"+gone.String(), map[string]any{"status": "disabled"})
	var texts []string
	for i := range 7 {
		for _, who := range [][2]string{{"ann@meridian.example", "wrong password"}, {"nobody@meridian.example", "wrong password"}, {"gone@meridian.example", password}} {
			b := e.browser()
			b.ip = "198.51.100." + fmt.Sprint(i)
			res := b.do("POST", "/auth/sign-in", map[string]any{"email": who[0], "password": who[1]})
			text := fmt.Sprint(res.status, res.get("code"), res.get("message"), res.get("retry_after"), res.get("fields"))
			texts = append(texts, text)
			if text != texts[i*3] {
				t.Errorf("round %d: %s answers %q, ann %q", i, who[0], text, texts[i*3])
			}
		}
	}
	if !strings.HasPrefix(texts[0], "401") || !strings.HasPrefix(texts[20], "429") {
		t.Errorf("from %q to %q", texts[0], texts[20])
	}
	if strings.Contains(e.log.String(), "wrong password") || strings.Contains(e.log.String(), ann.Email) {
		t.Error("the log tells who tried what")
	}
}

// A thief tries a thousand passwords; the owner mistypes a few times and must
// get in after a pause.
func TestGuessingPasswordsIsSlowedDown(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.member(desk.AgentRole, "ann@meridian.example")
	try := func(ip, email, pw string) result {
		b := e.browser()
		b.ip = ip
		return b.do("POST", "/auth/sign-in", map[string]any{"email": email, "password": pw})
	}
	for i := range 5 {
		if res := try("203.0.113.5", "ann@meridian.example", "guess"); res.status != 401 {
			t.Fatalf("attempt %d: %d", i, res.status)
		}
	}
	// Now even the right password waits, from any address: otherwise guessing would pay.
	res := try("198.51.100.1", "ann@meridian.example", password)
	if res.status != 429 || res.get("retry_after").(float64) != 30 || res.header.Get("Retry-After") != "30" {
		t.Fatalf("the sixth attempt: %d %s", res.status, res.text)
	}
	e.clock.advance(29 * time.Second)
	if res := try("198.51.100.1", "ann@meridian.example", password); res.status != 429 || res.get("retry_after").(float64) != 1 {
		t.Fatalf("a second early: %d %s", res.status, res.text)
	}
	e.clock.advance(time.Second)
	if res := try("198.51.100.1", "ann@meridian.example", "guess"); res.status != 401 {
		t.Fatalf("after the pause: %d", res.status)
	}
	if res := try("198.51.100.1", "ann@meridian.example", password); res.status != 429 || res.get("retry_after").(float64) != 60 {
		t.Fatalf("the pause did not double: %s", res.text)
	}
	e.clock.advance(time.Minute)
	if res := try("198.51.100.1", "ann@meridian.example", password); res.status != 200 {
		t.Fatalf("the owner is locked out: %d %s", res.status, res.text)
	}
	for i := range 5 { // success forgets the past
		if res := try("198.51.100.1", "ann@meridian.example", "guess"); res.status != 401 {
			t.Fatalf("attempt %d after success: %d", i, res.status)
		}
	}
	// One address that tries many accounts.
	blocked := 0
	for i := range 40 {
		if try("192.0.2.9", fmt.Sprintf("user%d@meridian.example", i), "guess").status == 429 {
			blocked++
		}
	}
	if blocked != 10 {
		t.Errorf("%d of 40 attempts of one address were refused, want 10", blocked)
	}
	// Its refused attempts lock nobody out.
	e.member(desk.AgentRole, "bob@meridian.example")
	for range 8 {
		if res := try("192.0.2.9", "bob@meridian.example", "guess"); res.status != 429 {
			t.Fatalf("a blocked address: %d", res.status)
		}
	}
	if res := try("198.51.100.2", "bob@meridian.example", password); res.status != 200 {
		t.Errorf("the owner is locked out by an address that was blocked itself: %d %s", res.status, res.text)
	}
	if res := try("2001:db8::1", "someone@meridian.example", "guess"); res.status != 401 {
		t.Errorf("an address that did nothing: %d", res.status)
	}
}

// Twenty guesses at the same moment must not count as one.
func TestGuessesAtTheSameMomentAreCounted(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.member(desk.AgentRole, "ann@meridian.example")
		answers := make(chan int, 20)
		for i := range 20 {
			go func() {
				b := e.browser()
				b.ip = fmt.Sprintf("198.51.100.%d", i)
				answers <- b.do("POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": "guess"}).status
			}()
		}
		tried := 0
		for range 20 {
			if <-answers == 401 {
				tried++
			}
		}
		if tried != 5 {
			e.Errorf("%d guesses were judged, want 5", tried)
		}
	})
}

func TestSecondStepIsNeededAndCodesWorkOnce(t *testing.T) {
	eachEngine(t, func(e *env) {
		_, b := e.member(desk.AgentRole, "ann@meridian.example")
		elsewhere := e.browser()
		elsewhere.must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})
		setup := b.must(200, "POST", "/account/totp/begin", map[string]any{})
		secret := setup.str("secret")
		if !strings.HasPrefix(setup.str("otpauth_url"), "otpauth://totp/Meridian%20Exchange:ann@meridian.example?") || !strings.HasPrefix(setup.str("qr_png"), "data:image/png;base64,") {
			e.Error(setup.text)
		}
		code := func() string {
			c, err := totp.GenerateCode(secret, e.clock.Now())
			if err != nil {
				e.Fatal(err)
			}
			return c
		}
		// Begun is not switched on.
		e.browser().must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})
		if res := b.must(422, "POST", "/account/totp/confirm", map[string]any{"code": "000000"}); res.str("fields.code") == "" {
			e.Error(res.text)
		}
		first := code()
		codes := b.must(200, "POST", "/account/totp/confirm", map[string]any{"code": first}).get("recovery_codes").([]any)
		if len(codes) != 10 {
			e.Fatalf("%d recovery codes", len(codes))
		}
		elsewhere.must(401, "GET", "/auth/me", nil) // sessions with one factor are over
		if me := b.must(200, "GET", "/auth/me", nil); me.get("agent.totp_enabled") != true {
			e.Error("the page still says it is off:", me.text)
		}

		signIn := func() *browser {
			b := e.browser()
			res := b.must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})
			if res.str("status") != "totp_required" {
				e.Fatal(res.text)
			}
			return b
		}
		c := signIn()
		c.must(401, "GET", "/auth/me", nil) // the password alone opens nothing
		c.must(401, "GET", "/staff/agents", nil)
		c.must(401, "POST", "/auth/totp", map[string]any{"code": first}) // spent when it was confirmed
		e.clock.advance(30 * time.Second)
		now := code()
		half := c.cookie
		c.must(200, "POST", "/auth/totp", map[string]any{"code": now})
		if c.cookie == half {
			e.Error("the token kept its value while it gained rights")
		}
		c.must(200, "GET", "/auth/me", nil)
		(&browser{e: e, ip: c.ip, cookie: half}).must(401, "POST", "/auth/totp", map[string]any{"code": now})

		d := signIn() // somebody who looked over the shoulder
		d.must(401, "POST", "/auth/totp", map[string]any{"code": now})
		recovery := codes[3].(string)
		d.must(200, "POST", "/auth/totp", map[string]any{"code": strings.ToLower(recovery)})
		f := signIn()
		f.must(401, "POST", "/auth/totp", map[string]any{"code": recovery})
		for range 4 {
			f.must(401, "POST", "/auth/totp", map[string]any{"code": "123456"})
		}
		f.must(429, "POST", "/auth/totp", map[string]any{"code": "123456"})

		if res := d.must(422, "POST", "/account/totp/disable", map[string]any{"password": "wrong"}); res.str("fields.password") == "" {
			e.Error(res.text)
		}
		d.must(204, "POST", "/account/totp/disable", map[string]any{"password": password})
		if res := e.browser().must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password}); res.str("status") != "ok" {
			e.Error(res.text)
		}
		if got := fmt.Sprint(e.actions()); !strings.Contains(got, "totp.enable session.sign_in session.sign_in totp.disable") {
			e.Error(got)
		}
	})
}

// A stolen or planted cookie must be worth nothing once it should be.
func TestSessionsEndWhenTheyShould(t *testing.T) {
	eachEngine(t, func(e *env) {
		ann, b := e.member(desk.AgentRole, "ann@meridian.example")
		fresh := func() *browser {
			b := e.browser()
			b.must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})
			return b
		}
		// Fixation: signing in does not bless the token that was there before.
		planted := fresh()
		victim := e.browser()
		victim.cookie = planted.cookie
		victim.must(200, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})
		if victim.cookie == planted.cookie {
			e.Error("the token was kept across a sign-in")
		}
		planted.must(401, "GET", "/auth/me", nil)

		// Listed and revoked, one and all others.
		c, d := fresh(), fresh()
		for _, x := range []*browser{c, d} {
			x.must(200, "GET", "/auth/me", nil) // remembered by the cache
		}
		list := b.must(200, "GET", "/account/sessions", nil)
		if n := len(list.get("sessions").([]any)); n != 4 {
			e.Fatalf("%d sessions: %s", n, list.text)
		}
		for _, forbidden := range []string{b.cookie, "token", "hash"} {
			if strings.Contains(list.text, forbidden) {
				e.Errorf("the list tells %q", forbidden)
			}
		}
		current := 0
		for _, s := range list.get("sessions").([]any) {
			m := s.(map[string]any)
			if m["current"] == true {
				current++
			}
			if m["ip"] != "203.0.113.5" || m["user_agent"] != "TestBrowser/1" {
				e.Error(m)
			}
		}
		if current != 1 {
			e.Errorf("%d current sessions", current)
		}
		var id string
		for _, s := range c.must(200, "GET", "/account/sessions", nil).get("sessions").([]any) {
			if m := s.(map[string]any); m["current"] == true {
				id = m["id"].(string)
			}
		}
		_, other := e.member(desk.Admin, "eve@meridian.example")
		other.must(404, "DELETE", "/account/sessions/"+id, nil) // not hers
		b.must(204, "DELETE", "/account/sessions/"+id, nil)
		c.must(401, "GET", "/auth/me", nil) // at once, cache or not
		b.must(404, "DELETE", "/account/sessions/"+id, nil)
		b.must(204, "POST", "/account/sessions/revoke-others", map[string]any{})
		d.must(401, "GET", "/auth/me", nil)
		victim.must(401, "GET", "/auth/me", nil)
		b.must(200, "GET", "/auth/me", nil)

		// A new password ends all others.
		c = fresh()
		c.must(200, "GET", "/auth/me", nil)
		if res := b.must(422, "POST", "/account/password", map[string]any{"current": "wrong", "new": "another long secret"}); res.str("fields.current") == "" {
			e.Error(res.text)
		}
		if res := b.must(422, "POST", "/account/password", map[string]any{"current": password, "new": "password123"}); res.str("fields.new") == "" {
			e.Error(res.text)
		}
		b.must(204, "POST", "/account/password", map[string]any{"current": password, "new": "another long secret"})
		c.must(401, "GET", "/auth/me", nil)
		b.must(200, "GET", "/auth/me", nil)
		e.browser().must(401, "POST", "/auth/sign-in", map[string]any{"email": "ann@meridian.example", "password": password})

		// Disabled means out, now.
		other.must(200, "PATCH", "/staff/agents/"+ann.ID.String(), map[string]any{"status": "disabled"})
		b.must(401, "GET", "/auth/me", nil)
		if !slices.Contains(e.changed, ann.ID) || len(e.ended) < 5 {
			e.Errorf("live connections were not told: %v %v", e.changed, e.ended)
		}
	})
}

func TestSessionsExpire(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	_, idle := e.member(desk.AgentRole, "idle@meridian.example")
	_, busy := e.member(desk.AgentRole, "busy@meridian.example")
	e.clock.advance(staff.Idle - time.Minute)
	busy.must(200, "GET", "/auth/me", nil)
	e.clock.advance(2 * time.Minute)
	idle.must(401, "GET", "/auth/me", nil)
	for range 13 {
		busy.must(200, "GET", "/auth/me", nil)
		e.clock.advance(staff.Idle - time.Minute)
	}
	busy.must(200, "GET", "/auth/me", nil)
	e.clock.advance(staff.Idle - time.Minute)
	if res := busy.do("GET", "/auth/me", nil); res.status != 401 {
		t.Errorf("a session of more than seven days: %d", res.status)
	}
	if n, err := e.staff.Prune(context.Background()); err != nil || n < 2 {
		t.Errorf("pruned %d rows (%v)", n, err)
	}
}
