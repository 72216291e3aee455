package site

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/helpcenter"
)

// question is a question with its answer, as search engines read them
// (schema.org FAQPage). Both stand on the page in the same words.
type question struct{ Name, Answer string }

// answerRunes bounds the answer that search engines are told.
const answerRunes = 700

// questionOf is an article as a question: its summary and the beginning of its
// text.
func questionOf(a *helpcenter.Article) question {
	answer := a.Summary
	for line := range strings.Lines(a.Text()) {
		line = strings.TrimSpace(line)
		if utf8.RuneCountInString(answer)+utf8.RuneCountInString(line) > answerRunes {
			break
		}
		answer = strings.TrimSpace(answer + "\n" + line)
	}
	return question{a.Title, answer}
}

// Structured is what the page says to search engines (schema.org
// BreadcrumbList and FAQPage), nil when it says nothing.
func (p *page) Structured() any {
	if p.Canonical == "" || len(p.Crumbs) == 0 {
		return nil
	}
	type item struct {
		Type     string `json:"@type"`
		Position int    `json:"position"`
		Name     string `json:"name"`
		Item     string `json:"item"`
	}
	var items []item
	for i, c := range p.Crumbs {
		items = append(items, item{"ListItem", i + 1, c.Name, p.base + c.URL})
	}
	items = append(items, item{"ListItem", len(items) + 1, p.Title, p.Canonical})
	graph := []any{map[string]any{"@type": "BreadcrumbList", "itemListElement": items}}
	type answer struct {
		Type string `json:"@type"`
		Text string `json:"text"`
	}
	type entity struct {
		Type   string `json:"@type"`
		Name   string `json:"name"`
		Answer answer `json:"acceptedAnswer"`
	}
	var questions []entity
	for _, q := range p.Questions {
		if q.Answer != "" {
			questions = append(questions, entity{"Question", q.Name, answer{"Answer", q.Answer}})
		}
	}
	if len(questions) > 0 {
		graph = append(graph, map[string]any{"@type": "FAQPage", "inLanguage": p.Locale, "mainEntity": questions})
	}
	return map[string]any{"@context": "https://schema.org", "@graph": graph}
}

// manifest lets a phone keep the Help Center on its home screen (W3C Web
// Application Manifest).
func (q *request) manifest() error {
	type picture struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	name := q.words.T("site_title", q.words["brand"])
	body, err := json.Marshal(struct {
		Name       string    `json:"name"`
		ShortName  string    `json:"short_name"`
		Lang       string    `json:"lang"`
		Dir        string    `json:"dir"`
		ID         string    `json:"id"`
		StartURL   string    `json:"start_url"`
		Scope      string    `json:"scope"`
		Display    string    `json:"display"`
		Background string    `json:"background_color"`
		Theme      string    `json:"theme_color"`
		Icons      []picture `json:"icons"`
	}{
		name, q.words.T("help_center"), q.locale, "ltr", "/", "/" + q.locale + "/", "/", "standalone", "#f6f7f9", "#ffffff",
		[]picture{
			{"/favicon.svg", "any", "image/svg+xml", ""},
			{"/icon-192.png", "192x192", "image/png", "any maskable"},
			{"/icon-512.png", "512x512", "image/png", "any maskable"},
		},
	})
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	q.keep = true
	q.write(http.StatusOK, "application/manifest+json", body)
	return nil
}
