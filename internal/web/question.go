package web

import (
	"bytes"
)

// Question is a request as far as an answer made in advance may depend on it.
// The slices are parts of the connection's buffer.
type Question struct {
	Head           bool // only the header is asked for
	Host           []byte
	Path           []byte // letters, digits and -._~/ only; no dot begins a segment
	Cookie         []byte
	AcceptLanguage []byte
	Referer        []byte
	UserAgent      []byte

	ifNoneMatch []byte
	encoding    []byte
	gzip        bool
}

// read takes a request from the beginning of data. It returns the request's
// length, or 0 for everything that is not a complete, plain GET or HEAD in the
// strictest reading of RFC 9112: that is left to the server, which knows how to
// refuse.
func (q *Question) read(data []byte) int {
	*q = Question{}
	end := bytes.Index(data, []byte("\r\n\r\n"))
	if end < 0 {
		return 0
	}
	line, rest, _ := bytes.Cut(data[:end+2], crlf)
	if !q.line(line) {
		return 0
	}
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, crlf)
		if !q.field(line) {
			return 0
		}
	}
	if q.Host == nil {
		return 0
	}
	return end + 4
}

var (
	crlf    = []byte("\r\n")
	version = []byte(" HTTP/1.1")
)

func (q *Question) line(line []byte) bool {
	path, ok := bytes.CutPrefix(line, []byte("GET "))
	if !ok {
		if path, q.Head = bytes.CutPrefix(line, []byte("HEAD ")); !q.Head {
			return false
		}
	}
	path, ok = bytes.CutSuffix(path, version)
	if !ok || len(path) == 0 || path[0] != '/' {
		return false
	}
	before := byte(0)
	for _, c := range path {
		if !plainPath[c] || (before == '/' && (c == '/' || c == '.')) {
			return false
		}
		before = c
	}
	q.Path = path
	return true
}

// field takes one field; false hands the request on.
func (q *Question) field(line []byte) bool {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || len(line) > 4096 {
		return false
	}
	name, value := line[:colon], line[colon+1:]
	var key [24]byte
	for i, c := range name {
		if !tokenByte[c] {
			return false
		}
		if i < len(key) {
			key[i] = c | 0x20
		}
	}
	for _, c := range value {
		if (c < ' ' && c != '\t') || c == 0x7f {
			return false
		}
	}
	value = bytes.Trim(value, " \t")
	if len(name) > len(key) {
		return true
	}
	once := func(to *[]byte) bool {
		first := *to == nil
		*to = value
		return first && len(value) > 0
	}
	switch string(key[:len(name)]) {
	case "host":
		return once(&q.Host) && plainHost(value)
	case "cookie":
		return once(&q.Cookie)
	case "accept-language":
		return once(&q.AcceptLanguage)
	case "referer":
		return once(&q.Referer)
	case "user-agent":
		return once(&q.UserAgent)
	case "if-none-match":
		return once(&q.ifNoneMatch)
	case "accept-encoding":
		q.gzip = acceptsGzipValue(string(value))
		return once(&q.encoding)
	case "connection":
		return len(value) == 10 && bytes.EqualFold(value, []byte("keep-alive"))
	case "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer", "range", "if-range", "if-match",
		"if-modified-since", "if-unmodified-since", "http2-settings":
		return false
	}
	return true
}

func (q *Question) matches(tag string) bool {
	return q.ifNoneMatch != nil && MatchesTag(string(q.ifNoneMatch), tag)
}

// plainHost reports whether a host is spelled as browsers spell it; some of what
// is not, the server refuses.
func plainHost(host []byte) bool {
	for _, c := range host {
		if letter := plainPath[c] && c != '~' && c != '/'; !letter && c != ':' && c != '[' && c != ']' {
			return false
		}
	}
	return true
}

var tokenByte, plainPath = func() (token, path [256]bool) {
	for c := range 256 {
		letter := (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
		token[c] = letter || bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), byte(c)) >= 0 // RFC 9110 §5.6.2
		path[c] = letter || bytes.IndexByte([]byte("-._~/"), byte(c)) >= 0
	}
	return token, path
}()
