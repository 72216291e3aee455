package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
)

// minLoginSecret is the least length of a shared key: RFC 7518 §3.2.
const minLoginSecret = 32

func (c *Config) checkLogin(rule func(string, error, string)) {
	l := c.ExchangeLogin
	var given []string
	for _, s := range []struct{ name, value string }{{"jwks_url", l.JWKSURL}, {"jwks_file", l.JWKSFile}, {"secret", l.Secret}} {
		if s.value != "" {
			given = append(given, "exchange_login."+s.name)
		}
	}
	switch {
	case len(given) == 0 && l.Issuer != "":
		rule("exchange_login.issuer", errors.New("there is no key to check its tokens with"), "set exchange_login.jwks_url, jwks_file or secret, or leave the table empty")
	case len(given) > 1:
		rule(given[1], fmt.Errorf("%s is set, too", given[0]), "keep one of them: a token must have one way to be checked")
	}
	if len(given) > 0 && strings.TrimSpace(l.Audience) == "" {
		rule("exchange_login.audience", errors.New("it is empty, so that any token of yours would sign a customer in"), "write what your backend puts into aud, for example veridesk")
	}
	if l.JWKSURL != "" {
		rule("exchange_login.jwks_url", checkKeysURL(l.JWKSURL), "write the https address of the JWK set, for example https://www.meridian.example/.well-known/jwks.json")
	}
	if l.JWKSFile != "" {
		entry, err := os.Stat(l.JWKSFile)
		if err == nil && entry.IsDir() {
			err = fmt.Errorf("%s is a folder", l.JWKSFile)
		}
		rule("exchange_login.jwks_file", err, "name a file with a JWK set that the server may read")
	}
	if l.Secret != "" && len(l.Secret) < minLoginSecret {
		rule("exchange_login.secret", fmt.Errorf("it has %d characters, and %d are needed", len(l.Secret), minLoginSecret), "make one with: openssl rand -base64 48")
	}
}

// checkKeysURL wants https: whoever can change the keys on their way is every
// customer. This machine alone may do without.
func checkKeysURL(s string) error {
	if err := checkURL(s, "https", "http"); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil {
		return errors.New("it is not an address")
	}
	name := u.Hostname()
	ip := net.ParseIP(name)
	local := name == "localhost" || strings.HasSuffix(name, ".localhost") || (ip != nil && ip.IsLoopback())
	switch {
	case u.Scheme == "http" && !local:
		return errors.New("it is http: whoever sits between could put keys of their own in")
	case u.User != nil:
		return errors.New("it holds a password, which would be logged")
	}
	return nil
}
