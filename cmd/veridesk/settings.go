package main

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/store"
)

// settingsFlags are the flags of every command that works on an installation.
type settingsFlags struct {
	File string            `name:"config" placeholder:"FILE" help:"Settings file (TOML); VERIDESK_CONFIG names it as well."`
	Data string            `placeholder:"DIR" help:"Data folder."`
	Set  map[string]string `short:"s" mapsep:"none" placeholder:"NAME=VALUE" help:"Any setting, such as smtp.port=25; may be repeated."`
}

// load reads the settings from everywhere; extra holds those of the command's
// own flags. Warnings go to standard error.
func (f settingsFlags) load(e *env, extra map[string]string) (config.Config, error) {
	flags := map[string]string{}
	maps.Copy(flags, f.Set)
	if f.Data != "" {
		flags["data"] = f.Data
	}
	maps.Copy(flags, extra)
	file := f.File
	if file == "" {
		file = lookup(e.environ, config.EnvPrefix+"CONFIG")
	}
	cfg, warnings, err := config.Load(config.Sources{File: file, Environ: e.environ, Flags: flags})
	if err != nil {
		return cfg, fmt.Errorf("the settings are wrong:\n  %s", strings.ReplaceAll(err.Error(), "\n", "\n  "))
	}
	for _, w := range warnings {
		fmt.Fprintln(e.stderr, "veridesk: warning:", w)
	}
	return cfg, nil
}

func lookup(environ []string, name string) string {
	for _, entry := range environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// withStore opens the database of cfg for one piece of work. Exclusive keeps
// out a server on the same SQLite file.
func withStore(ctx context.Context, cfg config.Config, exclusive bool, work func(*store.Store) error) (err error) {
	s, err := store.Open(ctx, store.Config{URL: cfg.Database, Exclusive: exclusive})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := s.Close(); err == nil {
			err = cerr
		}
	}()
	return work(s)
}
