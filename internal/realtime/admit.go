package realtime

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/centrifugal/centrifuge"

	"github.com/veridesk/veridesk/internal/desk"
)

// askTimeout bounds one question to the rest of the house (session, teams).
const askTimeout = 5 * time.Second

// agentConn is what a connection of an agent remembers.
type agentConn struct {
	client  *centrifuge.Client
	session desk.ID
	ask     *http.Request // carries the cookie, to ask again

	mu    sync.Mutex
	agent *desk.Agent
}

func (a *agentConn) who() *desk.Agent {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.agent
}

type connKey struct{}

// conn is set by the HTTP handlers: what the upgrade request allows.
type conn struct {
	ask   *http.Request     // nil unless the request is our own page's and has a cookie
	agent *agentConn        // set when the connection is an agent's
	token [sha256.Size]byte // hash of a visitor's token
	fresh string            // that token, while the connection is being made
}

// admit installs the rules on a node.
func (h *Hub) admit(node *centrifuge.Node) {
	node.OnConnecting(func(ctx context.Context, e centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		c, _ := ctx.Value(connKey{}).(*conn)
		if c == nil {
			return centrifuge.ConnectReply{}, centrifuge.DisconnectServerError // not through our handlers
		}
		if e.Token != "" {
			c.ask, c.token, c.fresh = nil, sha256.Sum256([]byte(e.Token)), e.Token
			return h.admitVisitor(e.Token)
		}
		return h.admitAgent(ctx, c)
	})
	node.OnConnect(func(client *centrifuge.Client) {
		// A visitor gets no handlers: publishing, subscribing, presence, history
		// and calls are all refused by centrifuge.
		switch c, _ := client.Context().Value(connKey{}).(*conn); {
		case c == nil:
		case c.agent != nil:
			h.serveAgent(node, client, c.agent)
		case c.fresh != "":
			// Given back in the moment before the hub knew of the connection?
			if _, err := h.cfg.VisitorOf(c.fresh); err != nil {
				client.Disconnect(disconnectSignedOut)
			}
			c.fresh = ""
		}
	})
	node.OnNotification(func(e centrifuge.NotificationEvent) {
		var d dismissal
		if err := json.Unmarshal(e.Data, &d); err != nil {
			h.quiet.warn("an unreadable notice came from another node", "error", err)
			return
		}
		h.dismissHere(d)
	})
}

func (h *Hub) admitVisitor(token string) (centrifuge.ConnectReply, error) {
	contact, err := h.cfg.VisitorOf(token)
	if err != nil || contact <= 0 {
		return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
	}
	var until int64 // seconds
	if h.cfg.VisitorUntil != nil {
		if t := h.cfg.VisitorUntil(token); !t.IsZero() {
			until = t.Unix() + 1
		}
	}
	return centrifuge.ConnectReply{
		Credentials: &centrifuge.Credentials{UserID: contactUser(contact), ExpireAt: until},
		Subscriptions: map[string]centrifuge.SubscribeOptions{
			string(Visitor(contact)): {EmitPresence: true, EmitJoinLeave: true},
		},
		QueueInitialCap: 2,
	}, nil
}

