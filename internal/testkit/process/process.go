package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// guard is run by sh with: folder to remove at the end or "", log file, signal
// that stops the server, command …. It prints the server's process id, then
// waits. "stop" ends the server and leaves the folder; the end of the pipe ends
// the server, by force after ten seconds, and removes the folder.
const guard = `dir=$1 log=$2 sig=$3
shift 3
"$@" </dev/null >>"$log" 2>&1 &
pid=$!
echo $pid
exec >/dev/null 2>&1
read -r word
kill -s "$sig" $pid
if [ "$word" != stop ]; then
	( sleep 10; kill -s KILL $pid ) &
	late=$!
fi
wait $pid
[ -n "$late" ] && kill $late
[ "$word" != stop ] && [ -n "$dir" ] && rm -rf "$dir"
exit 0
`

// Spec says what to run.
type Spec struct {
	Args []string // the program and its arguments
	Env  []string // added to the environment of the test process
	// Without leaves variables whose names begin so out of that environment.
	Without string
	// Dir is the working folder. With RemoveDir it is deleted when the server
	// ends together with the test process (not by Stop).
	Dir       string
	RemoveDir bool
	Log       string // the file that receives standard output and error (appended)
	Signal    string // what stops the server in good order; "" is TERM
	// UID and GID run the server as somebody else when UID is not 0 and we are root.
	UID, GID uint32
}

// Process is a running server.
type Process struct {
	PID   int // of the server itself, not of the shell that guards it
	spec  Spec
	guard *exec.Cmd
	stdin io.WriteCloser
	once  sync.Once
	done  chan struct{}
}

// running keeps every Process reachable until its end. A server that nobody
// refers to any more (one per process, never closed) would else be collected, its
// pipe be closed by the finalizer, and the guard would stop it in mid-run.
var running sync.Map

// Start runs the server of spec and returns at once.
func Start(spec Spec) (*Process, error) {
	if spec.Signal == "" {
		spec.Signal = "TERM"
	}
	remove := ""
	if spec.RemoveDir {
		remove = spec.Dir
	}
	cmd := exec.Command("sh", append([]string{"-c", guard, "guard", remove, spec.Log, spec.Signal}, spec.Args...)...)
	cmd.Dir = spec.Dir
	cmd.Env = append(environ(spec.Without), spec.Env...)
	// A group of its own: ^C in a terminal reaches the test, which closes the pipe.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if spec.UID != 0 && os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: spec.UID, Gid: spec.GID}
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the guard of %s: %w", spec.Args[0], err)
	}
	p := &Process{spec: spec, guard: cmd, stdin: stdin, done: make(chan struct{})}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err == nil {
		p.PID, err = strconv.Atoi(strings.TrimSpace(line))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", spec.Args[0], err), stdin.Close(), cmd.Wait())
	}
	running.Store(p, nil)
	return p, nil
}

func environ(without string) []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool { return without != "" && strings.HasPrefix(v, without) })
}

// Stop ends the server in good order and waits for its end; its folder stays.
func (p *Process) Stop() error { return p.end("stop\n") }

// Close ends the server and removes its folder when the spec says so.
func (p *Process) Close() error { return p.end("") }

func (p *Process) end(word string) (err error) {
	p.once.Do(func() {
		defer close(p.done)
		running.Delete(p)
		if word != "" {
			if _, werr := io.WriteString(p.stdin, word); werr != nil {
				err = werr
			}
		}
		err = errors.Join(err, p.stdin.Close(), p.guard.Wait())
	})
	<-p.done
	return err
}

// Kill ends the server and its children as a power cut would (SIGKILL) and
// returns when they are gone. Its folder stays.
func (p *Process) Kill() error {
	// Stopped first, so that it starts no further children while we look.
	kill := func(pid int, sig syscall.Signal) error {
		if err := syscall.Kill(pid, sig); err != nil && !errors.Is(err, syscall.ESRCH) {
			return err
		}
		return nil
	}
	if err := kill(p.PID, syscall.SIGSTOP); err != nil {
		return err
	}
	children := childrenOf(p.PID)
	err := kill(p.PID, syscall.SIGKILL)
	for _, pid := range children {
		err = errors.Join(err, kill(pid, syscall.SIGKILL))
	}
	err = errors.Join(err, p.Stop())
	for deadline := time.Now().Add(10 * time.Second); slices.ContainsFunc(children, runs) && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	return err
}

// childrenOf lists the children of a process; none where there is no /proc.
func childrenOf(parent int) (pids []int) {
	found, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		var state string
		var ppid int
		if _, err := fmt.Sscan(rest, &state, &ppid); err != nil || ppid != parent {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Running reports whether the server is alive.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
	}
	return runs(p.PID)
}

// runs reports whether a process exists and is no zombie.
func runs(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) || !hasProc // ended meanwhile, or the signal is all we have
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(rest, "Z")
}

var hasProc = func() bool { _, err := os.Stat("/proc/self/stat"); return err == nil }()

// WaitFor polls ready until it returns nil. It gives up when the server ended
// or limit has passed, with the end of the server's log in the error.
func (p *Process) WaitFor(limit time.Duration, ready func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := ready()
		if err == nil {
			return nil
		}
		if !p.Running() {
			return fmt.Errorf("%s ended by itself: %w\n%s", filepath.Base(p.spec.Args[0]), err, LogTail(p.spec.Log))
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s is not ready after %v: %w\n%s", filepath.Base(p.spec.Args[0]), limit, err, LogTail(p.spec.Log))
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// LogTail returns the last part of a log file, for messages.
func LogTail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	const most = 4 << 10
	if len(text) > most {
		text = append([]byte("… "), text[len(text)-most:]...)
	}
	return string(text)
}

// FreeAddr returns an address of the loopback that nobody listens on just now.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Dial reports whether something accepts connections at addr.
func Dial(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return c.Close()
}

// Find returns the program called name: from PATH or from one of the further
// folders (patterns of [filepath.Glob]; the last match, the newest version, wins).
func Find(name string, folders ...string) (string, error) {
	path, err := exec.LookPath(name)
	if err == nil {
		return path, nil
	}
	for _, pattern := range folders {
		found, gerr := filepath.Glob(filepath.Join(pattern, name))
		if gerr == nil && len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", err
}

// Unprivileged returns the first of the named users that exists, for servers
// that refuse to run as root. When we are not root it returns zeros: run as
// ourselves.
func Unprivileged(names ...string) (uid, gid uint32, err error) {
	if os.Geteuid() != 0 {
		return 0, 0, nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uerr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gerr := strconv.ParseUint(u.Gid, 10, 32)
		if uerr == nil && gerr == nil && uid != 0 {
			return uint32(uid), uint32(gid), nil
		}
	}
	return 0, 0, fmt.Errorf("no unprivileged user among %s", strings.Join(names, ", "))
}

// Folder makes a temporary folder that belongs to uid and gid (when uid is not 0).
func Folder(pattern string, uid, gid uint32) (string, error) {
	dir, err := os.MkdirTemp("", pattern)
	if err != nil || uid == 0 {
		return dir, err
	}
	return dir, os.Chown(dir, int(uid), int(gid))
}
