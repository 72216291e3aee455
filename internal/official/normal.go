package official

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"

	"github.com/veridesk/veridesk/internal/desk"
)

// maxValue is the longest value of an entry, in bytes.
const maxValue = 253

// handles are what the platforms allow, in the normal form: lower case, without
// the @. A Discord invitation, whose case matters, keeps it.
var handles = map[Type]*regexp.Regexp{
	X:        regexp.MustCompile(`^[a-z0-9_]{1,15}$`),
	Telegram: regexp.MustCompile(`^[a-z0-9_]{4,32}$`),
	Facebook: regexp.MustCompile(`^[a-z0-9.]{1,64}$`),
	LINE:     regexp.MustCompile(`^[a-z0-9._-]{1,32}$`),
	Discord:  regexp.MustCompile(`^[A-Za-z0-9._-]{2,64}$`),
	YouTube:  regexp.MustCompile(`^[\p{L}\p{N}._·-]{3,30}$`),
	Weibo:    regexp.MustCompile(`^[\p{L}\p{N}_-]{2,64}$`),
	WeChat:   regexp.MustCompile(`^[\p{L}\p{N}_-]{2,64}$`),
	App:      regexp.MustCompile(`^(ios:[0-9]{6,12}|android:[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)+)$`),
	Wallet:   regexp.MustCompile(`^[A-Za-z0-9:]{20,128}$`),
}

var (
	phoneMarks = strings.NewReplacer(" ", "", "-", "", ".", "", "(", "", ")", "", "/", "", "\u00a0", "")
	phoneForm  = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	hexAddress = regexp.MustCompile(`^0[xX][0-9a-fA-F]{40}$`)
)

// Normalise gives the normal form of a contact as people write it: the form
// that is stored and compared. Invalid errors name the field "value".
//
//	domain    a host in lower-case A-labels (RFC 5890) that somebody can register
//	email     lower case; "@domain" stands for every address there
//	phone     + and digits, as in E.164; WhatsApp too
//	handles   without @, as their platform spells them
//	app       ios:<number> or android:<package>
//	wallet    as it is; hexadecimal ones in lower case
func Normalise(t Type, value string) (string, error) {
	value = strings.TrimSpace(norm.NFKC.String(value))
	if value == "" {
		return "", desk.Field("value", "field_required")
	}
	if len(value) > maxValue || strings.ContainsFunc(value, unicode.IsControl) {
		return "", desk.Field("value", "field_invalid")
	}
	switch t {
	case Domain:
		return normalDomain(value)
	case Email:
		return normalEmail(value)
	case Phone, WhatsApp:
		return normalPhone(value)
	}
	form, ok := handles[t]
	if !ok {
		return "", desk.Field("type", "field_choice")
	}
	value = normalHandle(t, value)
	if !form.MatchString(value) {
		return "", desk.Field("value", "contact_form_"+string(t))
	}
	return value, nil
}

func normalDomain(value string) (string, error) {
	bad := desk.Field("value", "contact_form_domain")
	if rest, ok := cutScheme(value); ok {
		value = strings.TrimSuffix(rest, "/")
	}
	host, err := asciiHost(strings.TrimSuffix(value, "."))
	if err != nil {
		return "", bad
	}
	if _, err := publicsuffix.EffectiveTLDPlusOne(host); err != nil {
		return "", bad // com, co.uk, pages.dev: whole neighbourhoods of strangers
	}
	return host, nil
}

func cutScheme(value string) (rest string, ok bool) {
	if len(value) > 8 && strings.EqualFold(value[:8], "https://") {
		return value[8:], true
	}
	return value, false
}

// asciiHost returns a host name in lower-case A-labels. IP addresses, single
// labels and what DNS could not hold are errors.
func asciiHost(host string) (string, error) {
	a, err := hostForm.ToASCII(host)
	if err != nil {
		return "", err
	}
	last := a[strings.LastIndexByte(a, '.')+1:]
	_, notIP := netip.ParseAddr(a)
	// A last label of digits is an IPv4 address to browsers, in whatever spelling
	// (WHATWG URL, "ends in a number").
	if !strings.Contains(a, ".") || notIP == nil || last == "" || strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") {
		return "", desk.Errorf(desk.Invalid, "not a host name")
	}
	return a, nil
}

