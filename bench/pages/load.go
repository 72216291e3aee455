package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// ask sends requests for the pages over keep-alive connections, one after the
// other on each, and counts the whole answers. It reads as little of them as it
// can: what the client costs is taken from the servers, who share the machine.
func ask(ctx context.Context, addr string, paths []string, clients int, duration time.Duration) (int, error) {
	requests := make([][]byte, len(paths))
	for i, p := range paths {
		requests[i] = []byte("GET " + p + " HTTP/1.1\r\nHost: " + addr + "\r\nAccept-Encoding: gzip\r\nUser-Agent: bench\r\n\r\n")
	}
	end := time.Now().Add(duration)
	counts := make([]int, clients)
	g, ctx := errgroup.WithContext(ctx)
	for c := range clients {
		g.Go(func() error {
			n, err := askOne(ctx, addr, requests, c*7919, end)
			counts[c] = n
			return err
		})
	}
	err := g.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return sum, err
}

func askOne(ctx context.Context, addr string, requests [][]byte, next int, end time.Time) (int, error) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(end.Add(10 * time.Second)); err != nil {
		return 0, err
	}
	r := bufio.NewReaderSize(conn, 64<<10)
	n := 0
	for ; ctx.Err() == nil && time.Now().Before(end); n++ {
		if _, err := conn.Write(requests[next%len(requests)]); err != nil {
			return n, err
		}
		if err := skipAnswer(r); err != nil {
			return n, err
		}
		next++
	}
	return n, nil
}

var lengthField = []byte("content-length:")

func skipAnswer(r *bufio.Reader) error {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.Contains(status, []byte(" 200 ")) {
		return fmt.Errorf("answered %q", status)
	}
	length := -1
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if len(line) > len(lengthField) && (line[0]|0x20) == 'c' && bytes.EqualFold(line[:len(lengthField)], lengthField) {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthField):]))); err != nil {
				return err
			}
		}
	}
	if length < 0 {
		return fmt.Errorf("an answer has no length")
	}
	_, err = io.CopyN(io.Discard, r, int64(length))
	return err
}
