package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/veridesk/veridesk/internal/desk"
)

// DefaultMaxBody bounds request bodies, in bytes.
const DefaultMaxBody = 1 << 20

// DefaultTimeout is how long a request may take: long enough for anything we
// do, and an end to waiting for a database that hangs.
const DefaultTimeout = 30 * time.Second

// Config says how the edge behaves.
type Config struct {
	// PublicURL is where people reach us, such as https://help.example.com. Its
	// scheme decides about Strict-Transport-Security and Secure cookies.
	PublicURL string
	// Sites are further public addresses, of the Help Centers of other entities.
	Sites []string
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix
	// FrameAncestors are the origins that may frame the widget, besides our own.
	FrameAncestors []string
	// MaxBody bounds request bodies in bytes; 0 is [DefaultMaxBody].
	MaxBody int64
	// Uploads are the paths whose bodies may be longer, with how long.
	Uploads map[string]int64
	// Timeout ends the context of a request, except of live connections; 0 is
	// [DefaultTimeout].
	Timeout time.Duration
	// Logger receives the access log and errors; nil is slog.Default().
	Logger *slog.Logger
	// AccessLevel is the level of access log lines (server errors are always
	// logged as errors). The zero value is slog.LevelInfo.
	AccessLevel slog.Level
}

// Edge holds the configuration of the edge. See [New].
type Edge struct {
	cfg      Config
	log      *slog.Logger
	secure   bool
	csrf     *http.CrossOriginProtection
	headers  map[surface]http.Header
	compress func(http.Handler) http.HandlerFunc
}

// New checks cfg and returns the edge.
func New(cfg Config) (*Edge, error) {
	u, err := url.Parse(cfg.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, desk.Errorf(desk.Invalid, "the public address %q is not of the form https://host", cfg.PublicURL)
	}
	e := &Edge{cfg: cfg, log: cfg.Logger, secure: u.Scheme == "https", csrf: http.NewCrossOriginProtection()}
	if e.log == nil {
		e.log = slog.Default()
	}
	if e.cfg.MaxBody <= 0 {
		e.cfg.MaxBody = DefaultMaxBody
	}
	if e.cfg.Timeout <= 0 {
		e.cfg.Timeout = DefaultTimeout
	}
	// Behind a proxy the Host header may not be the public one; Origin is.
	if err := e.csrf.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
		return nil, fmt.Errorf("public address: %w", err)
	}
	public := []*url.URL{u}
	for _, site := range cfg.Sites {
		u, err := url.Parse(site)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return nil, desk.Errorf(desk.Invalid, "the address %q of a help center is not of the form https://host", site)
		}
		if err := e.csrf.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("address of a help center: %w", err)
		}
		public = append(public, u)
	}
	if e.headers, err = surfaceHeaders(public, cfg.FrameAncestors); err != nil {
		return nil, err
	}
	e.compress, err = gzhttp.NewWrapper(gzhttp.MinSize(1400), gzhttp.EnableZstd(false), gzhttp.ContentTypeFilter(compressible))
	if err != nil {
		return nil, fmt.Errorf("compression: %w", err)
	}
	return e, nil
}

// Secure reports whether people reach us over https, so that cookies must be
// Secure.
func (e *Edge) Secure() bool { return e.secure }

// CheckOrigin refuses state-changing requests that a browser sends from another
// site (with code Forbidden). It guards everything that a cookie authenticates;
// requests with a bearer token need no such guard, because no browser adds the
// token by itself.
func (e *Edge) CheckOrigin(r *http.Request) error {
	return desk.Wrap(desk.Forbidden, "cross_origin", e.csrf.Check(r))
}

// Logs reports whether requests that succeed are logged: then every one of them
// has to pass the edge.
func (e *Edge) Logs() bool { return e.log.Enabled(context.Background(), e.cfg.AccessLevel) }

