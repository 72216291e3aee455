package guard

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/veridesk/veridesk/internal/fold"
)

// The ten official word lists of BIP-39 (https://github.com/bitcoin/bips/tree/master/bip-0039), 2,048 words each in
// the order that gives a word its number, NFC, one word a line. Taken from the npm package bip39 3.1.2 (ISC), whose
// lists are those of the specification (MIT); TestWordListsAreTheOfficialOnes pins their SHA-256.
//
//go:embed wordlists/*.txt.gz
var wordlistFiles embed.FS

// wordlistLanguages gives the language of each list; the position is the list's number in a word mask.
var wordlistLanguages = [...]struct{ tag, file string }{
	{"en", "english"},
	{"zh-Hans", "chinese_simplified"},
	{"zh-Hant", "chinese_traditional"},
	{"ja", "japanese"},
	{"ko", "korean"},
	{"fr", "french"},
	{"it", "italian"},
	{"es", "spanish"},
	{"cs", "czech"},
	{"pt", "portuguese"},
}

const (
	listCount  = len(wordlistLanguages)
	hanLists   = 1<<1 | 1<<2
	hanFirst   = 0x4E00
	hanLast    = 0x9FFF
	wordMinLen = 3  // shortest word in a list of Latin letters
	wordMaxLen = 10 // longest
)

// wordMask has bit n set when a word is in list n.
type wordMask uint16

// wordTable answers "in which lists is this word, and under which number". Words have small ids; id 0 is no word.
type wordTable struct {
	byKey map[string]uint16              // fold.Key of a word → id
	byHan [hanLast - hanFirst + 1]uint16 // a Chinese character → id, without hashing
	masks []wordMask                     // id → lists
	codes [][listCount]int16             // id → number of the word in each list of its mask
	words [listCount][]string            // the lists as published
	pairs *pairSet                       // characters that form Chinese words, by their numbers
}

// table is decoded once, at the first text that has letters (about 10 ms); Preload does it earlier.
var table = sync.OnceValue(loadWordTable)

// Preload decodes the word lists now, so that the first message does not wait for it.
func Preload() { table() }

// Languages lists the BCP 47 tags of the BIP-39 word lists.
func Languages() []string {
	tags := make([]string, 0, listCount)
	for _, l := range wordlistLanguages {
		tags = append(tags, l.tag)
	}
	return tags
}

// WordList returns the 2,048 words (NFC, in order) of the BIP-39 list of a language in Languages, else nil. The
// browser's tables are generated from it. The caller must not change the slice.
func WordList(language string) []string {
	for i, l := range wordlistLanguages {
		if l.tag == language {
			return table().words[i]
		}
	}
	return nil
}

func loadWordTable() *wordTable {
	t := &wordTable{byKey: make(map[string]uint16, 20<<10), pairs: loadPairs(chinesePairs)}
	t.masks = append(t.masks, 0)
	t.codes = append(t.codes, [listCount]int16{})
	for list, l := range wordlistLanguages {
		words, err := readWordList(l.file)
		if err != nil {
			// The lists are compiled in: this can only be a broken build, which must not run without its guard.
			panic(fmt.Sprintf("guard: embedded word list %s: %v", l.file, err))
		}
		t.words[list] = words
		for code, word := range words {
			t.add(list, code, fold.Key(word))
		}
	}
	return t
}

func readWordList(name string) ([]string, error) {
	packed, err := wordlistFiles.ReadFile("wordlists/" + name + ".txt.gz")
	if err != nil {
		return nil, err
	}
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(unzip)
	if err != nil {
		return nil, err
	}
	words := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if len(words) != 2048 {
		return nil, fmt.Errorf("%d words instead of 2048", len(words))
	}
	return words, nil
}

func (t *wordTable) add(list, code int, key string) {
	id, known := t.byKey[key]
	if !known {
		id = uint16(len(t.masks)) //nolint:gosec // ten lists of 2,048 words fit
		t.masks = append(t.masks, 0)
		t.codes = append(t.codes, [listCount]int16{})
		t.byKey[key] = id
		if r := []rune(key); len(r) == 1 && hanFirst <= r[0] && r[0] <= hanLast {
			t.byHan[r[0]-hanFirst] = id
		}
	}
	t.masks[id] |= 1 << list
	t.codes[id][list] = int16(code) //nolint:gosec // below 2,048
}
