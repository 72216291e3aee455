package api

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// concrete fills the parameters of a route's path.
func concrete(path string) string {
	return strings.NewReplacer("{id}", "123", "{token}", "nosuchtoken", "{category}", "c", "{slug}", "s").Replace(path)
}

// A route that forgot its guard would show customers' conversations to anybody:
// the whole table is tried, by nobody and by every role.
func TestEveryRouteRefusesWhoeverMayNot(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	browsers := map[desk.Role]*browser{}
	for _, role := range desk.Roles {
		_, browsers[role] = e.member(role, string(role)+"@meridian.example")
	}
	permissions := map[string]bool{}
	for _, list := range desk.RolePermissions {
		for _, p := range list {
			permissions[string(p)] = true
		}
	}
	known := []Access{Public, Entrance, Halfway, SignedIn, Guest, Visitor, Badge}
	for _, r := range e.api.Routes() {
		if !slices.Contains(known, r.Who) && !permissions[string(r.Who)] {
			t.Errorf("%s %s: nobody has %q", r.Method, r.Path, r.Who)
			continue
		}
		open := r.Who == Public || r.Who == Entrance || r.Who == Guest
		if !open {
			for _, b := range []*browser{e.browser(), {e: e, ip: "203.0.113.5", cookie: strings.Repeat("A", 52)}} {
				if res := b.do(r.Method, concrete(r.Path), nil); res.status != http.StatusUnauthorized || res.str("code") != "unauthorized" {
					t.Errorf("%s %s answered %d %s to nobody", r.Method, r.Path, res.status, res.text)
				}
			}
		}
		if open || r.Who == Visitor || r.Who == Badge || r.Who == Halfway || r.Who == SignedIn {
			continue
		}
		for role, b := range browsers {
			if role.May(desk.Permission(r.Who)) {
				req := httptest.NewRequest(r.Method, prefix+concrete(r.Path), nil)
				req.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie})
				if _, err := e.api.allow(req, r.Who); err != nil {
					t.Errorf("%s %s refuses %s: %v", r.Method, r.Path, role, err)
				}
				continue
			}
			if res := b.do(r.Method, concrete(r.Path), nil); res.status != http.StatusForbidden || res.str("code") != "forbidden" {
				t.Errorf("%s %s answered %d %s to %s", r.Method, r.Path, res.status, res.text, role)
			}
		}
	}
}

// Reads must not change anything: browsers send cookies with them from everywhere.
func TestOnlySafeMethodsEscapeTheOriginCheck(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	_, admin := e.member(desk.Admin, "admin@meridian.example")
	admin.header = map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
	for _, r := range e.api.Routes() {
		if r.Method == "GET" || r.Who == Visitor || r.Who == Badge || r.Who == Guest {
			continue
		}
		if res := admin.do(r.Method, concrete(r.Path), map[string]any{}); res.status != http.StatusForbidden {
			t.Errorf("%s %s did %d %s for another site", r.Method, r.Path, res.status, res.text)
		}
	}
	admin.header["Sec-Fetch-Site"] = "same-origin"
	admin.must(201, "POST", "/staff/teams", map[string]any{"name": "Spot"})

	// A bearer token is sent by the page itself, never by the browser alone.
	app := e.browser()
	app.header = map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "capacitor://app", "Authorization": "Bearer vst_wrong"}
	if res := app.do("POST", "/visitor/conversations", map[string]any{}); res.status != http.StatusUnauthorized {
		t.Errorf("a native application's request ended with %d %s", res.status, res.text)
	}
}

func TestWrongInputIsExplainedPerFieldAndNeverRepeated(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	_, admin := e.member(desk.Admin, "admin@meridian.example")
	for _, c := range []struct {
		name, method, path string
		in                 any
		status             int
		fields             map[string]string
		locale             string
	}{
		{"missing", "POST", "/auth/sign-in", map[string]any{"email": "a@b.example"}, 422, map[string]string{"password": "This is needed."}, "en"},
		{"missing, in Chinese", "POST", "/auth/sign-in", map[string]any{"email": "a@b.example"}, 422, map[string]string{"password": "此项必填。"}, "zh-CN"},
		{"of the wrong type", "POST", "/auth/sign-in", map[string]any{"email": "a@b.example", "password": 123456}, 422, map[string]string{"password": "This is not valid."}, "en"},
		{"too long", "POST", "/auth/sign-in", map[string]any{"email": strings.Repeat("e", 300), "password": "hunter2hunter2"}, 422, map[string]string{"email": "This is too long."}, "en"},
		{"unknown", "POST", "/auth/totp", map[string]any{"code": "123456", "extra": "hunter2"}, 401, nil, "en"},
		{"no address of ours", "GET", "/nothing", nil, 404, nil, "en"},
		{"no identifier", "PATCH", "/staff/agents/hunter2", map[string]any{}, 404, nil, "en"},
		{"a limit out of range", "GET", "/audit?limit=100000", nil, 422, map[string]string{"limit": "This must be a number in the allowed range."}, "en"},
		{"a cursor of nobody's", "GET", "/audit?before=hunter2", nil, 422, map[string]string{"before": "This is not valid."}, "en"},
		{"a role of nobody's", "POST", "/staff/invitations", map[string]any{"email": "x@y.example", "role": "king"}, 422, map[string]string{"role": "Choose one of the offered values."}, "en"},
		{"no email", "POST", "/staff/invitations", map[string]any{"email": "hunter2", "role": "agent"}, 422, map[string]string{"email": "This is not an email address."}, "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &browser{e: e, ip: "203.0.113.5", locale: c.locale}
			if !strings.HasPrefix(c.path, "/auth") {
				b.cookie = admin.cookie
			}
			res := b.do(c.method, c.path, c.in)
			if res.status != c.status || res.str("message") == "" || res.str("request_id") == "" || strings.Contains(res.text, "hunter2") {
				t.Errorf("%d %s", res.status, res.text)
			}
			for name, want := range c.fields {
				if got := res.str("fields." + name); got != want {
					t.Errorf("field %s says %q, want %q (%s)", name, got, want, res.text)
				}
			}
		})
	}
	res := httptest.NewRecorder()
	r := httptest.NewRequest("POST", prefix+"/auth/sign-in", strings.NewReader(`{"password":"hunter2`))
	e.handler.ServeHTTP(res, r)
	if res.Code != 422 || strings.Contains(res.Body.String(), "hunter2") || !strings.Contains(res.Body.String(), `"code":"invalid"`) {
		t.Errorf("broken JSON: %d %s", res.Code, res.Body)
	}
	r = httptest.NewRequest("POST", prefix+"/auth/sign-in", strings.NewReader(`{"password":"`+strings.Repeat("x", 300<<10)+`"}`))
	res = httptest.NewRecorder()
	e.handler.ServeHTTP(res, r)
	if res.Code != 413 {
		t.Errorf("a body of 300 KiB: %d %.200s", res.Code, res.Body)
	}
}

// Engineers generate clients from the description; it must be there and whole.
func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, httptest.NewRequest("GET", "/api/openapi.json", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"openapi":"3.1.0"`) {
		t.Fatalf("%d %.200s", w.Code, w.Body)
	}
	for _, r := range e.api.Routes() {
		if !strings.Contains(w.Body.String(), `"`+prefix+r.Path+`"`) {
			t.Errorf("%s is not described", r.Path)
		}
	}
	if strings.Contains(w.Body.String(), "$schema") {
		t.Error("answers carry $schema links")
	}
}
