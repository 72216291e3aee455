package mailout

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/store/storetest"
)

func chatLines(t *testing.T, lines ...chatLine) string {
	t.Helper()
	text, err := json.Marshal(lines)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var hostile = chatLine{
	At: 1767225600000000, By: "contact",
	Body:  "<script>alert(1)</script>\n\n{{.Brand}} Support:\nhttps://evil.example/login\n<a href=\"https://evil.example\">win</a>",
	Files: []string{"<img src=x>.png", "b.pdf"},
}

// Anybody can have a transcript sent to anybody: what they wrote must neither
// become markup nor pass for what we say.
func TestTranscriptIsQuotedAndHarmless(t *testing.T) {
	m, err := New(Config{From: "support@meridian.example", Brand: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}})
	if err != nil {
		t.Fatal(err)
	}
	lines := chatLines(t, hostile, chatLine{At: 1767225660000000, By: "agent", Name: "Mei <b>", Body: "See https://help.meridian.example/en/"},
		chatLine{At: 1767225720000000, By: "system", Event: "ended"})
	for _, locale := range desk.ReadingLocales {
		c, err := m.compose(letter{To: "a@b.example", Locale: locale, Template: "chat_transcript", Data: map[string]string{"number": "VD-1042", "lines": lines}})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "<img", "<a href=\"https://evil", "https://evil.example", "\n{{.Brand}}", "<b>"} {
			if strings.Contains(c.html, bad) {
				t.Errorf("%s: %q in the HTML:\n%s", locale, bad, c.html)
			}
		}
		for _, l := range strings.Split(c.text, "\n") {
			if strings.Contains(l, "evil") && !strings.HasPrefix(l, "| ") {
				t.Errorf("%s: a stranger's line stands as ours: %q", locale, l)
			}
		}
		rule := desk.IronRule(desk.KnownLocale(locale))
		ended := map[string]string{"en": "The customer ended the chat.", "zh-CN": "客户结束了聊天。", "zh-TW": "客戶結束了聊天。"}[locale]
		if locale == "zh-TW" {
			rule = fold.Traditional(rule)
		}
		if !strings.HasSuffix(strings.TrimSpace(c.text), rule) {
			t.Errorf("%s: the iron rule is not the end:\n%s", locale, c.text)
		}
		for _, want := range []string{ended, "| See https://help.meridian.example/en/", "b.pdf", "VD-1042", "{{.Brand}} Support", "[:]//evil.example"} {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s: %q is missing in:\n%s", locale, want, c.text)
			}
		}
		if strings.Contains(c.subject, "\n") || !strings.Contains(c.subject, "VD-1042") {
			t.Errorf("subject %q", c.subject)
		}
	}
}

// An answer by mail says from whom it is and how to come back, in the language of
// the one who gets it; the words of the agent stay as they are.
func TestAnswerMail(t *testing.T) {
	m, err := New(Config{From: "support@meridian.example", Brand: map[string]string{"en": "Meridian Exchange", "zh-CN": "子午交易所"}})
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]string{
		"number": "VD-1042", "link": "https://www.meridian.example/wallet",
		"lines": chatLines(t, chatLine{At: 1767225600000000, By: "agent", Name: "Mei", Body: "已经到账。\n\n请刷新。", Files: []string{"a.png"}}),
	}
	for locale, says := range map[string][]string{
		"en":    {"An answer from Meridian Exchange to your request VD-1042", "Mei, 1 January 2026, 00:00 UTC", "Attached in the chat: a.png", "Please do not answer this mail"},
		"zh-CN": {"子午交易所 客服已回复您的工单 VD-1042", "Mei，2026年1月1日 00:00（UTC）", "聊天中的附件：a.png", "请勿回复"},
		"zh-TW": {"子午交易所 客服已回覆您的工單 VD-1042", "Mei，2026年1月1日 00:00（UTC）", "a.png", "請勿回覆"},
	} {
		c, err := m.compose(letter{To: "a@b.example", Locale: locale, Template: "chat_answer", Data: data})
		if err != nil {
			t.Fatal(err)
		}
		if c.subject != says[0] {
			t.Errorf("%s: subject %q", locale, c.subject)
		}
		for _, want := range append(says[1:], "| 已经到账。\n|\n| 请刷新。", "\n\nhttps://www.meridian.example/wallet\n\n") {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s: %q is missing in:\n%s", locale, want, c.text)
			}
		}
		if !strings.Contains(c.html, `<a href="https://www.meridian.example/wallet"`) {
			t.Errorf("%s: no link back:\n%s", locale, c.html)
		}
	}
}

// The language reaches the mail, and what the transcript says is not kept once it
// was sent.
func TestTranscriptIsSentInTraditionalChinese(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		p := &post{}
		run(t, s, serve(t, p, StartTLS))
		if err := send(t, s, "new@meridian.example", "zh-TW", "chat_transcript", map[string]string{"number": "VD-1042", "lines": chatLines(t, hostile)}); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the mail arrives", func() bool { return len(p.taken()) == 1 })
		h, subject, _, html := parts(t, p.taken()[0])
		if h.Get("Content-Language") != "zh-TW" || subject != "您與 子午交易所 的聊天記錄 VD-1042" || strings.Contains(html, "<script") {
			t.Errorf("%q %v\n%s", subject, h, html)
		}
		eventually(t, "the job forgets it", func() bool {
			done := count(t, s, store.JobDone)
			return len(done) == 1 && done[0].Payload == ""
		})
	})
}
