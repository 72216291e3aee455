package staff

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// The statuses of an agent.
const (
	Active   = "active"
	Disabled = "disabled"
)

// SignedIn is the outcome of a step of signing in: the token for the cookie, and
// whether the second step is due.
type SignedIn struct {
	Token   string
	TOTPDue bool
	Agent   desk.ID
}

var errSignIn = desk.Errorf(desk.Unauthorized, "sign_in_failed")

// SignIn checks email and password. An unknown address, a disabled agent, an
// agent without a password and a wrong password are one and the same: the same
// answer after the same work, throttled alike. before is the session the
// browser had, or nil; it ends.
func (s *Staff) SignIn(ctx context.Context, email, password string, from Client, before *Session) (SignedIn, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	account, client := forAccount(email), forClient("sign_in", from, clientLimit)
	if err := s.attempts(ctx, account, client); err != nil {
		return SignedIn{}, err
	}
	q := s.store.Read(ctx)
	agent, err := q.AgentByEmail(email)
	var secrets store.AgentSecrets
	switch {
	case err == nil:
		if secrets, err = q.AgentSecrets(agent.ID); err != nil {
			return SignedIn{}, err
		}
	case desk.CodeOf(err) != desk.NotFound:
		return SignedIn{}, err
	}
	if utf8.RuneCountInString(password) > maxPassword {
		password = "" // cannot be anybody's
	}
	ok, outdated, err := s.hasher.verify(ctx, secrets.PasswordHash, password)
	if err != nil {
		return SignedIn{}, err
	}
	if !ok || agent == nil || agent.Status != Active {
		return SignedIn{}, errSignIn
	}
	if outdated {
		s.rehash(ctx, agent.ID, secrets.PasswordHash, password)
	}
	level := LevelFull
	if secrets.TOTPEnabled {
		level = LevelPassword
	}
	return s.finishSignIn(ctx, agent, level, "password", from, before, func(tx *store.Tx) error {
		if err := tx.ReturnAttempt(client.key); err != nil {
			return err
		}
		return tx.ForgetAttempts(account.key)
	})
}

// finishSignIn stores the session of a step that was passed; also runs in the
// same transaction.
func (s *Staff) finishSignIn(ctx context.Context, agent *desk.Agent, level, method string, from Client, before *Session, also func(*store.Tx) error) (SignedIn, error) {
	var token string
	var ended []desk.ID
	err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		// Again, inside the transaction: somebody may have been disabled meanwhile.
		now, err := tx.Agent(agent.ID)
		if err != nil {
			return err
		}
		if now.Status != Active {
			return errSignIn
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if token, ended, err = s.begin(tx, agent.ID, level, from, before); err != nil {
			return err
		}
		if level != LevelFull {
			return nil
		}
		return tx.Audit(from.agent(agent), "session.sign_in", "agent", agent.ID, map[string]any{"method": method})
	})
	if err != nil {
		return SignedIn{}, err
	}
	s.ended(ended...)
	return SignedIn{Token: token, TOTPDue: level == LevelPassword, Agent: agent.ID}, nil
}

// rehash makes a hash of today's cost. That it fails is no reason to refuse the
// sign-in.
func (s *Staff) rehash(ctx context.Context, agent desk.ID, old, password string) {
	hash, err := s.hasher.hash(ctx, password)
	if err == nil {
		err = s.store.Write(ctx, func(tx *store.Tx) error { return tx.RehashPassword(agent, old, hash) })
	}
	if err != nil {
		s.log.Warn("a password could not be hashed anew", "agent_id", agent.String(), "error", err)
	}
}

// confirmPassword checks the password of somebody who is signed in, before
// something that a borrowed browser must not do.
func (s *Staff) confirmPassword(ctx context.Context, who *Session, field, password string) (store.AgentSecrets, error) {
	guess := forAgent("password", who.Agent.ID)
	if err := s.attempts(ctx, guess); err != nil {
		return store.AgentSecrets{}, err
	}
	secrets, err := s.store.Read(ctx).AgentSecrets(who.Agent.ID)
	if err != nil {
		return secrets, err
	}
	ok, _, err := s.hasher.verify(ctx, secrets.PasswordHash, password)
	if err != nil {
		return secrets, err
	}
	if !ok {
		return secrets, desk.Field(field, "password_wrong")
	}
	return secrets, s.store.Write(ctx, func(tx *store.Tx) error { return tx.ForgetAttempts(guess.key) })
}

// ChangePassword replaces the agent's password and ends all other sessions.
func (s *Staff) ChangePassword(ctx context.Context, who *Session, current, next string) error {
	secrets, err := s.confirmPassword(ctx, who, "current", current)
	if err != nil {
		return err
	}
	if current == next {
		return desk.Field("new", "password_same")
	}
	if err := checkPassword("new", next, who.Agent.Email, who.Agent.Name); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	var ended []desk.ID
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		now, err := tx.AgentSecrets(who.Agent.ID)
		if err != nil {
			return err
		}
		if now.PasswordHash != secrets.PasswordHash {
			return desk.Errorf(desk.Conflict, "conflict") // changed in another window while we were hashing
		}
		if err := tx.SetPasswordHash(who.Agent.ID, hash); err != nil {
			return err
		}
		if ended, err = tx.DeleteSessions(who.Agent.ID, who.ID); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "password.change", "agent", who.Agent.ID, map[string]any{"sessions_ended": len(ended)})
	})
	if err == nil {
		s.ended(ended...)
	}
	return err
}
