package helpcenter

import (
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// putArticle stores an article of the folder with its texts.
func (m *importing) putArticle(a *sourceArticle) error {
	m.report.Texts += len(a.texts)
	now, live := m.find(a.articleKey)
	if now == nil {
		// A file that names what it was called before is that article, renamed.
		for _, old := range a.redirects() {
			if k := (articleKey{old, a.entity, a.region}); m.t.byKey[k] == nil && now == nil {
				now, live = m.find(k)
			}
		}
	}
	created := now == nil
	if created {
		now, live = &store.Article{Slug: a.slug, Entity: a.entity, Region: a.region, ReviewDays: defaultReviewDays}, &store.Article{}
		now.SourceLocale = defaultSource(a.texts)
	}
	changed, err := m.putMeta(a, now)
	if err != nil {
		return err
	}
	for _, locale := range sourceFirst(now.SourceLocale) {
		s := a.texts[locale]
		if s == nil {
			continue
		}
		did, err := m.putText(now, live, locale, s, a.drafts[locale])
		if err != nil {
			return err
		}
		changed = changed || did
	}
	if err := m.putRedirects(store.RedirectArticle, a.articleKey, now.ID, a.redirects()); err != nil {
		return err
	}
	switch {
	case created:
		m.report.Created++
	case changed:
		m.report.Updated++
	default:
		m.report.Unchanged++
	}
	return nil
}

// sourceFirst lists the languages with the one first that the others translate.
func sourceFirst(source string) []string {
	out := []string{source}
	for _, l := range desk.ReadingLocales {
		if l != source {
			out = append(out, l)
		}
	}
	return out
}

// defaultSource is the language that an article is translated from unless it
// says so.
func defaultSource[T any](texts map[string]T) string {
	for _, l := range desk.Locales {
		if _, ok := texts[l]; ok {
			return l
		}
	}
	return desk.Locales[len(desk.Locales)-1]
}

func (m *importing) find(k articleKey) (now, live *store.Article) {
	if i, ok := m.haveAt[k]; ok {
		now = &m.have[i]
	}
	if i, ok := m.liveAt[k]; ok {
		live = &m.live[i]
	}
	return now, live
}

func placesOf(list []store.Article) map[articleKey]int {
	at := make(map[articleKey]int, len(list))
	for i, a := range list {
		at[articleKey{a.Slug, a.Entity, a.Region}] = i
	}
	return at
}

// putMeta stores what belongs to an article in all languages.
func (m *importing) putMeta(a *sourceArticle, now *store.Article) (changed bool, err error) {
	first := a.first()
	want := *now
	want.Slug, want.CategoryID, want.Position, want.Scenarios = a.slug, m.ids[a.category], first.order, first.scenarios
	for _, s := range a.all() {
		desk.Set(&want.ReviewDays, s.review)
		desk.Set(&want.SourceLocale, s.source)
		if s.owner != nil {
			id := m.owners[*s.owner]
			if id == 0 && *s.owner != "" {
				m.report.Warnings = append(m.report.Warnings, Problem{s.file, 0, "owner " + *s.owner + " is not a member of staff here; the article has no owner"})
			}
			want.OwnerID = id
		}
	}
	same := want.Slug == now.Slug && want.CategoryID == now.CategoryID && want.Position == now.Position && slices.Equal(want.Scenarios, now.Scenarios) &&
		want.ReviewDays == now.ReviewDays && want.SourceLocale == now.SourceLocale && want.OwnerID == now.OwnerID
	if now.ID != 0 && same {
		return false, nil
	}
	m.visible = true
	if now.ID == 0 {
		err = m.tx.InsertArticle(&want)
	} else {
		err = m.tx.UpdateArticle(&want)
	}
	if want.Texts == nil {
		want.Texts = map[string]store.ArticleText{}
	}
	*now = want
	return true, err
}

// putText makes one language what the folder says. A draft that somebody writes
// here meanwhile stays the working text.
func (m *importing) putText(a, live *store.Article, locale string, s, draft *sourceText) (changed bool, err error) {
	now, up := a.Texts[locale], live.Texts[locale]
	defer func() { a.Texts[locale] = now }()
	if s.status != store.Published {
		return m.putWorking(a, &now, locale, s, true)
	}
	mine := now // a draft that was written here
	keep := draft == nil && now.Live > 0 && now.Newest != now.Live && now.Status != store.Published
	switch {
	case now.Live == 0 || !sameText(up, s):
		m.visible, changed = true, true
		ch := change{by: m.by, id: a.ID, locale: locale, action: store.ActionImport, matter: &s.matter}
		now, err = m.c.write(m.tx, ch, now, func(t *store.ArticleText) {
			fill(t, s)
			t.Status, t.PublishAt, t.UpdatedAt, t.RemindedAt = store.Published, 0, s.updated, 0
			if src, ok := a.Texts[a.SourceLocale]; ok && locale != a.SourceLocale {
				t.SourceVersion = src.Major // imported together: they belong together
			}
		})
		if err == nil && keep {
			now, err = m.c.write(m.tx, change{by: m.by, id: a.ID, locale: locale, action: store.ActionSave}, now, func(t *store.ArticleText) {
				t.Title, t.Summary, t.Body, t.Tags, t.Status, t.PublishAt = mine.Title, mine.Summary, mine.Body, mine.Tags, mine.Status, mine.PublishAt
			})
		}
	default:
		if changed, err = m.putDetails(a, &now, locale, now.Live, s); err == nil && now.UpdatedAt != s.updated {
			m.visible, changed = true, true
			now.UpdatedAt, now.RemindedAt = s.updated, 0
			err = m.tx.PutText(a.ID, locale, &now)
		}
	}
	if err != nil || draft == nil {
		return changed, err
	}
	did, err := m.putWorking(a, &now, locale, draft, false)
	return changed || did, err
}

// putWorking makes a file the working text. takeDown says that readers see
// nothing of it any more.
func (m *importing) putWorking(a *store.Article, now *store.ArticleText, locale string, s *sourceText, takeDown bool) (changed bool, err error) {
	status, at := s.status, s.publishAt
	if status == store.Scheduled && at <= m.tx.Now() {
		status, at = store.Review, 0
		m.report.Warnings = append(m.report.Warnings, Problem{s.file, 0, "publish_at is past; the text waits for review instead of going up unseen"})
	}
	if status != store.Scheduled {
		at = 0
	}
	down := takeDown && now.Live > 0
	if now.Revision > 0 && !down && sameText(*now, s) && now.Status == status && now.PublishAt == at {
		return m.putDetails(a, now, locale, now.Newest, s)
	}
	m.visible = m.visible || down
	ch := change{by: m.by, id: a.ID, locale: locale, action: store.ActionSave, matter: &s.matter}
	*now, err = m.c.write(m.tx, ch, *now, func(t *store.ArticleText) {
		fill(t, s)
		t.Status, t.PublishAt = status, at
		if down {
			t.Live = 0
		}
		if s.updated != 0 && takeDown {
			t.UpdatedAt = s.updated
		}
	})
	if err == nil && status == store.Scheduled {
		err = enqueuePublish(m.tx, planned{a.ID, locale, at})
	}
	return true, err
}

// putDetails keeps the front matter as it is written now; its meaning is the
// same.
func (m *importing) putDetails(a *store.Article, now *store.ArticleText, locale string, number int, s *sourceText) (bool, error) {
	v, err := m.tx.ArticleVersion(a.ID, locale, number)
	if err != nil || v.Matter == s.matter {
		return false, err
	}
	v.Matter = s.matter
	return true, m.tx.PutVersion(a.ID, locale, &v)
}

func fill(t *store.ArticleText, s *sourceText) {
	t.Title, t.Summary, t.Body, t.Tags = s.title, s.summary, s.body, s.tags
}

func sameText(t store.ArticleText, s *sourceText) bool {
	return t.Title == s.title && t.Summary == s.summary && t.Body == s.body && slices.Equal(t.Tags, s.tags)
}

// prune archives what readers see and the folder does not hold.
func (m *importing) prune() error {
	for i := range m.have {
		a := &m.have[i]
		source := m.t.byKey[articleKey{a.Slug, a.Entity, a.Region}]
		for _, locale := range desk.ReadingLocales {
			t, ok := a.Texts[locale]
			if !ok || t.Live == 0 || source != nil && source.texts[locale] != nil {
				continue
			}
			ch := change{by: m.by, id: a.ID, locale: locale}
			if _, err := m.c.archive(m.tx, ch, a, t); err != nil {
				return err
			}
			m.visible = true
			m.report.Archived++
		}
	}
	return nil
}
