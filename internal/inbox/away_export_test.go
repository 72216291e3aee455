package inbox

import "github.com/veridesk/veridesk/internal/jobs"

// Handlers are what Register gives to a runner, for tests that do not wait.
func (in *Inbox) Handlers() map[string]jobs.Handler {
	return map[string]jobs.Handler{KindAway: in.tellAway, KindMail: in.mailAnswers, KindRetention: in.retire}
}

// KeepFor changes how long resolved conversations are kept.
func (in *Inbox) KeepFor(days int) { in.out.RetentionDays = days }
