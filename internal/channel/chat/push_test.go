package chat_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/channel/chat"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

var b64 = base64.RawURLEncoding

// browserKeys are what a browser makes when it subscribes.
type browserKeys struct {
	private *ecdh.PrivateKey
	auth    []byte
}

func newBrowser(t *testing.T, endpoint string) (browserKeys, chat.Subscription) {
	t.Helper()
	private, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := browserKeys{private, make([]byte, 16)}
	rand.Read(b.auth) //nolint:errcheck // never fails
	s := chat.Subscription{Endpoint: endpoint}
	s.Keys.P256dh, s.Keys.Auth = b64.EncodeToString(private.PublicKey().Bytes()), b64.EncodeToString(b.auth)
	return b, s
}

// open decrypts a push as the browser does: RFC 8188 with the key of RFC 8291.
func (b browserKeys) open(t *testing.T, body []byte) []byte {
	t.Helper()
	salt, size, n := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	if int(size) < len(body)-21-n {
		t.Fatalf("more than one record: %d bytes of %d", len(body), size)
	}
	sender, err := ecdh.P256().NewPublicKey(body[21 : 21+n])
	if err != nil {
		t.Fatal(err)
	}
	shared, err := b.private.ECDH(sender)
	if err != nil {
		t.Fatal(err)
	}
	derive := func(secret, salt []byte, info string, n int) []byte {
		k, err := hkdf.Key(sha256.New, secret, salt, info, n)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	ikm := derive(shared, b.auth, "WebPush: info\x00"+string(b.private.PublicKey().Bytes())+string(sender.Bytes()), 32)
	block, err := aes.NewCipher(derive(ikm, salt, "Content-Encoding: aes128gcm\x00", 16))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := gcm.Open(nil, derive(ikm, salt, "Content-Encoding: nonce\x00", 12), body[21+n:], nil)
	if err != nil {
		t.Fatalf("the browser cannot read it: %v", err)
	}
	plain = bytes.TrimRight(plain, "\x00")
	return bytes.TrimSuffix(plain, []byte{2})
}

// vapid checks the header by which a push service knows who sends (RFC 8292) and
// returns its claims.
func vapid(t *testing.T, header, publicKey string) map[string]any {
	t.Helper()
	parts, ok := strings.CutPrefix(header, "vapid t=")
	token, k, found := strings.Cut(parts, ", k=")
	if !ok || !found || k != publicKey {
		t.Fatalf("Authorization: %s", header)
	}
	piece := strings.Split(token, ".")
	point, err := b64.DecodeString(k)
	if err != nil || len(piece) != 3 {
		t.Fatal(token, err)
	}
	signature, err := b64.DecodeString(piece[2])
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(piece[0] + "." + piece[1]))
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Fatal("the token is not signed with the key that the browser subscribed to")
	}
	text, err := b64.DecodeString(piece[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(text, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func pushConfig(o *outside) chat.Config {
	return chat.Config{Subject: "mailto:ops@meridian.example", AllowPrivate: true, Transport: o.Client().Transport}
}

// Somebody who has closed the page must hear that there is an answer, in their
// language; the push service must not learn what it says.
func TestPushSaysThatThereIsAnAnswerAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for locale, says := range map[string][2]string{
			"en": {"Meridian Exchange", "There is an answer in "}, "zh-CN": {"子午交易所", " 有新回复"}, "zh-TW": {"子午交易所", " 有新回覆"},
		} {
			o := newOutside(t)
			f := newFixture(t, s, pushConfig(o))
			f.work(t)
			browser, sub := newBrowser(t, o.URL+"/push/"+locale)
			if err := f.Subscribe(t.Context(), f.contact.ID, sub, locale); err != nil {
				t.Fatal(err)
			}
			f.deliver(t, f.out)
			f.deliver(t, f.out) // handed over again after a crash
			eventually(t, "the push arrives", func() bool { return len(o.taken()) > 0 })
			f.settled(t, chat.KindPush)
			if n := len(o.taken()); n > 2 {
				t.Fatalf("%d pushes", n)
			}
			got := o.taken()[0]
			text := browser.open(t, got.body)
			var n chat.Notice
			if err := json.Unmarshal(text, &n); err != nil {
				t.Fatal(err)
			}
			if n.Type != "answer" || n.Number != f.conversation.Number || n.ConversationID != f.conversation.ID || n.Locale != locale || n.Title != says[0] || !strings.Contains(n.Body, says[1]) || !strings.Contains(n.Body, n.Number) {
				t.Errorf("%s: %s", locale, text)
			}
			if strings.Contains(string(text), "BTC") {
				t.Errorf("the answer itself is in the push: %s", text)
			}
			h := got.header
			if h.Get("Content-Encoding") != "aes128gcm" || h.Get("TTL") != "86400" || h.Get("Urgency") != "high" || len(h.Get("Topic")) != 32 {
				t.Errorf("headers %v", h)
			}
			claims := vapid(t, h.Get("Authorization"), f.PublicKey())
			if claims["aud"] != o.URL || claims["sub"] != "mailto:ops@meridian.example" || claims["exp"].(float64) > float64(time.Now().Add(24*time.Hour).Unix()) {
				t.Errorf("claims %v", claims)
			}
		}
	})
}

