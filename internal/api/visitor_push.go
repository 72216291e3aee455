package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/desk"
)

func (a *API) pushKey() string {
	if a.Widget.Push == nil {
		return ""
	}
	return a.Widget.Push.PublicKey()
}

type pushKeyBody struct {
	Key string `json:"key" doc:"VAPID public key, base64url; empty: no web push"`
}

func (a *API) getPushKey(context.Context, *nothing) (*body[pushKeyBody], error) {
	return &body[pushKeyBody]{pushKeyBody{a.pushKey()}}, nil
}

type pushInput struct {
	Accept string `header:"Accept-Language"`
	Body   struct {
		chat.Subscription
		Locale string `json:"locale,omitempty" maxLength:"35" doc:"of what is shown: en, zh-CN or zh-TW"`
		// What toJSON of a browser's subscription says besides; nobody needs it.
		ExpirationTime *float64 `json:"expirationTime,omitempty"`
	}
}

func (a *API) subscribePush(ctx context.Context, in *pushInput) (*nothing, error) {
	if a.pushKey() == "" {
		return nil, desk.Errorf(desk.Unavailable, "push_off")
	}
	locale := (&widgetConfigInput{Locale: in.Body.Locale, Accept: in.Accept}).locale()
	return nil, a.Widget.Push.Subscribe(ctx, visitorFrom(ctx), in.Body.Subscription, locale)
}

type endpointInput struct {
	Body struct {
		Endpoint string `json:"endpoint" maxLength:"2048"`
	}
}

func (a *API) unsubscribePush(ctx context.Context, in *endpointInput) (*nothing, error) {
	if a.Widget.Push == nil {
		return nil, nil
	}
	return nil, a.Widget.Push.Unsubscribe(ctx, visitorFrom(ctx), in.Body.Endpoint)
}
