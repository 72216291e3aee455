package guard

import (
	"flag"
	"io/fs"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var (
	phraseCount = flag.Int("guard.phrases", 18_000, "random Chinese phrases to look for")
	moreTexts   = flag.String("guard.texts", "", "glob patterns, separated by commas, of more ordinary texts to measure")
)

// randomPhrase is a valid phrase of n words, drawn as a wallet draws it.
func randomPhrase(t testing.TB, rnd *rand.Rand, language string, n int) []string {
	entropy := make([]byte, n*4/3)
	for i := range entropy {
		entropy[i] = byte(rnd.Uint32()) //nolint:gosec // the low byte is what is wanted
	}
	return phraseOf(t, language, entropy)
}

// covers says whether one finding of text holds the whole of secret.
func covers(text, secret string) bool {
	at := strings.Index(text, secret)
	for _, f := range Scan(text) {
		if f.Kind == KindBIP39 && f.Certainty == Certain && f.Start <= at && at+len(secret) <= f.End {
			return true
		}
	}
	return false
}

// A phrase pasted without spaces is a phrase all the same: what the guard misses here is stored and read by staff.
func TestRandomChinesePhrasesWrittenTogetherAreFound(t *testing.T) {
	ways := []struct {
		name          string
		before, after string
		least         float64 // share found
	}{
		{"by itself", "", "", 0.995},
		{"between marks", "你好，", "。谢谢", 0.995},
		{"behind the label", "助记词：", "", 0.9995},
		{"inside a sentence", "我的助记词是", "帮我看看", 0.9995},
		{"before the label", "", "是我的恢复词", 0.995},
		{"in a sentence after the label", "我的助记词找到了就是这个", "对吗", 0.995},
	}
	rnd := rand.New(rand.NewPCG(39, 2048)) //nolint:gosec // the same phrases every time
	for _, way := range ways {
		var all, found int
		var length [25][2]int
		for i := range *phraseCount / len(ways) {
			n := phraseLengths[i%len(phraseLengths)]
			secret := strings.Join(randomPhrase(t, rnd, []string{"zh-Hans", "zh-Hant"}[i&1], n), "")
			all++
			length[n][0]++
			if covers(way.before+secret+way.after, secret) {
				found++
				length[n][1]++
			}
		}
		share := float64(found) / float64(all)
		t.Logf("%s: %d of %d found (%.3f %%); of 12 words %d of %d, of 24 words %d of %d", way.name, found, all, 100*share,
			length[12][1], length[12][0], length[24][1], length[24][0])
		if share < way.least {
			t.Errorf("%s: %.3f %% found, want %.3f %%", way.name, 100*share, 100*way.least)
		}
		if l := length[12]; float64(l[1]) < 0.99*float64(l[0]) { // a million show 99.5 % in every way
			t.Errorf("%s: of twelve words only %d of %d found", way.name, l[1], l[0])
		}
	}
}

// Separated characters are read as words whatever they say: the checksum alone decides.
func TestSeparatedChinesePhrasesAreCertain(t *testing.T) {
	rnd := rand.New(rand.NewPCG(39, 2049)) //nolint:gosec // the same phrases every time
	for i := range 2000 {
		words := randomPhrase(t, rnd, []string{"zh-Hans", "zh-Hant"}[i&1], phraseLengths[i%len(phraseLengths)])
		for _, layout := range layouts[:8] {
			if text := layout.lay(words); !covers(text, text) {
				t.Fatalf("%s: Scan(%q) = %+v", layout.name, text, Scan(text))
			}
		}
	}
}

// A table that does not read back would take every sentence for a phrase, or every phrase for a sentence.
func TestPairsReadBack(t *testing.T) {
	n := 0
	for _, word := range table().pairs {
		n += bits.OnesCount64(word)
	}
	if n != 16_000 {
		t.Errorf("%d pairs, want 16,000", n)
	}
	place := map[string]int16{}
	for _, language := range []string{"zh-Hans", "zh-Hant"} {
		for i, word := range WordList(language) {
			if at, ok := place[word]; ok && int(at) != i {
				t.Errorf("%s has different places in the two lists: %d and %d", word, at, i)
			}
			place[word] = int16(i) //nolint:gosec // below 2,048
		}
	}
	for _, word := range []string{"我们", "我們", "可以", "问题", "問題", "提币", "客服", "程式"} {
		r := []rune(word)
		if !table().pairs.has(place[string(r[0])], place[string(r[1])]) {
			t.Errorf("%s is no pair", word)
		}
	}
	for _, word := range []string{"的的", "灯信", "扶冯", "歇的"} {
		r := []rune(word)
		if table().pairs.has(place[string(r[0])], place[string(r[1])]) {
			t.Errorf("%s is a pair", word)
		}
	}
	for _, cut := range [][]byte{nil, {0xFF}, chinesePairs[:1000]} {
		loadPairs(cut) // ends
	}
}

// suspicions gives the windows of text that only their checksum keeps from being findings, so that what is measured
// does not hang on the luck of one in sixteen.
func suspicions(text string) (windows []string) {
	eachRun(text, hanLists, func(r *phraseRun) {
		for i := range r.words {
			for _, n := range phraseLengths {
				if i+n <= len(r.words) && r.unreadable(i, n) && numberedInOrder(r.words[i:i+n]) {
					windows = append(windows, text[r.words[i].start:r.words[i+n-1].end])
					break
				}
			}
		}
	})
	return windows
}

// Redacting leaves new edges in a text. None may turn what was a run of characters into a phrase.
func TestRedactionOfChineseRunsIsFinal(t *testing.T) {
	rnd := rand.New(rand.NewPCG(39, 2050)) //nolint:gosec // the same texts every time
	pieces := []string{
		"助记词", "：", "我的助记词是", "，", " ", "\n", "的", "吗", "[removed: private key]", "[已移除：助记词，12 个词]", "。", "谢谢你帮我看看",
		"客服绝不会要您关闭白名单", "1. ", "abandon ", "、", "seed phrase ", "的一是在不了有和人这中", "",
	}
	found := 0
	for range 5_000 {
		var b strings.Builder
		for range 2 + rnd.IntN(8) {
			if rnd.IntN(3) > 0 {
				b.WriteString(pieces[rnd.IntN(len(pieces))])
				continue
			}
			phrase := randomPhrase(t, rnd, []string{"zh-Hans", "zh-Hant"}[rnd.IntN(2)], phraseLengths[rnd.IntN(len(phraseLengths))])
			b.WriteString(strings.Join(phrase, pieces[len(pieces)-1-rnd.IntN(2)*rnd.IntN(len(pieces))]))
		}
		text := b.String()
		fs := Scan(text)
		found += len(fs)
		for _, locale := range []string{"en", "zh-CN", "zh-TW"} {
			redacted := Redact(text, fs, locale)
			if again := Scan(redacted); len(again) != 0 {
				t.Fatalf("%q redacted to %q still has %+v", text, redacted, again)
			}
		}
	}
	if found < 4_000 {
		t.Errorf("only %d findings: the texts prove nothing", found)
	}
}

// The sentences that showed the fault: twelve common characters between two marks, with a checksum that holds.
func TestChineseClausesAreNoPhrases(t *testing.T) {
	for _, clause := range []string{
		"客服绝不会要您关闭白名单", "充币只有两样必须两边一致", "真正的执法机关不预收费用", "不要再在上面输入任何内容",
		"客服絕不會要您關閉白名單", "真正的執法機關不預收費用",
	} {
		for _, text := range []string{
			clause, "请记住：" + clause + "。", "助记词：" + clause, "助记词" + clause, "我的助记词是" + clause + "吗？",
			"恢复词，" + clause + "，谢谢", "私钥、助记词\n" + clause + "\n" + clause, clause + clause, "助记词 " + clause[:18] + " " + clause[18:],
		} {
			if found := Scan(text); len(found) != 0 {
				t.Errorf("Scan(%q) = %+v, want nothing", text, found)
			}
			if w := suspicions(text); len(w) != 0 {
				t.Errorf("%q: only the checksum saves %q", text, w)
			}
		}
	}
}

// A help centre that blanks its own articles, or a search that drops a customer's question, is no help.
func TestNoArticleTripsTheGuard(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../../content", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if found := Scan(string(raw)); len(found) != 0 {
			t.Errorf("%s: %+v: %q", path, found, raw[found[0].Start:found[0].End])
		}
		if w := suspicions(string(raw)); len(w) != 0 {
			t.Errorf("%s: only the checksum saves %q", path, w)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Fatalf("%d files of content, want the whole library", files)
	}
}

