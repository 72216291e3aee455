package guard

import (
	"strconv"
	"strings"
)

// stubText is what stands in a text where a secret was, per language.
type stubText struct {
	open, close string
	kinds       map[string]string
	words       func(n int) string // "" for kinds that are not counted
}

var stubTexts = map[string]stubText{
	"en": {
		open: "[removed: ", close: "]",
		kinds: map[string]string{KindBIP39: "recovery phrase", KindPEM: "private key"},
		words: func(n int) string { return ", " + strconv.Itoa(n) + " words" },
	},
	"zh-CN": {
		open: "[已移除：", close: "]",
		kinds: map[string]string{KindBIP39: "助记词", KindPEM: "私钥"},
		words: func(n int) string { return "，" + strconv.Itoa(n) + " 个词" },
	},
	"zh-TW": {
		open: "[已移除：", close: "]",
		kinds: map[string]string{KindBIP39: "助記詞", KindPEM: "私鑰"},
		words: func(n int) string { return "，" + strconv.Itoa(n) + " 個詞" },
	},
}

// stubLanguage maps a BCP 47 tag to a key of stubTexts; English stands in for every other language.
func stubLanguage(locale string) string {
	tag := strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
	if tag != "zh" && !strings.HasPrefix(tag, "zh-") {
		return "en"
	}
	for _, traditional := range []string{"hant", "tw", "hk", "mo"} {
		if strings.Contains(tag, "-"+traditional) {
			return "zh-TW"
		}
	}
	return "zh-CN"
}

// KindName is what people call a kind of secret ("recovery phrase", 助记词) in the language of locale (BCP 47).
func KindName(kind, locale string) string {
	if name, ok := stubTexts[stubLanguage(locale)].kinds[kind]; ok {
		return name
	}
	return kind
}

// Stub is the text that replaces f, for example "[removed: recovery phrase, 12 words]".
func Stub(f Finding, locale string) string {
	text := stubTexts[stubLanguage(locale)]
	stub := text.open + KindName(f.Kind, locale)
	if f.Words > 0 {
		stub += text.words(f.Words)
	}
	return stub + text.close
}

// Redact replaces each finding of Scan(text) by a stub in the language of locale (BCP 47, for example "zh-CN"; what
// is not Chinese gets English). Findings must be sorted and within text, as Scan returns them; one that is not is
// left out. Scanning the result finds nothing.
func Redact(text string, fs []Finding, locale string) string {
	if len(fs) == 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	at := 0
	for _, f := range fs {
		if f.Start < at || f.End < f.Start || f.End > len(text) {
			continue
		}
		b.WriteString(text[at:f.Start])
		b.WriteString(Stub(f, locale))
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String()
}

// stubAt returns the length in bytes of the stub that text begins with, or 0. Only the exact stubs that Redact
// writes count, so that nobody can hide words behind something that merely looks like one.
func stubAt(text string) int {
	for _, lang := range [...]string{"en", "zh-CN", "zh-TW"} {
		t := stubTexts[lang]
		if !strings.HasPrefix(text, t.open) {
			continue
		}
		for kind := range t.kinds {
			if n := stubOfKind(text, kind, lang); n > 0 {
				return n
			}
		}
	}
	return 0
}

func stubOfKind(text, kind, lang string) int {
	if plain := Stub(Finding{Kind: kind}, lang); strings.HasPrefix(text, plain) {
		return len(plain)
	}
	for _, n := range phraseLengths {
		if counted := Stub(Finding{Kind: kind, Words: n}, lang); strings.HasPrefix(text, counted) {
			return len(counted)
		}
	}
	return 0
}
