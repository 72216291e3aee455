package chat

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	webpush "github.com/SherClockHolmes/webpush-go"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// KindPush is the kind of the jobs that wake a browser.
const KindPush = "chat.push"

const (
	keysMeta     = "chat.vapid" // in the store's meta table; also the purpose of the wrapping
	pushPurpose  = "chat.push"
	pushAttempts = 8 // for about twenty minutes
	// pushLife is how long a push service keeps a push for a browser that is off.
	pushLife = 24 * time.Hour
	// givenUp is after how many pushes in a row that failed for good a browser is
	// forgotten.
	givenUp = 5
)

// vapidKeys name us to push services (RFC 8292), base64url.
type vapidKeys struct {
	Private string `json:"private"`
	Public  string `json:"public"`
}

func openKeys(ctx context.Context, s *store.Store, v *vault.Vault) (vapidKeys, error) {
	var keys vapidKeys
	private, public, err := webpush.GenerateVAPIDKeys()
	if err != nil {
		return keys, fmt.Errorf("keys of web push: %w", err)
	}
	made, err := wrapKeys(v, vapidKeys{private, public})
	if err != nil {
		return keys, err
	}
	err = s.Write(ctx, func(tx *store.Tx) error {
		kept, err := tx.MetaOnce(keysMeta, made)
		if err != nil {
			return err
		}
		text, err := v.Unwrap(keysMeta, kept)
		if err != nil {
			return fmt.Errorf("keys of web push: %w", err)
		}
		if err := json.Unmarshal(text, &keys); err != nil {
			return fmt.Errorf("keys of web push: %w", err)
		}
		if !v.Stale(kept) {
			return nil
		}
		if kept, err = wrapKeys(v, keys); err != nil { // the master key was changed
			return err
		}
		return tx.SetMeta(keysMeta, kept)
	})
	return keys, err
}

func wrapKeys(v *vault.Vault, keys vapidKeys) ([]byte, error) {
	text, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("keys of web push: %w", err)
	}
	return v.Wrap(keysMeta, text)
}

// PublicKey is what a browser subscribes with (base64url of the uncompressed
// point); "" when web push is off.
func (c *Chat) PublicKey() string { return c.keys.Public }

// Subscription is what a browser gives: PushSubscription.toJSON of the Push API.
type Subscription struct {
	Endpoint string `json:"endpoint" maxLength:"2048"`
	Keys     struct {
		P256dh string `json:"p256dh" maxLength:"200"`
		Auth   string `json:"auth" maxLength:"100"`
	} `json:"keys"`
}

// Subscribe lets a browser of the contact be woken. The endpoint must be an https
// address in the open internet.
//
// Errors: Invalid; Unavailable when web push is off.
func (c *Chat) Subscribe(ctx context.Context, contact desk.ID, s Subscription, locale string) error {
	if c.PublicKey() == "" {
		return desk.Errorf(desk.Unavailable, "push_off")
	}
	if err := c.check(s); err != nil {
		return desk.Wrap(desk.Invalid, "push_endpoint_bad", err)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("subscription: %w", err)
	}
	wrapped, err := c.cfg.Vault.Wrap(pushPurpose, text)
	if err != nil {
		return err
	}
	err = c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.PutPush(&store.PushSubscription{ContactID: contact, EndpointHash: endpointHash(s.Endpoint), Wrapped: wrapped, Locale: locale})
	})
	if desk.CodeOf(err) == desk.Conflict { // a token outlived its contact
		return desk.Errorf(desk.Unauthorized, "visitor_token_bad")
	}
	return err
}

// Unsubscribe ends it; an endpoint that is not known is no error.
func (c *Chat) Unsubscribe(ctx context.Context, contact desk.ID, endpoint string) error {
	return c.cfg.Store.Write(ctx, func(tx *store.Tx) error { return tx.DeletePush(contact, endpointHash(endpoint)) })
}

func endpointHash(endpoint string) string {
	sum := sha256.Sum256([]byte(endpoint))
	return hex.EncodeToString(sum[:])
}

func (c *Chat) check(s Subscription) error {
	u, err := url.Parse(s.Endpoint)
	switch {
	case err != nil:
		return errors.New("the endpoint is not an address")
	case len(s.Endpoint) > 2048 || u.User != nil || u.Fragment != "" || u.Hostname() == "":
		return errors.New("the endpoint is not an address of a push service")
	case u.Scheme != "https" && (u.Scheme != "http" || !c.cfg.AllowPrivate):
		return errors.New("the endpoint is not https")
	}
	if !c.cfg.AllowPrivate {
		// The rest is decided when it is connected to, by what the name stands for then.
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !Public(ip) {
			return errPrivate
		}
		if name := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")); name == "localhost" || strings.HasSuffix(name, ".localhost") || !strings.ContainsAny(name, ".:") {
			return errPrivate
		}
	}
	key, err := keyBytes(s.Keys.P256dh)
	if err == nil {
		_, err = ecdh.P256().NewPublicKey(key)
	}
	if err != nil {
		return errors.New("p256dh is not a point of P-256")
	}
	if auth, err := keyBytes(s.Keys.Auth); err != nil || len(auth) != 16 {
		return errors.New("auth is not 16 bytes")
	}
	return nil
}

func keyBytes(s string) ([]byte, error) {
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "="))
}

// pushJob is the payload of a job that wakes one browser.
type pushJob struct {
	Subscription   desk.ID `json:"subscription"`
	ConversationID desk.ID `json:"conversation"`
	Number         string  `json:"number"`
	Seq            int64   `json:"seq"`
}

