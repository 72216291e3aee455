package helpcenter_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// desk of editors: a center over a store whose clock stands still until it is
// moved.
type office struct {
	*testing.T
	*helpcenter.Center
	store *store.Store

	mu    sync.Mutex
	now   time.Time
	told  []string
	mails []letter
}

type letter struct {
	to, locale, template string
	data                 map[string]string
}

var (
	writer = helpcenter.Editor{Actor: store.Actor{Kind: desk.ByAgent, ID: 11, Name: "Wen"}}
	editor = helpcenter.Editor{Actor: store.Actor{Kind: desk.ByAgent, ID: 12, Name: "Ed"}, MayPublish: true}
)

func (o *office) clock() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) pass(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

func eachOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.EachURL(t, true, func(t *testing.T, url string) { test(newOffice(t, url, helpcenter.Config{})) })
}

func newOffice(t *testing.T, url string, cfg helpcenter.Config) *office {
	t.Helper()
	o := &office{T: t, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	o.store = storetest.OpenConfig(t, store.Config{URL: url, Now: o.clock})
	cfg.Store, cfg.PublicURL = o.store, "https://help.example"
	cfg.Saved = func(_ desk.ID, locale string, _ int, by string) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.told = append(o.told, by+" "+locale)
	}
	cfg.EnqueueMail = func(_ *store.Tx, to, locale, template string, data map[string]string) error {
		o.mails = append(o.mails, letter{to, locale, template, data})
		return nil
	}
	o.Center = openWith(t, cfg)
	return o
}

func ok[T any](o *office, v T, err error) T {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
	return v
}

func (o *office) category(slug string) store.Category {
	o.Helper()
	k, err := o.CreateCategory(o.Context(), editor, store.Category{Slug: slug, Texts: map[string]store.CategoryText{"en": {Title: slug}, "zh-CN": {Title: "分类"}}})
	return ok(o, k, err)
}

func (o *office) begin(category desk.ID, title string) store.Article {
	o.Helper()
	a, err := o.CreateArticle(o.Context(), writer, helpcenter.NewArticle{CategoryID: category, Locale: "en", Title: title})
	return ok(o, a, err)
}

func (o *office) save(by helpcenter.Editor, id desk.ID, locale string, revision int, title, body string) store.ArticleText {
	o.Helper()
	t, err := o.SaveText(o.Context(), by, id, locale, helpcenter.TextInput{Revision: revision, Title: title, Summary: "About.", Body: body})
	return ok(o, t, err)
}

func (o *office) stage(by helpcenter.Editor, id desk.ID, locale string, in helpcenter.StageInput) store.ArticleText {
	o.Helper()
	t, err := o.SetStage(o.Context(), by, id, locale, in)
	return ok(o, t, err)
}

func (o *office) publish(id desk.ID, locale string, revision int) store.ArticleText {
	o.Helper()
	return o.stage(editor, id, locale, helpcenter.StageInput{Revision: revision, Stage: store.Published})
}

func (o *office) reads(locale, slug string) string {
	a, _ := o.Snapshot().Article(locale, slug)
	if a == nil {
		return ""
	}
	return a.Title + "|" + strings.TrimSpace(a.Text())
}

func (o *office) versions(id desk.ID, locale string) (out []string) {
	o.Helper()
	list, err := o.store.Read(o.Context()).ArticleVersions(id, locale)
	for _, v := range ok(o, list, err) {
		out = append(out, v.Action)
	}
	return out
}

