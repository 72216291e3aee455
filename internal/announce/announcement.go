package announce

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/store"
)

// Level says how much an announcement matters.
type Level string

// The levels.
const (
	Info     Level = "info"
	Warning  Level = "warning"
	Incident Level = "incident"
)

// Valid reports whether l is one of the levels.
func (l Level) Valid() bool { return l == Info || l == Warning || l == Incident }

// rank puts what matters most first.
func (l Level) rank() int {
	switch l {
	case Incident:
		return 0
	case Warning:
		return 1
	}
	return 2
}

// State is where an announcement stands at a moment.
type State string

// The states.
const (
	Draft     State = "draft"     // not published
	Scheduled State = "scheduled" // published, begins later
	Active    State = "active"    // customers see it
	Over      State = "over"      // its end has come
)

// Text is an announcement in one language. Neither part has markup; the body
// may have several lines.
type Text = store.AnnouncementText

// The longest parts, in runes.
const (
	MaxTitle = 120
	MaxBody  = 1000
)

// Announcement is something that every customer should know.
type Announcement struct {
	ID        desk.ID         `json:"id"`
	Level     Level           `json:"level" enum:"info,warning,incident"`
	Texts     map[string]Text `json:"texts" doc:"by locale; en and zh-CN are there, zh-TW only when it is not derived"`
	URL       string          `json:"url" doc:"where to read more; may be empty"`
	Entity    string          `json:"entity"`
	Region    string          `json:"region"`
	Published bool            `json:"published"`
	StartsAt  desk.Micros     `json:"starts_at"`
	EndsAt    desk.Micros     `json:"ends_at" doc:"0: until it is taken down"`
	Revision  int             `json:"revision"`
	State     State           `json:"state" enum:"draft,scheduled,active,over"`
	UpdatedAt desk.Micros     `json:"updated_at"`

	derived func() Text // zh-TW from zh-CN, when first asked for; nil in lists for editors
}

func announcementOf(a store.Announcement, now desk.Micros) Announcement {
	return Announcement{
		ID: a.ID, Level: Level(a.Level), Texts: a.Texts, URL: a.URL, Entity: a.Entity, Region: a.Region, Published: a.Published,
		StartsAt: a.StartsAt, EndsAt: a.EndsAt, Revision: a.Revision, State: stateAt(a.Published, a.StartsAt, a.EndsAt, now), UpdatedAt: a.UpdatedAt,
	}
}

func stateAt(published bool, starts, ends, now desk.Micros) State {
	switch {
	case !published:
		return Draft
	case ends != 0 && ends <= now:
		return Over
	case starts > now:
		return Scheduled
	}
	return Active
}

// In returns the text for a locale: its own, for zh-TW else the simplified one
// converted, else English.
func (a Announcement) In(locale string) Text {
	if _, own := a.Texts[locale]; !own && locale == "zh-TW" && a.derived != nil {
		return a.derived()
	}
	for _, l := range []string{locale, desk.KnownLocale(locale)} {
		if t, ok := a.Texts[l]; ok {
			return t
		}
	}
	return a.Texts[desk.Locales[0]]
}

func traditional(t Text) Text {
	return Text{Title: fold.Traditional(t.Title), Body: fold.Traditional(t.Body)}
}

// concerns reports whether customers of an entity and region are meant.
func (a *Announcement) concerns(entity, region string) bool {
	return (a.Entity == "" || a.Entity == entity) && (a.Region == "" || a.Region == region)
}

// inOrder sorts the way people should see them: what matters most first, then
// what is newest.
func inOrder(list []Announcement) {
	slices.SortStableFunc(list, func(a, b Announcement) int {
		return cmp.Or(cmp.Compare(a.Level.rank(), b.Level.rank()), cmp.Compare(b.StartsAt, a.StartsAt), cmp.Compare(b.ID, a.ID))
	})
}

// check puts the announcement into the form that is stored, or says by field
// what is wrong.
func (a *Announcement) check(allowed func(string) bool) error {
	if !a.Level.Valid() {
		return desk.Field("level", "field_choice")
	}
	texts := map[string]Text{}
	for locale, t := range a.Texts {
		if !slices.Contains(desk.ReadingLocales, locale) {
			return desk.Field("texts", "field_choice")
		}
		t.Title, t.Body = strings.Join(strings.Fields(plain(t.Title)), " "), strings.TrimSpace(plain(t.Body))
		if utf8.RuneCountInString(t.Title) > MaxTitle || utf8.RuneCountInString(t.Body) > MaxBody {
			return desk.Field("texts", "field_too_long")
		}
		if t != (Text{}) {
			texts[locale] = t
		}
	}
	a.Texts = texts
	for _, locale := range desk.Locales {
		if texts[locale].Title == "" {
			return desk.Field("texts", "announcement_texts")
		}
	}
	if t, own := texts["zh-TW"]; own && t.Title == "" {
		return desk.Field("texts", "announcement_texts")
	}
	if a.EndsAt != 0 && a.EndsAt <= a.StartsAt {
		return desk.Field("ends_at", "announcement_end")
	}
	if a.StartsAt < 0 || a.EndsAt < 0 || max(a.StartsAt, a.EndsAt) > lastMoment {
		return desk.Field("starts_at", "field_invalid")
	}
	if len(a.Entity) > 64 || len(a.Region) > 64 {
		return desk.Field("region", "field_too_long")
	}
	return a.checkURL(allowed)
}

// lastMoment is the last one that people can write down: the year 9999.
var lastMoment = desk.MicrosOf(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))

func (a *Announcement) checkURL(allowed func(string) bool) error {
	a.URL = strings.TrimSpace(a.URL)
	if a.URL == "" {
		return nil
	}
	u, err := url.Parse(a.URL)
	if err != nil || u.Scheme != "https" || u.Host == "" || len(a.URL) > 2000 {
		return desk.Field("url", "announcement_url")
	}
	if allowed != nil && !allowed(a.URL) {
		return desk.Field("url", "announcement_link")
	}
	return nil
}

// plain drops control characters except line breaks.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}
