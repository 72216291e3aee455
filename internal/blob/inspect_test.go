package blob

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

const (
	svgText  = `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	htmlText = `<!DOCTYPE html><html><body><script>alert(1)</script></body></html>`
)

func zipOf(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("notes.txt")
	if err == nil {
		_, err = f.Write([]byte("hello"))
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Showing the wrong file inline runs a stranger's script on the support desk's origin.
func TestOnlyCleanPicturesAreInline(t *testing.T) {
	cases := []struct {
		name, file, content string
		mime                string
		inline, active      bool
		served              string // Content-Type
	}{
		{"png", "a.png", string(pngOf(t, 2, 2)), "image/png", true, false, "image/png"},
		{"jpeg named txt", "a.txt", string(jpegOf(t, 2, 2)), "image/jpeg", true, false, "image/jpeg"},
		{"pdf", "a.pdf", "%PDF-1.7\n", "application/pdf", false, false, "application/pdf"},
		{"pdf with a page in it", "a.pdf", "%PDF-1.7\n<html><script>", "application/pdf", false, true, "application/octet-stream"},
		{"pdf behind something", "a.pdf", "<b>\n%PDF-1.7\n", "application/pdf", false, true, "application/octet-stream"},
		{"script", "a.js", "alert(1)", "text/plain", false, true, "application/octet-stream"},
		{"style", "a.css", "*{display:none}", "text/plain", false, false, "text/plain; charset=utf-8"},
		{"text", "a.txt", "hello", "text/plain", false, false, "text/plain; charset=utf-8"},
		{"Chinese text", "说明.txt", "你好，世界", "text/plain", false, false, "text/plain; charset=utf-8"},
		{"svg", "a.svg", svgText, "image/svg+xml", false, true, "application/octet-stream"},
		{"svg named png", "a.png", svgText, "image/svg+xml", false, true, "application/octet-stream"},
		{"svg behind an XML head", "a.png", `<?xml version="1.0"?>` + svgText, "image/svg+xml", false, true, "application/octet-stream"},
		{"html", "a.html", htmlText, "text/html", false, true, "application/octet-stream"},
		{"html named jpg", "a.jpg", htmlText, "text/html", false, true, "application/octet-stream"},
		{"text named html", "a.html", "hello", "text/plain", false, true, "application/octet-stream"},
		{"picture named exe", "a.exe", string(pngOf(t, 2, 2)), "image/png", false, true, "application/octet-stream"},
		{"trailing dot", "a.exe. ", string(pngOf(t, 2, 2)), "image/png", false, true, "application/octet-stream"},
		{"shell script", "a", "#!/bin/sh\nrm -rf /\n", "text/x-shellscript", false, true, "application/octet-stream"},
		{"windows program", "a.png", "MZ" + strings.Repeat("\x00", 60), "application/vnd.microsoft.portable-executable", false, true, "application/octet-stream"},
		{"zip", "a.zip", zipOf(t), "application/zip", false, false, "application/octet-stream"},
		{"nothing", "", "", "text/plain", false, false, "text/plain; charset=utf-8"},
		{"noise", "a.bin", "\x01\x02\x03\xff\xfe\x00", "application/octet-stream", false, false, "application/octet-stream"},
	}
	for _, c := range cases {
		got, whole, err := Inspect(iotest.OneByteReader(strings.NewReader(c.content)), c.file)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got.MIME != c.mime || got.Inline != c.inline || got.Active != c.active {
			t.Errorf("%s: %+v", c.name, got)
		}
		if content, err := io.ReadAll(whole); err != nil || string(content) != c.content {
			t.Errorf("%s: the content was changed by looking at it (%v)", c.name, err)
		}
		h := http.Header{}
		got.SetHeader(h, c.file)
		if h.Get("Content-Type") != c.served || h.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: served with %v", c.name, h)
		}
		if inline := strings.HasPrefix(h.Get("Content-Disposition"), "inline"); inline != c.inline {
			t.Errorf("%s: %s", c.name, h.Get("Content-Disposition"))
		}
	}
}

func TestInspectTellsOfABrokenSource(t *testing.T) {
	broken := errors.New("broken")
	if _, _, err := Inspect(iotest.ErrReader(broken), "a"); !errors.Is(err, broken) {
		t.Errorf("Inspect: %v", err)
	}
}

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"screenshot.png":           "screenshot.png",
		"截图 1.png":                 "截图 1.png",
		`C:\Users\me\a.png`:        "a.png",
		"../../etc/passwd":         "passwd",
		"..":                       "file",
		"":                         "file",
		".htaccess":                "htaccess",
		"invoice\u202egpj.exe":     "invoicegpj.exe",
		"a\r\nSet-Cookie: x=1.png": "aSet-Cookie x=1.png",
		`a"b.png`:                  "ab.png",
		"bad\xff.png":              "bad.png",
	} {
		if got := CleanName(name); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", name, got, want)
		}
	}
	if got := CleanName(strings.Repeat("名", 100) + ".jpeg"); len(got) > maxName || !strings.HasSuffix(got, "名.jpeg") {
		t.Errorf("long name: %q", got)
	}
}

func TestChineseNamesSurviveTheDownload(t *testing.T) {
	h := http.Header{}
	Type{MIME: "image/png", Inline: true}.SetHeader(h, "截图.png")
	if got := h.Get("Content-Disposition"); got != "inline; filename*=utf-8''%E6%88%AA%E5%9B%BE.png" {
		t.Errorf("Content-Disposition = %s", got)
	}
}

func FuzzCleanName(f *testing.F) {
	for _, name := range []string{"a.png", "../a", "\xff", "\u202e", strings.Repeat("a", 300) + "." + strings.Repeat("b", 300), strings.Repeat("\u00a0", 200)} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := CleanName(name)
		if got == "" || len(got) > maxName || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\r\n\x00\"") || got[0] == '.' {
			t.Fatalf("CleanName(%q) = %q", name, got)
		}
		Type{MIME: "image/png", Inline: true}.SetHeader(http.Header{}, name)
	})
}

func FuzzInspect(f *testing.F) {
	f.Add([]byte(svgText), "a.png")
	f.Add([]byte(htmlText), "a.png")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		got, whole, err := Inspect(bytes.NewReader(content), name)
		if err != nil || got.MIME == "" || got.Inline && got.Active {
			t.Fatalf("%+v, %v", got, err)
		}
		if all, err := io.ReadAll(whole); err != nil || !bytes.Equal(all, content) {
			t.Fatal("content changed")
		}
	})
}
