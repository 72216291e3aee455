package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
)

// check returns a Problem for every value that cannot work.
func (c *Config) check() []error {
	var problems []error
	rule := func(name string, err error, mend string) {
		if err != nil {
			problems = append(problems, Problem{name, c.from[name], err.Error(), mend})
		}
	}
	oneOf := func(name, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			rule(name, fmt.Errorf("%q is not known", value), "use "+strings.Join(allowed, ", "))
		}
	}
	const hostPort = "write host:port, for example 127.0.0.1:8080"
	rule("listen", checkListen(c.Listen), hostPort)
	if c.PublicURL != "" || checkListen(c.Listen) == nil {
		rule("public_url", checkOrigin(c.PublicURL), "write scheme and host only, for example https://help.meridian.example")
	}
	if strings.TrimSpace(c.Data) == "" {
		rule("data", errors.New("it is empty"), "name a folder that the server may write to")
	}
	rule("database", checkDatabase(c.Database), "write sqlite:PATH or postgres://user:password@host:5432/name")
	if c.Redis != "" {
		rule("redis", checkURL(c.Redis, "redis", "rediss"), "write redis://host:6379/0")
	}
	for _, p := range c.TrustedProxies {
		_, err := parseNetwork(p)
		rule("trusted_proxies", err, "write networks as 10.0.0.0/8 or addresses as 127.0.0.1")
	}
	for _, o := range c.WidgetOrigins {
		rule("widget_origins", checkOrigin(o), "write the exact origin, for example https://www.meridian.example")
	}
	if c.Content != "" {
		rule("content", checkFolder(c.Content), "name a folder with articles, or leave it empty for the built-in ones")
	}
	if c.Demo {
		rule("demo_listen", checkListen(c.DemoListen), hostPort)
		if c.DemoListen == c.Listen && !strings.HasSuffix(c.Listen, ":0") {
			rule("demo_listen", fmt.Errorf("%s is also the address of listen", c.DemoListen), "give the demo page a port of its own")
		}
	}
	c.checkSites(rule)
	oneOf("blob", c.Blob, "disk", "s3")
	if c.Blob == "s3" {
		rule("s3.endpoint", checkEndpoint(c.S3.Endpoint), "write host:port without https:// (s3.tls says whether it is https)")
		for name, v := range map[string]string{"s3.bucket": c.S3.Bucket, "s3.access_key": c.S3.AccessKey, "s3.secret_key": c.S3.SecretKey} {
			if v == "" {
				rule(name, errors.New("it is needed when blob is s3"), "set it, or set blob to disk")
			}
		}
	}
	if c.MaxUploadMB < 0 || c.MaxUploadMB > mostUploadMB {
		rule("max_upload_mb", fmt.Errorf("%d is out of range", c.MaxUploadMB), fmt.Sprintf("use 1 to %d, or 0 to switch files off", mostUploadMB))
	}
	if c.Clamd != "" && !strings.HasPrefix(c.Clamd, "/") {
		rule("clamd", checkHostPort(c.Clamd), "write host:port or the path of the socket, for example /run/clamav/clamd.ctl")
	}
	c.checkSMTP(rule, oneOf)
	c.checkBrand(rule)
	c.checkLogin(rule)
	c.checkPush(rule)
	oneOf("log.level", strings.ToLower(c.Log.Level), "debug", "info", "warn", "error")
	oneOf("log.format", c.Log.Format, "text", "json")
	slices.SortStableFunc(problems, func(a, b error) int { return strings.Compare(a.(Problem).Setting, b.(Problem).Setting) })
	return problems
}

func (c *Config) checkSMTP(rule func(string, error, string), oneOf func(string, string, ...string)) {
	oneOf("smtp.tls", c.SMTP.TLS, "starttls", "tls", "none")
	if c.SMTP.Port < 1 || c.SMTP.Port > 65535 {
		rule("smtp.port", fmt.Errorf("%d is not a port", c.SMTP.Port), "use 1 to 65535")
	}
	if c.SMTP.Host == "" {
		return
	}
	if strings.ContainsAny(c.SMTP.Host, ":/ ") {
		rule("smtp.host", fmt.Errorf("%q is not a host name", c.SMTP.Host), "write the name alone; the port is smtp.port")
	}
	if _, err := mail.ParseAddress(c.SMTP.From); err != nil {
		rule("smtp.from", fmt.Errorf("%q is not a sender", c.SMTP.From), "write it as Meridian Support <support@meridian.example>")
	}
	if (c.SMTP.Username == "") != (c.SMTP.Password == "") {
		rule("smtp.username", errors.New("user name and password go together"), "set smtp.username and smtp.password, or neither")
	}
}

