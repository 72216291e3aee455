package config

import (
	"slices"
	"strings"
	"testing"
)

// A limit that cannot be, or a scanner that is never reached, must be told at the
// start and not by the first customer who sends a file.
func TestUploadSettingsAreChecked(t *testing.T) {
	for _, c := range []struct {
		mb    int
		clamd string
		wrong string // name of the setting
	}{
		{25, "", ""},
		{0, "127.0.0.1:3310", ""},
		{500, "/run/clamav/clamd.ctl", ""},
		{25, "[::1]:3310", ""},
		{-1, "", "max_upload_mb"},
		{501, "", "max_upload_mb"},
		{25, "localhost", "clamd"},
		{25, ":3310", "clamd"},
		{25, "tcp:127.0.0.1:3310", "clamd"},
		{25, "clamav:none", "clamd"},
	} {
		cfg := Default()
		cfg.MaxUploadMB, cfg.Clamd = c.mb, c.clamd
		var found []string
		for _, err := range cfg.check() {
			if p, ok := err.(Problem); ok && (p.Setting == "max_upload_mb" || p.Setting == "clamd") {
				found = append(found, p.Setting)
			}
		}
		if c.wrong == "" && len(found) > 0 || c.wrong != "" && !slices.Equal(found, []string{c.wrong}) {
			t.Errorf("%d MB, %q: %v", c.mb, c.clamd, found)
		}
	}
	cfg := Default()
	if cfg.MaxUploadBytes() != 25<<20 {
		t.Errorf("the default is %d bytes", cfg.MaxUploadBytes())
	}
	if help := Example(); !strings.Contains(help, "VERIDESK_MAX_UPLOAD_MB") || strings.Contains(help, "not yet") {
		t.Error("the example does not say how large files may be")
	}
}