// The whole life of an article: nobody reads a draft, readers keep the old text
// while the next is written, and whatever was up can be had back.
func TestTheLifeOfAnArticle(t *testing.T) {
	eachOffice(t, func(o *office) {
		k := o.category("deposits")
		a := o.begin(k.ID, "Why is my deposit late?")
		if a.Slug != "why-is-my-deposit-late" || a.OwnerID != 0 && a.OwnerID != writer.ID {
			o.Errorf("began as %+v", a)
		}
		text := o.save(writer, a.ID, "en", 1, "Late deposit", "Wait an hour.")
		if text.Status != store.Draft || o.reads("en", a.Slug) != "" {
			o.Error("a draft is shown")
		}
		if _, err := o.SetStage(o.Context(), writer, a.ID, "en", helpcenter.StageInput{Revision: text.Revision, Stage: store.Published}); desk.CodeOf(err) != desk.Forbidden {
			o.Errorf("somebody who may not publish has: %v", err)
		}
		text = o.stage(writer, a.ID, "en", helpcenter.StageInput{Revision: text.Revision, Stage: store.Review})
		text = o.publish(a.ID, "en", text.Revision)
		if o.reads("en", a.Slug) != "Late deposit|Wait an hour." || text.Live == 0 || text.UpdatedAt.Time() != time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) {
			o.Errorf("after publishing: %q %+v", o.reads("en", a.Slug), text)
		}
		up := text.Live
		o.pass(time.Hour)
		text = o.save(writer, a.ID, "en", text.Revision, "Late deposit", "Wait two hours.")
		if text.Status != store.Draft || text.Live != up || !strings.Contains(o.reads("en", a.Slug), "an hour") {
			o.Errorf("while the next is written readers see %q, %+v", o.reads("en", a.Slug), text)
		}
		text = o.publish(a.ID, "en", text.Revision)
		if !strings.Contains(o.reads("en", a.Slug), "two hours") {
			o.Error("the new text is not up")
		}
		restored, err := o.Restore(o.Context(), writer, a.ID, "en", up, text.Revision)
		text = ok(o, restored, err)
		if text.Body != "Wait an hour." || text.Status != store.Draft || !strings.Contains(o.reads("en", a.Slug), "two hours") {
			o.Errorf("restored: %+v; readers see %q", text, o.reads("en", a.Slug))
		}
		text = o.stage(editor, a.ID, "en", helpcenter.StageInput{Revision: text.Revision, Stage: store.Archived})
		if text.Live != 0 || o.reads("en", a.Slug) != "" {
			o.Error("an archived text is still up")
		}
		if err := o.DeleteArticle(o.Context(), editor, a.ID, a.Revision); desk.CodeOf(err) != desk.Conflict {
			o.Errorf("what readers have seen was deleted: %v", err)
		}
		want := []string{"archive", "restore", "publish", "save", "publish", "review", "save"}
		if got := strings.Join(o.versions(a.ID, "en"), " "); got != strings.Join(want, " ") {
			o.Errorf("versions %s, want %s", got, want)
		}
		if len(o.told) < 6 {
			o.Errorf("who has it open was told %v", o.told)
		}
		var audit []string
		entries, _, err := o.store.Read(o.Context()).AuditEntries("", 50)
		for _, e := range ok(o, entries, err) {
			audit = append(audit, e.Action)
		}
		for _, action := range []string{"article.create", "article.publish", "article.archive", "category.create"} {
			if !strings.Contains(strings.Join(audit, " "), action) {
				o.Errorf("%s is not in the audit log: %v", action, audit)
			}
		}
	})
}

// Two who edit the same text both keep what they typed.
func TestStaleSavesCarryTheOther(t *testing.T) {
	eachOffice(t, func(o *office) {
		a := o.begin(o.category("c").ID, "Title")
		o.save(writer, a.ID, "en", 1, "Title", "Mine.")
		theirs, err := o.SaveText(o.Context(), editor, a.ID, "en", helpcenter.TextInput{Revision: 1, Title: "Title", Summary: "s", Body: "Theirs."})
		if desk.CodeOf(err) != desk.Stale || theirs.Body != "Mine." || theirs.Revision != 2 {
			o.Errorf("%v %+v", err, theirs)
		}
		if _, err := o.SetStage(o.Context(), editor, a.ID, "en", helpcenter.StageInput{Revision: 1, Stage: store.Published}); desk.CodeOf(err) != desk.Stale {
			o.Errorf("published what nobody had seen: %v", err)
		}
		if _, err := o.SaveText(o.Context(), editor, a.ID, "zh-CN", helpcenter.TextInput{Revision: 3, Title: "x"}); desk.CodeOf(err) != desk.NotFound {
			o.Errorf("a text that is not there: %v", err)
		}
	})
}