func compressible(contentType string) bool {
	ct, _, _ := strings.Cut(contentType, ";")
	switch ct {
	case "application/json", "application/javascript", "application/xml", "application/rss+xml", "application/manifest+json", "image/svg+xml", "application/openapi+json":
		return true
	}
	return strings.HasPrefix(ct, "text/") && ct != "text/event-stream"
}

// Wrap puts the edge around a handler. It belongs outermost, once.
func (e *Edge) Wrap(next http.Handler) http.Handler {
	serve := e.guarded(next)
	packed := e.compress(serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := e.begin(r)
		h := w.Header()
		h.Set("X-Request-Id", q.id)
		for k, v := range e.headers[surfaceOf(r.URL.Path)] {
			h[k] = v
		}
		ctx := context.WithValue(r.Context(), requestKey{}, q)
		if strings.HasPrefix(r.URL.Path, "/realtime/") { // streams and sockets are nobody's to buffer or to end
			serve(w, r.WithContext(ctx))
			return
		}
		ctx, cancel := context.WithTimeout(ctx, e.cfg.Timeout)
		defer cancel()
		if r.Body != nil && r.Body != http.NoBody {
			// A body that trickles in would hold its connection for ever.
			err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(e.cfg.Timeout))
			if err != nil && !errors.Is(err, http.ErrNotSupported) {
				Logger(ctx).Debug("a request's body has no deadline", "error", err)
			}
		}
		packed.ServeHTTP(w, r.WithContext(ctx))
	})
}

// guarded runs inside the compression, so that a panic is answered before what
// the handler had written so far is sent as if it were whole.
func (e *Edge) guarded(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{ResponseWriter: w}
		defer e.finish(rec, r, time.Now())
		limit := max(e.cfg.MaxBody, e.cfg.Uploads[r.URL.Path])
		if r.ContentLength > limit {
			w.Header().Set("Connection", "close") // the rest is not read
			WriteError(rec, r, desk.Errorf(desk.TooLarge, "body_too_large"))
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = http.MaxBytesReader(rec, r.Body, limit)
		}
		next.ServeHTTP(rec, r)
	}
}

// finish turns a panic into a 500 and writes the access log.
func (e *Edge) finish(rec *recorder, r *http.Request, start time.Time) {
	p := recover()
	if p == http.ErrAbortHandler { //nolint:errorlint // net/http compares it so, too
		panic(p)
	}
	if p != nil {
		err := fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		if rec.status == 0 {
			rec.Header().Del("Content-Encoding")
			WriteError(rec, r, err)
		} else {
			Logger(r.Context()).Error("panic after the answer began", "error", err)
			defer panic(http.ErrAbortHandler) // let the client see a broken answer, not a whole one
		}
	}
	level := e.cfg.AccessLevel
	if !e.log.Enabled(r.Context(), level) {
		return
	}
	// The path only: a query string may hold what somebody typed.
	e.log.LogAttrs(r.Context(), level, "request",
		slog.String("request_id", RequestID(r.Context())), slog.String("method", r.Method), slog.String("path", pathForLog(r.URL.Path)),
		slog.Int("status", rec.code()), slog.Int64("bytes", rec.bytes), slog.Duration("took", time.Since(start)), slog.String("ip", ClientIP(r.Context())))
}

// pathForLog takes one-time tokens and the seals of files out of a path.
func pathForLog(path string) string {
	if rest, ok := strings.CutPrefix(path, "/files/"); ok {
		file, _, _ := strings.Cut(rest, "/")
		return "/files/" + file + "/…"
	}
	for _, before := range []string{"/setup/", "/invitation/"} {
		if i := strings.Index(path, before); i >= 0 {
			return path[:i+len(before)] + "…"
		}
	}
	return path
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

// WriteHeader notes the final status; 1xx ones are on the way.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush sends what is buffered.
func (w *recorder) Flush() {
	if err := http.NewResponseController(w.ResponseWriter).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		slog.Debug("flush", "error", err)
	}
}
