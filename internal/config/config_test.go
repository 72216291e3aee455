package config

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/google/go-cmp/cmp"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "veridesk.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An operator who sets nothing gets a server that works on the local machine.
func TestDefaultsWorkAsTheyAre(t *testing.T) {
	c, warnings, err := Load(Sources{})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("error %v, warnings %q", err, warnings)
	}
	if c.Listen != "127.0.0.1:8080" || c.PublicURL != "http://localhost:8080" || c.Blob != "disk" || c.SMTP.Port != 587 {
		t.Errorf("unexpected defaults:\n%s", c)
	}
	if want := "sqlite:" + filepath.Join("data", "veridesk.db"); c.Database != want {
		t.Errorf("database %q, want %q", c.Database, want)
	}
	if want := filepath.Join("data", "master.key"); c.MasterKeyFile != want {
		t.Errorf("master key file %q, want %q", c.MasterKeyFile, want)
	}
	d := Default()
	if d.String() != c.String() {
		t.Errorf("Default and Load disagree:\n%s", cmp.Diff(d.String(), c.String()))
	}
}

// A flag beats a variable, a variable beats the file: else an operator changes
// a setting and nothing happens.
func TestLaterSourcesWin(t *testing.T) {
	src := Sources{File: file(t, "listen = \"127.0.0.1:1\"\ndata = \"/from/file\"\n[smtp]\nport = 25\n[log]\nlevel = \"warn\"\n")}
	c, _, err := Load(src)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:1" || c.SMTP.Port != 25 || c.LogLevel() != slog.LevelWarn || c.Database != "sqlite:/from/file/veridesk.db" {
		t.Fatalf("the file was not followed:\n%s", c)
	}
	src.Environ = []string{"VERIDESK_LISTEN=127.0.0.1:2", "VERIDESK_SMTP_PORT=26", "VERIDESK_DATA=", "HOME=/x", "VERIDESK_WIDGET_ORIGINS=https://a.example, https://b.example/"}
	c, _, err = Load(src)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:2" || c.SMTP.Port != 26 || c.Data != "/from/file" || !slices.Equal(c.WidgetOrigins, []string{"https://a.example", "https://b.example"}) {
		t.Fatalf("the environment was not followed:\n%s", c)
	}
	src.Flags = map[string]string{"listen": "127.0.0.1:3", "data": "/from/flag"}
	c, _, err = Load(src)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:3" || c.Database != "sqlite:/from/flag/veridesk.db" {
		t.Fatalf("the flags were not followed:\n%s", c)
	}
}

