package testkit_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
	"github.com/veridesk/veridesk/internal/testkit/redistest"
	"github.com/veridesk/veridesk/internal/testkit/s3test"
)

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// The embedded default serves at once, comes back after kill -9 on the same data,
// and ends in good order.
func TestServerOnTheEmbeddedDefault(t *testing.T) {
	s := testkit.StartServer(t)
	link := s.SetupLink()
	if !strings.HasPrefix(link, s.URL) {
		t.Errorf("the setup link %s is not under %s", link, s.URL)
	}
	if code, body := get(t, s.URL+"/"); code != http.StatusOK || !strings.Contains(body, "<html") {
		t.Errorf("the home page: %d", code)
	}
	for _, end := range []func() error{s.Kill, s.Stop} {
		if err := end(); err != nil {
			t.Fatal(err)
		}
		if s.Running() {
			t.Error("it still runs")
		}
		if err := s.Start(); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(s.Log(), "panic") {
		t.Errorf("a panic:\n%s", s.Log())
	}
}

// A second server on the same data folder must say what is wrong and end.
func TestSecondServerOnOneDataFolder(t *testing.T) {
	first := testkit.StartServer(t)
	second := testkit.NewServer(t, testkit.Data(first.Data))
	if err := second.Launch(); err != nil {
		t.Fatal(err)
	}
	err := second.WaitReady(20 * time.Second)
	if err == nil || !strings.Contains(err.Error(), "already uses this data folder") {
		t.Errorf("got %v", err)
	}
}

// The whole of it: two nodes on one PostgreSQL, one Redis, one bucket.
func TestTwoNodes(t *testing.T) {
	one := testkit.StartServer(t,
		testkit.Database(pgtest.Start(t)), testkit.Redis(redistest.Start(t)), testkit.S3(s3test.Start(t)))
	two := testkit.StartServer(t, testkit.Beside(one))
	for _, s := range []*testkit.Server{one, two} {
		if code, body := get(t, "http://"+s.Addr+"/healthz"); code != http.StatusOK || !strings.Contains(body, `"status":"ok"`) {
			t.Errorf("%s: %d %s", s.Addr, code, body)
		}
	}
}
