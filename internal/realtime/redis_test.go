package realtime

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/veridesk/veridesk/internal/desk"
)

func redisConfig(h *house, r *redisServer) Config {
	cfg := h.config()
	cfg.Redis = []string{r.addr}
	cfg.Probe = 100 * time.Millisecond
	return cfg
}

// Customer on one node, agent on the other: neither may notice.
func TestTwoNodesOnOneRedis(t *testing.T) {
	r := newRedis(t)
	r.start()
	h := newHouse()
	one, s1 := serve(t, redisConfig(h, r))
	two, s2 := serve(t, redisConfig(h, r))
	v := visitor(t, s1, "good-42")
	bob := agent(t, s2, "bob")
	follow(t, bob, Visitor(42))
	one.PublishVisitor(42, public(1))
	two.PublishVisitor(42, public(2))
	for _, k := range []*socket{v, bob} {
		if a, b := k.event(desk.EventMessage).Message.Seq, k.event(desk.EventMessage).Message.Seq; a+b != 3 {
			t.Fatalf("got %d and %d", a, b)
		}
	}
	for _, hub := range []*Hub{one, two} {
		if on, err := hub.Online(t.Context(), 42); !on || err != nil {
			t.Fatalf("online: %v %v", on, err)
		}
		if ids, err := hub.AgentsOnline(t.Context()); err != nil || len(ids) != 1 || ids[0] != 2 {
			t.Fatalf("agents: %v %v", ids, err)
		}
	}
	// One channel keeps its order, whoever else is talking.
	for seq := int64(10); seq < 200; seq++ {
		one.PublishVisitor(42, public(seq))
	}
	for seq := int64(10); seq < 200; seq++ {
		if got := bob.event(desk.EventMessage).Message.Seq; got != seq {
			t.Fatalf("got %d, want %d", got, seq)
		}
	}
	one.DisconnectSession(102) // revoked on one node, connected to the other
	if code := bob.closeCode(); code != 4501 {
		t.Fatalf("closed with %d", code)
	}
	v.c.Close()
	eventually(t, "the other node sees the visitor gone", func() bool {
		on, err := two.Online(t.Context(), 42)
		return err == nil && !on
	})
}

