package api

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// authenticator is a software one: ES256, discoverable credentials, no
// attestation (WebAuthn Level 3 §6).
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	origin string
	rpID   string
	flags  byte // besides what the ceremony adds
}

const (
	userPresent  = 0x01
	userVerified = 0x04
	attested     = 0x40
)

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	rand.Read(id) //nolint:errcheck
	return &authenticator{t: t, key: key, id: id, origin: publicURL, rpID: "localhost", flags: userPresent | userVerified}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) clientData(kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

// authData is §6.1: hash of the RP ID, flags, counter, and at registration the
// credential.
func (a *authenticator) authData(withKey bool) []byte {
	sum := sha256.Sum256([]byte(a.rpID))
	flags := a.flags
	if withKey {
		flags |= attested
	}
	out := binary.BigEndian.AppendUint32(append(sum[:], flags), a.count)
	if withKey {
		out = append(out, make([]byte, 16)...) // AAGUID: none
		out = binary.BigEndian.AppendUint16(out, uint16(len(a.id)))
		out = append(out, a.id...)
		out = append(out, a.cose()...)
	}
	return out
}

// cose is the public key as COSE_Key (RFC 9053 §7.1): EC2, ES256, P-256, x, y.
func (a *authenticator) cose() []byte {
	point, err := a.key.PublicKey.Bytes() // 0x04 | x | y
	if err != nil {
		a.t.Fatal(err)
	}
	var b bytes.Buffer
	b.Write([]byte{0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32})
	b.Write(point[1:33])
	b.Write([]byte{0x22, 0x58, 32})
	b.Write(point[33:])
	return b.Bytes()
}

// create answers navigator.credentials.create.
func (a *authenticator) create(options result) map[string]any {
	a.t.Helper()
	handle, err := base64.RawURLEncoding.DecodeString(options.str("publicKey.user.id"))
	if err != nil || len(handle) == 0 {
		a.t.Fatal(options.text, err)
	}
	a.handle = handle
	data := a.authData(true)
	var object bytes.Buffer // CBOR: {"fmt": "none", "attStmt": {}, "authData": data}
	object.Write([]byte{0xA3, 0x63})
	object.WriteString("fmt")
	object.WriteByte(0x64)
	object.WriteString("none")
	object.WriteByte(0x67)
	object.WriteString("attStmt")
	object.Write([]byte{0xA0, 0x68})
	object.WriteString("authData")
	object.Write([]byte{0x59, byte(len(data) >> 8), byte(len(data))})
	object.Write(data)
	return map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "authenticatorAttachment": "platform", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    b64(a.clientData("webauthn.create", options.str("publicKey.challenge"))),
			"attestationObject": b64(object.Bytes()), "transports": []string{"internal"},
		},
	}
}

// get answers navigator.credentials.get.
func (a *authenticator) get(options result) map[string]any {
	a.t.Helper()
	a.count++
	data, client := a.authData(false), a.clientData("webauthn.get", options.str("publicKey.challenge"))
	clientHash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), clientHash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(a.handle)},
	}
}

func register(b *browser, a *authenticator, name string) result {
	b.e.Helper()
	options := b.must(200, "POST", "/account/passkeys/begin", map[string]any{})
	return b.must(201, "POST", "/account/passkeys/finish", map[string]any{"name": name, "credential": a.create(options)})
}

// Whoever signs in by passkey must get in, with nothing but the passkey.
func TestPasskeysFromRegistrationToRemoval(t *testing.T) {
	eachEngine(t, func(e *env) {
		_, b := e.member(desk.AgentRole, "ann@meridian.example")
		key := newAuthenticator(e.T)
		options := b.must(200, "POST", "/account/passkeys/begin", map[string]any{})
		if options.str("publicKey.rp.id") != "localhost" || options.str("publicKey.authenticatorSelection.residentKey") != "required" ||
			options.str("publicKey.authenticatorSelection.userVerification") != "required" || options.str("publicKey.user.name") != "ann@meridian.example" {
			e.Error(options.text)
		}
		made := b.must(201, "POST", "/account/passkeys/finish", map[string]any{"name": " Laptop ", "credential": key.create(options)})
		if made.str("passkey.name") != "Laptop" {
			e.Error(made.text)
		}
		if me := b.must(200, "GET", "/auth/me", nil); me.get("agent.passkeys") != 1.0 {
			e.Error(me.text)
		}

		c := e.browser()
		options = c.must(200, "POST", "/auth/passkey/begin", map[string]any{})
		if options.get("publicKey.allowCredentials") != nil && len(options.get("publicKey.allowCredentials").([]any)) > 0 {
			e.Error("the options tell which passkeys exist:", options.text)
		}
		assertion := key.get(options)
		c.must(200, "POST", "/auth/passkey/finish", map[string]any{"credential": assertion})
		if me := c.must(200, "GET", "/auth/me", nil); me.str("agent.email") != "ann@meridian.example" {
			e.Error(me.text)
		}
		// The same signature again, by somebody who listened.
		if res := e.browser().must(401, "POST", "/auth/passkey/finish", map[string]any{"credential": assertion}); res.str("message") != "This took too long. Please start again." {
			e.Error(res.text)
		}

		list := c.must(200, "GET", "/account/passkeys", nil)
		if list.get("passkeys.0.last_used_at").(float64) == 0 || strings.Contains(list.text, b64(key.id)) {
			e.Error(list.text)
		}
		_, eve := e.member(desk.Admin, "eve@meridian.example")
		eve.must(404, "DELETE", "/account/passkeys/"+list.str("passkeys.0.id"), nil)
		c.must(204, "DELETE", "/account/passkeys/"+list.str("passkeys.0.id"), nil)
		d := e.browser()
		d.must(401, "POST", "/auth/passkey/finish", map[string]any{"credential": key.get(d.must(200, "POST", "/auth/passkey/begin", map[string]any{}))})
	})
}

