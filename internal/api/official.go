package api

import (
	"context"
	"net/http"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/web"
)

func init() {
	web.AddMessages("en", map[string]string{
		"contact_exists":        "The registry has this contact already.",
		"contact_subdomains":    "Only a domain, or an email of the form @domain, can include subdomains.",
		"contact_public":        "Only an official contact can be shown on the contact page.",
		"contact_purpose":       "A contact that is shown needs its purpose in English and simplified Chinese.",
		"contact_form_domain":   "Enter a domain that somebody can register, such as help.example.com, without a path.",
		"contact_form_phone":    "Enter the number with its country code, such as +44 20 7946 0000.",
		"contact_form_x":        "An X handle has up to 15 letters, digits and underscores.",
		"contact_form_telegram": "A Telegram handle has 4 to 32 letters, digits and underscores.",
		"contact_form_facebook": "Enter the name in the page's address, with letters, digits and dots.",
		"contact_form_app":      "Enter ios: and the number in the App Store, or android: and the package name, or the store's link.",
		"contact_form_wallet":   "Enter the address as the network writes it.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"contact_exists":        "登记中已有该联系方式。",
		"contact_subdomains":    "只有域名，或 @域名 形式的邮箱，才能包含子域名。",
		"contact_public":        "只有官方联系方式才能显示在联系页面。",
		"contact_purpose":       "公开显示的联系方式需要填写英文和简体中文的用途。",
		"contact_form_domain":   "请输入可注册的域名，例如 help.example.com，不含路径。",
		"contact_form_phone":    "请输入带国家代码的号码，例如 +44 20 7946 0000。",
		"contact_form_x":        "X 账号最多 15 个字母、数字或下划线。",
		"contact_form_telegram": "Telegram 账号为 4 到 32 个字母、数字或下划线。",
		"contact_form_facebook": "请输入主页地址中的名称，由字母、数字和点组成。",
		"contact_form_app":      "请输入 ios: 加 App Store 编号，或 android: 加应用包名，也可粘贴应用商店链接。",
		"contact_form_wallet":   "请按该网络的格式输入地址。",
	})
}

func (a *API) officialRoutes() []Route {
	return []Route{
		route("GET", "/official/contacts", desk.ReadStaff, a.listContacts),
		route("POST", "/official/contacts", desk.ManageOfficial, a.createContact, status(http.StatusCreated)),
		route("PATCH", "/official/contacts/{id}", desk.ManageOfficial, a.updateContact),
		route("DELETE", "/official/contacts/{id}", desk.ManageOfficial, a.deleteContact),
	}
}

// officialContact has a name of its own in the description: a contact there is a
// customer.
type officialContact official.Contact

type contactList struct {
	Contacts []officialContact `json:"contacts"`
}

func (a *API) listContacts(ctx context.Context, _ *nothing) (*body[contactList], error) {
	list, err := a.Official.Contacts(ctx)
	out := contactList{Contacts: []officialContact{}}
	for _, c := range list {
		out.Contacts = append(out.Contacts, officialContact(c))
	}
	return answered(out, err)
}

type newContactInput struct {
	Body struct {
		Type       official.Type     `json:"type"`
		Value      string            `json:"value" maxLength:"2000" doc:"as people write it; it is stored in the normal form of its type"`
		Status     official.Status   `json:"status"`
		Subdomains bool              `json:"subdomains,omitempty"`
		Purpose    map[string]string `json:"purpose,omitempty"`
		Public     bool              `json:"public,omitempty"`
		Position   int               `json:"position,omitempty"`
		Entity     string            `json:"entity,omitempty" maxLength:"64"`
		Region     string            `json:"region,omitempty" maxLength:"64"`
	}
}

type oneContact struct {
	Contact officialContact `json:"contact"`
}

func (a *API) createContact(ctx context.Context, in *newContactInput) (*body[oneContact], error) {
	b := in.Body
	made, err := a.Official.Create(ctx, ActorFrom(ctx), official.Contact{
		Type: b.Type, Value: b.Value, Status: b.Status, Subdomains: b.Subdomains, Purpose: b.Purpose, Public: b.Public,
		Position: b.Position, Entity: plain(b.Entity), Region: plain(b.Region),
	})
	return answered(oneContact{officialContact(made)}, err)
}

type contactInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Revision   int               `json:"revision" doc:"the one that was read"`
		Type       *official.Type    `json:"type,omitempty"`
		Value      *string           `json:"value,omitempty" maxLength:"2000"`
		Status     *official.Status  `json:"status,omitempty"`
		Subdomains *bool             `json:"subdomains,omitempty"`
		Purpose    map[string]string `json:"purpose,omitempty" doc:"in place of what was there"`
		Public     *bool             `json:"public,omitempty"`
		Position   *int              `json:"position,omitempty"`
		Entity     *string           `json:"entity,omitempty" maxLength:"64"`
		Region     *string           `json:"region,omitempty" maxLength:"64"`
	}
}

func (a *API) updateContact(ctx context.Context, in *contactInput) (*body[oneContact], error) {
	b := in.Body
	changed, err := a.Official.Update(ctx, ActorFrom(ctx), in.ID.ID, b.Revision, official.Change{
		Type: b.Type, Value: b.Value, Status: b.Status, Subdomains: b.Subdomains, Purpose: b.Purpose, Public: b.Public,
		Position: b.Position, Entity: b.Entity, Region: b.Region,
	})
	return answered(oneContact{officialContact(changed)}, err)
}

func (a *API) deleteContact(ctx context.Context, in *byRevision) (*nothing, error) {
	return nil, a.Official.Delete(ctx, ActorFrom(ctx), in.ID.ID, in.Revision)
}
