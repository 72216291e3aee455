package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"golang.org/x/text/language"

	"github.com/veridesk/veridesk/internal/desk"
)

// request is what the edge knows about a request.
type request struct {
	id     string
	ip     netip.Addr
	proxy  bool // ip is a proxy of ours, which did not say who the client is
	locale string
	logger *slog.Logger
}

type requestKey struct{}

func requestOf(ctx context.Context) *request {
	if q, ok := ctx.Value(requestKey{}).(*request); ok {
		return q
	}
	return &request{locale: desk.Locales[0], logger: slog.Default()}
}

// RequestID returns the id of the request that ctx belongs to, or "".
func RequestID(ctx context.Context) string { return requestOf(ctx).id }

// ClientIP returns the address of the client, without a port and in its
// shortest form, or "" outside a request. Forwarding headers count only when
// they were set by a configured proxy.
func ClientIP(ctx context.Context) string {
	if ip := requestOf(ctx).ip; ip.IsValid() {
		return ip.String()
	}
	return ""
}

// Locale returns the shipped locale that the request asked for.
func Locale(ctx context.Context) string { return requestOf(ctx).locale }

// Logger returns the log for the request, which carries its id.
func Logger(ctx context.Context) *slog.Logger {
	q := requestOf(ctx)
	if q.id == "" {
		return q.logger
	}
	return q.logger.With("request_id", q.id)
}

// begin describes r; see [Edge.Wrap].
func (e *Edge) begin(r *http.Request) *request {
	q := &request{ip: e.client(r), locale: NegotiateLocale(r), logger: e.log}
	q.proxy = e.trusted(q.ip)
	if id := r.Header.Get("X-Request-Id"); plainID(id) {
		q.id = id // the client's or the proxy's log and ours then speak of the same request
	} else {
		q.id = rand.Text()
	}
	return q
}

func plainID(s string) bool {
	return len(s) >= 8 && len(s) <= 64 && strings.IndexFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	}) < 0
}

// client returns the address of the client. X-Forwarded-For is read from the
// right, past every proxy of ours: what stands further left was written by
// strangers.
func (e *Edge) client(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := ap.Addr().Unmap().WithZone("")
	if !e.trusted(ip) {
		return ip
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop.Unmap().WithZone("")
		if !e.trusted(ip) {
			break
		}
	}
	return ip
}

func (e *Edge) trusted(ip netip.Addr) bool {
	for _, p := range e.cfg.TrustedProxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

var localeMatcher = language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese, language.TraditionalChinese})

// NegotiateLocale returns the shipped locale for a request: ?locale= when given,
// else the best fit of Accept-Language, else English.
func NegotiateLocale(r *http.Request) string { return desk.KnownLocale(NegotiateReading(r)) }

// NegotiateReading is [NegotiateLocale] for pages of the Help Center, which can
// be read in traditional Chinese, too.
func NegotiateReading(r *http.Request) string {
	if strings.Contains(r.URL.RawQuery, "locale=") {
		if l := r.URL.Query().Get("locale"); l != "" {
			return ReadingLocale(l)
		}
	}
	return NegotiateReadingField(r.Header.Get("Accept-Language"))
}

// NegotiateReadingField returns the reading locale that fits an Accept-Language
// field best.
func NegotiateReadingField(accept string) string {
	switch {
	case accept == "":
		return desk.Locales[0]
	case len(accept) > 256: // nobody's languages; do not parse novels
		accept = accept[:256]
		accept = accept[:max(strings.LastIndexByte(accept, ','), 0)]
	}
	if simple := strings.TrimSpace(accept); !strings.ContainsAny(simple, ",;") {
		return ReadingLocale(simple)
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return ReadingLocale(accept)
	}
	_, i, confidence := localeMatcher.Match(tags...)
	if confidence == language.No {
		return desk.ReadingLocales[0]
	}
	return desk.ReadingLocales[i]
}

// ReadingLocale returns the language of the Help Center that fits a tag best:
// Chinese of Taiwan, Hong Kong and Macau or in traditional script is zh-TW, other
// Chinese zh-CN, anything else English.
func ReadingLocale(tag string) string {
	tag = strings.ToLower(tag)
	if l := desk.KnownLocale(tag); l != "zh-CN" {
		return l
	}
	for _, part := range strings.FieldsFunc(tag, func(c rune) bool { return c == '-' || c == '_' }) {
		switch part {
		case "hans", "cn", "sg":
			return "zh-CN"
		case "hant", "tw", "hk", "mo":
			return "zh-TW"
		}
	}
	return "zh-CN"
}
