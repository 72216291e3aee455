package helpcenter

import (
	"context"
	"fmt"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// KindPublish is the kind of the jobs that put up planned texts.
const KindPublish = "helpcenter.publish"

// farthestPlan is how far ahead a text can be planned.
const farthestPlan = desk.Micros(10 * 366 * 24 * time.Hour / time.Microsecond)

// StageInput says what to do with a text.
type StageInput struct {
	Revision  int
	Stage     store.ArticleStatus
	PublishAt desk.Micros // for Scheduled, in the future
	Minor     bool        // for Published and Scheduled: translations need not follow
	Note      string
}

// SetStage moves a text through its life: to its reviewer and back, on to a
// plan, up and down. Errors: Stale, then the text returned is the one that
// stands; Forbidden; NotFound; Invalid, around a [*BlockedError] when the text
// cannot go up as it is.
func (c *Center) SetStage(ctx context.Context, by Editor, id desk.ID, locale string, in StageInput) (store.ArticleText, error) {
	var text store.ArticleText
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		a, now, err := at(tx, id, locale, in.Revision)
		text = now
		if err != nil {
			return err
		}
		if now.Revision == 0 {
			return desk.Errorf(desk.NotFound, "not_found")
		}
		text, err = c.stage(tx, by, &a, locale, now, in)
		return err
	})
	if err != nil {
		return text, err
	}
	c.shelves.Seen(ctx)
	return text, nil
}

func (c *Center) stage(tx *store.Tx, by Editor, a *store.Article, locale string, now store.ArticleText, in StageInput) (store.ArticleText, error) {
	ch := change{by: by, id: a.ID, locale: locale, note: in.Note, minor: in.Minor}
	if len([]rune(in.Note)) > maxNoteRunes {
		return now, desk.Field("note", "field_too_long")
	}
	switch in.Stage {
	case store.Draft, store.Review:
		return c.takeBack(tx, ch, a, now, in.Stage)
	case store.Scheduled:
		return c.schedule(tx, ch, a, now, in.PublishAt)
	case store.Published:
		return c.publish(tx, ch, a, now)
	case store.Archived:
		return c.archive(tx, ch, a, now)
	}
	return now, desk.Field("stage", "field_choice")
}

// takeBack makes a text a draft again, or gives it to a reviewer. What is up
// stays up.
func (c *Center) takeBack(tx *store.Tx, ch change, a *store.Article, now store.ArticleText, to store.ArticleStatus) (store.ArticleText, error) {
	if now.Status == to {
		return now, nil
	}
	if now.Status == store.Scheduled { // somebody else's plan
		if err := ch.by.publishing(); err != nil {
			return now, err
		}
		if err := c.note(tx, ch, "article.unschedule", a, nil); err != nil {
			return now, err
		}
	}
	ch.action, ch.minor = store.ActionDraft, false
	if to == store.Review {
		ch.action = store.ActionReview
	}
	return c.write(tx, ch, now, func(t *store.ArticleText) { t.Status, t.PublishAt = to, 0 })
}

// planned is the payload of a job that puts a text up.
type planned struct {
	Article desk.ID     `json:"article"`
	Locale  string      `json:"locale"`
	At      desk.Micros `json:"at"`
}

func (c *Center) schedule(tx *store.Tx, ch change, a *store.Article, now store.ArticleText, at desk.Micros) (store.ArticleText, error) {
	if err := ch.by.publishing(); err != nil {
		return now, err
	}
	if at <= tx.Now() {
		return now, desk.Field("publish_at", "publish_at_past")
	}
	if at-tx.Now() > farthestPlan { // a slip of the pen, and years that JSON cannot write
		return now, desk.Field("publish_at", "field_invalid")
	}
	if err := c.fitToPublish(tx, a, ch.locale, &now); err != nil {
		return now, err
	}
	ch.action = store.ActionSchedule
	now, err := c.write(tx, ch, now, func(t *store.ArticleText) { t.Status, t.PublishAt = store.Scheduled, at })
	if err != nil {
		return now, err
	}
	if err := enqueuePublish(tx, planned{a.ID, ch.locale, at}); err != nil {
		return now, err
	}
	return now, c.note(tx, ch, "article.schedule", a, map[string]any{"publish_at": at.Time()})
}

func enqueuePublish(tx *store.Tx, p planned) error {
	return jobs.Enqueue(tx, KindPublish, p, jobs.RunAt(p.At.Time()), jobs.UniqueKey(fmt.Sprintf("%s:%s:%s:%d", KindPublish, p.Article, p.Locale, p.At)))
}

