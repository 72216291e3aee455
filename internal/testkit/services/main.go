// Command services starts PostgreSQL, Redis and an S3 server once for a whole
// test run:
//
//	go run ./internal/testkit/services -- go test ./...
//
// runs the command with the addresses in its environment (VERIDESK_TEST_POSTGRES,
// VERIDESK_TEST_REDIS, VERIDESK_TEST_S3), stops the servers afterwards and exits with
// the command's status. Without a command it prints the addresses as lines for a
// shell and serves until it is interrupted. What is not installed is said on
// standard error and left out; -require makes that an error.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/veridesk/veridesk/internal/testkit/pgtest"
	"github.com/veridesk/veridesk/internal/testkit/redistest"
	"github.com/veridesk/veridesk/internal/testkit/s3test"
)

func main() {
	require := flag.Bool("require", false, "fail when one of the servers cannot be started")
	fsync := flag.Bool("fsync", true, "PostgreSQL flushes every commit to disk")
	flag.Parse()
	code, err := run(*require, *fsync, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "services:", err)
	}
	os.Exit(code)
}

func run(require, fsync bool, command []string) (int, error) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	env, stop, err := start(fsync)
	defer func() {
		for _, s := range stop {
			if err := s(); err != nil {
				fmt.Fprintln(os.Stderr, "services:", err)
			}
		}
	}()
	if err != nil {
		if require {
			return 1, err
		}
		fmt.Fprintln(os.Stderr, "services:", err)
	}
	if len(command) == 0 {
		for _, e := range env {
			fmt.Println("export " + e[0] + "='" + e[1] + "'")
		}
		<-signals
		return 0, nil
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = os.Environ()
	for _, e := range env {
		cmd.Env = append(cmd.Env, e[0]+"="+e[1])
	}
	if err := cmd.Start(); err != nil {
		return 1, err
	}
	go func() {
		for s := range signals {
			cmd.Process.Signal(s) //nolint:errcheck // it has ended by itself
		}
	}()
	err = cmd.Wait()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		return max(exit.ExitCode(), 1), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}

// start starts what is installed. The error names what is not.
func start(fsync bool) (env [][2]string, stop []func() error, missing error) {
	if pg, err := pgtest.NewServer(fsync); err == nil {
		env, stop = append(env, [2]string{pgtest.EnvURL, pg.URL("postgres")}), append(stop, pg.Close)
	} else {
		missing = errors.Join(missing, fmt.Errorf("PostgreSQL: %w", err))
	}
	if redis, err := redistest.NewServer(); err == nil {
		env, stop = append(env, [2]string{redistest.EnvAddr, redis.Addr}), append(stop, redis.Close)
	} else {
		missing = errors.Join(missing, fmt.Errorf("redis: %w", err))
	}
	if s3, err := s3test.NewServer(); err == nil {
		env, stop = append(env, [2]string{s3test.EnvURL, s3.Config.URL()}), append(stop, s3.Close)
	} else {
		missing = errors.Join(missing, fmt.Errorf("S3: %w", err))
	}
	return env, stop, missing
}
