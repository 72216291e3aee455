package site_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/veridesk/veridesk/internal/announce"
	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/official"
	"github.com/veridesk/veridesk/internal/site"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/web"
)

const (
	home   = "https://help.meridian.example"
	euHome = "https://eu.help.meridian.example"
	reader = "Mozilla/5.0 (Macintosh) Version/17 Safari/605"
)

// stage is the site as the binary wires it: registry, announcements, two
// addresses and the edge around it.
type stage struct {
	http.Handler
	t        *testing.T
	store    *store.Store
	help     *helpcenter.Center
	announce *announce.Center
	official *official.Registry
	site     *site.Site
	log      *strings.Builder
}

func put(t *testing.T, s *store.Store) *stage {
	t.Helper()
	files, err := blob.OpenDisk(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	st := &stage{t: t, store: s, log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(st.log, nil))
	if st.help, err = helpcenter.New(t.Context(), helpcenter.Config{Store: s, Blobs: files, Logger: log}); err != nil {
		t.Fatal(err)
	}
	if st.official, err = official.Open(t.Context(), official.Config{Store: s, Logger: log}); err != nil {
		t.Fatal(err)
	}
	if st.announce, err = announce.New(t.Context(), announce.Config{Store: s, Logger: log}); err != nil {
		t.Fatal(err)
	}
	st.load(entityContent())
	edge, err := web.New(web.Config{PublicURL: home, Sites: []string{euHome}, Logger: log, AccessLevel: slog.LevelDebug})
	if err != nil {
		t.Fatal(err)
	}
	assets := web.NewAssets(fstest.MapFS{"site/style.css": {Data: []byte("body{}")}, "site/site.js": {Data: []byte("0")}})
	st.site = site.New(site.Deps{
		Store: s, HelpCenter: st.help, Announce: st.announce, Official: st.official, Edge: edge, Assets: assets, PublicURL: home, Logger: log,
		Sites: []site.Tenant{{Host: "eu.help.meridian.example", Entity: "meridian-eu", PublicURL: euHome}},
		Brand: desk.Brand{Names: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}, Email: "support@meridian.example"},
	})
	mux := http.NewServeMux()
	assets.Register(mux)
	st.site.Register(mux)
	st.Handler = edge.Wrap(mux)
	return st
}

func (st *stage) load(files fstest.MapFS) {
	st.t.Helper()
	if _, err := st.help.Import(st.t.Context(), files); err != nil {
		st.t.Fatal(err)
	}
	if _, err := st.help.Refresh(st.t.Context()); err != nil {
		st.t.Fatal(err)
	}
}

// entityContent is content with a variant for another legal entity.
func entityContent() fstest.MapFS {
	files := content()
	files["articles/en/security/stolen@meridian-eu.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Stolen in Europe\nsummary: About it.\norder: 1\nupdated: 2026-11-20\nscenarios: [suspected_theft]\n---\n\nCall the office in Dublin.\n")}
	files["articles/zh-CN/security/withdraw.md"] = &fstest.MapFile{Data: []byte("---\ntitle: 提币到错误的网络\nsummary: 先联系接收方。\norder: 9\nupdated: 2026-11-20\nscenarios: [transfer_trouble]\n---\n\n请打开软件，查看网络设置和短信。\n")}
	return files
}

func (st *stage) announces(level announce.Level, title, body, link string) announce.Announcement {
	st.t.Helper()
	a, err := st.announce.Create(st.t.Context(), store.Actor{Kind: desk.BySystem}, announce.Announcement{
		Level: level, Published: true, URL: link, Texts: map[string]announce.Text{"en": {Title: title, Body: body}, "zh-CN": {Title: "网络拥堵", Body: "请勿重复提交。"}},
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return a
}

func (st *stage) registers(contacts ...official.Contact) {
	st.t.Helper()
	for i, c := range contacts {
		c.Status, c.Position = official.Official, i
		if c.Purpose == nil {
			c.Purpose = map[string]string{"en": "News only.", "zh-CN": "仅发布公告。"}
		}
		if _, err := st.official.Create(st.t.Context(), store.Actor{Kind: desk.BySystem}, c); err != nil {
			st.t.Fatal(err)
		}
	}
}

// get asks for a page of the default site as a reader's browser does.
func (st *stage) get(path string, header ...string) *httptest.ResponseRecorder {
	return st.ask("GET", home+path, nil, header...)
}

func (st *stage) ask(method, address string, form url.Values, header ...string) *httptest.ResponseRecorder {
	st.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(st.t.Context(), method, address, body)
	r.TLS = nil
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", reader)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	st.ServeHTTP(w, r)
	return w
}

// expect looks for texts in a page; those that begin with "!" must not be there.
func expect(t *testing.T, body string, texts ...string) {
	t.Helper()
	for _, s := range texts {
		want, not := strings.CutPrefix(s, "!")
		if !not {
			want = s
		}
		if strings.Contains(body, want) == not {
			t.Errorf("%q (with ! it must not be there) in\n%s", s, body)
		}
	}
}

func picturePNG(t *testing.T) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for x := range 40 {
		m.Set(x, x%30, color.RGBA{uint8(x), 90, 90, 255})
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, m); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}
