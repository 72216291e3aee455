package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/customer"
)

// checkLogin reads the exchange's keys as the server will.
func checkLogin(ctx context.Context, cfg config.Config) []finding {
	const name = "sign-in"
	l := cfg.ExchangeLogin
	if !l.Enabled() {
		return []finding{{name, stateSkip, "no keys of the exchange: every customer is an anonymous visitor", ""}}
	}
	login, err := customer.NewLogin(customer.LoginConfig{JWKSURL: l.JWKSURL, JWKSFile: l.JWKSFile, Secret: l.Secret, Audience: l.Audience, Issuer: l.Issuer})
	if err != nil {
		return []finding{{name, stateFail, err.Error(), "mend the table exchange_login"}}
	}
	names, left, err := login.Check(ctx)
	if err != nil {
		return []finding{{name, stateFail, fmt.Sprintf("the exchange's keys: %v", err), "serve a JWK set there that holds an Ed25519 or RSA public key (docs/embedding.md)"}}
	}
	out := finding{name, stateOK, "customers sign in with " + strings.Join(names, ", "), ""}
	if len(left) > 0 {
		out = finding{name, stateWarn, out.Detail + "; not used: " + errors.Join(left...).Error(), "take these keys out of the set, if they are not for something else"}
	}
	return []finding{out}
}
