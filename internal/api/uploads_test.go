package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/blob/blobtest"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/staff"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
)

// attaching gives the API what files need, besides what conversations need.
func (e *env) attaching() {
	e.Helper()
	e.talk()
	blobs, err := blob.OpenDisk(filepath.Join(e.TempDir(), "files"))
	if err != nil {
		e.Fatal(err)
	}
	v, err := vault.Open(vault.Source{Value: strings.Repeat("A", 43)})
	if err != nil {
		e.Fatal(err)
	}
	address, _ := blobtest.Clamd(e, 30<<20)
	scanner, err := blob.NewScanner("tcp:"+address, 10*time.Second)
	if err != nil {
		e.Fatal(err)
	}
	e.api.Files = inbox.NewFiles(inbox.FilesConfig{Store: e.store, Blobs: blobs, Vault: v, Scanner: scanner, MaxBytes: 25 << 20, Logger: slog.New(slog.DiscardHandler)})
	e.api.Inbox.UseFiles(e.api.Files)
	e.Cleanup(func() {
		if err := e.api.Files.Close(); err != nil {
			e.Error(err)
		}
	})
}

// patch sends a piece of a file.
func (b *browser) patch(path string, offset int, piece []byte) result {
	b.e.Helper()
	r := httptest.NewRequest("PATCH", publicURL+prefix+path, bytes.NewReader(piece))
	r.Header.Set("Content-Type", pieceType)
	r.Header.Set("Upload-Offset", strconv.Itoa(offset))
	r.Header.Set("Accept-Language", b.locale)
	for k, v := range b.header {
		r.Header.Set(k, v)
	}
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie})
	}
	w := httptest.NewRecorder()
	b.e.handler.ServeHTTP(w, r)
	res := result{status: w.Code, text: w.Body.String(), header: w.Header()}
	if err := json.Unmarshal(w.Body.Bytes(), &res.body); err != nil {
		b.e.Fatalf("PATCH %s: %d is not JSON: %.200s", path, w.Code, w.Body)
	}
	return res
}

// upload sends a whole file and returns the last answer.
func (b *browser) upload(base, client, name string, content []byte) result {
	b.e.Helper()
	res := b.must(201, "POST", base, map[string]any{"client_id": client, "name": name, "size": len(content)})
	chunk := int(res.get("chunk").(float64))
	for at := 0; at < len(content); at += chunk {
		res = b.patch(base+"/"+res.str("id"), at, content[at:min(at+chunk, len(content))])
		if res.status != 200 {
			b.e.Fatalf("piece at %d: %d %s", at, res.status, res.text)
		}
	}
	return res
}

// fetch asks for the address of a file, as a picture on a page does: without a token.
func (e *env) fetch(method, address string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, publicURL+address, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	e.handler.ServeHTTP(w, r)
	return w
}

