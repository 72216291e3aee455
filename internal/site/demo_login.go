package site

import (
	"crypto/ed25519"
	"crypto/rand"
	_ "embed" // the demo's script
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// How the demo exchange signs its customers in at the desk.
const (
	DemoKeysPath = "/.well-known/jwks.json"
	DemoIssuer   = "https://www.meridian.example"
	DemoAudience = "veridesk"
)

//go:embed demo/exchange.js
var exchangeJS []byte

// demoCustomer is an account at the fictional exchange. The fields of JSON are
// the claims of its token.
type demoCustomer struct {
	UID    string `json:"sub"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Locale string `json:"locale"`
	Tier   string `json:"tier"`
	Entity string `json:"entity"`
}

var demoCustomers = []demoCustomer{
	{"88001234", "Lin", "lin.yuhan@customers.meridian.example", "zh-CN", "VIP 2", "meridian-global"},
	{"88005678", "Chen", "chen.mo@customers.meridian.example", "en", "Standard", "meridian-eu"},
}

// demoLogin is what an exchange's backend has: a key of its own, and a word
// about each customer signed with it.
type demoLogin struct {
	signer jose.Signer
	keys   []byte // the public ones, as a JWK set
	now    func() time.Time
}

// demoTokenLife is short: a page asks again when it needs one.
const demoTokenLife = 10 * time.Minute

func newDemoLogin(now func() time.Time) (*demoLogin, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("a key for the demo exchange: %w", err)
	}
	kid := "demo-" + rand.Text()[:8] // another with every start, as after a rotation
	l := &demoLogin{now: now}
	l.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: jose.JSONWebKey{Key: private, KeyID: kid}}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("the signer of the demo exchange: %w", err)
	}
	l.keys, err = json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: public, KeyID: kid, Algorithm: string(jose.EdDSA), Use: "sig"}}})
	return l, err
}

// token returns a customer's token for the desk, or "" for no customer of ours.
func (l *demoLogin) token(uid string) (string, error) {
	for _, c := range demoCustomers {
		if c.UID != uid {
			continue
		}
		now := l.now()
		claims, err := json.Marshal(struct {
			demoCustomer
			Issuer   string `json:"iss"`
			Audience string `json:"aud"`
			Issued   int64  `json:"iat"`
			Expires  int64  `json:"exp"`
		}{c, DemoIssuer, DemoAudience, now.Unix(), now.Add(demoTokenLife).Unix()})
		if err != nil {
			return "", err
		}
		signed, err := l.signer.Sign(claims)
		if err != nil {
			return "", err
		}
		return signed.CompactSerialize()
	}
	return "", nil
}

// register adds the keys for the desk, and for the page its script and the
// signed-in customer's token. A real exchange takes the customer from its own
// session, of course, and not from the address.
func (l *demoLogin) register(mux *http.ServeMux) {
	send := func(w http.ResponseWriter, contentType, cache string, body []byte) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Cache-Control", cache)
		w.Write(body) //nolint:errcheck // the reader left
	}
	mux.HandleFunc("GET "+DemoKeysPath, func(w http.ResponseWriter, _ *http.Request) {
		send(w, "application/jwk-set+json", "no-cache", l.keys)
	})
	mux.HandleFunc("GET /exchange.js", func(w http.ResponseWriter, _ *http.Request) {
		send(w, "text/javascript; charset=utf-8", "no-cache", exchangeJS)
	})
	mux.HandleFunc("POST /support-token/{uid}", func(w http.ResponseWriter, r *http.Request) {
		token, err := l.token(r.PathValue("uid"))
		switch {
		case err != nil:
			http.Error(w, "no token could be made", http.StatusInternalServerError)
		case token == "":
			http.NotFound(w, r)
		default:
			send(w, "text/plain; charset=utf-8", "no-store", []byte(token))
		}
	})
}