// Every mistake is answered with its place and the way out; nobody has to read
// the source to start the server.
func TestMistakesSayWhereAndHowToMend(t *testing.T) {
	notFolder := file(t, "")
	cases := []struct {
		name string
		toml string
		env  []string
		want []string
	}{
		{"unknown key", "listen = \"127.0.0.1:1\"\n\nlisen = \"x\"\n", nil, []string{"line 3", `"lisen" is no setting`, "did you mean listen?"}},
		{"unknown key in a table", "[smtp]\nhots = \"x\"\n", nil, []string{"line 2", `"smtp.hots"`, "smtp.host"}},
		{"unknown table", "[mail]\nhost = \"x\"\n", nil, []string{"line 1", `"mail" is no setting`}},
		{"wrong type", "[smtp]\n# the port\nport = \"587\"\n", nil, []string{"line 3", "smtp.port", "a whole number", "port = 587"}},
		{"text instead of list", "trusted_proxies = \"10.0.0.0/8\"\n", nil, []string{"line 1", "trusted_proxies", "a list of texts"}},
		{"number in a list", "trusted_proxies = [1]\n", nil, []string{"line 1", "entry 1"}},
		{"not TOML", "listen = 127.0.0.1:80\n", nil, []string{"line 1", "not TOML", "quotes"}},
		{"wrong number in a variable", "", []string{"VERIDESK_SMTP_PORT=many"}, []string{"VERIDESK_SMTP_PORT", "whole number"}},
		{"wrong bool in a variable", "", []string{"VERIDESK_DEMO=perhaps"}, []string{"VERIDESK_DEMO", "true or false"}},
		{"no port", "listen = \"localhost\"\n", nil, []string{"line 1", "listen", "host:port"}},
		{"impossible port", "listen = \"localhost:99999\"\n", nil, []string{"line 1", `"99999" is not a port`}},
		{"public address with a path", "public_url = \"https://x.example/help\"\n", nil, []string{"public_url", "https://help.meridian.example"}},
		{"public address of another kind", "public_url = \"ftp://x.example\"\n", nil, []string{"public_url", "https:// or http://"}},
		{"wildcard origin", "widget_origins = [\"https://*.x.example\"]\n", nil, []string{"widget_origins", "wildcard"}},
		{"unknown database", "database = \"mysql://root:hunter2@db/x\"\n", nil, []string{"database", "postgres://"}},
		{"unknown redis", "", []string{"VERIDESK_REDIS=http://:hunter2@r:1"}, []string{"VERIDESK_REDIS", "redis://host:6379/0"}},
		{"bad proxy", "trusted_proxies = [\"10.0.0.0/99\"]\n", nil, []string{"trusted_proxies", "10.0.0.0/8"}},
		{"missing content", "content = \"/nowhere/at/all\"\n", nil, []string{"line 1", "content", "no such file"}},
		{"content is a file", "content = " + quote(notFolder) + "\n", nil, []string{"content", "not a folder"}},
		{"s3 without its settings", "blob = \"s3\"\n", nil, []string{"s3.endpoint", "s3.bucket", "s3.access_key", "s3.secret_key"}},
		{"unknown blob", "blob = \"tape\"\n", nil, []string{"line 1", "disk, s3"}},
		{"smtp without sender", "[smtp]\nhost = \"m.example\"\n", nil, []string{"smtp.from", "support@meridian.example"}},
		{"smtp half a login", "[smtp]\nhost = \"m.example\"\nfrom = \"a@b.example\"\nusername = \"u\"\n", nil, []string{"smtp.username", "go together"}},
		{"smtp host with port", "[smtp]\nhost = \"m.example:25\"\nfrom = \"a@b.example\"\n", nil, []string{"smtp.host", "smtp.port"}},
		{"log level", "[log]\nlevel = \"loud\"\n", nil, []string{"line 2", "log.level", "debug, info, warn, error"}},
		{"two ways to check a token", "[exchange_login]\njwks_url = \"https://www.x.example/jwks.json\"\nsecret = \"" + strings.Repeat("hunter2 ", 5) + "\"\n", nil, []string{"line 3", "exchange_login.secret", "keep one of them"}},
		{"keys over http", "[exchange_login]\njwks_url = \"http://www.x.example/jwks.json\"\n", nil, []string{"line 2", "exchange_login.jwks_url", "it is http", "https"}},
		{"keys behind a password", "[exchange_login]\njwks_url = \"https://me:hunter2@www.x.example/jwks.json\"\n", nil, []string{"exchange_login.jwks_url", "holds a password"}},
		{"keys that are not there", "[exchange_login]\njwks_file = \"/nowhere/jwks.json\"\n", nil, []string{"line 2", "exchange_login.jwks_file", "no such file"}},
		{"a shared key that can be guessed", "[exchange_login]\nsecret = \"hunter2\"\n", nil, []string{"exchange_login.secret", "7 characters", "openssl rand"}},
		{"tokens for anybody", "[exchange_login]\njwks_url = \"https://x.example/\"\naudience = \" \"\n", nil, []string{"line 3", "exchange_login.audience", "any token of yours"}},
		{"an issuer and no key", "[exchange_login]\nissuer = \"https://x.example\"\n", nil, []string{"exchange_login.issuer", "no key"}},
		{"demo page on the same port", "demo = true\ndemo_listen = \"127.0.0.1:8080\"\n", nil, []string{"demo_listen", "a port of its own"}},
		{"site without a host", "[[help_sites]]\nentity = \"eu\"\n", nil, []string{"line 1", "help_sites", "not a host"}},
		{"site with an address for a host", "[[help_sites]]\nhost = \"https://eu.example\"\nentity = \"eu\"\n", nil, []string{"help_sites", "not a host"}},
		{"site of nobody", "[[help_sites]]\nhost = \"eu.example\"\n", nil, []string{"neither entity nor region"}},
		{"two sites on one host", "[[help_sites]]\nhost = \"eu.example\"\nentity = \"a\"\n[[help_sites]]\nhost = \"EU.example\"\nentity = \"b\"\n", nil, []string{"eu.example is there twice"}},
		{"site with an unknown key", "[[help_sites]]\nhosts = \"eu.example\"\n", nil, []string{"line 1", "hosts", "host, entity, region and public_url"}},
		{"site with a number", "[[help_sites]]\nhost = 1\n", nil, []string{"host of table 1"}},
		{"sites that are a text", "help_sites = \"eu.example\"\n", nil, []string{"line 1", "[[help_sites]]"}},
		{"site with a path", "[[help_sites]]\nhost = \"eu.example\"\nentity = \"eu\"\npublic_url = \"https://eu.example/help\"\n", nil, []string{"help_sites", "scheme and host only"}},
		{"site in a variable", "", []string{"VERIDESK_HELP_SITES=eu.example"}, []string{"VERIDESK_HELP_SITES", "host|entity|region|public_url"}},
		{"secret file that is not there", "", []string{"VERIDESK_SMTP_PASSWORD_FILE=/nowhere/x"}, []string{"VERIDESK_SMTP_PASSWORD_FILE", "cannot be read"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := Load(Sources{File: file(t, c.toml), Environ: c.env})
			if err == nil {
				t.Fatal("the mistake was accepted")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the message lacks %q:\n%v", want, err)
				}
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the message tells a password:\n%v", err)
			}
		})
	}
}

