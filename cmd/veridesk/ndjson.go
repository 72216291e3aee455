package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// eachLine reads one JSON object per line from in and writes what answer makes
// of it to out, one per line and in order. A line may be of any length; empty
// lines are passed over. Answers go out as soon as no further input is waiting,
// so the command can be talked to. It ends at the first bad line, and the error
// names it.
func eachLine[Q, A any](in io.Reader, out io.Writer, answer func(Q) (A, error)) (err error) {
	w := bufio.NewWriterSize(out, 1<<16)
	defer func() {
		if ferr := w.Flush(); err == nil {
			err = ferr
		}
	}()
	encode := json.NewEncoder(w)
	encode.SetEscapeHTML(false)
	return readLines(in, func(n int, line []byte, waiting bool) error {
		var q Q
		if err := json.Unmarshal(line, &q); err != nil {
			return fmt.Errorf("line %d of the input is not what is expected: %w; write one JSON object per line", n, err)
		}
		a, err := answer(q)
		if err != nil {
			return fmt.Errorf("line %d of the input: %w", n, err)
		}
		if err := encode.Encode(a); err != nil {
			return err
		}
		if waiting {
			return nil
		}
		return w.Flush()
	})
}

// readLines calls fn for each line that is not blank, counting from one, and
// tells it whether more input has been read already.
func readLines(in io.Reader, fn func(n int, line []byte, waiting bool) error) error {
	r := bufio.NewReaderSize(in, 1<<16)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("line %d of the input cannot be read: %w", n, err)
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf")) // some editors begin a file so
		}
		if line := bytes.TrimSpace(line); len(line) > 0 {
			if err := fn(n, line, r.Buffered() > 0); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}
