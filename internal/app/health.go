package app

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
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

// localOnly serves to callers on this machine alone, and not through a reverse
// proxy on it.
func localOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(host)
		if err != nil || ip == nil || !ip.IsLoopback() || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" || r.Header.Get("X-Real-IP") != "" {
			http.Error(w, "metrics are served to this machine only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
