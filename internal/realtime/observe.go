package realtime

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/prometheus/client_golang/prometheus"
)

type hubMetrics struct {
	registry    prometheus.Registerer
	dropped     prometheus.Counter
	redisErrors prometheus.Counter
	redisUp     prometheus.Gauge
	refused     *prometheus.CounterVec
	missed      *atomic.Bool // events may have been missed since the last resync
}

func newHubMetrics(reg prometheus.Registerer) hubMetrics {
	if reg == nil {
		reg = prometheus.NewRegistry()
	}
	m := hubMetrics{
		registry:    reg,
		dropped:     prometheus.NewCounter(prometheus.CounterOpts{Name: "veridesk_realtime_dropped_total", Help: "Events dropped because Redis was slower than the desk."}),
		redisErrors: prometheus.NewCounter(prometheus.CounterOpts{Name: "veridesk_realtime_redis_errors_total", Help: "Events that Redis did not take."}),
		redisUp:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "veridesk_realtime_redis_up", Help: "1 while Redis answers; stays 0 without Redis."}),
		refused:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "veridesk_realtime_refused_total", Help: "Connections refused before they began, by reason."}, []string{"reason"}),
		missed:      &atomic.Bool{},
	}
	for _, c := range []prometheus.Collector{m.dropped, m.redisErrors, m.redisUp, m.refused} {
		if err := reg.Register(c); err != nil {
			slog.Warn("a metric could not be registered", "error", err)
		}
	}
	return m
}

// quietLog says the same thing once per interval: ten thousand connections
// that lose Redis together are one piece of news.
type quietLog struct {
	log   *slog.Logger
	every time.Duration
	mu    sync.Mutex
	last  map[string]time.Time
}

func newQuietLog(log *slog.Logger, every time.Duration) *quietLog {
	return &quietLog{log: log, every: every, last: map[string]time.Time{}}
}

func (q *quietLog) warn(message string, args ...any) {
	if q.due(message) {
		q.log.Warn(message, args...)
	}
}

func (q *quietLog) due(message string) bool {
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	if now.Sub(q.last[message]) < q.every {
		return false
	}
	q.last[message] = now
	return true
}

// logCentrifuge passes on what the library has to say. Its messages are few and
// constant; fields may name channels and clients, never payloads: entries that
// carry a client's raw data are cut.
func (h *Hub) logCentrifuge(e centrifuge.LogEntry) {
	if e.Level >= centrifuge.LogLevelError && strings.Contains(strings.ToLower(e.Message), "pub/sub") {
		h.metrics.missed.Store(true) // the subscription broke: something may have passed by
	}
	level := slog.LevelDebug
	switch {
	case e.Level >= centrifuge.LogLevelError:
		level = slog.LevelWarn
	case e.Level >= centrifuge.LogLevelWarn:
		level = slog.LevelInfo
	}
	if level > slog.LevelDebug && !h.quiet.due(e.Message) {
		return
	}
	args := make([]any, 0, 2*len(e.Fields))
	for k, v := range e.Fields {
		switch k {
		case "data", "req", "command", "reply", "push":
			continue
		}
		args = append(args, k, v)
	}
	h.log.Log(context.Background(), level, "realtime: "+e.Message, args...)
}
