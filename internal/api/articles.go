package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/web"
)

// Articles is what the routes of the Help Center need.
type Articles struct {
	HelpCenter *helpcenter.Center
}

func (a *API) articleRoutes() []Route {
	return []Route{
		route("GET", "/articles", Public, a.searchArticles),
		route("GET", "/articles/{category}/{slug}", Public, a.getArticle),
	}
}

// ShelfInput says which articles are meant.
type ShelfInput struct {
	Locale string `query:"locale" doc:"en, zh-CN or zh-TW; otherwise what Accept-Language says"`
	Accept string `header:"Accept-Language"`
	Entity string `query:"entity" maxLength:"64" doc:"legal entity; its own articles stand before those for all"`
	Region string `query:"region" maxLength:"64"`
}

func (in *ShelfInput) locale() string {
	if in.Locale != "" {
		return web.ReadingLocale(in.Locale)
	}
	return web.NegotiateReadingField(in.Accept)
}

func (a *API) shelf(in *ShelfInput) *helpcenter.Snapshot {
	if in.Entity == "" && in.Region == "" {
		return a.HelpCenter.Snapshot()
	}
	return a.HelpCenter.SnapshotFor(in.Entity, in.Region)
}

type searchArticlesInput struct {
	ShelfInput
	Prefix bool   `query:"prefix" doc:"the last word may be unfinished: somebody is typing"`
	Query  string `query:"q" doc:"what somebody looks for; empty gives what is often looked for. Used up to 200 characters"`
	Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"10"`
}

type articleSummary struct {
	Locale   string   `json:"locale"`
	Slug     string   `json:"slug"`
	Category string   `json:"category" doc:"slug of the category"`
	Title    string   `json:"title"`
	Summary  string   `json:"summary"`
	Excerpt  string   `json:"excerpt" doc:"the passage that fits best"`
	Spans    [][2]int `json:"spans" doc:"[start, end) of what matches in the excerpt, counted in characters (Unicode code points)"`
	URL      string   `json:"url" doc:"path on this site"`
}

type articleList struct {
	Articles  []articleSummary `json:"articles"`
	Corrected string           `json:"corrected,omitempty" doc:"how the query was read when a word seemed misspelt"`
	Removed   []desk.Removed   `json:"removed,omitempty" doc:"secrets found in the query: it was not searched, stored or logged"`
}

func summaryOf(art *helpcenter.Article, excerpt string, spans [][2]int) articleSummary {
	if spans == nil {
		spans = [][2]int{}
	}
	return articleSummary{
		Locale: art.Locale, Slug: art.Slug, Category: art.Category.Slug, Title: art.Title, Summary: art.Summary,
		Excerpt: excerpt, Spans: spans, URL: art.Path(),
	}
}

func (a *API) searchArticles(ctx context.Context, in *searchArticlesInput) (*body[articleList], error) {
	snap, locale := a.shelf(&in.ShelfInput), in.locale()
	found := snap.Suggest(locale, in.Query, in.Limit, in.Prefix)
	out := articleList{Articles: []articleSummary{}, Corrected: found.Corrected, Removed: found.Removed}
	for _, h := range found.Hits {
		out.Articles = append(out.Articles, summaryOf(h.Article, h.Excerpt, h.Spans))
	}
	if found.Query == "" && found.Removed == nil {
		for _, art := range snap.Home(locale).Popular {
			if len(out.Articles) < in.Limit {
				out.Articles = append(out.Articles, summaryOf(art, art.Summary, nil))
			}
		}
	}
	return &body[articleList]{out}, nil
}

type getArticleInput struct {
	ShelfInput
	UserAgent string `header:"User-Agent"`
	Category  string `path:"category"`
	Slug      string `path:"slug"`
}

type articleBody struct {
	Locale    string      `json:"locale"`
	Slug      string      `json:"slug"`
	Category  string      `json:"category" doc:"slug of the category it is in now"`
	Title     string      `json:"title"`
	Summary   string      `json:"summary"`
	HTML      string      `json:"html" doc:"sanitised; links to other articles are paths on this site"`
	URL       string      `json:"url" doc:"path on this site"`
	UpdatedAt desk.Micros `json:"updated_at" doc:"the last review"`
	Locales   []string    `json:"other_locales" doc:"other languages in which it can be read"`
}

// getArticle answers only in the language that was asked for: whoever reads it
// is not handed another one unawares. The category may be an old one.
func (a *API) getArticle(ctx context.Context, in *getArticleInput) (*body[articleBody], error) {
	art, others := a.shelf(&in.ShelfInput).Article(in.locale(), in.Slug)
	if art == nil {
		return nil, desk.Errorf(desk.NotFound, "not_found")
	}
	if !helpcenter.Robot(in.UserAgent) {
		a.HelpCenter.Usage().Viewed(art.ID, art.Locale)
	}
	out := articleBody{
		Locale: art.Locale, Slug: art.Slug, Category: art.Category.Slug, Title: art.Title, Summary: art.Summary,
		HTML: string(art.HTML()), URL: art.Path(), UpdatedAt: desk.MicrosOf(art.UpdatedAt), Locales: []string{},
	}
	for _, o := range others {
		out.Locales = append(out.Locales, o.Locale)
	}
	return &body[articleBody]{out}, nil
}
