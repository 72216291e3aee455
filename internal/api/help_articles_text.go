package api

import (
	"context"
	"errors"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

// TextPath names a text. It is exported because huma fills embedded structs
// only then.
type TextPath struct {
	ID     IDParam `path:"id"`
	Locale string  `path:"locale" doc:"en, zh-CN or zh-TW"`
}

type oneHelpText struct {
	Text helpText `json:"text"`
}

// textAfter answers with a text after a change. When somebody else was faster
// the error carries theirs, so that nothing of either is lost; when it cannot be
// published, why not.
func (a *API) textAfter(ctx context.Context, of TextPath, err error) (*body[oneHelpText], error) {
	blocked := new(helpcenter.BlockedError)
	switch {
	case errors.As(err, &blocked):
		return nil, &detailed{error: err, Problems: problemsIn(ctx, blocked.Findings)}
	case err != nil && desk.CodeOf(err) != desk.Stale:
		return nil, err
	}
	art, w, rerr := a.workOn(ctx, of.ID.ID)
	if rerr != nil {
		return nil, errors.Join(err, rerr)
	}
	t, rerr := a.showText(ctx, w, &art, of.Locale)
	switch {
	case rerr != nil:
		return nil, errors.Join(err, rerr)
	case err != nil:
		return nil, &detailed{error: err, Current: &t}
	}
	return &body[oneHelpText]{oneHelpText{t}}, nil
}

type saveHelpTextInput struct {
	TextPath
	Body struct {
		Revision      int      `json:"revision" minimum:"0" doc:"of the text that was edited; 0 when there was none"`
		Title         string   `json:"title"`
		Summary       string   `json:"summary"`
		Body          string   `json:"body"`
		Tags          []string `json:"tags" nullable:"true"`
		Note          string   `json:"note,omitempty"`
		SourceVersion *int     `json:"source_version,omitempty" minimum:"0"`
	}
}

func (a *API) saveHelpText(ctx context.Context, in *saveHelpTextInput) (*body[oneHelpText], error) {
	b := in.Body
	_, err := a.HelpCenter.SaveText(ctx, editor(ctx), in.ID.ID, in.Locale, helpcenter.TextInput{
		Revision: b.Revision, Title: b.Title, Summary: b.Summary, Body: b.Body, Tags: b.Tags, Note: b.Note, SourceVersion: b.SourceVersion,
	})
	return a.textAfter(ctx, in.TextPath, err)
}

type removeTextInput struct {
	TextPath
	Revision int `query:"revision" required:"true"`
}

func (a *API) deleteHelpText(ctx context.Context, in *removeTextInput) (*nothing, error) {
	return nil, a.HelpCenter.DeleteText(ctx, editor(ctx), in.ID.ID, in.Locale, in.Revision)
}

type stageInput struct {
	TextPath
	Body struct {
		Revision  int                 `json:"revision"`
		Stage     store.ArticleStatus `json:"stage" enum:"draft,review,scheduled,published,archived"`
		PublishAt desk.Micros         `json:"publish_at,omitempty" doc:"when a scheduled text goes up"`
		Minor     bool                `json:"minor,omitempty" doc:"translations need not follow"`
		Note      string              `json:"note,omitempty"`
	}
}

func (a *API) stageHelpText(ctx context.Context, in *stageInput) (*body[oneHelpText], error) {
	b := in.Body
	_, err := a.HelpCenter.SetStage(ctx, editor(ctx), in.ID.ID, in.Locale, helpcenter.StageInput{
		Revision: b.Revision, Stage: b.Stage, PublishAt: b.PublishAt, Minor: b.Minor, Note: b.Note,
	})
	return a.textAfter(ctx, in.TextPath, err)
}

type revisionInput struct {
	TextPath
	Body struct {
		Revision int `json:"revision"`
	}
}

func (a *API) reviewedHelpText(ctx context.Context, in *revisionInput) (*body[oneHelpText], error) {
	_, err := a.HelpCenter.Reviewed(ctx, editor(ctx), in.ID.ID, in.Locale, in.Body.Revision)
	return a.textAfter(ctx, in.TextPath, err)
}

type helpVersion struct {
	Number     int         `json:"number"`
	Action     string      `json:"action" enum:"save,review,draft,schedule,publish,archive,restore,import"`
	AuthorName string      `json:"author_name"`
	CreatedAt  desk.Micros `json:"created_at"`
	Minor      bool        `json:"minor"`
	Live       bool        `json:"live"`
	Note       string      `json:"note"`
	Title      string      `json:"title"`
}

type helpVersionBody struct {
	helpVersion
	Summary string   `json:"summary"`
	Body    string   `json:"body"`
	Tags    []string `json:"tags"`
}

func versionOf(v store.ArticleVersion, live int) helpVersion {
	return helpVersion{v.Number, v.Action, v.AuthorName, v.CreatedAt, v.Minor, v.Number == live, v.Note, v.Title}
}

type helpVersions struct {
	Versions []helpVersion `json:"versions" doc:"newest first"`
}

func (a *API) listHelpVersions(ctx context.Context, in *TextPath) (*body[helpVersions], error) {
	q := a.Store.Read(ctx)
	t, err := q.ArticleText(in.ID.ID, in.Locale)
	if err != nil {
		return nil, err
	}
	list, err := q.ArticleVersions(in.ID.ID, in.Locale)
	out := helpVersions{Versions: []helpVersion{}}
	for _, v := range list {
		out.Versions = append(out.Versions, versionOf(v, t.Live))
	}
	return answered(out, err)
}

// VersionPath names a version of a text.
type VersionPath struct {
	TextPath
	Number int `path:"number" minimum:"1"`
}

type oneHelpVersion struct {
	Version helpVersionBody `json:"version"`
}

func (a *API) getHelpVersion(ctx context.Context, in *VersionPath) (*body[oneHelpVersion], error) {
	q := a.Store.Read(ctx)
	t, err := q.ArticleText(in.ID.ID, in.Locale)
	if err != nil {
		return nil, err
	}
	v, err := q.ArticleVersion(in.ID.ID, in.Locale, in.Number)
	return answered(oneHelpVersion{helpVersionBody{versionOf(v, t.Live), v.Summary, v.Body, listOf(v.Tags)}}, err)
}

type restoreInput struct {
	VersionPath
	Body struct {
		Revision int `json:"revision"`
	}
}

func (a *API) restoreHelpVersion(ctx context.Context, in *restoreInput) (*body[oneHelpText], error) {
	_, err := a.HelpCenter.Restore(ctx, editor(ctx), in.ID.ID, in.Locale, in.Number, in.Body.Revision)
	return a.textAfter(ctx, in.TextPath, err)
}
