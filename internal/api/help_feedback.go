package api

import (
	"context"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/web"
)

func (a *API) feedbackRoutes() []Route {
	return []Route{
		route("POST", "/articles/{category}/{slug}/vote", Public, a.vote, a.paced(readerPace)),
		route("POST", "/articles/searched", Public, a.searched, a.paced(readerPace)),
	}
}

type voteInput struct {
	Category  string `path:"category"`
	Slug      string `path:"slug"`
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Locale  string `json:"locale" maxLength:"10"`
		Helpful bool   `json:"helpful"`
		Reason  string `json:"reason,omitempty" maxLength:"40" doc:"unclear, wrong, not_answered or other"`
		Comment string `json:"comment,omitempty" maxLength:"4000" doc:"at most 1,000 characters; secrets are taken out"`
	}
}

// readingLocale is the language of reading that fits best.
func readingLocale(asked string) string {
	for _, l := range desk.ReadingLocales {
		if l == asked {
			return l
		}
	}
	return desk.KnownLocale(asked)
}

// vote takes a reader's answer to "was this helpful?". An article that cannot be
// read in the language is not found; the category may be an old one.
func (a *API) vote(ctx context.Context, in *voteInput) (*nothing, error) {
	art, _ := a.HelpCenter.Snapshot().Article(readingLocale(in.Body.Locale), in.Slug)
	if art == nil {
		return nil, desk.Errorf(desk.NotFound, "not_found")
	}
	ip := web.ClientIP(ctx)
	return nil, a.HelpCenter.Vote(ctx, helpcenter.Vote{
		Article: art.ID, Locale: art.Locale, Helpful: in.Body.Helpful, Reason: in.Body.Reason, Comment: in.Body.Comment,
		Voter: ip + " " + in.UserAgent, Address: ip,
	})
}

type searchedInput struct {
	UserAgent string `header:"User-Agent"`
	Body      struct {
		Locale  string `json:"locale" maxLength:"10"`
		Query   string `json:"query" maxLength:"400"`
		Hits    int    `json:"hits" minimum:"0"`
		Clicked string `json:"clicked,omitempty" maxLength:"200" doc:"the article that was opened: category/slug"`
	}
}

// searched counts a search as one types that led somewhere or was given up.
func (a *API) searched(_ context.Context, in *searchedInput) (*nothing, error) {
	b := in.Body
	if strings.TrimSpace(b.Query) == "" || helpcenter.Robot(in.UserAgent) {
		return nil, nil
	}
	locale, usage := readingLocale(b.Locale), a.HelpCenter.Usage()
	usage.Searched(locale, b.Query, b.Hits)
	if b.Clicked == "" {
		return nil, nil
	}
	if art, _ := a.HelpCenter.Snapshot().Article(locale, b.Clicked[strings.LastIndexByte(b.Clicked, '/')+1:]); art != nil {
		usage.Clicked(locale, b.Query, art.ID)
	}
	return nil, nil
}