func (h *Hub) admitAgent(ctx context.Context, c *conn) (centrifuge.ConnectReply, error) {
	if c.ask == nil {
		return centrifuge.ConnectReply{}, centrifuge.DisconnectInvalidToken
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	agent, session, teams, err := h.lookUp(ctx, c.ask)
	if err != nil {
		return centrifuge.ConnectReply{}, err
	}
	subs := map[string]centrifuge.SubscribeOptions{
		string(Staff): {EmitPresence: true, EmitJoinLeave: true, PushJoinLeave: true},
	}
	for _, ch := range teams {
		subs[ch] = centrifuge.SubscribeOptions{}
	}
	c.agent = &agentConn{session: session, ask: c.ask, agent: agent}
	return centrifuge.ConnectReply{
		Credentials: &centrifuge.Credentials{
			UserID: agentUser(agent.ID), Info: agentInfo(agent),
			ExpireAt: time.Now().Add(h.cfg.RecheckAgents).Unix() + 1,
		},
		Subscriptions: subs,
	}, nil
}

// lookUp asks who the cookie's owner is now. Its error is the disconnect to
// answer with.
func (h *Hub) lookUp(ctx context.Context, ask *http.Request) (*desk.Agent, desk.ID, []string, error) {
	agent, session, err := h.cfg.AgentOf(ask.WithContext(ctx))
	if err == nil && agent == nil {
		err = desk.Errorf(desk.Unauthorized, "nobody is signed in")
	}
	if err != nil {
		switch desk.CodeOf(err) {
		case desk.Unauthorized, desk.Forbidden, desk.NotFound:
			return nil, 0, nil, centrifuge.DisconnectInvalidToken
		}
		h.quiet.warn("the session of an agent's live connection could not be looked up", "error", err)
		return nil, 0, nil, centrifuge.DisconnectServerError
	}
	channels := []string{}
	if agent.Role.May(desk.ReadConversations) {
		teams, err := h.cfg.TeamsOf(ctx, agent)
		if err != nil {
			h.quiet.warn("the teams of an agent's live connection could not be looked up", "error", err)
			return nil, 0, nil, centrifuge.DisconnectServerError
		}
		channels = append(channels, string(Team(0)))
		for _, t := range teams {
			channels = append(channels, string(Team(t)))
		}
	}
	return agent, session, channels, nil
}

func agentInfo(a *desk.Agent) []byte {
	b, err := json.Marshal(struct {
		ID   desk.ID `json:"id"`
		Name string  `json:"name"`
	}{a.ID, a.Name})
	if err != nil {
		return nil // an ID and a string always encode
	}
	return b
}

// serveAgent gives a connected agent what agents may do: follow contacts and
// conversations, and see who is there.
func (h *Hub) serveAgent(node *centrifuge.Node, client *centrifuge.Client, a *agentConn) {
	a.client = client
	h.mu.Lock()
	h.agents[client.ID()] = a
	h.mu.Unlock()
	client.OnSubscribe(func(e centrifuge.SubscribeEvent, cb centrifuge.SubscribeCallback) {
		go func() { cb(h.subscribeAgent(a, e.Channel)) }() // the answer may need the database
	})
	client.OnPresence(func(e centrifuge.PresenceEvent, cb centrifuge.PresenceCallback) {
		if !client.IsSubscribed(e.Channel) {
			cb(centrifuge.PresenceReply{}, centrifuge.ErrorPermissionDenied)
			return
		}
		cb(centrifuge.PresenceReply{}, nil)
	})
	client.OnPresenceStats(func(e centrifuge.PresenceStatsEvent, cb centrifuge.PresenceStatsCallback) {
		if !client.IsSubscribed(e.Channel) {
			cb(centrifuge.PresenceStatsReply{}, centrifuge.ErrorPermissionDenied)
			return
		}
		cb(centrifuge.PresenceStatsReply{}, nil)
	})
	client.OnRefresh(func(_ centrifuge.RefreshEvent, cb centrifuge.RefreshCallback) {
		go func() { cb(h.recheckAgent(a)) }()
	})
	client.OnDisconnect(func(centrifuge.DisconnectEvent) {
		h.mu.Lock()
		delete(h.agents, client.ID())
		h.mu.Unlock()
		go h.announceAway(node, a.who().ID)
	})
	h.PublishStaff(desk.Event{Type: desk.EventStaff, AgentID: a.who().ID, Name: a.who().Name, Online: true})
}

func (h *Hub) subscribeAgent(a *agentConn, channel string) (centrifuge.SubscribeReply, error) {
	kind, id, ok := parseChannel(channel)
	if !ok || (kind != KindVisitor && kind != KindViewing && kind != KindEditing) {
		return centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	agent := a.who()
	sees, err := h.cfg.MaySee(ctx, agent, kind, id)
	if err != nil && desk.CodeOf(err) != desk.NotFound {
		h.quiet.warn("whether an agent may follow a channel could not be decided", "channel", channel, "error", err)
		return centrifuge.SubscribeReply{}, centrifuge.ErrorInternal
	}
	if !sees || err != nil {
		return centrifuge.SubscribeReply{}, centrifuge.ErrorPermissionDenied
	}
	if kind == KindVisitor {
		return centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{PushJoinLeave: true}}, nil
	}
	return centrifuge.SubscribeReply{Options: centrifuge.SubscribeOptions{
		EmitPresence: true, EmitJoinLeave: true, PushJoinLeave: true, ChannelInfo: agentInfo(agent),
	}}, nil
}

// recheckAgent looks again whether the session lives and what it may see.
func (h *Hub) recheckAgent(a *agentConn) (centrifuge.RefreshReply, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	next := time.Now().Add(h.cfg.RecheckAgents).Unix() + 1
	agent, _, want, err := h.lookUp(ctx, a.ask)
	if errors.Is(err, centrifuge.DisconnectServerError) {
		// The database is away: the connection stands as it was admitted.
		return centrifuge.RefreshReply{ExpireAt: next}, nil
	}
	if err != nil {
		return centrifuge.RefreshReply{}, disconnectSignedOut
	}
	before := a.who()
	if before.Role != agent.Role || !sameTeams(before.Teams, agent.Teams) {
		// What was opened before may not be theirs to see any more.
		return centrifuge.RefreshReply{}, disconnectChanged
	}
	a.mu.Lock()
	a.agent = agent
	a.mu.Unlock()
	for _, ch := range want { // teams that were made since
		if !a.client.IsSubscribed(ch) {
			if err := a.client.Subscribe(ch); err != nil {
				h.quiet.warn("an agent could not be subscribed to a new team", "channel", ch, "error", err)
			}
		}
	}
	return centrifuge.RefreshReply{ExpireAt: next, Info: agentInfo(agent)}, nil
}

func sameTeams(a, b []desk.ID) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// announceAway tells the staff that an agent has left, when no other window or
// device of theirs is connected.
func (h *Hub) announceAway(node *centrifuge.Node, agent desk.ID) {
	if h.node.Load() != node || len(node.Hub().UserConnections(agentUser(agent))) > 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	online, err := h.AgentsOnline(ctx)
	if err != nil || slices.Contains(online, agent) {
		return // staff lists are refreshed by asking; this was only the hint
	}
	h.PublishStaff(desk.Event{Type: desk.EventStaff, AgentID: agent, Online: false})
}

func (h *Hub) dismiss(d dismissal) {
	node := h.node.Load()
	if node == nil {
		return
	}
	h.dismissHere(d)
	if len(h.cfg.Redis) == 0 {
		return
	}
	go func() { // a Redis that hangs must not hold up whoever signs out
		data, err := json.Marshal(d)
		if err == nil {
			err = node.Notify(noticeDismiss, data, "")
		}
		if err != nil {
			h.log.Warn("the other nodes were not told to end an agent's connections; they notice within the recheck interval",
				"recheck", h.cfg.RecheckAgents, "error", err)
		}
	}()
}

const noticeDismiss = "dismiss"

func (h *Hub) dismissHere(d dismissal) {
	h.mu.Lock()
	var out []*agentConn
	for _, a := range h.agents {
		if (d.Session != 0 && a.session == d.Session) || (d.Agent != 0 && a.who().ID == d.Agent) {
			out = append(out, a)
		}
	}
	h.mu.Unlock()
	reason := disconnectChanged
	if d.Session != 0 {
		reason = disconnectSignedOut
	}
	for _, a := range out {
		a.client.Disconnect(reason)
	}
}
