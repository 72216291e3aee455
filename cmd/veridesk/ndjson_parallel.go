package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// eachLineAtOnce is eachLine with several answers in the making: answer is
// called from as many goroutines as there are cores, and the answers still go
// out in the order of the lines.
func eachLineAtOnce[Q, A any](in io.Reader, out io.Writer, answer func(Q) (A, error)) (err error) {
	type job struct {
		n      int
		line   []byte
		answer A
		err    error
		done   chan struct{}
	}
	workers := runtime.GOMAXPROCS(0)
	todo := make(chan *job)
	queue := make(chan *job, 16*workers) // the same jobs in order
	stop := make(chan struct{})
	var reading error

	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for j := range todo {
				j.answer, j.err = answerLine(j.n, j.line, answer)
				close(j.done)
			}
		})
	}
	wg.Go(func() {
		defer close(queue)
		defer close(todo)
		reading = readLines(in, func(n int, line []byte, _ bool) error {
			j := &job{n: n, line: append([]byte(nil), line...), done: make(chan struct{})}
			select {
			case queue <- j:
			case <-stop:
				return errStopped
			}
			select {
			case todo <- j:
			case <-stop:
				return errStopped
			}
			return nil
		})
	})

	w := bufio.NewWriterSize(out, 1<<16)
	encode := json.NewEncoder(w)
	encode.SetEscapeHTML(false)
	for j := range queue {
		<-j.done
		if err = j.err; err == nil {
			err = encode.Encode(j.answer)
		}
		if err == nil && len(queue) == 0 { // nobody has to wait for the next answer to see this one
			err = w.Flush()
		}
		if err != nil {
			break
		}
	}
	close(stop)
	if ferr := w.Flush(); err == nil {
		err = ferr
	}
	if err != nil {
		return err // the reader may be waiting for input for ever: it is left behind
	}
	wg.Wait()
	return reading
}

var errStopped = errors.New("stopped")

func answerLine[Q, A any](n int, line []byte, answer func(Q) (A, error)) (a A, err error) {
	var q Q
	if err := json.Unmarshal(line, &q); err != nil {
		return a, fmt.Errorf("line %d of the input is not what is expected: %w; write one JSON object per line", n, err)
	}
	if a, err = answer(q); err != nil {
		return a, fmt.Errorf("line %d of the input: %w", n, err)
	}
	return a, nil
}
