package inbox

import (
	"context"
	"encoding/json"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
)

// DropUnsent and DropOrphans run the cleaning up at once.
func (f *Files) DropUnsent(ctx context.Context) error {
	_, err := f.dropUnsent(ctx, jobs.Job{})
	return err
}

func (f *Files) DropOrphans(ctx context.Context) error {
	_, err := f.dropOrphans(ctx, jobs.Job{})
	return err
}

// FinishAgain runs the job behind a check; last says that it is the last try.
func (f *Files) FinishAgain(ctx context.Context, id desk.ID, last bool) error {
	payload, err := json.Marshal(finishJob{id})
	if err != nil {
		return err
	}
	j := jobs.Job{Payload: payload, Attempt: 1, MaxAttempts: 12}
	if last {
		j.Attempt = 12
	}
	_, err = f.finishAgain(ctx, j)
	return err
}