// An author who saves every minute leaves one version, not sixty.
func TestOneSittingIsOneVersion(t *testing.T) {
	eachOffice(t, func(o *office) {
		a := o.begin(o.category("c").ID, "Title")
		text := o.save(writer, a.ID, "en", 1, "Title", "one")
		o.pass(time.Minute)
		text = o.save(writer, a.ID, "en", text.Revision, "Title", "two")
		if n := len(o.versions(a.ID, "en")); n != 1 {
			o.Errorf("%d versions of one sitting", n)
		}
		text = o.save(editor, a.ID, "en", text.Revision, "Title", "three")
		o.pass(11 * time.Minute)
		text = o.save(editor, a.ID, "en", text.Revision, "Title", "four")
		if n := len(o.versions(a.ID, "en")); n != 3 {
			o.Errorf("%d versions of two authors, one of them twice", n)
		}
		same := o.save(editor, a.ID, "en", text.Revision, "Title", "four")
		if same.Revision != text.Revision || len(o.versions(a.ID, "en")) != 3 {
			o.Error("a save that changes nothing has made a version")
		}
	})
}

func TestSlugsLeaveRedirectsAndCanBeTakenBack(t *testing.T) {
	eachOffice(t, func(o *office) {
		k := o.category("old-cat")
		a := o.begin(k.ID, "First")
		text := o.save(writer, a.ID, "en", 1, "First", "Body.")
		o.publish(a.ID, "en", text.Revision)
		rename := func(to string) {
			o.Helper()
			changed, err := o.ChangeArticle(o.Context(), editor, a.ID, helpcenter.ArticleChange{Revision: a.Revision, Slug: &to})
			a = ok(o, changed, err)
		}
		if to := "nope"; true {
			if _, err := o.ChangeArticle(o.Context(), writer, a.ID, helpcenter.ArticleChange{Revision: a.Revision, Slug: &to}); desk.CodeOf(err) != desk.Forbidden {
				o.Errorf("who may not publish has moved what is up: %v", err)
			}
		}
		rename("second")
		rename("third")
		for _, slug := range []string{"first", "second", "third"} {
			if got, _ := o.Snapshot().Article("en", slug); got == nil || got.Slug != "third" {
				o.Errorf("%s leads to %v", slug, got)
			}
		}
		rename("first")
		redirects, err := o.store.Read(o.Context()).RedirectsTo(store.RedirectArticle, a.ID)
		if ok(o, redirects, err); len(redirects) != 2 {
			o.Errorf("redirects %v", redirects)
		}
		b := o.begin(k.ID, "Second")
		if b.Slug != "second" {
			o.Error(b.Slug)
		}
		if redirects, _ = o.store.Read(o.Context()).RedirectsTo(store.RedirectArticle, a.ID); len(redirects) != 1 {
			o.Errorf("an old address that is in use again still leads away: %v", redirects)
		}
		if _, err := o.CreateArticle(o.Context(), writer, helpcenter.NewArticle{CategoryID: k.ID, Locale: "en", Title: "First"}); desk.CodeOf(err) != desk.Conflict {
			o.Errorf("a slug twice: %v", err)
		}
		k.Slug = "new-cat"
		k, err = o.ChangeCategory(o.Context(), editor, k)
		ok(o, k, err)
		if c := o.Snapshot().Category("en", "old-cat"); c == nil || c.Slug != "new-cat" {
			o.Errorf("the old category leads to %v", c)
		}
		if err := o.DeleteCategory(o.Context(), editor, k.ID); desk.CodeOf(err) != desk.Conflict {
			o.Errorf("a category with articles was deleted: %v", err)
		}
	})
}

