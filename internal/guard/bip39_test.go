package guard

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// vector is one phrase of testdata/bip39.json, which was written by an independent program from the entropy and the
// specification. The browser's port is held to the same file.
type vector struct {
	Language string `json:"language"` // BCP 47
	Entropy  string `json:"entropy"`  // hex
	Phrase   string `json:"phrase"`   // words, NFKD, separated by U+0020
}

func vectors(t testing.TB) []vector {
	t.Helper()
	raw, err := os.ReadFile("testdata/bip39.json")
	if err != nil {
		t.Fatal(err)
	}
	var vs []vector
	if err := json.Unmarshal(raw, &vs); err != nil {
		t.Fatal(err)
	}
	if len(vs) != 150 {
		t.Fatalf("%d vectors, want 150 (ten languages, five lengths, three each)", len(vs))
	}
	return vs
}

// phraseOf is BIP-39 written once more, by big integers, to check checksumValid against.
func phraseOf(t testing.TB, language string, entropy []byte) []string {
	t.Helper()
	sum := sha256.Sum256(entropy)
	checksumBits := uint(len(entropy) / 4)
	n := new(big.Int).SetBytes(entropy)
	n.Lsh(n, checksumBits)
	n.Or(n, big.NewInt(int64(sum[0]>>(8-checksumBits))))
	list := WordList(language)
	words := make([]string, len(entropy)*3/4)
	for i := len(words) - 1; i >= 0; i-- {
		words[i] = list[new(big.Int).And(n, big.NewInt(2047)).Int64()]
		n.Rsh(n, 11)
	}
	return words
}

// A wrong word list would let real phrases through in that language without anybody noticing.
func TestWordListsAreTheOfficialOnes(t *testing.T) {
	// SHA-256 of the lists in NFKD, a newline after each word, as in the BIP's repository.
	want := map[string]string{
		"en":      "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda",
		"zh-Hans": "5c5942792bd8340cb8b27cd592f1015edf56a8c5b26276ee18a482428e7c5726",
		"zh-Hant": "417b26b3d8500a4ae3d59717d7011952db6fc2fb84b807f3f94ac734e89c1b5f",
		"ja":      "2eed0aef492291e061633d7ad8117f1a2b03eb80a29d0e4e3117ac2528d05ffd",
		"ko":      "9e95f86c167de88f450f0aaf89e87f6624a57f973c67b516e338e8e8b8897f60",
		"fr":      "ebc3959ab7801a1df6bac4fa7d970652f1df76b683cd2f4003c941c63d517e59",
		"it":      "d392c49fdb700a24cd1fceb237c1f65dcc128f6b34a8aacb58b59384b5c648c2",
		"es":      "46846a5a0139d1e3cb77293e521c2865f7bcdb82c44e8d0a06a2cd0ecba48c0b",
		"cs":      "7e80e161c3e93d9554c2efb78d4e3cebf8fc727e9c52e03b83b94406bdcc95fc",
		"pt":      "2685e9c194c82ae67e10ba59d9ea5345a23dc093e92276fc5361f6667d79cd3f",
	}
	if len(Languages()) != 10 {
		t.Fatalf("Languages() = %v, want ten", Languages())
	}
	for _, language := range Languages() {
		sum := sha256.Sum256(norm.NFKD.Bytes([]byte(strings.Join(WordList(language), "\n") + "\n")))
		if got := hex.EncodeToString(sum[:]); got != want[language] {
			t.Errorf("%s: SHA-256 %s, want %s", language, got, want[language])
		}
	}
	if WordList("xx") != nil {
		t.Error("a list for a language that has none")
	}
}

// Folding must not make two words of one list the same, or a phrase would be checked with the wrong number.
func TestWordsStayDistinctWhenFolded(t *testing.T) {
	tab := table()
	for list := range wordlistLanguages {
		n := 0
		for _, mask := range tab.masks {
			if mask&(1<<list) != 0 {
				n++
			}
		}
		if n != 2048 {
			t.Errorf("%s: %d distinct folded words, want 2048", wordlistLanguages[list].tag, n)
		}
	}
}

