package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

func (a *API) jobRoutes() []Route {
	return []Route{
		route("GET", "/jobs", desk.ManageJobs, a.listJobs),
		route("POST", "/jobs/{id}/replay", desk.ManageJobs, a.replayJob),
	}
}

type jobsInput struct {
	State store.JobState `query:"state" enum:"pending,running,done,dead" default:"dead"`
	Limit int            `query:"limit" minimum:"1" maximum:"200" default:"100"`
}

type jobList struct {
	Jobs   []store.Job              `json:"jobs" doc:"latest first; what a job is about is not shown"`
	Counts map[store.JobState]int64 `json:"counts" doc:"jobs in each state"`
}

func (a *API) listJobs(ctx context.Context, in *jobsInput) (*body[jobList], error) {
	q := a.Store.Read(ctx)
	list, err := q.Jobs(in.State, in.Limit)
	if err != nil {
		return nil, err
	}
	counts, err := q.CountJobs()
	return answered(jobList{list, counts}, err)
}

// replayJob gives a dead job all its attempts again.
func (a *API) replayJob(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.Store.Write(ctx, func(tx *store.Tx) error {
		job, err := tx.Job(in.ID.ID)
		if err != nil {
			return err
		}
		if err := jobs.Replay(tx, job.ID); err != nil {
			return err
		}
		return tx.Audit(ActorFrom(ctx), "job.replay", "job", job.ID, map[string]any{"kind": job.Kind})
	})
}
