package main

import (
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/staff"
)

// resetPasswordCmd is the way back in for an administrator who lost everything
// else. Whoever may run it owns the machine anyway.
type resetPasswordCmd struct {
	settingsFlags
	Email string `arg:"" help:"The member of staff who gets a new password."`
}

func (c *resetPasswordCmd) Run(e *env) error {
	cfg, err := c.load(e, nil)
	if err != nil {
		return err
	}
	return withStaff(e.ctx, cfg, func(people *staff.Staff) error {
		password := strings.ToLower(rand.Text())
		for {
			err := people.ResetPassword(e.ctx, c.Email, password)
			switch {
			case desk.CodeOf(err) == desk.Conflict && e.ctx.Err() == nil:
				continue // beside a server on SQLite an identifier may have been taken in this millisecond
			case desk.CodeOf(err) == desk.NotFound:
				return fmt.Errorf("nobody with the address %s is a member of staff", c.Email)
			case err != nil:
				return err
			}
			_, err = fmt.Fprintf(e.stdout, "The new password of %s is\n  %s\nTwo-step sign-in is off and every session has ended. Change the password after signing in.\n", c.Email, password)
			return err
		}
	})
}