func quote(s string) string { return "'" + s + "'" }

// All mistakes are told at once: nobody should start a server seven times.
func TestAllMistakesAreTold(t *testing.T) {
	_, _, err := Load(Sources{File: file(t, "listen = \"x\"\nblob = \"tape\"\n[log]\nformat = \"xml\"\n")})
	for _, want := range []string{"listen", "blob", "log.format"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q: %v", want, err)
		}
	}
}

func TestMissingFile(t *testing.T) {
	_, _, err := Load(Sources{File: filepath.Join(t.TempDir(), "gone.toml")})
	if err == nil || !strings.Contains(err.Error(), "gone.toml") || !strings.Contains(err.Error(), "--config") {
		t.Fatalf("got %v", err)
	}
}

// Combinations that work until the day a customer's file is missing.
func TestWarnings(t *testing.T) {
	cases := []struct {
		name string
		env  []string
		want string
	}{
		{"redis on SQLite", []string{"VERIDESK_REDIS=redis://localhost:6379/0"}, "PostgreSQL, Redis and S3 together"},
		{"nodes without shared files", []string{"VERIDESK_REDIS=redis://localhost:6379/0", "VERIDESK_DATABASE=postgres://u:p@h/d"}, "set blob to s3"},
		{"http in public", []string{"VERIDESK_PUBLIC_URL=http://help.example"}, "put TLS in front"},
		{"bare address", []string{"VERIDESK_PUBLIC_URL=https://192.0.2.7"}, "use a name"},
		{"demo for everybody", []string{"VERIDESK_DEMO=true", "VERIDESK_LISTEN=:8080"}, "passwords are public"},
		{"demo behind a proxy", []string{"VERIDESK_DEMO=true", "VERIDESK_PUBLIC_URL=https://demo.example"}, "passwords are public"},
		{"misspelt variable", []string{"VERIDESK_LISTN=127.0.0.1:1"}, "VERIDESK_LISTEN?"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, warnings, err := Load(Sources{Environ: c.env})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(strings.Join(warnings, "\n"), c.want) {
				t.Errorf("no warning with %q in %q", c.want, warnings)
			}
		})
	}
	_, warnings, err := Load(Sources{Environ: []string{"VERIDESK_SOAK=20s", "VERIDESK_CONFIG=x", "VERIDESK_PUBLIC_URL=http://localhost:9"}})
	if err != nil || len(warnings) > 0 {
		t.Errorf("a warning about nothing: %q, %v", warnings, err)
	}
}

