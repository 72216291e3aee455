package app

import (
	"context"
	"time"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/store"
)

// openOfficial opens the registry of contacts, and what is announced: its links
// are judged by the registry.
func (a *app) openOfficial(ctx context.Context) (err error) {
	a.official, err = official.Open(ctx, official.Config{Store: a.store, Logger: a.log})
	if err != nil {
		return err
	}
	a.announce, err = announce.New(ctx, announce.Config{Store: a.store, MayLink: a.mayLink, Logger: a.log})
	const prune = "usage.prune"
	a.jobs.Register(prune, func(context.Context, jobs.Job) (jobs.Effect, error) {
		return (*store.Tx).PruneUsage, nil
	})
	a.jobs.Every(prune, 24*time.Hour, prune)
	return err
}

// mayLink reports whether the desk may point customers to an address.
func (a *app) mayLink(rawURL string) bool {
	v := a.official.Judge(rawURL)
	return v.Status == official.Official || v.Status == official.Reference
}

// judgeLink tells editors what the registry says about an article's link.
func (a *app) judgeLink(rawURL string) helpcenter.LinkStatus {
	return helpcenter.LinkStatus(a.official.Judge(rawURL).Status) // the words are the same
}
