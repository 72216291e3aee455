package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
)

// Config is every setting of an installation. Get one from [Load], or in a test
// from [Default]; a Config made by Load has been checked.
//
// The tags: name is the key in the file (a table's name and a dot stand before
// the keys of a nested struct) and, in capitals with underscores, the variable;
// help is one sentence for the operator; unset explains what an empty value
// means; secret values are never printed.
type Config struct {
	Listen         string     `name:"listen" default:"127.0.0.1:8080" help:"Address and port that the server listens on; put a reverse proxy with TLS in front of it."`
	PublicURL      string     `name:"public_url" default:"" unset:"http://localhost with the port of listen" help:"The address under which people reach the server, without a path; passkeys refuse a bare IP address, and need https anywhere but on localhost."`
	Data           string     `name:"data" default:"./data" help:"Folder for the database, files and the master key of a single node."`
	Database       string     `name:"database" default:"" unset:"sqlite:<data>/veridesk.db" secret:"url" help:"sqlite:PATH or postgres://user:password@host:5432/name; many nodes need PostgreSQL."`
	Redis          string     `name:"redis" default:"" unset:"realtime in memory, one node only" secret:"url" help:"redis://[:password@]host:6379/0 (rediss:// for TLS), shared by all nodes for realtime and presence."`
	MasterKeyFile  string     `name:"master_key_file" default:"" unset:"<data>/master.key" help:"File with the master key that wraps every stored secret; it is made on the first start, and a backup is worth nothing without it."`
	MasterKey      string     `name:"master_key" default:"" secret:"true" unset:"master_key_file is used" help:"The master key itself instead of a file, the same on every node; better given as VERIDESK_MASTER_KEY than written here."`
	TrustedProxies []string   `name:"trusted_proxies" default:"" unset:"forwarding headers are ignored" help:"Networks (CIDR) of your reverse proxies; only they may say in X-Forwarded-For who the client is."`
	WidgetOrigins  []string   `name:"widget_origins" default:"" unset:"no other site may embed the widget" help:"Exact origins of the pages that may embed the widget, such as https://www.meridian.example; no wildcards."`
	Content        string     `name:"content" default:"" unset:"the sample articles built into the binary" help:"Folder with the articles to begin with, a folder per locale."`
	Clamd          string     `name:"clamd" default:"" unset:"files are not scanned for viruses" help:"ClamAV daemon that scans every file before it can be sent: host:port or the path of its socket; its StreamMaxLength must be at least max_upload_mb. While it is away files wait, for up to three hours."`
	MaxUploadMB    int        `name:"max_upload_mb" default:"25" help:"Largest file that customers and staff may send, in megabytes; 0 switches files off."`
	MetricsToken   string     `name:"metrics_token" default:"" secret:"true" unset:"/metrics answers this machine only, and only while public_url is on localhost" help:"Bearer token that a monitoring system shows to read /metrics."`
	Demo           bool       `name:"demo" default:"false" help:"Seed the fictional Meridian Exchange with demo staff whose passwords are printed; never on an installation with real customers."`
	DemoListen     string     `name:"demo_listen" default:"127.0.0.1:8081" help:"Address of the demo exchange's own page, which embeds the widget from another origin."`
	HelpSites      []HelpSite `name:"help_sites" default:"" unset:"one Help Center, at public_url" help:"Further addresses at which the Help Center of one legal entity or region is read; each is a table with host, entity, region and public_url."`

	RetentionDays int `name:"retention_days" default:"0" help:"Days after which resolved conversations are erased with everything in them; customers are told in the widget. 0 keeps them."`

	Blob string `name:"blob" default:"disk" help:"Where uploaded files go: disk (under data) or s3 (see the table s3); many nodes need s3."`

	ExchangeLogin ExchangeLogin `name:"exchange_login" help:"How your exchange signs its customers in to the widget and the app centre (docs/embedding.md); without it everybody is an anonymous visitor."`

	Push Push `name:"push" help:"How customers who are away hear of answers: web push to their browsers, and a webhook for the exchange's own app (docs/chat.md)."`

	S3    S3    `name:"s3" help:"Object storage for uploaded files, when blob is s3."`
	SMTP  SMTP  `name:"smtp" help:"Server for outgoing mail: invitations and, later, replies."`
	Brand Brand `name:"brand" help:"How the installation presents itself."`
	Log   Log   `name:"log" help:"What is written to standard error."`

	// from says for each setting that was given where it was given.
	from map[string]string
}

