package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The demo's sign-in; see internal/app.
const (
	demoEmail    = "mei@meridian.example"
	demoPassword = "meridian-demo"
)

type server struct {
	cmd       *exec.Cmd
	base      string
	engine    string
	dir       string
	firstPage time.Duration
}

func startServer(ctx context.Context, binary, database string) (*server, error) {
	dir, err := os.MkdirTemp("", "veridesk-bench")
	if err != nil {
		return nil, err
	}
	addr, err := freeAddress()
	if err != nil {
		return nil, err
	}
	demo, err := freeAddress()
	if err != nil {
		return nil, err
	}
	srv := &server{base: "http://" + addr, engine: "sqlite", dir: dir}
	cmd := exec.Command(binary, "serve", "--demo", "--listen", addr, "--data", dir)
	cmd.Env = append(os.Environ(), "VERIDESK_DEMO_LISTEN="+demo, "VERIDESK_LOG_LEVEL=warn")
	if database != "" {
		srv.engine = "postgres"
		cmd.Env = append(cmd.Env, "VERIDESK_DATABASE="+database)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	srv.cmd = cmd
	for time.Since(began) < 30*time.Second && ctx.Err() == nil {
		res, err := http.Get(srv.base + "/en/")
		if err == nil {
			_, err = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if err == nil && res.StatusCode == http.StatusOK {
				srv.firstPage = time.Since(began)
				return srv, srv.ready(ctx)
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	text, _ := os.ReadFile(filepath.Join(dir, "log"))
	return nil, errors.Join(fmt.Errorf("the server did not start:\n%s", text), srv.stop())
}

func (s *server) ready(ctx context.Context) error {
	for ctx.Err() == nil {
		res, err := http.Get(s.base + "/readyz")
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return ctx.Err()
}

func (s *server) stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	return errors.Join(err, os.RemoveAll(s.dir))
}

// flush writes a page to a file beside the database and waits for the disk.
func (s *server) flush() (time.Duration, error) {
	f, err := os.OpenFile(filepath.Join(s.dir, "flush"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	began := time.Now()
	if _, err := f.Write(make([]byte, 4096)); err != nil {
		return 0, err
	}
	err = f.Sync()
	return time.Since(began), err
}

// rss returns the resident memory of the server in bytes.
func (s *server) rss() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