func (c *Chat) planPushes(tx *store.Tx, out desk.Outbound) error {
	list, err := tx.Pushes(out.ContactID)
	if err != nil || len(list) == 0 {
		return err
	}
	conversation, err := tx.Conversation(out.ConversationID)
	if err != nil {
		return err
	}
	for _, s := range list {
		p := pushJob{s.ID, out.ConversationID, conversation.Number, out.Message.Seq}
		if err := jobs.Enqueue(tx, KindPush, p, jobs.MaxAttempts(pushAttempts), jobs.UniqueKey(fmt.Sprintf("%s:%s:%s", KindPush, s.ID, out.Message.ID))); err != nil {
			return err
		}
	}
	return nil
}

// Notice is what a service worker is woken with: that there is an answer, and
// where. Never what it says.
type Notice struct {
	Type           string  `json:"type"` // answer
	ConversationID desk.ID `json:"conversation"`
	Number         string  `json:"number"`
	Locale         string  `json:"locale"`
	Title          string  `json:"title"` // for people, in the locale
	Body           string  `json:"body"`
}

var answered = map[string]string{"en": "There is an answer in %s", "zh-CN": "%s 有新回复"}

func (c *Chat) notice(p pushJob, locale string) Notice {
	known := desk.KnownLocale(locale)
	n := Notice{"answer", p.ConversationID, p.Number, locale, c.cfg.Brand.Name(known), fmt.Sprintf(answered[known], p.Number)}
	if locale == "zh-TW" {
		n.Title, n.Body = fold.Traditional(n.Title), fold.Traditional(n.Body)
	}
	return n
}

func (c *Chat) sendPush(ctx context.Context, job jobs.Job) (jobs.Effect, error) {
	var p pushJob
	if err := job.Decode(&p); err != nil {
		return nil, err
	}
	sub, err := c.cfg.Store.Read(ctx).Push(p.Subscription)
	if desk.CodeOf(err) == desk.NotFound {
		return nil, nil // withdrawn
	}
	if err != nil {
		return nil, err
	}
	if read, err := c.read(ctx, p.ConversationID, p.Seq); err != nil || read {
		return nil, err
	}
	gone, err := c.wake(ctx, sub, p)
	switch {
	case gone:
		return func(tx *store.Tx) error { return tx.PushGone(sub.ID) }, nil
	case err == nil:
		return func(tx *store.Tx) error { return tx.PushSent(sub.ID) }, nil
	case jobs.IsPermanent(err) || job.Attempt >= job.MaxAttempts:
		err = errors.Join(err, c.cfg.Store.Write(ctx, func(tx *store.Tx) error { return tx.PushFailed(sub.ID, givenUp) }))
	}
	return nil, err
}

// wake makes one attempt. gone: the browser has withdrawn its subscription.
func (c *Chat) wake(ctx context.Context, sub store.PushSubscription, p pushJob) (gone bool, err error) {
	text, err := c.cfg.Vault.Unwrap(pushPurpose, sub.Wrapped)
	if err != nil {
		return false, jobs.Permanent(err)
	}
	var to Subscription
	if err := json.Unmarshal(text, &to); err != nil {
		return false, jobs.Permanent(fmt.Errorf("subscription %s: %w", sub.ID, err))
	}
	body, err := json.Marshal(c.notice(p, sub.Locale))
	if err != nil {
		return false, jobs.Permanent(err)
	}
	topic := sha256.Sum256([]byte(p.ConversationID.String()))
	res, err := webpush.SendNotificationWithContext(ctx, body, &webpush.Subscription{
		Endpoint: to.Endpoint, Keys: webpush.Keys{P256dh: to.Keys.P256dh, Auth: to.Keys.Auth},
	}, &webpush.Options{
		HTTPClient: c.push, Subscriber: strings.TrimPrefix(c.cfg.Subject, "mailto:"), TTL: int(pushLife.Seconds()), Urgency: webpush.UrgencyHigh,
		// The newest notice of a conversation is enough (RFC 8030 §5.4: at most 32 of base64url).
		Topic:          base64.RawURLEncoding.EncodeToString(topic[:24]),
		VAPIDPublicKey: c.keys.Public, VAPIDPrivateKey: c.keys.Private,
	})
	if err != nil {
		if errors.Is(err, errPrivate) {
			return false, jobs.Permanent(errPrivate)
		}
		return false, fmt.Errorf("reach the push service: %w", withoutURL(err))
	}
	return judge(res)
}

// judge reads the answer of a push service (RFC 8030 §7.3 and §8.4).
func judge(res *http.Response) (gone bool, err error) {
	defer res.Body.Close() //nolint:errcheck // nothing is left to lose
	_, _ = io.CopyN(io.Discard, res.Body, 4<<10)
	switch s := res.StatusCode; {
	case s >= 200 && s < 300:
		return false, nil
	case s == http.StatusNotFound || s == http.StatusGone:
		return true, nil
	case s == http.StatusTooManyRequests || s == http.StatusRequestTimeout || s >= 500:
		return false, fmt.Errorf("the push service answers %s", res.Status)
	default:
		return false, jobs.Permanent(fmt.Errorf("the push service refuses: %s", res.Status))
	}
}

// withoutURL keeps addresses, which are secrets of a browser, out of logs and of
// the list of jobs.
func withoutURL(err error) error {
	if u := new(url.Error); errors.As(err, &u) {
		return u.Err
	}
	return err
}
