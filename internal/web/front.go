package web

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	frontBuffer = 8 << 10          // a request that is longer is the server's
	frontIdle   = 2 * time.Minute  // as the server's own idle timeout
	frontRenew  = 10 * time.Second // setting a deadline costs; once in a while is enough

	frontPatience = 2 * time.Second // for answers under way when we close
)

// Front stands before the HTTP server and answers what is [Ready] from the
// connection itself: one read, one write, nothing allocated. Whatever is not a
// plain GET or HEAD of a ready page goes on to the server, with its connection
// and every byte that was read; the server then keeps it.
//
// It is an accelerator and nothing else: the handlers behind it give the same
// answers. There is no access log here, so do not put a Front up when one is
// wanted.
type Front struct {
	inner  net.Listener
	find   func(*Question) *Ready
	log    *slog.Logger
	others chan net.Conn
	fail   chan error
	done   chan struct{}
	once   sync.Once
	served atomic.Int64

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	wg    sync.WaitGroup
	now   func() time.Time
	clock atomic.Pointer[clockLines]
}

// NewFront puts a front before a listener. find returns the answer to a
// question, nil when there is none ready; the question is valid only during the
// call. It is called from many goroutines.
func NewFront(inner net.Listener, find func(*Question) *Ready, log *slog.Logger) *Front {
	f := &Front{
		inner: inner, find: find, log: log, others: make(chan net.Conn), fail: make(chan error), done: make(chan struct{}),
		conns: map[net.Conn]struct{}{}, now: time.Now,
	}
	if f.log == nil {
		f.log = slog.Default()
	}
	f.wg.Go(f.accept)
	return f
}

// Served returns how many requests were answered here.
func (f *Front) Served() int64 { return f.served.Load() }

// Addr implements net.Listener.
func (f *Front) Addr() net.Addr { return f.inner.Addr() }

// Accept implements net.Listener for the server behind.
func (f *Front) Accept() (net.Conn, error) {
	select {
	case c := <-f.others:
		return c, nil
	case err := <-f.fail:
		return nil, err
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close stops listening, lets answers under way finish and ends the connections
// that wait for a request.
func (f *Front) Close() error {
	var err error
	f.once.Do(func() {
		close(f.done)
		err = f.inner.Close()
		f.mu.Lock()
		for c := range f.conns {
			// Wakes whoever reads; whoever writes may finish first.
			e := errors.Join(c.SetReadDeadline(time.Unix(1, 0)), c.SetWriteDeadline(f.now().Add(frontPatience)))
			if e != nil && !errors.Is(e, net.ErrClosed) {
				f.log.Debug("wake a connection", "error", e)
			}
		}
		f.mu.Unlock()
		f.wg.Wait()
	})
	return err
}

func (f *Front) closed() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

func (f *Front) accept() {
	for {
		c, err := f.inner.Accept()
		if err != nil {
			select {
			case f.fail <- err: // the server decides whether to go on
				if errors.Is(err, net.ErrClosed) {
					return
				}
				continue
			case <-f.done:
				return
			}
		}
		f.mu.Lock()
		if f.closed() {
			f.mu.Unlock()
			f.end(c)
			return
		}
		f.conns[c] = struct{}{}
		f.wg.Add(1)
		f.mu.Unlock()
		go f.serve(c)
	}
}

func (f *Front) forget(c net.Conn) {
	f.mu.Lock()
	delete(f.conns, c)
	f.mu.Unlock()
}

func (f *Front) end(c net.Conn) {
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		f.log.Debug("close a connection", "error", err)
	}
}

var frontBuffers = sync.Pool{New: func() any { return new([frontBuffer]byte) }}

// serve answers on one connection until it ends or is handed on.
func (f *Front) serve(c net.Conn) {
	defer f.wg.Done()
	buf := frontBuffers.Get().(*[frontBuffer]byte)
	begun := f.answer(c, buf)
	f.forget(c)
	if begun < 0 || f.closed() {
		frontBuffers.Put(buf)
		f.end(c)
		return
	}
	first := append([]byte(nil), buf[:begun]...)
	frontBuffers.Put(buf)
	if err := c.SetDeadline(time.Time{}); err != nil {
		f.end(c)
		return
	}
	select {
	case f.others <- &begunConn{Conn: c, first: first}:
	case <-f.done:
		f.end(c)
	}
}

// answer answers requests until one is not ready; it returns how many bytes of
// that one are in the buffer, or -1 when the connection is over.
func (f *Front) answer(c net.Conn, buf *[frontBuffer]byte) int {
	var renewed time.Time
	var out net.Buffers
	pieces := make([][]byte, 0, 2)
	have := 0
	var q Question
	for {
		now := f.now()
		if now.Sub(renewed) > frontRenew {
			if c.SetDeadline(now.Add(frontIdle)) != nil {
				return -1
			}
			renewed = now
			if f.closed() { // the deadline above may have undone Close's
				return -1
			}
		}
		if have == 0 {
			n, err := c.Read(buf[:])
			if n == 0 || (err != nil && !errors.Is(err, os.ErrDeadlineExceeded)) {
				return -1
			}
			have, now = n, f.now()
		}
		used := q.read(buf[:have])
		if used == 0 {
			return have
		}
		a := f.find(&q)
		if a == nil {
			return have
		}
		status := f.lines(now)
		switch {
		case q.matches(a.etag):
			pieces = append(pieces[:0], status.fresh, a.fresh)
		case !q.gzip:
			return have
		case q.Head:
			pieces = append(pieces[:0], status.ok, a.wire[:a.body])
		default:
			pieces = append(pieces[:0], status.ok, a.wire)
		}
		out = pieces
		if _, err := out.WriteTo(c); err != nil {
			return -1
		}
		f.served.Add(1)
		have = copy(buf[:], buf[used:have])
		if f.closed() {
			return -1
		}
	}
}

// clockLines are a second's first lines of an answer.
type clockLines struct {
	second    int64
	ok, fresh []byte
}

func (f *Front) lines(now time.Time) *clockLines {
	l := f.clock.Load()
	if l != nil && l.second == now.Unix() {
		return l
	}
	// RFC 9110 §5.6.7
	date := "Date: " + now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") + "\r\n"
	l = &clockLines{now.Unix(), []byte("HTTP/1.1 200 OK\r\n" + date), []byte("HTTP/1.1 304 Not Modified\r\n" + date)}
	f.clock.Store(l)
	return l
}

// begunConn is a connection of which something was read already.
type begunConn struct {
	net.Conn
	first []byte
}

// Read gives what was read before, then goes on.
func (c *begunConn) Read(p []byte) (int, error) {
	if len(c.first) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.first)
	if c.first = c.first[n:]; len(c.first) == 0 {
		c.first = nil
	}
	return n, nil
}

// ReadFrom lets the server send files without copying them.
func (c *begunConn) ReadFrom(r io.Reader) (int64, error) {
	if to, ok := c.Conn.(io.ReaderFrom); ok {
		return to.ReadFrom(r)
	}
	return io.Copy(struct{ io.Writer }{c.Conn}, r)
}

// CloseWrite lets the server end its half first, so that a client reads an
// error before its connection breaks.
func (c *begunConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