// hostForm maps as browsers do (UTS #46, non-transitional) and checks what DNS
// allows.
var hostForm = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(true), idna.VerifyDNSLength(true), idna.BidiRule())

func normalEmail(value string) (string, error) {
	bad := desk.Field("value", "field_email")
	value = strings.TrimPrefix(value, "mailto:")
	local, domain, ok := cutLast(value, "@")
	if !ok {
		return "", bad
	}
	host, err := asciiHost(domain)
	if err != nil {
		return "", bad
	}
	if local == "" {
		return "@" + host, nil
	}
	// Case in the local part could matter (RFC 5321 §2.4) but does nowhere; two
	// entries that differ in case only would be a trap.
	address := strings.ToLower(local) + "@" + host
	if a, err := mail.ParseAddress(address); err != nil || a.Address != address || strings.ContainsFunc(local, notASCII) || strings.ContainsAny(local, "\"\\ ") {
		return "", bad
	}
	return address, nil
}

func notASCII(r rune) bool { return r > unicode.MaxASCII }

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func normalPhone(value string) (string, error) {
	value = phoneMarks.Replace(value)
	if rest, ok := strings.CutPrefix(value, "00"); ok {
		value = "+" + rest
	}
	if !phoneForm.MatchString(value) {
		return "", desk.Field("value", "contact_form_phone")
	}
	return value, nil
}

func normalHandle(t Type, value string) string {
	if rest, ok := cutScheme(value); ok {
		if u, err := url.Parse("https://" + rest); err == nil {
			if typ, handle := profile(u); typ == t {
				value = handle
			}
		}
	}
	value = strings.TrimPrefix(value, "@")
	switch t {
	case Discord:
	case App: // Android tells package names apart by case; ours is only the prefix
		if i := strings.IndexByte(value, ':'); i > 0 {
			value = strings.ToLower(value[:i]) + value[i:]
		}
	case Wallet:
		if hexAddress.MatchString(value) {
			value = strings.ToLower(value)
		}
	default:
		value = strings.ToLower(value)
	}
	return value
}

var appleID = regexp.MustCompile(`/id([0-9]{6,12})$`)

// profile tells whose page on a platform an address is: the type and the handle
// in its normal form; "" when it is none.
func profile(u *url.URL) (Type, string) {
	path := strings.Trim(u.Path, "/")
	first, rest, _ := strings.Cut(path, "/")
	var t Type
	switch strings.TrimPrefix(strings.ToLower(u.Host), "www.") {
	case "x.com", "twitter.com":
		t = X
	case "t.me", "telegram.me":
		t = Telegram
	case "facebook.com":
		t = Facebook
	case "weibo.com":
		t = Weibo
		if first == "u" || first == "n" {
			first, _, _ = strings.Cut(rest, "/")
		}
	case "youtube.com":
		if !strings.HasPrefix(first, "@") {
			return "", ""
		}
		t = YouTube
	case "discord.gg":
		t = Discord
	case "wa.me":
		return WhatsApp, "+" + first
	case "line.me":
		if at, ok := strings.CutPrefix(path, "R/ti/p/"); ok {
			return LINE, strings.ToLower(strings.TrimPrefix(at, "@"))
		}
		return "", ""
	case "apps.apple.com":
		if m := appleID.FindStringSubmatch(strings.TrimSuffix(u.Path, "/")); m != nil {
			return App, "ios:" + m[1]
		}
		return "", ""
	case "play.google.com":
		if path == "store/apps/details" {
			return App, "android:" + u.Query().Get("id")
		}
		return "", ""
	default:
		return "", ""
	}
	first = strings.TrimPrefix(first, "@")
	if t != Discord {
		first = strings.ToLower(first)
	}
	return t, first
}
