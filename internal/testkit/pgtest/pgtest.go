package pgtest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The environment that steers this package.
const (
	EnvURL     = "VERIDESK_TEST_POSTGRES"    // postgres:// address of a running server to share
	EnvRequire = "VERIDESK_REQUIRE_POSTGRES" // 1: fail instead of skipping
	EnvFsync   = "VERIDESK_TEST_FSYNC"       // off: do not flush to disk
)

// shared returns the address of the server of this process, any database.
var shared = sync.OnceValues(func() (string, error) {
	if u := os.Getenv(EnvURL); u != "" {
		return u, nil
	}
	// Never closed: its guard stops it when this process ends.
	s, err := NewServer(os.Getenv(EnvFsync) != "off")
	if err != nil {
		return "", err
	}
	return s.URL("postgres"), nil
})

// Start returns the address of a new, empty database. It is gone when the test
// ends, or with the server when that one is not shared.
func Start(t testing.TB) string {
	t.Helper()
	return StartFrom(t, "", nil)
}

// StartFrom returns the address of a new database that is a copy of a template.
// The template is made once per server and key by prepare, which gets the
// address of an empty database and must leave no connection to it open. An empty
// key is an empty database.
func StartFrom(t testing.TB, key string, prepare func(url string) error) string {
	t.Helper()
	server, err := shared()
	if err != nil {
		Missing(t, err)
	}
	u, err := create(server, key, prepare)
	if err != nil {
		t.Fatalf("PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if os.Getenv(EnvURL) == "" {
			return // the server and all of its data go with this process
		}
		if err := drop(server, u); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	return u
}

// Private returns a server of this test alone, to stop, kill and start. It is
// gone when the test ends.
func Private(t testing.TB) *Server {
	t.Helper()
	s, err := NewServer(os.Getenv(EnvFsync) != "off")
	if err != nil {
		Missing(t, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("stop PostgreSQL: %v", err)
		}
	})
	return s
}

// Missing ends the test because PostgreSQL cannot be used: by skipping it, or
// as a failure when the environment demands PostgreSQL.
func Missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv(EnvRequire) == "1" {
		t.Fatalf("PostgreSQL: %v (and %s=1)", err, EnvRequire)
	}
	t.Skipf("PostgreSQL: %v", err)
}

func create(server, key string, prepare func(string) error) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", err
	}
	defer admin.Close(ctx) //nolint:errcheck // nothing hangs on it
	name, template := "test_"+strings.ToLower(rand.Text()[:16]), "template0"
	if key != "" {
		if template, err = makeTemplate(ctx, admin, server, key, prepare); err != nil {
			return "", fmt.Errorf("make the template database: %w", err)
		}
	}
	if _, err := admin.Exec(ctx, `CREATE DATABASE `+name+` TEMPLATE `+template); err != nil {
		return "", err
	}
	return withDatabase(server, name)
}

// makeTemplate makes the template of key unless there is one. Many processes
// may ask at once.
func makeTemplate(ctx context.Context, admin *pgx.Conn, server, key string, prepare func(string) error) (string, error) {
	sum := sha256.Sum256([]byte(key))
	name := fmt.Sprintf("template_%x", sum[:8])
	lock := int64(binary.BigEndian.Uint64(sum[8:16]))
	if _, err := admin.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return "", err
	}
	defer admin.Exec(ctx, `SELECT pg_advisory_unlock($1)`, lock) //nolint:errcheck // the end of the connection frees it
	var there bool
	if err := admin.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)`, name).Scan(&there); err != nil || there {
		return name, err
	}
	half := name + "_half" // gets its name when it is whole
	if _, err := admin.Exec(ctx, `DROP DATABASE IF EXISTS `+half+` WITH (FORCE)`); err != nil {
		return "", err
	}
	if _, err := admin.Exec(ctx, `CREATE DATABASE `+half+` TEMPLATE template0`); err != nil {
		return "", err
	}
	u, err := withDatabase(server, half)
	if err != nil {
		return "", err
	}
	if err := prepare(u); err != nil {
		return "", err
	}
	_, err = admin.Exec(ctx, `ALTER DATABASE `+half+` RENAME TO `+name)
	return name, err
}

func drop(server, u string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	parsed, err := url.Parse(u)
	if err != nil {
		return err
	}
	admin, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer admin.Close(ctx) //nolint:errcheck // nothing hangs on it
	_, err = admin.Exec(ctx, `DROP DATABASE IF EXISTS `+strings.TrimPrefix(parsed.Path, "/")+` WITH (FORCE)`)
	return err
}

func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}
