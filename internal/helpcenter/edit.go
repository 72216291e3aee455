package helpcenter

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/store"
)

// Limits of what an article may carry.
const (
	maxTitleRunes   = 120
	maxSummaryRunes = 160
	maxBodyBytes    = 256 << 10
	maxSlugBytes    = 80
	maxPosition     = 1_000_000 // either side of 0
	maxTags         = 30
	maxTagRunes     = 60
	maxReviewDays   = 3650
	maxNoteRunes    = 500
)

// defaultReviewDays is how often an article is looked at unless its editor says
// otherwise.
const defaultReviewDays = 180

var (
	slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	// scopeForm is what entities and regions may be called: their names stand in
	// file names of an export.
	scopeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)
)

// Editor is who changes something, and what they may do.
type Editor struct {
	store.Actor
	MayPublish bool // change what readers see
}

func (e Editor) publishing() error {
	if !e.MayPublish {
		return desk.Errorf(desk.Forbidden, "forbidden")
	}
	return nil
}

// NewArticle is what an article begins with.
type NewArticle struct {
	CategoryID desk.ID
	Slug       string // "" is made of a title in Latin script
	Entity     string
	Region     string
	Locale     string // of the first text, which is the source of the others
	Title      string
}

// CreateArticle begins an article with an empty draft. Errors: Invalid (Fields
// say what), Conflict when the slug is taken.
func (c *Center) CreateArticle(ctx context.Context, by Editor, n NewArticle) (store.Article, error) {
	n.Title = strings.TrimSpace(n.Title)
	if n.Slug == "" {
		n.Slug = slugOf(n.Title)
	}
	a := store.Article{
		CategoryID: n.CategoryID, Slug: n.Slug, Entity: n.Entity, Region: n.Region, OwnerID: by.ID,
		ReviewDays: defaultReviewDays, SourceLocale: n.Locale,
	}
	if derivedFrom[n.Locale] != "" {
		a.SourceLocale = derivedFrom[n.Locale]
	}
	if err := fieldsOf(checkArticle(&a), checkText(n.Locale, TextInput{Title: n.Title})); err != nil {
		return a, err
	}
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		if err := c.checkReferences(tx, &store.Article{OwnerID: a.OwnerID}, &a); err != nil {
			return err
		}
		if err := tx.InsertArticle(&a); err != nil {
			return slugTaken(err)
		}
		if err := tx.DeleteRedirect(store.RedirectArticle, a.Slug, a.Entity, a.Region); err != nil {
			return err
		}
		ch := change{by: by, id: a.ID, locale: n.Locale, action: store.ActionSave}
		if _, err := c.write(tx, ch, store.ArticleText{}, func(t *store.ArticleText) { t.Title, t.Status = n.Title, store.Draft }); err != nil {
			return err
		}
		if err := tx.Audit(by.Actor, "article.create", "article", a.ID, map[string]any{"slug": a.Slug}); err != nil {
			return err
		}
		var err error
		a, err = tx.Article(a.ID)
		return err
	})
	return a, err
}

// slugTaken gives a conflict of an insert or update its reason; that there is
// such a category has been checked.
func slugTaken(err error) error {
	if desk.CodeOf(err) != desk.Conflict {
		return err
	}
	return &desk.Error{Code: desk.Conflict, Message: "slug_taken", Fields: map[string]string{"slug": "slug_taken"}, Cause: err}
}

// slugOf makes a slug of a title in Latin script, "" of any other.
func slugOf(title string) string {
	var b strings.Builder
	for _, r := range fold.Key(title) {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.IsLetter(r):
			return ""
		case r == '\'' || r == '’':
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	s := b.String()
	if len(s) > maxSlugBytes {
		s = s[:maxSlugBytes]
		if i := strings.LastIndexByte(s, '-'); i > 0 {
			s = s[:i]
		}
	}
	return strings.Trim(s, "-")
}

// ArticleChange is what to change of an article; nil stays as it is.
type ArticleChange struct {
	Revision     int
	Slug         *string
	CategoryID   *desk.ID
	Position     *int
	Scenarios    *[]desk.Scenario
	OwnerID      *desk.ID
	ReviewDays   *int
	Entity       *string
	Region       *string
	SourceLocale *string
}

func (ch ArticleChange) apply(a *store.Article) {
	desk.Set(&a.Slug, ch.Slug)
	desk.Set(&a.CategoryID, ch.CategoryID)
	desk.Set(&a.Position, ch.Position)
	desk.Set(&a.Scenarios, ch.Scenarios)
	desk.Set(&a.OwnerID, ch.OwnerID)
	desk.Set(&a.ReviewDays, ch.ReviewDays)
	desk.Set(&a.Entity, ch.Entity)
	desk.Set(&a.Region, ch.Region)
	desk.Set(&a.SourceLocale, ch.SourceLocale)
}

// ChangeArticle changes what belongs to an article in all languages. A new slug
// leaves a redirect. Where the article can be read already only those who may
// publish move it. Errors: Stale, NotFound, Conflict, Forbidden, Invalid.
func (c *Center) ChangeArticle(ctx context.Context, by Editor, id desk.ID, ch ArticleChange) (store.Article, error) {
	var a store.Article
	err := c.cfg.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if a, err = tx.Article(id); err != nil {
			return err
		}
		was := a
		ch.apply(&a)
		if err := fieldsOf(checkArticle(&a)); err != nil {
			return err
		}
		if a.Revision = ch.Revision; was.Revision != ch.Revision {
			return desk.Errorf(desk.Stale, "changed_meanwhile")
		}
		if err := c.checkReferences(tx, &was, &a); err != nil {
			return err
		}
		live := isLive(&was)
		moved := a.Slug != was.Slug || a.Entity != was.Entity || a.Region != was.Region
		if live && (moved || a.CategoryID != was.CategoryID) {
			if err := by.publishing(); err != nil {
				return err
			}
		}
		if err := tx.UpdateArticle(&a); err != nil {
			return slugTaken(err)
		}
		if moved {
			if err := c.moved(tx, by, &was, &a); err != nil {
				return err
			}
		}
		return tx.ArticlesChanged()
	})
	if err != nil {
		return a, err
	}
	c.shelves.Seen(ctx)
	return a, nil
}

