package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"
)

// The built front ends. Before they are built there is only a placeholder, and
// [Assets] says so.
//
//go:embed all:assets/dist
var built embed.FS

// Assets serves the built front ends from memory, compressed once.
type Assets struct {
	files fs.FS
	cache sync.Map // path → *asset
}

type asset struct {
	plain, packed []byte // packed is nil when it would not help
	etag, kind    string
	forever       bool // the name contains a hash of the content
}

// NewAssets returns the front ends within files, laid out as console/…,
// widget/… and site/…; nil means those built into the binary.
func NewAssets(files fs.FS) *Assets {
	if files == nil {
		sub, err := fs.Sub(built, "assets/dist")
		if err != nil {
			panic(err) // the directory is part of the binary
		}
		files = sub
	}
	return &Assets{files: files}
}

// Register mounts the console at /console, the widget and its loader at
// /widget/ and the in-app centre at /app. Unknown paths of the applications fall
// back to their index.html; unknown files do not.
func (a *Assets) Register(mux *http.ServeMux) {
	console := a.app("console", "index.html")
	mux.HandleFunc("GET /console", console)
	mux.HandleFunc("GET /console/{path...}", console)
	mux.HandleFunc("GET /widget/{path...}", a.app("widget", "index.html"))
	centre := a.app("widget", "app.html")
	mux.HandleFunc("GET /app", centre)
	mux.HandleFunc("GET /app/{path...}", centre)
	// Beside the page, because a service worker rules only over what lies below it.
	for _, name := range []string{"sw.js", "manifest.webmanifest", "icon.svg"} {
		mux.HandleFunc("GET /app/"+name, func(w http.ResponseWriter, r *http.Request) {
			a.ServeFile(w, r, "widget/"+name)
		})
	}
}

func (a *Assets) app(dir, index string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean("/" + r.PathValue("path"))[1:]
		if strings.HasPrefix(r.URL.Path, "/app") {
			name = "" // every other path is a place within the in-app centre
		}
		if name != "" && path.Ext(name) != "" {
			a.ServeFile(w, r, dir+"/"+name)
			return
		}
		if _, err := a.load(dir + "/" + index); err != nil {
			notBuilt(w, r)
			return
		}
		a.ServeFile(w, r, dir+"/"+index)
	}
}

// Handler serves the files of one directory (such as "site") under prefix.
func (a *Assets) Handler(prefix, dir string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := path.Clean("/" + strings.TrimPrefix(r.URL.Path, prefix))[1:]
		a.ServeFile(w, r, dir+"/"+name)
	})
}

// ServeFile answers with one file: an entity tag for revalidation, and caching
// for a year when its name contains a hash.
func (a *Assets) ServeFile(w http.ResponseWriter, r *http.Request, name string) {
	f, err := a.load(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		NotFound(w, r)
		return
	}
	if err != nil {
		WriteError(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Etag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	switch {
	case f.forever:
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case strings.HasSuffix(name, ".html"), name == "widget/sw.js":
		h.Set("Cache-Control", "no-cache")
	default:
		h.Set("Cache-Control", "public, max-age=300")
	}
	body := f.plain
	if f.packed != nil && r.Header.Get("Range") == "" && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.packed
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(r *http.Request) bool { return acceptsGzipValue(r.Header.Get("Accept-Encoding")) }

func acceptsGzipValue(field string) bool {
	for field != "" {
		var part string
		part, field, _ = strings.Cut(field, ",")
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" {
			q = strings.ReplaceAll(q, " ", "")
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

func (a *Assets) load(name string) (*asset, error) {
	if v, ok := a.cache.Load(name); ok {
		return v.(*asset), nil
	}
	plain, err := fs.ReadFile(a.files, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	f := &asset{
		plain: plain,
		// Weak, because the same tag stands for the packed and the plain form.
		etag:    `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		kind:    contentType(name),
		forever: strings.Contains(name, "/assets/"),
	}
	if compressible(f.kind) && len(plain) > 1024 {
		var buf bytes.Buffer
		z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
		if err != nil {
			return nil, err
		}
		if _, err := z.Write(plain); err != nil {
			return nil, err
		}
		if err := z.Close(); err != nil {
			return nil, err
		}
		f.packed = buf.Bytes()
	}
	v, _ := a.cache.LoadOrStore(name, f)
	return v.(*asset), nil
}

// contentType does not ask the machine's tables for what we ship ourselves.
func contentType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".ts": // declarations, for people to read and copy
		return "text/plain; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	case ".mp3":
		return "audio/mpeg"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

func notBuilt(w http.ResponseWriter, r *http.Request) {
	text := "<!doctype html><html lang=en><meta charset=utf-8><title>Not built</title><p>This part of the front end is not in this binary. Run <code>make build</code> and start again."
	if Locale(r.Context()) == "zh-CN" {
		text = "<!doctype html><html lang=zh-CN><meta charset=utf-8><title>尚未构建</title><p>此程序中不包含这部分前端。请运行 <code>make build</code> 后重新启动。"
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	if _, err := w.Write([]byte(text)); err != nil {
		Logger(r.Context()).Debug("the client left", "error", err)
	}
}