// What is printed or logged never tells a secret.
func TestSecretsAreMasked(t *testing.T) {
	secret := file(t, "hunter2-from-file\n")
	c, _, err := Load(Sources{Environ: []string{
		"VERIDESK_DATABASE=postgres://u:hunter2@h/d?sslpassword=hunter2b", "VERIDESK_REDIS=redis://:hunter2@h:1/0", "VERIDESK_MASTER_KEY=hunter2",
		"VERIDESK_SMTP_HOST=m.example", "VERIDESK_SMTP_FROM=a@b.example", "VERIDESK_SMTP_USERNAME=u", "VERIDESK_SMTP_PASSWORD_FILE=" + secret, "VERIDESK_S3_SECRET_KEY=hunter2",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if c.SMTP.Password != "hunter2-from-file" {
		t.Errorf("the password was not read from its file: %q", c.SMTP.Password)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("settings", "config", c)
	for what, text := range map[string]string{"String": c.String(), "log": log.String()} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("%s tells a secret:\n%s", what, text)
		}
		if !strings.Contains(text, "smtp") || !strings.Contains(text, "h/d") {
			t.Errorf("%s hides too much:\n%s", what, text)
		}
	}
}

func TestDerived(t *testing.T) {
	c, _, err := Load(Sources{Flags: map[string]string{"trusted_proxies": "10.1.2.3/8,192.0.2.1,::1", "demo": "true", "widget_origins": "https://w.example"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.ProxyNetworks() {
		got = append(got, p.String())
	}
	if want := []string{"10.0.0.0/8", "192.0.2.1/32", "::1/128"}; !slices.Equal(got, want) {
		t.Errorf("networks %q, want %q", got, want)
	}
	if want := []string{"https://w.example", "http://localhost:8081", "http://127.0.0.1:8081"}; !slices.Equal(c.EmbedOrigins(), want) {
		t.Errorf("origins %q, want %q", c.EmbedOrigins(), want)
	}
	if _, _, err := Load(Sources{Flags: map[string]string{"lisen": "x"}}); err == nil || !strings.Contains(err.Error(), "did you mean listen?") {
		t.Errorf("an unknown flag: %v", err)
	}
}

// The example that operators copy is the one of this binary, its defaults are
// the defaults, and each of its lines is accepted.
func TestExampleIsUpToDateAndTrue(t *testing.T) {
	const path = "../../deploy/veridesk.example.toml"
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Example(), string(have)); diff != "" {
		t.Errorf("%s is old: run make generate\n%s", path, diff)
	}
	var active strings.Builder
	for line := range strings.Lines(Example()) {
		if rest, ok := strings.CutPrefix(line, "# "); ok && strings.Contains(line, " = ") {
			if key, _, _ := strings.Cut(rest, " = "); !strings.Contains(key, " ") {
				line = rest
			}
		}
		active.WriteString(line)
	}
	var tree map[string]any
	if _, err := toml.Decode(active.String(), &tree); err != nil {
		t.Fatalf("the example is not TOML: %v\n%s", err, active.String())
	}
	c, _, err := Load(Sources{File: file(t, active.String())})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default().String(), c.String()); diff != "" {
		t.Errorf("the example's values are not the defaults:\n%s", diff)
	}
	for _, s := range settings(new(Config)) {
		if s.help == "" || !strings.HasSuffix(s.help, ".") {
			t.Errorf("%s is not explained in a sentence", s.name)
		}
		if c.from[s.name] == "" {
			t.Errorf("%s is missing from the example", s.name)
		}
	}
}

// Reading a file must not crash, whatever is in it.
func FuzzFile(f *testing.F) {
	f.Add("listen = \"x\"\n[smtp]\nport = 1\n[[a]]\nb = { c = 1 }\n")
	f.Add("smtp.port = 5\n\"li sten\" = 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, _, _ = Load(Sources{File: file(t, text)}) //nolint:errcheck // any answer will do
	})
}

// Each legal entity's readers come by an address of their own.
func TestHelpSites(t *testing.T) {
	want := []HelpSite{
		{"eu.help.example", "meridian-eu", "", "https://eu.help.example"},
		{"hk.help.example:8443", "meridian-hk", "HK", "https://help.example.hk"},
	}
	text := "public_url = \"https://help.example\"\n[[help_sites]]\nhost = \"EU.help.example\"\nentity = \"meridian-eu\"\n" +
		"[[help_sites]]\nhost = \"hk.help.example:8443\"\nentity = \"meridian-hk\"\nregion = \"HK\"\npublic_url = \"https://help.example.hk/\"\n"
	c, _, err := Load(Sources{File: file(t, text)})
	if err != nil || !slices.Equal(c.Sites(), want) {
		t.Errorf("from the file: %v, %+v", err, c.Sites())
	}
	c, _, err = Load(Sources{Environ: []string{"VERIDESK_PUBLIC_URL=https://help.example", "VERIDESK_HELP_SITES=eu.help.example|meridian-eu, hk.help.example:8443|meridian-hk|HK|https://help.example.hk"}})
	if err != nil || !slices.Equal(c.Sites(), want) {
		t.Errorf("from the variable: %v, %+v", err, c.Sites())
	}
	if !strings.Contains(c.String(), "help_sites = eu.help.example|meridian-eu||https://eu.help.example,") {
		t.Errorf("they are not told:\n%s", c)
	}
	demo, _, err := Load(Sources{Flags: map[string]string{"demo": "true", "listen": "127.0.0.1:9000"}})
	if err != nil || !slices.Equal(demo.Sites(), []HelpSite{{"eu.localhost:9000", DemoEntity, "", "http://eu.localhost:9000"}}) {
		t.Errorf("in the demo: %v, %+v", err, demo.Sites())
	}
	if demo.Demo = false; len(demo.Sites()) != 0 {
		t.Errorf("a site nobody asked for: %+v", demo.Sites())
	}
}

// The exchange's keys are fetched without https from this machine alone.
func TestWhereTheExchangesKeysMayLie(t *testing.T) {
	for _, address := range []string{"https://www.meridian.example/jwks.json", "http://localhost:8081/jwks.json", "http://127.0.0.1:9/jwks.json", "http://[::1]/jwks.json"} {
		c, warnings, err := Load(Sources{Environ: []string{"VERIDESK_EXCHANGE_LOGIN_JWKS_URL=" + address}})
		if err != nil || len(warnings) > 0 || !c.ExchangeLogin.Enabled() || c.ExchangeLogin.Audience != "veridesk" {
			t.Errorf("%s: %v %q %+v", address, err, warnings, c.ExchangeLogin)
		}
	}
	if c := Default(); c.ExchangeLogin.Enabled() {
		t.Error("customers can sign in although nothing is configured")
	}
}
