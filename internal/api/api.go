package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/insight"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

// prefix is where the routes of the table begin.
const prefix = "/api/v1"

// maxBody bounds a request body in bytes: 8,000 characters, each escaped as
// \uXXXX twice over, and room for the rest.
const maxBody = 256 << 10

// Deps is what the API calls.
type Deps struct {
	Edge  *web.Edge
	Store *store.Store
	Staff *staff.Staff
	// MailSent says that a mail server is configured; otherwise whoever invites
	// somebody gets the link to hand on.
	MailSent bool
	// Online lists the agents with a live connection; nil means nobody is.
	Online func(ctx context.Context) ([]desk.ID, error)
	// VisitorFrom puts the visitor that a bearer token names into the context,
	// or returns an Unauthorized error. The routes of visitors need it.
	VisitorFrom func(ctx context.Context, bearer string) (context.Context, error)
	// Version is shown in the OpenAPI description.
	Version string

	Conversations // what the conversation routes need
	Articles      // what the article routes need

	Widget Widget // what the widget is told about the desk

	Insight       *insight.Insight
	Announcements *announce.Center
	Official      *official.Registry
}

// API is the JSON API. Its handlers are methods, in a file per resource.
type API struct {
	Deps
	huma  huma.API
	paces *paces

	piecePatience time.Duration // changed by tests
}

// New returns the API; [API.Register] mounts it.
func New(d Deps) *API {
	if d.Version == "" {
		d.Version = "dev"
	}
	return &API{Deps: d, paces: newPaces(), piecePatience: piecePatience}
}

// Register mounts every route of the table, /api/openapi.json and a fallback
// for unknown addresses under /api/ on mux.
func (a *API) Register(mux *http.ServeMux) {
	cfg := huma.DefaultConfig("Veridesk", a.Version)
	cfg.CreateHooks = nil // no $schema links in answers
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "/api/openapi", "", ""
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: staff.CookieName},
		"visitor": {Type: "http", Scheme: "bearer"},
	}
	a.huma = humago.New(mux, cfg)
	for _, r := range a.Routes() {
		r.mount(a)
	}
	mux.HandleFunc("GET /files/{id}/{seal}/{name}", a.serveFile)
	mux.HandleFunc("/api/", web.NotFound)
}

// OpenAPI returns the description of the API as JSON, after [API.Register].
func (a *API) OpenAPI() ([]byte, error) { return a.huma.OpenAPI().MarshalJSON() }

// Access says who may call a route: one of the values below, or a
// desk.Permission.
type Access string

// Who may call a route, besides those who have a permission.
const (
	Public   Access = "public"                    // everybody; nobody is looked up
	Entrance Access = "entrance"                  // everybody; the session that the browser has, if any, is looked up
	Halfway  Access = "second step of signing in" // a session of any level
	SignedIn Access = "signed in"                 // every agent
	Guest    Access = "visitor, or nobody yet"    // a bearer token may name a visitor; cookies are not looked at
	Visitor  Access = "visitor"                   // a bearer token names a visitor; cookies are not looked at
	Badge    Access = "visitor, or the exchange"  // Visitor, or the exchange's own token about a customer
)

// Route is a line of the table.
type Route struct {
	Method string
	Path   string // after /api/v1
	Who    Access
	mount  func(*API)
}

// route makes a line of the table. who is an [Access] or a desk.Permission; the
// handler runs only for callers that it allows. Options change the operation,
// see status.
func route[W ~string, I, O any](method, path string, who W, handler func(context.Context, *I) (*O, error), options ...func(*huma.Operation)) Route {
	access := Access(who)
	return Route{Method: method, Path: path, Who: access, mount: func(a *API) {
		op := huma.Operation{
			OperationID:  huma.GenerateOperationID(method, path, new(O)),
			Method:       method,
			Path:         prefix + path,
			Tags:         []string{strings.SplitN(strings.TrimPrefix(path, "/"), "/", 2)[0]},
			Description:  "Allowed for: " + string(access),
			MaxBodyBytes: maxBody,
			Security:     access.security(),
			Middlewares:  huma.Middlewares{a.admit(access)},
		}
		for _, o := range options {
			o(&op)
		}
		huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
			out, err := handler(ctx, in)
			if err != nil {
				return nil, failed(ctx, err)
			}
			return out, nil
		})
	}}
}

