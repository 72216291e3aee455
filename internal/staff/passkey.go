package staff

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	maxPasskeys  = 20
	ceremonyLife = 5 * time.Minute

	registration = "register"
	assertion    = "login"
)

// newRelyingParty describes us to authenticators. The relying party's ID is the
// host name of the public address (WebAuthn Level 3 §5.1.2: a valid domain
// string, so no bare IP address).
func newRelyingParty(public *url.URL, brand string) (*webauthn.WebAuthn, error) {
	if _, err := netip.ParseAddr(public.Hostname()); err == nil {
		return nil, fmt.Errorf("%s is an IP address", public.Hostname())
	}
	return webauthn.New(&webauthn.Config{
		RPID:                  public.Hostname(),
		RPDisplayName:         brand,
		RPOrigins:             []string{public.Scheme + "://" + public.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			// The authenticator checks the person (PIN, fingerprint): a passkey is
			// two factors and needs no further step.
			UserVerification: protocol.VerificationRequired,
		},
	})
}

// keyHolder is an agent as WebAuthn sees them. The user handle is the agent's
// identifier in eight bytes: it tells nothing about the person (§14.6.1).
type keyHolder struct {
	agent       *desk.Agent
	credentials []webauthn.Credential
}

func handleOf(id desk.ID) []byte { return binary.BigEndian.AppendUint64(nil, uint64(id)) }

func (k keyHolder) WebAuthnID() []byte                         { return handleOf(k.agent.ID) }
func (k keyHolder) WebAuthnName() string                       { return k.agent.Email }
func (k keyHolder) WebAuthnDisplayName() string                { return k.agent.Name }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.credentials }

func (s *Staff) keyHolder(q store.Query, id desk.ID) (keyHolder, error) {
	agent, err := q.Agent(id)
	if err != nil {
		return keyHolder{}, err
	}
	rows, err := q.Passkeys(id)
	if err != nil {
		return keyHolder{}, err
	}
	k := keyHolder{agent: agent}
	for _, row := range rows {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(row.Credential), &c); err != nil {
			return k, fmt.Errorf("passkey %d cannot be read: %w", row.ID, err)
		}
		k.credentials = append(k.credentials, c)
	}
	return k, nil
}

func (s *Staff) relyingParty() (*webauthn.WebAuthn, error) {
	if s.passkeys == nil {
		return nil, desk.Errorf(desk.Unavailable, "passkeys_off")
	}
	return s.passkeys, nil
}

// Passkeys lists the agent's passkeys, oldest first.
func (s *Staff) Passkeys(ctx context.Context, who *Session) ([]store.Passkey, error) {
	return s.store.Read(ctx).Passkeys(who.Agent.ID)
}

// BeginPasskey returns the options for navigator.credentials.create, in their
// JSON form (WebAuthn Level 3 §5.1.8).
func (s *Staff) BeginPasskey(ctx context.Context, who *Session) (*protocol.CredentialCreation, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return nil, err
	}
	holder, err := s.keyHolder(s.store.Read(ctx), who.Agent.ID)
	if err != nil {
		return nil, err
	}
	if len(holder.credentials) >= maxPasskeys {
		return nil, desk.Errorf(desk.Conflict, "too_many_passkeys")
	}
	options, data, err := rp.BeginRegistration(holder, webauthn.WithExclusions(webauthn.Credentials(holder.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, fmt.Errorf("begin a passkey registration: %w", err)
	}
	return options, s.keepCeremony(ctx, registration, data)
}

// FinishPasskey stores the passkey that the browser made. credential is the
// JSON of the PublicKeyCredential.
func (s *Staff) FinishPasskey(ctx context.Context, who *Session, name string, credential []byte) (*store.Passkey, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return nil, err
	}
	if name, err = normalName("name", name, 60); err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil {
		return nil, desk.Wrap(desk.Invalid, "passkey_failed", err)
	}
	data, err := s.takeCeremony(ctx, registration, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return nil, err
	}
	holder, err := s.keyHolder(s.store.Read(ctx), who.Agent.ID)
	if err != nil {
		return nil, err
	}
	// CreateCredential compares the ceremony's user with the holder: a ceremony
	// begun by somebody else ends here.
	made, err := rp.CreateCredential(holder, *data, parsed)
	if err != nil {
		return nil, desk.Wrap(desk.Invalid, "passkey_failed", err)
	}
	record, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	key := &store.Passkey{AgentID: who.Agent.ID, CredentialID: credentialID(made.ID), Credential: string(record), Name: name}
	err = s.store.Write(ctx, func(tx *store.Tx) error {
		key.ID, key.CreatedAt = 0, 0
		if err := tx.InsertPasskey(key); err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "passkey.add", "passkey", key.ID, map[string]any{"name": name})
	})
	if err != nil {
		return nil, err
	}
	s.changed(who.Agent.ID, false)
	return key, nil
}

