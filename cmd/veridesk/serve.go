package main

import (
	"context"
	"os/signal"
	"syscall"

	"github.com/veridesk/veridesk/internal/app"
)

type serveCmd struct {
	settingsFlags
	Listen string `placeholder:"ADDR" help:"Address and port to listen on."`
	Demo   bool   `help:"Seed Meridian Exchange, sample articles and demo staff, and serve the exchange's demo page."`
}

func (c *serveCmd) Run(e *env) error {
	extra := map[string]string{}
	if c.Listen != "" {
		extra["listen"] = c.Listen
	}
	if c.Demo {
		extra["demo"] = "true"
	}
	cfg, err := c.load(e, extra)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(e.ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second signal ends a shutdown that takes too long.
	context.AfterFunc(ctx, stop)
	return app.Run(ctx, cfg, app.Options{Version: version(), Stdout: e.stdout, Stderr: e.stderr})
}
