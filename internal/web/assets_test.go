package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func assetMux(t *testing.T) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	NewAssets(fstest.MapFS{
		"console/index.html":           {Data: []byte("<!doctype html>console")},
		"console/assets/app-Ab12cD.js": {Data: []byte("export{}//" + strings.Repeat("x", 4000))},
		"widget/index.html":            {Data: []byte("<!doctype html>widget")},
		"widget/app.html":              {Data: []byte("<!doctype html>centre")},
		"widget/loader.js":             {Data: []byte("loader()")},
		"widget/veridesk.d.ts":         {Data: []byte("export interface Veridesk")},
		"widget/sw.js":                 {Data: []byte("worker()")},
		"widget/manifest.webmanifest":  {Data: []byte("{}")},
		"widget/icon.svg":              {Data: []byte("<svg/>")},
		".gitkeep":                     {},
	}).Register(mux)
	return newEdge(t, Config{}).Wrap(mux)
}

func TestFrontEndsAreServedFromTheBinary(t *testing.T) {
	h := assetMux(t)
	for _, c := range []struct {
		path   string
		status int
		body   string
		cache  string
	}{
		{"/console", 200, "console", "no-cache"},
		{"/console/inbox/123", 200, "console", "no-cache"}, // a reload inside the application
		{"/console/assets/app-Ab12cD.js", 200, "export{}", "public, max-age=31536000, immutable"},
		{"/console/assets/old-chunk.js", 404, "not_found", "no-store"}, // never HTML in place of a script
		{"/console/../../etc/passwd", 301, "", ""},
		{"/widget/", 200, "widget", "no-cache"},
		{"/widget/loader.js", 200, "loader()", "public, max-age=300"},
		{"/widget/veridesk.d.ts", 200, "export interface", "public, max-age=300"},
		{"/app", 200, "centre", "no-cache"},
		{"/app/conversations/5", 200, "centre", "no-cache"},
		{"/app/sw.js", 200, "worker()", "no-cache"}, // a new worker must not wait for an old copy
		{"/app/manifest.webmanifest", 200, "{}", ""},
		{"/app/icon.svg", 200, "<svg", ""},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", c.path, nil))
		if w.Code != c.status && !(c.status == 301 && w.Code >= 300 && w.Code < 400) || !strings.Contains(w.Body.String(), c.body) || (c.cache != "" && w.Header().Get("Cache-Control") != c.cache) {
			t.Errorf("%s: %d %q %.60s", c.path, w.Code, w.Header().Get("Cache-Control"), w.Body)
		}
	}
}

func TestServiceWorkerAndManifestAreServedAsWhatTheyAre(t *testing.T) {
	h := assetMux(t)
	for path, kind := range map[string]string{
		"/app/sw.js": "text/javascript; charset=utf-8", "/app/manifest.webmanifest": "application/manifest+json",
		"/app/icon.svg": "image/svg+xml", "/widget/veridesk.d.ts": "text/plain; charset=utf-8",
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if got := w.Header().Get("Content-Type"); got != kind {
			t.Errorf("%s is %q: a browser refuses it", path, got)
		}
	}
}

func TestAssetsRevalidateAndCompress(t *testing.T) {
	h := assetMux(t)
	r := httptest.NewRequest("GET", "/console/assets/app-Ab12cD.js", nil)
	r.Header.Set("Accept-Encoding", "br, gzip;q=0.8")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Fatalf("headers %v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(z); err != nil || !strings.HasPrefix(string(text), "export{}") {
		t.Fatalf("script came as %.20q (%v)", text, err)
	}
	r.Header.Set("If-None-Match", w.Header().Get("Etag"))
	w = httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("an unchanged file was sent again: %d, %d bytes", w.Code, w.Body.Len())
	}
}

func TestABinaryWithoutFrontEndsSaysSo(t *testing.T) {
	mux := http.NewServeMux()
	NewAssets(fstest.MapFS{".gitkeep": {}}).Register(mux)
	for locale, want := range map[string]string{"en": "make build", "zh-CN": "尚未构建"} {
		r := httptest.NewRequest("GET", "/console", nil)
		r.Header.Set("Accept-Language", locale)
		w := httptest.NewRecorder()
		newEdge(t, Config{}).Wrap(mux).ServeHTTP(w, r)
		if w.Code != 503 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", locale, w.Code, w.Body)
		}
	}
}
