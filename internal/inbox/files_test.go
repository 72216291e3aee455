package inbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/blob/blobtest"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
	"github.com/veridesk/veridesk/internal/vault"
)

const maxBytes = 10 << 20

// drawer is an inbox whose messages carry files.
type drawer struct {
	*fixture
	files *inbox.Files
	blobs blob.Store
	vault *vault.Vault
	owner inbox.Owner
	now   *atomic.Int64 // what the clock is ahead, in nanoseconds
}

func eachDrawer(t *testing.T, run func(t *testing.T, d *drawer)) {
	storetest.EachURL(t, true, func(t *testing.T, url string) { run(t, newDrawer(t, url, nil, "")) })
}

// newDrawer opens a node on the database at url. Its files lie on disk unless it is
// given a store for them; clamd is the address of a scanner, if any.
func newDrawer(t *testing.T, url string, blobs blob.Store, clamd string) *drawer {
	t.Helper()
	d := &drawer{blobs: blobs, now: new(atomic.Int64)}
	s := storetest.OpenConfig(t, store.Config{URL: url, Now: func() time.Time { return time.Now().Add(time.Duration(d.now.Load())) }})
	d.fixture = newFixture(t, s)
	var err error
	if blobs == nil {
		if d.blobs, err = blob.OpenDisk(filepath.Join(t.TempDir(), "files")); err != nil {
			t.Fatal(err)
		}
	}
	if d.vault, err = vault.Open(vault.Source{Value: strings.Repeat("A", 43)}); err != nil {
		t.Fatal(err)
	}
	d.files = d.node(t, clamd)
	d.UseFiles(d.files)
	d.owner = inbox.Owner{Kind: desk.ByContact, ID: d.contact}
	return d
}

// node is another Files on the same stores.
func (d *drawer) node(t *testing.T, clamd string) *inbox.Files {
	t.Helper()
	cfg := inbox.FilesConfig{Store: d.store, Blobs: d.blobs, Vault: d.vault, MaxBytes: maxBytes, Logger: slog.New(slog.DiscardHandler)}
	if clamd != "" {
		var err error
		if cfg.Scanner, err = blob.NewScanner("tcp:"+clamd, 10*time.Second); err != nil {
			t.Fatal(err)
		}
	}
	f := inbox.NewFiles(cfg)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// noise is content that compresses to nothing and looks like nothing.
func noise(n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(n)})
	b := make([]byte, n)
	r.Read(b) //nolint:errcheck // never fails
	if n > 0 {
		b[0] = 0 // not text
	}
	return b
}

func screenshot(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i * i >> 8)
	}
	m.Set(1, 1, color.White)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var clients atomic.Int64

func clientID() string { return fmt.Sprintf("device-%06d", clients.Add(1)) }

func (d *drawer) begin(t *testing.T, name string, size int) *store.Attachment {
	t.Helper()
	a, fresh, err := d.files.Begin(t.Context(), d.owner, clientID(), name, int64(size))
	if err != nil || !fresh || a.State != store.AttachmentUploading || a.Received != 0 {
		t.Fatalf("begin: %+v, %v, %v", a, fresh, err)
	}
	return a
}

func (d *drawer) add(t *testing.T, id desk.ID, offset int, piece []byte) *store.Attachment {
	t.Helper()
	a, err := d.files.Append(t.Context(), d.owner, id, int64(offset), bytes.NewReader(piece), int64(len(piece)))
	if err != nil {
		t.Fatalf("append %d bytes at %d: %v", len(piece), offset, err)
	}
	return a
}

// send uploads a whole file.
func (d *drawer) send(t *testing.T, name string, content []byte) *store.Attachment {
	t.Helper()
	a := d.begin(t, name, len(content))
	for at := 0; at < len(content); at += inbox.MaxPiece {
		a = d.add(t, a.ID, at, content[at:min(at+inbox.MaxPiece, len(content))])
	}
	return a
}

