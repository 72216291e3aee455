package realtime

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/centrifugal/centrifuge"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/veridesk/veridesk/internal/desk"
)

// Presence of a client whose node died is forgotten after presenceTTL. Living
// nodes renew it well before, so that one slow answer of Redis hides nobody.
const (
	presenceTTL   = 14 * time.Second
	presenceRenew = 5 * time.Second
	// A single node keeps presence in memory, exact without renewal; the timer
	// then only costs wake-ups.
	presenceRenewMemory = 60 * time.Second
)

// Config says how a Hub runs and whom it admits.
type Config struct {
	// Redis lists the servers over which nodes talk: host:port or redis:// and
	// rediss:// addresses; channels are spread over them. Empty: one node, in memory.
	Redis []string
	// Prefix keeps installations that share a Redis apart; "" is "veridesk".
	Prefix string

	// VisitorOf returns the contact that a connect token stands for. It is
	// called for every connection and must not ask a database.
	VisitorOf func(token string) (desk.ID, error)
	// VisitorUntil returns when a connect token ends by itself, and with it the
	// connection; nil, or the zero time: it does not.
	VisitorUntil func(token string) time.Time
	// AgentOf returns the agent and the session that a request's cookie stands
	// for. An error with code [desk.Unauthorized] or [desk.Forbidden] ends the
	// connection for good; after any other the client tries again. It is asked
	// again with the same cookie every RecheckAgents.
	AgentOf func(*http.Request) (agent *desk.Agent, session desk.ID, err error)
	// TeamsOf returns the teams whose conversations the agent may see.
	TeamsOf func(context.Context, *desk.Agent) ([]desk.ID, error)
	// MaySee reports whether the agent may follow a channel of kind
	// [KindVisitor] (id is a contact), [KindViewing] (id is a conversation) or [KindEditing] (id is an
	// article).
	MaySee func(ctx context.Context, agent *desk.Agent, kind Kind, id desk.ID) (bool, error)

	// Origins are further origins ("https://www.meridian.example") from which
	// visitors may connect. Agents connect from our own origin only.
	Origins []string
	// RecheckAgents is how often an agent's session, role and teams are looked
	// up again; 0 is 30 s. It bounds how long a revoked session can listen when
	// Redis is away.
	RecheckAgents time.Duration
	// PingInterval is how often idle connections are pinged; 0 is 25 s.
	PingInterval time.Duration
	// Probe is how often Redis is asked for a sign of life; 0 is 2 s.
	Probe time.Duration

	Logger  *slog.Logger          // nil is slog.Default()
	Metrics prometheus.Registerer // nil: none
}

// Hub holds the connections of this node. Its methods may be called from many
// goroutines; before [Hub.Start] nothing is delivered and connecting answers 503.
type Hub struct {
	cfg     Config
	log     *slog.Logger
	quiet   *quietLog
	metrics hubMetrics
	origins map[string]bool

	node   atomic.Pointer[centrifuge.Node]
	routes atomic.Pointer[map[string]http.Handler]
	shards []*centrifuge.RedisShard
	sender *sender     // Redis only
	away   atomic.Bool // Redis does not answer

	mu     sync.Mutex
	agents map[string]*agentConn // by client id

	life    sync.Mutex // starting and closing exclude each other
	closed  bool
	stop    context.CancelFunc
	running sync.WaitGroup
}

// New checks cfg and returns a Hub; no connection is made yet.
func New(cfg Config) (*Hub, error) {
	if cfg.VisitorOf == nil || cfg.AgentOf == nil || cfg.TeamsOf == nil || cfg.MaySee == nil {
		return nil, errors.New("realtime: VisitorOf, AgentOf, TeamsOf and MaySee must all be given")
	}
	if cfg.Prefix == "" {
		cfg.Prefix = "veridesk"
	}
	cfg.RecheckAgents = orDefault(cfg.RecheckAgents, 30*time.Second)
	cfg.PingInterval = orDefault(cfg.PingInterval, 25*time.Second)
	cfg.Probe = orDefault(cfg.Probe, 2*time.Second)
	h := &Hub{cfg: cfg, log: cfg.Logger, agents: map[string]*agentConn{}, origins: map[string]bool{}}
	if h.log == nil {
		h.log = slog.Default()
	}
	h.quiet = newQuietLog(h.log, 10*time.Second)
	h.metrics = newHubMetrics(cfg.Metrics)
	for _, o := range cfg.Origins {
		h.origins[strings.ToLower(strings.TrimSuffix(o, "/"))] = true
	}
	return h, nil
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d <= 0 {
		return fallback
	}
	return d
}

// Start begins to serve. With Redis it waits, and says so in the log, until
// Redis answers or ctx ends. An address that cannot be read is an error at once.
func (h *Hub) Start(ctx context.Context) error {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := h.begin(ctx)
		if err == nil || len(h.cfg.Redis) == 0 || desk.CodeOf(err) == desk.Invalid || errors.Is(err, errHubClosed) {
			return err
		}
		h.log.Warn("waiting for Redis: live updates begin when it answers", "redis", h.redisNames(), "error", err)
		select {
		case <-ctx.Done():
			return desk.Wrap(desk.Unavailable, fmt.Sprintf("Redis at %s does not answer; check the address, the password and that it runs", h.redisNames()), errors.Join(ctx.Err(), err))
		case <-time.After(wait):
		}
	}
}

var errHubClosed = fmt.Errorf("live updates were closed before they began: %w", context.Canceled)

