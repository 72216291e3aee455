package desk

import (
	"errors"
	"fmt"
	"time"
)

// Code says what kind of error happened, in words that an API client may act
// on. internal/web maps a code to an HTTP status in one place.
type Code string

// The codes. Everything that carries no code is [Internal].
const (
	Invalid      Code = "invalid"      // the input is wrong; nothing was changed
	Unauthorized Code = "unauthorized" // nobody is signed in, or the credentials are wrong
	Forbidden    Code = "forbidden"    // signed in, but not allowed
	NotFound     Code = "not_found"    // it does not exist, or is not the caller's to see
	Conflict     Code = "conflict"     // it exists already, or was changed meanwhile
	Stale        Code = "stale"        // the caller has not seen what happened since
	Throttled    Code = "throttled"    // too many attempts; see Error.RetryAfter
	TooLarge     Code = "too_large"    // the input is longer or bigger than allowed
	Unavailable  Code = "unavailable"  // a part of the system is away; trying again is right
	Internal     Code = "internal"     // a defect of ours
)

// Error is an error with a code. Message is safe to show to people and names a
// catalogue entry or is plain English for operators; the cause is for the log.
type Error struct {
	Code       Code
	Message    string
	Fields     map[string]string // per input field, for forms
	RetryAfter time.Duration     // for Throttled and Unavailable; zero when unknown
	Cause      error
}

// Error returns the message, with the cause behind it when there is one.
func (e *Error) Error() string {
	if e.Cause != nil && e.Cause.Error() != e.Message {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf returns an error with a code and a message that is safe to show.
// What must stay in the log goes through [Wrap].
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap returns an error with a code and a safe message around a cause that only
// the log sees. Wrap(…, nil) is nil.
func Wrap(code Code, message string, cause error) error {
	if cause == nil {
		return nil
	}
	return &Error{Code: code, Message: message, Cause: cause}
}

// Field returns an Invalid error about one field of a form; the message is
// shown beside the field.
func Field(name, message string) error {
	return &Error{Code: Invalid, Message: name + ": " + message, Fields: map[string]string{name: message}}
}

// CodeOf returns the code of the outermost [Error] in err's chain, or
// [Internal] when there is none. CodeOf(nil) is "".
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