// What reaches a browser must not be readable in a stolen backup.
func TestSubscriptionsAreWrapped(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		o := newOutside(t)
		f := newFixture(t, s, pushConfig(o))
		_, sub := newBrowser(t, o.URL+"/push/secret-endpoint")
		if err := f.Subscribe(t.Context(), f.contact.ID, sub, "en"); err != nil {
			t.Fatal(err)
		}
		list, err := s.Read(t.Context()).Pushes(f.contact.ID)
		if err != nil || len(list) != 1 || bytes.Contains(list[0].Wrapped, []byte("secret-endpoint")) || bytes.Contains(list[0].Wrapped, []byte(sub.Keys.Auth)) {
			t.Fatalf("%d %v", len(list), err)
		}
		// The browser has changed hands: the one before must not be told on it.
		other := &desk.Contact{Kind: "visitor"}
		if err := s.Write(t.Context(), func(tx *store.Tx) error { other.ID = 0; return tx.InsertContact(other) }); err != nil {
			t.Fatal(err)
		}
		if err := f.Subscribe(t.Context(), other.ID, sub, "en"); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Read(t.Context()).Pushes(f.contact.ID); err != nil || len(list) != 0 {
			t.Errorf("still told on a browser that somebody else uses: %d %v", len(list), err)
		}
		if err := f.Unsubscribe(t.Context(), f.contact.ID, sub.Endpoint); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Read(t.Context()).Pushes(other.ID); err != nil || len(list) != 1 {
			t.Errorf("a stranger ended it: %d %v", len(list), err)
		}
		if err := f.Unsubscribe(t.Context(), other.ID, sub.Endpoint); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Read(t.Context()).Pushes(other.ID); err != nil || len(list) != 0 {
			t.Errorf("not ended: %d %v", len(list), err)
		}
		if err := f.Subscribe(t.Context(), 12345, sub, "en"); desk.CodeOf(err) != desk.Unauthorized {
			t.Errorf("a contact that is gone: %v", err)
		}
	})
}

func TestManyBrowsersOfOneContactAreBounded(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		o := newOutside(t)
		f := newFixture(t, s, pushConfig(o))
		for range 13 {
			_, sub := newBrowser(t, o.URL+"/push/"+s.NewID().String())
			if err := f.Subscribe(t.Context(), f.contact.ID, sub, "en"); err != nil {
				t.Fatal(err)
			}
		}
		if list, err := s.Read(t.Context()).Pushes(f.contact.ID); err != nil || len(list) != 10 {
			t.Errorf("%d, %v", len(list), err)
		}
	})
}

