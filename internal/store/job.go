package store

import (
	"fmt"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// JobState is where a durable job stands.
type JobState string

// The states of a job.
const (
	JobPending JobState = "pending" // waits for its time or for a worker
	JobRunning JobState = "running" // a node holds its lease
	JobDone    JobState = "done"    // its effect is committed
	JobDead    JobState = "dead"    // given up; a person may replay it
)

// Valid reports whether s is one of the states.
func (s JobState) Valid() bool {
	return s == JobPending || s == JobRunning || s == JobDone || s == JobDead
}

// Job is a row of durable work. Package jobs gives it meaning.
type Job struct {
	ID          desk.ID     `json:"id"`
	Kind        string      `json:"kind"`
	Payload     string      `json:"-"` // JSON; may name people, so it is not listed
	UniqueKey   string      `json:"-"` // "" = none
	State       JobState    `json:"state" enum:"pending,running,done,dead"`
	Lane        int         `json:"-"` // 0 is served first
	RunAt       desk.Micros `json:"run_at"`
	Attempts    int         `json:"attempts" doc:"how often a node has begun it"`
	MaxAttempts int         `json:"max_attempts"`
	LeaseToken  int64       `json:"-"`
	LeaseUntil  desk.Micros `json:"-"`
	LastError   string      `json:"last_error"`
	CreatedAt   desk.Micros `json:"created_at"`
	FinishedAt  desk.Micros `json:"finished_at"`
}

// JobLanes is the number of lanes; a job's lane is 0 … JobLanes-1.
const JobLanes = 3

const jobColumns = `id, kind, payload, COALESCE(unique_key, ''), state, priority, run_at, attempts, max_attempts,
	lease_token, lease_until, last_error, created_at, finished_at`

func scanJob(r scanner) (j Job, err error) {
	err = r.Scan(&j.ID, &j.Kind, &j.Payload, &j.UniqueKey, &j.State, &j.Lane, &j.RunAt, &j.Attempts, &j.MaxAttempts,
		&j.LeaseToken, &j.LeaseUntil, &j.LastError, &j.CreatedAt, &j.FinishedAt)
	return j, err
}

// InsertJob stores a pending job and gives it an identifier. When a living job
// has the same unique key nothing is stored and it returns false.
func (tx *Tx) InsertJob(j *Job) (bool, error) {
	j.ID, j.State, j.CreatedAt = tx.NewID(), JobPending, tx.Now()
	n, err := tx.exec(`INSERT INTO job (id, kind, payload, unique_key, state, priority, run_at, max_attempts, created_at)
		VALUES ($1, $2, $3, NULLIF($4, ''), $5, $6, $7, $8, $9) ON CONFLICT (unique_key) DO NOTHING`,
		j.ID, j.Kind, j.Payload, j.UniqueKey, j.State, j.Lane, j.RunAt, j.MaxAttempts, j.CreatedAt)
	return n > 0, err
}

// NextJobAt returns the earliest moment at which a job becomes due, a lease runs
// out or one of the named schedules ticks; zero when there is nothing to wait
// for. It is the cheap question that an idle runner asks.
func (q Query) NextJobAt(schedules []string) (desk.Micros, error) {
	var parts []string
	var args []any
	for lane := range JobLanes {
		parts = append(parts, fmt.Sprintf(`SELECT MIN(run_at) AS at FROM job WHERE state = 'pending' AND priority = %d`, lane))
	}
	parts = append(parts, `SELECT MIN(lease_until) AS at FROM job WHERE state = 'running'`)
	if len(schedules) > 0 {
		var marks string
		marks, args = placeholders(args, schedules)
		parts = append(parts, `SELECT MIN(next_run_at) AS at FROM job_schedule WHERE name IN (`+marks+`)`)
	}
	var at desk.Micros
	err := q.row(`SELECT COALESCE(MIN(at), 0) FROM (`+strings.Join(parts, ` UNION ALL `)+`) AS next`, args...).scan(&at)
	return at, err
}

// ClaimJobs takes up to limit due jobs of the given kinds, lowest lane first,
// until the moment until. Each carries the same new lease token: whatever is
// said about a job later must name it.
func (tx *Tx) ClaimJobs(kinds []string, now, until desk.Micros, limit int) ([]Job, error) {
	var claimed []Job
	token := int64(tx.NewID())
	// The dialect fragment: on PostgreSQL nodes step over rows that others are
	// just claiming; SQLite has one writer.
	lock := ""
	if tx.s.engine == Postgres {
		lock = "FOR UPDATE SKIP LOCKED"
	}
	for lane := 0; lane < JobLanes && len(claimed) < limit; lane++ {
		marks, args := placeholders([]any{until, token, lane, now, limit - len(claimed)}, kinds)
		got, err := collect(tx.Query, scanJob, `UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = $1, lease_token = $2
			WHERE id IN (SELECT id FROM job WHERE state = 'pending' AND priority = $3 AND run_at <= $4
				AND kind IN (`+marks+`) ORDER BY run_at, id LIMIT $5 `+lock+`)
			RETURNING `+jobColumns, args...)
		if err != nil {
			return nil, err
		}
		claimed = append(claimed, got...)
	}
	return claimed, nil
}

// ReclaimJobs ends the leases that ran out before now: their node has died or
// stood still. Jobs with attempts left become pending, the others dead. It
// returns how many of each.
func (tx *Tx) ReclaimJobs(now desk.Micros) (pending, dead int64, err error) {
	dead, err = tx.exec(`UPDATE job SET state = 'dead', unique_key = NULL, lease_token = 0, lease_until = 0, finished_at = $1,
		last_error = 'the node that ran it went away during the last attempt'
		WHERE state = 'running' AND lease_until < $1 AND attempts >= max_attempts`, now)
	if err != nil {
		return 0, 0, err
	}
	pending, err = tx.exec(`UPDATE job SET state = 'pending', lease_token = 0, lease_until = 0, run_at = $1,
		last_error = 'the node that ran it went away' WHERE state = 'running' AND lease_until < $1`, now)
	return pending, dead, err
}

// RenewJob extends a lease. NotFound: the lease is lost.
func (tx *Tx) RenewJob(id desk.ID, token int64, until desk.Micros) error {
	return tx.execOne(`UPDATE job SET lease_until = $1 WHERE id = $2 AND lease_token = $3 AND state = 'running'`, until, id, token)
}

// FinishJob marks a job done and forgets its payload, which may name people or
// carry a link. NotFound: the lease is lost, and the caller's transaction must
// not be committed.
func (tx *Tx) FinishJob(id desk.ID, token int64) error {
	return tx.execOne(`UPDATE job SET state = 'done', payload = '', unique_key = NULL, lease_token = 0, lease_until = 0, last_error = '', finished_at = $1
		WHERE id = $2 AND lease_token = $3 AND state = 'running'`, tx.Now(), id, token)
}

// RetryJob puts a failed job back until runAt. NotFound: the lease is lost.
func (tx *Tx) RetryJob(id desk.ID, token int64, runAt desk.Micros, reason string) error {
	return tx.execOne(`UPDATE job SET state = 'pending', lease_token = 0, lease_until = 0, run_at = $1, last_error = $2
		WHERE id = $3 AND lease_token = $4 AND state = 'running'`, runAt, reason, id, token)
}

// ReleaseJob gives a claimed job back as if it had not been begun. NotFound:
// the lease is lost.
func (tx *Tx) ReleaseJob(id desk.ID, token int64) error {
	return tx.execOne(`UPDATE job SET state = 'pending', lease_token = 0, lease_until = 0, attempts = attempts - 1
		WHERE id = $1 AND lease_token = $2 AND state = 'running'`, id, token)
}

// BuryJob gives a job up. NotFound: the lease is lost.
func (tx *Tx) BuryJob(id desk.ID, token int64, reason string) error {
	return tx.execOne(`UPDATE job SET state = 'dead', unique_key = NULL, lease_token = 0, lease_until = 0, last_error = $1, finished_at = $2
		WHERE id = $3 AND lease_token = $4 AND state = 'running'`, reason, tx.Now(), id, token)
}

// ReplayJob gives a dead job all its attempts again, from now on. NotFound:
// there is no such job, or it is not dead.
func (tx *Tx) ReplayJob(id desk.ID) error {
	now, err := tx.DatabaseNow()
	if err != nil {
		return err
	}
	return tx.execOne(`UPDATE job SET state = 'pending', attempts = 0, run_at = $1, finished_at = 0
		WHERE id = $2 AND state = 'dead'`, now, id)
}

// PruneJobs deletes up to limit jobs that were done before a moment, and
// returns how many.
func (tx *Tx) PruneJobs(before desk.Micros, limit int) (int64, error) {
	return tx.exec(`DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'done' AND finished_at < $1 LIMIT $2)`, before, limit)
}

// Job returns one job.
func (q Query) Job(id desk.ID) (Job, error) {
	return scanOne(q.row(`SELECT `+jobColumns+` FROM job WHERE id = $1`, id), scanJob)
}

// Jobs lists jobs in a state, the latest first, at most limit.
func (q Query) Jobs(state JobState, limit int) ([]Job, error) {
	return collect(q, scanJob, `SELECT `+jobColumns+` FROM job WHERE state = $1 ORDER BY run_at DESC, id DESC LIMIT $2`, state, limit)
}

// CountJobs counts the jobs by state; states without any are present with 0.
func (q Query) CountJobs() (map[JobState]int64, error) {
	counts := map[JobState]int64{JobPending: 0, JobRunning: 0, JobDone: 0, JobDead: 0}
	type count struct {
		state JobState
		n     int64
	}
	rows, err := collect(q, func(r scanner) (c count, err error) {
		err = r.Scan(&c.state, &c.n)
		return c, err
	}, `SELECT state, COUNT(*) FROM job GROUP BY state`)
	for _, c := range rows {
		counts[c.state] = c.n
	}
	return counts, err
}

// EnsureSchedule stores how often a schedule ticks; a new one is due at once.
// When the interval became shorter the next tick moves closer.
func (tx *Tx) EnsureSchedule(name string, every int64, now desk.Micros) error {
	_, err := tx.exec(`INSERT INTO job_schedule (name, every, next_run_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET every = excluded.every,
			next_run_at = CASE WHEN job_schedule.next_run_at > excluded.next_run_at + excluded.every
				THEN excluded.next_run_at + excluded.every ELSE job_schedule.next_run_at END`, name, every, now)
	return err
}

// TickSchedule moves a due schedule to its next time and returns true: among
// nodes that ask at once, one is told so. Ticks that were missed while nobody
// ran are one tick.
func (tx *Tx) TickSchedule(name string, now desk.Micros) (bool, error) {
	n, err := tx.exec(`UPDATE job_schedule SET next_run_at = next_run_at + (($1 - next_run_at) / every + 1) * every
		WHERE name = $2 AND next_run_at <= $1`, now, name)
	return n > 0, err
}
