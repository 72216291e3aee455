package web

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// Readers of traditional characters get them; the console and the API, which do
// not have them, speak simplified Chinese to the same people.
func TestReadingLocales(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "fr": "en", "en-GB": "en", "zh": "zh-CN", "zh-CN": "zh-CN", "zh-SG": "zh-CN", "zh-Hans-TW": "zh-CN",
		"zh-TW": "zh-TW", "zh-HK": "zh-TW", "zh-MO": "zh-TW", "zh-Hant": "zh-TW", "zh_TW": "zh-TW", "ZH-HANT-HK": "zh-TW",
		"zh-TW,zh;q=0.9,en;q=0.8": "zh-TW", "zh-HK;q=0.9, en;q=0.5": "zh-TW", "en;q=0.3,zh-CN;q=0.9,zh-TW;q=0.4": "zh-CN", "de,en;q=0.8": "en",
		"zhxx;;;": "zh-CN", strings.Repeat("zh-TW,", 500): "zh-TW",
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Language", accept)
		if got := NegotiateReading(r); got != want {
			t.Errorf("%.40q reads %s, want %s", accept, got, want)
		}
		if got := NegotiateLocale(r); got != strings.Replace(want, "TW", "CN", 1) {
			t.Errorf("%.40q is spoken to in %s", accept, got)
		}
	}
	r := httptest.NewRequest("GET", "/?locale=zh-HK", nil)
	if NegotiateReading(r) != "zh-TW" || NegotiateLocale(r) != "zh-CN" {
		t.Error("the address does not count")
	}
}

// Each entity's own address may post to us and open a socket.
func TestFurtherSites(t *testing.T) {
	e := newEdge(t, Config{PublicURL: "https://help.meridian.example", Sites: []string{"https://eu.help.meridian.example"}})
	for origin, ok := range map[string]bool{"https://eu.help.meridian.example": true, "https://help.meridian.example": true, "https://evil.test": false} {
		r := httptest.NewRequest("POST", "http://inner:8080/", nil) // behind a proxy that changes the host
		r.Header.Set("Origin", origin)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if err := e.CheckOrigin(r); (err == nil) != ok {
			t.Errorf("%s: %v", origin, err)
		}
	}
	if csp := e.headers[siteSurface].Get("Content-Security-Policy"); !strings.Contains(csp, "connect-src 'self' wss://help.meridian.example wss://eu.help.meridian.example;") {
		t.Errorf("policy %q", csp)
	}
	for _, bad := range []string{"eu.help.meridian.example", "ftp://x", "https://"} {
		if _, err := New(Config{PublicURL: "https://help.meridian.example", Sites: []string{bad}}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
