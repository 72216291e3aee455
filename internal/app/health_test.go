package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// Metrics tell how many customers write and when: they are not for everybody.
func TestMetricsAreGuarded(t *testing.T) {
	const home, public = "http://localhost:8080", "https://help.meridian.example"
	for name, tc := range map[string]struct {
		token, url, remote, auth string
		want                     int
	}{
		"this machine":             {"", home, "127.0.0.1:1", "", 200},
		"this machine, IPv6":       {"", home, "[::1]:1", "", 200},
		"another machine":          {"", home, "192.0.2.1:1", "", 403},
		"a proxy on this machine":  {"", public, "127.0.0.1:1", "", 403},
		"token":                    {"t0ken", public, "192.0.2.1:1", "Bearer t0ken", 200},
		"wrong token":              {"t0ken", public, "127.0.0.1:1", "Bearer other", 401},
		"no token, though at home": {"t0ken", home, "127.0.0.1:1", "", 401},
	} {
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.RemoteAddr = tc.remote
		if tc.auth != "" {
			r.Header.Set("Authorization", tc.auth)
		}
		w := httptest.NewRecorder()
		guardMetrics(tc.token, tc.url, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})).ServeHTTP(w, r)
		if w.Code != tc.want {
			t.Errorf("%s: %d, want %d", name, w.Code, tc.want)
		}
	}
}
