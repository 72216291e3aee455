package api

import (
	"context"
	"strings"

	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

func (a *API) visitorSessionRoutes() []Route {
	return []Route{
		route("POST", "/visitor/session", Public, a.beginVisitor, a.paced(beginPace)),
		route("POST", "/visitor/logout", Visitor, a.endVisitor, a.paced(actPace)),
		route("GET", "/visitor/unread", Badge, a.visitorUnread, a.paced(actPace)),
	}
}

type visitorKey struct{}

// VisitorFrom puts the contact that a bearer token stands for into the context,
// for [Deps.VisitorFrom].
func VisitorFrom(v *customer.Visitors) func(context.Context, string) (context.Context, error) {
	return func(ctx context.Context, bearer string) (context.Context, error) {
		contact, err := v.ContactOf(bearer)
		return context.WithValue(ctx, visitorKey{}, contact), err
	}
}

func visitorFrom(ctx context.Context) desk.ID {
	contact, _ := ctx.Value(visitorKey{}).(desk.ID)
	return contact
}

// badgeFrom is VisitorFrom for routes that take the exchange's own token, too.
func (a *API) badgeFrom(ctx context.Context, bearer string) (context.Context, error) {
	if a.Visitors == nil || !customer.IsLogin(bearer) {
		return a.VisitorFrom(ctx, bearer)
	}
	contact, err := a.Visitors.CustomerOf(ctx, bearer)
	return context.WithValue(ctx, visitorKey{}, contact), err
}

func bearerOf(authorization string) string {
	bearer, _ := strings.CutPrefix(authorization, "Bearer ")
	return bearer
}

type visitorSessionInput struct {
	Authorization string `header:"Authorization" doc:"Bearer and the token to renew, or the visitor whose conversations become the customer's"`
	Body          struct {
		Locale string `json:"locale,omitempty"`
		Entity string `json:"entity,omitempty" maxLength:"64" doc:"a visitor's; a customer's is the exchange's to say"`
		Region string `json:"region,omitempty" maxLength:"64"`
		JWT    string `json:"jwt,omitempty" maxLength:"8192" doc:"the exchange's word about who this is: see docs/embedding.md"`
	}
}

type visitorSession struct {
	Token     string        `json:"token" doc:"bearer token for the visitor API and for realtime"`
	Contact   *desk.Contact `json:"contact"`
	ExpiresAt desk.Micros   `json:"expires_at" doc:"a visitor's token is renewed by coming back; a customer's only by a new jwt"`
	Merged    int           `json:"merged" doc:"conversations of the visitor that are the customer's now"`
}

func (a *API) beginVisitor(ctx context.Context, in *visitorSessionInput) (*body[visitorSession], error) {
	locale := in.Body.Locale
	if locale == "" {
		locale = web.Locale(ctx)
	}
	s, err := a.Visitors.Begin(ctx, customer.Beginning{
		Token: bearerOf(in.Authorization), JWT: in.Body.JWT, Locale: desk.KnownLocale(locale),
		Entity: plain(in.Body.Entity), Region: plain(in.Body.Region),
	})
	if err != nil {
		return nil, err
	}
	return &body[visitorSession]{visitorSession{s.Token, s.Contact, s.ExpiresAt, s.Merged}}, nil
}

type bearerInput struct {
	Authorization string `header:"Authorization"`
}

func (a *API) endVisitor(ctx context.Context, in *bearerInput) (*nothing, error) {
	return nil, a.Visitors.End(ctx, bearerOf(in.Authorization))
}

func (a *API) visitorUnread(ctx context.Context, _ *nothing) (*body[store.Unread], error) {
	return answered(a.Store.Read(ctx).UnreadBy(visitorFrom(ctx)))
}

// placeOf returns the legal entity and region that a contact writes to. A
// customer's are what the exchange says; a visitor names them, and an entity
// that is not there is nobody's.
func (a *API) placeOf(ctx context.Context, contact desk.ID, entity, region string) (string, string, error) {
	q := a.Store.Read(ctx)
	c, err := q.Contact(contact)
	switch {
	case desk.CodeOf(err) == desk.NotFound:
		return "", "", desk.Errorf(desk.Unauthorized, "visitor_token_bad")
	case err != nil:
		return "", "", err
	case c.Kind == customer.KindCustomer:
		return c.Entity, c.Region, nil
	}
	if entity == "" && region == "" {
		entity, region = c.Entity, c.Region
	}
	known, err := q.KnownEntity(entity)
	return known, region, err
}

// What an exchange's engineers and their customers read when a token is not
// accepted. The class of the reason and no more: the rest is in the log.
func init() {
	web.AddMessages("en", map[string]string{
		"login_off":       "Customers cannot sign in here: the desk has no keys of the exchange.",
		"login_malformed": "You could not be signed in: the exchange's token cannot be read.",
		"login_key":       "You could not be signed in: the exchange's token is signed with a key or algorithm that is not known here.",
		"login_signature": "You could not be signed in: the signature of the exchange's token is wrong.",
		"login_claims":    "You could not be signed in: the exchange's token lacks something or holds something malformed.",
		"login_audience":  "You could not be signed in: the exchange's token is for somebody else.",
		"login_issuer":    "You could not be signed in: the exchange's token is from somebody else.",
		"login_subject":   "You could not be signed in: the exchange's token names no customer.",
		"login_expired":   "Your sign-in has expired. Please go back to the exchange and open support again.",
		"login_early":     "You could not be signed in: the exchange's token is not good yet. A clock may be wrong.",
		"login_long":      "You could not be signed in: the exchange's token is good for more than an hour.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"login_off":       "此处无法登录：客服系统尚未配置交易所的密钥。",
		"login_malformed": "登录失败：无法读取交易所签发的令牌。",
		"login_key":       "登录失败：令牌所用的密钥或算法不被接受。",
		"login_signature": "登录失败：令牌签名不正确。",
		"login_claims":    "登录失败：令牌内容缺失或格式有误。",
		"login_audience":  "登录失败：令牌并非签发给本系统。",
		"login_issuer":    "登录失败：令牌并非由交易所签发。",
		"login_subject":   "登录失败：令牌中没有有效的客户标识。",
		"login_expired":   "登录已过期，请返回交易所重新打开客服。",
		"login_early":     "登录失败：令牌尚未生效，可能是时钟不准。",
		"login_long":      "登录失败：令牌有效期超过一小时。",
	})
}