// Redis away: the node keeps its people; back: they are brought up to date
// without a restart.
func TestRedisGoesAwayAndComesBack(t *testing.T) {
	r := newRedis(t)
	r.start()
	h := newHouse()
	one, s1 := serve(t, redisConfig(h, r))
	two, s2 := serve(t, redisConfig(h, r))
	v := visitor(t, s1, "good-42")
	bob := agent(t, s2, "bob")
	follow(t, bob, Visitor(42))
	one.PublishVisitor(42, public(1))
	bob.event(desk.EventMessage)

	r.stop()
	began := time.Now()
	for range 100 {
		one.PublishVisitor(42, public(2))
	}
	if took := time.Since(began); took > time.Second {
		t.Fatalf("publishing waited %s for Redis", took)
	}
	for v.event(desk.EventMessage).Message.Seq != 2 { // the visitor on the same node got it anyway
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if on, err := one.Online(ctx, 42); !on || err != nil {
		t.Fatalf("a visitor on this node: %v %v", on, err)
	}
	if _, err := one.AgentsOnline(ctx); desk.CodeOf(err) != desk.Unavailable {
		t.Fatalf("presence without Redis: %v", err)
	}

	r.start()
	bob.event(desk.EventResync)
	v.event(desk.EventResync)
	eventually(t, "events cross nodes again", func() bool {
		one.PublishVisitor(42, public(3))
		select {
		case f := <-bob.frames:
			return f.Push != nil && f.Push.Pub != nil
		case <-time.After(50 * time.Millisecond):
			return false
		}
	})
	eventually(t, "presence is known again", func() bool {
		on, err := two.Online(t.Context(), 42)
		return err == nil && on
	})
}

// A Redis that hangs (its machine swaps, its network drops packets) is worse than
// one that is gone: nothing fails, everything waits. Nobody here may wait with it.
func TestFrozenRedisHoldsNobodyUp(t *testing.T) {
	r := newRedis(t)
	r.start()
	h := newHouse()
	hub, s := serve(t, redisConfig(h, r))
	v := visitor(t, s, "good-42")
	hub.PublishVisitor(42, public(1))
	v.event(desk.EventMessage)
	r.freeze()
	began := time.Now()
	quick := func(what string, limit time.Duration) {
		t.Helper()
		if took := time.Since(began); took > limit {
			t.Fatalf("%s took %s", what, took)
		}
		began = time.Now()
	}
	for contact := range desk.ID(20_000) {
		hub.PublishVisitor(contact+1, public(2))
	}
	quick("publishing", 2*time.Second)
	if on, err := hub.Online(t.Context(), 43); on || desk.CodeOf(err) != desk.Unavailable {
		t.Fatalf("presence of somebody else: %v %v", on, err)
	}
	if _, err := hub.AgentsOnline(t.Context()); desk.CodeOf(err) != desk.Unavailable {
		t.Fatalf("presence of the staff: %v", err)
	}
	quick("asking for presence", 4*time.Second)
	hub.DisconnectAgent(1)
	quick("dismissing", time.Second)
	eventually(t, "the hub knows that Redis is away", hub.away.Load)
	eventually(t, "events queued before have been dealt with", func() bool {
		for _, q := range hub.sender.queues {
			if len(q) > 0 {
				return false
			}
		}
		return true
	})
	began = time.Now()
	hub.PublishVisitor(42, public(3))
	for v.event(desk.EventMessage).Message.Seq != 3 {
	}
	quick("an event to somebody on this very node", time.Second)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := hub.Close(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	quick("closing", 8*time.Second)
}

func TestStartWaitsForRedis(t *testing.T) {
	r := newRedis(t)
	h := newHouse()
	hub, err := New(redisConfig(h, r))
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := hub.Start(short); desk.CodeOf(err) != desk.Unavailable {
		t.Fatalf("start without Redis: %v", err)
	}
	started := make(chan error, 1)
	go func() { started <- hub.Start(t.Context()) }()
	r.start()
	select {
	case err := <-started:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("did not start after Redis came")
	}
	if err := hub.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A killed node cannot say goodbye: its people must not look present for long.
func TestPresenceOfDeadNodeExpires(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the presence to run out")
	}
	r := newRedis(t)
	r.start()
	h := newHouse()
	hub, _ := serve(t, redisConfig(h, r))
	dead, s := serve(t, redisConfig(h, r))
	visitor(t, s, "good-42")
	// What a kill leaves behind: the presence entry, and nobody to renew it.
	entry, err := dead.node.Load().Presence("visitor:42")
	if err != nil || len(entry.Presence) != 1 {
		t.Fatalf("presence: %v %v", entry, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := dead.Close(ctx); err != nil {
		t.Fatal(err)
	}
	for id, info := range entry.Presence {
		if err := presenceManagerOf(hub, r).AddPresence("visitor:42", id, info); err != nil {
			t.Fatal(err)
		}
	}
	if on, err := hub.Online(t.Context(), 42); !on || err != nil {
		t.Fatalf("the left-over entry is not seen: %v %v", on, err)
	}
	eventually(t, "the presence ran out", func() bool {
		on, err := hub.Online(t.Context(), 42)
		return err == nil && !on
	})
}

func presenceManagerOf(h *Hub, _ *redisServer) *centrifuge.RedisPresenceManager {
	m, err := centrifuge.NewRedisPresenceManager(h.node.Load(), centrifuge.RedisPresenceManagerConfig{Prefix: h.cfg.Prefix, Shards: h.shards, PresenceTTL: presenceTTL})
	if err != nil {
		panic(err)
	}
	return m
}
