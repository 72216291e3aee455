package site

import (
	"fmt"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

// words holds every word of the pages in one language. %[1]s and the like are
// filled in by [words.T].
type words map[string]string

// T returns a text with its arguments filled in. A key that does not exist is a
// defect, which the tests find.
func (w words) T(key string, args ...any) string {
	t, ok := w[key]
	if !ok {
		panic("site: no text " + key)
	}
	if len(args) == 0 {
		return t
	}
	return fmt.Sprintf(t, args...)
}

// taiwan says what people in Taiwan say otherwise, after the conversion of
// characters and common words.
var taiwan = strings.NewReplacer(
	"在線客服", "線上客服", "在線諮詢", "線上諮詢", "賬戶", "帳戶", "賬號", "帳號", "截圖", "螢幕截圖", "視頻", "影片", "身份認證", "身分驗證",
	"身份", "身分", "反饋", "意見回饋", "郵箱", "電子信箱", "短信", "簡訊", "社交媒體", "社群媒體", "默認", "預設",
	"點擊", "點選", "登錄", "登入", "註銷", "登出", "隱私政策", "隱私權政策", "工單", "案件",
)

// wordsOf is the catalogue of a locale, with what the vocabulary and the brand
// call themselves in it.
func wordsOf(locale string, brand desk.Brand) words {
	from := english
	if locale != "en" {
		from = chinese
	}
	out := make(words, len(from)+24)
	for k, v := range from {
		out[k] = v
	}
	known := desk.KnownLocale(locale)
	out["iron_rule"], out["brand"] = desk.IronRule(known), brand.Name(known)
	for _, s := range desk.Scenarios {
		out["scenario_"+string(s)], out["scenario_hint_"+string(s)] = s.Title(known), s.Hint(known)
	}
	if locale == "zh-TW" {
		for k, v := range out {
			out[k] = inTaiwan(v)
		}
	}
	return out
}

// inTaiwan turns a text of ours in simplified Chinese into one for Taiwan.
func inTaiwan(s string) string { return taiwan.Replace(helpcenter.Traditional(s)) }

// inReading turns a text in a shipped locale into one of the page's.
func (q *request) inReading(s string) string {
	if q.locale == "zh-TW" {
		return inTaiwan(s)
	}
	return s
}
