package api

import (
	"context"
	"net/http"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/web"
)

func init() {
	web.AddMessages("en", map[string]string{
		"announcement_texts": "English and simplified Chinese both need a title.",
		"announcement_end":   "The end must come after the beginning.",
		"announcement_url":   "The link must be a complete https:// address.",
		"announcement_link":  "This address is not in the registry of official contacts and references.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"announcement_texts": "英文和简体中文都需要标题。",
		"announcement_end":   "结束时间必须晚于开始时间。",
		"announcement_url":   "链接必须是完整的 https:// 地址。",
		"announcement_link":  "该地址不在官方联系方式和参考链接的登记中。",
	})
}

func (a *API) announcementRoutes() []Route {
	return []Route{
		route("GET", "/announcements", desk.ManageAnnouncements, a.listAnnouncements),
		route("POST", "/announcements", desk.ManageAnnouncements, a.createAnnouncement, status(http.StatusCreated)),
		route("GET", "/announcements/active", Public, a.activeAnnouncements),
		route("PATCH", "/announcements/{id}", desk.ManageAnnouncements, a.updateAnnouncement),
		route("DELETE", "/announcements/{id}", desk.ManageAnnouncements, a.deleteAnnouncement),
	}
}

type announcementList struct {
	Announcements []announce.Announcement `json:"announcements" doc:"latest change first"`
}

func (a *API) listAnnouncements(ctx context.Context, _ *nothing) (*body[announcementList], error) {
	list, err := a.Announcements.List(ctx)
	return answered(announcementList{list}, err)
}

type newAnnouncementInput struct {
	Body struct {
		Level     announce.Level           `json:"level"`
		Texts     map[string]announce.Text `json:"texts"`
		URL       string                   `json:"url,omitempty"`
		Entity    string                   `json:"entity,omitempty" maxLength:"64"`
		Region    string                   `json:"region,omitempty" maxLength:"64"`
		Published bool                     `json:"published,omitempty"`
		StartsAt  desk.Micros              `json:"starts_at,omitempty" doc:"0 with published: now"`
		EndsAt    desk.Micros              `json:"ends_at,omitempty" doc:"0: until it is taken down"`
	}
}

type oneAnnouncement struct {
	Announcement announce.Announcement `json:"announcement"`
}

func (a *API) createAnnouncement(ctx context.Context, in *newAnnouncementInput) (*body[oneAnnouncement], error) {
	b := in.Body
	made, err := a.Announcements.Create(ctx, ActorFrom(ctx), announce.Announcement{
		Level: b.Level, Texts: b.Texts, URL: b.URL, Entity: plain(b.Entity), Region: plain(b.Region), Published: b.Published, StartsAt: b.StartsAt, EndsAt: b.EndsAt,
	})
	return answered(oneAnnouncement{made}, err)
}

type announcementInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Revision  int                      `json:"revision" doc:"the one that was read"`
		Level     *announce.Level          `json:"level,omitempty"`
		Texts     map[string]announce.Text `json:"texts,omitempty" doc:"all of them, in place of those before"`
		URL       *string                  `json:"url,omitempty"`
		Entity    *string                  `json:"entity,omitempty" maxLength:"64"`
		Region    *string                  `json:"region,omitempty" maxLength:"64"`
		Published *bool                    `json:"published,omitempty"`
		StartsAt  *desk.Micros             `json:"starts_at,omitempty"`
		EndsAt    *desk.Micros             `json:"ends_at,omitempty"`
	}
}

func (a *API) updateAnnouncement(ctx context.Context, in *announcementInput) (*body[oneAnnouncement], error) {
	b := in.Body
	changed, err := a.Announcements.Update(ctx, ActorFrom(ctx), in.ID.ID, b.Revision, announce.Change{
		Level: b.Level, Texts: b.Texts, URL: b.URL, Entity: b.Entity, Region: b.Region, Published: b.Published, StartsAt: b.StartsAt, EndsAt: b.EndsAt,
	})
	return answered(oneAnnouncement{changed}, err)
}

// byRevision is the input of routes that remove a thing as it was read.
type byRevision struct {
	ID       IDParam `path:"id"`
	Revision int     `query:"revision" doc:"the one that was read"`
}

func (a *API) deleteAnnouncement(ctx context.Context, in *byRevision) (*nothing, error) {
	return nil, a.Announcements.Delete(ctx, ActorFrom(ctx), in.ID.ID, in.Revision)
}

type activeInput struct {
	Locale string `query:"locale" doc:"en, zh-CN or zh-TW; otherwise what Accept-Language says"`
	Entity string `query:"entity" maxLength:"64"`
	Region string `query:"region" maxLength:"64"`
}

type activeAnnouncement struct {
	ID    desk.ID        `json:"id"`
	Level announce.Level `json:"level" enum:"info,warning,incident"`
	Title string         `json:"title"`
	Body  string         `json:"body" doc:"without markup; may have several lines"`
	URL   string         `json:"url"`
}

type activeList struct {
	Announcements []activeAnnouncement `json:"announcements" doc:"what matters most first"`
}

func (a *API) activeAnnouncements(ctx context.Context, in *activeInput) (*body[activeList], error) {
	locale := in.Locale
	if locale == "" {
		locale = web.Locale(ctx)
	}
	out := activeList{Announcements: []activeAnnouncement{}}
	for _, n := range a.Announcements.Active(a.Store.Now(), in.Entity, in.Region) {
		t := n.In(readingLocale(locale))
		out.Announcements = append(out.Announcements, activeAnnouncement{n.ID, n.Level, t.Title, t.Body, n.URL})
	}
	return &body[activeList]{out}, nil
}
