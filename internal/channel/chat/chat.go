package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"github.com/veridesk/veridesk/internal/channel"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// Config says how contacts who are away are told.
type Config struct {
	Store *store.Store
	Vault *vault.Vault
	Brand desk.Brand

	// Subject is whom a push service may turn to about our pushes: mailto:… or
	// https://… (RFC 8292 §2.1). Empty: no web push.
	Subject string

	// WebhookURL is where the exchange wants to hear of unread answers, and
	// WebhookSecret what they are signed with. Empty: nowhere.
	WebhookURL    string
	WebhookSecret string

	// AllowPrivate lets endpoints of web push lie on this machine or in a private
	// network, and lets them speak http: for demos and tests.
	AllowPrivate bool

	// Transport overrides how both reach the network; nil is a transport that does
	// not go where endpoints must not lead.
	Transport http.RoundTripper

	Logger *slog.Logger // nil is slog.Default()
}

// Chat is the way out of the chat channel. Make one with [Open].
type Chat struct {
	cfg     Config
	log     *slog.Logger
	keys    vapidKeys
	push    *http.Client
	webhook *http.Client
}

var _ channel.Adapter = (*Chat)(nil)

// patience is how long one attempt may take.
const patience = 15 * time.Second

// Open returns the way out. The keys of web push are made the first time, once
// for all nodes, and kept in the store, wrapped.
func Open(ctx context.Context, cfg Config) (*Chat, error) {
	c := &Chat{cfg: cfg, log: cfg.Logger}
	if c.log == nil {
		c.log = slog.Default()
	}
	if cfg.WebhookURL != "" && cfg.WebhookSecret == "" {
		return nil, desk.Errorf(desk.Invalid, "push.webhook_url is set but push.webhook_secret is not: the exchange could not tell our calls from anybody's")
	}
	if cfg.Subject != "" {
		keys, err := openKeys(ctx, cfg.Store, cfg.Vault)
		if err != nil {
			return nil, err
		}
		c.keys = keys
	}
	toPush, toWebhook := cfg.Transport, cfg.Transport
	if cfg.Transport == nil {
		toPush = transport(func(_, address string, _ syscall.RawConn) error { return c.allowed(address) })
		toWebhook = transport(nil) // the operator's own address may well be private
	}
	c.push, c.webhook = client(toPush), client(toWebhook)
	return c, nil
}

func transport(control func(network, address string, c syscall.RawConn) error) *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: control}
	return &http.Transport{
		DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: patience,
		MaxIdleConns: 16, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
	}
}

// client never follows: a redirect would lead past what was checked, and past
// what was signed.
func client(t http.RoundTripper) *http.Client {
	return &http.Client{Transport: t, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Channel is [desk.Chat].
func (c *Chat) Channel() desk.Channel { return desk.Chat }

// Everybody reports whether there is a webhook: the exchange knows its customers.
func (c *Chat) Everybody() bool { return c.cfg.WebhookURL != "" }

// Register lets r do the work.
func (c *Chat) Register(r *jobs.Runner) {
	r.Register(KindPush, c.sendPush)
	r.Register(KindWebhook, c.callWebhook)
}

// Deliver puts down who is to be told of an answer: each browser, and the
// exchange. Handed over again it puts down nothing twice while the first is
// under way.
func (c *Chat) Deliver(ctx context.Context, out desk.Outbound) error {
	return c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		if c.PublicKey() != "" {
			if err := c.planPushes(tx, out); err != nil {
				return err
			}
		}
		if c.cfg.WebhookURL != "" {
			return c.planWebhook(tx, out)
		}
		return nil
	})
}

// read reports whether the contact has read a conversation up to seq, or the
// conversation is gone: then there is nothing left to tell.
func (c *Chat) read(ctx context.Context, conversation desk.ID, seq int64) (bool, error) {
	now, err := c.cfg.Store.Read(ctx).Conversation(conversation)
	if desk.CodeOf(err) == desk.NotFound {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return now.ContactReadSeq >= seq, nil
}

var errPrivate = errors.New("it leads into a private network")

// allowed decides about an address that is about to be connected to, after its
// name was resolved: nobody can change his mind in between.
func (c *Chat) allowed(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("address %q: %w", address, err)
	}
	if !c.cfg.AllowPrivate && !Public(at.Addr()) {
		return errPrivate
	}
	return nil
}

// Public reports whether an address lies in the open internet: not on this
// machine, not in a private or otherwise special network (RFC 6890).
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, n := range special {
		if n.Contains(a) {
			return false
		}
	}
	return true
}

// special are networks that netip does not count as private: shared, protocol
// assignments, documentation, benchmarking and reserved ones, and those of IPv6
// that carry an IPv4 address inside.
var special = func() []netip.Prefix {
	var out []netip.Prefix
	for _, n := range strings.Fields(`0.0.0.0/8 100.64.0.0/10 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
		::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fec0::/10`) {
		out = append(out, netip.MustParsePrefix(n))
	}
	return out
}()
