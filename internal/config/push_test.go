package config

import (
	"strings"
	"testing"
)

// Whoever runs a desk must hear before customers do that calls to the exchange
// could be anybody's, or that nobody is named to push services.
func TestPushSettings(t *testing.T) {
	secret := strings.Repeat("k", 32)
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string // the setting that is wrong; "": none
	}{
		"nothing set": {func(*Config) {}, ""},
		"all set": {func(c *Config) {
			c.Push = Push{"mailto:ops@meridian.example", "https://www.meridian.example/hook", secret}
		}, ""},
		"a page":     {func(c *Config) { c.Push.Subject = "https://www.meridian.example/contact" }, ""},
		"inside":     {func(c *Config) { c.Push.WebhookURL, c.Push.WebhookSecret = "http://backend.internal:9000/hook", secret }, ""},
		"a name":     {func(c *Config) { c.Push.Subject = "mailto:Ops <ops@meridian.example>" }, "push.subject"},
		"an address": {func(c *Config) { c.Push.Subject = "ops@meridian.example" }, "push.subject"},
		"no secret":  {func(c *Config) { c.Push.WebhookURL = "https://www.meridian.example/hook" }, "push.webhook_secret"},
		"a short secret": {func(c *Config) {
			c.Push.WebhookURL, c.Push.WebhookSecret = "https://www.meridian.example/hook", "secret"
		}, "push.webhook_secret"},
		"no address":      {func(c *Config) { c.Push.WebhookURL, c.Push.WebhookSecret = "www.meridian.example", secret }, "push.webhook_url"},
		"days before now": {func(c *Config) { c.RetentionDays = -1 }, "retention_days"},
	} {
		c := Default()
		tc.change(&c)
		var wrong []string
		for _, err := range c.check() {
			p, ok := err.(Problem)
			if ok && (strings.HasPrefix(p.Setting, "push.") || p.Setting == "retention_days") {
				wrong = append(wrong, p.Setting)
			}
		}
		if got := strings.Join(wrong, ","); got != tc.want {
			t.Errorf("%s: %q is wrong, want %q", name, got, tc.want)
		}
	}
	c := Default()
	if got := c.PushSubject(); got != "mailto:support@meridian.example" {
		t.Errorf("by default %q", got)
	}
	c.Brand.Email = ""
	if got := c.PushSubject(); got != "" {
		t.Errorf("nobody is named, and still %q", got)
	}
}
