// Package redistest gives tests a real Redis.
//
// A test that uses Start shares the server of its process (or the one named by
// VERIDESK_TEST_REDIS), so it needs names of its own; Private is a
// server for tests that stop it. Where Redis is missing the test is skipped with
// the reason, or fails when VERIDESK_REQUIRE_REDIS=1.
package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit/process"
)

// The environment that steers this package.
const (
	EnvAddr    = "VERIDESK_TEST_REDIS"    // host:port of a running server to share
	EnvRequire = "VERIDESK_REQUIRE_REDIS" // 1: fail instead of skipping
)

// Server is a Redis server of our own on a free port of the loopback, without
// persistence and without a password.
type Server struct {
	Addr string // host:port
	dir  string
	bin  string
	proc *process.Process
}

// NewServer starts a server. The error says what is missing.
func NewServer() (*Server, error) {
	bin, err := process.Find("redis-server", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
	if err != nil {
		return nil, errors.New("the program redis-server is not installed (Debian: apt-get install redis-server)")
	}
	dir, err := process.Folder("veridesk-redis-", 0, 0)
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, dir: dir}
	for range 3 { // another process may take the port between the look and the start
		if s.Addr, err = process.FreeAddr(); err != nil {
			break
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(dir))
}

// Start starts the server again after Stop or Kill, empty, on the same port.
func (s *Server) Start() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	s.proc, err = process.Start(process.Spec{
		Args: []string{s.bin, "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--databases", "256", "--loglevel", "warning"},
		Dir:  s.dir, RemoveDir: true, Log: s.dir + "/log",
	})
	if err != nil {
		return err
	}
	return s.proc.WaitFor(10*time.Second, func() error { return command(s.Addr, "PING", "+PONG") })
}

// Stop stops the server in good order.
func (s *Server) Stop() error { return s.proc.Stop() }

// Kill ends the server by SIGKILL.
func (s *Server) Kill() error { return s.proc.Kill() }

// Close stops the server for good; without it the same happens at the end of
// the process.
func (s *Server) Close() error { return errors.Join(s.proc.Close(), os.RemoveAll(s.dir)) }

func command(addr, line, want string) error {
	c, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return err
	}
	r := bufio.NewReader(c)
	for _, part := range strings.Split(line, "\n") {
		if _, err := fmt.Fprintf(c, "%s\r\n", part); err != nil {
			return err
		}
		got, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		if got = strings.TrimSpace(got); got != want {
			return fmt.Errorf("redis: %s answered %q", part, got)
		}
	}
	return nil
}

var shared = sync.OnceValues(func() (string, error) {
	if addr := os.Getenv(EnvAddr); addr != "" {
		return addr, nil
	}
	s, err := NewServer() // stopped by its guard when this process ends
	if err != nil {
		return "", err
	}
	return s.Addr, nil
})

// Start returns the address (host:port) of a Redis server shared with the other
// tests of this process, or of the whole run. Publish and subscribe is one
// space for everybody: use a prefix of your own in channel and key names.
func Start(t testing.TB) string {
	t.Helper()
	addr, err := shared()
	if err == nil {
		err = command(addr, "PING", "+PONG")
	}
	if err != nil {
		missing(t, err)
	}
	return addr
}

// Private returns a server of this test alone, to stop, kill and start. It is
// gone when the test ends.
func Private(t testing.TB) *Server {
	t.Helper()
	s, err := NewServer()
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("stop Redis: %v", err)
		}
	})
	return s
}

func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv(EnvRequire) == "1" {
		t.Fatalf("Redis: %v (and %s=1)", err, EnvRequire)
	}
	t.Skipf("Redis: %v", err)
}
