package helpcenter

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// sameSitting is how long an author's saves in a row count as one version.
const sameSitting = 10 * time.Minute

// TextInput is what an editor saves.
type TextInput struct {
	Revision int // of the text that was edited; 0 = there was none
	Title    string
	Summary  string
	Body     string // Markdown
	Tags     []string
	Note     string // about the change, for the other editors
	// SourceVersion says which version of the source language this translates;
	// nil: the one that it did, or for a new text the newest.
	SourceVersion *int
}

// change is one step in the life of a text.
type change struct {
	by     Editor
	id     desk.ID
	locale string
	action string // of the version that it makes
	note   string
	minor  bool
	matter *string // front matter; nil keeps what the last version has
}

// write changes a working text and makes the version of it. now is the text as
// it stands, the zero value for a new one.
func (c *Center) write(tx *store.Tx, ch change, now store.ArticleText, apply func(*store.ArticleText)) (store.ArticleText, error) {
	last, err := lastVersion(tx, ch, now)
	if err != nil {
		return now, err
	}
	apply(&now)
	v := store.ArticleVersion{
		Number: now.Newest + 1, Title: now.Title, Summary: now.Summary, Body: now.Body, Tags: now.Tags,
		Action: ch.action, Note: ch.note, Minor: ch.minor, AuthorID: ch.by.ID, AuthorName: ch.by.Name, Matter: last.Matter,
	}
	if ch.matter != nil {
		v.Matter = *ch.matter
	}
	if c.oneSitting(tx, ch, &now, &last) {
		v.Number, v.CreatedAt = last.Number, last.CreatedAt
		if v.Note == "" {
			v.Note = last.Note
		}
	}
	now.Newest, now.EditedAt, now.EditedBy = v.Number, tx.Now(), ch.by.ID
	if ch.action == store.ActionPublish || ch.action == store.ActionImport && now.Status == store.Published {
		if err := goLive(tx, ch, &now, &v); err != nil {
			return now, err
		}
	}
	if err := tx.PutText(ch.id, ch.locale, &now); err != nil {
		return now, err
	}
	if err := tx.PutVersion(ch.id, ch.locale, &v); err != nil {
		return now, err
	}
	c.tell(tx, ch, now.Revision)
	return now, nil
}

func (c *Center) tell(tx *store.Tx, ch change, revision int) {
	if c.cfg.Saved != nil {
		tx.AfterCommit(func() { c.cfg.Saved(ch.id, ch.locale, revision, ch.by.Name) })
	}
}

func lastVersion(tx *store.Tx, ch change, now store.ArticleText) (store.ArticleVersion, error) {
	if now.Newest == 0 {
		return store.ArticleVersion{}, nil
	}
	return tx.ArticleVersion(ch.id, ch.locale, now.Newest)
}

// oneSitting reports whether a save belongs to its author's last one.
func (c *Center) oneSitting(tx *store.Tx, ch change, now *store.ArticleText, last *store.ArticleVersion) bool {
	return ch.action == store.ActionSave && last.Action == store.ActionSave && last.AuthorID == ch.by.ID && ch.by.ID != 0 &&
		last.Number != now.Live && last.Number != now.Major &&
		tx.Now()-last.CreatedAt < desk.Micros(sameSitting/time.Microsecond)
}

// goLive makes the version the one that readers see. Major names the oldest of
// the versions with the same words: whoever translated from a draft has
// translated what went up.
func goLive(tx *store.Tx, ch change, now *store.ArticleText, v *store.ArticleVersion) error {
	first := now.Major == 0
	now.Live = v.Number
	if ch.minor && !first {
		return nil
	}
	now.Major = v.Number
	for n := v.Number - 1; n > 0; n-- {
		before, err := tx.ArticleVersion(ch.id, ch.locale, n)
		if err != nil {
			return err
		}
		if before.Title != v.Title || before.Summary != v.Summary || before.Body != v.Body || !slices.Equal(before.Tags, v.Tags) {
			break
		}
		now.Major = n
	}
	return nil
}

// at reads a text that is to be changed and makes sure that the caller has seen
// it. The error is Stale when not, with the text as it stands.
func at(tx *store.Tx, id desk.ID, locale string, revision int) (store.Article, store.ArticleText, error) {
	a, err := tx.Article(id)
	if err != nil {
		return a, store.ArticleText{}, err
	}
	t, ok := a.Texts[locale]
	switch {
	case t.Revision != revision:
		if !ok {
			return a, t, desk.Errorf(desk.NotFound, "not_found")
		}
		return a, t, desk.Errorf(desk.Stale, "changed_meanwhile")
	case !ok && revision != 0:
		return a, t, desk.Errorf(desk.NotFound, "not_found")
	}
	return a, t, nil
}

// tidy takes out what nobody meant to write: forms send CR LF, and empty lines
// before the text would move into the front matter of an export.
func (in *TextInput) tidy() {
	in.Title, in.Summary, in.Note = strings.TrimSpace(in.Title), strings.TrimSpace(in.Summary), strings.TrimSpace(in.Note)
	in.Body = strings.TrimLeft(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(in.Body), "\n")
	for i, tag := range in.Tags {
		in.Tags[i] = strings.TrimSpace(tag)
	}
}

