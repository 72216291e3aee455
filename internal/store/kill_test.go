package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/testkit/pgtest"
)

// envWriter makes the test binary play the process that is killed: the address
// of its database, and the number of the round.
const envWriter = "VERIDESK_STORE_WRITER"

func TestMain(m *testing.M) {
	if v := os.Getenv(envWriter); v != "" {
		round, url, _ := strings.Cut(v, " ")
		if err := writeUntilKilled(round, url); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// writeUntilKilled is 50 senders. Each transaction takes a case number and
// writes two rows; "name number" goes to standard output when Write has returned.
func writeUntilKilled(round, url string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{URL: url, Exclusive: true, MaxConns: 16})
	if err != nil {
		return err
	}
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	for w := range 50 {
		go func() {
			for i := 0; ; i++ {
				who := fmt.Sprintf("%s/%d/%d", round, w, i)
				var number int64
				err := s.Write(ctx, func(tx *store.Tx) (err error) {
					if err = mark(tx, who); err != nil {
						return err
					}
					if number, err = tx.NextCount("case", 1); err != nil {
						return err
					}
					return mark(tx, who+"="+strconv.FormatInt(number, 10))
				})
				if err != nil {
					time.Sleep(10 * time.Millisecond) // the database is away: the next one, later
					continue
				}
				// One write call, shorter than a pipe keeps whole.
				os.Stdout.WriteString(who + " " + strconv.FormatInt(number, 10) + "\n") //nolint:errcheck // the reader is gone: we are being killed
			}
		}()
	}
	select {}
}

// writerProcess is a child that acknowledges on a pipe.
type writerProcess struct {
	cmd  *exec.Cmd
	mu   sync.Mutex
	acks map[string]string // name → case number
	done chan struct{}
}

func startWriter(t *testing.T, round int, url string) *writerProcess {
	t.Helper()
	w := &writerProcess{cmd: exec.Command(os.Args[0]), acks: map[string]string{}, done: make(chan struct{})}
	w.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d %s", envWriter, round, url))
	w.cmd.Stderr = os.Stderr
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(w.done)
		r := bufio.NewReader(out)
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				io.Copy(io.Discard, r) //nolint:errcheck // the end of a killed process
				return
			}
			name, number, _ := strings.Cut(strings.TrimSpace(line), " ")
			w.mu.Lock()
			w.acks[name] = number
			w.mu.Unlock()
		}
	}()
	return w
}

func (w *writerProcess) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acks)
}

func (w *writerProcess) kill(t *testing.T) map[string]string {
	t.Helper()
	if err := w.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	w.cmd.Wait() //nolint:errcheck // it was killed
	<-w.done
	return w.acks
}

// What was acknowledged is on disk: after kill -9 of the program, and of the
// database server in every third round on PostgreSQL, each acknowledged
// transaction is there exactly once and whole, and no case number was used twice.
func TestAcknowledgedSurvivesKill9(t *testing.T) {
	rounds := 3
	if os.Getenv("VERIDESK_SOAK") == "full" {
		rounds = 20
	}
	t.Run("sqlite", func(t *testing.T) {
		killRounds(t, rounds, storetest.SQLiteURL(t), nil)
	})
	t.Run("postgres", func(t *testing.T) {
		server := pgtest.Private(t)
		killRounds(t, rounds, server.URL("postgres"), server)
	})
}

func killRounds(t *testing.T, rounds int, url string, server *pgtest.Server) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	acknowledged := map[string]string{}
	for round := range rounds {
		w := startWriter(t, round, url)
		moment := 1 + random.IntN(2000)
		poll(t, "acknowledgements", func() bool { return w.count() >= moment })
		if server != nil && round%3 == 1 {
			if err := server.Kill(); err != nil {
				t.Fatal(err)
			}
			before := w.count()
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			poll(t, "the writers carry on by themselves", func() bool { return w.count() > before+200 })
		}
		for name, number := range w.kill(t) {
			acknowledged[name] = number
		}
		verifyAcknowledged(t, url, acknowledged)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d rounds, %d acknowledged transactions", rounds, len(acknowledged))
}

func verifyAcknowledged(t *testing.T, url string, acknowledged map[string]string) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{URL: url, Exclusive: true, MaxConns: 4})
	if err != nil {
		t.Fatalf("reopen: %v", err)
	}
	defer s.Close()
	rows, err := s.Read(t.Context()).Strings(`SELECT recipient FROM mail_preview`)
	if err != nil {
		t.Fatal(err)
	}
	seen, numbers := map[string]int{}, map[string]string{}
	for _, row := range rows {
		seen[row]++
		if name, number, second := strings.Cut(row, "="); second {
			if other, taken := numbers[number]; taken {
				t.Errorf("case number %s belongs to %s and %s", number, other, name)
			}
			numbers[number] = name
			if seen[row] > 1 {
				t.Errorf("%s is there %d times", row, seen[row])
			}
		}
	}
	if len(rows) != 2*len(numbers) {
		t.Errorf("%d rows for %d transactions: one is there by half", len(rows), len(numbers))
	}
	for name, number := range acknowledged {
		if seen[name] != 1 || seen[name+"="+number] != 1 {
			t.Errorf("acknowledged %s (case %s) is there %d and %d times", name, number, seen[name], seen[name+"="+number])
		}
	}
	if s.Engine() == store.SQLite {
		if check, err := s.Read(t.Context()).Strings(`PRAGMA integrity_check`); err != nil || len(check) != 1 || check[0] != "ok" {
			t.Errorf("integrity: %v, %v", check, err)
		}
	}
}
