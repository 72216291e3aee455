package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/vault"
)

// setupLinkCmd is for the operator who lost the link that the first start
// printed. It works beside a running server.
type setupLinkCmd struct{ settingsFlags }

func (c *setupLinkCmd) Run(e *env) error {
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	return withStaff(e.ctx, cfg, func(people *staff.Staff) error {
		link, err := setupLink(e.ctx, people)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, link)
		return err
	})
}

// withStaff runs fn with the staff of an installation, beside a running server
// or without one.
func withStaff(ctx context.Context, cfg config.Config, fn func(*staff.Staff) error) error {
	return withStore(ctx, cfg, false, func(s *store.Store) error {
		if have, want, err := s.Version(ctx); err != nil {
			return err
		} else if have != want {
			return fmt.Errorf("the database has schema version %d and this binary needs %d; start the server or run veridesk migrate first", have, want)
		}
		v, err := vault.Open(vault.Source{Value: cfg.MasterKey, File: cfg.MasterKeyFile})
		if err != nil {
			return err
		}
		if s.Engine() == store.Postgres {
			// A slot of our own. On SQLite the one slot is the server's.
			if err := s.Start(ctx); err != nil {
				return err
			}
		}
		people, err := staff.New(staff.Config{
			Store: s, Vault: v, PublicURL: cfg.PublicURL,
			EnqueueMail: func(*store.Tx, string, string, string, map[string]string) error {
				return errors.New("this command sends no mail")
			},
		})
		if err != nil {
			return err
		}
		return fn(people)
	})
}

func setupLink(ctx context.Context, people *staff.Staff) (string, error) {
	for {
		token, needed, err := people.EnsureSetup(ctx)
		switch {
		case desk.CodeOf(err) == desk.Conflict && ctx.Err() == nil:
			continue // beside a server on SQLite an identifier may have been taken in this millisecond
		case err != nil:
			return "", err
		case !needed:
			return "", errors.New("there is an administrator already, so no setup link is given; sign in, let an administrator send an invitation, or give somebody a new password with veridesk reset-password EMAIL")
		}
		return people.SetupURL(token), nil
	}
}
