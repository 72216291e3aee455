package main

import (
	"io"

	"github.com/veridesk/veridesk/internal/config"
)

type configCmd struct {
	settingsFlags
	Example bool `help:"Print the documented example file instead."`
}

func (c *configCmd) Run(e *env) error {
	text := config.Example()
	if !c.Example {
		cfg, err := c.load(e, nil)
		if err != nil {
			return err
		}
		text = cfg.String()
	}
	_, err := io.WriteString(e.stdout, text)
	return err
}