// layouts are the ways in which customers write a phrase down.
var layouts = []struct {
	name string
	lay  func(words []string) string
}{
	{"spaces", func(w []string) string { return strings.Join(w, " ") }},
	{"double spaces", func(w []string) string { return strings.Join(w, "  ") }},
	{"ideographic space", func(w []string) string { return strings.Join(w, "\u3000") }},
	{"lines", func(w []string) string { return strings.Join(w, "\n") }},
	{"CRLF lines", func(w []string) string { return strings.Join(w, "\r\n") }},
	{"commas", func(w []string) string { return strings.Join(w, ", ") }},
	{"bare commas", func(w []string) string { return strings.Join(w, ",") }},
	{"Chinese commas", func(w []string) string { return strings.Join(w, "、") }},
	{"dashes", func(w []string) string { return strings.Join(w, " - ") }},
	{"quoted JSON", func(w []string) string { return `["` + strings.Join(w, `","`) + `"]` }},
	{"upper case", func(w []string) string { return strings.ToUpper(strings.Join(w, " ")) }},
	{"mixed case", func(w []string) string {
		var b strings.Builder
		for i, r := range strings.Join(w, " ") {
			if i%2 == 0 {
				b.WriteString(strings.ToUpper(string(r)))
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}},
	{"numbered in a line", func(w []string) string { return numbered(w, "%d. %s ") }},
	{"numbered, closing bracket", func(w []string) string { return numbered(w, "%d) %s\n") }},
	{"numbered without space", func(w []string) string { return numbered(w, "%d.%s ") }},
	{"number glued on", func(w []string) string { return numbered(w, "%d%s ") }},
	{"Word 1:", func(w []string) string { return numbered(w, "Word %d: %s\n") }},
	{"word #1", func(w []string) string { return numbered(w, "word #%d %s\n") }},
	{"第1个", func(w []string) string { return numbered(w, "第%d个：%s\n") }},
	{"第1个单词", func(w []string) string { return numbered(w, "第%d个单词: %s ") }},
	{"circled numbers", func(w []string) string {
		var b strings.Builder
		for i, word := range w {
			if i < 20 {
				b.WriteRune(rune(0x2460 + i))
			}
			b.WriteString(word + " ")
		}
		return b.String()
	}},
	{"1st", func(w []string) string { return numbered(w, "%dth %s\n") }},
	{"numbered lines of four", func(w []string) string {
		var b strings.Builder
		for i, word := range w {
			if i%4 == 0 {
				fmt.Fprintf(&b, "\n%d: ", i/4+1)
			}
			b.WriteString(word + " ")
		}
		return b.String()
	}},
	{"full-width numbers", func(w []string) string {
		return strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return r - '0' + '０'
			}
			return r
		}, numbered(w, "%d．%s　"))
	}},
	{"mail quote", func(w []string) string { return "> " + strings.Join(w, "\n> ") }},
	{"table", func(w []string) string { return "| " + strings.Join(w, " | ") + " |" }},
	{"and before the last", func(w []string) string {
		return strings.Join(w[:len(w)-1], ", ") + ", and " + w[len(w)-1]
	}},
	{"NFC", func(w []string) string { return norm.NFC.String(strings.Join(w, " ")) }},
	{"NFKD", func(w []string) string { return norm.NFKD.String(strings.Join(w, " ")) }},
	{"zero width in a word", func(w []string) string {
		r := []rune(w[2])
		return strings.Join(w[:2], " ") + " " + string(r[0]) + "\u200b" + string(r[1:]) + " " + strings.Join(w[3:], " ")
	}},
	{"in a sentence", func(w []string) string { return "hi, I wrote it: " + strings.Join(w, " ") + " — is it okay?" }},
}

func numbered(words []string, format string) string {
	var b strings.Builder
	for i, word := range words {
		fmt.Fprintf(&b, format, i+1, word)
	}
	return b.String()
}

// mustRemove fails when any word of the phrase survives redaction in its place, that is when the phrase can still be
// read from the text.
func mustRemove(t *testing.T, text string, words []string) {
	t.Helper()
	found := Scan(text)
	if len(found) != 1 || found[0].Kind != KindBIP39 || found[0].Certainty != Certain {
		t.Errorf("Scan(%q) = %+v, want one bip39", text, found)
		return
	}
	if found[0].Words < len(words) {
		t.Errorf("Scan(%q) counts %d words, want %d", text, found[0].Words, len(words))
	}
	covered := norm.NFKD.String(strings.ToLower(text[found[0].Start:found[0].End]))
	for _, edge := range []string{words[0], words[len(words)-1]} {
		if !strings.Contains(covered, norm.NFKD.String(edge)) {
			t.Errorf("Scan(%q) leaves the word %q standing", text, edge)
		}
	}
	for _, locale := range []string{"en", "zh-CN", "zh-TW"} {
		redacted := Redact(text, found, locale)
		if again := Scan(redacted); len(again) != 0 {
			t.Errorf("%s: redacted text still has %+v: %q", locale, again, redacted)
		}
	}
}

