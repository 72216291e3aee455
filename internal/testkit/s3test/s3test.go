// Package s3test gives tests a real S3 server (versitygw on a temporary folder).
//
// The server is shared by the tests of a process, or by a whole run when
// VERIDESK_TEST_S3 names it; every test gets a bucket of its own. Where versitygw
// is missing the test is skipped with the reason, or fails when
// VERIDESK_REQUIRE_S3=1.
package s3test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"go/build"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/veridesk/veridesk/internal/testkit/process"
)

// The environment that steers this package.
const (
	EnvURL     = "VERIDESK_TEST_S3"    // http://ACCESS:SECRET@host:port of a running server to share
	EnvRequire = "VERIDESK_REQUIRE_S3" // 1: fail instead of skipping
)

// Config says how to reach a bucket.
type Config struct {
	Endpoint  string // host:port, plain HTTP
	Region    string
	Bucket    string // exists and is empty; "" in the Config of a Server
	AccessKey string
	SecretKey string
}

// Client returns a client for the server of c.
func (c Config) Client() (*minio.Client, error) {
	return minio.New(c.Endpoint, &minio.Options{
		Creds:  credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Region: c.Region,
	})
}

// URL returns the form that VERIDESK_TEST_S3 takes.
func (c Config) URL() string { return "http://" + c.AccessKey + ":" + c.SecretKey + "@" + c.Endpoint }

// Server is an S3 server of our own on a free port of the loopback.
type Server struct {
	Config Config
	dir    string
	bin    string
	proc   *process.Process
}

// NewServer starts a server. The error says what is missing.
func NewServer() (*Server, error) {
	bin, err := process.Find("versitygw", filepath.Join(build.Default.GOPATH, "bin"), "/usr/local/bin")
	if err != nil {
		return nil, errors.New("the program versitygw is not installed (go install github.com/versity/versitygw/cmd/versitygw@latest)")
	}
	dir, err := process.Folder("veridesk-s3-", 0, 0)
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir, Config: Config{Region: "us-east-1", AccessKey: "access" + rand.Text()[:8], SecretKey: rand.Text()}}
	for _, name := range []string{"data", "meta"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			return nil, err
		}
	}
	for range 3 { // another process may take the port between the look and the start
		if s.Config.Endpoint, err = process.FreeAddr(); err != nil {
			break
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// Start starts the server again after Stop or Kill, on the same data and port.
func (s *Server) Start() (err error) {
	s.proc, err = process.Start(process.Spec{
		// The sidecar keeps metadata in files: not every temporary folder has
		// extended attributes.
		Args: []string{
			s.bin, "--access", s.Config.AccessKey, "--secret", s.Config.SecretKey, "--region", s.Config.Region,
			"--port", s.Config.Endpoint, "--quiet", "posix", "--sidecar", filepath.Join(s.dir, "meta"), filepath.Join(s.dir, "data"),
		},
		Dir: s.dir, RemoveDir: true, Log: filepath.Join(s.dir, "log"),
	})
	if err != nil {
		return err
	}
	return s.proc.WaitFor(20*time.Second, func() error { return process.Dial(s.Config.Endpoint) })
}

// Stop stops the server in good order.
func (s *Server) Stop() error { return s.proc.Stop() }

// Kill ends the server by SIGKILL.
func (s *Server) Kill() error { return s.proc.Kill() }

// Close stops the server and removes its data; without it the same happens at
// the end of the process.
func (s *Server) Close() error { return errors.Join(s.proc.Close(), os.RemoveAll(s.dir)) }

var shared = sync.OnceValues(func() (Config, error) {
	if u := os.Getenv(EnvURL); u != "" {
		return parse(u)
	}
	s, err := NewServer() // stopped by its guard when this process ends
	if err != nil {
		return Config{}, err
	}
	return s.Config, nil
})

func parse(s string) (Config, error) {
	u, err := url.Parse(s)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", EnvURL, err)
	}
	secret, _ := u.User.Password()
	return Config{Endpoint: u.Host, Region: "us-east-1", AccessKey: u.User.Username(), SecretKey: secret}, nil
}

// Start returns a fresh bucket on the shared server.
func Start(t testing.TB) Config {
	t.Helper()
	c, err := shared()
	if err != nil {
		missing(t, err)
	}
	return bucket(t, c)
}

// Private returns a server of this test alone, to stop, kill and start, and a
// fresh bucket on it.
func Private(t testing.TB) (*Server, Config) {
	t.Helper()
	s, err := NewServer()
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("stop S3: %v", err)
		}
	})
	return s, bucket(t, s.Config)
}

func bucket(t testing.TB, c Config) Config {
	t.Helper()
	c.Bucket = "test-" + strings.ToLower(rand.Text()[:16])
	client, err := c.Client()
	if err == nil {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err = client.MakeBucket(ctx, c.Bucket, minio.MakeBucketOptions{Region: c.Region})
	}
	if err != nil {
		t.Fatalf("S3: %v", err)
	}
	return c
}

func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv(EnvRequire) == "1" {
		t.Fatalf("S3: %v (and %s=1)", err, EnvRequire)
	}
	t.Skipf("S3: %v", err)
}
