package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/config"
)

// States of a check.
const (
	stateOK   = "ok"
	stateWarn = "warn" // works, and is probably not meant
	stateFail = "fail" // the server does not start, or loses something
	stateSkip = "skip" // not configured, or not to be known yet
)

// finding is the outcome of one check. The JSON names are for scripts.
type finding struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	Mend   string `json:"mend,omitempty"` // what to do, when State is warn or fail
}

type diagnosis struct {
	OK      bool      `json:"ok"` // nothing failed
	Version string    `json:"version"`
	Checks  []finding `json:"checks"`
}

// patience is how long one check may take.
const patience = 15 * time.Second

type doctorCmd struct {
	settingsFlags
	JSON bool `help:"Print one JSON object instead of text."`
}

func (c *doctorCmd) Run(e *env) error {
	d := diagnosis{OK: true, Version: version()}
	add := func(fs ...finding) {
		for _, f := range fs {
			d.OK = d.OK && f.State != stateFail
			d.Checks = append(d.Checks, f)
		}
	}
	quiet := *e
	var warnings strings.Builder
	quiet.stderr = &warnings
	cfg, err := c.load(&quiet, nil)
	if err != nil {
		add(finding{"settings", stateFail, err.Error(), "mend the settings named above; the other checks need them"})
	} else {
		add(settingsFinding(warnings.String()))
		add(examine(e.ctx, cfg)...)
	}
	if err := d.print(e.stdout, c.JSON); err != nil {
		return err
	}
	if !d.OK {
		return errReported
	}
	return nil
}

func settingsFinding(warnings string) finding {
	if warnings == "" {
		return finding{"settings", stateOK, "complete and valid", ""}
	}
	text := strings.TrimSpace(strings.ReplaceAll(warnings, "veridesk: warning: ", ""))
	return finding{"settings", stateWarn, text, "see deploy/veridesk.example.toml"}
}

// examine runs every check that needs valid settings, one after the other so
// that their order is always the same.
func examine(ctx context.Context, cfg config.Config) []finding {
	var out []finding
	for _, check := range []func(context.Context, config.Config) []finding{
		checkData, checkDatabase, checkRedis, checkBlob, checkSMTP, checkClamd, checkLogin,
	} {
		within, cancel := context.WithTimeout(ctx, patience)
		out = append(out, check(within, cfg)...)
		cancel()
	}
	return out
}

func (d diagnosis) print(w io.Writer, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(d)
	}
	for _, f := range d.Checks {
		const indent = "\n                    "
		if _, err := fmt.Fprintf(w, "%-5s %-13s %s\n", f.State, f.Name, strings.ReplaceAll(f.Detail, "\n", indent)); err != nil {
			return err
		}
		if f.Mend != "" {
			if _, err := fmt.Fprintf(w, "%20s→ %s\n", "", f.Mend); err != nil {
				return err
			}
		}
	}
	verdict := "everything that was checked is in order"
	if !d.OK {
		verdict = "something is wrong: see the lines that begin with fail"
	}
	_, err := fmt.Fprintf(w, "\nveridesk %s: %s\n", d.Version, verdict)
	return err
}
