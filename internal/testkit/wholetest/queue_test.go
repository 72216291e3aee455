package wholetest_test

import (
	"context"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit/client"
)

// told waits until a visitor hears a place that pleases.
func told(t *testing.T, ctx context.Context, events <-chan client.Event, what string, ok func(client.Place) bool) {
	t.Helper()
	for {
		select {
		case ev, open := <-events:
			if !open {
				t.Fatalf("%s: the connection ended", what)
			}
			if ev.Type == "queue" && ev.Queue != nil && ok(*ev.Queue) {
				return
			}
		case <-ctx.Done():
			t.Fatalf("%s: never told", what)
		}
	}
}

// Whoever waits on one node is told where they stand, and is given to an agent
// who opens the console on another, without anybody doing anything.
func TestQueueOverTwoNodes(t *testing.T) {
	one, two, _ := twoNodes(t)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	admin := signIn(t, one.URL, adminEmail)
	var staff struct{ Agents []struct{ ID, Email string } }
	if err := admin.Call(ctx, "GET", "/staff/agents", nil, &staff); err != nil {
		t.Fatal(err)
	}
	for _, a := range staff.Agents { // the demo's own conversations must not fill them
		if err := admin.Call(ctx, "PATCH", "/staff/agents/"+a.ID, map[string]any{"capacity": 60}, nil); err != nil {
			t.Fatal(err)
		}
	}
	v := visitor(t, one.URL)
	hears, err := v.Listen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	told(t, ctx, hears, "nobody is there", func(p client.Place) bool { return p.State == "closed" })
	agent := signIn(t, two.URL, agentEmail)
	if _, err := agent.Listen(ctx); err != nil {
		t.Fatal(err)
	}
	told(t, ctx, hears, "somebody has come", func(p client.Place) bool { return p.State == "assigned" })
	var got struct {
		Presence struct {
			State  string
			Online bool
			Load   int
		}
	}
	if err := agent.Call(ctx, "GET", "/me/presence", nil, &got); err != nil || !got.Presence.Online || got.Presence.State != "available" || got.Presence.Load == 0 {
		t.Errorf("%+v %v", got, err)
	}
	// On a break: back to the queue, and the visitor is told that they wait again.
	if err := agent.Call(ctx, "PUT", "/me/presence", map[string]any{"state": "break", "minutes": 30}, nil); err != nil {
		t.Fatal(err)
	}
	told(t, ctx, hears, "back in the line", func(p client.Place) bool { return p.State == "waiting" && p.Position > 0 })
	if err := agent.Call(ctx, "PUT", "/me/presence", map[string]any{"state": "available"}, nil); err != nil {
		t.Fatal(err)
	}
	told(t, ctx, hears, "given again", func(p client.Place) bool { return p.State == "assigned" })
}
