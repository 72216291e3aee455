package api

import (
	"context"
	"sync"

	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/web"
)

// Widget is what the widget is told about the desk, and how contacts who are away
// are reached.
type Widget struct {
	Push          *chat.Chat // nil: no web push
	RetentionDays int        // 0: conversations are kept
	MaxFileBytes  int64      // 0: no files
	Login         bool       // the exchange signs its customers in
}

type widgetConfigInput struct {
	Locale string `query:"locale" doc:"en, zh-CN or zh-TW; otherwise the Accept-Language header decides"`
	Entity string `query:"entity" maxLength:"64" doc:"the legal entity whose customers are spoken to"`
	Region string `query:"region" maxLength:"64"`
	Accept string `header:"Accept-Language"`
}

// locale is the language of the answer, one of [desk.ReadingLocales].
func (in *widgetConfigInput) locale() string {
	if in.Locale != "" {
		return web.ReadingLocale(in.Locale)
	}
	return web.NegotiateReadingField(in.Accept)
}

type widgetBrand struct {
	Name      string `json:"name"`
	SiteURL   string `json:"site_url"`
	HelpURL   string `json:"help_url"`
	VerifyURL string `json:"verify_url"`
}

type preparedField struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Where string `json:"where" doc:"where to find it"`
	Long  bool   `json:"long,omitempty"`
}

type scenarioText struct {
	Key    desk.Scenario   `json:"key"`
	Title  string          `json:"title"`
	Hint   string          `json:"hint"`
	Fields []preparedField `json:"fields" doc:"what is worth having ready; none is required"`
}

type widgetConfig struct {
	Brand         widgetBrand       `json:"brand"`
	Entity        string            `json:"entity"`
	Locale        string            `json:"locale"`
	Locales       []string          `json:"locales"`
	Channels      []inbox.ChatState `json:"channels"`
	IronRule      string            `json:"iron_rule"`
	Scenarios     []scenarioText    `json:"scenarios"`
	Fields        []preparedField   `json:"fields" doc:"what to have ready when no scenario was picked"`
	PrivacyURL    string            `json:"privacy_url"`
	RetentionDays int               `json:"retention_days" doc:"days that a resolved conversation is kept; 0: until it is deleted by hand"`
	MaxFileBytes  int64             `json:"max_file_bytes" doc:"0: no files"`
	Login         bool              `json:"login" doc:"the exchange can sign its customers in here"`
	PushKey       string            `json:"push_key" doc:"VAPID public key, base64url; empty: no web push"`
	Demo          bool              `json:"demo"`
}

// traditional remembers what the fixed texts are in traditional Chinese: the
// dictionary is large and not always at hand.
var traditional sync.Map // string → string

// said returns one of our own fixed texts in a reading locale.
func said(text, locale string) string {
	if locale != "zh-TW" {
		return text
	}
	if t, ok := traditional.Load(text); ok {
		return t.(string)
	}
	t := fold.Traditional(text)
	traditional.Store(text, t)
	return t
}

func fieldTexts(fields []desk.PreparedField, locale string) []preparedField {
	out := make([]preparedField, 0, len(fields))
	for _, f := range fields {
		t := f.Text(locale)
		out = append(out, preparedField{f.Key, said(t.Label, locale), said(t.Where, locale), f.Long})
	}
	return out
}

func scenarioTexts(locale string) []scenarioText {
	known := desk.KnownLocale(locale)
	out := make([]scenarioText, 0, len(desk.Scenarios))
	for _, s := range desk.Scenarios {
		out = append(out, scenarioText{s, said(s.Title(known), locale), said(s.Hint(known), locale), fieldTexts(s.Fields(), locale)})
	}
	return out
}

func (a *API) widgetConfig(ctx context.Context, in *widgetConfigInput) (*body[widgetConfig], error) {
	locale := in.locale()
	known := desk.KnownLocale(locale)
	entity, err := a.Store.Read(ctx).KnownEntity(plain(in.Entity))
	if err != nil {
		return nil, err
	}
	state, err := a.Inbox.ChatState(ctx, entity, plain(in.Region), locale)
	if err != nil {
		return nil, err
	}
	if locale == "zh-TW" {
		state.Holiday = fold.Traditional(state.Holiday)
	}
	return &body[widgetConfig]{widgetConfig{
		Brand: widgetBrand{
			Name: said(a.Brand.Name(known), locale), SiteURL: a.Brand.ExchangeURL,
			HelpURL: a.PublicURL + "/" + locale + "/", VerifyURL: a.PublicURL + "/" + locale + "/contact",
		},
		Entity: entity, Locale: locale, Locales: desk.ReadingLocales, Channels: []inbox.ChatState{state},
		IronRule: said(desk.IronRule(known), locale), Scenarios: scenarioTexts(locale), Fields: fieldTexts(desk.NoScenario.Fields(), locale),
		PrivacyURL: a.Brand.PrivacyURL, RetentionDays: a.Widget.RetentionDays, MaxFileBytes: a.Widget.MaxFileBytes,
		Login: a.Widget.Login, PushKey: a.pushKey(), Demo: a.Demo,
	}}, nil
}

type scenarioList struct {
	Scenarios []scenarioText `json:"scenarios"`
}

func (a *API) scenarios(ctx context.Context, _ *localeInput) (*body[scenarioList], error) {
	return &body[scenarioList]{scenarioList{scenarioTexts(web.Locale(ctx))}}, nil
}

type localeInput struct {
	Locale string `query:"locale"`
}
