package staff

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"github.com/skip2/go-qrcode"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	totpPeriod    = 30 // seconds (RFC 6238 §4.1)
	totpSkew      = 1  // steps before and after that are accepted (RFC 6238 §5.2)
	recoveryCodes = 10
)

// TOTPSetup is what an authenticator needs, to be shown once.
type TOTPSetup struct {
	Secret string // base32
	URL    string // otpauth://…
	QRPNG  string // data: URL of the QR code
}

func totpPurpose(id desk.ID) string { return "totp:" + id.String() }

// BeginTOTP makes a new secret for the agent, which counts only after
// [Staff.ConfirmTOTP].
func (s *Staff) BeginTOTP(ctx context.Context, who *Session) (TOTPSetup, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: s.cfg.Brand, AccountName: who.Agent.Email, Period: totpPeriod, SecretSize: 20})
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("make a one-time code secret: %w", err)
	}
	png, err := qrcode.Encode(key.URL(), qrcode.Medium, 240)
	if err != nil {
		return TOTPSetup{}, fmt.Errorf("draw the QR code: %w", err)
	}
	wrapped, err := s.cfg.Vault.Wrap(totpPurpose(who.Agent.ID), []byte(key.Secret()))
	if err != nil {
		return TOTPSetup{}, err
	}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		now, err := tx.AgentSecrets(who.Agent.ID)
		if err != nil {
			return err
		}
		if now.TOTPEnabled {
			return desk.Errorf(desk.Conflict, "totp_on")
		}
		return tx.SetTOTP(who.Agent.ID, wrapped, false, 0)
	})
	if err != nil {
		return TOTPSetup{}, err
	}
	return TOTPSetup{Secret: key.Secret(), URL: key.URL(), QRPNG: "data:image/png;base64," + base64.StdEncoding.EncodeToString(png)}, nil
}

// ConfirmTOTP switches two-step sign-in on, given a code that proves the
// authenticator has the secret, and returns the recovery codes, to be shown
// once. The agent's other sessions end.
func (s *Staff) ConfirmTOTP(ctx context.Context, who *Session, code string) ([]string, error) {
	guess := forAgent("totp", who.Agent.ID)
	if err := s.attempts(ctx, guess); err != nil {
		return nil, err
	}
	secrets, err := s.store.Read(ctx).AgentSecrets(who.Agent.ID)
	if err != nil {
		return nil, err
	}
	if secrets.TOTPEnabled {
		return nil, desk.Errorf(desk.Conflict, "totp_on")
	}
	if secrets.TOTPSecret == nil {
		return nil, desk.Errorf(desk.Conflict, "ceremony_gone")
	}
	step, err := s.totpStep(who.Agent.ID, secrets, code)
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, desk.Field("code", "code_wrong")
	}
	codes, hashes := newRecoveryCodes()
	var ended []desk.ID
	err = s.store.Write(ctx, func(tx *store.Tx) (err error) {
		if err := tx.SetTOTP(who.Agent.ID, secrets.TOTPSecret, true, step); err != nil {
			return err
		}
		if err := tx.ReplaceRecoveryCodes(who.Agent.ID, hashes); err != nil {
			return err
		}
		if err := tx.ForgetAttempts(guess.key); err != nil {
			return err
		}
		if ended, err = tx.DeleteSessions(who.Agent.ID, who.ID); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "totp.enable", "agent", who.Agent.ID, nil)
	})
	if err != nil {
		return nil, err
	}
	s.ended(ended...)
	s.changed(who.Agent.ID, false)
	return codes, nil
}

// DisableTOTP switches two-step sign-in off, given the password.
func (s *Staff) DisableTOTP(ctx context.Context, who *Session, password string) error {
	if _, err := s.confirmPassword(ctx, who, "password", password); err != nil {
		return err
	}
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		now, err := tx.AgentSecrets(who.Agent.ID)
		if err != nil {
			return err
		}
		if !now.TOTPEnabled {
			return desk.Errorf(desk.Conflict, "totp_off")
		}
		if err := tx.SetTOTP(who.Agent.ID, nil, false, 0); err != nil {
			return err
		}
		if err := tx.ReplaceRecoveryCodes(who.Agent.ID, nil); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "totp.disable", "agent", who.Agent.ID, nil)
	})
	if err == nil {
		s.changed(who.Agent.ID, false)
	}
	return err
}

// SecondStep takes a one-time code or a recovery code from somebody whose
// password was right, and returns a new, full session. Each code works once.
func (s *Staff) SecondStep(ctx context.Context, who *Session, code string, from Client) (SignedIn, error) {
	if who.Level != LevelPassword {
		return SignedIn{}, desk.Errorf(desk.Conflict, "conflict")
	}
	guess, client := forAgent("totp", who.Agent.ID), forClient("totp", from, clientLimit)
	if err := s.attempts(ctx, guess, client); err != nil {
		return SignedIn{}, err
	}
	secrets, err := s.store.Read(ctx).AgentSecrets(who.Agent.ID)
	if err != nil {
		return SignedIn{}, err
	}
	wrong := desk.Errorf(desk.Unauthorized, "code_wrong")
	if !secrets.TOTPEnabled {
		return SignedIn{}, wrong
	}
	step, err := s.totpStep(who.Agent.ID, secrets, code)
	if err != nil {
		return SignedIn{}, err
	}
	recovery := normalRecoveryCode(code)
	if step == 0 && recovery == "" {
		return SignedIn{}, wrong
	}
	method := "totp"
	if step == 0 {
		method = "recovery_code"
	}
	return s.finishSignIn(ctx, who.Agent, LevelFull, method, from, who, func(tx *store.Tx) error {
		var err error
		if step != 0 {
			err = tx.SpendTOTP(who.Agent.ID, step)
		} else {
			err = tx.SpendRecoveryCode(who.Agent.ID, hashToken(recovery))
		}
		if desk.CodeOf(err) == desk.NotFound {
			return wrong
		}
		if err != nil {
			return err
		}
		if err := tx.ReturnAttempt(client.key); err != nil {
			return err
		}
		return tx.ForgetAttempts(guess.key)
	})
}

// totpStep returns the time step that a code belongs to, or zero. A step that
// was used before, or is older than one that was, does not count (RFC 6238 §5.2).
func (s *Staff) totpStep(id desk.ID, secrets store.AgentSecrets, code string) (int64, error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	if len(code) != int(otp.DigitsSix) {
		return 0, nil
	}
	secret, err := s.cfg.Vault.Unwrap(totpPurpose(id), secrets.TOTPSecret)
	if err != nil {
		return 0, fmt.Errorf("the secret of agent %d's one-time codes: %w", id, err)
	}
	now := s.store.Now().Unix() / totpPeriod
	found := int64(0)
	for step := now - totpSkew; step <= now+totpSkew; step++ {
		want, err := hotp.GenerateCodeCustom(string(secret), uint64(step), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return 0, fmt.Errorf("compute a one-time code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && step > secrets.TOTPLastStep {
			found = step
		}
	}
	return found, nil
}

// newRecoveryCodes returns codes of 80 random bits, for people and as stored.
func newRecoveryCodes() (codes, hashes []string) {
	for range recoveryCodes {
		raw := rand.Text()[:16]
		codes = append(codes, fmt.Sprintf("%s-%s-%s-%s", raw[:4], raw[4:8], raw[8:12], raw[12:]))
		hashes = append(hashes, hashToken(raw))
	}
	return codes, hashes
}

// normalRecoveryCode returns a recovery code as hashed, or "" when it cannot be
// one.
func normalRecoveryCode(code string) string {
	c := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	if len(c) != 16 {
		return ""
	}
	return c
}
