package staff

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// How long a session lives.
const (
	// Absolute is the longest a session lasts, however much it is used.
	Absolute = 7 * 24 * time.Hour
	// Idle ends a session that nobody uses.
	Idle = 12 * time.Hour
	// SecondStep is how long somebody has for the second step of signing in.
	SecondStep = 10 * time.Minute
	// touchEvery bounds how often a session in use is written.
	touchEvery = time.Minute
	// cacheFor is how long a verified session is believed without asking the
	// database.
	cacheFor = 10 * time.Second
	// cacheMost bounds the remembered sessions; beyond it all are forgotten.
	cacheMost = 10_000
)

// The levels of a session.
const (
	LevelPassword = "password" // the password was right; the second step is due
	LevelFull     = "full"
)

// Session is somebody who is signed in.
type Session struct {
	ID        desk.ID
	Level     string
	ExpiresAt desk.Micros
	// Agent is shared between requests: read it, do not change it.
	Agent *desk.Agent
	From  Client
}

// Actor returns who is responsible for what this session does, for the audit
// log.
func (s *Session) Actor() store.Actor { return s.From.agent(s.Agent) }

type cachedSession struct {
	session Session
	until   time.Time
}

// sessionCache remembers verified sessions by the hash of their token.
type sessionCache struct {
	mu         sync.Mutex
	byHash     map[string]cachedSession
	generation uint64 // grows with every invalidation
}

func (c *sessionCache) get(hash string, now time.Time) (*Session, uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byHash[hash]
	// The lower bound matters when the clock is set back.
	if !ok || !now.Before(e.until) || now.Before(e.until.Add(-cacheFor)) {
		return nil, c.generation
	}
	s := e.session
	return &s, c.generation
}

// put remembers a session, unless something was invalidated since the
// generation was read: the session may be what was invalidated.
func (c *sessionCache) put(hash string, s Session, now time.Time, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.generation != generation {
		return
	}
	if c.byHash == nil || len(c.byHash) >= cacheMost {
		c.byHash = map[string]cachedSession{}
	}
	s.From = Client{}
	c.byHash[hash] = cachedSession{s, now.Add(cacheFor)}
}

// forget drops what drop says about.
func (c *sessionCache) forget(drop func(*Session) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	for h, e := range c.byHash {
		if drop(&e.session) {
			delete(c.byHash, h)
		}
	}
}

// ended tells the cache and the live connections that sessions are over.
func (s *Staff) ended(sessions ...desk.ID) {
	if len(sessions) == 0 {
		return
	}
	gone := make(map[desk.ID]bool, len(sessions))
	for _, id := range sessions {
		gone[id] = true
	}
	s.cache.forget(func(c *Session) bool { return gone[c.ID] })
	if s.cfg.SessionsEnded != nil {
		s.cfg.SessionsEnded(sessions)
	}
}

// changed tells the cache, and the live connections when it matters to them,
// that an agent is not what they were.
func (s *Staff) changed(agent desk.ID, rights bool) {
	s.cache.forget(func(c *Session) bool { return c.Agent.ID == agent })
	if rights && s.cfg.AgentChanged != nil {
		s.cfg.AgentChanged(agent)
	}
}

// CookieName is the cookie that holds an agent's session token.
const CookieName = "veridesk_session"

// Authenticate returns the agent whose cookie a request carries and the
// session's id, or an Unauthorized error; for what is not a route of the API,
// such as WebSockets. Whether the request comes from our own pages is for the
// caller to check.
func (s *Staff) Authenticate(r *http.Request) (*desk.Agent, desk.ID, error) {
	c, err := r.Cookie(CookieName)
	if err != nil {
		return nil, 0, desk.Errorf(desk.Unauthorized, "unauthorized")
	}
	session, err := s.Session(r.Context(), c.Value, Client{})
	if err != nil {
		return nil, 0, err
	}
	if session.Level != LevelFull {
		return nil, 0, desk.Errorf(desk.Unauthorized, "totp_due")
	}
	return session.Agent, session.ID, nil
}

