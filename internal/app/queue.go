package app

import (
	"context"
	"time"

	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/jobs"
)

// pruneQueue forgets old waits once a day.
func (a *app) pruneQueue() {
	const prune = "queue.prune"
	a.jobs.Register(prune, func(context.Context, jobs.Job) (jobs.Effect, error) { return inbox.PruneQueue, nil })
	a.jobs.Every(prune, 24*time.Hour, prune)
}
