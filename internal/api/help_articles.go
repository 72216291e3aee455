package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

// maxTextBody bounds a request with an article's text: 256 KiB of it, as JSON.
const maxTextBody = 1 << 20

func longText(op *huma.Operation) { op.MaxBodyBytes = maxTextBody }

func (a *API) helpRoutes() []Route {
	const text = "/help/articles/{id}/texts/{locale}"
	return []Route{
		route("GET", "/help/articles", desk.EditArticles, a.listHelpArticles),
		route("POST", "/help/articles", desk.EditArticles, a.createHelpArticle, status(http.StatusCreated)),
		route("GET", "/help/articles/{id}", desk.EditArticles, a.getHelpArticle),
		route("PATCH", "/help/articles/{id}", desk.EditArticles, a.updateHelpArticle),
		route("DELETE", "/help/articles/{id}", desk.PublishArticles, a.deleteHelpArticle),
		route("GET", "/help/articles/{id}/derived/zh-TW", desk.EditArticles, a.derivedText),

		route("PUT", text, desk.EditArticles, a.saveHelpText, longText),
		route("DELETE", text, desk.EditArticles, a.deleteHelpText),
		route("POST", text+"/stage", desk.EditArticles, a.stageHelpText),
		route("POST", text+"/reviewed", desk.EditArticles, a.reviewedHelpText),
		route("GET", text+"/versions", desk.EditArticles, a.listHelpVersions),
		route("GET", text+"/versions/{number}", desk.EditArticles, a.getHelpVersion),
		route("POST", text+"/versions/{number}/restore", desk.EditArticles, a.restoreHelpVersion),

		route("POST", "/help/preview", desk.EditArticles, a.previewHelpText, longText),
		route("POST", "/help/images", desk.EditArticles, a.uploadHelpImage, status(http.StatusCreated), upload),

		route("GET", "/help/categories", desk.EditArticles, a.listHelpCategories),
		route("POST", "/help/categories", desk.PublishArticles, a.createHelpCategory, status(http.StatusCreated)),
		route("PATCH", "/help/categories/{id}", desk.PublishArticles, a.updateHelpCategory),
		route("DELETE", "/help/categories/{id}", desk.PublishArticles, a.deleteHelpCategory),
	}
}

// editor is who calls, as the Help Center knows them.
func editor(ctx context.Context) helpcenter.Editor {
	agent := AgentFrom(ctx)
	return helpcenter.Editor{Actor: ActorFrom(ctx), MayPublish: agent != nil && agent.Role.May(desk.PublishArticles)}
}

// helpArticleHead is what belongs to an article in all languages.
type helpArticleHead struct {
	ID           desk.ID     `json:"id"`
	Slug         string      `json:"slug"`
	CategoryID   desk.ID     `json:"category_id"`
	Category     string      `json:"category" doc:"slug of the category"`
	Entity       string      `json:"entity" doc:"legal entity; empty for all"`
	Region       string      `json:"region" doc:"empty for all"`
	Position     int         `json:"position"`
	OwnerID      desk.ID     `json:"owner_id"`
	OwnerName    string      `json:"owner_name"`
	SourceLocale string      `json:"source_locale" doc:"the language that the others are translated from"`
	ReviewDays   int         `json:"review_days" doc:"days from one review to the next; 0 is never"`
	UpdatedAt    desk.Micros `json:"updated_at" doc:"when somebody last changed one of its texts"`
}

func headOf(w *helpcenter.Work, art *store.Article) helpArticleHead {
	h := helpArticleHead{
		ID: art.ID, Slug: art.Slug, CategoryID: art.CategoryID, Category: w.CategorySlug(art.CategoryID), Entity: art.Entity, Region: art.Region,
		Position: art.Position, OwnerID: art.OwnerID, OwnerName: w.Names[art.OwnerID], SourceLocale: art.SourceLocale, ReviewDays: art.ReviewDays,
	}
	for _, t := range art.Texts {
		h.UpdatedAt = max(h.UpdatedAt, t.EditedAt)
	}
	return h
}