// A link to an impostor, or to what nobody registered, never goes up.
func TestPublishingRefusesWhatWouldHarm(t *testing.T) {
	judge := func(url string) helpcenter.LinkStatus {
		switch {
		case strings.Contains(url, "meridian.example"):
			return helpcenter.LinkOfficial
		case strings.Contains(url, "fake"):
			return helpcenter.LinkFake
		}
		return helpcenter.LinkUnknown
	}
	o := newOffice(t, storetest.SQLiteURL(t), helpcenter.Config{Judge: judge})
	k := o.category("c")
	for body, want := range map[string]helpcenter.FindingKind{
		"[x](https://fake.example)":                         helpcenter.FoundFake,
		"See https://other.example/x now":                   helpcenter.FoundUnregistered,
		"mail <help@fake.test>":                             helpcenter.FoundFake,
		"[x](../c/gone.md)":                                 helpcenter.FoundNoArticle,
		"[x](javascript:alert(1))":                          helpcenter.FoundForbidden,
		"[x](http://meridian.example)":                      helpcenter.FoundForbidden,
		"![x](/media/00000000000000000000000000000000.png)": helpcenter.FoundNoPicture,
		"![x](https://evil.test/a.png)":                     helpcenter.FoundForeign,
		"<b>x</b>":                                          helpcenter.FoundHTML,
		"# Big":                                             helpcenter.FoundHeading,
		"":                                                  helpcenter.FoundEmpty,
		"[x](https://help.meridian.example/a) [y](#s-x)": "",
	} {
		a := o.begin(k.ID, "Title "+strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' {
				return r
			}
			return ' '
		}, body)+"x")
		text := o.save(writer, a.ID, "en", 1, "Title", body)
		_, err := o.SetStage(o.Context(), editor, a.ID, "en", helpcenter.StageInput{Revision: text.Revision, Stage: store.Published})
		blocked := new(helpcenter.BlockedError)
		switch errors.As(err, &blocked) {
		case want == "":
			t.Errorf("%q: %v", body, err)
		case true:
			if blocked.Findings[0].Kind != want || desk.CodeOf(err) != desk.Invalid {
				t.Errorf("%q: %+v", body, blocked.Findings)
			}
		}
		if want != "" && err == nil {
			t.Errorf("%q is up", body)
		}
	}
}

func TestTranslationsKnowWhenTheyAreOld(t *testing.T) {
	eachOffice(t, func(o *office) {
		a := o.begin(o.category("c").ID, "Title")
		en := o.save(writer, a.ID, "en", 1, "Title", "one")
		zh := o.save(writer, a.ID, "zh-CN", 0, "标题", "一")
		outdated := func() bool {
			o.Helper()
			all, err := o.store.Read(o.Context()).Article(a.ID)
			all = ok(o, all, err)
			return helpcenter.Outdated(&all, "zh-CN")
		}
		en = o.publish(a.ID, "en", en.Revision)
		zh = o.publish(a.ID, "zh-CN", zh.Revision)
		if outdated() {
			o.Error("a translation of the draft that went up is called old")
		}
		o.pass(time.Hour)
		en = o.save(writer, a.ID, "en", en.Revision, "Title", "one.")
		en = o.stage(editor, a.ID, "en", helpcenter.StageInput{Revision: en.Revision, Stage: store.Published, Minor: true})
		if outdated() {
			o.Error("a minor change makes translations old")
		}
		o.pass(time.Hour)
		en = o.save(writer, a.ID, "en", en.Revision, "Title", "two")
		if outdated() {
			o.Error("a draft makes translations old")
		}
		en = o.publish(a.ID, "en", en.Revision)
		if !outdated() {
			o.Error("nobody is told that the translation is old")
		}
		saved, err := o.SaveText(o.Context(), writer, a.ID, "zh-CN", helpcenter.TextInput{Revision: zh.Revision, Title: "标题", Summary: "About.", Body: "一", SourceVersion: &en.Newest})
		if ok(o, saved, err); outdated() || saved.Status != store.Published {
			o.Errorf("after looking at it: %+v", saved)
		}
	})
}

