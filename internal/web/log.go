package web

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// NewMaskingHandler puts a filter before a log handler: values under keys that
// name secrets are replaced, and every other text (attributes, errors, the
// message itself) goes through mask, which takes out what looks like a secret
// wherever it stands. A nil mask leaves texts alone.
func NewMaskingHandler(inner slog.Handler, mask func(string) string) slog.Handler {
	if mask == nil {
		mask = func(s string) string { return s }
	}
	return maskingHandler{inner, mask}
}

type maskingHandler struct {
	inner slog.Handler
	mask  func(string) string
}

const redacted = "[redacted]"

// secretKey reports whether a key names something that must not be logged.
// "code" counts only as a whole word: "status_code" is harmless.
func secretKey(key string) bool {
	k := strings.ToLower(key)
	switch k {
	case "code", "otp", "pin", "passwd", "credential", "credentials", "mnemonic", "seed", "email_body", "body":
		return true
	}
	for _, word := range []string{"password", "token", "authorization", "secret", "cookie", "private_key", "api_key", "apikey", "recovery", "totp"} {
		if strings.Contains(k, word) {
			return !strings.HasSuffix(k, "_id") && !strings.HasSuffix(k, "_kind") && !strings.HasSuffix(k, "_count")
		}
	}
	return false
}

func (h maskingHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.inner.Enabled(ctx, l)
}

func (h maskingHandler) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, r.Level, h.mask(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(h.attr(a))
		return true
	})
	return h.inner.Handle(ctx, out)
}

func (h maskingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	masked := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		masked[i] = h.attr(a)
	}
	return maskingHandler{h.inner.WithAttrs(masked), h.mask}
}

func (h maskingHandler) WithGroup(name string) slog.Handler {
	return maskingHandler{h.inner.WithGroup(name), h.mask}
}

func (h maskingHandler) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	if v.Kind() == slog.KindGroup {
		group := v.Group()
		masked := make([]slog.Attr, len(group))
		for i, g := range group {
			masked[i] = h.attr(g)
		}
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(masked...)}
	}
	if secretKey(a.Key) {
		return slog.String(a.Key, redacted)
	}
	switch v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, h.mask(v.String()))
	case slog.KindAny:
		// Whatever its type, it ends as text; text is masked.
		return slog.String(a.Key, h.mask(fmt.Sprint(v.Any())))
	default:
		return slog.Attr{Key: a.Key, Value: v}
	}
}
