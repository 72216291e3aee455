package blob

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// eicar marks what the fake clamd takes for a virus. (The real EICAR test file would alarm scanners of this repository.)
const eicar = "THIS-IS-A-TEST-VIRUS"

// fakeClamd speaks clamd's protocol as its manual describes it: commands with "z" end in a zero byte, INSTREAM takes
// chunks behind a length in four bytes and ends with a zero length.
func fakeClamd(t *testing.T, network, address string, limit int) string {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() }) //nolint:errcheck // end of test
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close() //nolint:errcheck // test
				io.WriteString(conn, clamdAnswer(bufio.NewReader(conn), limit)+"\x00")
			}()
		}
	}()
	return network + ":" + l.Addr().String()
}

func clamdAnswer(r *bufio.Reader, limit int) string {
	command, err := r.ReadString(0)
	switch {
	case err != nil:
		return "read error. ERROR"
	case command == "zPING\x00":
		return "PONG"
	case command != "zINSTREAM\x00":
		return "UNKNOWN COMMAND"
	}
	var file bytes.Buffer
	for {
		var length uint32
		if err := binary.Read(r, binary.BigEndian, &length); err != nil {
			return "stream: chunk missing. ERROR"
		}
		if length == 0 {
			break
		}
		if file.Len()+int(length) > limit {
			return "INSTREAM size limit exceeded. ERROR"
		}
		if _, err := io.CopyN(&file, r, int64(length)); err != nil {
			return "stream: cut. ERROR"
		}
	}
	if bytes.Contains(file.Bytes(), []byte(eicar)) {
		return "stream: Eicar-Test-Signature FOUND"
	}
	return "stream: OK"
}

func scanner(t *testing.T, address string) *Scanner {
	t.Helper()
	s, err := NewScanner(address, 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An infected attachment that is called clean is opened by an agent.
func TestScanTellsInfectedFromClean(t *testing.T) {
	for _, address := range []string{
		fakeClamd(t, "tcp", "127.0.0.1:0", 1<<20),
		fakeClamd(t, "unix", filepath.Join(t.TempDir(), "clamd"), 1<<20),
	} {
		s := scanner(t, address)
		if err := s.Check(t.Context()); err != nil {
			t.Errorf("Check: %v", err)
		}
		for _, c := range []struct {
			content string
			want    Verdict
		}{
			{"", Verdict{}},
			{"a screenshot", Verdict{}},
			{strings.Repeat("x", 300_000), Verdict{}},
			{strings.Repeat("x", 65530) + eicar + strings.Repeat("x", 100_000), Verdict{true, "Eicar-Test-Signature"}},
		} {
			got, err := s.Scan(t.Context(), iotest.HalfReader(strings.NewReader(c.content)))
			if err != nil || got != c.want {
				t.Errorf("%d bytes: %+v, %v, want %+v", len(c.content), got, err, c.want)
			}
		}
	}
}

// What could not be scanned is not clean.
func TestNoVerdictIsAnError(t *testing.T) {
	s := scanner(t, fakeClamd(t, "tcp", "127.0.0.1:0", 1000))
	if _, err := s.Scan(t.Context(), strings.NewReader(strings.Repeat("x", 5<<20))); !errors.Is(err, ErrScanTooLong) && !errors.Is(err, ErrScanner) {
		t.Errorf("too long: %v", err)
	}
	broken := errors.New("broken")
	if _, err := s.Scan(t.Context(), io.MultiReader(strings.NewReader("x"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("broken source: %v", err)
	}
	down := scanner(t, "unix:"+filepath.Join(t.TempDir(), "none"))
	if _, err := down.Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, ErrScanner) {
		t.Errorf("no clamd: %v", err)
	}
	if err := down.Check(t.Context()); !errors.Is(err, ErrScanner) {
		t.Errorf("Check without clamd: %v", err)
	}
	for _, answer := range []string{"", "stream: something ERROR", "FOUND", "OK?"} {
		if v, err := parseVerdict(answer); err == nil {
			t.Errorf("answer %q gives %+v", answer, v)
		}
	}
	for _, address := range []string{"", "unix:", "localhost:3310", "/run/clamd"} {
		if _, err := NewScanner(address, 0); !errors.Is(err, ErrScanner) {
			t.Errorf("NewScanner(%q): %v", address, err)
		}
	}
}

func TestScanEndsWithItsRequest(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close() //nolint:errcheck // end of test
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	_, err = scanner(t, "tcp:"+silent.Addr().String()).Scan(ctx, strings.NewReader("x"))
	if !errors.Is(err, ErrScanner) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Scan: %v", err)
	}
}

// The protocol above is our reading of the manual; the real daemon has the last word.
func TestRealClamAV(t *testing.T) {
	address := os.Getenv("VERIDESK_TEST_CLAMD")
	if address == "" {
		t.Skip("no ClamAV: set VERIDESK_TEST_CLAMD to tcp:HOST:PORT or unix:PATH of a running clamd")
	}
	s := scanner(t, address)
	if err := s.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	// In two halves, so that this file is not taken for a virus itself.
	virus := `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`
	for content, want := range map[string]bool{"a screenshot": false, virus: true} {
		got, err := s.Scan(t.Context(), strings.NewReader(content))
		if err != nil || got.Infected != want {
			t.Errorf("%d bytes: %+v, %v", len(content), got, err)
		}
	}
}
