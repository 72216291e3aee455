package config

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
)

// Push is how contacts who are away are told of answers.
type Push struct {
	Subject       string `name:"subject" default:"" unset:"mailto: and brand.email" help:"Whom a push service may turn to about our web pushes: mailto: and an address, or an https page."`
	WebhookURL    string `name:"webhook_url" default:"" unset:"the exchange is not told" help:"Address at the exchange that is called when a customer who is away has unread answers, so that its own app can notify them."`
	WebhookSecret string `name:"webhook_secret" default:"" secret:"true" help:"Key of at least 32 characters that the calls are signed with."`
}

// PushSubject is whom a push service may turn to; "" when nobody is named and web
// push is off.
func (c Config) PushSubject() string {
	if c.Push.Subject == "" && c.Brand.Email != "" {
		return "mailto:" + c.Brand.Email
	}
	return c.Push.Subject
}

const shortestWebhookSecret = 32

func (c *Config) checkPush(rule func(string, error, string)) {
	if c.RetentionDays < 0 || c.RetentionDays > 36500 {
		rule("retention_days", fmt.Errorf("%d is not a number of days", c.RetentionDays), "use 0 to keep conversations, or days such as 365")
	}
	if s := c.Push.Subject; s != "" {
		err := checkURL(s, "https")
		if address, ok := strings.CutPrefix(s, "mailto:"); ok {
			var a *mail.Address
			if a, err = mail.ParseAddress(address); err == nil && a.Address != address {
				err = errors.New("it is more than an address")
			}
		}
		rule("push.subject", err, "write mailto:ops@meridian.example or an https address")
	}
	if c.Push.WebhookURL == "" {
		return
	}
	rule("push.webhook_url", checkURL(c.Push.WebhookURL, "https", "http"), "write the full address that takes the calls")
	if n := len(c.Push.WebhookSecret); n < shortestWebhookSecret {
		rule("push.webhook_secret", fmt.Errorf("it has %d characters", n), fmt.Sprintf("use at least %d random ones, the same at the exchange", shortestWebhookSecret))
	}
}
