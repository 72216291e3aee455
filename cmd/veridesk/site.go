package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/site"
	"github.com/veridesk/veridesk/internal/store"
)

type siteCmd struct {
	Export siteExportCmd `cmd:"" help:"Write the Help Center as static files, search included, while the server runs or not."`
}

type siteExportCmd struct {
	settingsFlags
	Dir       string   `arg:"" name:"dir" help:"Folder to make; an earlier export in its place is replaced as a whole."`
	PublicURL string   `name:"public-url" placeholder:"URL" help:"The running desk, where chat and votes lead; by default public_url, unless that is this machine."`
	BaseURL   string   `name:"base-url" placeholder:"URL" help:"Where the folder will be served, such as https://help.example.com/static; canonical addresses and the sitemap then name its files."`
	Entity    string   `placeholder:"CODE" help:"Articles, announcements and contacts of this legal entity, besides those for all."`
	Region    string   `placeholder:"CODE" help:"The same for a region."`
	Locale    []string `placeholder:"LOCALE" help:"Languages to write (en, zh-CN, zh-TW); all by default."`
	Force     bool     `help:"Replace the folder even if it holds something else."`
}

func (c *siteExportCmd) Run(e *env) error {
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	blobs, err := openBlobs(e.ctx, cfg)
	if err != nil {
		return err
	}
	live := c.PublicURL
	if live == "" && !thisMachine(cfg.PublicURL) {
		live = cfg.PublicURL
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil)) // what matters is in the error
	return withStore(e.ctx, cfg, false, func(s *store.Store) error {
		if err := ready(e, s, false); err != nil {
			return err
		}
		help, err := helpcenter.New(e.ctx, helpcenter.Config{Store: s, Blobs: blobs, Entity: c.Entity, Region: c.Region, Logger: log})
		if err != nil {
			return err
		}
		announced, err := announce.New(e.ctx, announce.Config{Store: s, Logger: log})
		if err != nil {
			return err
		}
		registry, err := official.Open(e.ctx, official.Config{Store: s, Logger: log})
		if err != nil {
			return err
		}
		done, err := site.ExportTo(e.ctx, site.Deps{
			HelpCenter: help, Announce: announced, Official: registry, Entity: c.Entity, Region: c.Region, Logger: log,
			Brand: desk.Brand{
				Names: map[string]string{"en": cfg.Brand.NameEN, "zh-CN": cfg.Brand.NameZH}, ExchangeURL: cfg.Brand.ExchangeURL, PrivacyURL: cfg.Brand.PrivacyURL, Email: cfg.Brand.Email,
			},
		}, site.Export{
			Dir: c.Dir, Force: c.Force, Locales: c.Locale, Live: live, Base: c.BaseURL, Embeds: embeds(cfg, c.BaseURL, live),
		})
		if err != nil {
			return err
		}
		return c.report(e, done)
	})
}

func (c *siteExportCmd) report(e *env, done site.Exported) error {
	for _, n := range done.Notes {
		fmt.Fprintln(e.stderr, "veridesk: note:", n)
	}
	_, err := fmt.Fprintf(e.stdout, "%s: %d pages, %d files, %.1f MB; every link was followed\n", c.Dir, done.Pages, done.Files, float64(done.Bytes)/1e6)
	for _, s := range done.Searches {
		if err == nil {
			_, err = fmt.Fprintf(e.stdout, "search in %s: %d articles, %.0f KB gzip with its script\n", s.Locale, s.Articles, float64(s.Packed)/1000)
		}
	}
	return err
}

// thisMachine reports whether an address means something else to every reader.
func thisMachine(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return true
	}
	host := strings.ToLower(u.Hostname())
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback() || ip.IsUnspecified()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// embeds reports whether pages at base may show the chat of the desk at live in
// place: on its own address they may, elsewhere when the settings allow it.
func embeds(cfg config.Config, base, live string) bool {
	b, err := url.Parse(base)
	if err != nil || b.Host == "" {
		return false
	}
	l, err := url.Parse(live)
	if err != nil {
		return false
	}
	origin := b.Scheme + "://" + b.Host
	return (b.Scheme == l.Scheme && b.Host == l.Host) || slices.ContainsFunc(cfg.EmbedOrigins(), func(o string) bool {
		return o == "*" || strings.TrimSuffix(o, "/") == origin
	})
}
