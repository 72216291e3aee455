package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"os"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"

	"github.com/veridesk/veridesk/content"
	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/api"
	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/customer"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/insight"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/mailout"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/realtime"
	"github.com/veridesk/veridesk/internal/site"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
	"github.com/veridesk/veridesk/internal/web"
)

// Options are what a command passes on besides the configuration.
type Options struct {
	Version string
	Stdout  io.Writer // what people read: addresses, sign-ins, the setup link
	Stderr  io.Writer // the log
}

// app is the running house: every part, in the order in which they are opened.
type app struct {
	cfg     config.Config
	opts    Options
	log     *slog.Logger
	metrics *prometheus.Registry

	vault    *vault.Vault
	store    *store.Store
	blobs    blob.Store
	index    *store.MessageIndex
	hub      *realtime.Hub
	jobs     *jobs.Runner
	staff    *staff.Staff
	visitors *customer.Visitors
	inbox    *inbox.Inbox
	files    *inbox.Files
	scanner  *blob.Scanner // nil: files are not scanned
	chat     *chat.Chat
	help     *helpcenter.Center
	official *official.Registry
	announce *announce.Center
	edge     *web.Edge
	site     *site.Site
	api      *api.API
	health   *health

	demoAddress string // of the demo exchange, when it runs

	closers []func() error // run last to first
}

// Run serves until ctx ends, then lets go of everything: clients are told to
// reconnect elsewhere, requests finish, jobs give their leases back. The error
// says what could not be opened and how to mend it.
func Run(ctx context.Context, cfg config.Config, opts Options) (err error) {
	a := &app{cfg: cfg, opts: opts, log: newLogger(cfg, opts.Stderr), metrics: prometheus.NewRegistry()}
	slog.SetDefault(a.log)
	defer func() { err = errors.Join(err, a.close()) }()
	go guard.Preload() // the word lists, before the first message needs them
	listener, demo, err := a.listen(ctx)
	if err != nil {
		return err
	}
	if err := a.open(ctx); err != nil {
		return err
	}
	return a.serve(ctx, listener, demo)
}

func newLogger(cfg config.Config, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.LogLevel()}
	var h slog.Handler = slog.NewTextHandler(w, opts)
	if cfg.Log.Format == "json" {
		h = slog.NewJSONHandler(w, opts)
	}
	return slog.New(web.NewMaskingHandler(h, func(s string) string { return guard.Redact(s, guard.Scan(s), "en") }))
}

// listen takes the addresses before anything else: an address in use is the
// most common mistake and should not cost a migration first.
func (a *app) listen(ctx context.Context) (main, demo net.Listener, err error) {
	var lc net.ListenConfig
	main, err = lc.Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return nil, nil, desk.Wrap(desk.Unavailable, fmt.Sprintf("cannot listen on %s; is another program using the address? set listen or VERIDESK_LISTEN to another one", a.cfg.Listen), err)
	}
	a.defers(func() error { return ignoreClosed(main.Close()) })
	if a.cfg.Demo {
		demo, err = lc.Listen(ctx, "tcp", a.cfg.DemoListen)
		if err != nil {
			return nil, nil, desk.Wrap(desk.Unavailable, fmt.Sprintf("cannot listen on %s for the demo exchange; set demo_listen or VERIDESK_DEMO_LISTEN to another address", a.cfg.DemoListen), err)
		}
		a.defers(func() error { return ignoreClosed(demo.Close()) })
		a.demoAddress = demo.Addr().String()
	}
	return main, demo, nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (a *app) defers(f func() error) { a.closers = append(a.closers, f) }

func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	return errors.Join(errs...)
}

