package wholetest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/testkit"
	"github.com/veridesk/veridesk/internal/testkit/client"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
	"github.com/veridesk/veridesk/internal/testkit/redistest"
)

// A server that cannot start must say what is wrong, where, and what to do.
func TestWrongConfigurationIsExplained(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	garbage := t.TempDir()
	if err := os.WriteFile(filepath.Join(garbage, "veridesk.db"), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		option testkit.Option
		says   []string
	}{
		"unknown setting value":     {testkit.Set("log.level", "loud"), []string{"log.level", "loud"}},
		"unreadable network":        {testkit.Set("trusted_proxies", "everywhere"), []string{"trusted_proxies", "10.0.0.0/8"}},
		"unknown database":          {testkit.Set("database", "mysql://localhost/x"), []string{"database", "postgres://"}},
		"absent PostgreSQL":         {testkit.Set("database", "postgres://nobody:secret-word@127.0.0.1:1/x"), []string{"PostgreSQL", "127.0.0.1:1"}},
		"data folder is a file":     {testkit.Data(file), []string{file}},
		"data folder below a file":  {testkit.Data(filepath.Join(file, "data")), []string{file}},
		"database file is garbage":  {testkit.Data(garbage), []string{"veridesk.db"}},
		"broken master key":         {testkit.Set("master_key", "too-short"), []string{"master key"}},
		"address of another":        {testkit.Set("public_url", "ftp://x"), []string{"public_url"}},
		"content folder not there":  {testkit.Set("content", filepath.Join(file, "none")), []string{"content"}},
		"object store without keys": {testkit.Set("blob", "s3"), []string{"s3."}},
	} {
		t.Run(name, func(t *testing.T) {
			s := testkit.NewServer(t, tc.option)
			if err := s.Launch(); err != nil {
				t.Fatal(err)
			}
			err := s.WaitReady(30 * time.Second)
			if err == nil || s.Running() {
				t.Fatalf("it started: %v", err)
			}
			for _, want := range tc.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("nothing about %q in: %v", want, err)
				}
			}
			if strings.Contains(err.Error(), "secret-word") || strings.Contains(err.Error(), "goroutine ") {
				t.Errorf("a password or a stack trace in: %v", err)
			}
		})
	}
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 20, 4 << 10, 64} {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
}

// A full disk must refuse new messages with a clear word, keep the old ones, and
// be over as soon as there is room, without a restart.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=48m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	srv := testkit.StartServer(t, testkit.Data(filepath.Join(disk, "data")))
	t.Cleanup(func() {
		srv.Kill() //nolint:errcheck // it may be gone
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	s := &sender{Visitor: visitor(t, srv.URL)}
	send := func() error {
		id := client.NewID()
		_, err := s.Send(t.Context(), id, strings.Repeat("my deposit is missing ", 100))
		if err == nil {
			s.acked = append(s.acked, id)
		}
		return err
	}
	for range 20 {
		if err := send(); err != nil {
			t.Fatal(err)
		}
	}
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	var refused error
	fast := new(client.StatusError)
	for range 2000 {
		if refused = send(); errors.As(refused, &fast) && fast.Status == http.StatusTooManyRequests {
			time.Sleep(100 * time.Millisecond) // the disk took more than one visitor may send at once
		} else if refused != nil {
			break
		}
	}
	if !unavailable(refused) {
		t.Fatalf("a full disk: %v", refused)
	}
	checkKept(t, []*sender{s})
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "messages are taken again", send)
	checkKept(t, []*sender{s})
	if !srv.Running() {
		t.Error("the server ended")
	}
}

// A database that goes away and comes back must cost waiting, not messages.
func TestPostgresGoneAndBack(t *testing.T) {
	pg := pgtest.Private(t)
	srv := testkit.StartServer(t, testkit.Database(pg.URL("postgres")))
	senders := newSenders(t, 10, srv.URL)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		crowd(ctx, senders)
	}()
	for range soak(1, 5) {
		time.Sleep(time.Second)
		if err := pg.Kill(); err != nil {
			t.Fatal(err)
		}
		eventually(t, 10*time.Second, "the health check says so", func() error {
			if code := httpStatus(t, srv.URL+"/healthz"); code != 503 {
				return fmt.Errorf("healthz is %d", code)
			}
			return nil
		})
		if code := httpStatus(t, srv.URL+"/en/"); code != 200 {
			t.Errorf("the help center is gone with the database: %d", code)
		}
		if err := pg.Start(); err != nil {
			t.Fatal(err)
		}
		back := time.Now()
		eventually(t, 10*time.Second, "the health check is green again", func() error {
			if code := httpStatus(t, srv.URL+"/healthz"); code != 200 {
				return fmt.Errorf("healthz is %d", code)
			}
			return nil
		})
		t.Logf("healthy %v after PostgreSQL was back", time.Since(back).Round(time.Millisecond))
	}
	time.Sleep(time.Second)
	stop()
	<-done
	t.Logf("%d acknowledged messages, all kept", checkKept(t, senders))
}

// Without Redis messages must still be taken and found; when it is back the
// nodes must hear each other again by themselves.
func TestRedisGoneAndBack(t *testing.T) {
	redis := redistest.Private(t)
	one := testkit.StartServer(t, testkit.Demo(), testkit.Database(pgtest.Start(t)), testkit.Redis(redis.Addr))
	two := testkit.StartServer(t, testkit.Beside(one))
	v := visitor(t, one.URL)
	agent := signIn(t, two.URL, agentEmail)
	if err := redis.Kill(); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		if _, err := v.Send(t.Context(), client.NewID(), fmt.Sprint("without Redis ", i)); err != nil {
			t.Fatalf("a message without Redis: %v", err)
		}
	}
	if messages, err := v.Messages(t.Context()); err != nil || len(messages) != 6 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	if err := redis.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "live events cross nodes again", func() error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		events, err := agent.Listen(ctx)
		if err != nil {
			return err
		}
		m, err := v.Send(ctx, client.NewID(), "with Redis again")
		if err != nil {
			return err
		}
		return hears(ctx, events, m.ClientID)
	})
}
