package blob

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Verdict is what a virus scan found.
type Verdict struct {
	Infected  bool
	Signature string // name of what was found, "" when clean
}

// What a scan may run into; test with errors.Is. A file that was not scanned is not clean.
var (
	ErrScanner     = errors.New("blob: virus scanner cannot be asked")
	ErrScanTooLong = errors.New("blob: file is longer than the virus scanner accepts")
)

// Scanner asks a ClamAV daemon (clamd) by its INSTREAM command. The zero value is not usable; see NewScanner.
type Scanner struct {
	network string
	address string
	timeout time.Duration
}

// NewScanner takes clamd's address, "unix:/run/clamav/clamd.ctl" or "tcp:127.0.0.1:3310", and how long one scan may
// take in all (0 means 2 minutes). It does not connect.
func NewScanner(address string, timeout time.Duration) (*Scanner, error) {
	network, rest, ok := strings.Cut(address, ":")
	if !ok || rest == "" || (network != "unix" && network != "tcp") {
		return nil, fmt.Errorf("%w: address %q is neither unix:PATH nor tcp:HOST:PORT", ErrScanner, address)
	}
	if timeout <= 0 {
		timeout = 2 * time.Minute
	}
	return &Scanner{network: network, address: rest, timeout: timeout}, nil
}

// Check asks clamd whether it is there.
func (s *Scanner) Check(ctx context.Context) error {
	answer, err := s.ask(ctx, func(w *bufio.Writer) error {
		_, err := w.WriteString("zPING\x00")
		return err
	})
	if err != nil {
		return err
	}
	if answer != "PONG" {
		return fmt.Errorf("%w: it answers %q", ErrScanner, answer)
	}
	return nil
}

// Scan sends r to clamd. Errors: ErrScanTooLong, ErrScanner (also when clamd is not there), or an error of r, wrapped.
func (s *Scanner) Scan(ctx context.Context, r io.Reader) (Verdict, error) {
	answer, err := s.ask(ctx, func(w *bufio.Writer) error {
		if _, err := w.WriteString("zINSTREAM\x00"); err != nil {
			return err
		}
		return sendChunks(w, r)
	})
	if err != nil {
		return Verdict{}, err
	}
	return parseVerdict(answer)
}

// sourceError is an error of the file that is scanned, not of the scanner.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

// sendChunks writes r as clamd wants it: each chunk behind its length in four bytes, big-endian, then a zero length.
func sendChunks(w *bufio.Writer, r io.Reader) error {
	chunk := make([]byte, 64<<10)
	var length [4]byte
	for {
		n, err := r.Read(chunk)
		if n > 0 {
			binary.BigEndian.PutUint32(length[:], uint32(n)) //nolint:gosec // n ≤ 64 Ki
			if _, writeErr := w.Write(length[:]); writeErr != nil {
				return writeErr
			}
			if _, writeErr := w.Write(chunk[:n]); writeErr != nil {
				return writeErr
			}
		}
		if errors.Is(err, io.EOF) {
			_, err = w.Write(make([]byte, 4))
			return err
		}
		if err != nil {
			return sourceError{fmt.Errorf("blob: reading a file to scan: %w", err)}
		}
	}
}

// ask opens a connection, sends a command and gives the answer without its closing zero byte.
func (s *Scanner) ask(ctx context.Context, send func(*bufio.Writer) error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrScanner, err)
	}
	defer conn.Close()                                                           //nolint:errcheck // the answer is complete or an error is returned
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) }) //nolint:errcheck // a closed connection needs none
	defer stop()

	w := bufio.NewWriterSize(conn, 64<<10)
	sendErr := send(w)
	if sendErr == nil {
		sendErr = w.Flush()
	}
	var source sourceError
	if errors.As(sendErr, &source) {
		return "", source.error
	}
	// clamd closes the connection in the middle of a file that is too long, and has then said why: read first.
	answer, err := bufio.NewReader(io.LimitReader(conn, 4096)).ReadString(0)
	answer = strings.TrimRight(answer, "\x00\r\n")
	switch {
	case answer != "":
		return answer, nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("%w: %w", ErrScanner, ctx.Err())
	case sendErr != nil:
		return "", fmt.Errorf("%w: %w", ErrScanner, sendErr)
	}
	return "", fmt.Errorf("%w: no answer: %w", ErrScanner, err)
}

func parseVerdict(answer string) (Verdict, error) {
	text := strings.TrimPrefix(answer, "stream: ")
	if text == "OK" {
		return Verdict{}, nil
	}
	if signature, found := strings.CutSuffix(text, " FOUND"); found {
		return Verdict{Infected: true, Signature: signature}, nil
	}
	if strings.Contains(text, "size limit exceeded") {
		return Verdict{}, fmt.Errorf("%w: %s", ErrScanTooLong, text)
	}
	return Verdict{}, fmt.Errorf("%w: it answers %q", ErrScanner, answer)
}
