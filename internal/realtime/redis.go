package realtime

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/veridesk/veridesk/internal/desk"
)

func (h *Hub) connectRedis(node *centrifuge.Node) (shards []*centrifuge.RedisShard, err error) {
	for _, address := range h.cfg.Redis {
		s, err := centrifuge.NewRedisShard(node, centrifuge.RedisShardConfig{
			Address: address, ClientName: "veridesk", ConnectTimeout: 2 * time.Second, IOTimeout: 3 * time.Second,
		})
		if err != nil {
			for _, open := range shards {
				open.Close()
			}
			if strings.Contains(err.Error(), "error processing Redis address") {
				return nil, desk.Wrap(desk.Invalid, fmt.Sprintf("the Redis address %q cannot be read; write host:port or redis://user:password@host:port/0", redactAddress(address)), err)
			}
			return nil, desk.Wrap(desk.Unavailable, "Redis does not answer", err)
		}
		shards = append(shards, s)
	}
	return shards, nil
}

// redisNames are the addresses without passwords.
func (h *Hub) redisNames() string {
	names := make([]string, len(h.cfg.Redis))
	for i, a := range h.cfg.Redis {
		names[i] = redactAddress(a)
	}
	return strings.Join(names, ", ")
}

func redactAddress(address string) string {
	if !strings.Contains(address, "://") {
		if i := strings.LastIndexByte(address, '@'); i >= 0 {
			return address[i+1:]
		}
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "(unreadable address)"
	}
	return u.Host
}

// redisTrouble notes that something did not reach Redis; watchRedis brings the
// clients up to date when it is back.
func (h *Hub) redisTrouble(err error) {
	h.metrics.redisErrors.Inc()
	h.metrics.missed.Store(true)
	h.quiet.warn("Redis did not take an event; people on this node got it, other nodes poll", "error", err)
}

// watchRedis asks Redis for a sign of life. When it comes back after trouble,
// everyone connected here is told to ask for what they missed: while Redis was
// away nothing reached them from other nodes, and they could not know.
func (h *Hub) watchRedis(ctx context.Context, node *centrifuge.Node) {
	tick := time.NewTicker(h.cfg.Probe)
	defer tick.Stop()
	up := true
	h.metrics.redisUp.Set(1)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		probe, cancel := context.WithTimeout(ctx, 3*time.Second)
		_, err := within(probe, func() (centrifuge.PresenceStatsResult, error) { return node.PresenceStats("probe") })
		cancel()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			h.metrics.missed.Store(true)
			h.away.Store(true)
			if up {
				h.log.Error("Redis is away: live updates reach only people on the same node, the others poll", "redis", h.redisNames(), "error", err)
				h.metrics.redisUp.Set(0)
			}
			up = false
			continue
		}
		h.away.Store(false)
		if !up {
			h.log.Info("Redis is back", "redis", h.redisNames())
			h.metrics.redisUp.Set(1)
			up = true
			continue // the broker subscribes again meanwhile; one round later it is done
		}
		if h.metrics.missed.Swap(false) {
			h.resync(node)
		}
	}
}

func (h *Hub) resync(node *centrifuge.Node) {
	data := []byte(`{"type":"` + desk.EventResync + `"}`)
	for _, ch := range node.Hub().Channels() {
		if err := node.Hub().BroadcastPublication(ch, &centrifuge.Publication{Data: data}, centrifuge.StreamPosition{}); err != nil {
			h.quiet.warn("clients could not be told to resynchronise", "error", err)
		}
	}
}