func (c *Config) checkBrand(rule func(string, error, string)) {
	for name, v := range map[string]string{"brand.name_en": c.Brand.NameEN, "brand.name_zh": c.Brand.NameZH} {
		if strings.TrimSpace(v) == "" {
			rule(name, errors.New("it is empty"), "customers see this name on every page")
		}
	}
	rule("brand.exchange_url", checkURL(c.Brand.ExchangeURL, "https", "http"), "write the address of the exchange's site")
	if c.Brand.PrivacyURL != "" {
		rule("brand.privacy_url", checkURL(c.Brand.PrivacyURL, "https", "http"), "write a full address, or leave it empty")
	}
	if c.Brand.Email != "" {
		if a, err := mail.ParseAddress(c.Brand.Email); err != nil || a.Address != c.Brand.Email {
			rule("brand.email", fmt.Errorf("%q is not a mail address", c.Brand.Email), "write the address alone")
		}
	}
}

// warnings are sentences about what works and is probably not meant.
func (c *Config) warnings() []string {
	var out []string
	postgres := !strings.HasPrefix(c.Database, "sqlite:")
	switch {
	case c.Redis != "" && !postgres:
		out = append(out, "redis is set but the database is SQLite, which serves one node only; many nodes need PostgreSQL, Redis and S3 together")
	case c.Redis != "" && c.Blob != "s3":
		out = append(out, "redis is set but files are kept on this node's disk; with several nodes set blob to s3, or a file sent to one is missing on the others")
	}
	if u, err := url.Parse(c.PublicURL); err == nil {
		name := u.Hostname()
		ip := net.ParseIP(name)
		local := name == "localhost" || strings.HasSuffix(name, ".localhost") || (ip != nil && ip.IsLoopback())
		if c.Demo && !local {
			out = append(out, "the demo is reached at "+c.PublicURL+": its staff passwords are public, so everybody who opens it is an agent")
		}
		if u.Scheme == "http" && !local {
			out = append(out, "public_url is http: passwords cross the network unprotected and passkeys do not work; put TLS in front and write https")
		}
		if ip != nil {
			out = append(out, "public_url is a bare IP address: browsers refuse passkeys there; use a name")
		}
	}
	if host, _, err := net.SplitHostPort(c.Listen); c.Demo && err == nil {
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			out = append(out, "the demo listens on "+c.Listen+": its staff passwords are public, so everybody who reaches this port is an agent")
		}
	}
	if c.SMTP.Host != "" && c.SMTP.TLS == "none" && c.SMTP.Username != "" {
		out = append(out, "smtp.tls is none: the mail password is sent unprotected")
	}
	if c.MasterKey != "" && strings.HasPrefix(c.from["master_key"], "the command line") {
		out = append(out, "the master key stands on the command line, where every local user can read it; use VERIDESK_MASTER_KEY or master_key_file")
	}
	return out
}

// mostUploadMB is where files are better sent by other means.
const mostUploadMB = 500

func checkHostPort(s string) error {
	host, port, err := net.SplitHostPort(s)
	if n, nerr := strconv.Atoi(port); err != nil || host == "" || nerr != nil || n < 1 || n > 65535 {
		return fmt.Errorf("%q is not host:port", s)
	}
	return nil
}

func checkListen(s string) error {
	_, port, err := net.SplitHostPort(s)
	if err != nil {
		return fmt.Errorf("%q is not an address to listen on", s)
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return fmt.Errorf("%q is not a port", port)
	}
	return nil
}

// checkOrigin accepts scheme://host[:port] alone.
func checkOrigin(s string) error {
	if err := checkURL(s, "https", "http"); err != nil {
		return err
	}
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Path != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return fmt.Errorf("%q has more than scheme, host and port", s)
	}
	if strings.Contains(u.Host, "*") {
		return fmt.Errorf("%q has a wildcard", s)
	}
	return nil
}

// checkURL never repeats the address: it may hold a password.
func checkURL(s string, schemes ...string) error {
	u, err := url.Parse(s)
	if err != nil {
		return errors.New("it is not an address")
	}
	if !slices.Contains(schemes, u.Scheme) {
		return fmt.Errorf("it does not begin with %s://", strings.Join(schemes, ":// or "))
	}
	if u.Hostname() == "" {
		return errors.New("it names no host")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("%q is not a port", p)
		}
	}
	return nil
}

func checkDatabase(s string) error {
	if path, ok := strings.CutPrefix(s, "sqlite:"); ok {
		if path == "" || strings.HasPrefix(path, "//") {
			return errors.New("it names no file")
		}
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql") {
		return errors.New("it is not an address of a database")
	}
	return nil
}

func checkEndpoint(s string) error {
	if s == "" {
		return errors.New("it is needed when blob is s3")
	}
	if strings.ContainsAny(s, "/ ") {
		return fmt.Errorf("%q is not host:port", s)
	}
	return nil
}

func checkFolder(path string) error {
	entry, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("the folder cannot be read: %w", err)
	}
	if !entry.IsDir() {
		return fmt.Errorf("%s is not a folder", path)
	}
	_, err = os.ReadDir(path)
	return err
}

func parseNetwork(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return p, fmt.Errorf("%q is not a network", s)
	}
	return p.Masked(), nil
}
