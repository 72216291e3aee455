package terms

import (
	"math"
	"sync"
)

// Document is what is indexed of an article. Title and Body are plain text; Keywords are words that find it without
// being shown.
type Document struct {
	ID                    int64
	Title, Keywords, Body string
}

// Options say how an index is built.
type Options struct {
	Synonyms *Synonyms // beside those of everyday language; nil: none
}

// Index is a full-text index in memory over articles. It never changes, so it is safe for concurrent use without a
// lock; when an article changes, build a new one.
type Index struct {
	docs     []document
	stream   []uint32 // the words and characters of all documents in order, noTerm after each field
	postings []posting
	terms    []term
	average  [fields]float64 // length of the fields that are not empty

	words      map[string]uint32 // every word as it is written → its term
	stems      map[string]uint32
	characters map[string]uint32
	pairs      map[[2]uint32]uint32 // of two characters
	phrases    map[uint32][]phrase  // by their first word or character
	groups     [][][]string         // the synonyms as keys, by the concept's term.first
	vocabulary *vocabulary
	scratch    sync.Pool
	titleShare float64
}

// The fields of a document.
const (
	title = iota
	keywords
	body
	fields
)

// noTerm stands for a word that no document has, and for the end of a field.
const noTerm = ^uint32(0)

type document struct {
	id     int64
	start  int         // in stream
	ends   [fields]int // in stream
	length [fields]int // in words and characters
}

// term is something that can be looked for.
type term struct {
	kind          termKind
	first, second uint32 // the characters of a pair
	from, to      int    // its postings
	titles        int    // how many titles have it
	idf, titleIDF float64
}

type termKind uint8

const (
	wordTerm termKind = iota
	characterTerm
	pairTerm
	conceptTerm // a group of synonyms
)

// posting says how much a document has of a term.
type posting struct {
	doc    uint32
	impact float32
}

// count is how often a term is in the fields of a document.
type count struct {
	term, doc uint32
	n         [fields]uint16
}

type builder struct {
	x      *Index
	counts []count
	last   []int // by term: its count of the document that it was last seen in
	from   int   // the first count of the current document
}

// New builds the index of docs.
func New(docs []Document, o Options) *Index {
	x := &Index{
		words: map[string]uint32{}, stems: map[string]uint32{}, characters: map[string]uint32{}, pairs: map[[2]uint32]uint32{},
	}
	b := &builder{x: x}
	b.phrases(o.Synonyms)
	for _, d := range docs {
		b.add(d)
	}
	b.weigh()
	x.vocabulary = newVocabulary(x)
	x.scratch.New = func() any {
		return &scratch{scores: make([]float64, len(x.docs)), place: make([]uint16, len(x.terms))}
	}
	return x
}

// Len is the number of documents.
func (x *Index) Len() int { return len(x.docs) }

func (b *builder) add(d Document) {
	x := b.x
	doc := document{id: d.ID, start: len(x.stream)}
	b.from = len(b.counts)
	for f, text := range [fields]string{d.Title, d.Keywords, d.Body} {
		start := len(x.stream)
		b.field(text, f)
		doc.ends[f] = len(x.stream)
		doc.length[f] = len(x.stream) - start
		x.concepts(x.stream[start:], func(concept uint32, _, _ int) { b.count(concept, f) })
		x.stream = append(x.stream, noTerm)
	}
	x.docs = append(x.docs, doc)
}

// field counts what text has: words, characters, pairs of characters that touch, and words that a sign joins as one
// word too ("sign-in" is "sign", "in" and "signin").
func (b *builder) field(text string, f int) {
	var previous token
	var previousID uint32
	tokens(text, func(t token) {
		var id uint32
		if t.cjk {
			id = b.character(t.key)
			if previous.cjk && previous.touches(t) {
				b.count(b.pair(previousID, id), f)
			}
		} else {
			id = b.word(t.key)
			if t.joined && !previous.cjk {
				b.count(b.word(previous.key+t.key), f)
			}
			for _, part := range parts(text[t.start:t.end]) {
				b.count(b.word(part), f)
			}
		}
		b.count(id, f)
		b.x.stream = append(b.x.stream, id)
		previous, previousID = t, id
	})
}

func (b *builder) newTerm(kind termKind) uint32 {
	b.x.terms = append(b.x.terms, term{kind: kind})
	b.last = append(b.last, -1)
	return uint32(len(b.x.terms) - 1)
}

func (b *builder) word(key string) uint32 {
	x := b.x
	if id, ok := x.words[key]; ok {
		return id
	}
	root := stem(key)
	id, ok := x.stems[root]
	if !ok {
		id = b.newTerm(wordTerm)
		x.stems[root] = id
	}
	x.words[key] = id
	return id
}

func (b *builder) character(key string) uint32 {
	id, ok := b.x.characters[key]
	if !ok {
		id = b.newTerm(characterTerm)
		b.x.characters[key] = id
	}
	return id
}

func (b *builder) pair(first, second uint32) uint32 {
	id, ok := b.x.pairs[[2]uint32{first, second}]
	if !ok {
		id = b.newTerm(pairTerm)
		b.x.pairs[[2]uint32{first, second}] = id
		b.x.terms[id].first, b.x.terms[id].second = first, second
	}
	return id
}

func (b *builder) count(id uint32, f int) {
	at := b.last[id]
	if at < b.from {
		at = len(b.counts)
		b.last[id] = at
		b.counts = append(b.counts, count{term: id, doc: uint32(len(b.x.docs))})
	}
	if b.counts[at].n[f] < math.MaxUint16 {
		b.counts[at].n[f]++
	}
}

// weigh turns the counts into postings by term, each in the order of the documents.
func (b *builder) weigh() {
	x := b.x
	filled := x.averages()
	x.titleShare = x.shareOfTitles()
	for _, c := range b.counts {
		x.terms[c.term].to++
		if c.n[title] > 0 {
			x.terms[c.term].titles++
		}
	}
	at := 0
	for i := range x.terms {
		t := &x.terms[i]
		df := t.to
		t.from, t.to = at, at
		at += df
		t.idf = rarity(len(x.docs), df)
		t.titleIDF = rarity(filled[title], t.titles)
	}
	x.postings = make([]posting, len(b.counts))
	for _, c := range b.counts {
		t := &x.terms[c.term]
		x.postings[t.to] = posting{c.doc, float32(x.impact(c, t))}
		t.to++
	}
}

// averages sets the average lengths and gives how many documents have something in each field.
func (x *Index) averages() (filled [fields]int) {
	for _, d := range x.docs {
		for f, n := range d.length {
			if n > 0 {
				x.average[f] += float64(n)
				filled[f]++
			}
		}
	}
	for f, n := range filled {
		x.average[f] /= math.Max(1, float64(n))
	}
	return filled
}

// touches says whether nothing stands between t and next.
func (t token) touches(next token) bool { return t.end == next.start || t.start == next.start }
