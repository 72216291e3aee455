package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/veridesk/veridesk/internal/store"
)

type runnerMetrics struct {
	runs    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
}

func newRunnerMetrics(s *store.Store, reg prometheus.Registerer) *runnerMetrics {
	m := &runnerMetrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "veridesk_job_runs_total", Help: "Runs of jobs on this node, by kind and outcome (done, failed, dead, interrupted, lost).",
		}, []string{"kind", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "veridesk_job_seconds", Help: "How long a run took.", Buckets: []float64{.005, .02, .1, .5, 2, 10, 60},
		}, []string{"kind"}),
	}
	if reg == nil {
		return m
	}
	for _, c := range []prometheus.Collector{m.runs, m.seconds, stateCollector{s}} {
		if err := reg.Register(c); err != nil {
			slog.Warn("a metric could not be registered", "error", err)
		}
	}
	return m
}

func (m *runnerMetrics) ran(kind, outcome string, took time.Duration) {
	m.runs.WithLabelValues(kind, outcome).Inc()
	m.seconds.WithLabelValues(kind).Observe(took.Seconds())
}

// stateCollector counts the jobs in the database when it is asked.
type stateCollector struct{ s *store.Store }

var stateDesc = prometheus.NewDesc("veridesk_jobs", "Jobs in the database, by state (the same on every node).", []string{"state"}, nil)

func (stateCollector) Describe(ch chan<- *prometheus.Desc) { ch <- stateDesc }

func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	counts, err := c.s.Read(ctx).CountJobs()
	if err != nil {
		// No value rather than a failed scrape: the other metrics tell why.
		slog.Debug("jobs could not be counted", "error", err)
		return
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(stateDesc, prometheus.GaugeValue, float64(n), string(state))
	}
}
