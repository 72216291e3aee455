package realtime

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
)

// What one message costs the transaction's caller: to a visitor who is away,
// and encoded for a team of whom nobody is there.
func BenchmarkPublishNobodyListens(b *testing.B) {
	cfg := newHouse().config()
	cfg.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	hub, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	if err := hub.Start(b.Context()); err != nil {
		b.Fatal(err)
	}
	defer hub.Close(context.Background()) //nolint:errcheck // the end of the benchmark
	ev := desk.Event{Type: desk.EventMessage, ContactID: 42, Message: &desk.Message{Visibility: desk.Public, Body: "My withdrawal has not arrived"}, Conversation: &desk.Conversation{}}
	b.ReportAllocs()
	for b.Loop() {
		hub.Publish(ev, Visitor(42), Team(7))
	}
}
