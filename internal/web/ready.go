package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Ready is a whole answer made in advance: a public page that is the same for
// everybody who asks alike. It is kept packed, with its header lines already
// written, so that answering it costs a comparison and a copy. It never changes.
type Ready struct {
	header http.Header // what the page says of itself; the edge adds the rest
	etag   string
	plain  int    // length of the body when unpacked, in bytes
	wire   []byte // the lines after the date, an empty line and the packed body
	body   int    // where the packed body begins in wire
	fresh  []byte // the same lines for a 304
}

// Tag returns the entity tag of a body. It is weak, because the same tag stands
// for the packed and the plain form.
func Tag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:15]) + `"`
}

// NewReady prepares the answer 200 with a body for a path of ours. The header
// needs Content-Type, Cache-Control and Vary; entity tag, lengths and the edge's
// security headers are added. An edge of nil adds none.
func (e *Edge) NewReady(path string, header http.Header, body []byte) (*Ready, error) {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", path, err)
	}
	if _, err = z.Write(body); err == nil {
		err = z.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", path, err)
	}
	a := &Ready{header: header.Clone(), etag: Tag(body), plain: len(body)}
	a.header.Set("Etag", a.etag)
	a.header.Add("Vary", "Accept-Encoding")
	all := a.header.Clone()
	if e != nil {
		for k, v := range e.headers[surfaceOf(path)] {
			if _, own := all[k]; !own {
				all[k] = v
			}
		}
	}
	a.fresh = lines(nil, all, "Content-Type")
	all.Set("Content-Encoding", "gzip")
	all.Set("Content-Length", strconv.Itoa(packed.Len()))
	a.wire = lines(make([]byte, 0, 2048+packed.Len()), all)
	a.body = len(a.wire)
	a.wire = slices.Clip(append(a.wire, packed.Bytes()...))
	return a, nil
}

// lines writes header fields and the empty line that ends them. Values are ours;
// one that could break out of its line is a defect and ends there.
func lines(to []byte, h http.Header, without ...string) []byte {
	names := make([]string, 0, len(h))
	for k := range h {
		if !slices.Contains(without, k) {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	for _, k := range names {
		for _, v := range h[k] {
			if i := strings.IndexAny(v, "\r\n"); i >= 0 {
				v = v[:i]
			}
			to = append(append(append(append(to, k...), ": "...), v...), "\r\n"...)
		}
	}
	return append(to, "\r\n"...)
}

// Size is what the answer takes in memory, in bytes, about.
func (a *Ready) Size() int { return len(a.wire) + len(a.fresh) + 1024 }

// Etag returns the entity tag of the body.
func (a *Ready) Etag() string { return a.etag }

// ServeHTTP answers within the edge, which has set its own headers already.
func (a *Ready) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for k, v := range a.header {
		h[k] = v
	}
	delete(h, "X-Request-Id") // the same answer for everybody, from here or from the front
	if MatchesTag(r.Header.Get("If-None-Match"), a.etag) {
		delete(h, "Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	packed := a.wire[a.body:]
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(packed)))
		if r.Method != http.MethodHead {
			a.send(w, r, bytes.NewReader(packed))
		}
		return
	}
	h.Set("Content-Length", strconv.Itoa(a.plain))
	if r.Method == http.MethodHead {
		return
	}
	// Hardly anybody reads unpacked; nothing is kept for them.
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		WriteError(w, r, fmt.Errorf("unpack %s: %w", r.URL.Path, err))
		return
	}
	a.send(w, r, z)
}

func (a *Ready) send(w http.ResponseWriter, r *http.Request, body io.Reader) {
	if _, err := io.Copy(w, body); err != nil {
		Logger(r.Context()).Debug("the reader left", "error", err)
	}
}

// MatchesTag reports whether an If-None-Match field names the tag, compared
// weakly (RFC 9110 §13.1.2).
func MatchesTag(field, tag string) bool {
	for field != "" {
		var part string
		part, field, _ = strings.Cut(field, ",")
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