// A browser that has withdrawn is never written to again; one whose service is
// away is, until it works; one that refuses for good is forgotten after a while.
func TestWhatBecomesOfPushesThatFail(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for name, tc := range map[string]struct {
			answers []int
			calls   int
			left    bool
			dead    int
		}{
			"gone":                 {[]int{410}, 1, false, 0},
			"not found":            {[]int{404}, 1, false, 0},
			"away for a moment":    {[]int{503, 429, 500}, 4, true, 0},
			"refused":              {[]int{403}, 1, true, 1},
			"leads elsewhere":      {[]int{302}, 1, true, 1},
			"away for all we know": {[]int{500, 500, 500, 500, 500, 500, 500, 500, 500}, 8, true, 1},
		} {
			t.Run(name, func(t *testing.T) {
				o := newOutside(t, tc.answers...)
				f := newFixture(t, s, pushConfig(o))
				f.work(t)
				before := len(f.jobs(t, chat.KindPush, store.JobDead))
				_, sub := newBrowser(t, o.URL+"/push/"+f.contact.ID.String())
				if err := f.Subscribe(t.Context(), f.contact.ID, sub, "en"); err != nil {
					t.Fatal(err)
				}
				f.deliver(t, f.out)
				eventually(t, "all attempts are made", func() bool { return len(o.taken()) >= tc.calls })
				f.settled(t, chat.KindPush)
				for _, c := range o.taken() {
					if c.path == "/elsewhere" {
						t.Error("it was led elsewhere")
					}
				}
				if n := len(o.taken()); n != tc.calls {
					t.Errorf("%d calls, want %d", n, tc.calls)
				}
				list, err := s.Read(t.Context()).Pushes(f.contact.ID)
				if err != nil || (len(list) == 1) != tc.left {
					t.Errorf("%d subscriptions left, %v", len(list), err)
				}
				dead := f.jobs(t, chat.KindPush, store.JobDead)
				if len(dead)-before != tc.dead {
					t.Errorf("%d dead jobs", len(dead)-before)
				}
				for _, j := range dead {
					if strings.Contains(j.LastError, "/push/") {
						t.Errorf("the endpoint is told: %s", j.LastError)
					}
				}
			})
		}
	})
}

func TestBrowserThatAlwaysRefusesIsForgotten(t *testing.T) {
	s := storetest.Open(t)
	o := newOutside(t, 403, 403, 403, 403, 403)
	f := newFixture(t, s, pushConfig(o))
	f.work(t)
	_, sub := newBrowser(t, o.URL+"/push/x")
	if err := f.Subscribe(t.Context(), f.contact.ID, sub, "en"); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		f.deliver(t, f.answer(t))
		eventually(t, "it is refused", func() bool { return len(f.jobs(t, chat.KindPush, store.JobDead)) == i+1 })
	}
	if list, err := s.Read(t.Context()).Pushes(f.contact.ID); err != nil || len(list) != 0 {
		t.Errorf("%d left, %v", len(list), err)
	}
}

// What was read on another device meanwhile is no news.
func TestNobodyIsWokenForWhatTheyHaveRead(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		o := newOutside(t)
		f := newFixture(t, s, pushConfig(o))
		_, sub := newBrowser(t, o.URL+"/push/x"+f.contact.ID.String())
		if err := f.Subscribe(t.Context(), f.contact.ID, sub, "en"); err != nil {
			t.Fatal(err)
		}
		f.deliver(t, f.out)
		f.read(t, f.out.Message.Seq)
		f.work(t)
		f.settled(t, chat.KindPush)
		if n := len(o.taken()); n != 0 {
			t.Errorf("%d pushes", n)
		}
	})
}

