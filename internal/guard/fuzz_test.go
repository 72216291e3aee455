package guard

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzScan holds for every text whatever: offsets can be cut at, findings are in order, and what has been redacted
// is clean.
func FuzzScan(f *testing.F) {
	for _, v := range vectors(f) {
		if len(v.Entropy) == 32 {
			f.Add(v.Phrase)
			together := strings.ReplaceAll(v.Phrase, " ", "")
			f.Add("助记词：" + together)
			f.Add("我的助记词是" + together + together + "吗" + together)
			f.Add(together + "[removed: private key]" + together)
		}
	}
	for _, layout := range layouts {
		f.Add(layout.lay(strings.Fields(abandonAbout)))
	}
	for _, text := range []string{
		"", "\xff\xfe", "[removed: ", "[已移除：助记词，12 个词]" + zhTwelve, zhTwelve + "助记词[removed: private key]" + zhTwelve,
		pkcs8PEM(f), opensshPEM(f), "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "第1个是的", "a\u200b\u0301",
		abandonAbout + " " + abandonAbout, "助记词" + strings.Repeat("的", 40), strings.Repeat("的 ", 40),
		"-----BEGIN PRIVATE KEY-----\n" + abandonAbout + "\n" + strings.Repeat("Ab1", 30),
		"PuTTY-User-Key-File-2\nPrivate-Lines: 1\n" + strings.Repeat("Ab1", 30) + "\nPrivate-MAC: 0123456789abcdef",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := Scan(text)
		last := 0
		for _, x := range found {
			if x.Start < last || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("finding out of order or range: %+v in %q", found, text)
			}
			if utf8.ValidString(text) && (!utf8.RuneStart(text[x.Start]) || x.End < len(text) && !utf8.RuneStart(text[x.End])) {
				t.Fatalf("finding cuts a rune: %+v in %q", x, text)
			}
			last = x.End
		}
		for _, locale := range []string{"en", "zh-CN", "zh-TW"} {
			redacted := Redact(text, found, locale)
			if again := Scan(redacted); len(again) != 0 {
				t.Fatalf("%s: %q redacted to %q still has %+v", locale, text, redacted, again)
			}
		}
	})
}

// The guard stands in front of every message: a few microseconds here are the throughput of the whole system.
func BenchmarkScan(b *testing.B) {
	english := "Hello, my withdrawal of 250 USDT has been pending since yesterday evening. The order number is 20260418000123 " +
		"and the network is TRC20. Could you please check what is going on? Thank you!"
	chinese := "你好，我昨天晚上提现了两百五十个USDT，到现在还没有到账，订单号是20260418000123，网络是TRC20，请尽快帮我查一下是什么原因，谢谢！"
	together := "我把助记词写在纸上了就是" + strings.Join(phraseOf(b, "zh-Hans", []byte("veridesk-entropy")), "") + "请问为什么导入以后余额是零"
	prose := strings.Repeat("请您在提交之前再看一遍所填写的全部内容，官方人员任何时候都不会索要助记词。", 600)
	korean := strings.Repeat("출금이 아직 처리되지 않았습니다 확인 부탁드립니다 ", 3)
	french := strings.Repeat("Bonjour, mon dépôt n'est pas encore arrivé, pouvez-vous vérifier ? ", 3)
	for _, c := range []struct{ name, text string }{
		{"english200", english},
		{"chinese200", chinese},
		{"chinesePhrase", together},
		{"chinese64k", prose},
		{"korean200", korean},
		{"french200", french},
		{"txid", "TxID 0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"},
		{"phrase12", abandonAbout},
		{"words64k", strings.Repeat("ability able about above absent absorb abstract absurd abuse ", 1000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			Preload()
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				Scan(c.text)
			}
		})
	}
}