// HelpSite is an address of its own for the Help Center of a legal entity and
// region. An unknown host is shown what public_url is.
type HelpSite struct {
	Host      string // as browsers send it: a name, with the port unless it is the scheme's own
	Entity    string
	Region    string
	PublicURL string // "": the scheme of public_url and Host
}

// ExchangeLogin says whose tokens sign customers in: one of JWKSURL, JWKSFile
// and Secret, or none.
type ExchangeLogin struct {
	JWKSURL  string `name:"jwks_url" default:"" unset:"see jwks_file and secret" help:"Address of your public keys as a JWK set (EdDSA or RS256); it is fetched every ten minutes and when a token names a new key."`
	JWKSFile string `name:"jwks_file" default:"" unset:"see jwks_url and secret" help:"The same as a file, which is read again when it changes."`
	Secret   string `name:"secret" default:"" secret:"true" unset:"see jwks_url and jwks_file" help:"Key of at least 32 characters that your backend and Veridesk share (HS256), instead of public keys; whoever has it is every customer."`
	Audience string `name:"audience" default:"veridesk" help:"What your tokens name as aud, so that no other token of yours signs anybody in."`
	Issuer   string `name:"issuer" default:"" unset:"any issuer" help:"What your tokens name as iss."`
}

// Enabled reports whether customers can sign in.
func (l ExchangeLogin) Enabled() bool { return l.JWKSURL != "" || l.JWKSFile != "" || l.Secret != "" }

// S3 is an S3-compatible object store.
type S3 struct {
	Endpoint  string `name:"endpoint" default:"" help:"host:port of the object store, without a scheme."`
	Bucket    string `name:"bucket" default:"" help:"Bucket that exists already."`
	Region    string `name:"region" default:"us-east-1" help:"Region of the bucket; most self-hosted stores accept the default."`
	AccessKey string `name:"access_key" default:"" help:"Access key."`
	SecretKey string `name:"secret_key" default:"" secret:"true" help:"Secret key."`
	Prefix    string `name:"prefix" default:"" help:"Put before every object's name, to share a bucket; without a leading slash."`
	TLS       bool   `name:"tls" default:"true" help:"Speak https to the object store."`
}

// SMTP is the way out for mail. An empty Host means that no mail is sent.
type SMTP struct {
	Host     string `name:"host" default:"" unset:"no mail is sent; whoever invites somebody is shown the link to hand on" help:"Host name of the mail server."`
	Port     int    `name:"port" default:"587" help:"Port of the mail server: 587 with starttls, 465 with tls."`
	Username string `name:"username" default:"" unset:"no authentication" help:"User name at the mail server."`
	Password string `name:"password" default:"" secret:"true" help:"Password at the mail server."`
	TLS      string `name:"tls" default:"starttls" help:"starttls, tls (from the first byte) or none (loopback and tests only)."`
	From     string `name:"from" default:"" help:"Sender, such as Meridian Support <support@meridian.example>."`
}

// Brand is how the installation names itself to customers.
type Brand struct {
	NameEN      string `name:"name_en" default:"Meridian Exchange" help:"Name of the exchange in English."`
	NameZH      string `name:"name_zh" default:"子午交易所" help:"Name of the exchange in Chinese."`
	ExchangeURL string `name:"exchange_url" default:"https://www.meridian.example" help:"The exchange's own site."`
	PrivacyURL  string `name:"privacy_url" default:"" unset:"no link" help:"The exchange's privacy notice, linked where customers write."`
	Email       string `name:"email" default:"support@meridian.example" help:"Mail address shown on the contact page."`
}

// Log is what is logged and how.
type Log struct {
	Level  string `name:"level" default:"info" help:"debug, info, warn or error."`
	Format string `name:"format" default:"text" help:"text for people, json for machines."`
}

// Default returns the settings of an installation that sets nothing.
func Default() Config {
	var c Config
	for _, s := range settings(&c) {
		if err := s.set(s.def); err != nil {
			panic(fmt.Sprintf("default of %s: %v", s.name, err)) // a mistake in the tags above
		}
	}
	c.derive()
	return c
}

