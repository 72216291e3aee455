package web

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/veridesk/veridesk/internal/desk"
)

// ErrorBody is what a client learns about an error.
type ErrorBody struct {
	Code       desk.Code         `json:"code" enum:"invalid,unauthorized,forbidden,not_found,conflict,stale,throttled,too_large,unavailable,internal"`
	Message    string            `json:"message" doc:"for people, in the locale of the request"`
	Fields     map[string]string `json:"fields,omitempty" doc:"what is wrong with which field, for people"`
	RetryAfter int64             `json:"retry_after,omitempty" doc:"seconds until trying again makes sense"`
	RequestID  string            `json:"request_id" doc:"to quote when asking for help"`
}

// statuses is the one place where a code becomes a status.
var statuses = map[desk.Code]int{
	desk.Invalid:      http.StatusUnprocessableEntity,
	desk.Unauthorized: http.StatusUnauthorized,
	desk.Forbidden:    http.StatusForbidden,
	desk.NotFound:     http.StatusNotFound,
	desk.Conflict:     http.StatusConflict,
	desk.Stale:        http.StatusConflict,
	desk.Throttled:    http.StatusTooManyRequests,
	desk.TooLarge:     http.StatusRequestEntityTooLarge,
	desk.Unavailable:  http.StatusServiceUnavailable,
	desk.Internal:     http.StatusInternalServerError,
}

// Answer turns err into a status and a body in the locale of the request. What
// is our own fault or the infrastructure's is logged here, with its cause, and
// the client learns only the request id.
func Answer(ctx context.Context, err error) (status int, body ErrorBody) {
	body = ErrorBody{Code: desk.CodeOf(err), RequestID: RequestID(ctx)}
	var (
		e       *desk.Error
		tooLong *http.MaxBytesError
		key     string
	)
	switch {
	case errors.As(err, &tooLong):
		body.Code, key = desk.TooLarge, "body_too_large"
	case errors.As(err, &e):
		key = e.Message
		body.RetryAfter = int64(math.Ceil(e.RetryAfter.Seconds()))
		for name, what := range e.Fields {
			if body.Fields == nil {
				body.Fields = map[string]string{}
			}
			body.Fields[name] = fieldText(Locale(ctx), what)
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		body.Code = desk.Unavailable // nobody waits for the answer any more, or it took too long
	}
	body.Message = errorText(Locale(ctx), body.Code, key, len(body.Fields) > 0)
	switch {
	case body.Code == desk.Internal:
		Logger(ctx).ErrorContext(ctx, "internal error", "error", err)
	case body.Code == desk.Unavailable && !errors.Is(err, context.Canceled):
		Logger(ctx).WarnContext(ctx, "unavailable", "error", err)
	}
	status = statuses[body.Code]
	if status == 0 {
		status = http.StatusInternalServerError
	}
	return status, body
}

// WriteError answers r with err as JSON; see [Answer].
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	status, body := Answer(r.Context(), err)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Del("Etag")
	if body.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(body.RetryAfter, 10))
	}
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return
	}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		Logger(r.Context()).Debug("the client left before its error arrived", "error", err)
	}
}

// NotFound answers with the not_found error; it serves as the fallback of a mux.
func NotFound(w http.ResponseWriter, r *http.Request) {
	WriteError(w, r, desk.Errorf(desk.NotFound, "no_such_address"))
}
