package desk

// IronRule returns the sentence that stands wherever a customer might be
// deceived, in locale.
func IronRule(locale string) string {
	if KnownLocale(locale) == "zh-CN" {
		return "官方客服绝不会索要您的密码、验证码、私钥或助记词，也绝不会要求您转账。"
	}
	return "Real support never asks for your password, one‑time codes, private key or recovery phrase, and never for a transfer."
}

// Brand is how the operator presents itself to customers.
type Brand struct {
	Names       map[string]string // per locale
	ExchangeURL string            // the exchange's own site
	PrivacyURL  string            // may be empty
	Email       string            // the address for formal matters; may be empty
}

// Name returns the brand's name in locale, English when there is none.
func (b Brand) Name(locale string) string {
	if n := b.Names[KnownLocale(locale)]; n != "" {
		return n
	}
	return b.Names["en"]
}

// Set stores what a change brings; nil brings nothing.
func Set[T any](field, to *T) {
	if to != nil {
		*field = *to
	}
}