// derive fills in what follows from other settings.
func (c *Config) derive() {
	if c.Database == "" {
		c.Database = "sqlite:" + filepath.Join(c.Data, "veridesk.db")
	}
	if c.MasterKeyFile == "" {
		c.MasterKeyFile = filepath.Join(c.Data, "master.key")
	}
	if c.PublicURL == "" {
		if _, port, err := net.SplitHostPort(c.Listen); err == nil {
			c.PublicURL = "http://localhost:" + port
		}
	}
	c.PublicURL = strings.TrimSuffix(c.PublicURL, "/")
	scheme, _, _ := strings.Cut(c.PublicURL, "://")
	for i := range c.HelpSites {
		s := &c.HelpSites[i]
		s.Host = strings.ToLower(s.Host)
		if s.PublicURL == "" {
			s.PublicURL = scheme + "://" + s.Host
		}
		s.PublicURL = strings.TrimSuffix(s.PublicURL, "/")
	}
	if c.S3.Prefix != "" && !strings.HasSuffix(c.S3.Prefix, "/") {
		c.S3.Prefix += "/"
	}
	for i, o := range c.WidgetOrigins {
		c.WidgetOrigins[i] = strings.TrimSuffix(o, "/")
	}
}

// MaxUploadBytes returns MaxUploadMB in bytes.
func (c Config) MaxUploadBytes() int64 { return int64(c.MaxUploadMB) << 20 }

// BlobDir returns the folder of uploaded files when Blob is "disk".
func (c Config) BlobDir() string { return filepath.Join(c.Data, "files") }

// ProxyNetworks returns TrustedProxies parsed; a bare address is a network of
// one. Entries that [Load] would have refused are left out.
func (c Config) ProxyNetworks() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range c.TrustedProxies {
		if n, err := parseNetwork(p); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// DemoOrigin returns the origin of the demo exchange's page as people should
// open it: under localhost when it listens on this machine only. That is another
// origin than the desk's and still the same site, so that a browser which
// refuses storage to foreign frames (a private window) keeps the conversation.
func (c Config) DemoOrigin() string {
	host, port, err := net.SplitHostPort(c.DemoListen)
	if ip, bad := netip.ParseAddr(host); err != nil || bad != nil || !ip.IsLoopback() {
		return "http://" + c.DemoListen
	}
	return "http://localhost:" + port
}

// EmbedOrigins returns the origins that may embed the widget: WidgetOrigins,
// and in the demo the exchange's page, by name and by address.
func (c Config) EmbedOrigins() []string {
	out := append([]string(nil), c.WidgetOrigins...)
	if c.Demo {
		out = append(out, c.DemoOrigin())
		if address := "http://" + c.DemoListen; address != c.DemoOrigin() {
			out = append(out, address)
		}
	}
	return out
}

// Sites returns the further addresses of the Help Center: HelpSites, and in a
// demo on this machine one for its second legal entity.
func (c Config) Sites() []HelpSite {
	out := append([]HelpSite(nil), c.HelpSites...)
	if host, ok := strings.CutPrefix(c.PublicURL, "http://localhost"); ok && c.Demo && len(out) == 0 {
		host = "eu.localhost" + host
		out = append(out, HelpSite{Host: host, Entity: DemoEntity, PublicURL: "http://" + host})
	}
	return out
}

// DemoEntity is the code of the demo's second legal entity.
const DemoEntity = "meridian-eu"

// LogLevel returns the level of Log.
func (c Config) LogLevel() slog.Level {
	var l slog.Level
	if l.UnmarshalText([]byte(c.Log.Level)) != nil {
		return slog.LevelInfo
	}
	return l
}

// String lists every setting as name = value, one a line, with secrets masked;
// it is safe to log and to paste into a bug report.
func (c Config) String() string {
	var b strings.Builder
	for _, s := range settings(&c) {
		fmt.Fprintf(&b, "%s = %s\n", s.name, s.shown())
	}
	return b.String()
}

// LogValue keeps secrets out of logs.
func (c Config) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, s := range settings(&c) {
		attrs = append(attrs, slog.String(s.name, s.shown()))
	}
	return slog.GroupValue(attrs...)
}
