package inbox_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/backup"
	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/blob/blobtest"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func (f *fixture) withFiles(conversation desk.ID, clientID, text string, files ...desk.ID) desk.Inbound {
	msg := f.inbound(conversation, clientID, text)
	msg.Attachments = files
	return msg
}

// parts takes an address apart.
func parts(t *testing.T, address string) (id desk.ID, seal, name string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := strings.Split(u.EscapedPath(), "/")
	if len(p) != 5 || p[1] != "files" {
		t.Fatalf("address %q", address)
	}
	if id, err = desk.ParseID(p[2]); err != nil {
		t.Fatal(err)
	}
	if name, err = url.PathUnescape(p[4]); err != nil {
		t.Fatal(err)
	}
	return id, p[3], name
}

func (d *drawer) open(t *testing.T, address string, preview bool) (*inbox.File, error) {
	t.Helper()
	id, seal, name := parts(t, address)
	f, err := d.files.Open(t.Context(), id, seal, name, preview)
	if err == nil {
		t.Cleanup(func() { f.Close() }) //nolint:errcheck // only read
	}
	return f, err
}

// What was sent must be there for both sides, and nothing that expires may be
// written into the conversation.
func TestMessagesCarryFiles(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		shot, note := d.send(t, "截图 1.png", screenshot(t, 900, 400)), d.send(t, "notes.txt", []byte("TxID 0xabc"))
		r, err := d.Receive(t.Context(), d.withFiles(0, "device-000a", "", shot.ID, note.ID))
		if err != nil {
			t.Fatal(err)
		}
		got := r.Message.Attachments
		if len(got) != 2 || got[0].ID != shot.ID || got[1].Name != "notes.txt" || got[0].Width != 900 || got[0].Height != 400 || got[0].MIME != "image/png" ||
			got[0].PreviewURL == "" || got[1].PreviewURL != "" || got[1].Size != 10 {
			t.Fatalf("the sender is told %+v", got)
		}
		stored, _, err := d.store.Read(t.Context()).Messages(r.Conversation.ID, store.MessageRange{Limit: 10})
		if err != nil || len(stored) != 1 {
			t.Fatal(err)
		}
		if b, _ := json.Marshal(stored[0].Attachments); bytes.Contains(b, []byte("url")) {
			t.Errorf("stored with addresses: %s", b)
		}
		d.Address(stored...)
		if stored[0].Attachments[0].URL != got[0].URL {
			t.Errorf("the address of today differs: %s, %s", stored[0].Attachments[0].URL, got[0].URL)
		}
		f, err := d.open(t, got[0].URL, false)
		if err != nil || !f.Type.Inline || f.Name != "截图 1.png" {
			t.Fatalf("%+v, %v", f, err)
		}
		small, err := d.open(t, got[0].URL, true)
		if err != nil || small.Size == 0 || small.Tag == f.Tag || small.Type.MIME != "image/jpeg" {
			t.Errorf("preview %+v, %v", small, err)
		}
		if _, err := d.open(t, got[1].URL, true); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("a preview of a text: %v", err)
		}

		// The device has not heard the answer.
		again, err := d.Receive(t.Context(), d.withFiles(0, "device-000a", "", shot.ID, note.ID))
		if err != nil || !again.Repeated || again.Message.ID != r.Message.ID || again.Message.Attachments[0].URL == "" {
			t.Errorf("the repeat: %+v, %v", again, err)
		}

		// The agent answers with a file of their own, and it is theirs alone to send.
		d.owner = inbox.Owner{Kind: desk.ByAgent, ID: d.agent.ID}
		reply := d.send(t, "guide.pdf", []byte("%PDF-1.7\n%%EOF"))
		answer := inbox.Answer{ConversationID: r.Conversation.ID, ClientID: "agent-000a", Body: "See page 2", Visibility: desk.Public, ExpectSeq: -1, Attachments: []desk.ID{reply.ID}}
		sent, err := d.Reply(t.Context(), d.agent, answer)
		if err != nil || len(sent.Message.Attachments) != 1 || sent.Message.Attachments[0].MIME != "application/pdf" {
			t.Fatalf("%+v, %v", sent.Message, err)
		}
		if again, err := d.Reply(t.Context(), d.agent, answer); err != nil || !again.Repeated || again.Message.Attachments[0].URL == "" {
			t.Errorf("the repeat: %+v, %v", again, err)
		}
	})
}

