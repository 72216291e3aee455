package mailout

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

// post is a real SMTP server on loopback that remembers what it took.
type post struct {
	mu       sync.Mutex
	refuse   []error // answers to the next RCPTs, then accepts
	mails    [][]byte
	signedIn []string
	secure   bool // of the last session
	rcpts    []string
	asked    int
}

func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) {
	_, secure := c.TLSConnectionState()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.secure = secure
	return &session{p}, nil
}

type session struct{ p *post }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "desk" || password != "geheim" {
			return smtp.ErrAuthFailed
		}
		s.p.mu.Lock()
		defer s.p.mu.Unlock()
		s.p.signedIn = append(s.p.signedIn, user)
		return nil
	}), nil
}
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.asked++
	if len(s.p.refuse) > 0 {
		err := s.p.refuse[0]
		s.p.refuse = s.p.refuse[1:]
		return err
	}
	s.p.rcpts = append(s.p.rcpts, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	s.p.mails = append(s.p.mails, b)
	return nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (p *post) taken() [][]byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([][]byte{}, p.mails...)
}

// serve starts the server and returns settings that reach it.
func serve(t *testing.T, p *post, security Security) Config {
	t.Helper()
	server := smtp.NewServer(p)
	server.Domain = "mx.test"
	server.AllowInsecureAuth = false
	cert, pool := certificate(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch security {
	case StartTLS:
		server.TLSConfig = config
	case TLS:
		l = tls.NewListener(l, config)
	}
	done := make(chan struct{})
	go func() { defer close(done); server.Serve(l) }() //nolint:errcheck // ends when closed
	t.Cleanup(func() { server.Close(); <-done })
	return Config{
		Host: "127.0.0.1", Port: port, Security: security, Timeout: 5 * time.Second,
		From: "Meridian 支持 <support@meridian.example>", Brand: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"},
		TLSConfig: &tls.Config{RootCAs: pool, ServerName: "mx.test"},
	}
}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mx.test"}, DNSNames: []string{"mx.test"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

func run(t *testing.T, s *store.Store, cfg Config) {
	t.Helper()
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	r := jobs.NewRunner(s, jobs.Config{
		Poll: 20 * time.Millisecond, Backoff: func(int) time.Duration { return 10 * time.Millisecond },
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	m.Register(r)
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := r.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

var invitation = map[string]string{
	"link": "https://support.meridian.example/console/invitation/abc?x=1&y=2", "role": "agent",
	"invited_by": "Ann <script>", "expires_at": "1767225600000000",
}

func send(t *testing.T, s *store.Store, to, locale, template string, data map[string]string) error {
	t.Helper()
	return s.Write(t.Context(), func(tx *store.Tx) error { return Enqueue(tx, to, locale, template, data) })
}

func eventually(t *testing.T, what string, fn func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if fn() {
			return
		}
	}
	t.Fatalf("not within 20 s: %s", what)
}

func count(t *testing.T, s *store.Store, state store.JobState) []store.Job {
	t.Helper()
	all, err := s.Read(t.Context()).Jobs(state, 100)
	if err != nil {
		t.Fatal(err)
	}
	var mails []store.Job
	for _, j := range all {
		if j.Kind == Kind {
			mails = append(mails, j)
		}
	}
	return mails
}

// parts reads a mail as a receiver does: decoded subject, text and HTML.
func parts(t *testing.T, raw []byte) (h mail.Header, subject, text, html string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, subject, text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		if enc := p.Header.Get("Content-Transfer-Encoding"); enc != "quoted-printable" {
			t.Fatalf("encoding %q", enc)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Header.Get("Content-Type"), "text/html") {
			html = string(b)
		} else {
			text = strings.ReplaceAll(string(b), "\r\n", "\n")
		}
	}
}

// A colleague cannot join without the mail, in the language they read.
func TestInvitationArrivesInBothLanguages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := &post{}
		cfg := serve(t, p, StartTLS)
		cfg.Username, cfg.Password = "desk", "geheim"
		run(t, s, cfg)
		for locale, says := range map[string][]string{
			"en":    {"You are invited to the support desk of Meridian Exchange", "as agent", "until 1 January 2026, 00:00 UTC"},
			"zh-CN": {"邀请您加入 子午交易所 客服系统", "“客服”身份", "2026年1月1日 00:00（UTC）"},
		} {
			before := len(p.taken())
			if err := send(t, s, "new@meridian.example", locale, "invitation", invitation); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the mail arrives", func() bool { return len(p.taken()) > before })
			h, subject, text, html := parts(t, p.taken()[before])
			if subject != says[0] || !strings.Contains(text, says[1]) || !strings.Contains(text, says[2]) || !strings.Contains(text, "\n\n"+invitation["link"]+"\n\n") {
				t.Errorf("%s: subject %q, text:\n%s", locale, subject, text)
			}
			if strings.Contains(html, "<script>") || !strings.Contains(html, `href="https://support.meridian.example/console/invitation/abc?x=1&amp;y=2"`) {
				t.Errorf("%s: html:\n%s", locale, html)
			}
			if h.Get("Auto-Submitted") != "auto-generated" || !strings.HasSuffix(h.Get("Message-Id"), "@meridian.example>") {
				t.Errorf("headers %v", h)
			}
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.secure || len(p.signedIn) != 2 || p.rcpts[0] != "new@meridian.example" {
			t.Errorf("secure %v, signed in %v, to %v", p.secure, p.signedIn, p.rcpts)
		}
	})
}