// RemovePasskey deletes one of the agent's passkeys.
func (s *Staff) RemovePasskey(ctx context.Context, who *Session, id desk.ID) error {
	err := s.store.Write(ctx, func(tx *store.Tx) error {
		name, err := tx.DeletePasskey(who.Agent.ID, id)
		if err != nil {
			return err
		}
		return tx.Audit(who.Actor(), "passkey.remove", "passkey", id, map[string]any{"name": name})
	})
	if err == nil {
		s.changed(who.Agent.ID, false)
	}
	return err
}

// BeginPasskeySignIn returns the options for navigator.credentials.get. Nobody
// says who they are: the authenticator offers the passkeys it holds.
func (s *Staff) BeginPasskeySignIn(ctx context.Context, from Client) (*protocol.CredentialAssertion, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return nil, err
	}
	if err := s.attempts(ctx, forClient("passkey", from, ceremonyLimit)); err != nil {
		return nil, err
	}
	options, data, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, fmt.Errorf("begin a passkey sign-in: %w", err)
	}
	return options, s.keepCeremony(ctx, assertion, data)
}

// FinishPasskeySignIn checks what the authenticator signed and returns a full
// session.
func (s *Staff) FinishPasskeySignIn(ctx context.Context, credential []byte, from Client, before *Session) (SignedIn, error) {
	rp, err := s.relyingParty()
	if err != nil {
		return SignedIn{}, err
	}
	refused := func(err error) error { return desk.Wrap(desk.Unauthorized, "passkey_failed", err) }
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return SignedIn{}, refused(err)
	}
	data, err := s.takeCeremony(ctx, assertion, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return SignedIn{}, err
	}
	var holder keyHolder
	var outage error
	_, used, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != 8 {
			return nil, fmt.Errorf("a user handle of %d bytes is not ours", len(handle))
		}
		var err error
		holder, err = s.keyHolder(s.store.Read(ctx), desk.ID(binary.BigEndian.Uint64(handle)))
		if err != nil && desk.CodeOf(err) != desk.NotFound {
			outage = err
		}
		return holder, err
	}, *data, parsed)
	switch {
	case outage != nil:
		return SignedIn{}, outage
	case err != nil:
		return SignedIn{}, refused(err)
	case holder.agent.Status != Active:
		return SignedIn{}, refused(fmt.Errorf("agent %d is disabled", holder.agent.ID))
	case used.Authenticator.CloneWarning:
		// The counter went backwards: two devices hold this key (§6.1.1).
		s.log.Warn("a passkey's counter went backwards; the sign-in was refused", "agent_id", holder.agent.ID.String())
		return SignedIn{}, refused(fmt.Errorf("the counter went backwards"))
	}
	record, err := json.Marshal(used)
	if err != nil {
		return SignedIn{}, err
	}
	return s.finishSignIn(ctx, holder.agent, LevelFull, "passkey", from, before, func(tx *store.Tx) error {
		err := tx.UsePasskey(holder.agent.ID, credentialID(used.ID), string(record))
		if desk.CodeOf(err) == desk.NotFound {
			return refused(err) // removed meanwhile
		}
		return err
	})
}

func credentialID(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// keepCeremony stores the server's half of a ceremony under the hash of its
// challenge, which comes back inside what the authenticator signs.
func (s *Staff) keepCeremony(ctx context.Context, kind string, data *webauthn.SessionData) error {
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertCeremony(store.Ceremony{IDHash: hashToken(data.Challenge), Kind: kind, Data: string(text), ExpiresAt: s.in(ceremonyLife)})
	})
}

func (s *Staff) takeCeremony(ctx context.Context, kind, challenge string) (*webauthn.SessionData, error) {
	var c store.Ceremony
	err := s.store.Write(ctx, func(tx *store.Tx) (err error) {
		c, err = tx.TakeCeremony(hashToken(challenge), kind)
		return err
	})
	if desk.CodeOf(err) == desk.NotFound {
		return nil, desk.Wrap(desk.Unauthorized, "ceremony_gone", err)
	}
	if err != nil {
		return nil, err
	}
	data := new(webauthn.SessionData)
	if err := json.NewDecoder(bytes.NewReader([]byte(c.Data))).Decode(data); err != nil {
		return nil, fmt.Errorf("read a passkey ceremony: %w", err)
	}
	return data, nil
}
