package realtime

import (
	"context"
	"encoding/json"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/veridesk/veridesk/internal/desk"
)

// Publish sends an event to channels. It never waits for Redis and never
// fails: what cannot be delivered is dropped and counted. An event with a
// private note, or with a message that says no visibility, is kept from
// visitors whatever the caller asks.
func (h *Hub) Publish(ev desk.Event, to ...Channel) {
	node := h.node.Load()
	if node == nil {
		return
	}
	var data []byte // encoded once, when somebody will read it
	for _, ch := range to {
		if h.sender == nil && node.Hub().NumSubscribers(string(ch)) == 0 {
			continue
		}
		if ev.Message != nil && ev.Message.Visibility != desk.Public && kindLabel(string(ch)) == string(KindVisitor) {
			h.log.Error("a message that is not public was about to be sent to a visitor; it was not", "channel", string(ch), "message", ev.Message.ID)
			continue
		}
		if data == nil {
			var err error
			if data, err = json.Marshal(&ev); err != nil {
				h.log.Error("an event could not be encoded", "type", ev.Type, "error", err)
				return
			}
		}
		if h.sender != nil {
			h.sender.send(string(ch), data)
			continue
		}
		if _, err := node.Publish(string(ch), data); err != nil {
			h.quiet.warn("an event could not be delivered", "channel", kindLabel(string(ch)), "error", err)
		}
	}
}

// PublishVisitor sends an event to a contact and to the agents who follow it.
func (h *Hub) PublishVisitor(contact desk.ID, ev desk.Event) { h.Publish(ev, Visitor(contact)) }

// PublishTeam sends an event to the agents who see a team (zero: no team).
func (h *Hub) PublishTeam(team desk.ID, ev desk.Event) { h.Publish(ev, Team(team)) }

// PublishStaff sends an event to every agent.
func (h *Hub) PublishStaff(ev desk.Event) { h.Publish(ev, Staff) }

// Online reports whether the contact is connected to any node.
func (h *Hub) Online(ctx context.Context, contact desk.ID) (bool, error) {
	node := h.node.Load()
	if node == nil {
		return false, errNotRunning
	}
	if len(node.Hub().UserConnections(contactUser(contact))) > 0 {
		return true, nil // on this very node: no need to ask
	}
	if len(h.cfg.Redis) == 0 {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, presenceWait)
	defer cancel()
	stats, err := within(ctx, func() (centrifuge.PresenceStatsResult, error) { return node.PresenceStats(string(Visitor(contact))) })
	return stats.NumClients > 0, err
}

// AgentsOnline lists the agents connected to any node, by id.
func (h *Hub) AgentsOnline(ctx context.Context) ([]desk.ID, error) {
	node := h.node.Load()
	if node == nil {
		return nil, errNotRunning
	}
	ctx, cancel := context.WithTimeout(ctx, presenceWait)
	defer cancel()
	res, err := within(ctx, func() (centrifuge.PresenceResult, error) { return node.Presence(string(Staff)) })
	if err != nil {
		return nil, err
	}
	ids := []desk.ID{}
	for _, info := range res.Presence {
		if id := agentOfUser(info.UserID); id != 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// presenceWait bounds what presence may cost a page: a Redis that hangs makes
// people look offline, it does not hold up who asks.
const presenceWait = time.Second

var errNotRunning = desk.Errorf(desk.Unavailable, "live updates are not running")

// within runs a question to Redis, which takes no context, and stops waiting
// for it when ctx ends.
func within[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	ch := make(chan answer, 1)
	go func() {
		v, err := ask()
		ch <- answer{v, err}
	}()
	select {
	case a := <-ch:
		return a.v, desk.Wrap(desk.Unavailable, "presence is not known just now", a.err)
	case <-ctx.Done():
		var zero T
		return zero, desk.Wrap(desk.Unavailable, "presence is not known just now", ctx.Err())
	}
}

// sender carries publications to Redis behind the writers' backs: a few workers,
// each with a bounded queue; a channel always goes to the same worker, which
// keeps its order. Redis commands of different workers share round trips.
type sender struct {
	h      *Hub
	node   *centrifuge.Node
	seed   maphash.Seed
	queues [8]chan publication
	done   sync.WaitGroup
	giveUp atomic.Bool // what is still queued is dropped

	mu     sync.RWMutex // closing excludes sending
	closed bool
}

type publication struct {
	channel string
	data    []byte
}

const senderQueue = 1024

func newSender(h *Hub, node *centrifuge.Node) *sender {
	s := &sender{h: h, node: node, seed: maphash.MakeSeed()}
	for i := range s.queues {
		q := make(chan publication, senderQueue)
		s.queues[i] = q
		s.done.Go(func() {
			for p := range q {
				if !s.giveUp.Load() {
					s.publish(p)
				}
			}
		})
	}
	return s
}

func (s *sender) send(channel string, data []byte) {
	q := s.queues[maphash.String(s.seed, channel)%uint64(len(s.queues))]
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return // the clients are being sent elsewhere and will ask for what they missed
	}
	select {
	case q <- publication{channel, data}:
	default:
		s.h.metrics.dropped.Inc()
		s.h.metrics.missed.Store(true) // the next sign of life from Redis has everybody ask
		s.h.quiet.warn("Redis is slower than the desk: events were dropped, clients will ask for them")
	}
}

func (s *sender) publish(p publication) {
	if s.h.away.Load() {
		// A Redis that hangs would hold up every event for the length of a timeout.
		s.h.metrics.missed.Store(true)
	} else if _, err := s.node.Publish(p.channel, p.data); err == nil {
		return
	} else {
		s.h.redisTrouble(err)
	}
	// The people on this node need not suffer: they get it directly. Should
	// Redis have taken it after all they see it twice, which clients expect.
	if err := s.node.Hub().BroadcastPublication(p.channel, &centrifuge.Publication{Data: p.data, Time: time.Now().UnixMilli()}, centrifuge.StreamPosition{}); err != nil {
		s.h.quiet.warn("an event could not be delivered on this node", "error", err)
	}
}

// close waits until what is queued has been sent, or ctx ends; the rest is
// dropped then.
func (s *sender) close(ctx context.Context) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	for _, q := range s.queues {
		close(q)
	}
	sent := make(chan struct{})
	go func() {
		s.done.Wait()
		close(sent)
	}()
	select {
	case <-sent:
	case <-ctx.Done():
		s.giveUp.Store(true) // the clients ask for it when they are back
	}
}