func pictureOf(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The whole way of a screenshot: from the customer's phone to the agent's screen
// and an answer with a file back.
func TestFilesOverTheAPI(t *testing.T) {
	eachEngine(t, func(e *env) {
		e.attaching()
		_, agent := e.member(desk.Admin, "mei@meridian.example")
		v, stranger := e.visitor(), e.visitor()
		up := v.upload("/visitor/uploads", "upload-0001", "截图.png", pictureOf(e, 800, 600))
		if up.str("state") != "ready" || up.get("attachment.width") != 800.0 || up.str("attachment.mime") != "image/png" {
			e.Fatalf("uploaded: %s", up.text)
		}
		id := up.str("id")
		same := v.must(200, "POST", "/visitor/uploads", map[string]any{"client_id": "upload-0001", "name": "截图.png", "size": len(pictureOf(e, 800, 600))})
		if same.str("id") != id {
			e.Errorf("the same again: %s", same.text)
		}
		for _, b := range []*browser{stranger, agent} {
			base := "/visitor/uploads/"
			if b == agent {
				base = "/uploads/"
			}
			b.must(404, "GET", base+id, nil)
			b.must(404, "DELETE", base+id, nil)
			if res := b.patch(base+id, 0, []byte("x")); res.status != 404 {
				e.Errorf("a stranger's piece: %d", res.status)
			}
		}
		stranger.must(422, "POST", "/visitor/conversations", map[string]any{"client_id": "device-evil", "body": "mine now", "attachments": []string{id}})
		begun := v.must(201, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0001", "body": "", "attachments": []string{id}})
		address := begun.str("message.attachments.0.url")
		if address == "" || begun.str("message.attachments.0.preview_url") != address+"?preview" {
			e.Fatalf("begun: %s", begun.text)
		}
		conversation := begun.str("conversation.id")
		seen := agent.must(200, "GET", "/conversations/"+conversation+"/messages", nil)
		if seen.str("messages.0.attachments.0.url") != address {
			e.Errorf("the agent sees %s", seen.text)
		}
		if w := e.fetch("GET", address, nil); w.Code != 200 || w.Header().Get("Content-Type") != "image/png" || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "inline") {
			e.Errorf("the picture: %d %v", w.Code, w.Header())
		}
		guide := agent.upload("/uploads", "upload-0002", "guide.txt", []byte("Step 1"))
		answer := agent.must(201, "POST", "/conversations/"+conversation+"/messages", map[string]any{
			"client_id": "agent-0001", "body": "", "visibility": "public", "attachments": []string{guide.str("id")},
		})
		page := v.must(200, "GET", "/visitor/conversations/"+conversation+"/messages", nil)
		if page.str("messages.1.attachments.0.url") != answer.str("message.attachments.0.url") || answer.str("message.attachments.0.url") == "" {
			e.Errorf("the customer sees %s", page.text)
		}
		other := v.upload("/visitor/uploads", "upload-0003", "b.bin", []byte("\x00\x01"))
		v.must(204, "DELETE", "/visitor/uploads/"+other.str("id"), nil)
		v.must(404, "GET", "/visitor/uploads/"+other.str("id"), nil)
	})
}

// What a client gets wrong is refused with the words that let it go on, before its
// bytes are read.
func TestUploadRefusals(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.attaching()
	v := e.visitor()
	v.locale = "zh-CN"
	large := v.must(413, "POST", "/visitor/uploads", map[string]any{"client_id": "upload-0001", "name": "film.mp4", "size": 200 << 20})
	if large.str("code") != "too_large" || large.str("message") != "文件太大。" {
		t.Errorf("200 MB: %s", large.text)
	}
	v.must(422, "POST", "/visitor/uploads", map[string]any{"client_id": "upload-0001", "name": "a", "size": 0})
	v.must(422, "POST", "/visitor/uploads", map[string]any{"client_id": "x", "name": "a", "size": 10})
	path := "/visitor/uploads/" + v.must(201, "POST", "/visitor/uploads", map[string]any{"client_id": "upload-0002", "name": "a", "size": 1 << 20}).str("id")
	if res := v.patch(path, 0, make([]byte, inbox.MaxPiece)); res.status != 200 || res.get("offset") != float64(inbox.MaxPiece) {
		t.Fatalf("%d %s", res.status, res.text)
	}
	for _, offset := range []int{100, inbox.MaxPiece + 1} {
		res := v.patch(path, offset, make([]byte, inbox.MinPiece))
		if res.status != 409 || res.str("code") != "conflict" || res.get("offset") != float64(inbox.MaxPiece) {
			t.Errorf("at %d: %d %s", offset, res.status, res.text)
		}
	}
	if res := v.patch(path, inbox.MaxPiece, make([]byte, inbox.MaxPiece+1)); res.status != 413 {
		t.Errorf("a piece too long: %d %s", res.status, res.text)
	}
	v.header["Content-Type"] = "application/json"
	if res := v.patch(path, inbox.MaxPiece, make([]byte, inbox.MaxPiece)); res.status != 422 {
		t.Errorf("of another type: %d %s", res.status, res.text)
	}
	delete(v.header, "Content-Type")
	virus := v.upload("/visitor/uploads", "upload-0003", "a.txt", []byte(blobtest.Virus))
	if virus.str("state") != "refused" || virus.str("problem") != "该文件含有病毒，未被保存。" || virus.get("attachment") != nil {
		t.Errorf("a virus: %s", virus.text)
	}
	e.browser().must(401, "POST", "/visitor/uploads", map[string]any{"client_id": "upload-0004", "name": "a", "size": 10})
	e.browser().must(401, "POST", "/uploads", map[string]any{"client_id": "upload-0004", "name": "a", "size": 10})
	_, reader := e.member(desk.Auditor, "reader@meridian.example")
	reader.must(403, "POST", "/uploads", map[string]any{"client_id": "upload-0004", "name": "a", "size": 10})
}

// 200 MB that are sent nevertheless must not be read, and who sends a byte a minute
// must not keep a connection for a night.
func TestHostileSendersAreCutOff(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.attaching()
	e.api.piecePatience = 300 * time.Millisecond
	v := e.visitor()
	server := httptest.NewServer(e.handler)
	defer server.Close()
	path := prefix + "/visitor/uploads/" + v.must(201, "POST", "/visitor/uploads", map[string]any{"client_id": "upload-0001", "name": "a", "size": 1 << 20}).str("id")
	for name, c := range map[string]struct {
		head string
		body string
		want string
	}{
		"200 MB said":      {"Content-Length: 209715200\r\n", "xxxx", " 413 "},
		"half a piece":     {"Content-Length: 100000\r\n", strings.Repeat("x", 50_000), " 503 "},
		"trickling chunks": {"Transfer-Encoding: chunked\r\n", "4\r\nxxxx\r\n", " 503 "},
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // test
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: localhost:8080\r\nAuthorization: %s\r\nContent-Type: %s\r\nUpload-Offset: 0\r\n%s\r\n%s",
			path, v.header["Authorization"], pieceType, c.head, c.body)
		if err != nil {
			t.Fatal(err)
		}
		answer := bufio.NewReader(conn)
		line, err := answer.ReadString('\n')
		if err != nil || !strings.Contains(line, c.want) {
			t.Errorf("%s: %q, %v", name, line, err)
		}
		// The connection ends with it: the rest is nobody's.
		if _, err := io.Copy(io.Discard, answer); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: the connection stays: %v", name, err)
		}
	}
	if now := v.must(200, "GET", strings.TrimPrefix(path, prefix), nil); now.get("offset") != 0.0 {
		t.Errorf("something of it counts: %s", now.text)
	}
}

