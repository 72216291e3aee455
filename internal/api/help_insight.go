package api

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/insight"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

func init() {
	web.AddMessages("en", map[string]string{
		"insight_span":    "The first day must not be after the last, and a report covers at most a year.",
		"synonym_count":   "A group has between 2 and 20 words.",
		"synonym_empty":   "A word is empty.",
		"synonym_word":    "A word has at most 60 characters.",
		"synonym_twice":   "This word stands twice, here or in another group.",
		"synonyms_groups": "There are too many groups; 2,000 are allowed.",
	})
	web.AddMessages("zh-CN", map[string]string{
		"insight_span":    "开始日期不能晚于结束日期，且报告最长为一年。",
		"synonym_count":   "每组需有 2 到 20 个词。",
		"synonym_empty":   "有空白的词。",
		"synonym_word":    "每个词最多 60 个字符。",
		"synonym_twice":   "该词在本组或其他组中重复出现。",
		"synonyms_groups": "同义词组过多，最多 2000 组。",
	})
}

func (a *API) insightRoutes() []Route {
	return []Route{
		route("GET", "/help/insight", desk.ReadInsight, a.helpInsight),
		route("GET", "/help/feedback", desk.ReadInsight, a.listFeedback),
		route("GET", "/help/synonyms", desk.ReadInsight, a.getSynonyms),
		route("PUT", "/help/synonyms", desk.PublishArticles, a.putSynonyms),
	}
}

type insightInput struct {
	From   string `query:"from" maxLength:"10" doc:"first day, YYYY-MM-DD (UTC); otherwise 29 days before the last"`
	To     string `query:"to" maxLength:"10" doc:"last day; otherwise today"`
	Locale string `query:"locale" maxLength:"10" doc:"one language; otherwise all"`
}

func (a *API) helpInsight(ctx context.Context, in *insightInput) (*body[*insight.Report], error) {
	return answered(a.Insight.Report(ctx, insight.Span{From: in.From, To: in.To, Locale: in.Locale}))
}

type feedbackInput struct {
	Article IDParam `query:"article"`
	Locale  string  `query:"locale" maxLength:"10"`
	Helpful string  `query:"helpful" enum:"true,false,"`
	Before  string  `query:"before" maxLength:"64" doc:"cursor: the next of an earlier page"`
	Limit   int     `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

type feedbackPage struct {
	Feedback []store.Feedback `json:"feedback" doc:"newest first"`
	Next     string           `json:"next" doc:"cursor of the next page; empty on the last"`
}

func (a *API) listFeedback(ctx context.Context, in *feedbackInput) (*body[feedbackPage], error) {
	f := store.FeedbackFilter{Article: in.Article.ID, Locale: in.Locale, Before: in.Before, Limit: in.Limit}
	if in.Helpful != "" {
		helpful := in.Helpful == "true"
		f.Helpful = &helpful
	}
	list, next, err := a.HelpCenter.Feedback(ctx, f)
	return answered(feedbackPage{list, next}, err)
}

func (a *API) getSynonyms(ctx context.Context, _ *nothing) (*body[store.Synonyms], error) {
	return answered(a.HelpCenter.Synonyms(ctx))
}

type synonymsInput struct {
	Body struct {
		Revision int        `json:"revision" minimum:"0" doc:"the one that was read"`
		Groups   [][]string `json:"groups"`
	}
}

func (a *API) putSynonyms(ctx context.Context, in *synonymsInput) (*body[store.Synonyms], error) {
	return answered(a.HelpCenter.SetSynonyms(ctx, ActorFrom(ctx), in.Body.Revision, in.Body.Groups))
}
