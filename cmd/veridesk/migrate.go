package main

import (
	"fmt"

	"github.com/veridesk/veridesk/internal/store"
)

type migrateCmd struct{ settingsFlags }

func (c *migrateCmd) Run(e *env) error {
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	return withStore(e.ctx, cfg, true, func(s *store.Store) error {
		before, _, err := s.Version(e.ctx)
		if err != nil {
			return err
		}
		after, err := s.Migrate(e.ctx)
		if err != nil {
			return err
		}
		if before == after {
			_, err = fmt.Fprintf(e.stdout, "the schema was already at version %d\n", after)
		} else {
			_, err = fmt.Fprintf(e.stdout, "the schema went from version %d to %d\n", before, after)
		}
		return err
	})
}
