package realtime

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/centrifugal/centrifuge"
)

// Paths of the transports, most capable first.
const (
	PathWebSocket  = "/realtime/websocket"
	PathHTTPStream = "/realtime/http_stream"
	PathSSE        = "/realtime/sse"
	PathEmulation  = "/realtime/emulation" // client to server, for the two before
)

// maxCommandBytes is the longest frame a client may send: a connect command
// with a token and some subscriptions.
const maxCommandBytes = 16 << 10

// Register adds the transports to mux. They need a ResponseWriter that still is
// an http.Hijacker and http.Flusher: middleware that wraps it must keep both.
func (h *Hub) Register(mux *http.ServeMux) {
	for _, path := range []string{PathWebSocket, PathHTTPStream, PathSSE, PathEmulation} {
		mux.Handle(path, h)
	}
}

// mount makes the transports of a running node.
func (h *Hub) mount(node *centrifuge.Node) {
	ping := centrifuge.PingPongConfig{PingInterval: h.cfg.PingInterval, PongTimeout: min(10*time.Second, h.cfg.PingInterval/2)}
	h.routes.Store(&map[string]http.Handler{
		// Small buffers: most connections are idle, and what clients send is
		// short. Written frames borrow a buffer from a pool.
		PathWebSocket: centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
			CheckOrigin:        func(*http.Request) bool { return true }, // ServeHTTP has judged it
			ReadBufferSize:     256,
			UseWriteBufferPool: true,
			MessageSizeLimit:   maxCommandBytes,
			WriteTimeout:       5 * time.Second,
			PingPongConfig:     ping,
		}),
		PathHTTPStream: centrifuge.NewHTTPStreamHandler(node, centrifuge.HTTPStreamConfig{PingPongConfig: ping, MaxRequestBodySize: maxCommandBytes}),
		PathSSE:        centrifuge.NewSSEHandler(node, centrifuge.SSEConfig{PingPongConfig: ping, MaxRequestBodySize: maxCommandBytes}),
		PathEmulation:  centrifuge.NewEmulationHandler(node, centrifuge.EmulationConfig{MaxRequestBodySize: maxCommandBytes}),
	})
}

// ServeHTTP serves the four transports by path. Foreign origins get 403, and
// 503 says that live updates are not running (yet, or any more): clients poll.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	routes := h.routes.Load()
	if routes == nil {
		w.Header().Set("Retry-After", "2")
		http.Error(w, "live updates are not running", http.StatusServiceUnavailable)
		return
	}
	handler, ok := (*routes)[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	own := ownOrigin(r)
	origin := r.Header.Get("Origin")
	if origin != "" && !own {
		if !h.origins[strings.ToLower(origin)] {
			h.metrics.refused.WithLabelValues("origin").Inc()
			http.Error(w, "this origin may not connect", http.StatusForbidden)
			return
		}
		// Visitors connect with a token, never with a cookie: no credentials.
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
		w.Header().Add("Vary", "Origin")
	}
	c := &conn{}
	if own && r.Header.Get("Cookie") != "" {
		c.ask = cookieOnly(r)
	}
	handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), connKey{}, c)))
}

// ownOrigin reports whether the request certainly comes from a page of this
// host: only then may its cookie speak. Browsers send Origin with every
// WebSocket and POST; with a same-origin GET (SSE) they send Sec-Fetch-Site.
func ownOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return r.Header.Get("Sec-Fetch-Site") == "same-origin"
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return false
	}
	if r.TLS != nil && u.Scheme != "https" {
		return false
	}
	return strings.EqualFold(u.Host, r.Host)
}

// cookieOnly keeps of a request what AgentOf needs, so that a connection does
// not hold the whole of it for hours.
func cookieOnly(r *http.Request) *http.Request {
	kept := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: r.URL.Path}, Host: r.Host, RemoteAddr: r.RemoteAddr, Header: http.Header{}, TLS: r.TLS}
	for _, name := range []string{"Cookie", "User-Agent", "X-Forwarded-For", "X-Forwarded-Proto"} {
		if v, ok := r.Header[name]; ok {
			kept.Header[name] = v
		}
	}
	return kept
}
