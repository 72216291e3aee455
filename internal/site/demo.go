package site

import (
	"bytes"
	_ "embed" // the demo's page and style
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/web"
)

//go:embed demo/exchange.html
var exchangeHTML string

//go:embed demo/exchange.css
var exchangeCSS []byte

// demoBrand is the fictional exchange that every sample belongs to.
var demoBrand = desk.Brand{Names: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}}

type quote struct{ Asset, Name, Price, Change string }

// Down reports whether the price fell.
func (q quote) Down() bool { return strings.HasPrefix(q.Change, "−") }

var quotes = []quote{
	{"BTC", "Bitcoin", "64,218.40", "+1.82%"},
	{"ETH", "Ethereum", "3,412.77", "+0.94%"},
	{"SOL", "Solana", "152.06", "−2.15%"},
	{"XRP", "XRP", "0.5871", "+0.36%"},
	{"TON", "Toncoin", "6.9240", "−0.71%"},
}

// DemoExchange is the website of the fictional exchange, as its own engineers
// would build it: another origin than the desk's, a strict policy of its own,
// and one script tag from deskURL (such as http://localhost:8080). It has two
// customers, whom it can sign in at the desk.
func DemoExchange(deskURL string) (http.Handler, error) {
	deskURL = strings.TrimSuffix(deskURL, "/")
	login, err := newDemoLogin(time.Now)
	if err != nil {
		return nil, err
	}
	page := template.Must(template.New("exchange").Funcs(template.FuncMap{"mark": exchangeMark}).Parse(exchangeHTML))
	u, err := url.Parse(deskURL)
	origin := deskURL
	if err == nil && u.Host != "" {
		origin = u.Scheme + "://" + u.Host
	}
	policy := "default-src 'none'; script-src 'self' " + origin + "; connect-src 'self'; frame-src " + origin + "; style-src 'self'; img-src 'self' data:; " +
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
	mux := http.NewServeMux()
	login.register(mux)
	mux.HandleFunc("GET /exchange.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(exchangeCSS) //nolint:errcheck // the reader left
	})
	mux.HandleFunc("GET /favicon.svg", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Write([]byte(exchangeIcon)) //nolint:errcheck // the reader left
	})
	show := func(w http.ResponseWriter, r *http.Request, locale string) {
		var buf bytes.Buffer
		err := page.Execute(&buf, map[string]any{
			"Locale": locale, "Zh": locale == "zh-CN", "Brand": demoBrand.Name(locale), "Desk": deskURL, "Quotes": quotes, "Customers": demoCustomers,
		})
		if err != nil {
			http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", htmlType)
		w.Header().Set("Cache-Control", "no-cache")
		w.Write(buf.Bytes()) //nolint:errcheck // the reader left
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Language")
		show(w, r, web.NegotiateLocale(r))
	})
	for _, l := range desk.Locales {
		mux.HandleFunc("GET /"+l, func(w http.ResponseWriter, r *http.Request) { show(w, r, l) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		mux.ServeHTTP(w, r)
	}), nil
}

const exchangePaths = `<circle cx="16" cy="16" r="13" fill="none" stroke="currentColor" stroke-width="2.5"/><ellipse cx="16" cy="16" rx="5.5" ry="13" fill="none" stroke="currentColor" stroke-width="2.5"/><path d="M3 16h26" stroke="currentColor" stroke-width="2.5"/>`

var exchangeIcon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">` + strings.ReplaceAll(exchangePaths, "currentColor", "#0f9d76") + `</svg>`

func exchangeMark() template.HTML {
	return template.HTML(`<svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">` + exchangePaths + `</svg>`) //nolint:gosec // constant
}
