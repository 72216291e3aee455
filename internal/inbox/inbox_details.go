package inbox

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/store"
)

// detailsOf checks and cleans what a contact had ready when they began, and how
// they want to be answered.
func detailsOf(msg desk.Inbound) (d store.Details, removed []desk.Removed, err error) {
	if msg.Mode != "" && msg.Mode != desk.LiveMode && msg.Mode != desk.MessageMode {
		return d, nil, desk.Field("mode", "field_choice")
	}
	if msg.ReplyTo != "" {
		if d.ReplyEmail, err = mailAddress(msg.ReplyTo, "reply_email"); err != nil {
			return d, nil, err
		}
	}
	if len(msg.Prepared) == 0 {
		return d, nil, nil
	}
	if d.Prepared, err = knownFields(msg); err != nil {
		return d, nil, err
	}
	return d, cleanFields(d.Prepared, msg), nil
}

// knownFields returns the values that say something; a key that the scenario
// does not ask for is refused: nobody would look for what it holds.
func knownFields(msg desk.Inbound) (map[string]string, error) {
	known := msg.Scenario.Fields()
	out := map[string]string{}
	for key, value := range msg.Prepared {
		if !slices.ContainsFunc(known, func(f desk.PreparedField) bool { return f.Key == key }) {
			return nil, desk.Field("prepared", "field_choice")
		}
		value = storable(value)
		if utf8.RuneCountInString(value) > desk.MaxPrepared {
			return nil, desk.Field("prepared", "field_too_long")
		}
		if value != "" {
			out[key] = value
		}
	}
	return out, nil
}

// cleanFields takes secrets out of values, also one that was spread over several.
func cleanFields(values map[string]string, msg desk.Inbound) (removed []desk.Removed) {
	type part struct {
		key        string
		start, end int
	}
	var whole strings.Builder
	var parts []part
	for _, f := range msg.Scenario.Fields() { // in the order in which they were asked for
		value, ok := values[f.Key]
		if !ok {
			continue
		}
		cleaned, found := redact(value, msg.Locale)
		values[f.Key] = cleaned
		removed = append(removed, found...)
		parts = append(parts, part{f.Key, whole.Len(), whole.Len() + len(cleaned)})
		whole.WriteString(cleaned + "\n")
	}
	for _, f := range guard.Scan(whole.String()) {
		removed = append(removed, desk.Removed{Kind: f.Kind, Words: f.Words})
		for _, p := range parts {
			if p.start < f.End && f.Start < p.end {
				values[p.key] = guard.Stub(f, msg.Locale)
			}
		}
	}
	return removed
}

// longestAddress is what a mail address may have (RFC 5321 §4.5.3.1.3, less the
// angle brackets).
const longestAddress = 254

// mailAddress returns one bare address as it is stored; anything else is Invalid
// about the field.
func mailAddress(text, field string) (string, error) {
	text = strings.TrimSpace(text)
	a, err := mail.ParseAddress(text)
	if err != nil || a.Address != text || len(text) > longestAddress || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }) {
		return "", desk.Field(field, "field_email")
	}
	local, domain, _ := strings.Cut(text, "@")
	if !strings.Contains(domain, ".") || strings.ContainsAny(local, `"`) {
		return "", desk.Field(field, "field_email") // nobody's address, or one that breaks somewhere on its way
	}
	return local + "@" + strings.ToLower(domain), nil
}
