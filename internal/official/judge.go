package official

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/veridesk/veridesk/internal/store"
)

// table is the registry at one moment. It is immutable.
type table struct {
	version  string
	contacts []Contact
	by       map[key]entry
}

type key struct {
	typ   Type
	value string
}

type entry struct {
	status     Status
	subdomains bool
}

func newTable(version string, rows []store.OfficialContact) *table {
	t := &table{version: version, by: make(map[key]entry, len(rows))}
	for _, row := range rows {
		c := contactOf(row)
		t.contacts = append(t.contacts, c)
		k := key{c.Type, c.Value}
		have, ok := t.by[k]
		if !ok || rank(c.Status) > rank(have.status) {
			t.by[k] = entry{c.Status, c.Subdomains}
		} else if c.Status == have.status && c.Subdomains {
			t.by[k] = entry{c.Status, true}
		}
	}
	return t
}

// rank decides between entries for one contact in several entities: a fake is a
// fake everywhere.
func rank(s Status) int {
	switch s {
	case KnownFake:
		return 2
	case Official:
		return 1
	}
	return 0
}

func (t *table) verdict(k key) (Verdict, bool) {
	e, ok := t.by[k]
	return Verdict{e.status, k.value}, ok
}

// host finds the closest entry for a host: its own, or that of a parent whose
// subdomains count. prefix is "@" for domains of mail addresses.
func (t *table) host(typ Type, prefix, host string) (Verdict, bool) {
	for own := host; ; {
		if e, ok := t.by[key{typ, prefix + own}]; ok && (e.subdomains || own == host) {
			return Verdict{e.status, prefix + own}, true
		}
		_, parent, more := strings.Cut(own, ".")
		if !more {
			return Verdict{Status: Unknown}, false
		}
		own = parent
	}
}

// judge is strict with friends and lenient with fakes: whatever is unusual about
// a link takes "official" away, and nothing takes "known fake" away.
func (t *table) judge(raw string) Verdict {
	unknown := Verdict{Status: Unknown}
	raw = strings.TrimSpace(raw)
	if len(raw) > 4096 {
		return unknown
	}
	plain := !strings.ContainsFunc(raw, func(r rune) bool { return r == '\\' || r <= ' ' || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) })
	u, err := url.Parse(lenient(raw))
	if err != nil {
		return unknown
	}
	if u.Scheme == "mailto" {
		return t.judgeMail(u, plain)
	}
	v, plainHost := t.judgeHost(u)
	if v.Status == KnownFake {
		return v
	}
	if !plain || !plainHost || u.Scheme != "https" || u.User != nil || u.Opaque != "" || (u.Port() != "" && u.Port() != "443") || !t.staysHere(u) {
		return unknown
	}
	return v
}

// lenient removes what browsers overlook in an address, so that a fake cannot
// hide behind it.
func lenient(raw string) string {
	raw = strings.Map(func(r rune) rune {
		switch {
		case r == '\\':
			return '/'
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, raw)
	return raw
}

// judgeHost judges where a web address leads, whatever else it carries. plain
// says that the host is written as the registry would write it.
func (t *table) judgeHost(u *url.URL) (v Verdict, plain bool) {
	written := u.Hostname()
	host, err := asciiHost(strings.TrimSuffix(written, "."))
	if err != nil {
		return Verdict{Status: Unknown}, false
	}
	if lower := strings.ToLower(written); host == lower {
		plain = true
	} else if shown, err := idna.Punycode.ToUnicode(host); err == nil && shown == lower {
		plain = true // an international name in its own letters
	}
	if typ, handle := profile(&url.URL{Host: host, Path: u.Path, RawQuery: u.RawQuery}); typ != "" {
		if v, ok := t.verdict(key{typ, handle}); ok {
			return v, plain
		}
	}
	v, _ = t.host(Domain, "", host)
	return v, plain
}

// staysHere reports whether no parameter of the address names another place
// that is not in the registry: an official page that forwards is a disguise.
func (t *table) staysHere(u *url.URL) bool {
	if u.RawQuery == "" && u.Fragment == "" {
		return true
	}
	if !t.leadsToFriends(u.Fragment) {
		return false
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return false
	}
	for _, values := range query {
		for _, v := range values {
			if !t.leadsToFriends(v) {
				return false
			}
		}
	}
	return true
}

func (t *table) leadsToFriends(value string) bool {
	value = strings.TrimSpace(lenient(value))
	if strings.HasPrefix(value, "//") {
		value = "https:" + value
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return !strings.Contains(value, "://")
	}
	v, plain := t.judgeHost(u)
	return plain && u.User == nil && (v.Status == Official || v.Status == Reference)
}

// judgeMail judges every address of a mailto link (RFC 6068); the worst counts.
func (t *table) judgeMail(u *url.URL, plain bool) Verdict {
	unknown := Verdict{Status: Unknown}
	to, err := url.PathUnescape(u.Opaque)
	if err != nil {
		return unknown
	}
	lists := []string{to}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return unknown
	}
	for name, values := range query {
		switch strings.ToLower(name) {
		case "to", "cc", "bcc":
			lists = append(lists, values...)
		}
	}
	var worst Verdict
	for _, list := range lists {
		if list == "" {
			continue
		}
		for _, address := range strings.Split(list, ",") {
			v := t.judgeAddress(address)
			switch {
			case v.Status == KnownFake:
				return v
			case v.Status == Unknown, worst.Status == "":
				worst = v
			case v.Status == Reference && worst.Status == Official:
				worst = v
			}
		}
	}
	if worst.Status == "" || !plain {
		return unknown
	}
	return worst
}

func (t *table) judgeAddress(address string) Verdict {
	value, err := normalEmail(address)
	if err != nil || value[0] == '@' {
		return Verdict{Status: Unknown}
	}
	if v, ok := t.verdict(key{Email, value}); ok {
		return v
	}
	_, host, _ := cutLast(value, "@")
	v, _ := t.host(Email, "@", host)
	return v
}
