package app

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// check is one thing that must work.
type check struct {
	name string
	// required: without it the node cannot serve. The others only degrade it
	// (without Redis live updates fall back to polling, without the
	// object store files wait).
	required bool
	run      func(context.Context) error
}

// health runs the checks at most once a second, however often it is asked.
type health struct {
	checks []check

	mu     sync.Mutex
	at     time.Time
	result healthReport
}

type healthReport struct {
	Status string                 `json:"status"` // ok, degraded or failing
	Checks map[string]checkReport `json:"checks"`
}

type checkReport struct {
	OK     bool   `json:"ok"`
	Error  string `json:"error,omitempty"`
	Micros int64  `json:"took_us"`
}

func (h *health) report(ctx context.Context) healthReport {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.at) < time.Second {
		return h.result
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	out := healthReport{Status: "ok", Checks: map[string]checkReport{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, c := range h.checks {
		wg.Go(func() {
			began := time.Now()
			err := c.run(ctx)
			r := checkReport{OK: err == nil, Micros: time.Since(began).Microseconds()}
			if err != nil {
				r.Error = safeText(err)
			}
			mu.Lock()
			defer mu.Unlock()
			out.Checks[c.name] = r
			switch {
			case err != nil && c.required:
				out.Status = "failing"
			case err != nil && out.Status == "ok":
				out.Status = "degraded"
			}
		})
	}
	wg.Wait()
	h.at, h.result = time.Now(), out
	return out
}

// safeText keeps addresses and file names of the installation from strangers.
func safeText(err error) string {
	if e, ok := err.(*desk.Error); ok {
		return e.Message
	}
	return "failing; see the log"
}

// serveHealth answers /healthz: 200 while the node can serve (also degraded),
// 503 when it cannot.
func (h *health) serveHealth(w http.ResponseWriter, r *http.Request) {
	report := h.report(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if report.Status == "failing" {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	json.NewEncoder(w).Encode(report) //nolint:errcheck // the client has gone
}

// guardMetrics lets through whoever has the token. Without one, metrics are for
// a machine that only talks to itself: behind a reverse proxy every caller looks
// local.
func guardMetrics(token, publicURL string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case token != "":
			given, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if !ok || subtle.ConstantTimeCompare([]byte(given), []byte(token)) != 1 {
				http.Error(w, "metrics need the bearer token of metrics_token", http.StatusUnauthorized)
				return
			}
		case !local(publicURL, r.RemoteAddr):
			http.Error(w, "set metrics_token to read metrics of a public installation", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// local reports whether an installation is on localhost and the caller too.
func local(publicURL, remote string) bool {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() != "localhost" {
		return false
	}
	addr, err := netip.ParseAddrPort(remote)
	return err == nil && addr.Addr().Unmap().IsLoopback()
}
