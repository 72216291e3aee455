package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/veridesk/veridesk/internal/testkit/process"
)

// Server is a PostgreSQL server of our own, in a temporary folder, on a free
// port of the loopback. Its superuser is "veridesk", without a password.
type Server struct {
	Addr     string // host:port
	dir      string
	bin      string
	fsync    bool
	uid, gid uint32
	proc     *process.Process
}

// NewServer makes a cluster and starts it. The error says what is missing.
func NewServer(fsync bool) (*Server, error) {
	bin, err := process.Find("postgres", "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
	if err != nil {
		return nil, fmt.Errorf("the program postgres is not installed (Debian: apt-get install postgresql)")
	}
	if bin, err = filepath.EvalSymlinks(bin); err != nil {
		return nil, err
	}
	s := &Server{bin: filepath.Dir(bin), fsync: fsync}
	if s.uid, s.gid, err = process.Unprivileged("postgres", "nobody"); err != nil {
		return nil, err
	}
	if s.dir, err = process.Folder("veridesk-pg-", s.uid, s.gid); err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(s.bin, "initdb"), "-D", s.data(), "-U", "veridesk", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
	initdb.Dir = s.dir
	initdb.Env = append(os.Environ(), "LC_ALL=C")
	if s.uid != 0 {
		initdb.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: s.uid, Gid: s.gid}}
	}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(s.dir))
	}
	for range 3 { // another process may take the port between the look and the start
		if s.Addr, err = process.FreeAddr(); err != nil {
			break
		}
		if err = s.Start(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, os.RemoveAll(s.dir))
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }
func (s *Server) log() string  { return filepath.Join(s.dir, "log") }

// URL returns the address of a database on the server.
func (s *Server) URL(database string) string {
	return "postgres://veridesk@" + s.Addr + "/" + database + "?sslmode=disable"
}

// Start starts the server again after Stop or Kill, on the same data and port,
// and returns when it takes connections.
func (s *Server) Start() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	args := []string{
		filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", port, "-k", s.dir, "-c", "listen_addresses=" + host,
		"-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "log_min_messages=fatal", "-c", "autovacuum_naptime=1min",
	}
	if !s.fsync {
		args = append(args, "-F")
	}
	// After kill -9 the workers of the old server end a moment later; until then
	// PostgreSQL refuses its shared memory.
	deadline := time.Now().Add(20 * time.Second)
	for {
		s.proc, err = process.Start(process.Spec{
			Args: args, Env: []string{"LC_ALL=C", "TZ=UTC"}, Dir: s.dir, RemoveDir: true,
			Log: s.log(), Signal: "INT", UID: s.uid, GID: s.gid,
		})
		if err != nil {
			return err
		}
		if err = s.proc.WaitFor(30*time.Second, s.ping); err == nil || time.Now().After(deadline) || s.proc.Running() {
			return err
		}
		if err := s.proc.Stop(); err != nil {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (s *Server) ping() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	return c.Close(ctx)
}

// Stop stops the server in good order; connections are cut. The data stays for
// Start.
func (s *Server) Stop() error { return s.proc.Stop() }

// Kill ends the server as a power cut of its process would (SIGKILL). The data
// stays for Start.
func (s *Server) Kill() error { return s.proc.Kill() }

// Close stops the server and removes everything of it. Without Close the same
// happens at the end of the process.
func (s *Server) Close() error {
	err := s.proc.Close()
	return errors.Join(err, os.RemoveAll(s.dir))
}
