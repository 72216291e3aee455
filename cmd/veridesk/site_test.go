package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/content"
	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/config"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// An operator exports every night while the server runs, from either engine.
func TestSiteExport(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		data := t.TempDir()
		s, err := store.Open(t.Context(), store.Config{URL: url, Exclusive: true}) // as the running server has it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		blobs, err := blob.OpenDisk(filepath.Join(data, "files"))
		if err != nil {
			t.Fatal(err)
		}
		help, err := helpcenter.New(t.Context(), helpcenter.Config{Store: s, Blobs: blobs})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := help.Import(t.Context(), content.Files); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(t.TempDir(), "help")
		args := []string{"site", "export", dir, "--data", data, "-s", "database=" + url}
		got := veridesk(t, "", nil, append(args, "--public-url", "https://help.meridian.example", "--base-url", "https://static.meridian.example")...)
		if got.code != exitOK || !strings.Contains(got.out, "every link was followed") || !strings.Contains(got.out, "search in zh-TW: ") {
			t.Fatalf("%+v", got)
		}
		for _, name := range []string{"index.html", "sitemap.xml", "zh-TW/a/deposits/deposit-not-credited.html"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
		if err := os.WriteFile(filepath.Join(data, "mine.txt"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		args[2] = data
		if got := veridesk(t, "", nil, args...); got.code != exitError || !strings.Contains(got.errors, "--force") {
			t.Errorf("a folder with other files: %+v", got)
		}
	})
}

func TestSiteExportExplainsMistakes(t *testing.T) {
	data := t.TempDir()
	for _, tc := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"site", "export"}, exitUsage, "dir"},
		{[]string{"site", "export", filepath.Join(data, "x"), "--data", data}, exitError, "veridesk migrate"},
		{[]string{"site", "export", filepath.Join(data, "x"), "--data", data, "-s", "public_url=nonsense"}, exitError, "public_url"},
	} {
		got := veridesk(t, "", nil, tc.args...)
		if got.code != tc.code || !strings.Contains(got.errors, tc.want) || got.errors == "" {
			t.Errorf("%v: %+v", tc.args, got)
		}
	}
}

func TestThisMachine(t *testing.T) {
	for address, want := range map[string]bool{
		"http://localhost:8080": true, "http://eu.localhost:8080": true, "http://127.0.0.1": true, "http://[::1]:80": true, "": true,
		"https://help.meridian.example": false, "http://10.0.0.7": false,
	} {
		if got := thisMachine(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func TestWhoMayEmbedTheChat(t *testing.T) {
	cfg := config.Config{}
	cfg.WidgetOrigins = []string{"https://www.meridian.example"}
	const live = "https://help.meridian.example"
	for base, want := range map[string]bool{
		"": false, live + "/static": true, "https://www.meridian.example/help": true, "https://evil.example": false, "http://help.meridian.example": false,
	} {
		if got := embeds(cfg, base, live); got != want {
			t.Errorf("%s: %v", base, got)
		}
	}
}