func TestEveryTemplateInEveryLocale(t *testing.T) {
	m, err := New(Config{From: "support@meridian.example", Brand: map[string]string{"en": "Meridian"}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tmpl := range Templates {
		for _, locale := range desk.ReadingLocales {
			data := map[string]string{}
			for _, need := range tmpl.Needs {
				data[need] = "1767225600000000"
			}
			if data["articles"] != "" {
				data["articles"] = `[{"title":"<b>Late</b>","locale":"en","link":"https://desk.example/console/help/articles/1/en","due_at":1767225600000000}]`
			}
			if data["lines"] != "" {
				data["lines"] = `[{"at":1767225600000000,"by":"agent","name":"Mei","body":"one\ntwo","files":["a.png"]}]`
			}
			c, err := m.compose(letter{To: "a@b.example", Locale: locale, Template: name, Data: data})
			if err != nil || c.subject == "" || strings.Contains(c.subject+c.text+c.html, "<no value>") {
				t.Errorf("%s in %s: %v %+v", name, locale, err, c)
			}
		}
	}
}

// A reminder without its links is a riddle; a title must not become markup.
func TestReminderListsArticlesWithLinks(t *testing.T) {
	m, err := New(Config{From: "support@meridian.example", Brand: map[string]string{"en": "Meridian"}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.compose(letter{Locale: "zh-CN", Template: "review_due", Data: map[string]string{
		"link": "https://desk.example/console/help/articles?attention=due", "count": "60", "more": "59",
		"articles": `[{"title":"<b>Late</b>","locale":"en","link":"https://desk.example/console/help/articles/1/en","due_at":1767225600000000}]`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`<a href="https://desk.example/console/help/articles/1/en"`, `<a href="https://desk.example/console/help/articles?attention=due"`,
		"&lt;b&gt;Late", "2026年1月1日", "59 篇",
	} {
		if !strings.Contains(c.html, want) {
			t.Errorf("%q is missing in\n%s", want, c.html)
		}
	}
}

func TestTLSFromTheFirstByteAndPlain(t *testing.T) {
	s := storetest.Open(t)
	p := &post{}
	run(t, s, serve(t, p, TLS))
	if err := send(t, s, "a@meridian.example", "en", "invitation", invitation); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mail arrives", func() bool { return len(p.taken()) == 1 })
	if p.mu.Lock(); !p.secure {
		t.Error("not over TLS")
	}
	p.mu.Unlock()
	s2 := storetest.Open(t)
	p2 := &post{}
	run(t, s2, serve(t, p2, Plain))
	if err := send(t, s2, "a@meridian.example", "en", "invitation", invitation); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the mail arrives", func() bool { return len(p2.taken()) == 1 })
}

// A link in the open is worse than a late one.
func TestStartTLSIsNotOptional(t *testing.T) {
	s := storetest.Open(t)
	p := &post{}
	cfg := serve(t, p, Plain) // offers no STARTTLS
	cfg.Security = StartTLS
	run(t, s, cfg)
	if err := send(t, s, "a@meridian.example", "en", "invitation", invitation); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it failed and waits", func() bool {
		for _, st := range []store.JobState{store.JobPending, store.JobDead} {
			for _, j := range count(t, s, st) {
				if strings.Contains(j.LastError, "STARTTLS") {
					return true
				}
			}
		}
		return false
	})
	if len(p.taken()) != 0 {
		t.Fatal("sent without TLS")
	}
}

// Greylisting servers say "later"; the mail must come all the same, once, and
// recognisable.
func TestTemporaryRefusalIsRetried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := &post{refuse: []error{
			&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted"},
			&smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "busy"},
		}}
		run(t, s, serve(t, p, Plain))
		if err := send(t, s, "a@meridian.example", "en", "invitation", invitation); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the job is done", func() bool { return len(count(t, s, store.JobDone)) == 1 })
		job := count(t, s, store.JobDone)[0]
		if len(p.taken()) != 1 || job.Attempts != 3 {
			t.Fatalf("%d mails after %d attempts", len(p.taken()), job.Attempts)
		}
		h, _, _, _ := parts(t, p.taken()[0])
		if want := "<job-" + job.ID.String() + "@meridian.example>"; h.Get("Message-Id") != want {
			t.Errorf("Message-ID %s, want %s", h.Get("Message-Id"), want)
		}
		date, err := h.Date()
		if err != nil || date.Unix() != job.CreatedAt.Time().Unix() {
			t.Errorf("date %v: not when the mail was meant", date)
		}
	})
}

