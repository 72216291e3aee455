package api

import (
	"context"
	"slices"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

type helpCategory struct {
	ID       desk.ID                     `json:"id"`
	Slug     string                      `json:"slug"`
	Entity   string                      `json:"entity"`
	Region   string                      `json:"region"`
	Icon     string                      `json:"icon"`
	Position int                         `json:"position"`
	Revision int                         `json:"revision"`
	Texts    map[string]helpCategoryText `json:"texts" doc:"by locale"`
	Articles int                         `json:"articles" doc:"how many it has, in any stage"`
}

type helpCategoryText struct {
	Title       string `json:"title"`
	Description string `json:"description" required:"false"`
}

func showCategory(c store.Category, articles []store.Article) helpCategory {
	out := helpCategory{c.ID, c.Slug, c.Entity, c.Region, c.Icon, c.Position, c.Revision, map[string]helpCategoryText{}, 0}
	for locale, t := range c.Texts {
		out.Texts[locale] = helpCategoryText(t)
	}
	for _, a := range articles {
		if a.CategoryID == c.ID {
			out.Articles++
		}
	}
	return out
}

type helpCategories struct {
	Categories []helpCategory `json:"categories" doc:"in order"`
}

func (a *API) listHelpCategories(ctx context.Context, _ *nothing) (*body[helpCategories], error) {
	q := a.Store.Read(ctx)
	list, err := q.Categories()
	if err != nil {
		return nil, err
	}
	articles, err := q.ArticleList()
	out := helpCategories{Categories: []helpCategory{}}
	for _, c := range list {
		out.Categories = append(out.Categories, showCategory(c, articles))
	}
	return answered(out, err)
}

type oneHelpCategory struct {
	Category helpCategory `json:"category"`
}

func (a *API) answerCategory(ctx context.Context, c store.Category, err error) (*body[oneHelpCategory], error) {
	if err != nil {
		return nil, err
	}
	articles, err := a.Store.Read(ctx).ArticleList()
	return answered(oneHelpCategory{showCategory(c, articles)}, err)
}

type newHelpCategoryInput struct {
	Body struct {
		Slug     string                      `json:"slug"`
		Entity   string                      `json:"entity,omitempty"`
		Region   string                      `json:"region,omitempty"`
		Icon     string                      `json:"icon,omitempty"`
		Position int                         `json:"position,omitempty"`
		Texts    map[string]helpCategoryText `json:"texts"`
	}
}

func (a *API) createHelpCategory(ctx context.Context, in *newHelpCategoryInput) (*body[oneHelpCategory], error) {
	b := in.Body
	c, err := a.HelpCenter.CreateCategory(ctx, editor(ctx), store.Category{
		Slug: b.Slug, Entity: b.Entity, Region: b.Region, Icon: b.Icon, Position: b.Position, Texts: categoryTexts(b.Texts),
	})
	return a.answerCategory(ctx, c, err)
}

func categoryTexts(in map[string]helpCategoryText) map[string]store.CategoryText {
	out := map[string]store.CategoryText{}
	for locale, t := range in {
		if t.Title+t.Description != "" {
			out[locale] = store.CategoryText(t)
		}
	}
	return out
}

type changeHelpCategoryInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Revision int                          `json:"revision"`
		Slug     *string                      `json:"slug,omitempty"`
		Entity   *string                      `json:"entity,omitempty"`
		Region   *string                      `json:"region,omitempty"`
		Icon     *string                      `json:"icon,omitempty"`
		Position *int                         `json:"position,omitempty"`
		Texts    *map[string]helpCategoryText `json:"texts,omitempty"`
	}
}

func (a *API) updateHelpCategory(ctx context.Context, in *changeHelpCategoryInput) (*body[oneHelpCategory], error) {
	list, err := a.Store.Read(ctx).Categories()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(c store.Category) bool { return c.ID == in.ID.ID })
	if i < 0 {
		return nil, desk.Errorf(desk.NotFound, "not_found")
	}
	c, b := list[i], in.Body
	if c.Revision != b.Revision {
		return nil, desk.Errorf(desk.Stale, "changed_meanwhile")
	}
	assign(&c.Slug, b.Slug)
	assign(&c.Entity, b.Entity)
	assign(&c.Region, b.Region)
	assign(&c.Icon, b.Icon)
	assign(&c.Position, b.Position)
	if b.Texts != nil {
		c.Texts = categoryTexts(*b.Texts)
	}
	c, err = a.HelpCenter.ChangeCategory(ctx, editor(ctx), c)
	return a.answerCategory(ctx, c, err)
}

func assign[T any](field *T, to *T) {
	if to != nil {
		*field = *to
	}
}

func (a *API) deleteHelpCategory(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.HelpCenter.DeleteCategory(ctx, editor(ctx), in.ID.ID)
}
