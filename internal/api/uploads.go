package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

// piecePatience is how long a piece of a file may take to arrive: 70 kbit/s.
const piecePatience = time.Minute

// pieceType is what a piece of a file is sent as.
const pieceType = "application/offset+octet-stream"

func (a *API) uploadRoutes() []Route {
	visitor := uploads{a, func(ctx context.Context) inbox.Owner { return inbox.Owner{Kind: desk.ByContact, ID: visitorFrom(ctx)} }}
	agent := uploads{a, func(ctx context.Context) inbox.Owner { return inbox.Owner{Kind: desk.ByAgent, ID: AgentFrom(ctx).ID} }}
	return []Route{
		route("POST", "/visitor/uploads", Visitor, visitor.begin, status(http.StatusCreated), a.paced(uploadPace)),
		route("GET", "/visitor/uploads/{id}", Visitor, visitor.get),
		route("PATCH", "/visitor/uploads/{id}", Visitor, visitor.add, takesPiece),
		route("DELETE", "/visitor/uploads/{id}", Visitor, visitor.cancel),

		route("POST", "/uploads", desk.ReplyConversations, agent.begin, status(http.StatusCreated)),
		route("GET", "/uploads/{id}", desk.ReplyConversations, agent.get),
		route("PATCH", "/uploads/{id}", desk.ReplyConversations, agent.add, takesPiece),
		route("DELETE", "/uploads/{id}", desk.ReplyConversations, agent.cancel),
	}
}

// uploads are the routes by which one kind of people send files.
type uploads struct {
	*API
	owner func(context.Context) inbox.Owner
}

type uploadBody struct {
	ID         desk.ID          `json:"id"`
	Name       string           `json:"name" doc:"made harmless"`
	Size       int64            `json:"size" doc:"bytes, as announced"`
	Offset     int64            `json:"offset" doc:"bytes that have arrived: where the next piece begins"`
	Chunk      int64            `json:"chunk" doc:"most bytes that one piece may have"`
	State      string           `json:"state" enum:"uploading,ready,refused" doc:"uploading with offset = size: everything has arrived and is being checked; ask again"`
	Problem    string           `json:"problem,omitempty" doc:"why it was refused, for people"`
	Attachment *desk.Attachment `json:"attachment,omitempty" doc:"when ready"`
}

func (u uploads) shown(ctx context.Context, a *store.Attachment) uploadBody {
	out := uploadBody{ID: a.ID, Name: a.Name, Size: a.Size, Offset: a.Received, Chunk: inbox.MaxPiece, State: string(a.State)}
	switch a.State {
	case store.AttachmentChecking:
		out.State = string(store.AttachmentUploading)
	case store.AttachmentRefused:
		out.Problem = web.Text(web.Locale(ctx), a.Problem)
	case store.AttachmentReady:
		own := u.Files.Own(a)
		out.Attachment = &own
	}
	return out
}

type newUploadInput struct {
	Body struct {
		ClientID string `json:"client_id"`
		Name     string `json:"name"`
		Size     int64  `json:"size" doc:"bytes"`
	}
}

type newUpload struct {
	Status int
	Body   uploadBody
}

func (u uploads) begin(ctx context.Context, in *newUploadInput) (*newUpload, error) {
	if err := checkClientID(in.Body.ClientID); err != nil {
		return nil, err
	}
	a, fresh, err := u.Files.Begin(ctx, u.owner(ctx), in.Body.ClientID, in.Body.Name, in.Body.Size)
	if err != nil {
		return nil, err
	}
	out := &newUpload{Status: http.StatusCreated, Body: u.shown(ctx, a)}
	if !fresh {
		out.Status = http.StatusOK
	}
	return out, nil
}

func (u uploads) get(ctx context.Context, in *byID) (*body[uploadBody], error) {
	a, err := u.Files.Upload(ctx, u.owner(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	return &body[uploadBody]{u.shown(ctx, a)}, nil
}

func (u uploads) cancel(ctx context.Context, in *byID) (*nothing, error) {
	return nil, u.Files.Cancel(ctx, u.owner(ctx), in.ID.ID)
}

// pieceInput is a piece of a file: it is not read before it is known to be wanted.
type pieceInput struct {
	ID      IDParam `path:"id"`
	Offset  int64   `header:"Upload-Offset" required:"true" minimum:"0" doc:"where the piece begins, in bytes"`
	content io.Reader
	length  int64
	typed   string
	until   func(time.Time) error // sets the end of reading
}

// Resolve implements huma.Resolver.
func (in *pieceInput) Resolve(hc huma.Context) []error {
	r, _ := humago.Unwrap(hc)
	in.content, in.length, in.typed, in.until = r.Body, r.ContentLength, r.Header.Get("Content-Type"), hc.SetReadDeadline
	return nil
}

// takesPiece describes the body, which huma does not read.
func takesPiece(op *huma.Operation) {
	op.RequestBody = &huma.RequestBody{
		Required: true, Description: "The bytes of the piece and nothing else.",
		Content: map[string]*huma.MediaType{pieceType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}
}

func (u uploads) add(ctx context.Context, in *pieceInput) (*body[uploadBody], error) {
	if in.typed != pieceType {
		return nil, desk.Errorf(desk.Invalid, "upload_piece_type")
	}
	// The time of a piece is its own: a slow phone is let finish, and whoever only
	// holds the connection is cut off.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), u.piecePatience+30*time.Second)
	defer cancel()
	if err := in.until(time.Now().Add(u.piecePatience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		web.Logger(ctx).Debug("a piece of a file has no deadline", "error", err)
	}
	length := in.length
	if length < 0 {
		length = blob.UnknownSize
	}
	a, err := u.Files.Append(ctx, u.owner(ctx), in.ID.ID, in.Offset, in.content, length)
	switch {
	case desk.CodeOf(err) == desk.Conflict && a != nil:
		return nil, &detailed{error: err, Offset: &a.Received}
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, desk.Wrap(desk.Unavailable, "upload_piece_cut", err)
	case err != nil:
		return nil, err
	}
	return &body[uploadBody]{u.shown(ctx, a)}, nil
}