// A phrase that gets through is stored, indexed and shown to staff: the customer's money is then anybody's.
func TestPhrasesOfEveryListInEveryLayout(t *testing.T) {
	for _, v := range vectors(t) {
		entropy, err := hex.DecodeString(v.Entropy)
		if err != nil {
			t.Fatal(err)
		}
		words := phraseOf(t, v.Language, entropy)
		if got := norm.NFKD.String(strings.Join(words, " ")); got != v.Phrase {
			t.Fatalf("%s %s: encoded %q, want %q", v.Language, v.Entropy, got, v.Phrase)
		}
		for _, layout := range layouts {
			if layout.name == "zero width in a word" && strings.HasPrefix(v.Language, "zh") {
				continue
			}
			t.Run(v.Language+"/"+layout.name, func(t *testing.T) { mustRemove(t, layout.lay(words), words) })
		}
	}
}

// People leave accents out on phones; the lists were made so that this is not ambiguous.
func TestPhraseWithoutAccents(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Language != "fr" && v.Language != "es" {
			continue
		}
		plain := strings.Map(func(r rune) rune {
			if r > 0x2FF {
				return -1
			}
			return r
		}, v.Phrase)
		if found := Scan(plain); len(found) != 1 {
			t.Errorf("%s without accents: %q: %+v", v.Language, plain, found)
		}
	}
}

const (
	zhTwelve     = "的的的的的的的的的的的在"
	abandonAbout = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
)

func TestChinesePhraseWrittenTogether(t *testing.T) {
	if got := strings.Join(phraseOf(t, "zh-Hans", make([]byte, 16)), ""); got != zhTwelve {
		t.Fatalf("phrase of zeroes is %q", got)
	}
	v := phraseOf(t, "zh-Hans", []byte("veridesk-entropy"))
	together := strings.Join(v, "")
	groups := func(n int) string {
		var b strings.Builder
		for i := 0; i < len(v); i += n {
			b.WriteString(strings.Join(v[i:i+n], "") + " ")
		}
		return b.String()
	}
	secret := []string{
		"助记词：" + together,
		"我的助记词是" + together,
		"我的助记词是：" + together + "，帮我看看",
		"助记词 " + together + " 能恢复吗",
		"這是助記詞「" + together + "」",
		"my seed phrase " + together,
		"助记词：" + groups(2),
		"助记词：" + groups(3),
		"助记词：\n" + groups(4),
		"助记词：" + groups(6),
		"我的恢复词是" + together + "帮我看看",
		together + "是我的助记词",
		"助记词丢了怎么办？" + together + "了",
		together,
		"您好，" + together + "，谢谢",
		groups(4),
		"我的助记词是" + strings.Join(v, " ") + "对吗",
		"看看" + strings.Join(v, "、") + "吧",
	}
	for _, text := range secret {
		found := Scan(text)
		if len(found) != 1 || found[0].Words != 12 {
			t.Errorf("Scan(%q) = %+v, want one phrase", text, found)
			continue
		}
		for _, locale := range []string{"en", "zh"} {
			if again := Scan(Redact(text, found, locale)); len(again) != 0 {
				t.Errorf("redacted %q still has %+v", text, again)
			}
		}
	}
	// Where it begins and ends nobody can say without a word about it.
	for _, text := range []string{"请看" + together + "谢谢"} {
		if found := Scan(text); len(found) != 0 {
			t.Errorf("Scan(%q) = %+v, want nothing", text, found)
		}
	}
}

// What customers must be able to write. A false finding destroys their message.
func TestOrdinaryTextIsLeftAlone(t *testing.T) {
	texts := []string{
		"",
		"My withdrawal of 250 USDT has been pending since yesterday evening, the order is 20260418000123.",
		"TxID 4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b",
		"0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060",
		"send to bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 or 1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
		"TRX: TJRabPrwbZy45sbavfcjinPJC18kjpRTv8, SOL: 7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
		"充值已经两个小时还没有到账，订单号是20260418000123，网络是TRC20，请尽快帮我查一下，谢谢。",
		"我忘记了助记词应该怎么办，还能不能找回我的钱包里面的资产？",
		"请不要把你的助记词、私钥、密码或者验证码告诉任何人，官方人员绝不会向你索要这些信息。",
		"我 的 钱 没 有 了",
		"Is a 12 word recovery phrase the same as a 24 word seed phrase? I never share it.",
		strings.TrimSuffix(abandonAbout, " about"),                  // eleven words
		strings.TrimSuffix(abandonAbout, "about") + "abandon",       // wrong checksum
		strings.Replace(abandonAbout, "abandon", "forget", 6) + ".", // "forget" is not a word of the list
		"able " + strings.Repeat("the ", 30),
		"请记住助记词的规则：官方验证**页面点击**举报假冒",
		strings.Repeat(`{"type":"limit","side":"sell","price":"63000.5","amount":"0.25","order":"limit","symbol":"BTC"},`, 20),
		strings.Repeat(`"side":"sell","price":"63000.5","amount":"0.25","order":"limit",`, 20),
		strings.Repeat("{true, 2 | 5, false}, ", 40),
		"[removed: recovery phrase, 12 words]",
		"[已移除：助记词，12 个词]",
	}
	for _, text := range texts {
		if found := Scan(text); len(found) != 0 {
			t.Errorf("Scan(%q) = %+v, want nothing", text, found)
		}
	}
}