func TestRefusalForGoodIsDead(t *testing.T) {
	s := storetest.Open(t)
	p := &post{refuse: []error{&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}}}
	run(t, s, serve(t, p, Plain))
	if err := send(t, s, "typo@meridian.example", "en", "invitation", invitation); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the job is dead", func() bool { return len(count(t, s, store.JobDead)) == 1 })
	if j := count(t, s, store.JobDead)[0]; j.Attempts != 1 || !strings.Contains(j.LastError, "no such mailbox") || strings.Contains(j.LastError, "abc") {
		t.Errorf("%d attempts, %q", j.Attempts, j.LastError)
	}
}

func TestServerAwayIsRetried(t *testing.T) {
	s := storetest.Open(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	run(t, s, Config{Host: "127.0.0.1", Port: port, Security: Plain, From: "support@meridian.example"})
	if err := send(t, s, "a@meridian.example", "en", "invitation", invitation); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is tried again", func() bool {
		for _, st := range []store.JobState{store.JobPending, store.JobRunning, store.JobDead} {
			for _, j := range count(t, s, st) {
				if j.Attempts > 1 {
					return true
				}
			}
		}
		return false
	})
}

// Nobody may add a recipient or a header by their name or address.
func TestHeaderInjectionIsRefused(t *testing.T) {
	s := storetest.Open(t)
	with := func(name, value string) map[string]string {
		d := map[string]string{}
		for k, v := range invitation {
			d[k] = v
		}
		d[name] = value
		return d
	}
	for _, c := range []struct {
		to   string
		data map[string]string
	}{
		{"a@b.example\r\nBcc: c@d.example", invitation},
		{"a@b.example\nX: y", invitation},
		{"a@b.example, c@d.example", invitation},
		{"Ann <a@b.example>", invitation},
		{"\"a\r\n b\"@b.example", invitation},
		{"", invitation},
		{"nobody", invitation},
		{"a@b.example", with("invited_by", "Ann\r\nBcc: c@d.example")},
		{"a@b.example", with("invited_by", "Ann\u2028Bcc: c@d.example")},
		{"a@b.example", with("link", "https://x.example/\n\nEvil")},
	} {
		if err := send(t, s, c.to, "en", "invitation", c.data); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%q %q: %v", c.to, c.data["invited_by"], err)
		}
	}
	if err := send(t, s, "a@b.example", "en", "no such", invitation); err == nil {
		t.Error("an unknown template was accepted")
	}
	if err := send(t, s, "a@b.example", "en", "invitation", nil); err == nil {
		t.Error("an invitation without link was accepted")
	}
	if _, err := New(Config{From: "a@b.example\r\nBcc: x@y.example"}); err == nil {
		t.Error("a sender with a header was accepted")
	}
}

// The demo has no mail server: the link must be found in the preview.
func TestPreviewWithoutServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		run(t, s, Config{From: "support@meridian.example", Brand: map[string]string{"en": "Meridian"}})
		if err := send(t, s, "a@meridian.example", "zh-CN", "invitation", invitation); err != nil {
			t.Fatal(err)
		}
		var got []store.MailPreview
		eventually(t, "the preview is there", func() bool {
			var err error
			if got, err = s.Read(t.Context()).MailPreviews(10); err != nil {
				t.Fatal(err)
			}
			return len(got) == 1
		})
		if got[0].Recipient != "a@meridian.example" || !strings.Contains(got[0].Body, invitation["link"]) || !strings.Contains(got[0].Subject, "Meridian") {
			t.Errorf("%+v", got[0])
		}
	})
}