// open opens everything the configuration names, in order of dependence.
func (a *app) open(ctx context.Context) error {
	a.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, step := range []func(context.Context) error{
		a.openStore, a.openVault, a.openBlobs, a.openVisitors, a.openRealtime, a.openInbox, a.openStaff, a.openFiles, a.openChat, a.openOfficial, a.openHelpCenter, a.openEdge,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) openStore(ctx context.Context) (err error) {
	a.store, err = store.Open(ctx, store.Config{URL: a.cfg.Database, Exclusive: true})
	if err != nil {
		return err
	}
	a.defers(a.store.Close)
	if _, err := a.store.Migrate(ctx); err != nil {
		return err
	}
	if err := a.store.Start(ctx); err != nil {
		return err
	}
	a.index, err = store.OpenMessageIndex(ctx, a.store, a.log)
	if err != nil {
		return err
	}
	a.defers(a.index.Close)
	return nil
}

func (a *app) openVault(ctx context.Context) error {
	// A new installation on PostgreSQL has no data folder yet, where the key goes.
	if err := os.MkdirAll(a.cfg.Data, 0o700); err != nil {
		return desk.Wrap(desk.Unavailable, fmt.Sprintf("the data folder %s cannot be made; set data or VERIDESK_DATA to another one", a.cfg.Data), err)
	}
	v, err := vault.Open(vault.Source{Value: a.cfg.MasterKey, File: a.cfg.MasterKeyFile, Create: true})
	if err != nil {
		return err
	}
	for _, w := range v.Warnings() {
		a.log.Warn(w)
	}
	a.vault = v
	return a.store.Write(ctx, func(tx *store.Tx) error {
		known, err := tx.MetaOnce(store.MetaMasterKey, []byte(v.KeyID()))
		if err != nil {
			return err
		}
		if !v.Holds(string(known)) {
			return desk.Errorf(desk.Conflict, "this database was made with another master key (%s, given is %s); what it protects could not be read. Give the right key by master_key_file or VERIDESK_MASTER_KEY", known, v.KeyID())
		}
		return tx.SetMeta(store.MetaMasterKey, []byte(v.KeyID())) // after a rotation the new key counts
	})
}

func (a *app) openBlobs(ctx context.Context) (err error) {
	if a.cfg.Blob == "s3" {
		a.blobs, err = blob.OpenS3(ctx, blob.S3Config{
			Endpoint: a.cfg.S3.Endpoint, Bucket: a.cfg.S3.Bucket, Region: a.cfg.S3.Region, AccessKey: a.cfg.S3.AccessKey,
			SecretKey: a.cfg.S3.SecretKey, Prefix: a.cfg.S3.Prefix, Insecure: !a.cfg.S3.TLS,
		})
	} else {
		a.blobs, err = blob.OpenDisk(a.cfg.BlobDir())
	}
	return err
}

func (a *app) openRealtime(ctx context.Context) (err error) {
	cfg := realtime.Config{
		VisitorOf: a.visitors.ContactOf, VisitorUntil: a.visitors.Until,
		AgentOf: func(r *http.Request) (*desk.Agent, desk.ID, error) { return a.staff.Authenticate(r) },
		TeamsOf: a.teamsOf,
		MaySee:  a.maySee,
		Origins: a.cfg.EmbedOrigins(),
		Logger:  a.log, Metrics: a.metrics,
	}
	if a.cfg.Redis != "" {
		cfg.Redis = []string{a.cfg.Redis}
	}
	a.hub, err = realtime.New(cfg)
	return err
}

func (a *app) openInbox(context.Context) error {
	a.inbox = inbox.New(a.store, a.hub, a.index, a.log)
	return nil
}

func (a *app) openStaff(ctx context.Context) (err error) {
	a.jobs = jobs.NewRunner(a.store, jobs.Config{Logger: a.log, Metrics: a.metrics})
	mailer, err := mailout.New(mailout.Config{
		Host: a.cfg.SMTP.Host, Port: a.cfg.SMTP.Port, Security: mailout.Security(a.cfg.SMTP.TLS), Username: a.cfg.SMTP.Username,
		Password: a.cfg.SMTP.Password, From: a.sender(), Brand: a.brand().Names,
	})
	if err != nil {
		return err
	}
	mailer.Register(a.jobs)
	a.staff, err = staff.New(staff.Config{
		Store: a.store, Vault: a.vault, PublicURL: a.cfg.PublicURL, Brand: a.cfg.Brand.NameEN, EnqueueMail: mailout.Enqueue,
		SessionsEnded: func(ids []desk.ID) {
			for _, id := range ids {
				a.hub.DisconnectSession(id)
			}
		},
		AgentChanged: a.hub.DisconnectAgent, Logger: a.log,
	})
	if err != nil {
		return err
	}
	const prune = "staff.prune"
	a.jobs.Register(prune, func(ctx context.Context, _ jobs.Job) (jobs.Effect, error) {
		_, err := a.staff.Prune(ctx)
		return nil, err
	})
	a.jobs.Every(prune, time.Hour, prune)
	a.pruneVisitors()
	a.pruneQueue()
	return nil
}

// sender is who mails come from: as configured, or the brand's public address.
func (a *app) sender() string {
	if a.cfg.SMTP.From != "" {
		return a.cfg.SMTP.From
	}
	return (&mail.Address{Name: a.cfg.Brand.NameEN, Address: a.cfg.Brand.Email}).String()
}

func (a *app) openEdge(context.Context) (err error) {
	a.edge, err = web.New(web.Config{
		PublicURL: a.cfg.PublicURL, Sites: a.siteURLs(), TrustedProxies: a.cfg.ProxyNetworks(), FrameAncestors: a.cfg.EmbedOrigins(), Uploads: api.Uploads(), Logger: a.log, AccessLevel: slog.LevelDebug,
	})
	a.api = api.New(api.Deps{
		Edge: a.edge, Store: a.store, Staff: a.staff, Online: a.hub.AgentsOnline, MailSent: a.cfg.SMTP.Host != "" || a.cfg.Demo, VisitorFrom: api.VisitorFrom(a.visitors), Version: a.opts.Version,
		Conversations: api.Conversations{
			Inbox: a.inbox, Files: a.files, Index: a.index, Visitors: a.visitors, ContactOnline: a.hub.Online, Brand: a.brand(), PublicURL: a.cfg.PublicURL, Demo: a.cfg.Demo,
		},
		Articles: api.Articles{HelpCenter: a.help}, Widget: a.widget(),
		Insight: insight.New(a.store), Announcements: a.announce, Official: a.official,
	})
	a.health = &health{checks: []check{
		{"database", true, a.store.Ping},
		{"files", false, a.blobs.Check},
		{"realtime", false, func(ctx context.Context) error { _, err := a.hub.AgentsOnline(ctx); return err }},
	}}
	a.health.checks = append(a.health.checks, a.scannerCheck()...)
	return err
}

func (a *app) brand() desk.Brand {
	return desk.Brand{
		Names:       map[string]string{"en": a.cfg.Brand.NameEN, "zh-CN": a.cfg.Brand.NameZH},
		ExchangeURL: a.cfg.Brand.ExchangeURL, PrivacyURL: a.cfg.Brand.PrivacyURL, Email: a.cfg.Brand.Email,
	}
}

// handler is the whole surface of the node.
func (a *app) handler(ready func() bool) http.Handler {
	mux := http.NewServeMux()
	assets := web.NewAssets(nil)
	assets.Register(mux)
	a.api.Register(mux)
	a.hub.Register(mux)
	a.site = site.New(site.Deps{
		Store: a.store, HelpCenter: a.help, Announce: a.announce, Official: a.official, Edge: a.edge, Assets: assets, Brand: a.brand(),
		PublicURL: a.cfg.PublicURL, Sites: a.tenants(), Demo: a.cfg.Demo, Logger: a.log, Metrics: a.metrics,
	})
	a.site.Register(mux)
	mux.HandleFunc("GET /healthz", a.health.serveHealth)
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !ready() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		io.WriteString(w, "ready\n") //nolint:errcheck // the caller has gone
	})
	mux.Handle("GET /metrics", guardMetrics(a.cfg.MetricsToken, a.cfg.PublicURL, promhttp.HandlerFor(a.metrics, promhttp.HandlerOpts{})))
	return a.edge.Wrap(mux)
}

