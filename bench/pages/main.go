// Command pages measures the Help Center of a running binary as readers meet
// it: how soon a fresh process with 1,000 articles answers its first page, and
// how many article pages a second it serves compared with nginx serving the
// same bytes from files (gzip_static, the same headers), on the same machine,
// in turns. It prints one line of JSON per figure.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/testkit/process"
)

type options struct {
	binary   string
	articles int
	starts   int
	rounds   int
	clients  int
	duration time.Duration
}

func main() {
	log.SetFlags(0)
	var o options
	flag.StringVar(&o.binary, "binary", "bin/veridesk", "binary to measure")
	flag.IntVar(&o.articles, "articles", 1000, "articles, each in two languages")
	flag.IntVar(&o.starts, "starts", 7, "cold starts")
	flag.IntVar(&o.rounds, "rounds", 7, "rounds of each server, in turns")
	flag.IntVar(&o.clients, "clients", 16, "connections that ask at once")
	flag.DurationVar(&o.duration, "duration", 3*time.Second, "length of a round")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal("bench: ", err)
	}
}

func run(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "veridesk-pages")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	data := filepath.Join(dir, "data")
	paths, err := fill(ctx, o, dir, data)
	if err != nil {
		return err
	}
	var starts []time.Duration
	for range o.starts {
		s, took, err := start(o.binary, dir, data, paths[0])
		if err != nil {
			return err
		}
		starts = append(starts, took)
		if err := s.proc.Stop(); err != nil {
			return err
		}
	}
	figure(map[string]any{"figure": "cold start", "articles": o.articles, "first_page_ms_median": median(starts).Milliseconds(), "first_page_ms": milliseconds(starts)})

	desk, _, err := start(o.binary, dir, data, paths[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, desk.proc.Stop()) }()
	return compare(ctx, o, dir, desk, paths)
}

// fill imports articles into a new data folder and returns the paths of their
// pages.
func fill(ctx context.Context, o options, dir, data string) ([]string, error) {
	folder := filepath.Join(dir, "content")
	paths, err := writeContent(folder, o.articles)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, o.binary, "articles", "import", "--data", data, folder)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("import: %w\n%s", err, out)
	}
	return paths, nil
}

type server struct {
	name string
	addr string
	proc *process.Process
}

// start runs the binary on data and returns how long after its start it
// answered the first page.
func start(binary, dir, data, path string) (*server, time.Duration, error) {
	addr, err := process.FreeAddr()
	if err != nil {
		return nil, 0, err
	}
	began := time.Now()
	p, err := process.Start(process.Spec{
		Args: []string{binary, "serve", "--listen", addr, "--data", data}, Env: []string{"VERIDESK_LOG_LEVEL=warn"},
		Dir: dir, Log: filepath.Join(dir, "veridesk.log"), Without: "VERIDESK_",
	})
	if err != nil {
		return nil, 0, err
	}
	s := &server{"veridesk", addr, p}
	for time.Since(began) < time.Minute {
		res, err := http.Get("http://" + addr + path)
		if err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return s, time.Since(began), nil
			}
			return nil, 0, errors.Join(fmt.Errorf("%s answers %s", path, res.Status), p.Stop())
		}
		time.Sleep(2 * time.Millisecond)
	}
	return nil, 0, errors.Join(fmt.Errorf("no page after a minute:\n%s", process.LogTail(filepath.Join(dir, "veridesk.log"))), p.Stop())
}

// compare serves the same answers from both and asks them in turns.
func compare(ctx context.Context, o options, dir string, desk *server, paths []string) (err error) {
	answers, err := capture(desk.addr, paths)
	if err != nil {
		return err
	}
	var sum int
	for _, a := range answers {
		sum += len(a.packed)
	}
	figure(map[string]any{"figure": "article page", "gzip_bytes_average": sum / len(answers), "pages": len(answers)})
	ours, err := rounds(ctx, o, []*server{desk}, paths)
	if err != nil {
		return err
	}
	nginx, err := startNginx(dir, answers)
	if err != nil {
		figure(map[string]any{"figure": "pages per second", "veridesk": ours[0], "nginx": "skipped: " + err.Error()})
		return nil
	}
	defer func() { err = errors.Join(err, nginx.proc.Stop()) }()
	if err := same(nginx.addr, answers); err != nil {
		return err
	}
	rates, err := rounds(ctx, o, []*server{desk, nginx}, paths)
	if err != nil {
		return err
	}
	var ratios []float64
	for i := range rates[0] {
		ratios = append(ratios, rates[0][i]/rates[1][i])
	}
	figure(map[string]any{
		"figure": "pages per second", "clients": o.clients, "ratio_median": median(ratios), "ratios": ratios,
		"veridesk_median": median(rates[0]), "veridesk": rates[0], "nginx_median": median(rates[1]), "nginx": rates[1],
	})
	return nil
}

// rounds asks each server in turn, so that both see the same weather.
func rounds(ctx context.Context, o options, servers []*server, paths []string) ([][]float64, error) {
	rates := make([][]float64, len(servers))
	for round := range o.rounds + 1 {
		for i, s := range servers {
			n, err := ask(ctx, s.addr, paths, o.clients, o.duration)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.name, err)
			}
			if round > 0 { // the first warms up
				rates[i] = append(rates[i], float64(n)/o.duration.Seconds())
			}
		}
	}
	return rates, nil
}

func median[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func milliseconds(values []time.Duration) []int64 {
	var out []int64
	for _, v := range values {
		out = append(out, v.Milliseconds())
	}
	return out
}

func figure(v map[string]any) {
	for k, x := range v {
		switch x := x.(type) {
		case float64:
			v[k] = round(x)
		case []float64:
			for i := range x {
				x[i] = round(x[i])
			}
		}
	}
	line, err := json.Marshal(v)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.TrimSpace(string(line)))
}

// round keeps what a noisy machine can tell.
func round(x float64) float64 {
	if x > 100 {
		return float64(int64(x))
	}
	return float64(int64(x*1000)) / 1000
}