// A file is fetched in parts, kept by the browser, and never runs on our page.
func TestFilesAreServedHarmlessly(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.attaching()
	v := e.visitor()
	text := strings.Repeat("0123456789", 400)
	svg := `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`
	var ids []string
	for i, f := range []struct{ name, content string }{{"log.txt", text}, {"a.svg", svg}, {"a.png", string(pictureOf(t, 900, 300))}} {
		ids = append(ids, v.upload("/visitor/uploads", fmt.Sprintf("upload-%04d", i), f.name, []byte(f.content)).str("id"))
	}
	sent := v.must(201, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0001", "body": "", "attachments": ids})
	address := func(i int) string { return sent.str(fmt.Sprintf("message.attachments.%d.url", i)) }

	whole := e.fetch("GET", address(0), map[string]string{"Accept-Encoding": "gzip"})
	if whole.Code != 200 || whole.Body.String() != text || whole.Header().Get("Accept-Ranges") != "bytes" {
		t.Errorf("whole: %d %v", whole.Code, whole.Header())
	}
	part := e.fetch("GET", address(0), map[string]string{"Range": "bytes=11-14", "Accept-Encoding": "gzip"})
	if part.Code != 206 || part.Body.String() != "1234" {
		t.Errorf("part: %d %q", part.Code, part.Body)
	}
	if fresh := e.fetch("GET", address(0), map[string]string{"If-None-Match": whole.Header().Get("Etag")}); fresh.Code != 304 {
		t.Errorf("kept by the browser: %d", fresh.Code)
	}
	if head := e.fetch("HEAD", address(0), nil); head.Code != 200 || head.Body.Len() != 0 || head.Header().Get("Content-Length") != "4000" {
		t.Errorf("HEAD: %d %v", head.Code, head.Header())
	}
	for i, disposition := range []string{"attachment", "attachment", "inline"} {
		h := e.fetch("GET", address(i), nil).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff", "Content-Disposition": disposition,
			"Cache-Control": "private, max-age=604800, immutable", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-site",
		} {
			if !strings.HasPrefix(h.Get(name), want) {
				t.Errorf("file %d: %s is %q", i, name, h.Get(name))
			}
		}
	}
	if h := e.fetch("GET", address(1), nil).Header(); h.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("svg is served as %s", h.Get("Content-Type"))
	}
	preview := e.fetch("GET", address(2)+"?preview", nil)
	config, format, err := image.DecodeConfig(preview.Body)
	if err != nil || format != "jpeg" || config.Width != 640 || preview.Header().Get("Content-Type") != "image/jpeg" {
		t.Errorf("preview: %d %s %d, %v", preview.Code, format, config.Width, err)
	}
	if w := e.fetch("GET", address(0)+"?preview", nil); w.Code != 404 {
		t.Errorf("preview of a text: %d", w.Code)
	}
	if w := e.fetch("POST", address(0), nil); w.Code == 200 {
		t.Errorf("POST: %d", w.Code)
	}
}

