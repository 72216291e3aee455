package terms

import (
	_ "embed" // the tables
	"slices"
	"strings"
	"sync"
)

// Synonyms are groups of words and phrases that stand for one another. The zero value has none.
type Synonyms struct {
	groups [][]string
}

// NewSynonyms takes groups of phrases, of one or several words, in any language and mixed. A phrase may be in several
// groups. A phrase of one Chinese character is left out: it would be found inside unrelated words.
func NewSynonyms(groups [][]string) *Synonyms { return &Synonyms{groups: groups} }

// Groups gives the groups. They must not be changed.
func (s *Synonyms) Groups() [][]string {
	if s == nil {
		return nil
	}
	return s.groups
}

//go:embed synonyms_general.txt
var generalSynonyms string

//go:embed synonyms_exchange.txt
var exchangeSynonyms string

// general are the synonyms of everyday English and Chinese, which every index has.
var general = sync.OnceValue(func() *Synonyms { return ParseSynonyms(generalSynonyms) })

// ExchangeSynonyms are those of a digital-asset exchange, across both languages, each phrase in one group: what an
// operator begins with.
func ExchangeSynonyms() *Synonyms { return ParseSynonyms(exchangeSynonyms) }

// GeneralSynonyms are those of everyday English and Chinese, which every index has by itself.
func GeneralSynonyms() *Synonyms { return general() }

// ParseSynonyms reads a group per line, phrases separated by commas; empty lines, lines that begin with # and groups of
// fewer than two phrases are passed over.
func ParseSynonyms(text string) *Synonyms {
	s := &Synonyms{}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		var group []string
		for _, phrase := range strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == '，' || r == '、' }) {
			if phrase = strings.TrimSpace(phrase); phrase != "" {
				group = append(group, phrase)
			}
		}
		if len(group) > 1 {
			s.groups = append(s.groups, group)
		}
	}
	return s
}

// phrase is a synonym as terms: the first is the key under which it is kept.
type phrase struct {
	rest    []uint32
	concept uint32 // the term that stands for its group
}

// phrases gives each group a term of its own, which every document with any of its phrases has.
func (b *builder) phrases(s *Synonyms) {
	x := b.x
	x.phrases = map[uint32][]phrase{}
	for _, group := range slices.Concat(general().groups, s.Groups()) {
		concept := b.newTerm(conceptTerm)
		seen := map[string]bool{}
		var all [][]string
		for _, text := range group {
			ids := b.phrase(text)
			keys := keysOf(text)
			single := len(ids) == 1 && x.terms[ids[0]].kind == characterTerm
			key := strings.Join(keys, " ")
			if len(ids) == 0 || single || seen[key] {
				continue
			}
			seen[key] = true
			all = append(all, keys)
			x.phrases[ids[0]] = append(x.phrases[ids[0]], phrase{ids[1:], concept})
		}
		x.groups = append(x.groups, all)
		x.terms[concept].first = uint32(len(x.groups) - 1)
	}
}

// phrase gives the terms of a phrase's words and characters.
func (b *builder) phrase(text string) (ids []uint32) {
	tokens(text, func(t token) {
		if t.cjk {
			ids = append(ids, b.character(t.key))
		} else {
			ids = append(ids, b.word(t.key))
		}
	})
	return ids
}

// concepts calls fn for each phrase of a synonym group in stream, with its place and length.
func (x *Index) concepts(stream []uint32, fn func(concept uint32, at, n int)) {
	for at, id := range stream {
	next:
		for _, p := range x.phrases[id] {
			if at+1+len(p.rest) > len(stream) {
				continue
			}
			for i, want := range p.rest {
				if stream[at+1+i] != want {
					continue next
				}
			}
			fn(p.concept, at, 1+len(p.rest))
		}
	}
}
