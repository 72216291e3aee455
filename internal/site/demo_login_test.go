package site_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/site"
)

// over answers a client from a handler.
type over struct{ http.Handler }

func (o over) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	o.ServeHTTP(w, r)
	return w.Result(), nil
}

func tokenOf(h http.Handler, uid string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://localhost:8081/support-token/"+uid, nil))
	return w
}

// Whoever tries the demo signs in as somebody; what they see in the code is what
// their own engineers would write.
func TestDemoExchangeSignsItsCustomersIn(t *testing.T) {
	h, err := site.DemoExchange("http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	login, err := customer.NewLogin(customer.LoginConfig{
		JWKSURL: "http://localhost:8081" + site.DemoKeysPath, Audience: site.DemoAudience, Issuer: site.DemoIssuer, Client: &http.Client{Transport: over{h}},
	})
	if err != nil {
		t.Fatal(err)
	}
	page := get(h, "/zh-CN").Body.String()
	for uid, name := range map[string]string{"88001234": "Lin", "88005678": "Chen"} {
		w := tokenOf(h, uid)
		who, err := login.Verify(t.Context(), w.Body.String())
		if err != nil || who.UID != uid || *who.Name != name || *who.Tier == "" || *who.Entity == "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %+v, %v", uid, who, err)
		}
		if !strings.Contains(page, `<option value="`+uid+`">`+name) {
			t.Errorf("%s is not to be chosen", name)
		}
	}
	if w := tokenOf(h, "88009999"); w.Code != http.StatusNotFound {
		t.Errorf("a token for nobody's account: %d %s", w.Code, w.Body)
	}
	if w := get(h, "/support-token/88001234"); w.Code == http.StatusOK {
		t.Error("a link from anywhere would make a token")
	}
	other, err := site.DemoExchange("http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := login.Verify(t.Context(), tokenOf(other, "88001234").Body.String()); err == nil {
		t.Error("a token of another exchange was accepted")
	}
	w := get(h, site.DemoKeysPath)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"crv":"Ed25519"`) || strings.Contains(w.Body.String(), `"d":`) {
		t.Errorf("the keys: %d %s", w.Code, w.Body)
	}
	if w := get(h, "/exchange.js"); w.Code != 200 || !strings.Contains(w.Header().Get("Content-Type"), "javascript") || !strings.Contains(w.Body.String(), "'identify'") {
		t.Errorf("the script: %d", w.Code)
	}
}
