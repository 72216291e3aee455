package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/testkit/process"
)

// answer is a page as the desk serves it.
type answer struct {
	path   string
	plain  []byte
	packed []byte
	header http.Header
}

func fetch(addr, path string) (*http.Response, []byte, error) {
	r, err := http.NewRequest(http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Accept-Encoding", "gzip") // set by hand, so the client leaves the body packed
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return res, body, err
}

func capture(addr string, paths []string) ([]answer, error) {
	var out []answer
	for _, p := range paths {
		res, packed, err := fetch(addr, p)
		if err != nil {
			return nil, err
		}
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Encoding") != "gzip" {
			return nil, fmt.Errorf("%s: %s, encoding %q", p, res.Status, res.Header.Get("Content-Encoding"))
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		plain, err := io.ReadAll(z)
		if err != nil {
			return nil, err
		}
		out = append(out, answer{p, plain, packed, res.Header})
	}
	return out, nil
}

// byNginx are headers that nginx makes itself.
var byNginx = []string{"Date", "Server", "Content-Type", "Content-Length", "Content-Encoding", "Etag", "Last-Modified", "Connection", "Accept-Ranges", "X-Request-Id"}

// startNginx serves the answers from files, unpacked and packed side by side,
// with the headers of the first one.
func startNginx(dir string, answers []answer) (*server, error) {
	program, err := process.Find("nginx", "/usr/sbin")
	if err != nil {
		return nil, fmt.Errorf("nginx is not installed (apt-get install nginx-light)")
	}
	root := filepath.Join(dir, "root")
	for _, a := range answers {
		name := filepath.Join(root, a.path)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return nil, err
		}
		for file, body := range map[string][]byte{name: a.plain, name + ".gz": a.packed} {
			if err := os.WriteFile(file, body, 0o644); err != nil {
				return nil, err
			}
		}
	}
	addr, err := process.FreeAddr()
	if err != nil {
		return nil, err
	}
	conf := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(conf, []byte(config(dir, root, addr, answers[0].header)), 0o644); err != nil {
		return nil, err
	}
	p, err := process.Start(process.Spec{Args: []string{program, "-c", conf, "-e", filepath.Join(dir, "nginx.log")}, Dir: dir, Log: filepath.Join(dir, "nginx.log"), Signal: "QUIT"})
	if err != nil {
		return nil, err
	}
	if err := p.WaitFor(10*time.Second, func() error { return process.Dial(addr) }); err != nil {
		return nil, err
	}
	return &server{"nginx", addr, p}, nil
}

// config is nginx as one would set it up to serve files fast: a worker per
// core, sendfile, no access log (the desk writes none either).
func config(dir, root, addr string, h http.Header) string {
	var fields strings.Builder
	for k, values := range h {
		if slices.Contains(byNginx, k) {
			continue
		}
		for _, v := range values {
			fmt.Fprintf(&fields, "    add_header %s %q;\n", k, v)
		}
	}
	if h.Get("X-Request-Id") != "" {
		fields.WriteString("    add_header X-Request-Id $request_id;\n")
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;\n" // the files are ours
	}
	return user + `daemon off;
worker_processes auto;
pid ` + filepath.Join(dir, "nginx.pid") + `;
events { worker_connections 1024; }
http {
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65;
  keepalive_requests 100000000;
  access_log off;
  default_type "` + h.Get("Content-Type") + `";
  types { }
  server {
    listen ` + addr + `;
    root ` + root + `;
    gzip_static on;
` + fields.String() + `  }
}
`
}

// same makes sure that nginx answers what the desk answers: the same bytes and
// about as many bytes of header.
func same(addr string, answers []answer) error {
	for _, a := range answers {
		res, body, err := fetch(addr, a.path)
		if err != nil {
			return err
		}
		if !bytes.Equal(body, a.packed) {
			return fmt.Errorf("nginx answers %s to %s with %d bytes, the desk with %d", res.Status, a.path, len(body), len(a.packed))
		}
		for k := range a.header {
			if res.Header.Get(k) == "" {
				return fmt.Errorf("nginx's answer to %s has no %s", a.path, k)
			}
		}
	}
	return nil
}