// ordinary reads lines of testdata: messages and clauses of our own writing.
func ordinary(t *testing.T, path string) (lines []string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// What customers write in one breath, names and verses included, is left standing whatever its checksum.
func TestOrdinaryClausesAreLeftAlone(t *testing.T) {
	lines := ordinary(t, "testdata/clauses.txt")
	if len(lines) < 300 {
		t.Fatalf("%d clauses, want 300", len(lines))
	}
	var windows, suspect int
	for _, line := range lines {
		for _, text := range []string{line, "助记词的事：" + line, line + "，" + line, "这个" + line + "吗 助记词"} {
			if found := Scan(text); len(found) != 0 {
				t.Errorf("Scan(%q) = %+v, want nothing", text, found)
			}
		}
		// Every stretch of it as if it stood between two marks.
		runes := []rune(line)
		for _, n := range phraseLengths {
			for i := 0; i+n <= len(runes); i++ {
				windows++
				if w := suspicions("，" + string(runes[i:i+n]) + "。"); len(w) != 0 {
					suspect++
					t.Logf("only the checksum saves %q", w)
				}
			}
		}
	}
	t.Logf("%d clauses, %d stretches as long as a phrase, %d suspect", len(lines), windows, suspect)
	if suspect*200 > windows {
		t.Errorf("%d of %d stretches of clauses hang on their checksum, want 1 in 200 at most", suspect, windows)
	}
}

// Measures texts that are not in the repository: go test -run MoreTexts -v -guard.texts '/some/where/*.txt'.
func TestMoreTexts(t *testing.T) {
	if *moreTexts == "" {
		t.Skip("no -guard.texts")
	}
	for pattern := range strings.SplitSeq(*moreTexts, ",") {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			lines, suspect, found := 0, 0, 0
			var examples []string
			for line := range strings.Lines(string(raw)) {
				lines++
				if w := suspicions(line); len(w) != 0 {
					suspect++
					examples = append(examples, w[0])
				}
				if len(Scan(line)) != 0 {
					found++
				}
			}
			whole := Scan(string(raw))
			t.Logf("%s: %d lines, %d with a window that only its checksum saves, %d found; as one text %d found; %.20q", path, lines,
				suspect, found, len(whole), examples[:min(len(examples), 12)])
		}
	}
}
