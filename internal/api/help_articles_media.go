package api

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/veridesk/veridesk/internal/helpcenter"
)

const imagesPath = prefix + "/help/images"

// Uploads are the routes whose bodies may be longer than others', in bytes: the
// edge must let them through.
func Uploads() map[string]int64 { return map[string]int64{imagesPath: helpcenter.MaxPictureBytes} }

// upload makes a route take a picture.
func upload(op *huma.Operation) {
	op.MaxBodyBytes = helpcenter.MaxPictureBytes
	op.BodyReadTimeout = 2 * time.Minute // phones upload slowly
}

type imageInput struct {
	RawBody []byte `contentType:"image/*"`
}

type newHelpImage struct {
	Name     string `json:"name"`
	URL      string `json:"url" doc:"path on this site"`
	Width    int    `json:"width" doc:"pixels"`
	Height   int    `json:"height"`
	Bytes    int64  `json:"bytes"`
	Markdown string `json:"markdown" doc:"what to put into the text; words for those who cannot see the picture go between the brackets"`
}

// uploadHelpImage takes the picture itself as the body. What it really is counts,
// not what the request says.
func (a *API) uploadHelpImage(ctx context.Context, in *imageInput) (*body[newHelpImage], error) {
	m, err := a.HelpCenter.AddPicture(ctx, ActorFrom(ctx), bytes.NewReader(in.RawBody))
	url := "/media/" + m.Name
	return answered(newHelpImage{m.Name, url, m.Width, m.Height, m.Bytes, "![](" + url + ")"}, err)
}

type previewInput struct {
	Body struct {
		Locale   string `json:"locale"`
		Category string `json:"category" doc:"slug; links between articles begin there"`
		Entity   string `json:"entity,omitempty"`
		Region   string `json:"region,omitempty"`
		Body     string `json:"body" doc:"Markdown"`
	}
}

type previewBody struct {
	HTML     string        `json:"html" doc:"sanitised, as readers will see it"`
	Problems []helpProblem `json:"problems"`
}

func (a *API) previewHelpText(ctx context.Context, in *previewInput) (*body[previewBody], error) {
	b := in.Body
	html, found, err := a.HelpCenter.Preview(ctx, b.Locale, b.Category, b.Entity, b.Region, strings.ToValidUTF8(b.Body, "\ufffd"))
	return answered(previewBody{html, problemsIn(ctx, found)}, err)
}