// keys lists every content that is kept.
func (d *drawer) keys(t *testing.T) []string {
	t.Helper()
	var keys []string
	if err := d.blobs.List(t.Context(), "", func(i blob.Info) error { keys = append(keys, i.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	return keys
}

func (d *drawer) content(t *testing.T, key string) []byte {
	t.Helper()
	r, _, err := d.blobs.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A bank statement that arrives with one byte changed is no evidence.
func TestFileArrivesAsItWasSent(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		for _, size := range []int{1, inbox.MinPiece, inbox.MaxPiece, inbox.MaxPiece + 1, 3*inbox.MaxPiece + 77} {
			content := noise(size)
			a := d.send(t, "statement.bin", content)
			if a.State != store.AttachmentReady || a.Stored != int64(size) || a.Received != int64(size) || a.Width != 0 {
				t.Fatalf("%d bytes: %+v", size, a)
			}
			if !bytes.Equal(d.content(t, a.BlobKey), content) {
				t.Errorf("%d bytes came back changed", size)
			}
		}
		for _, key := range d.keys(t) {
			if strings.HasPrefix(key, "staging/") {
				t.Errorf("%s is left behind", key)
			}
		}
	})
}

// A train enters a tunnel in the middle of a piece. The upload must go on where it
// was, with nothing of the half piece in it.
func TestUploadGoesOnAfterABrokenConnection(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		content := noise(2*inbox.MaxPiece + 1000)
		a := d.begin(t, "a.bin", len(content))
		d.add(t, a.ID, 0, content[:inbox.MaxPiece])
		before := len(d.keys(t))
		broken := errors.New("connection reset")
		half := io.MultiReader(bytes.NewReader(content[inbox.MaxPiece:inbox.MaxPiece+100_000]), iotest.ErrReader(broken))
		if _, err := d.files.Append(t.Context(), d.owner, a.ID, inbox.MaxPiece, half, inbox.MaxPiece); !errors.Is(err, broken) {
			t.Fatalf("a piece that broke off: %v", err)
		}
		if after := len(d.keys(t)); after != before {
			t.Errorf("%d contents instead of %d: half a piece was kept", after, before)
		}
		// Another node, after the first was killed: everything it needs is stored.
		d.files = d.node(t, "")
		now, err := d.files.Upload(t.Context(), d.owner, a.ID)
		if err != nil || now.Received != inbox.MaxPiece {
			t.Fatalf("resume at %d, %v", now.Received, err)
		}
		d.add(t, a.ID, inbox.MaxPiece, content[inbox.MaxPiece:2*inbox.MaxPiece])
		a = d.add(t, a.ID, 2*inbox.MaxPiece, content[2*inbox.MaxPiece:])
		if a.State != store.AttachmentReady || !bytes.Equal(d.content(t, a.BlobKey), content) {
			t.Errorf("the whole is %+v", a)
		}
	})
}

// Two tabs, or a retry that overtakes: pieces of different content for one place
// must never be mixed.
func TestOnePieceWinsItsPlace(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		const rivals = 4
		a := d.begin(t, "a.bin", inbox.MaxPiece+rivals)
		pieces := make([][]byte, rivals)
		won := make([]bool, rivals)
		var wg sync.WaitGroup
		for i := range rivals {
			pieces[i] = noise(inbox.MaxPiece - i)
			wg.Go(func() {
				now, err := d.files.Append(t.Context(), d.owner, a.ID, 0, bytes.NewReader(pieces[i]), int64(len(pieces[i])))
				switch {
				case err == nil:
					won[i] = true
				case desk.CodeOf(err) != desk.Conflict || now == nil || now.Received < inbox.MaxPiece-rivals:
					t.Errorf("a loser is told %+v, %v", now, err)
				}
			})
		}
		wg.Wait()
		var winner []byte
		for i := range rivals {
			if won[i] && winner != nil {
				t.Fatal("two pieces won one place")
			}
			if won[i] {
				winner = pieces[i]
			}
		}
		if winner == nil {
			t.Fatal("nobody won")
		}
		rest := noise(inbox.MaxPiece + rivals - len(winner))
		a = d.add(t, a.ID, len(winner), rest)
		if !bytes.Equal(d.content(t, a.BlobKey), append(winner, rest...)) {
			t.Error("the file is a mixture")
		}
	})
}

// A device that did not hear "received" sends the piece again.
func TestRepeatedPieceIsFine(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		content := noise(inbox.MaxPiece + 50)
		a := d.begin(t, "a.bin", len(content))
		d.add(t, a.ID, 0, content[:inbox.MaxPiece])
		if again := d.add(t, a.ID, 0, content[:inbox.MaxPiece]); again.Received != inbox.MaxPiece {
			t.Errorf("after the repeat: %d", again.Received)
		}
		other := noise(inbox.MaxPiece - 1)
		now, err := d.files.Append(t.Context(), d.owner, a.ID, 0, bytes.NewReader(other), int64(len(other)))
		if desk.CodeOf(err) != desk.Conflict || now.Received != inbox.MaxPiece {
			t.Errorf("another content at the same place: %+v, %v", now, err)
		}
		for _, offset := range []int64{-1, inbox.MaxPiece + 1, 1 << 60} {
			if now, err := d.files.Append(t.Context(), d.owner, a.ID, offset, strings.NewReader("x"), 1); desk.CodeOf(err) != desk.Conflict || now.Received != inbox.MaxPiece {
				t.Errorf("at %d: %v", offset, err)
			}
		}
		d.add(t, a.ID, inbox.MaxPiece, content[inbox.MaxPiece:])
		if again := d.add(t, a.ID, inbox.MaxPiece, content[inbox.MaxPiece:]); again.State != store.AttachmentReady {
			t.Errorf("the last piece again: %+v", again)
		}
		if asked := d.add(t, a.ID, len(content), nil); asked.State != store.AttachmentReady {
			t.Errorf("nothing at the end: %+v", asked)
		}
	})
}

