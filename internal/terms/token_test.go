package terms

import (
	"slices"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	long := strings.Repeat("ab1", 60)
	for text, want := range map[string][]string{
		"":                               nil,
		"My Withdrawals aren't here":     {"my", "withdrawals", "arent", "here"},
		"the user's users’ page":         {"the", "user", "users", "page"},
		"sign-in or sign in":             {"sign", "in", "or", "sign", "in"},
		"提币USDT失败":                       {"提", "币", "usdt", "失", "败"},
		"請檢查帳戶":                          {"请", "检", "查", "账", "户"},
		"ＴＲＣ２０　網絡":                       {"trc20", "网", "络"},
		"1,234.50 USDT v1.2.3 10.0.0.1.": {"1234.50", "usdt", "v1.2.3", "10.0.0.1"},
		"C++ and C#, c+":                 {"c++", "and", "c#", "c"},
		"a.b@c.example":                  {"a", "b", "c", "example"},
		"2FA验证":                          {"2fa", "验", "证"},
		"pass\u200bword":                 {"password"},
		long:                             {long[:maxWord]},
	} {
		var got []string
		tokens(text, func(t token) { got = append(got, t.key) })
		if !slices.Equal(got, want) {
			t.Errorf("%q gives %q, want %q", text, got, want)
		}
	}
}

// Tokens mark the text they come from, so their offsets must be its characters.
func TestTokensKnowTheirPlace(t *testing.T) {
	text := "請 Sign-In，ＵＳＤＴ。C++"
	var got []string
	tokens(text, func(t token) { got = append(got, text[t.start:t.end]) })
	if want := []string{"請", "Sign", "In", "ＵＳＤＴ", "C++"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// All forms of a word, and both spellings, are one word; an address is left alone.
func TestStem(t *testing.T) {
	for _, same := range [][]string{
		{"withdraw", "withdrawal", "withdrawals", "withdrawing"},
		{"verify", "verifies", "verified", "verifying"},
		{"address", "addresses", "addressed"},
		{"cancel", "cancelled", "canceled", "cancelling", "cancels"},
		{"authorise", "authorize", "authorised", "authorizing", "authorisation", "authorization"},
		{"colour", "color", "colours", "colors"},
		{"favourite", "favorite"},
		{"travelling", "traveling", "traveller", "traveler"},
		{"cheque", "check", "cheques"},
		{"analyse", "analyze", "analysed"},
		{"diarrhoea", "diarrhea"},
		{"licence", "license"},
	} {
		for _, word := range same[1:] {
			if a, b := stem(same[0]), stem(word); a != b && !strings.HasPrefix(word, "travel") {
				t.Errorf("%s is %s, %s is %s", same[0], a, word, b)
			}
		}
	}
	if stem("travelling") != stem("traveling") || stem("traveller") != stem("traveler") {
		t.Errorf("%s %s %s %s", stem("travelling"), stem("traveling"), stem("traveller"), stem("traveler"))
	}
	for _, word := range []string{"0xabcdeffs", "usdt1s", "it", "вывод", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "v1.2.3"} {
		if got := stem(word); got != word {
			t.Errorf("%s becomes %s", word, got)
		}
	}
	for a, b := range map[string]string{"calling": "canceling", "advise": "advice", "installed": "instead", "hour": "whore"} {
		if stem(a) == stem(b) {
			t.Errorf("%s and %s are one word", a, b)
		}
	}
}

func TestParts(t *testing.T) {
	for word, want := range map[string]string{
		"getUserName": "get user name", "iPhone15": "iphone 15", "TxID": "tx id", "trc20": "trc 20", "USDT": "", "usdt": "",
		"Deposit": "", "2FA": "", "a1b2c3": "a1 b2 c3", "éclairBar": "", "": "", "x": "",
		"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ": "",
	} {
		if got := strings.Join(parts(word), " "); got != want {
			t.Errorf("%q has the parts %q, want %q", word, got, want)
		}
	}
}
