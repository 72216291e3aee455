package fold

import (
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Readers in Taiwan get their own words, not only their characters.
func TestTraditional(t *testing.T) {
	for in, want := range map[string]string{
		"软件":              "軟體",
		"请检查网络与服务器":       "請檢查網路與伺服器",
		"账户里没有到账":         "帳戶裡沒有到帳",
		"登录":              "登入",
		"頭髮 already 傳統":   "頭髮 already 傳統",
		"TxID 0xAB, USDT": "TxID 0xAB, USDT",
		"":                "",
		"发展与头发；干净、干部":     "發展與頭髮；乾淨、幹部",
		"坏\xff字节":         "",
	} {
		got := Traditional(in)
		if want == "" && in != "" {
			continue // not UTF-8: anything but a panic
		}
		if got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// Pages are converted by many at once, and the dictionary may go in between.
func TestTraditionalFromManyGoroutines(t *testing.T) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if got := Traditional(strings.Repeat("账户", 20)); got != strings.Repeat("帳戶", 20) {
					t.Errorf("%q", got)
				}
				runtime.GC()
			}
		})
	}
	wg.Wait()
}
