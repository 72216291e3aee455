package official

import (
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Type says what kind of contact an entry is.
type Type string

// The types.
const (
	Domain   Type = "domain"
	Email    Type = "email"
	Phone    Type = "phone"
	X        Type = "x"
	Telegram Type = "telegram"
	Facebook Type = "facebook"
	Weibo    Type = "weibo"
	WeChat   Type = "wechat"
	LINE     Type = "line"
	WhatsApp Type = "whatsapp"
	Discord  Type = "discord"
	YouTube  Type = "youtube"
	App      Type = "app"    // an identifier in an app store
	Wallet   Type = "wallet" // an address used for announcements
)

// Types lists the types in the order in which people are shown them.
var Types = []Type{Domain, Email, Phone, X, Telegram, Facebook, Weibo, WeChat, LINE, WhatsApp, Discord, YouTube, App, Wallet}

// Valid reports whether t is one of the types.
func (t Type) Valid() bool { return slices.Contains(Types, t) }

// Status says what an entry stands for.
type Status string

// The statuses. Unknown is never stored: it is the answer for what is not in the
// registry.
const (
	Official  Status = "official"
	Reference Status = "reference"  // others' places that staff may point to; to customers still not official
	KnownFake Status = "known_fake" // reported and judged
	Unknown   Status = "unknown"
)

// Valid reports whether an entry may have the status s.
func (s Status) Valid() bool { return s == Official || s == Reference || s == KnownFake }

// Contact is an entry of the registry.
type Contact struct {
	ID         desk.ID           `json:"id"`
	Type       Type              `json:"type" enum:"domain,email,phone,x,telegram,facebook,weibo,wechat,line,whatsapp,discord,youtube,app,wallet"`
	Value      string            `json:"value" doc:"in the normal form of its type"`
	Status     Status            `json:"status" enum:"official,reference,known_fake"`
	Subdomains bool              `json:"subdomains" doc:"for domains: every name below it counts too; for an email of the form @domain: addresses at its subdomains"`
	Purpose    map[string]string `json:"purpose" doc:"by locale: what it is used for, and for what never"`
	Public     bool              `json:"public" doc:"shown on the contact page"`
	Position   int               `json:"position" doc:"lowest first"`
	Entity     string            `json:"entity"`
	Region     string            `json:"region"`
	Revision   int               `json:"revision"`
	UpdatedAt  desk.Micros       `json:"updated_at"`
}

func contactOf(c store.OfficialContact) Contact {
	if c.Purpose == nil {
		c.Purpose = map[string]string{}
	}
	return Contact{
		ID: c.ID, Type: Type(c.Type), Value: c.Value, Status: Status(c.Status), Subdomains: c.Subdomains, Purpose: c.Purpose,
		Public: c.Public, Position: c.Position, Entity: c.Entity, Region: c.Region, Revision: c.Revision, UpdatedAt: c.UpdatedAt,
	}
}

// PurposeIn returns what the contact is used for in a locale; zh-TW falls back
// to zh-CN, everything to English.
func (c Contact) PurposeIn(locale string) string {
	for _, l := range []string{locale, desk.KnownLocale(locale), desk.Locales[0]} {
		if p := c.Purpose[l]; p != "" {
			return p
		}
	}
	return ""
}

// Link is where the contact can be opened: an https address, mailto or tel; ""
// when there is none.
func (c Contact) Link() string {
	switch c.Type {
	case Domain:
		return "https://" + c.Value + "/"
	case Email:
		if c.Value != "" && c.Value[0] != '@' {
			return "mailto:" + c.Value
		}
	case Phone:
		return "tel:" + c.Value
	case X:
		return "https://x.com/" + c.Value
	case Telegram:
		return "https://t.me/" + c.Value
	case Facebook:
		return "https://www.facebook.com/" + c.Value
	case Weibo:
		return "https://weibo.com/" + c.Value
	case WhatsApp:
		return "https://wa.me/" + strings.TrimPrefix(c.Value, "+")
	case YouTube:
		return "https://www.youtube.com/@" + c.Value
	case Discord:
		return "https://discord.gg/" + c.Value
	case LINE:
		return "https://line.me/R/ti/p/@" + c.Value
	case App:
		if id, ok := strings.CutPrefix(c.Value, "ios:"); ok {
			return "https://apps.apple.com/app/id" + id
		}
		return "https://play.google.com/store/apps/details?id=" + strings.TrimPrefix(c.Value, "android:")
	}
	return ""
}
