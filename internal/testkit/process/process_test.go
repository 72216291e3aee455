package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const childEnv = "VERIDESK_PROCESS_TEST_CHILD"

// TestMain also plays the test process that is killed.
func TestMain(m *testing.M) {
	dir := os.Getenv(childEnv)
	if dir == "" {
		os.Exit(m.Run())
	}
	p, err := Start(Spec{Args: []string{"sleep", "300"}, Dir: dir, RemoveDir: true, Log: filepath.Join(dir, "log")})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.PID)
	select {}
}

func alive(pid int) bool { return syscall.Kill(pid, 0) == nil }

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

// A developer who interrupts a run must not find servers and folders left behind.
func TestServerDoesNotOutliveAKilledTest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "server")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 64)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(buf[:n])))
	if err != nil {
		t.Fatalf("the child said %q", buf[:n])
	}
	if !alive(pid) {
		t.Fatal("the server does not run")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait() //nolint:errcheck // it was killed
	eventually(t, "the server ends", func() bool { return !alive(pid) })
	eventually(t, "its folder is removed", func() bool { _, err := os.Stat(dir); return os.IsNotExist(err) })
}

// Stop and Kill leave the data, so that a test can start the server again on it.
func TestStopAndKillKeepTheFolder(t *testing.T) {
	for name, end := range map[string]func(*Process) error{"stop": (*Process).Stop, "kill": (*Process).Kill} {
		dir := t.TempDir()
		p, err := Start(Spec{Args: []string{"sleep", "300"}, Dir: dir, RemoveDir: true, Log: filepath.Join(dir, "log")})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Running() {
			t.Fatal(name, ": not running after Start")
		}
		if err := end(p); err != nil {
			t.Fatal(name, err)
		}
		if p.Running() || alive(p.PID) {
			t.Error(name, ": it still runs")
		}
		if _, err := os.Stat(dir); err != nil {
			t.Error(name, ": the folder is gone:", err)
		}
	}
}

// The shared server of a process is referred to by nobody: the garbage collector
// must not end it under the tests.
func TestServerOutlivesTheGarbageCollector(t *testing.T) {
	dir := t.TempDir()
	p, err := Start(Spec{Args: []string{"sleep", "300"}, Dir: dir, Log: filepath.Join(dir, "log")})
	if err != nil {
		t.Fatal(err)
	}
	pid := p.PID
	p = nil
	for range 5 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // finalizers run in their own time
	}
	if !alive(pid) {
		t.Error("the server ended")
	}
	running.Range(func(k, _ any) bool {
		if p := k.(*Process); p.PID == pid {
			err = p.Stop()
		}
		return true
	})
	if err != nil {
		t.Error(err)
	}
}

// A server that cannot start says why in the test's output.
func TestWaitForShowsTheLog(t *testing.T) {
	dir := t.TempDir()
	p, err := Start(Spec{Args: []string{"sh", "-c", "echo no such option >&2; exit 1"}, Dir: dir, Log: filepath.Join(dir, "log")})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	err = p.WaitFor(10*time.Second, func() error { return os.ErrNotExist })
	if err == nil || !strings.Contains(err.Error(), "no such option") {
		t.Fatalf("got %v", err)
	}
}
