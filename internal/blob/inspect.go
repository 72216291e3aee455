package blob

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

// Type is what a file is, told by its content. Names and Content-Type headers of senders are not believed.
type Type struct {
	MIME string // without parameters, for example "image/png"; "application/octet-stream" when unknown
	Ext  string // usual extension with the dot, or ""
	// Inline: a browser may show it on our page. Only the pictures that Reencode can make clean are inline; all else
	// is downloaded. Markup (HTML, SVG, XML) never is, because it can carry scripts.
	Inline bool
	// Active: opening the file may run it (programs, scripts, markup, installers, documents with macros). It may be
	// kept as evidence, but people must be warned.
	Active bool
}

// sniffed is how many bytes Inspect reads.
const sniffed = 4096

var inlineTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif"}

var activeTypes = []string{
	"text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "text/javascript", "application/javascript",
	"text/x-php", "text/x-python", "text/x-lua", "text/x-perl", "text/x-ruby", "text/x-tcl", "text/x-shellscript",
	"application/vnd.microsoft.portable-executable", "application/x-elf", "application/x-executable",
	"application/x-sharedlib", "application/x-object", "application/x-mach-binary", "application/wasm",
	"application/java-archive", "application/vnd.android.package-archive", "application/x-java-applet",
	"application/x-ms-installer", "application/x-ms-shortcut", "application/x-installshield", "application/x-rpm",
	"application/vnd.debian.binary-package", "application/x-shockwave-flash", "application/x-chrome-extension",
}

var activeExtensions = []string{
	".exe", ".scr", ".com", ".bat", ".cmd", ".ps1", ".vbs", ".vbe", ".js", ".jse", ".wsf", ".wsh", ".hta", ".msi", ".msp", ".lnk",
	".url", ".jar", ".apk", ".ipa", ".dmg", ".pkg", ".sh", ".app", ".reg", ".cpl", ".dll", ".iso", ".img", ".html", ".htm", ".xhtml",
	".svg", ".xml", ".mht", ".mhtml", ".docm", ".xlsm", ".pptm", ".dotm", ".xll", ".chm",
}

// Inspect tells what r is from its first 4,096 bytes and gives a reader of the whole content. Name is the sender's file
// name; it can only make a file more suspect, never less. An error of r is returned wrapped.
func Inspect(r io.Reader, name string) (Type, io.Reader, error) {
	head := make([]byte, sniffed)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Type{}, nil, fmt.Errorf("blob: reading a file to inspect: %w", err)
	}
	head = head[:n]
	return typeOf(head, name), io.MultiReader(bytes.NewReader(head), r), nil
}

func typeOf(head []byte, name string) Type {
	detected := mimetype.Detect(head)
	t := Type{MIME: bareType(detected.String()), Ext: detected.Extension()}
	for m := detected; m != nil; m = m.Parent() {
		t.Active = t.Active || mimetype.EqualsAny(m.String(), activeTypes...)
	}
	t.Active = t.Active || t.MIME == "application/pdf" && !plainPDF(head)
	ext := strings.ToLower(path.Ext(strings.TrimRight(CleanName(name), ". ")))
	for _, active := range activeExtensions {
		t.Active = t.Active || ext == active
	}
	t.Inline = !t.Active && mimetype.EqualsAny(t.MIME, inlineTypes...)
	return t
}

// plainPDF reports whether a PDF is nothing else: readers accept one behind a kilobyte of anything, and with a page of
// HTML in it.
func plainPDF(head []byte) bool {
	lower := bytes.ToLower(head)
	return bytes.HasPrefix(lower, []byte("%pdf-")) && !bytes.Contains(lower, []byte("<html")) && !bytes.Contains(lower, []byte("<script"))
}

func bareType(full string) string {
	bare, _, _ := strings.Cut(full, ";")
	return strings.TrimSpace(bare)
}

// SetHeader fills h for serving a file of this type under the name that its sender gave it: the type that was found
// (markup and programs as plain bytes), inline or attachment, no sniffing, and a sandbox should a browser show it
// nevertheless.
func (t Type) SetHeader(h http.Header, name string) {
	contentType, disposition := t.MIME, "attachment"
	switch {
	case t.Inline:
		disposition = "inline"
	case t.MIME == "text/plain" && !t.Active:
		contentType = "text/plain; charset=utf-8"
	case t.MIME != "application/pdf" || t.Active:
		contentType = "application/octet-stream"
	}
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", contentDisposition(disposition, CleanName(name)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-site")
}

// contentDisposition follows RFC 6266: a plain name for ASCII, filename* in UTF-8 (RFC 8187) for all others.
func contentDisposition(disposition, name string) string {
	if header := mime.FormatMediaType(disposition, map[string]string{"filename": name}); header != "" {
		return header
	}
	return disposition
}

// maxName is the longest file name kept, in bytes; file systems allow 255.
const maxName = 180

// CleanName makes a sender's file name harmless: the last part of a path, without control characters and the
// directional marks that make "exe.gpj" read "jpg.exe", at most 180 bytes with the extension kept, never empty.
func CleanName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimLeft(strings.TrimSpace(name), ".")
	if ext := path.Ext(name); len(name) > maxName {
		if len(ext) > 20 {
			ext = ""
		}
		cut := maxName - len(ext)
		for !utf8.RuneStart(name[cut]) {
			cut--
		}
		name = name[:cut] + ext
	}
	if name == "" {
		return "file"
	}
	return name
}
