package api

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// An administrator could not see which mails never left, nor send them again;
// and the list must not show what is in them.
func TestDeadJobsAreListedAndReplayed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			if err := jobs.Enqueue(tx, "mail.send", map[string]string{"link": "https://desk.example/secret-link"}, jobs.MaxAttempts(1)); err != nil {
				return err
			}
			now, err := tx.DatabaseNow()
			if err != nil {
				return err
			}
			claimed, err := tx.ClaimJobs([]string{"mail.send"}, now, now, 1)
			if err != nil || len(claimed) != 1 {
				return errors.Join(err, errors.New("nothing was claimed"))
			}
			return tx.BuryJob(claimed[0].ID, claimed[0].LeaseToken, "no such mailbox")
		})
		if err != nil {
			t.Fatal(err)
		}
		a := New(Deps{Store: s})
		out, err := a.listJobs(t.Context(), &jobsInput{State: store.JobDead, Limit: 10})
		if err != nil || len(out.Body.Jobs) != 1 || out.Body.Counts[store.JobDead] != 1 {
			t.Fatalf("%+v %v", out, err)
		}
		b, err := json.Marshal(out.Body)
		if err != nil || strings.Contains(string(b), "secret-link") || !strings.Contains(string(b), `"last_error":"no such mailbox"`) {
			t.Fatalf("%s %v", b, err)
		}
		id := &byID{ID: IDParam{out.Body.Jobs[0].ID}}
		if _, err := a.replayJob(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := a.replayJob(t.Context(), id); desk.CodeOf(err) != desk.NotFound {
			t.Fatalf("replayed twice: %v", err)
		}
		entries, _, err := s.Read(t.Context()).AuditEntries("", 10)
		if err != nil || len(entries) != 1 || entries[0].Action != "job.replay" {
			t.Fatalf("audit: %+v %v", entries, err)
		}
	})
}
