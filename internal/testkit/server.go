package testkit

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit/process"
	"github.com/veridesk/veridesk/internal/testkit/s3test"
)

// Server is a running veridesk.
type Server struct {
	URL      string // http://localhost:port, the public address
	Addr     string // 127.0.0.1:port
	DemoURL  string // of the demo exchange's page, on another origin; with Demo only
	Data     string // the data folder
	t        testing.TB
	bin      string
	settings map[string]string // name of the setting → value
	proc     *process.Process
}

// Option changes how a server is started.
type Option func(*Server)

// Set gives a setting by the name it has in the configuration file, such as
// "smtp.port".
func Set(name, value string) Option {
	return func(s *Server) { s.settings[name] = value }
}

// Demo seeds the demo exchange and serves its page.
func Demo() Option {
	return func(s *Server) { s.settings["demo"] = "true" }
}

// Data uses a data folder that exists, instead of a fresh one.
func Data(dir string) Option { return func(s *Server) { s.Data = dir } }

// Database uses a database by its address (see pgtest.Start).
func Database(url string) Option { return Set("database", url) }

// Redis uses the Redis at host:port (see redistest.Start).
func Redis(addr string) Option { return Set("redis", "redis://"+addr+"/0") }

// S3 keeps files in a bucket (see s3test.Start).
func S3(c s3test.Config) Option {
	return func(s *Server) {
		for name, value := range map[string]string{
			"blob": "s3", "s3.endpoint": c.Endpoint, "s3.bucket": c.Bucket, "s3.region": c.Region,
			"s3.access_key": c.AccessKey, "s3.secret_key": c.SecretKey, "s3.tls": "false",
		} {
			s.settings[name] = value
		}
	}
}

// Beside makes the server a further node of the installation of other: the
// same database, Redis, files and master key, another port and data folder. Both
// need PostgreSQL.
func Beside(other *Server) Option {
	return func(s *Server) {
		for name, value := range other.settings {
			if name != "listen" && name != "demo_listen" && name != "public_url" {
				s.settings[name] = value
			}
		}
	}
}

// StartServer starts the real binary with a temporary data folder and returns
// when /readyz says yes. It is killed when the test ends; its log is shown when
// the test failed.
func StartServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s := NewServer(t, opts...)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// NewServer is StartServer without the start, for tests of starts that fail.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	key := make([]byte, 32)
	rand.Read(key) //nolint:errcheck // never fails
	s := &Server{t: t, bin: Binary(t), settings: map[string]string{"master_key": base64.StdEncoding.EncodeToString(key)}}
	for _, o := range opts {
		o(s)
	}
	if s.Data == "" {
		s.Data = filepath.Join(t.TempDir(), "data")
	}
	main, err := process.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	demo, err := process.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	s.defaults(main, demo)
	t.Cleanup(func() {
		if s.proc != nil {
			if err := s.proc.Kill(); err != nil {
				t.Errorf("stop veridesk: %v", err)
			}
		}
		if t.Failed() {
			t.Logf("the log of veridesk at %s:\n%s", s.Addr, process.LogTail(s.LogFile()))
		}
	})
	return s
}

func (s *Server) defaults(main, demo string) {
	for name, value := range map[string]string{"listen": main, "demo_listen": demo, "data": s.Data} {
		if s.settings[name] == "" || name == "data" {
			s.settings[name] = value
		}
	}
	s.Addr = s.settings["listen"]
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.URL = "http://localhost:" + port
	if u := s.settings["public_url"]; u != "" {
		s.URL = u
	}
	if s.settings["demo"] == "true" {
		s.DemoURL = "http://" + s.settings["demo_listen"]
	}
}

// LogFile is the file with everything the server wrote, of all its starts.
func (s *Server) LogFile() string { return s.Data + ".log" }

// Log returns everything the server wrote, of all its starts.
func (s *Server) Log() string {
	s.t.Helper()
	text, err := os.ReadFile(s.LogFile())
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// Start starts the server (again, after Stop or Kill, on the same data and
// port) and returns when it is ready. The error shows the end of the log.
func (s *Server) Start() error {
	if err := s.Launch(); err != nil {
		return err
	}
	return s.WaitReady(60 * time.Second)
}

// Launch starts the server and returns at once.
func (s *Server) Launch() error {
	env := make([]string, 0, len(s.settings))
	for name, value := range s.settings {
		env = append(env, "VERIDESK_"+strings.ToUpper(strings.ReplaceAll(name, ".", "_"))+"="+value)
	}
	var err error
	s.proc, err = process.Start(process.Spec{
		Args: []string{s.bin, "serve"}, Env: env, Without: "VERIDESK_", Log: s.LogFile(),
	})
	return err
}

// WaitReady returns when /readyz answers 200. It gives up when the server ended
// or limit has passed.
func (s *Server) WaitReady(limit time.Duration) error {
	return s.proc.WaitFor(limit, func() error {
		client := http.Client{Timeout: 5 * time.Second}
		res, err := client.Get("http://" + s.Addr + "/readyz")
		if err != nil {
			return err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(io.LimitReader(res.Body, 4<<10))
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("/readyz answers %s: %s", res.Status, body)
		}
		return err
	})
}

// Stop ends the server in good order (SIGTERM) and waits for its end.
func (s *Server) Stop() error { return s.proc.Stop() }

// Kill ends the server by SIGKILL and returns when it is gone.
func (s *Server) Kill() error { return s.proc.Kill() }

// PID is the process identifier of the server.
func (s *Server) PID() int { return s.proc.PID }

// Running reports whether the process is alive.
func (s *Server) Running() bool { return s.proc != nil && s.proc.Running() }

var setupLink = regexp.MustCompile(`https?://\S*/setup\S*`)

// SetupLink returns the one-time link of the first start, from the output of
// the server.
func (s *Server) SetupLink() string {
	s.t.Helper()
	link := setupLink.FindString(s.Log())
	if link == "" {
		s.t.Fatalf("no setup link in the output:\n%s", process.LogTail(s.LogFile()))
	}
	return link
}
