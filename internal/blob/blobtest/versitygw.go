package blobtest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
)

var buckets atomic.Int64

// S3 starts an S3 service (versitygw over a temporary folder) that ends with the test, and gives the configuration of
// a bucket that does not exist yet but may be created. Without the program the test is skipped, unless
// VERIDESK_REQUIRE_S3 is set.
func S3(t testing.TB) func() blob.S3Config {
	t.Helper()
	program := findVersity()
	if program == "" {
		const reason = "versitygw is not in PATH or $(go env GOPATH)/bin; " +
			"install it with: go install github.com/versity/versitygw/cmd/versitygw@latest"
		if os.Getenv("VERIDESK_REQUIRE_S3") != "" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	addr := start(t, program)
	return func() blob.S3Config {
		return blob.S3Config{
			Endpoint: addr, Bucket: fmt.Sprintf("test-%d", buckets.Add(1)),
			AccessKey: accessKey, SecretKey: secretKey, Insecure: true, Create: true,
		}
	}
}

const (
	accessKey = "test-access"
	secretKey = "test-secret"
)

func findVersity() string {
	if path, err := exec.LookPath("versitygw"); err == nil {
		return path
	}
	dirs := filepath.SplitList(os.Getenv("GOPATH"))
	if home, err := os.UserHomeDir(); err == nil {
		dirs = append(dirs, filepath.Join(home, "go"))
	}
	for _, dir := range dirs {
		if path, err := exec.LookPath(filepath.Join(dir, "bin", "versitygw")); err == nil {
			return path
		}
	}
	return ""
}

// start runs the service on a free port; between finding the port and using it somebody else may take it, so it tries
// a few times.
func start(t testing.TB, program string) string {
	t.Helper()
	var last string
	for range 5 {
		addr := freeAddress(t)
		var output bytes.Buffer
		ctx, cancel := context.WithCancel(context.Background())
		cmd := exec.CommandContext(ctx, program, "--access", accessKey, "--secret", secretKey, "--port", addr, "--quiet",
			"posix", "--nometa", t.TempDir())
		cmd.Stdout, cmd.Stderr = &output, &output
		if err := cmd.Start(); err != nil {
			cancel()
			t.Fatalf("start %s: %v", program, err)
		}
		ended := make(chan struct{})
		go func() {
			_ = cmd.Wait() // killed at the end of the test: never a clean exit
			close(ended)
		}()
		if answers(addr, ended) {
			t.Cleanup(func() { cancel(); <-ended })
			return addr
		}
		cancel()
		<-ended
		last = output.String()
	}
	t.Fatalf("versitygw does not start: %s", strings.TrimSpace(last))
	return ""
}

func freeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only its number was wanted
	return l.Addr().String()
}

func answers(addr string, ended <-chan struct{}) bool {
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if conn, err := net.DialTimeout("tcp", addr, time.Second); err == nil {
			return conn.Close() == nil
		}
		select {
		case <-ended:
			return false
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
}