// Every way to get at somebody else's file, or to send what must not be sent.
func TestOnlyOwnReadyFilesAreSent(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		address, _ := blobtest.Clamd(t, 1<<20)
		d := newDrawer(t, url, nil, address)
		mine := d.owner
		stranger := &desk.Contact{Kind: "visitor", Locale: "en"}
		if err := d.store.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertContact(stranger) }); err != nil {
			t.Fatal(err)
		}
		d.owner = inbox.Owner{Kind: desk.ByContact, ID: stranger.ID}
		theirs := d.send(t, "passport.bin", noise(100))
		d.owner = inbox.Owner{Kind: desk.ByAgent, ID: mine.ID} // the same number, another kind
		staffs := d.send(t, "list.bin", noise(100))
		d.owner = mine
		ready, unfinished := d.send(t, "a.bin", noise(100)), d.begin(t, "b.bin", 100)
		infected := d.send(t, "c.bin", []byte("x"+blobtest.Virus))
		if infected.State != store.AttachmentRefused || infected.Problem != "upload_infected" {
			t.Fatalf("a virus: %+v", infected)
		}
		sentBefore := d.send(t, "d.bin", noise(100))
		if _, err := d.Receive(t.Context(), d.withFiles(0, "device-first", "", sentBefore.ID)); err != nil {
			t.Fatal(err)
		}
		many := slices.Repeat([]desk.ID{ready.ID}, desk.MaxAttachments+1)
		for name, c := range map[string]struct {
			ids  []desk.ID
			want string
		}{
			"another visitor's":      {[]desk.ID{theirs.ID}, "attachment_gone"},
			"an agent's":             {[]desk.ID{staffs.ID}, "attachment_gone"},
			"nobody's":               {[]desk.ID{12345}, "attachment_gone"},
			"zero":                   {[]desk.ID{0}, "attachment_gone"},
			"unfinished":             {[]desk.ID{unfinished.ID}, "attachment_unfinished"},
			"infected":               {[]desk.ID{infected.ID}, "attachment_refused"},
			"twice in a message":     {[]desk.ID{ready.ID, ready.ID}, "attachment_sent"},
			"in an earlier message":  {[]desk.ID{ready.ID, sentBefore.ID}, "attachment_sent"},
			"too many":               {many, ""},
			"good and another's too": {[]desk.ID{ready.ID, theirs.ID}, "attachment_gone"},
		} {
			_, err := d.Receive(t.Context(), d.withFiles(0, "device-"+clientID(), "look", c.ids...))
			var e *desk.Error
			if !errors.As(err, &e) || e.Code != desk.Invalid || c.want != "" && e.Fields["attachments"] != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		// Nothing of the refused messages stuck to the good file.
		if a, err := d.files.Upload(t.Context(), d.owner, ready.ID); err != nil || a.MessageID != 0 {
			t.Errorf("%+v, %v", a, err)
		}
		// Nor may files be brought into somebody else's conversation.
		foreign, err := d.Receive(t.Context(), desk.Inbound{Channel: desk.Chat, ContactID: stranger.ID, DedupeKey: "theirs", Body: "Hi", Locale: "en"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Receive(t.Context(), d.withFiles(foreign.Conversation.ID, "device-evil1", "", ready.ID)); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("into another's conversation: %v", err)
		}
		if _, err := d.files.Upload(t.Context(), d.owner, theirs.ID); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("looking at another's: %v", err)
		}
		if err := d.files.Cancel(t.Context(), d.owner, theirs.ID); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("cancelling another's: %v", err)
		}
		if err := d.files.Cancel(t.Context(), d.owner, sentBefore.ID); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("cancelling what was sent: %v", err)
		}
		if _, err := d.files.Append(t.Context(), d.owner, theirs.ID, 0, strings.NewReader("x"), 1); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("adding to another's: %v", err)
		}
		// What was infected is nowhere.
		for _, key := range d.keys(t) {
			if bytes.Contains(d.content(t, key), []byte(blobtest.Virus)) {
				t.Errorf("the virus is kept under %s", key)
			}
		}
	})
}

