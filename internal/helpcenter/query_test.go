package helpcenter_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/helpcenter"
)

// The search log is read by editors and kept for years: nobody must be found in
// it, and ordinary questions must not be lost from it.
func TestLoggedQuery(t *testing.T) {
	for in, want := range map[string]string{
		"  Withdraw\t  USDT ":              "withdraw usdt",
		"提币  没到账":                          "提币 没到账",
		"ＵＳＤＴ　ＴＲＣ２０":                       "usdt trc20",
		"OKB 提币 memo":                      "okb 提币 memo",
		"error 50011":                      "error 50011",
		"-1021 timestamp":                  "-1021 timestamp",
		"iphone15 pro":                     "iphone15 pro",
		"2FA reset":                        "2fa reset",
		"meridian-bonus.com real?":         "meridian-bonus.com real?",
		"how much is 1000 usdt in 20 days": "how much is 1000 usdt in 20 days",
		"充值 2026 年":                        "充值 2026 年",
		"line\none":                        "line one",
		"":                                 "",
		" \u200b ":                         "",
		"uid 204918377":                    "",
		"UID２０４９１８３７７":                     "",
		"code 482 913":                     "",
		"+44 20 7946 0000":                 "",
		"4111-1111-1111-1111":              "",
		"٠١٢٣٤٥٦":                          "",
		"lin@meridian.example":             "",
		"@meridian_help real":              "",
		"https://meridian.example/reset?token=abc":                         "",
		"www.meridian-bonus.example":                                       "",
		"0x52908400098527886E0F7030069857D2E4169EE7":                       "",
		"0x5290...9EE7":                                                    "",
		"bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq":                       "",
		"bc1qar0...5mdq":                                                   "",
		"TXLAQ63Xg1NAzckPwKHvzw7CSEmLMEqcdj where":                         "",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855": "",
		"order W88213A7741":                                                "",
		"legal winner thank year wave sausage worth useful legal winner thank yellow":   "",
		"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong":                             "",
		strings.Repeat("deposit ", 300):                                                 "",
		strings.Repeat("x", 80) + " more":                                               "",
		"why is my deposit late " + strings.Repeat("please ", 30) + "call me 204918377": "",
	} {
		got, ok := helpcenter.LoggedQuery(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q is logged as %q, want %q", in, got, want)
		}
	}
	long, ok := helpcenter.LoggedQuery(strings.Repeat("充值 ", 60))
	if !ok || utf8.RuneCountInString(long) > 80 || strings.HasSuffix(long, " ") {
		t.Errorf("a long question is logged as %q", long)
	}
}

func FuzzLoggedQuery(f *testing.F) {
	f.Add("提币 1234")
	f.Add("a@b 0x1234")
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := helpcenter.LoggedQuery(s)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 80 || strings.ContainsAny(got, "\x00\n@") || ok != (got != "") {
			t.Errorf("%q is logged as %q", s, got)
		}
		if again, ok := helpcenter.LoggedQuery(got); got != "" && (!ok || again != got) {
			t.Errorf("%q does not stay as it is: %q", got, again)
		}
	})
}

// Machines read far more than people; editors would look at the wrong articles.
func TestRobot(t *testing.T) {
	for agent, want := range map[string]bool{
		"": true,
		"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)":                                                        true,
		"Mozilla/5.0 (Linux; Android 6.0.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120 Mobile Safari/537.36 (compatible; BINGBOT)": true,
		"Baiduspider-render/2.0": true,
		"curl/8.5.0":             true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36": true,
		"facebookexternalhit/1.1": true,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148": false,
		"Mozilla/5.0 (Linux; Android 10; CUBOT X30) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36":                              false,
		"Mozilla/5.0 (Linux; Android 10; CUBOT X30; Googlebot) AppleWebKit/537.36":                                                   true,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:120.0) Gecko/20100101 Firefox/120.0":                                           false,
		"Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/118 Mobile Safari/537.36 MicroMessenger/8.0":                      false,
	} {
		if helpcenter.Robot(agent) != want {
			t.Errorf("%q: %v", agent, !want)
		}
	}
}
