package web

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// One careless log line must not keep a customer's recovery phrase for ever.
func TestSecretsStayOutOfTheLog(t *testing.T) {
	mask := func(s string) string { return strings.ReplaceAll(s, "abandon ability able", "[phrase]") }
	var out strings.Builder
	log := slog.New(NewMaskingHandler(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}), mask))
	log = log.With("session_token", "s3cr3t-1", "note", "abandon ability able")
	log.WithGroup("request").Info("got abandon ability able",
		"password", "s3cr3t-2", "Authorization", "Bearer s3cr3t-3", "Cookie", "veridesk_session=s3cr3t-4", "code", "s3cr3t-5",
		"err", errors.New("bad words: abandon ability able"),
		slog.Group("inner", "api_key", "s3cr3t-6", "text", "abandon ability able"),
		"any", struct{ Text string }{"abandon ability able"},
		"status_code", 418, "token_id", 77, "count", 3, "client_secret", []byte("s3cr3t-7"))
	got := out.String()
	for _, gone := range []string{"s3cr3t", "abandon"} {
		if strings.Contains(got, gone) {
			t.Errorf("the log still has %q: %s", gone, got)
		}
	}
	for _, kept := range []string{"request.status_code=418", "request.token_id=77", "request.count=3", "request.inner.text=[phrase]", "[redacted]"} {
		if !strings.Contains(got, kept) {
			t.Errorf("the log lost %q: %s", kept, got)
		}
	}
	if !log.Handler().Enabled(context.Background(), slog.LevelDebug) {
		t.Error("the level of the inner handler was lost")
	}
}