// Somebody opens last month's link: they must read why it does not work, in their
// language, and learn nothing else.
func TestOldAndForgedLinksAreExplained(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.attaching()
	v := e.visitor()
	id := v.upload("/visitor/uploads", "upload-0001", "secret-name.txt", []byte("hello")).str("id")
	address := v.must(201, "POST", "/visitor/conversations", map[string]any{"client_id": "device-0001", "body": "", "attachments": []string{id}}).str("message.attachments.0.url")
	for _, bad := range []string{
		strings.Replace(address, "/files/"+id, "/files/1"+id, 1), "/files/" + id + "/9999999999.AAAA/secret-name.txt", "/files/x/y/z", "/files/" + id + "/1/a",
		address + "x",
	} {
		w := e.fetch("GET", bad, map[string]string{"Accept-Language": "zh-CN"})
		if w.Code != 404 || !strings.Contains(w.Body.String(), "找不到该文件") || !strings.Contains(w.Body.String(), "This file is not here") {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	e.clock.advance(9 * 24 * time.Hour)
	w := e.fetch("GET", address, map[string]string{"Accept-Language": "en"})
	body := w.Body.String()
	if w.Code != 410 || !strings.Contains(body, "链接已过期") || strings.Index(body, "This link has expired") > strings.Index(body, "链接已过期") ||
		w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Cache-Control") != "no-store" ||
		strings.Contains(body, "<script") || strings.Contains(body, "style") {
		t.Errorf("expired: %d %v %s", w.Code, w.Header(), body)
	}
	if w := e.fetch("HEAD", address, nil); w.Code != 410 || w.Body.Len() != 0 {
		t.Errorf("HEAD: %d", w.Code)
	}
}

// hurriedWriter notes until when an answer may be written.
type hurriedWriter struct {
	*httptest.ResponseRecorder
	until []time.Time
}

func (w *hurriedWriter) SetWriteDeadline(t time.Time) error {
	w.until = append(w.until, t)
	return nil
}

// Who reads a file for ever is cut off; but the deadline must not stay, or the next
// answer on the same connection would break off.
func TestReadingAFileHasAnEnd(t *testing.T) {
	e := newEnv(t, storetest.SQLiteURL(t))
	e.attaching()
	v := e.visitor()
	up := v.upload("/visitor/uploads", "upload-0001", "a.txt", bytes.Repeat([]byte("hello\n"), 1000))
	w := &hurriedWriter{ResponseRecorder: httptest.NewRecorder()}
	e.handler.ServeHTTP(w, httptest.NewRequest("GET", publicURL+up.str("attachment.url"), nil))
	if w.Code != 200 || w.Body.Len() != 6000 {
		t.Fatalf("%d, %d bytes", w.Code, w.Body.Len())
	}
	if len(w.until) != 2 || time.Until(w.until[0]) < 30*time.Second || !w.until[1].IsZero() {
		t.Errorf("deadlines %v", w.until)
	}
}
