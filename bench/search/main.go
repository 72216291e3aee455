// Command search measures the Help Center's search in one process, one query at
// a time: how long 10,000 articles take to index and how long an answer takes,
// in English and in Chinese. It prints one line of JSON per figure.
//
// The articles are made of the sentences of the sample articles, mixed anew, so
// that words are as frequent as in life.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/veridesk/veridesk/content"
	"github.com/veridesk/veridesk/internal/terms"
)

func main() {
	log.SetFlags(0)
	articles := flag.Int("articles", 10_000, "articles")
	queries := flag.Int("queries", 5_000, "queries")
	flag.Parse()
	for _, locale := range []string{"en", "zh-CN"} {
		if err := measure(locale, *articles, *queries); err != nil {
			log.Fatal("bench: ", err)
		}
	}
}

func measure(locale string, articles, queries int) error {
	titles, sentences, err := read(locale)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	docs := make([]terms.Document, articles)
	bytes := 0
	for i := range docs {
		var body strings.Builder
		for body.Len() < 2000 {
			body.WriteString(pick(sentences) + "\n")
		}
		docs[i] = terms.Document{ID: int64(i), Title: pick(titles), Body: body.String()}
		bytes += body.Len()
	}
	began := time.Now()
	x := terms.New(docs, terms.Options{Synonyms: terms.ExchangeSynonyms()})
	built := time.Since(began)
	took := make([]time.Duration, 0, queries)
	for range queries {
		query := pick(sentences)
		if runes := []rune(query); len(runes) > 60 {
			query = string(runes[:60])
		}
		if random.IntN(2) == 0 {
			query = pick(titles)
		}
		began := time.Now()
		x.Search(query, terms.SearchOptions{Limit: 10})
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	line, err := json.Marshal(map[string]any{
		"figure": "article search", "locale": locale, "articles": articles, "kb_each": bytes / articles >> 10, "index_ms": built.Milliseconds(),
		"p50_ms": ms(took[len(took)/2]), "p99_ms": ms(took[len(took)*99/100]), "max_ms": ms(took[len(took)-1]),
	})
	fmt.Println(string(line))
	return err
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// read gives the titles and the sentences of the sample articles.
func read(locale string) (titles, sentences []string, err error) {
	err = fs.WalkDir(content.Files, "articles/"+locale, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(content.Files, name)
		if err != nil {
			return err
		}
		for _, line := range strings.Split(string(text), "\n") {
			if title, ok := strings.CutPrefix(line, "title: "); ok {
				titles = append(titles, title)
			} else if len(line) > 40 {
				sentences = append(sentences, line)
			}
		}
		return nil
	})
	return titles, sentences, err
}
