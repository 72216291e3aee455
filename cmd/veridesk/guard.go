package main

import (
	"encoding/json"
	"errors"

	"github.com/veridesk/veridesk/internal/guard"
)

type guardCmd struct {
	Scan guardScanCmd `cmd:"" help:"Find secrets in texts: one {\"id\",\"text\"} per line in, one {\"id\",\"findings\",\"redacted\"} per line out."`
}

type guardScanCmd struct {
	Locale string `default:"en" help:"Language of what replaces a secret (en, zh-CN)."`
}

type textLine struct {
	ID   json.RawMessage `json:"id"`
	Text *string         `json:"text"`
}

type scannedLine struct {
	ID       json.RawMessage `json:"id"`
	Findings []guard.Finding `json:"findings"`
	Redacted string          `json:"redacted"`
}

func (c *guardScanCmd) Run(e *env) error {
	return eachLine(e.stdin, e.stdout, func(q textLine) (scannedLine, error) {
		if q.Text == nil {
			return scannedLine{}, errors.New(`there is no "text"`)
		}
		found := guard.Scan(*q.Text)
		if found == nil {
			found = []guard.Finding{} // the contract promises a list
		}
		return scannedLine{orNull(q.ID), found, guard.Redact(*q.Text, found, c.Locale)}, nil
	})
}

// orNull makes a missing id null instead of broken JSON.
func orNull(id json.RawMessage) json.RawMessage {
	if id == nil {
		return json.RawMessage("null")
	}
	return id
}