// While the scanner restarts, customers' files must not be lost, and nobody may be
// given what was not scanned.
func TestFilesWaitForTheScanner(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		address, stop := blobtest.Clamd(t, 1000)
		d := newDrawer(t, url, nil, address)
		if long := d.send(t, "long.bin", noise(5000)); long.State != store.AttachmentRefused || long.Problem != "upload_unchecked" {
			t.Errorf("longer than the scanner accepts: %+v", long)
		}
		stop()
		waits, givenUp := d.send(t, "a.bin", noise(500)), d.send(t, "b.bin", noise(500))
		if waits.State != store.AttachmentChecking || len(d.keys(t)) != 2 {
			t.Fatalf("without a scanner: %+v, %v", waits, d.keys(t))
		}
		_, err := d.Receive(t.Context(), d.withFiles(0, "device-scan1", "", waits.ID))
		var e *desk.Error
		if !errors.As(err, &e) || e.Code != desk.Unavailable || e.RetryAfter == 0 {
			t.Errorf("sending it: %v", err)
		}
		if err := d.files.FinishAgain(t.Context(), waits.ID, false); !errors.Is(err, blob.ErrScanner) {
			t.Errorf("the job: %v", err)
		}
		if err := d.files.FinishAgain(t.Context(), givenUp.ID, true); err != nil {
			t.Errorf("the last try: %v", err)
		}
		if a, err := d.files.Upload(t.Context(), d.owner, givenUp.ID); err != nil || a.State != store.AttachmentRefused || a.Problem != "upload_unchecked" {
			t.Errorf("after the last try: %+v, %v", a, err)
		}
		back, _ := blobtest.Clamd(t, 1000)
		if err := d.node(t, back).FinishAgain(t.Context(), waits.ID, false); err != nil {
			t.Fatal(err)
		}
		if a, err := d.files.Upload(t.Context(), d.owner, waits.ID); err != nil || a.State != store.AttachmentReady {
			t.Errorf("when it is back: %+v, %v", a, err)
		}
		if _, err := d.Receive(t.Context(), d.withFiles(0, "device-scan1", "", waits.ID)); err != nil {
			t.Error(err)
		}
	})
}

// Two nodes may check one file at once; the result is one file.
func TestFileIsFinishedOnce(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		sleeping := d.node(t, "")
		if err := sleeping.Close(); err != nil {
			t.Fatal(err)
		}
		awake := d.files
		d.files = sleeping
		a := d.send(t, "a.png", screenshot(t, 50, 50))
		done := make(chan error)
		for range 4 {
			go func() { done <- awake.FinishAgain(context.WithoutCancel(t.Context()), a.ID, false) }()
		}
		for range 4 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if keys := d.keys(t); len(keys) != 2 {
			t.Errorf("kept: %v", keys)
		}
	})
}

// A link that was copied into a mail must not open a customer's passport years
// later, and nobody may make one up.
func TestAddressesExpireAndCannotBeForged(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		a, b := d.send(t, "a.bin", noise(100)), d.send(t, "b.bin", noise(100))
		r, err := d.Receive(t.Context(), d.withFiles(0, "device-addr1", "", a.ID, b.ID))
		if err != nil {
			t.Fatal(err)
		}
		address := r.Message.Attachments[0].URL
		id, seal, name := parts(t, address)
		_, otherSeal, _ := parts(t, r.Message.Attachments[1].URL)
		until, mac, _ := strings.Cut(seal, ".")
		flipped := "A" + mac[1:]
		if mac[0] == 'A' {
			flipped = "B" + mac[1:]
		}
		for what, c := range map[string]struct {
			id         desk.ID
			seal, name string
		}{
			"another file's seal": {id, otherSeal, name}, "another file": {b.ID, seal, "b.bin"}, "a longer time": {id, "9" + until + "." + mac, name},
			"no seal": {id, "", name}, "no signature": {id, until + ".", name}, "no time": {id, "." + mac, name},
			"a changed signature": {id, until + "." + flipped, name}, "padding": {id, seal + "=", name},
			"another name": {id, seal, "official-notice.bin"}, "no file": {a.ID + 1, seal, name},
		} {
			if f, err := d.files.Open(t.Context(), c.id, c.seal, c.name, false); desk.CodeOf(err) != desk.NotFound || errors.Is(err, inbox.ErrExpired) {
				t.Errorf("%s: %+v, %v", what, f, err)
			}
		}
		d.now.Store(int64(7 * 24 * time.Hour))
		if _, err := d.open(t, address, false); err != nil {
			t.Errorf("after seven days: %v", err)
		}
		d.now.Store(int64(8*24*time.Hour + time.Minute))
		if _, err := d.open(t, address, false); !errors.Is(err, inbox.ErrExpired) {
			t.Errorf("after eight days: %v", err)
		}
	})
}