// An own text in traditional Chinese wins over the derived one, and dropping it
// brings that back.
func TestOwnTraditionalTextWins(t *testing.T) {
	eachOffice(t, func(o *office) {
		a := o.begin(o.category("c").ID, "Title")
		zh := o.save(writer, a.ID, "zh-CN", 0, "软件登录", "请检查账户。")
		o.publish(a.ID, "zh-CN", zh.Revision)
		if got := o.reads("zh-TW", a.Slug); got != "軟體登入|請檢查帳戶。" {
			o.Errorf("derived: %q", got)
		}
		tw := o.save(writer, a.ID, "zh-TW", 0, "自己寫的", "內容。")
		if got := o.reads("zh-TW", a.Slug); !strings.HasPrefix(got, "軟體") {
			o.Errorf("a draft has replaced the derived text: %q", got)
		}
		tw = o.publish(a.ID, "zh-TW", tw.Revision)
		if got, _ := o.Snapshot().Article("zh-TW", a.Slug); got.Title != "自己寫的" || got.Derived {
			o.Errorf("own: %+v", got)
		}
		if err := o.DeleteText(o.Context(), writer, a.ID, "zh-TW", tw.Revision); desk.CodeOf(err) != desk.Forbidden {
			o.Errorf("who may not publish has taken something down: %v", err)
		}
		if err := o.DeleteText(o.Context(), editor, a.ID, "zh-TW", tw.Revision); err != nil {
			o.Fatal(err)
		}
		if got := o.reads("zh-TW", a.Slug); !strings.HasPrefix(got, "軟體") {
			o.Errorf("after dropping the own text: %q", got)
		}
		if err := o.DeleteText(o.Context(), editor, a.ID, "zh-CN", 9); desk.CodeOf(err) != desk.Stale {
			o.Errorf("an old revision: %v", err)
		}
	})
}

func (o *office) runner() *jobs.Runner {
	r := jobs.NewRunner(o.store, jobs.Config{Poll: 10 * time.Millisecond})
	o.Register(r)
	return r
}

func (o *office) eventually(what string, done func() bool) {
	o.Helper()
	for deadline := time.Now().Add(15 * time.Second); !done(); time.Sleep(5 * time.Millisecond) { // polls, with a deadline
		if time.Now().After(deadline) {
			o.Fatalf("%s: not yet", what)
		}
	}
}

// A planned text goes up by itself after a restart; a plan that was changed does
// not go up at its old time.
func TestPlannedTextsGoUp(t *testing.T) {
	eachOffice(t, func(o *office) {
		k := o.category("c")
		plan := func(title string, at desk.Micros) (store.Article, store.ArticleText) {
			a := o.begin(k.ID, title)
			text := o.save(writer, a.ID, "en", 1, title, "Body.")
			return a, o.stage(editor, a.ID, "en", helpcenter.StageInput{Revision: text.Revision, Stage: store.Scheduled, PublishAt: at})
		}
		real, err := o.store.Read(o.Context()).DatabaseNow() // PostgreSQL has a clock of its own
		if err != nil {
			o.Fatal(err)
		}
		o.mu.Lock()
		o.now = real.Time()
		o.mu.Unlock()
		soon := real + 200_000
		kept, _ := plan("Kept", soon)
		changed, text := plan("Changed", soon)
		edited, mine := plan("Edited", soon)
		gone, _ := plan("Gone", soon)
		o.stage(editor, changed.ID, "en", helpcenter.StageInput{Revision: text.Revision, Stage: store.Scheduled, PublishAt: soon + 3600_000_000})
		o.save(writer, edited.ID, "en", mine.Revision, "Edited", "Nobody has looked at this.")
		if err := o.DeleteArticle(o.Context(), editor, gone.ID, gone.Revision); err != nil {
			o.Fatal(err)
		}
		if _, err := o.SetStage(o.Context(), editor, kept.ID, "en", helpcenter.StageInput{Revision: 3, Stage: store.Scheduled, PublishAt: 1}); desk.CodeOf(err) != desk.Invalid {
			o.Errorf("a plan for the past: %v", err)
		}
		if _, err := o.SetStage(o.Context(), editor, kept.ID, "en", helpcenter.StageInput{Revision: 3, Stage: store.Scheduled, PublishAt: 1 << 62}); desk.CodeOf(err) != desk.Invalid {
			o.Errorf("a plan for a year that no calendar has: %v", err)
		}
		o.pass(time.Second)
		r := o.runner() // as after a restart: the plan is in the database
		if err := r.Start(o.Context()); err != nil {
			o.Fatal(err)
		}
		defer r.Stop(context.Background()) //nolint:errcheck // the test ends
		o.eventually("the planned text is up", func() bool {
			if _, err := o.Refresh(o.Context()); err != nil {
				o.Fatal(err)
			}
			return o.reads("en", kept.Slug) != ""
		})
		o.eventually("no plan is left of before", func() bool {
			counts, err := o.store.Read(o.Context()).CountJobs()
			return err == nil && counts[store.JobRunning] == 0 && counts[store.JobPending] <= 2 // the changed plan, and one schedule
		})
		if o.reads("en", changed.Slug) != "" || o.reads("en", edited.Slug) != "" {
			o.Error("a plan that was changed has gone up")
		}
		a, err := o.store.Read(o.Context()).Article(kept.ID)
		if a = ok(o, a, err); a.Texts["en"].Status != store.Published || o.versions(kept.ID, "en")[0] != "publish" {
			o.Errorf("%+v", a.Texts["en"])
		}
	})
}

