package helpcenter

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// KindRemind is the kind of the jobs that remind owners of reviews.
const KindRemind = "helpcenter.remind"

const (
	remindEvery = 7 * 24 * time.Hour
	// lookEvery is how often it is looked whether somebody is to be reminded.
	lookEvery = 24 * time.Hour
	// listedDue bounds the articles that one mail names.
	listedDue = 50
)

// Register lets r put up planned texts and send reminders, and makes it look for
// due reviews every day.
func (c *Center) Register(r *jobs.Runner) {
	r.Register(KindPublish, c.PublishPlanned)
	r.Register(KindRemind, c.Remind)
	r.Every(KindRemind, lookEvery, KindRemind)
}

// due is a text that is to be looked at again.
type due struct {
	article *store.Article
	locale  string
	store.ArticleText
	at desk.Micros
}

// Remind sends one mail to each owner whose articles are due for a review, with
// all of them, at most once in seven days. Articles without an active owner are
// brought to every active editor, or without any to every administrator. It is
// the handler of [KindRemind] jobs.
func (c *Center) Remind(context.Context, jobs.Job) (jobs.Effect, error) {
	if c.cfg.EnqueueMail == nil {
		return nil, nil
	}
	return c.remind, nil
}

func (c *Center) remind(tx *store.Tx) error {
	articles, err := tx.ArticleList()
	if err != nil {
		return err
	}
	agents, err := tx.Agents()
	if err != nil {
		return err
	}
	byOwner := map[desk.ID][]due{}
	for i := range articles {
		a := &articles[i]
		owner := a.OwnerID
		if !slices.ContainsFunc(agents, func(g *desk.Agent) bool { return g.ID == owner && g.Status == "active" }) {
			owner = 0
		}
		for locale, t := range a.Texts {
			if at := DueAt(a, t); at != 0 && at <= tx.Now() {
				byOwner[owner] = append(byOwner[owner], due{a, locale, t, at})
			}
		}
	}
	for _, owner := range slices.Sorted(maps.Keys(byOwner)) {
		list := byOwner[owner]
		last := slices.MaxFunc(list, func(a, b due) int { return cmp.Compare(a.RemindedAt, b.RemindedAt) }).RemindedAt
		if tx.Now()-last < desk.Micros(remindEvery/time.Microsecond) && last != 0 {
			continue
		}
		if err := c.remindOf(tx, recipients(agents, owner), list); err != nil {
			return err
		}
	}
	return nil
}

// recipients are who looks after the articles of an owner.
func recipients(agents []*desk.Agent, owner desk.ID) []*desk.Agent {
	pick := func(who func(*desk.Agent) bool) (out []*desk.Agent) {
		for _, a := range agents {
			if a.Status == "active" && who(a) {
				out = append(out, a)
			}
		}
		return out
	}
	if owner != 0 {
		return pick(func(a *desk.Agent) bool { return a.ID == owner })
	}
	if editors := pick(func(a *desk.Agent) bool { return a.Role == desk.Editor }); len(editors) > 0 {
		return editors
	}
	return pick(func(a *desk.Agent) bool { return a.Role == desk.Admin })
}

func (c *Center) remindOf(tx *store.Tx, to []*desk.Agent, list []due) error {
	slices.SortFunc(list, func(a, b due) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.article.Slug, b.article.Slug), cmp.Compare(a.locale, b.locale))
	})
	for _, agent := range to {
		data, err := c.reminder(list)
		if err != nil {
			return err
		}
		if err := c.cfg.EnqueueMail(tx, agent.Email, agent.Locale, "review_due", data); err != nil {
			return fmt.Errorf("remind %s: %w", agent.ID, err)
		}
	}
	for _, d := range list {
		if err := tx.SetReminded(d.article.ID, d.locale, tx.Now()); err != nil {
			return err
		}
	}
	return nil
}

// DueArticle is a line of a reminder.
type DueArticle struct {
	Title  string      `json:"title"`
	Locale string      `json:"locale"`
	Link   string      `json:"link"` // to the console
	DueAt  desk.Micros `json:"due_at"`
}

func (c *Center) reminder(list []due) (map[string]string, error) {
	console := strings.TrimRight(c.cfg.PublicURL, "/") + "/console/help"
	var lines []DueArticle
	for _, d := range list[:min(len(list), listedDue)] {
		title := strings.ReplaceAll(d.Title, "\ufffd", "?") // mails carry no broken characters
		lines = append(lines, DueArticle{title, d.locale, console + "/articles/" + d.article.ID.String() + "/" + d.locale, d.at})
	}
	text, err := json.Marshal(lines)
	return map[string]string{
		"articles": string(text), "count": strconv.Itoa(len(list)), "more": strconv.Itoa(len(list) - len(lines)), "link": console + "/articles?attention=due",
	}, err
}