// moved keeps the old address of an article alive.
func (c *Center) moved(tx *store.Tx, by Editor, was, now *store.Article) error {
	if err := tx.DeleteRedirect(store.RedirectArticle, now.Slug, now.Entity, now.Region); err != nil {
		return err
	}
	if was.Slug != now.Slug && wasLive(was) {
		if err := tx.PutRedirect(store.Redirect{Kind: store.RedirectArticle, Slug: was.Slug, Entity: now.Entity, Region: now.Region, Target: now.ID}); err != nil {
			return err
		}
	}
	return tx.Audit(by.Actor, "article.slug", "article", now.ID, map[string]any{
		"from": was.Slug, "to": now.Slug, "entity": now.Entity, "region": now.Region,
	})
}

// checkReferences makes sure that what an article names is there.
func (c *Center) checkReferences(tx *store.Tx, was, now *store.Article) error {
	if now.OwnerID != was.OwnerID && now.OwnerID != 0 {
		if _, err := tx.Agent(now.OwnerID); desk.CodeOf(err) == desk.NotFound {
			return desk.Field("owner_id", "field_choice")
		} else if err != nil {
			return err
		}
	}
	if now.CategoryID == was.CategoryID && was.CategoryID != 0 {
		return nil
	}
	all, err := tx.Categories()
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(k store.Category) bool { return k.ID == now.CategoryID }) {
		return desk.Field("category_id", "field_choice")
	}
	return nil
}

func isLive(a *store.Article) bool {
	for _, t := range a.Texts {
		if t.Live > 0 {
			return true
		}
	}
	return false
}

// wasLive reports whether readers have ever seen an article: somebody may have
// kept its address.
func wasLive(a *store.Article) bool {
	for _, t := range a.Texts {
		if t.Live > 0 || t.Major > 0 {
			return true
		}
	}
	return false
}

// DeleteArticle removes an article that readers have never seen. Errors: Stale,
// NotFound, Conflict (it was published: archive it).
func (c *Center) DeleteArticle(ctx context.Context, by Editor, id desk.ID, revision int) error {
	if err := by.publishing(); err != nil {
		return err
	}
	return c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		a, err := tx.Article(id)
		switch {
		case err != nil:
			return err
		case a.Revision != revision:
			return desk.Errorf(desk.Stale, "changed_meanwhile")
		case wasLive(&a):
			return desk.Errorf(desk.Conflict, "archive_instead")
		}
		if err := tx.DeleteArticle(id); err != nil {
			return err
		}
		if err := tx.Audit(by.Actor, "article.delete", "article", id, map[string]any{"slug": a.Slug}); err != nil {
			return err
		}
		return tx.ArticlesChanged()
	})
}

// problemsOf maps names of fields to what is wrong with them.
type problemsOf map[string]string

func fieldsOf(all ...problemsOf) error {
	fields := map[string]string{}
	for _, p := range all {
		for k, v := range p {
			fields[k] = v
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return &desk.Error{Code: desk.Invalid, Message: "invalid", Fields: fields}
}

func checkArticle(a *store.Article) problemsOf {
	p := problemsOf{}
	switch {
	case a.Slug == "":
		p["slug"] = "field_required"
	case !slugForm.MatchString(a.Slug) || len(a.Slug) > maxSlugBytes:
		p["slug"] = "slug_invalid"
	}
	if !scopeForm.MatchString(a.Entity) {
		p["entity"] = "field_invalid"
	}
	if !scopeForm.MatchString(a.Region) {
		p["region"] = "field_invalid"
	}
	if a.ReviewDays < 0 || a.ReviewDays > maxReviewDays {
		p["review_days"] = "field_number"
	}
	if a.Position < -maxPosition || a.Position > maxPosition {
		p["position"] = "field_number"
	}
	if !slices.Contains(desk.Locales, a.SourceLocale) {
		p["source_locale"] = "field_choice"
	}
	if slices.ContainsFunc(a.Scenarios, func(s desk.Scenario) bool { return s == desk.NoScenario || !s.Valid() }) {
		p["scenarios"] = "field_choice"
	}
	return p
}

func checkText(locale string, in TextInput) problemsOf {
	p := problemsOf{}
	line := func(name, s string, most int) {
		switch {
		case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }):
			p[name] = "field_invalid"
		case utf8.RuneCountInString(s) > most:
			p[name] = "field_too_long"
		}
	}
	if !slices.Contains(desk.ReadingLocales, locale) {
		p["locale"] = "field_choice"
	}
	line("title", in.Title, maxTitleRunes)
	line("summary", in.Summary, maxSummaryRunes)
	line("note", in.Note, maxNoteRunes)
	if in.Title == "" {
		p["title"] = "field_required"
	}
	if !utf8.ValidString(in.Body) || strings.ContainsRune(in.Body, 0) {
		p["body"] = "field_invalid"
	}
	if len(in.Body) > maxBodyBytes {
		p["body"] = "field_too_long"
	}
	if len(in.Tags) > maxTags {
		p["tags"] = "field_too_long"
	}
	for _, tag := range in.Tags {
		line("tags", tag, maxTagRunes)
		if strings.TrimSpace(tag) == "" {
			p["tags"] = "field_invalid"
		}
	}
	return p
}
