package customer_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// exchange is an exchange with its keys.
type exchange struct {
	t   testing.TB
	ed  ed25519.PrivateKey
	rsa *rsa.PrivateKey
	set []byte
}

var (
	testRSA, _ = rsa.GenerateKey(rand.Reader, 2048)
	weakRSA, _ = rsa.GenerateKey(rand.Reader, 1024)
)

func newExchange(t testing.TB) *exchange {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	x := &exchange{t: t, ed: ed, rsa: testRSA}
	x.set = x.keySet(jose.JSONWebKey{Key: ed.Public(), KeyID: "ed-1", Algorithm: "EdDSA", Use: "sig"}, jose.JSONWebKey{Key: &testRSA.PublicKey, KeyID: "rsa-1"})
	return x
}

func (x *exchange) keySet(keys ...jose.JSONWebKey) []byte {
	x.t.Helper()
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: keys})
	if err != nil {
		x.t.Fatal(err)
	}
	return text
}

// file writes the exchange's keys and returns a Login that reads them.
func (x *exchange) login() *customer.Login {
	x.t.Helper()
	path := filepath.Join(x.t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, x.set, 0o600); err != nil {
		x.t.Fatal(err)
	}
	return login(x.t, customer.LoginConfig{JWKSFile: path})
}

func login(t testing.TB, cfg customer.LoginConfig) *customer.Login {
	t.Helper()
	if cfg.Audience == "" {
		cfg.Audience = "veridesk"
	}
	if cfg.Now == nil {
		cfg.Now = func() time.Time { return noon }
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	l, err := customer.NewLogin(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// claims returns those of a good token, changed; nil deletes one.
func claims(change map[string]any) map[string]any {
	c := map[string]any{"sub": "88001234", "aud": "veridesk", "iat": noon.Unix(), "exp": noon.Add(5 * time.Minute).Unix()}
	for k, v := range change {
		if c[k] = v; v == nil {
			delete(c, k)
		}
	}
	return c
}

func text(t testing.TB, v any) string {
	t.Helper()
	if s, ok := v.(string); ok {
		return s
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sign signs whatever payload with whatever key and header.
func sign(t testing.TB, alg jose.SignatureAlgorithm, key any, header map[string]any, payload any) string {
	t.Helper()
	opts := &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{}}
	for k, v := range header {
		opts.ExtraHeaders[jose.HeaderKey(k)] = v
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, opts)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := s.Sign([]byte(text(t, payload)))
	if err != nil {
		t.Fatal(err)
	}
	out, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (x *exchange) token(change map[string]any) string {
	return sign(x.t, jose.EdDSA, x.ed, map[string]any{"kid": "ed-1"}, claims(change))
}

func part(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// unsigned puts a token together by hand.
func unsigned(header, payload, signature string) string {
	return part(header) + "." + part(payload) + "." + signature
}

// Whoever gets one of these accepted is any customer they like, and reads what
// that customer told support.
func TestForgedAndWrongTokensAreRefused(t *testing.T) {
	x := newExchange(t)
	other := newExchange(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rsaDER, err := x509.MarshalPKIXPublicKey(&x.rsa.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	rsaPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: rsaDER})
	rsaJWK, err := json.Marshal(jose.JSONWebKey{Key: &x.rsa.PublicKey, KeyID: "rsa-1"})
	if err != nil {
		t.Fatal(err)
	}
	edPublic := []byte(x.ed.Public().(ed25519.PublicKey))
	good := x.token(nil)
	parts := strings.Split(good, ".")
	payload := text(t, claims(nil))
	ed, rs := map[string]any{"kid": "ed-1"}, map[string]any{"kid": "rsa-1"}
	padded := text(t, claims(map[string]any{"name": strings.Repeat("n", 9000)}))
	for _, c := range []struct{ name, token, want string }{
		{"HS256 with the RSA public key in PEM", sign(t, jose.HS256, rsaPEM, rs, claims(nil)), "login_key"},
		{"HS256 with the RSA public key in DER", sign(t, jose.HS256, rsaDER, rs, claims(nil)), "login_key"},
		{"HS256 with the RSA public key as JWK", sign(t, jose.HS256, rsaJWK, rs, claims(nil)), "login_key"},
		{"HS256 with the Ed25519 public key", sign(t, jose.HS256, edPublic, ed, claims(nil)), "login_key"},
		{"RS256 under the name of the Ed25519 key", sign(t, jose.RS256, x.rsa, ed, claims(nil)), "login_key"},
		{"EdDSA under the name of the RSA key", sign(t, jose.EdDSA, x.ed, rs, claims(nil)), "login_key"},
		{"PS256 with the RSA key", sign(t, jose.PS256, x.rsa, rs, claims(nil)), "login_key"},
		{"RS512 with the RSA key", sign(t, jose.RS512, x.rsa, rs, claims(nil)), "login_key"},
		{"alg none", unsigned(`{"alg":"none","kid":"ed-1"}`, payload, ""), "login_key"},
		{"alg none with a signature", unsigned(`{"alg":"none","kid":"ed-1"}`, payload, parts[2]), "login_key"},
		{"alg None", unsigned(`{"alg":"None"}`, payload, ""), "login_key"},
		{"no alg", unsigned(`{"kid":"ed-1"}`, payload, parts[2]), "login_key"},
		{"a list as alg", unsigned(`{"alg":["EdDSA"],"kid":"ed-1"}`, payload, parts[2]), "login_key"},
		{"another's key under our kid", sign(t, jose.EdDSA, other.ed, ed, claims(nil)), "login_signature"},
		{"another's RSA key under our kid", sign(t, jose.RS256, stranger, rs, claims(nil)), "login_signature"},
		{"own key in jwk", sign(t, jose.EdDSA, other.ed, map[string]any{"jwk": jose.JSONWebKey{Key: other.ed.Public()}}, claims(nil)), "login_signature"},
		{"own key in jwk, unknown kid", sign(t, jose.EdDSA, other.ed, map[string]any{"kid": "mine", "jwk": jose.JSONWebKey{Key: other.ed.Public(), KeyID: "mine"}}, claims(nil)), "login_key"},
		{"own keys at jku", sign(t, jose.EdDSA, other.ed, map[string]any{"kid": "mine", "jku": "https://evil.example/jwks.json"}, claims(nil)), "login_key"},
		{"own keys at jku, our kid", sign(t, jose.EdDSA, other.ed, map[string]any{"kid": "ed-1", "jku": "https://evil.example/jwks.json"}, claims(nil)), "login_signature"},
		{"own certificate at x5u", sign(t, jose.RS256, stranger, map[string]any{"kid": "mine", "x5u": "https://evil.example/cert.pem"}, claims(nil)), "login_key"},
		{"unknown kid", sign(t, jose.EdDSA, x.ed, map[string]any{"kid": "ed-2"}, claims(nil)), "login_key"},
		{"kid of a file", sign(t, jose.EdDSA, x.ed, map[string]any{"kid": "../../dev/null"}, claims(nil)), "login_key"},
		{"an unknown critical header", sign(t, jose.EdDSA, x.ed, map[string]any{"kid": "ed-1", "crit": []string{"exp"}, "exp": 1}, claims(nil)), "login_signature"},
		{"another payload under a good signature", parts[0] + "." + part(strings.Replace(payload, "88001234", "88005678", 1)) + "." + parts[2], "login_signature"},
		{"no signature", parts[0] + "." + parts[1] + ".", "login_signature"},
		{"half a signature", parts[0] + "." + parts[1] + "." + parts[2][:40], "login_signature"},
		{"a header that is there twice", unsigned(`{"alg":"none","alg":"EdDSA","kid":"ed-1"}`, payload, parts[2]), "login_malformed"},
		{"four parts", good + ".AAAA", "login_malformed"},
		{"one part", parts[0], "login_malformed"},
		{"empty", "", "login_malformed"},
		{"a visitor's own token", "vst_AAAA", "login_malformed"},
		{"JSON serialization", `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, "login_malformed"},
		{"JSON serialization with dots", `{"payload":".."}`, "login_malformed"},
		{"white space", " " + good, "login_malformed"},
		{"a line break within", parts[0] + ".\n" + parts[1] + "." + parts[2], "login_malformed"},
		{"huge", sign(t, jose.EdDSA, x.ed, ed, padded), "login_malformed"},
		{"huge and nothing in it", strings.Repeat("A.", 10_000_000), "login_malformed"},

		{"other audience", x.token(map[string]any{"aud": "trading"}), "login_audience"},
		{"other audiences", x.token(map[string]any{"aud": []string{"trading", "wallet"}}), "login_audience"},
		{"no audience", x.token(map[string]any{"aud": nil}), "login_audience"},
		{"audience that begins like ours", x.token(map[string]any{"aud": "veridesk2"}), "login_audience"},
		{"audience of another type", x.token(map[string]any{"aud": 7}), "login_claims"},
		{"expired", x.token(map[string]any{"iat": noon.Add(-time.Hour).Unix(), "exp": noon.Add(-61 * time.Second).Unix()}), "login_expired"},
		{"issued in the future", x.token(map[string]any{"iat": noon.Add(2 * time.Minute).Unix()}), "login_early"},
		{"not yet valid", x.token(map[string]any{"nbf": noon.Add(2 * time.Minute).Unix()}), "login_early"},
		{"good for a day", x.token(map[string]any{"exp": noon.Add(24 * time.Hour).Unix()}), "login_long"},
		{"good for a second more than an hour", x.token(map[string]any{"exp": noon.Add(time.Hour + time.Second).Unix()}), "login_long"},
		{"good for ever", x.token(map[string]any{"exp": nil}), "login_claims"},
		{"good until the year 300000", x.token(map[string]any{"exp": 1e13}), "login_claims"},
		{"an exp beyond every number", sign(t, jose.EdDSA, x.ed, ed, strings.Replace(payload, `"exp":`, `"exp":9e400,"was":`, 1)), "login_claims"},
		{"an exp that is a text", x.token(map[string]any{"exp": "1772367000"}), "login_claims"},
		{"no iat", x.token(map[string]any{"iat": nil}), "login_claims"},
		{"negative iat", x.token(map[string]any{"iat": -1, "exp": 10}), "login_claims"},
		{"exp before iat", x.token(map[string]any{"exp": noon.Add(-time.Second).Unix()}), "login_claims"},
		{"no sub", x.token(map[string]any{"sub": nil}), "login_subject"},
		{"empty sub", x.token(map[string]any{"sub": ""}), "login_subject"},
		{"sub of blanks", x.token(map[string]any{"sub": "  "}), "login_subject"},
		{"sub with a blank at the end", x.token(map[string]any{"sub": "88001234 "}), "login_subject"},
		{"sub with a control character", x.token(map[string]any{"sub": "88001234\x00"}), "login_subject"},
		{"sub with a line break", x.token(map[string]any{"sub": "8800\n1234"}), "login_subject"},
		{"sub with an invisible character", x.token(map[string]any{"sub": "8800\u200b1234"}), "login_subject"},
		{"sub of broken UTF-8", sign(t, jose.EdDSA, x.ed, ed, strings.Replace(payload, "88001234", "8800\xff1234", 1)), "login_subject"},
		{"endless sub", x.token(map[string]any{"sub": strings.Repeat("8", 129)}), "login_subject"},
		{"sub that is a number", x.token(map[string]any{"sub": 88001234}), "login_claims"},
		{"sub twice", sign(t, jose.EdDSA, x.ed, ed, strings.Replace(payload, `"sub"`, `"sub":"88005678","sub"`, 1)), "login_claims"},
		{"sub twice, one escaped", sign(t, jose.EdDSA, x.ed, ed, strings.Replace(payload, `"sub"`, `"s\u0075b":"88005678","sub"`, 1)), "login_claims"},
		{"exp twice", sign(t, jose.EdDSA, x.ed, ed, strings.Replace(payload, `"exp"`, `"exp":1,"exp"`, 1)), "login_claims"},
		{"Sub for sub", x.token(map[string]any{"sub": nil, "Sub": "88005678"}), "login_subject"},
		{"claims that are a list", sign(t, jose.EdDSA, x.ed, ed, "[]"), "login_claims"},
		{"claims that are no JSON", sign(t, jose.EdDSA, x.ed, ed, "sub=88001234"), "login_claims"},
		{"claims and more", sign(t, jose.EdDSA, x.ed, ed, payload+"{}"), "login_claims"},
		{"a name that is an object", x.token(map[string]any{"name": map[string]any{"$ne": ""}}), "login_claims"},
	} {
		t.Run(c.name, func(t *testing.T) {
			who, err := x.login().Verify(t.Context(), c.token)
			var e *desk.Error
			if !errors.As(err, &e) || e.Code != desk.Unauthorized || e.Message != c.want || who != nil {
				t.Errorf("%+v, %v; want %s", who, err, c.want)
			}
		})
	}
}

func TestGoodTokensAreAccepted(t *testing.T) {
	x := newExchange(t)
	l := x.login()
	for _, c := range []struct{ name, token string }{
		{"EdDSA", x.token(nil)},
		{"RS256", sign(t, jose.RS256, x.rsa, map[string]any{"kid": "rsa-1"}, claims(nil))},
		{"the only key of its algorithm needs no name", sign(t, jose.EdDSA, x.ed, nil, claims(nil))},
		{"one of several audiences", x.token(map[string]any{"aud": []string{"app", "veridesk"}})},
		{"good for exactly an hour", x.token(map[string]any{"exp": noon.Add(time.Hour).Unix()})},
		{"expired within the leeway", x.token(map[string]any{"iat": noon.Add(-time.Hour).Unix(), "exp": noon.Add(-59 * time.Second).Unix()})},
		{"issued by a clock a little ahead", x.token(map[string]any{"iat": noon.Add(59 * time.Second).Unix(), "nbf": noon.Add(59 * time.Second).Unix()})},
		{"fractions of seconds", x.token(map[string]any{"iat": float64(noon.Unix()) + 0.25})},
		{"its own key in the header is ignored", sign(t, jose.EdDSA, x.ed, map[string]any{"kid": "ed-1", "jku": "https://evil.example/"}, claims(nil))},
	} {
		if who, err := l.Verify(t.Context(), c.token); err != nil || who.UID != "88001234" {
			t.Errorf("%s: %+v, %v", c.name, who, err)
		}
	}
	who, err := l.Verify(t.Context(), x.token(map[string]any{
		"name": " Lin\x07 Yu ", "email": "lin@customers.meridian.example", "locale": "zh-Hant", "tier": "VIP 2", "entity": "meridian-eu", "region": "",
	}))
	if err != nil || *who.Name != "Lin Yu" || *who.Email != "lin@customers.meridian.example" || who.Locale != "zh-Hant" || *who.Tier != "VIP 2" || *who.Entity != "meridian-eu" || *who.Region != "" {
		t.Errorf("%+v, %v", who, err)
	}
	if who, err := l.Verify(t.Context(), x.token(map[string]any{"email": "not an address"})); err != nil || who.Email != nil || who.Name != nil {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestIssuerIsCheckedWhenConfigured(t *testing.T) {
	secret := strings.Repeat("k", 32)
	l := login(t, customer.LoginConfig{Secret: secret, Issuer: "https://www.meridian.example"})
	for issuer, want := range map[string]bool{"https://www.meridian.example": true, "https://evil.example": false, "": false} {
		_, err := l.Verify(t.Context(), sign(t, jose.HS256, []byte(secret), nil, claims(map[string]any{"iss": issuer})))
		if (err == nil) != want {
			t.Errorf("issuer %q: %v", issuer, err)
		}
	}
}

func TestSharedKey(t *testing.T) {
	secret := strings.Repeat("k", 31) + "!"
	l := login(t, customer.LoginConfig{Secret: secret})
	if who, err := l.Verify(t.Context(), sign(t, jose.HS256, []byte(secret), map[string]any{"kid": "whatever"}, claims(nil))); err != nil || who.UID != "88001234" {
		t.Errorf("%+v, %v", who, err)
	}
	x := newExchange(t)
	for name, token := range map[string]string{
		"another key":       sign(t, jose.HS256, []byte(strings.Repeat("x", 32)), nil, claims(nil)),
		"EdDSA":             x.token(nil),
		"EdDSA with jwk":    sign(t, jose.EdDSA, x.ed, map[string]any{"jwk": jose.JSONWebKey{Key: x.ed.Public()}}, claims(nil)),
		"HS512":             sign(t, jose.HS512, []byte(strings.Repeat(secret, 2)), nil, claims(nil)),
		"none":              unsigned(`{"alg":"none"}`, text(t, claims(nil)), ""),
		"HS256 with no key": unsigned(`{"alg":"HS256"}`, text(t, claims(nil)), ""),
	} {
		if who, err := l.Verify(t.Context(), token); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	for name, cfg := range map[string]customer.LoginConfig{
		"nothing":      {Audience: "a"},
		"two ways":     {Audience: "a", Secret: strings.Repeat("k", 32), JWKSFile: "x"},
		"no audience":  {Secret: strings.Repeat("k", 32)},
		"short secret": {Audience: "a", Secret: strings.Repeat("k", 31)},
	} {
		if _, err := customer.NewLogin(cfg); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A key set is what others publish: what is no use in it must do no harm.
func TestKeysThatAreNotForThisAreLeftOut(t *testing.T) {
	x := newExchange(t)
	secret := []byte(strings.Repeat("s", 32))
	x.set = []byte(`{"keys":[` + strings.Join([]string{
		text(t, jose.JSONWebKey{Key: secret, KeyID: "oct"}),
		text(t, jose.JSONWebKey{Key: &weakRSA.PublicKey, KeyID: "weak"}),
		text(t, jose.JSONWebKey{Key: &x.rsa.PublicKey, KeyID: "enc", Use: "enc"}),
		text(t, jose.JSONWebKey{Key: &x.rsa.PublicKey, KeyID: "ps", Algorithm: "PS256"}),
		text(t, jose.JSONWebKey{Key: x.rsa, KeyID: "private"}),
		`{"kty":"XYZ","kid":"tomorrow"}`, `7`,
		text(t, jose.JSONWebKey{Key: x.ed.Public(), KeyID: "ed-1"}),
	}, ",") + `]}`)
	l := x.login()
	if _, err := l.Verify(t.Context(), x.token(nil)); err != nil {
		t.Errorf("the good key of the set: %v", err)
	}
	for kid, token := range map[string]string{
		"oct":     sign(t, jose.HS256, secret, map[string]any{"kid": "oct"}, claims(nil)),
		"enc":     sign(t, jose.RS256, x.rsa, map[string]any{"kid": "enc"}, claims(nil)),
		"ps":      sign(t, jose.RS256, x.rsa, map[string]any{"kid": "ps"}, claims(nil)),
		"private": sign(t, jose.RS256, x.rsa, map[string]any{"kid": "private"}, claims(nil)),
		"weak":    sign(t, jose.RS256, weakRSA, map[string]any{"kid": "weak"}, claims(nil)),
	} {
		if who, err := l.Verify(t.Context(), token); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("%s: %+v, %v", kid, who, err)
		}
	}
}

// Whoever sets the desk up is told which keys there are before a customer finds
// out that there is none.
func TestCheckNamesTheKeys(t *testing.T) {
	x := newExchange(t)
	x.set = x.keySet(jose.JSONWebKey{Key: x.ed.Public(), KeyID: "ed-1"}, jose.JSONWebKey{Key: &weakRSA.PublicKey, KeyID: "weak"})
	names, left, err := x.login().Check(t.Context())
	if err != nil || len(names) != 1 || names[0] != `"ed-1" (EdDSA)` || len(left) != 1 || !strings.Contains(left[0].Error(), "1024 bits") {
		t.Errorf("%q %v %v", names, left, err)
	}
	x.set = []byte(`{"keys":[]}`)
	if _, _, err := x.login().Check(t.Context()); err == nil {
		t.Error("a set without keys is in order")
	}
	if names, _, err := login(t, customer.LoginConfig{Secret: shared}).Check(t.Context()); err != nil || len(names) != 1 || strings.Contains(names[0], shared) {
		t.Errorf("%q %v", names, err)
	}
}

// keyServer serves a key set and counts how often it is asked.
type keyServer struct {
	set   atomic.Pointer[[]byte]
	code  atomic.Int64
	asked atomic.Int64
}

func (k *keyServer) RoundTrip(r *http.Request) (*http.Response, error) {
	k.asked.Add(1)
	w := httptest.NewRecorder()
	if code := int(k.code.Load()); code != 0 {
		w.Header().Set("Location", "https://evil.example/jwks.json")
		w.WriteHeader(code)
	} else if set := k.set.Load(); set != nil {
		w.Write(*set) //nolint:errcheck // a recorder
	} else {
		return nil, errors.New("nobody answers")
	}
	return w.Result(), nil
}

func (k *keyServer) serve(set []byte) { k.set.Store(&set) }

// A rotation must not lock customers out, an outage of the exchange neither, and
// a flood of made-up key names must not reach the exchange.
func TestKeysAreFetchedAgainWhenATokenNamesANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t)
		server := new(keyServer)
		l := login(t, customer.LoginConfig{JWKSURL: "https://www.meridian.example/jwks.json", Client: &http.Client{Transport: server}, Now: time.Now})
		at := func(change map[string]any) map[string]any {
			c := claims(change)
			c["iat"], c["exp"] = time.Now().Unix(), time.Now().Add(time.Minute).Unix()
			return c
		}
		good := func(kid string) string {
			return sign(t, jose.EdDSA, x.ed, map[string]any{"kid": kid}, at(nil))
		}
		check := func(when, token string, want bool, asked int64) {
			t.Helper()
			_, err := l.Verify(t.Context(), token)
			if (err == nil) != want || server.asked.Load() != asked {
				t.Errorf("%s: %v, asked %d times, want %d", when, err, server.asked.Load(), asked)
			}
		}
		check("before the exchange answers", good("ed-1"), false, 1)
		check("at once again", good("ed-1"), false, 1)
		server.serve(x.set)
		time.Sleep(6 * time.Second)
		check("as soon as it does", good("ed-1"), true, 2)
		for range 100 {
			check("made-up names", good("x"), false, 2)
		}
		server.serve(x.keySet(jose.JSONWebKey{Key: x.ed.Public(), KeyID: "ed-2"}))
		check("a new key, too soon", good("ed-2"), false, 2)
		time.Sleep(time.Minute)
		check("a new key", good("ed-2"), true, 3)
		check("the old key is gone", good("ed-1"), false, 3)

		for name, broken := range map[string]func(){
			"an error":   func() { server.code.Store(500) },
			"a redirect": func() { server.code.Store(302) },
			"no JSON":    func() { server.code.Store(0); server.serve([]byte("<html>")) },
			"no keys":    func() { server.serve([]byte(`{"keys":[]}`)) },
			"far too long": func() {
				server.serve(append([]byte(`{"keys":[],"pad":"`), make([]byte, 300<<10)...))
			},
		} {
			broken()
			time.Sleep(time.Minute)
			before := server.asked.Load()
			check(name, good("ed-3"), false, before+1)
			check(name+", the keys known before", good("ed-2"), true, before+1)
		}
	})
}

// The background reading ends with its context and needs nobody to ask.
func TestKeysAreKeptUpToDateInTheBackground(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		x := newExchange(t)
		server := new(keyServer)
		server.serve(x.set)
		l := login(t, customer.LoginConfig{JWKSURL: "https://www.meridian.example/jwks.json", Client: &http.Client{Transport: server}, Now: time.Now})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { l.Run(ctx); close(ended) }()
		time.Sleep(time.Hour)
		if n := server.asked.Load(); n < 6 || n > 8 {
			t.Errorf("asked %d times in an hour", n)
		}
		stop()
		<-ended
	})
}

func TestAFileOfKeysIsReadAgainWhenItChanges(t *testing.T) {
	x, next := newExchange(t), newExchange(t)
	path := filepath.Join(t.TempDir(), "jwks.json")
	write := func(text []byte, age time.Duration) {
		t.Helper()
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, noon.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	now := noon
	l := login(t, customer.LoginConfig{JWKSFile: path, Now: func() time.Time { return now }})
	try := func(x *exchange, kid string) error {
		now = now.Add(2 * time.Second) // it is looked at once a second at most
		_, err := l.Verify(t.Context(), sign(t, jose.EdDSA, x.ed, map[string]any{"kid": kid}, claims(nil)))
		return err
	}
	if err := try(x, "ed-1"); err == nil {
		t.Error("there is no file yet")
	}
	now = now.Add(5 * time.Second)
	write(x.set, time.Hour)
	if err := try(x, "ed-1"); err != nil {
		t.Errorf("the first keys: %v", err)
	}
	write([]byte("{"), time.Minute)
	if err := try(next, "new"); err == nil {
		t.Error("a key of nowhere")
	}
	if err := try(x, "ed-1"); err != nil {
		t.Errorf("a broken file must change nothing: %v", err)
	}
	write(next.keySet(jose.JSONWebKey{Key: next.ed.Public(), KeyID: "new"}), time.Second)
	if err := try(next, "new"); err != nil {
		t.Errorf("the new keys: %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	x := newExchange(f)
	l := login(f, customer.LoginConfig{Secret: strings.Repeat("k", 32)})
	f.Add(x.token(nil))
	f.Add("a.b.c")
	f.Add(unsigned(`{"alg":"none"}`, `{}`, ""))
	f.Fuzz(func(t *testing.T, token string) {
		if who, err := l.Verify(t.Context(), token); err == nil || desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("%+v, %v", who, err)
		}
	})
}