type helpTextState struct {
	Title        string              `json:"title"`
	Status       store.ArticleStatus `json:"status" enum:"draft,review,scheduled,published,archived"`
	Live         int                 `json:"live" doc:"number of the version that readers see; 0 is none"`
	Revision     int                 `json:"revision"`
	EditedAt     desk.Micros         `json:"edited_at"`
	EditedByName string              `json:"edited_by_name"`
	ReviewedAt   desk.Micros         `json:"reviewed_at"`
	DueAt        desk.Micros         `json:"due_at" doc:"when it is to be looked at again; 0 is never"`
	PublishAt    desk.Micros         `json:"publish_at"`
	Outdated     bool                `json:"outdated" doc:"the source has changed since this was translated"`
}

func stateOf(w *helpcenter.Work, art *store.Article, locale string) helpTextState {
	t := art.Texts[locale]
	return helpTextState{
		Title: t.Title, Status: t.Status, Live: t.Live, Revision: t.Revision, EditedAt: t.EditedAt, EditedByName: w.Names[t.EditedBy],
		ReviewedAt: t.UpdatedAt, DueAt: helpcenter.DueAt(art, t), PublishAt: t.PublishAt, Outdated: helpcenter.Outdated(art, locale),
	}
}

type helpTextSummary struct {
	helpTextState
	Problems int `json:"problems"`
}

type helpArticleSummary struct {
	helpArticleHead
	Texts map[string]helpTextSummary `json:"texts" doc:"by locale; without a zh-TW one it is derived from zh-CN"`
}

type helpText struct {
	helpTextState
	Locale        string        `json:"locale"`
	Summary       string        `json:"summary"`
	Body          string        `json:"body" doc:"Markdown"`
	Tags          []string      `json:"tags"`
	Version       int           `json:"version" doc:"number of the version that this is"`
	SourceVersion int           `json:"source_version" doc:"number of the source's version that this translates"`
	Problems      []helpProblem `json:"problems"`
}

type helpArticle struct {
	helpArticleHead
	Revision  int                 `json:"revision"`
	Scenarios []desk.Scenario     `json:"scenarios"`
	Redirects []string            `json:"redirects" doc:"old slugs that lead here"`
	Texts     map[string]helpText `json:"texts"`
}

type oneHelpArticle struct {
	Article helpArticle `json:"article"`
}

// showArticle is an article as its editor sees it.
func (a *API) showArticle(ctx context.Context, id desk.ID) (*body[oneHelpArticle], error) {
	art, w, err := a.workOn(ctx, id)
	if err != nil {
		return nil, err
	}
	out := helpArticle{
		helpArticleHead: headOf(w, &art), Revision: art.Revision, Scenarios: listOf(art.Scenarios), Redirects: []string{}, Texts: map[string]helpText{},
	}
	for _, d := range w.Redirects {
		if d.Kind == store.RedirectArticle && d.Target == art.ID {
			out.Redirects = append(out.Redirects, d.Slug)
		}
	}
	for locale := range art.Texts {
		if out.Texts[locale], err = a.showText(ctx, w, &art, locale); err != nil {
			return nil, err
		}
	}
	return &body[oneHelpArticle]{oneHelpArticle{out}}, nil
}

// workOn reads an article and what is told of it besides.
func (a *API) workOn(ctx context.Context, id desk.ID) (store.Article, *helpcenter.Work, error) {
	q := a.Store.Read(ctx)
	art, err := q.Article(id)
	if err != nil {
		return art, nil, err
	}
	w := &helpcenter.Work{Names: map[desk.ID]string{}}
	if w.Categories, err = q.Categories(); err != nil {
		return art, nil, err
	}
	if w.Redirects, err = q.RedirectsTo(store.RedirectArticle, id); err != nil {
		return art, nil, err
	}
	agents, err := q.Agents()
	for _, g := range agents {
		w.Names[g.ID] = g.Name
	}
	return art, w, err
}

func (a *API) showText(ctx context.Context, w *helpcenter.Work, art *store.Article, locale string) (helpText, error) {
	t := art.Texts[locale]
	found, err := a.HelpCenter.Findings(ctx, w.CategorySlug(art.CategoryID), locale, t)
	return helpText{
		helpTextState: stateOf(w, art, locale), Locale: locale, Summary: t.Summary, Body: t.Body, Tags: listOf(t.Tags),
		Version: t.Newest, SourceVersion: t.SourceVersion, Problems: problemsIn(ctx, found),
	}, err
}