// status sets the status of success, when it is not 200 (with a body) or 204.
func status(code int) func(*huma.Operation) {
	return func(op *huma.Operation) { op.DefaultStatus = code }
}

func (w Access) security() []map[string][]string {
	switch w {
	case Public, Entrance:
		return nil
	case Guest, Visitor, Badge:
		return []map[string][]string{{"visitor": {}}}
	}
	return []map[string][]string{{"session": {}}}
}

// admit lets a request through to a route or answers it.
func (a *API) admit(who Access) func(huma.Context, func(huma.Context)) {
	return func(hc huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(hc)
		ctx, err := a.allow(r, who)
		if err != nil {
			web.WriteError(w, r, err)
			return
		}
		next(huma.WithContext(hc, ctx))
	}
}

// allow is the one place that decides who may call a route. It returns the
// context with the caller in it.
func (a *API) allow(r *http.Request, who Access) (context.Context, error) {
	ctx := r.Context()
	if who == Visitor || who == Guest || who == Badge {
		bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		switch {
		case ok && bearer != "" && who == Badge:
			return a.badgeFrom(ctx, bearer)
		case ok && bearer != "":
			return a.VisitorFrom(ctx, bearer)
		case who == Guest:
			return ctx, nil
		}
		return nil, desk.Errorf(desk.Unauthorized, "unauthorized")
	}
	// A cookie speaks for the browser, not for the page that sends the request.
	if err := a.Edge.CheckOrigin(r); err != nil {
		return nil, err
	}
	if who == Public {
		return ctx, nil
	}
	caller := &caller{client: staff.Client{IP: web.ClientIP(ctx), UserAgent: r.UserAgent()}}
	var err error
	caller.session, err = a.sessionOf(r, caller.client)
	ctx = context.WithValue(ctx, callerKey{}, caller)
	switch {
	case who == Entrance && (err == nil || desk.CodeOf(err) == desk.Unauthorized):
		return ctx, nil
	case err != nil:
		return nil, err
	case who == Halfway:
		return ctx, nil
	case caller.session.Level != staff.LevelFull:
		return nil, desk.Errorf(desk.Unauthorized, "totp_due")
	case who == SignedIn:
		return ctx, nil
	case !caller.session.Agent.Role.May(desk.Permission(who)):
		return nil, desk.Errorf(desk.Forbidden, "forbidden")
	}
	return ctx, nil
}

func (a *API) sessionOf(r *http.Request, from staff.Client) (*staff.Session, error) {
	c, err := r.Cookie(staff.CookieName)
	if err != nil {
		return nil, desk.Errorf(desk.Unauthorized, "unauthorized")
	}
	return a.Staff.Session(r.Context(), c.Value, from)
}

// caller is who called a route.
type caller struct {
	session *staff.Session // nil at an entrance
	client  staff.Client
}

type callerKey struct{}

func callerFrom(ctx context.Context) *caller {
	if c, ok := ctx.Value(callerKey{}).(*caller); ok {
		return c
	}
	return &caller{}
}

// SessionFrom returns the session that calls; nil on public routes.
func SessionFrom(ctx context.Context) *staff.Session { return callerFrom(ctx).session }

// AgentFrom returns the agent who calls; nil on public routes. It is shared:
// read it, do not change it.
func AgentFrom(ctx context.Context) *desk.Agent {
	if s := SessionFrom(ctx); s != nil {
		return s.Agent
	}
	return nil
}

// ActorFrom returns the agent who calls, for the audit log.
func ActorFrom(ctx context.Context) store.Actor {
	if s := SessionFrom(ctx); s != nil {
		return s.Actor()
	}
	return store.Actor{Kind: desk.BySystem, IP: web.ClientIP(ctx)}
}

// IDParam is an identifier in a path or a query.
type IDParam struct{ desk.ID }

// byID is the input of routes that only name a thing.
type byID struct {
	ID IDParam `path:"id"`
}

// nothing is the input of routes that take none, and the output of those that
// answer 204.
type nothing struct{}

func answered[T any](out T, err error) (*body[T], error) {
	if err != nil {
		return nil, err
	}
	return &body[T]{out}, nil
}

func (a *API) online(ctx context.Context) ([]desk.ID, error) {
	if a.Online == nil {
		return nil, nil
	}
	return a.Online(ctx)
}
