package app

import (
	"context"
	"strings"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/inbox"
)

// openFiles lets messages carry files, scanned when there is a scanner.
func (a *app) openFiles(context.Context) error {
	cfg := inbox.FilesConfig{
		Store: a.store, Blobs: a.blobs, Vault: a.vault, MaxBytes: a.cfg.MaxUploadBytes(), Logger: a.log,
	}
	if a.cfg.Clamd != "" {
		network := "tcp:"
		if strings.HasPrefix(a.cfg.Clamd, "/") {
			network = "unix:"
		}
		scanner, err := blob.NewScanner(network+a.cfg.Clamd, 0)
		if err != nil {
			return err
		}
		cfg.Scanner = scanner
		a.scanner = scanner
	}
	a.files = inbox.NewFiles(cfg)
	a.defers(a.files.Close)
	a.files.Register(a.jobs)
	a.inbox.UseFiles(a.files)
	return nil
}

// scannerCheck is the check of the virus scanner, if there is one: while it is
// away files wait.
func (a *app) scannerCheck() []check {
	if a.scanner == nil {
		return nil
	}
	return []check{{"virus scan", false, a.scanner.Check}}
}
