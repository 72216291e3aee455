package fold

import (
	"strings"
	"sync"
	"unicode"
	"weak"

	"github.com/longbridgeapp/opencc"
)

// taiwan is what a reader in Taiwan expects and the dictionaries leave as it is
// (the trade says 帳戶, not 賬戶).
var taiwan = strings.NewReplacer("賬", "帳", "登錄", "登入")

// converter is the dictionary, for as long as somebody uses it: it takes 8 MB
// and is read again in 50 ms.
var converter struct {
	mu   sync.Mutex
	last weak.Pointer[opencc.OpenCC]
}

func traditional() *opencc.OpenCC {
	converter.mu.Lock()
	defer converter.mu.Unlock()
	if cc := converter.last.Value(); cc != nil {
		return cc
	}
	cc, err := opencc.New("s2twp")
	if err != nil {
		panic("fold: the dictionaries that are built in cannot be read: " + err.Error())
	}
	converter.last = weak.Make(cc)
	return cc
}

// Traditional converts simplified Chinese to traditional as written in Taiwan,
// words included (OpenCC's s2twp: 软件 becomes 軟體). What is traditional, or not
// Chinese, stays as it is. About 1.5 MB a second.
func Traditional(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return s
	}
	out, err := traditional().Convert(s)
	if err != nil { // the dictionary is damaged in memory: better simplified than nothing
		return s
	}
	return taiwan.Replace(out)
}