// Whoever may say where our server sends requests must not reach what only our
// server can reach.
func TestEndpointsMayNotLeadInside(t *testing.T) {
	s := storetest.Open(t)
	f := newFixture(t, s, chat.Config{Subject: "mailto:ops@meridian.example"})
	for _, endpoint := range []string{
		"", "push", "http://push.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.1.2.3/x", "https://192.168.1.1:8443/x", "https://169.254.169.254/latest",
		"https://localhost/x", "https://LOCALHOST./x", "https://a.localhost/x", "https://intranet/x", "https://user:pw@push.example/x", "https://push.example/x#y",
		"ftp://push.example/", "javascript:alert(1)", "https:///x", "https://[::ffff:127.0.0.1]/x", "https://100.64.0.1/", "https://[fd00::1]/", "https://[64:ff9b::7f00:1]/",
		"https://push.example/" + strings.Repeat("x", 2048),
	} {
		_, sub := newBrowser(t, endpoint)
		if err := f.Subscribe(t.Context(), f.contact.ID, sub, "en"); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%.60s: %v", endpoint, err)
		}
	}
	_, good := newBrowser(t, "https://updates.push.services.example/wpush/v2/abc")
	if err := f.Subscribe(t.Context(), f.contact.ID, good, "en"); err != nil {
		t.Errorf("a push service: %v", err)
	}
	for name, spoil := range map[string]func(*chat.Subscription){
		"no point":    func(s *chat.Subscription) { s.Keys.P256dh = b64.EncodeToString(make([]byte, 65)) },
		"no key":      func(s *chat.Subscription) { s.Keys.P256dh = "" },
		"short auth":  func(s *chat.Subscription) { s.Keys.Auth = "AAAA" },
		"broken auth": func(s *chat.Subscription) { s.Keys.Auth = "%%%" },
	} {
		bad := good
		spoil(&bad)
		if err := f.Subscribe(t.Context(), f.contact.ID, bad, "en"); desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A name can stand for another address by the time it is used; the address that
// is connected to decides.
func TestAddressIsJudgedWhenItIsConnectedTo(t *testing.T) {
	s := storetest.Open(t)
	o := newOutside(t)
	f := newFixture(t, s, chat.Config{Subject: "mailto:ops@meridian.example"})
	f.work(t)
	_, sub := newBrowser(t, strings.Replace(o.URL, "127.0.0.1", "localhost", 1)+"/inside")
	text, err := json.Marshal(sub)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := f.vault.Wrap("chat.push", text)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutPush(&store.PushSubscription{ContactID: f.contact.ID, EndpointHash: "h", Wrapped: wrapped, Locale: "en"})
	}); err != nil {
		t.Fatal(err)
	}
	f.deliver(t, f.out)
	eventually(t, "it is given up", func() bool { return len(f.jobs(t, chat.KindPush, store.JobDead)) == 1 })
	if dead := f.jobs(t, chat.KindPush, store.JobDead)[0]; len(o.taken()) != 0 || dead.Attempts != 1 || !strings.Contains(dead.LastError, "private network") {
		t.Errorf("%d calls, %+v", len(o.taken()), dead)
	}
}

func TestPublicAddresses(t *testing.T) {
	for a, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": false, "10.0.0.1": false, "172.16.0.1": false, "192.168.0.1": false, "169.254.169.254": false,
		"0.0.0.0": false, "0.1.2.3": false, "100.64.1.1": false, "192.0.0.8": false, "198.18.0.1": false, "203.0.113.9": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::": false, "::1": false, "::7f00:1": false, "::ffff:10.0.0.1": false, "::ffff:8.8.8.8": true, "fe80::1": false, "fc00::1": false, "fd12::1": false, "ff02::1": false,
		"64:ff9b::a00:1": false, "2002:a00:1::": false, "2001::1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		if got := chat.Public(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v", a, got)
		}
	}
}

// Every browser has subscribed to one key: nodes that start at once must agree on
// it, and it must outlive them and a change of the master key.
func TestKeysAreMadeOnce(t *testing.T) {
	storetest.EachURL(t, true, func(t *testing.T, url string) {
		s := storetest.OpenURL(t, url)
		open := func(master string) string {
			c, err := chat.Open(t.Context(), chat.Config{Store: s, Vault: openVault(t, master), Subject: "mailto:ops@meridian.example"})
			if err != nil {
				t.Error(err)
				return ""
			}
			return c.PublicKey()
		}
		keys := make([]string, 6)
		var wg sync.WaitGroup
		for i := range keys {
			wg.Go(func() { keys[i] = open(key(1)) })
		}
		wg.Wait()
		for _, k := range keys {
			if point, err := b64.DecodeString(k); k != keys[0] || err != nil || len(point) != 65 {
				t.Fatalf("keys %v", keys)
			}
		}
		if got := open(key(2) + "\n" + key(1)); got != keys[0] {
			t.Errorf("after a change of the master key: %s", got)
		}
		if got := open(key(2)); got != keys[0] {
			t.Errorf("without the old master key: %s", got)
		}
		stored, err := s.Read(t.Context()).Meta("chat.vapid")
		if err != nil || bytes.Contains(stored, []byte("private")) {
			t.Errorf("%q %v", stored, err)
		}
		off, err := chat.Open(t.Context(), chat.Config{Store: s, Vault: openVault(t, key(2))})
		if err != nil || off.PublicKey() != "" {
			t.Errorf("switched off: %q %v", off.PublicKey(), err)
		}
		_, sub := newBrowser(t, "https://push.example/x")
		if err := off.Subscribe(t.Context(), 1, sub, "en"); desk.CodeOf(err) != desk.Unavailable {
			t.Errorf("subscribed although it is off: %v", err)
		}
	})
}