// Owners hear once a week of what is due, in one mail; what nobody owns comes to
// the editors.
func TestRemindersOfReviews(t *testing.T) {
	eachOffice(t, func(o *office) {
		agent := func(email string, role desk.Role, locale string) *desk.Agent {
			a := &desk.Agent{Email: email, Name: email, Role: role, Status: "active", Locale: locale}
			if err := o.store.Write(o.Context(), func(tx *store.Tx) error { return tx.InsertAgent(a, "") }); err != nil {
				o.Fatal(err)
			}
			return a
		}
		owner := agent("owner@desk.example", desk.AgentRole, "zh-CN")
		agent("editor@desk.example", desk.Editor, "en")
		k := o.category("c")
		article := func(title string, owner desk.ID, days int) {
			a := o.begin(k.ID, title)
			text := o.save(writer, a.ID, "en", 1, title, "Body.")
			o.publish(a.ID, "en", text.Revision)
			changed, err := o.ChangeArticle(o.Context(), editor, a.ID, helpcenter.ArticleChange{Revision: a.Revision, OwnerID: &owner, ReviewDays: &days})
			ok(o, changed, err)
		}
		article("Mine one", owner.ID, 30)
		article("Mine two", owner.ID, 31)
		article("Never", owner.ID, 0)
		article("Nobody's", 0, 30)
		remind := func() {
			o.Helper()
			o.mails = nil
			effect, err := o.Remind(o.Context(), jobs.Job{})
			if err := o.store.Write(o.Context(), ok(o, effect, err)); err != nil {
				o.Fatal(err)
			}
		}
		if remind(); len(o.mails) != 0 {
			o.Errorf("before anything is due: %+v", o.mails)
		}
		o.pass(32 * 24 * time.Hour)
		if remind(); len(o.mails) != 2 {
			o.Fatalf("%+v", o.mails)
		}
		for _, m := range o.mails {
			switch {
			case m.to == owner.Email:
				if m.locale != "zh-CN" || m.data["count"] != "2" || !strings.Contains(m.data["articles"], "Mine one") || strings.Contains(m.data["articles"], "Never") ||
					!strings.Contains(m.data["articles"], "https://help.example/console/help/articles/") {
					o.Errorf("%+v", m)
				}
			case m.to != "editor@desk.example" || m.data["count"] != "1":
				o.Errorf("%+v", m)
			}
		}
		o.pass(6 * 24 * time.Hour)
		if remind(); len(o.mails) != 0 {
			o.Errorf("reminded twice in a week: %+v", o.mails)
		}
		o.pass(2 * 24 * time.Hour)
		if remind(); len(o.mails) != 2 {
			o.Errorf("a week later: %+v", o.mails)
		}
	})
}