// serve runs the servers and background work until ctx ends or one of them
// fails.
func (a *app) serve(ctx context.Context, main, demo net.Listener) error {
	run, stop := context.WithCancel(ctx)
	defer stop()
	g, run := errgroup.WithContext(run)
	started := make(chan struct{})
	ready := func() bool {
		select {
		case <-started:
			return run.Err() == nil
		default:
			return false
		}
	}
	server := newServer(a.handler(ready), a.log)
	if !a.edge.Logs() { // an access log has to see every request
		main = web.NewFront(main, a.site.Find, a.log)
	}
	servers := []*http.Server{server}
	g.Go(func() error { return serveUntilClosed(server, main) })
	if demo != nil {
		page, err := site.DemoExchange(a.cfg.PublicURL)
		if err != nil {
			return err
		}
		exchange := newServer(page, a.log)
		servers = append(servers, exchange)
		g.Go(func() error { return serveUntilClosed(exchange, demo) })
	}
	g.Go(func() error { // waits for Redis when there is one; people are served meanwhile
		err := a.hub.Start(run)
		if errors.Is(err, context.Canceled) {
			return nil
		}
		return err
	})
	g.Go(func() error { a.visitors.Run(run); return nil })
	g.Go(func() error { a.inbox.RunQueue(run); return nil })
	g.Go(func() error { a.help.Run(run); return nil })
	g.Go(func() error { a.official.Run(run); return nil })
	g.Go(func() error { a.announce.Run(run); return nil })
	g.Go(func() error {
		<-run.Done()
		return a.shutdown(servers)
	})
	g.Go(func() error { // people read the help center while this is done
		if err := a.begin(run); err != nil {
			return err
		}
		if err := a.greet(run, main, demo); err != nil {
			return err
		}
		close(started)
		return nil
	})
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// begin does what may take a moment after the first page is served.
func (a *app) begin(ctx context.Context) error {
	if a.cfg.Demo {
		if err := a.seedDemo(ctx); err != nil {
			return err
		}
	}
	if err := a.jobs.Start(ctx); err != nil {
		return err
	}
	a.help.Snapshot().Warm() // what the first search would wait for
	debug.FreeOSMemory()     // starting needs more than idling; give it back
	return nil
}

// patience is how long a shutdown waits for requests and clients.
const patience = 10 * time.Second

func (a *app) shutdown(servers []*http.Server) error {
	a.log.Info("stopping")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	errs := []error{a.hub.Close(ctx), a.jobs.Stop(ctx)} // streams end first, or they would hold up the servers
	for _, s := range servers {
		errs = append(errs, s.Shutdown(ctx))
	}
	return errors.Join(errs...)
}

func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func serveUntilClosed(s *http.Server, l net.Listener) error {
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return nil
}

func (a *app) openHelpCenter(ctx context.Context) (err error) {
	a.help, err = helpcenter.New(ctx, helpcenter.Config{
		Store: a.store, Blobs: a.blobs, Judge: a.judgeLink, EnqueueMail: mailout.Enqueue, PublicURL: a.cfg.PublicURL, Logger: a.log,
		Saved: func(article desk.ID, locale string, revision int, by string) {
			a.hub.Publish(desk.Event{Type: desk.EventArticle, ArticleID: article, Locale: locale, Revision: revision, Name: by}, realtime.Editing(article))
		},
	})
	if err == nil {
		a.defers(a.help.Close) // the last counts, before the store closes
		a.help.Register(a.jobs)
	}
	if err != nil || len(a.help.Snapshot().Articles(desk.Locales[0])) > 0 {
		return err
	}
	var files fs.FS = content.Files
	if a.cfg.Content != "" {
		files = os.DirFS(a.cfg.Content)
	}
	if _, err := a.help.Import(ctx, files); err != nil {
		return err
	}
	_, err = a.help.Refresh(ctx)
	return err
}
