package store

import "github.com/veridesk/veridesk/internal/desk"

// Session is a signed-in browser of an agent. The token is in a cookie; only
// its SHA-256 (hexadecimal) is stored.
type Session struct {
	ID         desk.ID
	TokenHash  string
	AgentID    desk.ID
	Level      string // "password": a second step is due; "full"
	IP         string
	UserAgent  string
	CreatedAt  desk.Micros
	LastSeenAt desk.Micros
	ExpiresAt  desk.Micros // whatever happens
}

const sessionColumns = `id, token_hash, agent_id, level, ip, user_agent, created_at, last_seen_at, expires_at`

func sessionFields(s *Session) []any {
	return []any{&s.ID, &s.TokenHash, &s.AgentID, &s.Level, &s.IP, &s.UserAgent, &s.CreatedAt, &s.LastSeenAt, &s.ExpiresAt}
}

// SessionByHash returns a session by the hash of its token, or a NotFound
// error. Whether it is still valid is for the caller to judge.
func (q Query) SessionByHash(hash string) (*Session, error) {
	s := new(Session)
	if err := q.row(`SELECT `+sessionColumns+` FROM session WHERE token_hash = $1`, hash).scan(sessionFields(s)...); err != nil {
		return nil, err
	}
	return s, nil
}

// AgentSessions returns an agent's sessions of a level that have not expired
// and were seen after idleSince, the latest used first.
func (q Query) AgentSessions(agent desk.ID, level string, idleSince desk.Micros) ([]Session, error) {
	return collect(q, func(r scanner) (s Session, err error) {
		err = r.Scan(sessionFields(&s)...)
		return s, err
	}, `SELECT `+sessionColumns+` FROM session WHERE agent_id = $1 AND level = $2 AND expires_at > $3 AND last_seen_at > $4
		ORDER BY last_seen_at DESC, id DESC`, agent, level, q.Now(), idleSince)
}

// InsertSession stores a session and sets its ID when zero.
func (tx *Tx) InsertSession(s *Session) error {
	if s.ID == 0 {
		s.ID = tx.NewID()
	}
	_, err := tx.exec(`INSERT INTO session (`+sessionColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		s.ID, s.TokenHash, s.AgentID, s.Level, s.IP, s.UserAgent, s.CreatedAt, s.LastSeenAt, s.ExpiresAt)
	return err
}

// TouchSession notes that a session and its agent were seen.
func (tx *Tx) TouchSession(id, agent desk.ID, at desk.Micros, ip string) error {
	if err := tx.execOne(`UPDATE session SET last_seen_at = $1, ip = $2 WHERE id = $3`, at, ip, id); err != nil {
		return err
	}
	return tx.execOne(`UPDATE agent SET last_seen_at = $1 WHERE id = $2`, at, agent)
}

// DeleteSession ends one session of an agent; none is NotFound.
func (tx *Tx) DeleteSession(agent, id desk.ID) error {
	return tx.execOne(`DELETE FROM session WHERE agent_id = $1 AND id = $2`, agent, id)
}

// DeleteSessions ends all sessions of an agent except one (zero: all) and
// returns those that ended.
func (tx *Tx) DeleteSessions(agent, except desk.ID) ([]desk.ID, error) {
	return collect(tx.Query, func(r scanner) (id desk.ID, err error) {
		err = r.Scan(&id)
		return id, err
	}, `DELETE FROM session WHERE agent_id = $1 AND id <> $2 RETURNING id`, agent, except)
}

// Ceremony is the server's half of a passkey ceremony that is under way.
type Ceremony struct {
	IDHash    string
	Kind      string
	Data      string // JSON
	ExpiresAt desk.Micros
}

// InsertCeremony stores a ceremony.
func (tx *Tx) InsertCeremony(c Ceremony) error {
	_, err := tx.exec(`INSERT INTO ceremony (id_hash, kind, data, expires_at) VALUES ($1, $2, $3, $4)`, c.IDHash, c.Kind, c.Data, c.ExpiresAt)
	return err
}

// TakeCeremony removes a ceremony and returns it, so that it can be finished
// only once; one that is unknown, of another kind or expired is NotFound.
func (tx *Tx) TakeCeremony(idHash, kind string) (c Ceremony, err error) {
	err = tx.row(`DELETE FROM ceremony WHERE id_hash = $1 AND kind = $2 AND expires_at > $3 RETURNING id_hash, kind, data, expires_at`,
		idHash, kind, tx.Now()).scan(&c.IDHash, &c.Kind, &c.Data, &c.ExpiresAt)
	return c, err
}

// PruneSignIn removes sessions and ceremonies that have expired, sessions idle
// since before idleSince, and throttle rows not touched since quietSince. It
// returns how many rows went.
func (tx *Tx) PruneSignIn(idleSince, quietSince desk.Micros) (int64, error) {
	now := tx.Now()
	var total int64
	for _, d := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM session WHERE expires_at <= $1 OR last_seen_at <= $2`, []any{now, idleSince}},
		{`DELETE FROM ceremony WHERE expires_at <= $1`, []any{now}},
		{`DELETE FROM throttle WHERE window_start <= $1`, []any{quietSince}},
	} {
		n, err := tx.exec(d.query, d.args...)
		if err != nil {
			return total, err
		}
		total += n
	}
	return total, nil
}