// Session returns the session that a token opens, of whatever level, or an
// Unauthorized error.
func (s *Staff) Session(ctx context.Context, token string, from Client) (*Session, error) {
	if len(token) < 40 || len(token) > 100 {
		return nil, desk.Errorf(desk.Unauthorized, "unauthorized")
	}
	hash, now := hashToken(token), s.store.Now()
	cached, generation := s.cache.get(hash, now)
	if cached != nil {
		if desk.MicrosOf(now) >= cached.ExpiresAt {
			return nil, desk.Errorf(desk.Unauthorized, "sign_in_again")
		}
		cached.From = from
		return cached, nil
	}
	q := s.store.Read(ctx)
	row, err := q.SessionByHash(hash)
	if desk.CodeOf(err) == desk.NotFound {
		return nil, desk.Errorf(desk.Unauthorized, "sign_in_again")
	}
	if err != nil {
		return nil, err
	}
	if row.ExpiresAt <= desk.MicrosOf(now) || row.LastSeenAt <= s.ago(Idle) {
		return nil, desk.Errorf(desk.Unauthorized, "sign_in_again")
	}
	agent, err := q.Agent(row.AgentID)
	if err != nil {
		return nil, err
	}
	if agent.Status != Active {
		return nil, desk.Errorf(desk.Unauthorized, "sign_in_again")
	}
	if from.IP == "" { // not known here
		from.IP = row.IP
	}
	if row.Level == LevelFull && row.LastSeenAt <= s.ago(touchEvery) {
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			return tx.TouchSession(row.ID, row.AgentID, desk.MicrosOf(now), from.IP)
		})
		switch {
		case desk.CodeOf(err) == desk.NotFound: // ended between our reading and writing
			return nil, desk.Errorf(desk.Unauthorized, "sign_in_again")
		case err != nil && ctx.Err() == nil:
			s.log.Warn("a session's last use could not be noted", "session_id", row.ID.String(), "error", err)
		}
	}
	session := Session{ID: row.ID, Level: row.Level, ExpiresAt: row.ExpiresAt, Agent: agent}
	s.cache.put(hash, session, now, generation)
	session.From = from
	return &session, nil
}

// begin stores a new session and returns its token. The session that the
// browser had before, if any, ends with it: a token never changes its meaning.
func (s *Staff) begin(tx *store.Tx, agent desk.ID, level string, from Client, before *Session) (token string, ended []desk.ID, err error) {
	token = newToken()
	now := tx.Now()
	life := Absolute
	if level == LevelPassword {
		life = SecondStep
	}
	err = tx.InsertSession(&store.Session{
		TokenHash: hashToken(token), AgentID: agent, Level: level, IP: from.IP, UserAgent: clip(from.UserAgent, 300),
		CreatedAt: now, LastSeenAt: now, ExpiresAt: now + desk.Micros(life.Microseconds()),
	})
	if err != nil || before == nil {
		return token, nil, err
	}
	if err := tx.DeleteSession(before.Agent.ID, before.ID); err != nil && desk.CodeOf(err) != desk.NotFound {
		return "", nil, err
	}
	return token, []desk.ID{before.ID}, nil
}

// clip shortens what a browser says about itself, which may be any bytes, to a
// text of at most so many of them.
func clip(s string, most int) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) <= most {
		return s
	}
	for most > 0 && s[most]&0xC0 == 0x80 { // not in the middle of a rune
		most--
	}
	return s[:most]
}

// Sessions lists where the agent is signed in, the latest used first.
func (s *Staff) Sessions(ctx context.Context, who *Session) ([]store.Session, error) {
	return s.store.Read(ctx).AgentSessions(who.Agent.ID, LevelFull, s.ago(Idle))
}

// SignOut ends the session itself.
func (s *Staff) SignOut(ctx context.Context, who *Session) error {
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteSession(who.Agent.ID, who.ID); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "session.sign_out", "session", who.ID, nil)
	})
	if err == nil || desk.CodeOf(err) == desk.NotFound {
		s.ended(who.ID)
		return nil
	}
	return err
}

// RevokeSession ends one of the agent's own sessions.
func (s *Staff) RevokeSession(ctx context.Context, who *Session, id desk.ID) error {
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteSession(who.Agent.ID, id); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "session.revoke", "session", id, nil)
	})
	if err == nil {
		s.ended(id)
	}
	return err
}

// RevokeOthers ends all of the agent's sessions but this one.
func (s *Staff) RevokeOthers(ctx context.Context, who *Session) error {
	var ended []desk.ID
	err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if ended, err = tx.DeleteSessions(who.Agent.ID, who.ID); err != nil || len(ended) == 0 {
			return err
		}
		return tx.Audit(who.Actor(), "session.revoke_others", "agent", who.Agent.ID, map[string]any{"sessions": len(ended)})
	})
	if err == nil {
		s.ended(ended...)
	}
	return err
}

// Prune removes what has expired; a schedule calls it. It returns how many rows
// went.
func (s *Staff) Prune(ctx context.Context) (n int64, err error) {
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.PruneSignIn(s.ago(Idle), s.ago(24*time.Hour))
		return err
	})
	return n, err
}