// Whoever announces 10 bytes and sends 200 MB must fill neither the disk nor the
// memory.
func TestLyingClientsAreRefused(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		for _, size := range []int64{maxBytes + 1, 200 << 20, 1 << 62} {
			if _, _, err := d.files.Begin(t.Context(), d.owner, clientID(), "film.mp4", size); desk.CodeOf(err) != desk.TooLarge {
				t.Errorf("%d bytes announced: %v", size, err)
			}
		}
		for _, size := range []int64{0, -1, -1 << 63} {
			if _, _, err := d.files.Begin(t.Context(), d.owner, clientID(), "a", size); desk.CodeOf(err) != desk.Invalid {
				t.Errorf("%d bytes announced: %v", size, err)
			}
		}
		small, large := d.begin(t, "a", 10), d.begin(t, "b", 2<<20)
		for _, c := range []struct {
			name   string
			id     desk.ID
			length int64 // as the request says
			really int64
			want   desk.Code
		}{
			{"200 MB announced as 10, said", small.ID, 200 << 20, 200 << 20, desk.TooLarge},
			{"200 MB announced as 10, not said", small.ID, blob.UnknownSize, 200 << 20, desk.TooLarge},
			{"11 bytes said to be 10", small.ID, 10, 11, desk.TooLarge},
			{"9 bytes said to be 10", small.ID, 10, 9, desk.Invalid},
			{"longer than a piece", large.ID, inbox.MaxPiece + 1, inbox.MaxPiece + 1, desk.TooLarge},
			{"longer than a piece, not said", large.ID, blob.UnknownSize, 200 << 20, desk.TooLarge},
			{"a piece of one byte", large.ID, 1, 1, desk.Invalid},
		} {
			source := &counting{r: io.LimitReader(zeros{}, c.really)}
			_, err := d.files.Append(t.Context(), d.owner, c.id, 0, source, c.length)
			if desk.CodeOf(err) != c.want {
				t.Errorf("%s: %v", c.name, err)
			}
			if source.n > 1<<20 {
				t.Errorf("%s: %d bytes were read", c.name, source.n)
			}
		}
		if keys := d.keys(t); len(keys) > 0 {
			t.Errorf("kept: %v", keys)
		}
		for _, id := range []desk.ID{small.ID, large.ID} {
			if a, err := d.files.Upload(t.Context(), d.owner, id); err != nil || a.Received != 0 {
				t.Errorf("it counts: %+v, %v", a, err)
			}
		}
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// A stranger with a token must not be able to fill the disk with files that nobody
// will ever see.
func TestUnsentFilesAreFew(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		var first *store.Attachment
		for i := range inbox.MaxUnsent {
			if a := d.begin(t, "a", 10); i == 0 {
				first = a
			}
		}
		_, _, err := d.files.Begin(t.Context(), d.owner, clientID(), "a", 10)
		if desk.CodeOf(err) != desk.Throttled {
			t.Errorf("one more: %v", err)
		}
		again, fresh, err := d.files.Begin(t.Context(), d.owner, first.ClientID, "a", 10)
		if err != nil || fresh || again.ID != first.ID {
			t.Errorf("the same again: %+v, %v, %v", again, fresh, err)
		}
		if _, _, err := d.files.Begin(t.Context(), d.owner, first.ClientID, "a", 11); desk.CodeOf(err) != desk.Conflict {
			t.Errorf("another under the same client id: %v", err)
		}
		if err := d.files.Cancel(t.Context(), d.owner, first.ID); err != nil {
			t.Fatal(err)
		}
		d.begin(t, "a", 10)
	})
}