// What a customer has dropped into the composer and not sent is theirs alone.
func TestUnsentFileIsForItsOwner(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		a := d.send(t, "a.png", screenshot(t, 20, 20))
		own := d.files.Own(a)
		if _, err := d.open(t, own.PreviewURL, true); err != nil {
			t.Errorf("the owner's: %v", err)
		}
		d.now.Store(int64(2 * time.Hour))
		if _, err := d.open(t, own.URL, false); !errors.Is(err, inbox.ErrExpired) {
			t.Errorf("after two hours: %v", err)
		}
		d.now.Store(0)
		if err := d.files.Cancel(t.Context(), d.owner, a.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := d.open(t, own.URL, false); desk.CodeOf(err) != desk.NotFound || errors.Is(err, inbox.ErrExpired) {
			t.Errorf("after it was taken back: %v", err)
		}
	})
}

// The file that is dangerous to show is the one that says it is something else.
func TestHostileFilesAreOnlyForDownload(t *testing.T) {
	d := newDrawer(t, storetest.SQLiteURL(t), nil, "")
	svg := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`
	html := `<!DOCTYPE html><html><body><script>alert(document.domain)</script></body></html>`
	for _, c := range []struct {
		name, file, content string
		active              bool
	}{
		{"svg", "a.svg", svg, true},
		{"svg as png", "a.png", svg, true},
		{"svg behind an XML head", "a.jpg", `<?xml version="1.0"?>` + svg, true},
		{"html", "a.html", html, true},
		{"html as gif", "a.gif", html, true},
		{"xml", "a.xml", `<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>`, true},
		{"gif that is a script", "a.gif", "GIF89a/*" + strings.Repeat("\x00", 20) + "*/=1;alert(1)//", false},
		{"pdf with html", "a.pdf", "%PDF-1.7\n" + html, true},
		{"html with pdf", "a.pdf", html + "%PDF-1.7\n", true},
		{"program", "a.png", "MZ" + strings.Repeat("\x00", 100), true},
		{"zip bomb", "a.zip", zipBomb(t), false},
		{"heic", "a.heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + strings.Repeat("\x00", 100), false},
		{"mht", "a.mht", "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + html, true},
	} {
		a := d.send(t, c.file, []byte(c.content))
		if a.State != store.AttachmentReady || a.Width != 0 || a.PreviewKey != "" || a.Active != c.active {
			t.Errorf("%s: %+v", c.name, a)
			continue
		}
		f, err := d.open(t, d.files.Own(a).URL, false)
		if err != nil || f.Type.Inline {
			t.Errorf("%s: %+v, %v", c.name, f, err)
		}
	}
}

// zipBomb is 4 MB of zeros in some kilobytes. Nobody unpacks it here.
func zipBomb(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create("zeros.txt")
	if err == nil {
		_, err = f.Write(make([]byte, 4<<20))
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Pictures that cost a server its memory when they are decoded, and an original
// that tells where somebody lives.
func TestPicturesAreMadeAnewOrKeptClosed(t *testing.T) {
	d := newDrawer(t, storetest.SQLiteURL(t), nil, "")
	original := screenshot(t, 700, 300)
	withPlace := append(slices.Clone(original), "GPS 31.2304N 121.4737E <script>alert(1)</script>"...)
	a := d.send(t, "home.png", withPlace)
	if a.Width != 700 || a.PreviewKey == "" {
		t.Fatalf("%+v", a)
	}
	keys := d.keys(t)
	if len(keys) != 2 {
		t.Errorf("kept: %v", keys)
	}
	for _, key := range keys {
		if bytes.Contains(d.content(t, key), []byte("31.2304N")) {
			t.Errorf("%s tells the place", key)
		}
	}
	bomb := slices.Clone(original)
	copy(bomb[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65,536 × 65,536; the checksum does not match any more
	if a := d.send(t, "bomb.png", bomb); a.State != store.AttachmentReady || a.Width != 0 {
		t.Errorf("a bomb: %+v", a)
	}
	if a := d.send(t, "cut.png", original[:len(original)/2]); a.State != store.AttachmentReady || a.Width != 0 {
		t.Errorf("half a picture: %+v", a)
	}
}

// File names are shown to agents and written into headers.
func TestFileNamesAreHarmless(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		for name, want := range map[string]string{
			"../../etc/passwd": "passwd", "a\r\nSet-Cookie: x=1.png": "aSet-Cookie x=1.png", "invoice\u202egpj.exe": "invoicegpj.exe", "": "file",
			"图\x00片.png": "图片.png", "\xff\xfe": "file", ".htaccess": "htaccess", `C:\Users\me\a.png`: "a.png",
		} {
			if a := d.begin(t, name, 10); a.Name != want {
				t.Errorf("%q became %q", name, a.Name)
			} else if err := d.files.Cancel(t.Context(), d.owner, a.ID); err != nil {
				t.Error(err)
			}
		}
		if a := d.begin(t, strings.Repeat("长", 10<<10)+".pdf", 10); len(a.Name) > 255 || !strings.HasSuffix(a.Name, ".pdf") {
			t.Errorf("a name of 30 KB became %d bytes", len(a.Name))
		}
		if a := d.begin(t, phrase+".txt", 10); strings.Contains(a.Name, "sausage") {
			t.Errorf("a recovery phrase is kept as the name %q", a.Name)
		}
		odd := d.send(t, "50% off? #1 & more;a b.txt", []byte("hello"))
		if _, err := d.open(t, d.files.Own(odd).URL, false); err != nil {
			t.Errorf("%s: %v", d.files.Own(odd).URL, err)
		}
	})
}

// Files that were never sent must not stay for ever; those that were must stay.
func TestCleaningUpTakesOnlyWhatNobodySent(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		kept := d.send(t, "kept.png", screenshot(t, 30, 30))
		r, err := d.Receive(t.Context(), d.withFiles(0, "device-keep1", "", kept.ID))
		if err != nil {
			t.Fatal(err)
		}
		unsent, half := d.send(t, "unsent.bin", noise(100)), d.begin(t, "half.bin", 2*inbox.MaxPiece)
		d.add(t, half.ID, 0, noise(inbox.MaxPiece))
		for _, key := range []string{"staging/123/0-5", "files/99/7", "staging/" + kept.ID.String() + "/0-1", "files/" + kept.ID.String() + "/1", "files/x", "media/a.png"} {
			if _, err := d.blobs.Put(t.Context(), key, strings.NewReader("orphan"), 6); err != nil {
				t.Fatal(err)
			}
		}
		clean := func() {
			t.Helper()
			if err := errors.Join(d.files.DropUnsent(t.Context()), d.files.DropOrphans(t.Context())); err != nil {
				t.Fatal(err)
			}
		}
		clean()
		if n := len(d.keys(t)); n != 2+1+1+6 {
			t.Errorf("at once: %d contents are left of 10", n)
		}
		d.now.Store(int64(25 * time.Hour))
		clean()
		if _, err := d.files.Upload(t.Context(), d.owner, unsent.ID); desk.CodeOf(err) != desk.NotFound {
			t.Errorf("after a day: %v", err)
		}
		want := []string{kept.BlobKey, kept.PreviewKey, "files/x", "media/a.png"} // the last two are not ours to judge
		got := d.keys(t)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("left: %v, want %v", got, want)
		}
		if _, err := d.open(t, r.Message.Attachments[0].URL, false); err != nil {
			t.Error(err)
		}
	})
}

// A conversation is worth little without its evidence: files travel with a backup,
// from one machine to many.
func TestBackupCarriesFiles(t *testing.T) {
	from := newDrawer(t, storetest.SQLiteURL(t), nil, "")
	content := noise(inbox.MaxPiece + 9)
	a := from.send(t, "statement.bin", content)
	r, err := from.Receive(t.Context(), from.withFiles(0, "device-back1", "", a.ID))
	if err != nil {
		t.Fatal(err)
	}
	half := from.begin(t, "half.bin", 2*inbox.MaxPiece)
	from.add(t, half.ID, 0, noise(inbox.MaxPiece))
	path := filepath.Join(t.TempDir(), "desk.backup")
	if _, err := backup.BackupFile(t.Context(), from.store, path, backup.Options{Files: carried{from.blobs}}); err != nil {
		t.Fatal(err)
	}
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		target, err := store.Open(t.Context(), store.Config{URL: url, MaxConns: 4})
		if err != nil {
			t.Fatal(err)
		}
		blobs, err := blob.OpenDisk(filepath.Join(t.TempDir(), "files"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = backup.RestoreFile(t.Context(), target, path, backup.RestoreOptions{HoldsKey: func(string) bool { return true }, Files: carried{blobs}})
		if err := errors.Join(err, target.Close()); err != nil {
			t.Fatal(err)
		}
		to := &drawer{fixture: &fixture{store: storetest.OpenURL(t, url)}, blobs: blobs, vault: from.vault, owner: from.owner}
		to.files = to.node(t, "")
		messages, _, err := to.store.Read(t.Context()).Messages(r.Conversation.ID, store.MessageRange{Limit: 10})
		if err != nil || len(messages) != 1 {
			t.Fatal(err)
		}
		to.files.Address(messages...)
		id, _, _ := parts(t, messages[0].Attachments[0].URL)
		there, err := to.store.Read(t.Context()).Attachment(id)
		if err != nil || !bytes.Equal(to.content(t, there.BlobKey), content) {
			t.Errorf("%+v, %v", there, err)
		}
		// What was on its way goes on.
		if now := to.add(t, half.ID, inbox.MaxPiece, noise(inbox.MaxPiece)); now.State != store.AttachmentReady {
			t.Errorf("%+v", now)
		}
	})
}

// A backup that was taken while a file was finished may lack its pieces.
func TestLostPiecesAreTold(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		a := d.begin(t, "a.bin", inbox.MaxPiece+10)
		d.add(t, a.ID, 0, noise(inbox.MaxPiece))
		for _, key := range d.keys(t) {
			if err := d.blobs.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		}
		if a = d.add(t, a.ID, inbox.MaxPiece, noise(10)); a.State != store.AttachmentRefused || a.Problem != "upload_broken" {
			t.Errorf("%+v", a)
		}
	})
}

// carried lets a backup read and write a blob store, as the command does.
type carried struct{ blob.Store }

func (c carried) List(ctx context.Context, fn func(string) error) error {
	return c.Store.List(ctx, "", func(i blob.Info) error { return fn(i.Key) })
}

func (c carried) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	r, info, err := c.Store.Open(ctx, key)
	return r, info.Size, err
}

func (c carried) Put(ctx context.Context, key string, content io.Reader, size int64) error {
	_, err := c.Store.Put(ctx, key, content, size)
	return err
}

// The disk is full: the customer must be told to try again, not that all is well.
func TestStorageThatFailsIsTold(t *testing.T) {
	dir := t.TempDir()
	blobs, err := blob.OpenDisk(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	d := newDrawer(t, storetest.SQLiteURL(t), blobs, "")
	a := d.begin(t, "a.bin", 10)
	if err := os.RemoveAll(filepath.Join(dir, "files")); err != nil {
		t.Fatal(err)
	}
	if _, err := d.files.Append(t.Context(), d.owner, a.ID, 0, strings.NewReader("0123456789"), 10); desk.CodeOf(err) != desk.Unavailable {
		t.Errorf("Append: %v", err)
	}
	if a, err := d.files.Upload(t.Context(), d.owner, a.ID); err != nil || a.Received != 0 {
		t.Errorf("%+v, %v", a, err)
	}
}