// begin is one attempt to start.
func (h *Hub) begin(ctx context.Context) error {
	h.life.Lock()
	defer h.life.Unlock()
	if h.closed {
		return errHubClosed
	}
	if err := h.tryStart(); err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.stop = stop
	if len(h.cfg.Redis) > 0 {
		h.log.Info("live updates run over Redis", "redis", h.redisNames())
		node := h.node.Load()
		h.running.Go(func() { h.watchRedis(run, node) })
	}
	return nil
}

// tryStart makes a node and runs it; a node that failed to run is thrown away,
// because centrifuge's can be run only once.
func (h *Hub) tryStart() (err error) {
	node, err := centrifuge.New(h.nodeConfig())
	if err != nil {
		return fmt.Errorf("realtime node: %w", err)
	}
	shards, err := h.connectRedis(node)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			node.Shutdown(ctx) //nolint:errcheck // it never served
			for _, s := range shards {
				s.Close()
			}
		}
	}()
	if len(shards) > 0 {
		broker, err := centrifuge.NewRedisBroker(node, centrifuge.RedisBrokerConfig{Prefix: h.cfg.Prefix, Shards: shards})
		if err != nil {
			return fmt.Errorf("realtime broker: %w", err)
		}
		presence, err := centrifuge.NewRedisPresenceManager(node, centrifuge.RedisPresenceManagerConfig{
			Prefix: h.cfg.Prefix, Shards: shards, PresenceTTL: presenceTTL,
		})
		if err != nil {
			return fmt.Errorf("realtime presence: %w", err)
		}
		node.SetBroker(broker)
		node.SetPresenceManager(presence)
	}
	h.admit(node)
	if err := node.Run(); err != nil {
		return desk.Wrap(desk.Unavailable, "live updates cannot start", err)
	}
	h.shards = shards
	if len(shards) > 0 {
		h.sender = newSender(h, node)
	}
	h.mount(node)
	h.node.Store(node)
	return nil
}

func (h *Hub) nodeConfig() centrifuge.Config {
	renew := presenceRenewMemory
	if len(h.cfg.Redis) > 0 {
		renew = presenceRenew
	}
	// centrifuge gathers its own metrics once a minute to send them to the other
	// nodes; nobody reads that, so it gets a gatherer with nothing in it.
	return centrifuge.Config{
		LogLevel:                     centrifuge.LogLevelInfo,
		LogHandler:                   h.logCentrifuge,
		ClientPresenceUpdateInterval: renew,
		ClientExpiredCloseDelay:      10 * time.Second,
		ClientStaleCloseDelay:        10 * time.Second,
		ClientChannelLimit:           2048, // an administrator follows every team
		ChannelMaxLength:             64,
		ClientQueueMaxSize:           1 << 20,
		UseSingleFlight:              true,
		Metrics: centrifuge.MetricsConfig{
			MetricsNamespace:         "veridesk_realtime",
			RegistererGatherer:       registererOnly{h.metrics.registry, prometheus.Gatherers{}},
			GetChannelNamespaceLabel: kindLabel,
			// The label is a slice of the name; a cache would cost more and never ends.
			ChannelNamespaceCacheSize: -1,
		},
	}
}

type registererOnly struct {
	prometheus.Registerer
	prometheus.Gatherer
}

// lastWords is how long a closing hub goes on sending what is queued for Redis.
const lastWords = 2 * time.Second

// Close tells every client to reconnect elsewhere, waits for them until ctx
// ends, and stops.
func (h *Hub) Close(ctx context.Context) error {
	h.life.Lock()
	defer h.life.Unlock()
	h.closed = true
	node := h.node.Swap(nil)
	h.routes.Store(nil)
	if node == nil {
		return nil
	}
	h.stop()
	h.running.Wait()
	if h.sender != nil {
		last, cancel := context.WithTimeout(ctx, lastWords)
		h.sender.close(last)
		cancel()
	}
	err := node.Shutdown(ctx)
	for _, s := range h.shards {
		s.Close()
	}
	if err != nil {
		return fmt.Errorf("close live connections: %w", err)
	}
	return nil
}

// Connections returns how many clients are connected to this node.
func (h *Hub) Connections() int {
	node := h.node.Load()
	if node == nil {
		return 0
	}
	return node.Hub().NumClients()
}

// DisconnectAgent ends all connections of an agent, on every node. Clients
// connect again at once and are judged anew: right after a change of role or
// teams, or after a suspension.
func (h *Hub) DisconnectAgent(agent desk.ID) { h.dismiss(dismissal{Agent: agent}) }

// DisconnectSession ends the connections of one session, on every node, for good.
func (h *Hub) DisconnectSession(session desk.ID) { h.dismiss(dismissal{Session: session}) }

// DisconnectVisitor ends the connections of this node that were made with one
// token of a contact, for good: it was given back. hash is the token's SHA-256 in
// hexadecimal digits.
func (h *Hub) DisconnectVisitor(contact desk.ID, hash string) {
	node := h.node.Load()
	if node == nil {
		return
	}
	for _, client := range node.Hub().UserConnections(contactUser(contact)) {
		if c, _ := client.Context().Value(connKey{}).(*conn); c != nil && hex.EncodeToString(c.token[:]) == hash {
			client.Disconnect(disconnectSignedOut)
		}
	}
}

// Reasons for which we end connections. Codes 4000–4499 let the client
// reconnect, 4500–4999 do not.
var (
	disconnectChanged   = centrifuge.Disconnect{Code: 4001, Reason: "permissions changed"}
	disconnectSignedOut = centrifuge.Disconnect{Code: 4501, Reason: "signed out"}
)

// dismissal travels between nodes.
type dismissal struct {
	Agent   desk.ID `json:"agent,omitempty"`
	Session desk.ID `json:"session,omitempty"`
}