// listOf is a list that is never null.
func listOf[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (a *API) getHelpArticle(ctx context.Context, in *byID) (*body[oneHelpArticle], error) {
	return a.showArticle(ctx, in.ID.ID)
}

type newHelpArticleInput struct {
	Body struct {
		CategoryID desk.ID `json:"category_id"`
		Slug       string  `json:"slug,omitempty" maxLength:"80" doc:"made of the title when that is in Latin script"`
		Entity     string  `json:"entity,omitempty" maxLength:"64"`
		Region     string  `json:"region,omitempty" maxLength:"64"`
		Locale     string  `json:"locale"`
		Title      string  `json:"title"`
	}
}

func (a *API) createHelpArticle(ctx context.Context, in *newHelpArticleInput) (*body[oneHelpArticle], error) {
	b := in.Body
	art, err := a.HelpCenter.CreateArticle(ctx, editor(ctx), helpcenter.NewArticle{
		CategoryID: b.CategoryID, Slug: b.Slug, Entity: b.Entity, Region: b.Region, Locale: b.Locale, Title: b.Title,
	})
	if err != nil {
		return nil, err
	}
	return a.showArticle(ctx, art.ID)
}

type changeHelpArticleInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Revision     int              `json:"revision"`
		Slug         *string          `json:"slug,omitempty"`
		CategoryID   *desk.ID         `json:"category_id,omitempty"`
		Position     *int             `json:"position,omitempty"`
		Scenarios    *[]desk.Scenario `json:"scenarios,omitempty"`
		OwnerID      *desk.ID         `json:"owner_id,omitempty"`
		ReviewDays   *int             `json:"review_days,omitempty"`
		Entity       *string          `json:"entity,omitempty"`
		Region       *string          `json:"region,omitempty"`
		SourceLocale *string          `json:"source_locale,omitempty"`
	}
}

func (a *API) updateHelpArticle(ctx context.Context, in *changeHelpArticleInput) (*body[oneHelpArticle], error) {
	b := in.Body
	_, err := a.HelpCenter.ChangeArticle(ctx, editor(ctx), in.ID.ID, helpcenter.ArticleChange{
		Revision: b.Revision, Slug: b.Slug, CategoryID: b.CategoryID, Position: b.Position, Scenarios: b.Scenarios, OwnerID: b.OwnerID,
		ReviewDays: b.ReviewDays, Entity: b.Entity, Region: b.Region, SourceLocale: b.SourceLocale,
	})
	if err != nil {
		return nil, err
	}
	return a.showArticle(ctx, in.ID.ID)
}

type removal struct {
	ID       IDParam `path:"id"`
	Revision int     `query:"revision" required:"true"`
}

func (a *API) deleteHelpArticle(ctx context.Context, in *removal) (*nothing, error) {
	return nil, a.HelpCenter.DeleteArticle(ctx, editor(ctx), in.ID.ID, in.Revision)
}

type derivedBody struct {
	Title   string   `json:"title"`
	Summary string   `json:"summary"`
	Body    string   `json:"body"`
	Tags    []string `json:"tags"`
}

// derivedText is the beginning of an own text in traditional Chinese.
func (a *API) derivedText(ctx context.Context, in *byID) (*body[derivedBody], error) {
	t, err := a.Store.Read(ctx).ArticleText(in.ID.ID, "zh-CN")
	if err != nil {
		return nil, err
	}
	out := derivedBody{helpcenter.Traditional(t.Title), helpcenter.Traditional(t.Summary), helpcenter.TraditionalMarkdown(t.Body), []string{}}
	for _, tag := range t.Tags {
		out.Tags = append(out.Tags, helpcenter.Traditional(tag))
	}
	return &body[derivedBody]{out}, nil
}

type helpProblem struct {
	Line    int                    `json:"line" doc:"from 1, within the body; 0 is the text as a whole"`
	Kind    helpcenter.FindingKind `json:"kind"`
	Message string                 `json:"message"`
	Target  string                 `json:"target,omitempty"`
	Blocks  bool                   `json:"blocks" doc:"the text cannot be published with it"`
}

func problemsIn(ctx context.Context, found []helpcenter.Finding) []helpProblem {
	out := []helpProblem{}
	for _, f := range found {
		out = append(out, helpProblem{f.Line, f.Kind, findingText(ctx, f), f.Target, f.Blocks})
	}
	return slices.Clip(out)
}