func TestFindingsAreExactAndSeparate(t *testing.T) {
	text := "first:\n" + abandonAbout + "\n\nand the other one is\n" + strings.ToUpper(abandonAbout) + "."
	found := Scan(text)
	if len(found) != 2 {
		t.Fatalf("Scan = %+v, want two", found)
	}
	if got := text[found[0].Start:found[0].End]; got != abandonAbout {
		t.Errorf("first is %q", got)
	}
	if got := text[found[1].Start:found[1].End]; got != strings.ToUpper(abandonAbout) {
		t.Errorf("second is %q", got)
	}
	want := "first:\n[removed: recovery phrase, 12 words]\n\nand the other one is\n[removed: recovery phrase, 12 words]."
	if got := Redact(text, found, "en-GB"); got != want {
		t.Errorf("Redact = %q", got)
	}
}

// A phrase behind other list words ("seed phrase …") must go in full, whichever window is valid by chance.
func TestPhraseBehindListWords(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Language != "en" {
			continue
		}
		for _, before := range []string{"seed ", "actual wallet seed phrase ", "able to use "} {
			text := before + v.Phrase + " thanks"
			found := Scan(text)
			if len(found) == 0 {
				t.Errorf("Scan(%q) found nothing", text)
				continue
			}
			if strings.Contains(Redact(text, found, "en"), lastWords(v.Phrase, 3)) {
				t.Errorf("%q: the end of the phrase is left: %q", text, Redact(text, found, "en"))
			}
		}
	}
}

func lastWords(phrase string, n int) string {
	w := strings.Fields(phrase)
	return strings.Join(w[len(w)-n:], " ")
}

func TestStubsInEveryLanguage(t *testing.T) {
	phrase := Finding{Kind: KindBIP39, Words: 24}
	cases := []struct{ locale, phrase, key string }{
		{"en", "[removed: recovery phrase, 24 words]", "[removed: private key]"},
		{"zh-CN", "[已移除：助记词，24 个词]", "[已移除：私钥]"},
		{"zh", "[已移除：助记词，24 个词]", "[已移除：私钥]"},
		{"zh_TW", "[已移除：助記詞，24 個詞]", "[已移除：私鑰]"},
		{"zh-Hant-HK", "[已移除：助記詞，24 個詞]", "[已移除：私鑰]"},
		{"de", "[removed: recovery phrase, 24 words]", "[removed: private key]"},
		{"", "[removed: recovery phrase, 24 words]", "[removed: private key]"},
	}
	for _, c := range cases {
		if got := Stub(phrase, c.locale); got != c.phrase {
			t.Errorf("%s: %q, want %q", c.locale, got, c.phrase)
		}
		if got := Stub(Finding{Kind: KindPEM}, c.locale); got != c.key {
			t.Errorf("%s: %q, want %q", c.locale, got, c.key)
		}
	}
}

func TestRedactIgnoresFindingsThatAreNotOfTheText(t *testing.T) {
	fs := []Finding{{Start: 3, End: 2}, {Start: 1, End: 99}, {Kind: KindPEM, Start: 1, End: 2}, {Start: 0, End: 1}}
	if got := Redact("abc", fs, "en"); got != "a[removed: private key]c" {
		t.Errorf("Redact = %q", got)
	}
}

// Whoever writes something that looks like a stub must not hide a phrase inside it.
func TestFakeStubHidesNothing(t *testing.T) {
	for _, text := range []string{"[removed: " + abandonAbout + "]", "[已移除：" + abandonAbout + "]"} {
		if len(Scan(text)) != 1 {
			t.Errorf("Scan(%q) found nothing", text)
		}
	}
}
