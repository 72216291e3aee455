package testkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/veridesk/veridesk/internal/testkit/process"
)

// EnvBinary names a veridesk binary to test, instead of building one.
const EnvBinary = "VERIDESK_TEST_BINARY"

// Root returns the folder of the checkout: the nearest one with a go.mod, from
// the working folder (a test's own package) upwards.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", errors.New("there is no go.mod above the working folder")
		}
		dir = above
	}
}

var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(EnvBinary); path != "" {
		return filepath.Abs(path)
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	dir, err := process.Folder("veridesk-bin-", 0, 0)
	if err != nil {
		return "", err
	}
	// There is no hook at the end of a test process; a guarded process that does
	// nothing takes the folder along.
	_, err = process.Start(process.Spec{Args: []string{"sleep", "1000000"}, Dir: dir, RemoveDir: true, Log: os.DevNull})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "veridesk")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/veridesk")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build veridesk: %w\n%s", err, out)
	}
	return path, nil
})

// Binary returns the path of the program: the one that VERIDESK_TEST_BINARY names
// or one that is built, once per test process, from the checkout.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
