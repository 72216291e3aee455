package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/veridesk/veridesk/internal/terms"
)

type articlesCmd struct {
	Search articlesSearchCmd `cmd:"" help:"Search a file of articles: one {\"id\",\"query\"} per line in, one {\"id\",\"hits\"} per line out, best first."`
}

type articlesSearchCmd struct {
	Articles string `required:"" placeholder:"FILE" help:"One {\"id\",\"title\",\"body\",\"locale\"} per line."`
	Locale   string `required:"" help:"Search the articles of this locale only (en, zh-CN)."`
}

// hitsPerQuery is part of the command's contract.
const hitsPerQuery = 10

type articleLine struct {
	ID     json.RawMessage `json:"id"`
	Title  string          `json:"title"`
	Body   string          `json:"body"`
	Locale string          `json:"locale"`
}

type queryLine struct {
	ID    json.RawMessage `json:"id"`
	Query *string         `json:"query"`
}

type hitsLine struct {
	ID   json.RawMessage `json:"id"`
	Hits []articleHit    `json:"hits"`
}

type articleHit struct {
	ID    json.RawMessage `json:"id"`
	Score float64         `json:"score"`
}

func (c *articlesSearchCmd) Run(e *env) error {
	var index terms.Index
	ids, err := c.fill(&index)
	if err != nil {
		return err
	}
	return eachLine(e.stdin, e.stdout, func(q queryLine) (hitsLine, error) {
		if q.Query == nil {
			return hitsLine{}, errors.New(`there is no "query"`)
		}
		out := hitsLine{orNull(q.ID), []articleHit{}}
		for _, h := range index.Search(*q.Query, hitsPerQuery) {
			out.Hits = append(out.Hits, articleHit{ids[h.ID], h.Score})
		}
		return out, nil
	})
}

// fill indexes the articles of the locale by their place in ids, the ids of the
// file.
func (c *articlesSearchCmd) fill(index *terms.Index) (ids []json.RawMessage, err error) {
	f, err := os.Open(c.Articles)
	if err != nil {
		return nil, fmt.Errorf("the articles cannot be read: %w; check --articles", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	seen := 0
	err = readLines(f, func(n int, line []byte, _ bool) error {
		var a articleLine
		if err := json.Unmarshal(line, &a); err != nil {
			return fmt.Errorf("%s line %d is no article: %w; write one JSON object per line", c.Articles, n, err)
		}
		if a.ID == nil {
			return fmt.Errorf(`%s line %d has no "id"`, c.Articles, n)
		}
		seen++
		if strings.EqualFold(a.Locale, c.Locale) {
			index.Add(int64(len(ids)), a.Title, a.Body)
			ids = append(ids, a.ID)
		}
		return nil
	})
	if err == nil && len(ids) == 0 {
		return nil, fmt.Errorf("%s has no article of locale %s among its %d; check --locale", c.Articles, c.Locale, seen)
	}
	return ids, err
}