// publish makes the working text what readers see.
func (c *Center) publish(tx *store.Tx, ch change, a *store.Article, now store.ArticleText) (store.ArticleText, error) {
	if err := ch.by.publishing(); err != nil {
		return now, err
	}
	if now.Status == store.Published {
		return now, nil
	}
	if err := c.fitToPublish(tx, a, ch.locale, &now); err != nil {
		return now, err
	}
	ch.action = store.ActionPublish
	now, err := c.write(tx, ch, now, func(t *store.ArticleText) {
		t.Status, t.PublishAt, t.UpdatedAt, t.RemindedAt = store.Published, 0, today(tx), 0
	})
	if err != nil {
		return now, err
	}
	if err := tx.ArticlesChanged(); err != nil {
		return now, err
	}
	return now, c.note(tx, ch, "article.publish", a, map[string]any{"version": now.Live, "minor": ch.minor})
}

// fitToPublish refuses what readers must not get.
func (c *Center) fitToPublish(tx *store.Tx, a *store.Article, locale string, t *store.ArticleText) error {
	categories, err := tx.Categories()
	if err != nil {
		return err
	}
	w := Work{Categories: categories}
	found, err := c.findings(tx.Query, w.CategorySlug(a.CategoryID), locale, t)
	if err != nil {
		return err
	}
	if bad := blocking(found); len(bad) > 0 {
		return desk.Wrap(desk.Invalid, "article_blocked", &BlockedError{bad})
	}
	return nil
}

// archive takes a text down.
func (c *Center) archive(tx *store.Tx, ch change, a *store.Article, now store.ArticleText) (store.ArticleText, error) {
	if err := ch.by.publishing(); err != nil {
		return now, err
	}
	if now.Status == store.Archived {
		return now, nil
	}
	ch.action, ch.minor = store.ActionArchive, false
	now, err := c.write(tx, ch, now, func(t *store.ArticleText) { t.Status, t.PublishAt, t.Live = store.Archived, 0, 0 })
	if err != nil {
		return now, err
	}
	if err := tx.ArticlesChanged(); err != nil {
		return now, err
	}
	return now, c.note(tx, ch, "article.archive", a, nil)
}

// note writes who did what to which text into the audit log.
func (c *Center) note(tx *store.Tx, ch change, action string, a *store.Article, more map[string]any) error {
	detail := map[string]any{"slug": a.Slug, "locale": ch.locale}
	for k, v := range more {
		detail[k] = v
	}
	return tx.Audit(ch.by.Actor, action, "article", a.ID, detail)
}

// PublishPlanned puts up a text whose time has come. It is the handler of
// [KindPublish] jobs. A plan that was changed since has a job of its own; this
// one then does nothing. A text that cannot go up any more (a link has become an
// impostor's) goes back to review, and the audit log says so.
func (c *Center) PublishPlanned(_ context.Context, job jobs.Job) (jobs.Effect, error) {
	var p planned
	if err := job.Decode(&p); err != nil {
		return nil, err
	}
	return func(tx *store.Tx) error {
		a, err := tx.Article(p.Article)
		if desk.CodeOf(err) == desk.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		t := a.Texts[p.Locale]
		if t.Status != store.Scheduled || t.PublishAt != p.At {
			return nil
		}
		plan, err := tx.ArticleVersion(a.ID, p.Locale, t.Newest)
		if err != nil {
			return err
		}
		who := store.Actor{Kind: desk.BySystem, ID: plan.AuthorID, Name: plan.AuthorName}
		ch := change{by: Editor{who, true}, id: a.ID, locale: p.Locale, note: plan.Note, minor: plan.Minor}
		_, err = c.publish(tx, ch, &a, t)
		if desk.CodeOf(err) == desk.Invalid {
			reason := err
			ch.action, ch.note = store.ActionReview, ""
			if _, err = c.write(tx, ch, t, func(t *store.ArticleText) { t.Status, t.PublishAt = store.Review, 0 }); err != nil {
				return err
			}
			tx.AfterCommit(func() {
				c.log.Warn("a planned article could not go up and waits for review", "article", a.Slug, "locale", p.Locale, "reason", reason)
			})
			return c.note(tx, ch, "article.schedule_refused", &a, nil)
		}
		return err
	}, nil
}
