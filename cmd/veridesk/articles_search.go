package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/veridesk/veridesk/internal/terms"
)

type articlesSearchCmd struct {
	Articles string `required:"" placeholder:"FILE" help:"One {\"id\",\"title\",\"body\",\"locale\"} per line."`
	Locale   string `required:"" help:"Search the articles of this locale only (zh-CN, zh-TW, en)."`
}

// hitsPerQuery is part of the command's contract.
const hitsPerQuery = 10

type articleLine struct {
	ID       json.RawMessage `json:"id"`
	Title    string          `json:"title"`
	Keywords string          `json:"keywords"`
	Body     string          `json:"body"`
	Locale   string          `json:"locale"`
}

type queryLine struct {
	ID    json.RawMessage `json:"id"`
	Query *string         `json:"query"`
}

type hitsLine struct {
	ID   json.RawMessage `json:"id"`
	Hits []articleHit    `json:"hits"`
	// Corrected is the query as it was read, when that is not as it was written.
	Corrected string `json:"corrected,omitempty"`
}

type articleHit struct {
	ID    json.RawMessage `json:"id"`
	Score float64         `json:"score"`
}

func (c *articlesSearchCmd) Run(e *env) error {
	f, err := os.Open(c.Articles)
	if err != nil {
		return fmt.Errorf("the articles cannot be read: %w; check --articles", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	articles, err := c.read(f)
	if err != nil {
		return err
	}
	docs := make([]terms.Document, len(articles))
	for i, a := range articles {
		docs[i] = terms.Document{ID: int64(i), Title: a.Title, Keywords: a.Keywords, Body: a.Body}
	}
	index := terms.New(docs, terms.Options{Synonyms: terms.ExchangeSynonyms()})
	return eachLineAtOnce(e.stdin, e.stdout, func(q queryLine) (hitsLine, error) {
		if q.Query == nil {
			return hitsLine{}, errors.New(`there is no "query"`)
		}
		found := index.Search(*q.Query, terms.SearchOptions{Limit: hitsPerQuery})
		out := hitsLine{orNull(q.ID), make([]articleHit, 0, hitsPerQuery), found.Corrected}
		for _, h := range found.Hits {
			out.Hits = append(out.Hits, articleHit{articles[h.ID].ID, h.Score})
		}
		return out, nil
	})
}

// read gives the articles of the locale: those that name it, or, when none
// does, those of its language ("zh" for zh-CN) and those that name none.
func (c *articlesSearchCmd) read(in io.Reader) (articles []articleLine, err error) {
	var near []articleLine
	seen := 0
	err = readLines(in, func(n int, line []byte, _ bool) error {
		var a articleLine
		if err := json.Unmarshal(line, &a); err != nil {
			return fmt.Errorf("%s line %d is no article: %w; write one JSON object per line", c.Articles, n, err)
		}
		if a.ID == nil {
			return fmt.Errorf(`%s line %d has no "id"`, c.Articles, n)
		}
		seen++
		switch {
		case localeTag(a.Locale) == localeTag(c.Locale):
			articles = append(articles, a)
		case a.Locale == "" || language(a.Locale) == language(c.Locale):
			near = append(near, a)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(articles) == 0 {
		articles = near
	}
	if len(articles) == 0 {
		return nil, fmt.Errorf("%s has no article of locale %s among its %d; check --locale", c.Articles, c.Locale, seen)
	}
	return articles, nil
}

func localeTag(locale string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(locale)), "_", "-")
}

func language(locale string) string {
	tag, _, _ := strings.Cut(localeTag(locale), "-")
	return tag
}
