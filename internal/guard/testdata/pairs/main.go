// Command pairs writes wordlists/chinese_pairs.bin: the pairs of BIP-39 characters that stand side by side in
// everyday Chinese words. Run it by `go generate ./internal/guard`; it reads the dictionaries from the module cache
// (downloading them if they are not there; they are no dependency of the server):
//
//   - data/dict/zh/s_1.txt of github.com/go-ego/gse (Apache-2.0 or MIT), the dictionary of jieba (MIT): 352,279 words
//     with how often each was counted;
//   - dictionary/TWPhrasesIT.txt of github.com/longbridgeapp/opencc (Apache-2.0): how Taiwan names technical things;
//   - ours.txt beside this file: our own.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const (
	keep          = 16000 // pairs in the table
	leastCount    = 6     // occurrences a pair must have
	ownCount      = 20000 // what a word of ours.txt counts
	technicalFreq = 500   // what a word of TWPhrasesIT.txt counts
	riceBits      = 7     // must agree with loadPairs
)

func main() {
	log.SetFlags(0)
	if err := run("testdata/pairs/ours.txt", "wordlists/chinese_pairs.bin"); err != nil {
		log.Fatal(err)
	}
}

func run(own, out string) error {
	gse, err := moduleDir("github.com/go-ego/gse@v0.80.3")
	if err != nil {
		return err
	}
	opencc, err := moduleDir("github.com/longbridgeapp/opencc@v0.3.13")
	if err != nil {
		return err
	}
	c, err := newCounter()
	if err != nil {
		return err
	}
	steps := []struct {
		path string
		read func(line string) error
	}{
		{filepath.Join(gse, "data/dict/zh/s_1.txt"), c.counted},
		{filepath.Join(opencc, "dictionary/TWPhrasesIT.txt"), c.technical},
		{own, func(line string) error { c.add(line, ownCount); return nil }},
	}
	for _, s := range steps {
		if err := eachLine(s.path, s.read); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
	}
	packed := pack(c.best())
	return os.WriteFile(out, packed, 0o644) //nolint:gosec // a source file
}

// moduleDir gives the folder of a module in the module cache. It asks from outside of this module, so that go.mod
// and go.sum stay as they are.
func moduleDir(module string) (string, error) {
	ask := exec.Command("go", "mod", "download", "-json", module)
	ask.Dir = os.TempDir()
	raw, err := ask.Output()
	if err != nil {
		return "", fmt.Errorf("download %s: %w", module, err)
	}
	var m struct{ Dir string }
	if err := json.Unmarshal(raw, &m); err != nil {
		return "", fmt.Errorf("download %s: %w", module, err)
	}
	return m.Dir, nil
}

func eachLine(path string, read func(line string) error) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(bytes.NewReader(raw))
	for lines.Scan() {
		if line := lines.Text(); line != "" && line[0] != '#' {
			if err := read(line); err != nil {
				return err
			}
		}
	}
	return lines.Err()
}

// counter counts how often characters and pairs of them occur. Simplified and traditional characters with one place in
// their lists count as one: the two lists are the same characters in the same order.
type counter struct {
	place map[rune]int
	chars [2048]float64
	pairs map[[2]int]float64
}

func newCounter() (*counter, error) {
	c := &counter{place: make(map[rune]int), pairs: make(map[[2]int]float64)}
	for i := range c.chars {
		c.chars[i] = 1
	}
	for _, list := range []string{"chinese_traditional", "chinese_simplified"} {
		packed, err := os.ReadFile("wordlists/" + list + ".txt.gz")
		if err != nil {
			return nil, err
		}
		unzip, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
		text, err := io.ReadAll(unzip)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", list, err)
		}
		for i, word := range strings.Fields(string(text)) {
			c.place[[]rune(word)[0]] = i
		}
	}
	return c, nil
}

// alone is the weight of the character at a place by itself, in bits, which frequencyWeight rounds.
func alone(place int) float64 {
	sum := 0.0
	for i := range 2048 {
		sum += 1 / float64(i+30)
	}
	return math.Log2(2048 / (float64(place+30) * sum))
}

func (c *counter) counted(line string) error {
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return nil
	}
	n, err := strconv.Atoi(fields[1])
	if err != nil {
		return nil // a headword with a space in it
	}
	c.add(fields[0], float64(n))
	return nil
}

func (c *counter) technical(line string) error {
	_, words, _ := strings.Cut(line, "\t")
	for _, word := range strings.Fields(words) {
		c.add(word, technicalFreq)
	}
	return nil
}

func (c *counter) add(word string, n float64) {
	last := -1
	for _, r := range word {
		at, ok := c.place[r]
		if !ok {
			last = -1
			continue
		}
		c.chars[at] += n
		if last >= 0 {
			c.pairs[[2]int{last, at}] += n
		}
		last = at
	}
}

// best picks the pairs that tell most: by how often they occur, times how much likelier the second character is
// behind the first (or the first before the second) than at its place in the list by itself.
func (c *counter) best() []int {
	type candidate struct {
		pair  int
		worth float64
	}
	var all []candidate
	for pair, n := range c.pairs {
		if n < leastCount {
			continue
		}
		a, b := pair[0], pair[1]
		forth, back := math.Log2(2048*n/c.chars[a]), math.Log2(2048*n/c.chars[b])
		gain := min(max(forth, (forth+back)/2), 9) - alone(b)
		if gain >= 1 {
			all = append(all, candidate{a<<11 | b, n * gain})
		}
	}
	slices.SortFunc(all, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(y.worth, x.worth), cmp.Compare(x.pair, y.pair))
	})
	pairs := make([]int, 0, keep)
	for _, x := range all[:min(keep, len(all))] {
		pairs = append(pairs, x.pair)
	}
	slices.Sort(pairs)
	return pairs
}

// pack writes the distances between the sorted pairs as Rice codes: the quotient by 2^riceBits in unary (ones, then a
// zero), then the remainder, bits from the highest. What is left of the last byte is ones.
func pack(pairs []int) []byte {
	var out []byte
	n := 0
	put := func(bit int) {
		if n%8 == 0 {
			out = append(out, 0)
		}
		out[n/8] |= byte(bit << (7 - n%8))
		n++
	}
	last := -1
	for _, p := range pairs {
		gap := p - last - 1
		last = p
		for range gap >> riceBits {
			put(1)
		}
		put(0)
		for i := riceBits - 1; i >= 0; i-- {
			put(gap >> i & 1)
		}
	}
	for n%8 != 0 {
		put(1)
	}
	return out
}