// SaveText stores what an editor has written and leaves what readers see as it
// is. A text that was published, planned or archived becomes a draft: nothing
// goes up that nobody has looked at. Errors: Stale, then the text returned is
// the one that somebody else has saved; NotFound; Invalid.
func (c *Center) SaveText(ctx context.Context, by Editor, id desk.ID, locale string, in TextInput) (store.ArticleText, error) {
	in.tidy()
	if err := fieldsOf(checkText(locale, in)); err != nil {
		return store.ArticleText{}, err
	}
	var text store.ArticleText
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		a, now, err := at(tx, id, locale, in.Revision)
		text = now
		if err != nil {
			return err
		}
		source := now.SourceVersion
		switch {
		case in.SourceVersion != nil:
			source = *in.SourceVersion
		case now.Revision == 0:
			source = a.Texts[a.SourceLocale].Newest
		}
		if now.Revision > 0 && now.Title == in.Title && now.Summary == in.Summary && now.Body == in.Body && slices.Equal(now.Tags, in.Tags) {
			if source == now.SourceVersion {
				return nil // nothing was changed: no version, and nobody's plan is upset
			}
			text.SourceVersion = source
			c.tell(tx, change{by: by, id: id, locale: locale}, now.Revision+1)
			return tx.PutText(id, locale, &text)
		}
		ch := change{by: by, id: id, locale: locale, action: store.ActionSave, note: in.Note}
		text, err = c.write(tx, ch, now, func(t *store.ArticleText) {
			t.Title, t.Summary, t.Body, t.Tags, t.SourceVersion = in.Title, in.Summary, in.Body, in.Tags, source
			if t.Status != store.Review {
				t.Status, t.PublishAt = store.Draft, 0
			}
		})
		return err
	})
	if desk.CodeOf(err) == desk.Stale && text.Revision == in.Revision {
		// Somebody was faster between reading and writing: show theirs.
		if theirs, rerr := c.cfg.Store.Read(ctx).ArticleText(id, locale); rerr == nil {
			text = theirs
		}
	}
	return text, err
}

// DeleteText drops a translation that readers do not see, or an own text in a
// language that is derived from another. Errors: Stale, NotFound, Forbidden,
// Conflict (readers see it, or it is the only one).
func (c *Center) DeleteText(ctx context.Context, by Editor, id desk.ID, locale string, revision int) error {
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		a, now, err := at(tx, id, locale, revision)
		if err != nil {
			return err
		}
		switch {
		case now.Revision == 0:
			return desk.Errorf(desk.NotFound, "not_found")
		case now.Live > 0 && derivedFrom[locale] == "", len(a.Texts) == 1:
			return desk.Errorf(desk.Conflict, "archive_instead")
		case now.Live > 0:
			if err := by.publishing(); err != nil {
				return err
			}
		}
		if err := tx.DeleteText(id, locale, revision); err != nil {
			return err
		}
		c.tell(tx, change{by: by, id: id, locale: locale}, 0)
		if err := tx.Audit(by.Actor, "article.delete_text", "article", id, map[string]any{"slug": a.Slug, "locale": locale}); err != nil {
			return err
		}
		return tx.ArticlesChanged()
	})
	if err != nil {
		return err
	}
	c.shelves.Seen(ctx)
	return nil
}

// Reviewed notes that somebody has looked at a text and it is still right.
func (c *Center) Reviewed(ctx context.Context, by Editor, id desk.ID, locale string, revision int) (store.ArticleText, error) {
	var text store.ArticleText
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		a, now, err := at(tx, id, locale, revision)
		text = now
		if err == nil && now.Revision == 0 {
			err = desk.Errorf(desk.NotFound, "not_found")
		}
		if err == nil && now.Live > 0 { // readers see the date
			err = by.publishing()
		}
		if err != nil {
			return err
		}
		text.UpdatedAt, text.RemindedAt = today(tx), 0
		if err := tx.PutText(id, locale, &text); err != nil {
			return err
		}
		c.tell(tx, change{by: by, id: id, locale: locale}, text.Revision)
		if err := tx.Audit(by.Actor, "article.reviewed", "article", id, map[string]any{"slug": a.Slug, "locale": locale}); err != nil {
			return err
		}
		return tx.ArticlesChanged()
	})
	if err != nil {
		return text, err
	}
	c.shelves.Seen(ctx)
	return text, nil
}

// today is the beginning of the day, UTC: reviews are counted in days.
func today(tx *store.Tx) desk.Micros {
	return desk.MicrosOf(tx.Now().Time().Truncate(24 * time.Hour))
}

// Restore makes an old version the working text again. Readers see it when it is
// published. Errors: Stale, NotFound.
func (c *Center) Restore(ctx context.Context, by Editor, id desk.ID, locale string, number, revision int) (store.ArticleText, error) {
	var text store.ArticleText
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		_, now, err := at(tx, id, locale, revision)
		text = now
		if err != nil {
			return err
		}
		v, err := tx.ArticleVersion(id, locale, number)
		if err != nil {
			return err
		}
		ch := change{by: by, id: id, locale: locale, action: store.ActionRestore, matter: &v.Matter}
		text, err = c.write(tx, ch, now, func(t *store.ArticleText) {
			t.Title, t.Summary, t.Body, t.Tags = v.Title, v.Summary, v.Body, v.Tags
			t.Status, t.PublishAt = store.Draft, 0
			if now.Live != 0 && number == now.Live { // what is written is what is read again
				t.Status = store.Published
			}
		})
		return err
	})
	return text, err
}
