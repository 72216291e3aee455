// Command chat measures the conversation path of a running binary over real
// HTTP and WebSocket, with the client on the same machine: durable messages per
// second from many visitors, then the time from one side to the other's screen
// at light load. It prints one line of JSON per figure.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"github.com/veridesk/veridesk/internal/testkit/client"
)

func main() {
	log.SetFlags(0)
	binary := flag.String("binary", "bin/veridesk", "binary to measure")
	database := flag.String("database", "", "database address; empty: SQLite in a temporary folder")
	visitors := flag.Int("visitors", 50, "senders at once")
	duration := flag.Duration("duration", 20*time.Second, "how long they send")
	pings := flag.Int("pings", 300, "messages of each direction in the latency part")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *binary, *database, *visitors, *duration, *pings); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, binary, database string, visitors int, duration time.Duration, pings int) (err error) {
	srv, err := startServer(ctx, binary, database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	idle := srv.rss()
	if err := measureLatency(ctx, srv, pings); err != nil {
		return err
	}
	if err := measureThroughput(ctx, srv, visitors, duration); err != nil {
		return err
	}
	return figure(map[string]any{"figure": "memory", "engine": srv.engine, "idle_mb": idle >> 20, "after_load_mb": srv.rss() >> 20, "first_page_ms": srv.firstPage.Milliseconds()})
}

// devices is how many visitors one sender takes turns with: a single one may not
// send as fast as a benchmark does.
const devices = 20

// measureThroughput lets every sender write one message after the other and
// counts what was acknowledged.
func measureThroughput(ctx context.Context, srv *server, visitors int, duration time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, duration+30*time.Second)
	defer cancel()
	people := make([][devices]*client.Visitor, visitors)
	for i := range people {
		for k := range people[i] {
			v, err := client.NewVisitor(ctx, srv.base)
			if err != nil {
				return err
			}
			if k > 0 {
				v.HTTP.CloseIdleConnections()
				v.HTTP = people[i][0].HTTP
			}
			if _, err := v.Begin(ctx, client.NewID(), fmt.Sprintf("My withdrawal %d-%d has been pending for an hour.", i, k)); err != nil {
				return err
			}
			people[i][k] = v
		}
	}
	var mu sync.Mutex
	var took []time.Duration
	var failed int
	var wg sync.WaitGroup
	began := time.Now()
	for i, mine := range people {
		wg.Go(func() {
			var waited []time.Duration
			bad := 0
			for n := 0; time.Since(began) < duration; n++ {
				t := time.Now()
				if _, err := mine[n%devices].Send(ctx, client.NewID(), messages[(i+n)%len(messages)]); err != nil {
					bad++
					if bad > 100 {
						break
					}
					continue
				}
				waited = append(waited, time.Since(t))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, waited...)
			failed += bad
		})
	}
	wg.Wait()
	elapsed := time.Since(began)
	return figure(map[string]any{
		"figure": "durable messages over HTTP", "engine": srv.engine, "visitors": visitors, "seconds": elapsed.Seconds(),
		"per_second": int(float64(len(took)) / elapsed.Seconds()), "acknowledged": len(took), "failed": failed,
		"p50_ms": ms(quantile(took, 0.5)), "p95_ms": ms(quantile(took, 0.95)), "p99_ms": ms(quantile(took, 0.99)), "max_ms": ms(quantile(took, 1)),
	})
}

// pause is how long nothing happens between two things that are timed.
const pause = 25 * time.Millisecond

// measureLatency sends messages one by one, some 20 a second, and measures until
// the other side's socket has them. Between two messages, after the same pause, it
// measures a bare flush of the same disk: no durable message can be faster, and on
// a disk that has a long tail the tail is the disk's.
func measureLatency(ctx context.Context, srv *server, pings int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(pings)*500*time.Millisecond+30*time.Second)
	defer cancel()
	v, err := client.NewVisitor(ctx, srv.base)
	if err != nil {
		return err
	}
	if _, err := v.Begin(ctx, client.NewID(), "Hello, is anybody there?"); err != nil {
		return err
	}
	agent, err := client.SignIn(ctx, srv.base, demoEmail, demoPassword)
	if err != nil {
		return err
	}
	agentEvents, err := agent.Listen(ctx)
	if err != nil {
		return err
	}
	visitorEvents, err := v.Listen(ctx)
	if err != nil {
		return err
	}
	for _, way := range []struct {
		name   string
		send   func(id string) error
		events <-chan client.Event
	}{
		{"visitor to agent", func(id string) error { _, err := v.Send(ctx, id, "Is it there yet?"); return err }, agentEvents},
		{"agent to visitor", func(id string) error {
			_, err := agent.Reply(ctx, v.Conversation, id, "We are looking into it.")
			return err
		}, visitorEvents},
	} {
		var took, flushed []time.Duration
		for range pings {
			id := client.NewID()
			t := time.Now()
			if err := way.send(id); err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			if err := await(ctx, way.events, id); err != nil {
				return fmt.Errorf("%s: %w", way.name, err)
			}
			took = append(took, time.Since(t))
			time.Sleep(pause)
			flush, err := srv.flush()
			if err != nil {
				return err
			}
			flushed = append(flushed, flush)
			time.Sleep(pause)
		}
		if err := figure(map[string]any{
			"figure": "latency " + way.name, "engine": srv.engine, "messages": len(took),
			"p50_ms": ms(quantile(took, 0.5)), "p95_ms": ms(quantile(took, 0.95)), "p99_ms": ms(quantile(took, 0.99)), "max_ms": ms(quantile(took, 1)),
			"disk_flush_p50_ms": ms(quantile(flushed, 0.5)), "disk_flush_p95_ms": ms(quantile(flushed, 0.95)),
			"disk_flush_p99_ms": ms(quantile(flushed, 0.99)), "disk_flush_max_ms": ms(quantile(flushed, 1)),
		}); err != nil {
			return err
		}
	}
	return nil
}

func await(ctx context.Context, events <-chan client.Event, clientID string) error {
	for {
		select {
		case ev, ok := <-events:
			if !ok {
				return errors.New("the socket was closed")
			}
			if ev.Message.ClientID == clientID {
				return nil
			}
		case <-ctx.Done():
			return errors.New("the message did not arrive")
		}
	}
}

func quantile(d []time.Duration, q float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(int(q*float64(len(d))), len(d)-1)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func figure(v map[string]any) error { return json.NewEncoder(os.Stdout).Encode(v) }

var messages = []string{
	"My deposit of 0.42 BTC has 6 confirmations and is still not credited.",
	"The transaction id is 8f2ce3a1b0d94c5e7f6a8b9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b7c8d9e.",
	"提现一直显示处理中，已经两个小时了，请帮我看一下。",
	"I can log in but the withdrawal page says my account is restricted.",
	"充值 USDT 选错了网络，地址是对的，怎么办？",
	"Could you tell me how long the review usually takes?",
}