// Each of these is how a passkey would be bypassed.
func TestForgedPasskeySignInsAreRefused(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	ann, b := e.member(desk.AgentRole, "ann@meridian.example")
	eve, mallory := e.member(desk.AgentRole, "eve@meridian.example")
	_, admin := e.member(desk.Admin, "admin@meridian.example")
	key := newAuthenticator(t)
	register(b, key, "Laptop")

	for _, c := range []struct {
		name  string
		forge func(a *authenticator)
	}{
		{"a page on another origin", func(a *authenticator) { a.origin = "https://meridian-support.example" }},
		{"another relying party", func(a *authenticator) { a.rpID = "evil.example" }},
		{"nobody touched the key", func(a *authenticator) { a.flags = 0 }},
		{"nobody unlocked the key", func(a *authenticator) { a.flags = userPresent }},
		{"another key", func(a *authenticator) { a.key = newAuthenticator(t).key }},
		{"another agent's handle", func(a *authenticator) {
			a.handle = binary.BigEndian.AppendUint64(nil, uint64(eve.ID))
		}},
		{"a handle of nobody's", func(a *authenticator) { a.handle = []byte("x") }},
		{"a cloned key, whose counter lags", func(a *authenticator) { a.count = 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := e.browser()
			x.must(200, "POST", "/auth/passkey/finish", map[string]any{"credential": key.get(x.must(200, "POST", "/auth/passkey/begin", map[string]any{}))})
			forged := *key
			forged.t = t
			c.forge(&forged)
			x = e.browser()
			options := x.must(200, "POST", "/auth/passkey/begin", map[string]any{})
			if res := x.do("POST", "/auth/passkey/finish", map[string]any{"credential": forged.get(options)}); res.status != 401 || res.str("code") != "unauthorized" {
				t.Errorf("%d %s", res.status, res.text)
			}
			x.must(401, "GET", "/auth/me", nil)
		})
	}

	t.Run("a ceremony that waited too long", func(t *testing.T) {
		x := e.browser()
		options := x.must(200, "POST", "/auth/passkey/begin", map[string]any{})
		e.clock.advance(5*time.Minute + time.Second)
		x.must(401, "POST", "/auth/passkey/finish", map[string]any{"credential": key.get(options)})
	})
	t.Run("a registration that somebody else began", func(t *testing.T) {
		options := b.must(200, "POST", "/account/passkeys/begin", map[string]any{})
		mallory.must(422, "POST", "/account/passkeys/finish", map[string]any{"name": "Mine now", "credential": newAuthenticator(t).create(options)})
	})
	t.Run("a passkey that is registered already", func(t *testing.T) {
		options := mallory.must(200, "POST", "/account/passkeys/begin", map[string]any{})
		mallory.must(409, "POST", "/account/passkeys/finish", map[string]any{"name": "Copy", "credential": key.create(options)})
		key.handle = binary.BigEndian.AppendUint64(nil, uint64(ann.ID))
	})
	t.Run("rubbish", func(t *testing.T) {
		mallory.must(422, "POST", "/account/passkeys/finish", map[string]any{"name": "X", "credential": map[string]any{"id": 5}})
		e.browser().must(401, "POST", "/auth/passkey/finish", map[string]any{"credential": map[string]any{}})
	})
	t.Run("an agent who was disabled", func(t *testing.T) {
		admin.must(200, "PATCH", "/staff/agents/"+ann.ID.String(), map[string]any{"status": "disabled"})
		x := e.browser()
		x.must(401, "POST", "/auth/passkey/finish", map[string]any{"credential": key.get(x.must(200, "POST", "/auth/passkey/begin", map[string]any{}))})
	})
}