// Nodes share everything: the load balancer sends each piece to another one.
func TestAnyNodeGoesOnWithAFile(t *testing.T) {
	service := blobtest.S3(t)
	blobs, err := blob.OpenS3(t.Context(), service())
	if err != nil {
		t.Fatal(err)
	}
	url := storetest.PostgresURL(t)
	first := newDrawer(t, url, blobs, "")
	other := inbox.NewFiles(inbox.FilesConfig{Store: storetest.OpenURL(t, url), Blobs: blobs, Vault: first.vault, MaxBytes: maxBytes})
	content := noise(4*inbox.MaxPiece + 5)
	a := first.begin(t, "a.bin", len(content))
	for i, f := range []*inbox.Files{first.files, other, first.files, other, first.files} {
		at := i * inbox.MaxPiece
		piece := content[at:min(at+inbox.MaxPiece, len(content))]
		if a, err = f.Append(t.Context(), first.owner, a.ID, int64(at), bytes.NewReader(piece), int64(len(piece))); err != nil {
			t.Fatal(err)
		}
	}
	r, err := first.Receive(t.Context(), first.withFiles(0, "device-two1", "see this", a.ID))
	if err != nil {
		t.Fatal(err)
	}
	id, seal, name := parts(t, r.Message.Attachments[0].URL)
	f, err := other.Open(t.Context(), id, seal, name, false)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	if _, err := f.Seek(inbox.MaxPiece-3, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, content[inbox.MaxPiece-3:]) {
		t.Errorf("the other node reads %d bytes, %v", len(got), err)
	}
}

// A node that dies between the last byte and the checks leaves them to a job.
func TestChecksOfADeadNodeAreFinished(t *testing.T) {
	eachDrawer(t, func(t *testing.T, d *drawer) {
		dead := d.node(t, "")
		if err := dead.Close(); err != nil {
			t.Fatal(err)
		}
		living := d.files
		d.files = dead
		a := d.send(t, "a.bin", noise(1000))
		if a.State != store.AttachmentChecking {
			t.Fatalf("a node that is gone has checked: %+v", a)
		}
		_, err := d.Receive(t.Context(), d.withFiles(0, "device-dead1", "", a.ID))
		if desk.CodeOf(err) != desk.Unavailable {
			t.Errorf("a file that is not checked was sent: %v", err)
		}
		// The job's time comes.
		d.now.Store(int64(2 * time.Minute))
		runner := jobs.NewRunner(d.store, jobs.Config{Poll: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler)})
		living.Register(runner)
		due(t, d.store)
		if err := runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := runner.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
		for deadline := time.Now().Add(20 * time.Second); a.State != store.AttachmentReady; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("still %+v", a)
			}
			if a, err = living.Upload(t.Context(), d.owner, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.Receive(t.Context(), d.withFiles(0, "device-dead1", "", a.ID)); err != nil {
			t.Error(err)
		}
	})
}

// due makes pending jobs due on a database with a clock of its own.
func due(t *testing.T, s *store.Store) {
	t.Helper()
	list, err := s.Read(t.Context()).Jobs(store.JobPending, 10)
	if err != nil || len(list) == 0 {
		t.Fatalf("no job waits: %v", err)
	}
	err = s.Write(t.Context(), func(tx *store.Tx) error {
		for _, j := range list {
			claimed, err := tx.ClaimJobs([]string{j.Kind}, j.RunAt, j.RunAt+1, 1)
			if err != nil {
				return err
			}
			for _, c := range claimed {
				if err := tx.RetryJob(c.ID, c.LeaseToken, 1, "test"); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Somebody who opens many connections and sends nothing must not keep everybody
// else from sending.
func TestSlowSenderLeavesRoomForOthers(t *testing.T) {
	d := newDrawer(t, storetest.SQLiteURL(t), nil, "")
	ctx, cancel := context.WithCancel(t.Context())
	var slow []*io.PipeWriter
	var wg sync.WaitGroup
	for range 4 {
		a := d.begin(t, "a.bin", 100)
		r, w := io.Pipe()
		slow = append(slow, w)
		wg.Go(func() {
			if _, err := d.files.Append(ctx, d.owner, a.ID, 0, r, 100); err == nil {
				t.Error("half a piece was taken")
			}
		})
		if _, err := w.Write([]byte("x")); err != nil { // it is being read
			t.Fatal(err)
		}
	}
	fifth := d.begin(t, "b.bin", 100)
	_, err := d.files.Append(t.Context(), d.owner, fifth.ID, 0, bytes.NewReader(noise(100)), 100)
	var e *desk.Error
	if !errors.As(err, &e) || e.Code != desk.Unavailable || e.RetryAfter == 0 {
		t.Errorf("a fifth of the same: %v", err)
	}
	mine := d.owner
	d.owner = inbox.Owner{Kind: desk.ByAgent, ID: d.agent.ID}
	d.send(t, "c.bin", noise(100))
	d.owner = mine
	cancel()
	for _, w := range slow {
		w.CloseWithError(io.ErrUnexpectedEOF) //nolint:errcheck // never fails
	}
	wg.Wait()
	d.add(t, fifth.ID, 0, noise(100))
}
