package blobtest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// Virus marks what the daemon of [Clamd] takes for a virus. (The real EICAR test file would alarm scanners of this
// repository.)
const Virus = "THIS-IS-A-TEST-VIRUS"

// Clamd speaks clamd's protocol, as its manual describes it, on a free port of the loopback until the test ends:
// commands with "z" end in a zero byte, INSTREAM takes chunks behind a length in four bytes and ends with a zero length.
// limit is the longest file in bytes. It gives the address and a function that stops it.
func Clamd(t testing.TB, limit int) (address string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	stop = func() { l.Close() } //nolint:errcheck // it may be stopped already
	t.Cleanup(stop)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()                                                   //nolint:errcheck // test
				io.WriteString(conn, clamdSays(bufio.NewReader(conn), limit)+"\x00") //nolint:errcheck // test
			}()
		}
	}()
	return l.Addr().String(), stop
}

func clamdSays(r *bufio.Reader, limit int) string {
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
	if bytes.Contains(file.Bytes(), []byte(Virus)) {
		return "stream: Test-Signature FOUND"
	}
	return "stream: OK"
}
