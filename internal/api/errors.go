package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/web"
)

// failure is an error on its way out through huma.
type failure struct {
	web.ErrorBody
	Current  *helpText     `json:"current,omitempty" doc:"the text as somebody else has saved it meanwhile"`
	Problems []helpProblem `json:"problems,omitempty" doc:"why the text cannot be published"`
	Offset   *int64        `json:"offset,omitempty" doc:"where the next piece of the file begins"`
	status   int
}

// detailed is an error that carries more than its message.
type detailed struct {
	error
	Current  *helpText
	Problems []helpProblem
	Offset   *int64 // of a file whose piece was refused
}

// Unwrap returns the error itself.
func (d *detailed) Unwrap() error { return d.error }

// Error returns the message for people.
func (f *failure) Error() string { return f.Message }

// GetStatus returns the HTTP status.
func (f *failure) GetStatus() int { return f.status }

// GetHeaders returns the headers that belong to the error.
func (f *failure) GetHeaders() http.Header {
	h := http.Header{}
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.FormatInt(f.RetryAfter, 10))
	}
	return h
}

func failed(ctx context.Context, err error) *failure {
	status, body := web.Answer(ctx, err)
	f := &failure{ErrorBody: body, status: status}
	if more := new(detailed); errors.As(err, &more) {
		f.Current, f.Problems, f.Offset = more.Current, more.Problems, more.Offset
	}
	return f
}

// huma keeps these for the whole process: its errors have our shape.
func init() {
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return failed(context.Background(), refusal(status, errs))
	}
	huma.NewErrorWithContext = func(hc huma.Context, status int, msg string, errs ...error) huma.StatusError {
		return failed(hc.Context(), refusal(status, errs))
	}
}

// refusal is what huma found wrong with a request, as a desk error.
func refusal(status int, errs []error) error {
	switch status {
	case 0: // asked only for the shape
		return desk.Errorf(desk.Invalid, "invalid")
	case http.StatusRequestEntityTooLarge:
		return desk.Errorf(desk.TooLarge, "body_too_large")
	case http.StatusInternalServerError:
		err := errors.Join(errs...)
		if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) || err == nil {
			return err
		}
		return desk.Wrap(desk.Invalid, "bad_json", err) // the body could not be read to its end
	case http.StatusBadRequest, http.StatusUnsupportedMediaType, http.StatusRequestTimeout, http.StatusNotAcceptable:
		return desk.Errorf(desk.Invalid, "bad_json")
	}
	fields := map[string]string{}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if !errors.As(err, &d) {
			continue
		}
		detail := d.ErrorDetail()
		if strings.HasPrefix(detail.Location, "path.") {
			return desk.Errorf(desk.NotFound, "not_found") // an address that cannot be anything's
		}
		name, what := field(detail.Location, detail.Message)
		if _, have := fields[name]; !have && name != "" {
			fields[name] = what
		}
	}
	return &desk.Error{Code: desk.Invalid, Message: "invalid", Fields: fields}
}

// field translates huma's finding into the name of a form's field and an entry
// of the message catalogue. What was sent is never repeated: it may be a secret.
func field(location, message string) (name, what string) {
	_, name, _ = strings.Cut(location, ".")
	if missing, ok := strings.CutPrefix(message, "expected required property "); ok {
		missing, _, _ = strings.Cut(missing, " ")
		if name != "" {
			name += "."
		}
		return name + missing, "field_required"
	}
	switch {
	case strings.HasPrefix(message, "required "):
		what = "field_required"
	case strings.HasPrefix(message, "expected length >="), strings.HasPrefix(message, "expected array length >="):
		what = "field_too_short"
	case strings.HasPrefix(message, "expected length <="), strings.HasPrefix(message, "expected array length <="):
		what = "field_too_long"
	case strings.HasPrefix(message, "expected value to be one of"):
		what = "field_choice"
	case strings.HasPrefix(message, "expected number"), strings.HasPrefix(message, "expected integer"), strings.HasPrefix(message, "invalid integer"):
		what = "field_number"
	case strings.HasPrefix(message, "unexpected property"):
		what = "field_unexpected"
	case strings.Contains(message, "email"):
		what = "field_email"
	default:
		what = "field_invalid"
	}
	name, _, _ = strings.Cut(name, "[")
	return name, what
}
