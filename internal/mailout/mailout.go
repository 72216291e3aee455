package mailout

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// Kind is the kind of the jobs that send mails.
const Kind = "mail.send"

// Security says how the connection to the SMTP server is protected.
type Security string

// The protections.
const (
	StartTLS Security = "starttls" // refused when the server does not offer it (RFC 3207)
	TLS      Security = "tls"      // from the first byte (RFC 8314)
	Plain    Security = "none"     // for a relay on the same machine
)

// Config says through which server and as whom mails leave.
type Config struct {
	Host     string   // "" stores previews instead of sending
	Port     int      // 0 is 587, 465 or 25, by Security
	Security Security // "" is StartTLS
	Username string   // "" = no sign-in
	Password string

	From    string            // "Meridian Exchange <support@meridian.example>"
	Brand   map[string]string // the operator's name by locale; English is the fallback
	Timeout time.Duration     // for the whole of one sending; 0 is 30 s

	// TLSConfig overrides how the server is verified; nil trusts the system.
	TLSConfig *tls.Config
}

// Mailer sends mails.
type Mailer struct {
	cfg    Config
	from   *mail.Address
	domain string // of From, for Message-IDs
}

// New checks cfg and returns a Mailer. Nothing is connected yet.
func New(cfg Config) (*Mailer, error) {
	from, err := mail.ParseAddress(cfg.From)
	if err == nil && hasControl(cfg.From) {
		err = errControl
	}
	if err != nil {
		return nil, desk.Wrap(desk.Invalid, fmt.Sprintf("the sender of mails, %q, is not an address", cfg.From), err)
	}
	switch cfg.Security {
	case "":
		cfg.Security = StartTLS
	case StartTLS, TLS, Plain:
	default:
		return nil, desk.Errorf(desk.Invalid, "mail security %q is none of starttls, tls, none", cfg.Security)
	}
	if cfg.Port == 0 {
		cfg.Port = map[Security]int{StartTLS: 587, TLS: 465, Plain: 25}[cfg.Security]
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = 30 * time.Second
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	return &Mailer{cfg: cfg, from: from, domain: domain}, nil
}

// Register lets r send mails.
func (m *Mailer) Register(r *jobs.Runner) { r.Register(Kind, m.Send) }

// letter is the payload of a job.
type letter struct {
	To       string            `json:"to"`
	Locale   string            `json:"locale"`
	Template string            `json:"template"`
	Data     map[string]string `json:"data"`
}

var errControl = errors.New("line breaks and control characters are not allowed")

// Enqueue adds a mail to the caller's transaction: to is one bare address,
// locale one that we write or read ([desk.ReadingLocales]), template and data as in [Templates]. An address or a
// value with a line break or another control character is refused as Invalid:
// it could add a header.
func Enqueue(tx *store.Tx, to, locale, template string, data map[string]string) error {
	if !slices.Contains(desk.ReadingLocales, locale) {
		locale = desk.KnownLocale(locale)
	}
	l := letter{To: to, Locale: locale, Template: template, Data: data}
	if err := l.check(); err != nil {
		return err
	}
	return jobs.Enqueue(tx, Kind, l, jobs.InLane(jobs.Urgent))
}

func (l letter) check() error {
	a, err := mail.ParseAddress(l.To)
	switch {
	case err != nil:
	case hasControl(l.To):
		err = errControl
	case a.Address != l.To:
		err = errors.New("one bare address is expected")
	}
	if err != nil {
		return desk.Wrap(desk.Invalid, fmt.Sprintf("%q is not a mail address", l.To), err)
	}
	t, ok := Templates[l.Template]
	if !ok {
		return fmt.Errorf("there is no mail template %q", l.Template)
	}
	for _, name := range t.Needs {
		if l.Data[name] == "" {
			return fmt.Errorf("mail template %q needs %q", l.Template, name)
		}
	}
	for name, v := range l.Data {
		if hasControl(v) {
			return desk.Wrap(desk.Invalid, fmt.Sprintf("%s cannot be put into a mail", name), errControl)
		}
	}
	return nil
}

func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar
	})
}

// Send is the handler of mail jobs. Refusals for good (5xx) are permanent;
// anything else is tried again, with the same Message-ID, by which a receiver
// recognises a mail that was accepted just before a node died.
func (m *Mailer) Send(ctx context.Context, job jobs.Job) (jobs.Effect, error) {
	var l letter
	if err := job.Decode(&l); err != nil {
		return nil, err
	}
	if err := l.check(); err != nil {
		return nil, jobs.Permanent(err)
	}
	c, err := m.compose(l)
	if err != nil {
		return nil, jobs.Permanent(err)
	}
	if m.cfg.Host == "" {
		return func(tx *store.Tx) error {
			return tx.AddMailPreview(&store.MailPreview{Recipient: l.To, Subject: c.subject, Body: c.text})
		}, nil
	}
	msg, err := m.message(l, c, job)
	if err != nil {
		return nil, jobs.Permanent(err)
	}
	return nil, m.deliver(ctx, msg)
}

func (m *Mailer) message(l letter, c composed, job jobs.Job) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.from)
	if err := msg.To(l.To); err != nil {
		return nil, err
	}
	msg.Subject(c.subject)
	msg.SetMessageIDWithValue(fmt.Sprintf("job-%s@%s", job.ID, m.domain))
	msg.SetDateWithValue(job.CreatedAt.Time())
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834 §5: no holiday answers, please
	msg.SetGenHeader("Content-Language", l.Locale)
	msg.SetBodyString(gomail.TypeTextPlain, c.text)
	msg.AddAlternativeString(gomail.TypeTextHTML, c.html)
	return msg, nil
}

func (m *Mailer) deliver(ctx context.Context, msg *gomail.Msg) error {
	client, err := m.client()
	if err != nil {
		return jobs.Permanent(fmt.Errorf("mail settings: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, m.cfg.Timeout)
	defer cancel()
	if err := client.DialWithContext(ctx); err != nil {
		// Also a refused sign-in: the operator mends the settings, mails wait.
		return fmt.Errorf("reach the mail server %s: %w", m.cfg.Host, err)
	}
	err = client.Send(msg)
	client.Close() //nolint:errcheck // what counts has been answered before QUIT
	if err == nil || msg.IsDelivered() {
		return nil
	}
	var refused *gomail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() >= 500 {
		return jobs.Permanent(fmt.Errorf("the mail server refused: %w", err))
	}
	return fmt.Errorf("send the mail: %w", err)
}

func (m *Mailer) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithTimeout(m.cfg.Timeout), gomail.WithPort(m.cfg.Port), gomail.WithoutNoop()}
	if m.cfg.TLSConfig != nil {
		options = append(options, gomail.WithTLSConfig(m.cfg.TLSConfig))
	}
	switch m.cfg.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if m.cfg.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(m.cfg.Username), gomail.WithPassword(m.cfg.Password))
	}
	return gomail.NewClient(m.cfg.Host, options...)
}
