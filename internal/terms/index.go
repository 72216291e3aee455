package terms

import (
	"math"
	"slices"
	"sync"
)

// Parameters of BM25F (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009, §3.6).
const (
	saturation  = 1.2  // k1
	titleWeight = 3.0  // one word in a title counts as three in the body
	titleLength = 0.5  // b of the title: a long title is little worse
	bodyLength  = 0.75 // b of the body
)

// Hit is a document that was found.
type Hit struct {
	ID    int64
	Score float64 // above 0; only comparable within one search
}

// Index is a full-text index in memory over documents of a title and a body. The zero value is empty and ready; it is
// safe for concurrent use.
type Index struct {
	mu       sync.RWMutex
	postings map[string][]posting
	docs     map[int64]document
	titleSum int // terms in all titles
	bodySum  int
}

type posting struct {
	id          int64
	title, body int // how often the term is in each
}

type document struct {
	title, body int      // number of terms
	terms       []string // distinct
}

// Add puts a document into the index, replacing the one with the same id.
func (x *Index) Add(id int64, title, body string) {
	titleTerms, bodyTerms := Split(title), Split(body)
	counts := make(map[string]posting, len(titleTerms)+len(bodyTerms))
	for _, term := range titleTerms {
		p := counts[term]
		p.title++
		counts[term] = p
	}
	for _, term := range bodyTerms {
		p := counts[term]
		p.body++
		counts[term] = p
	}
	doc := document{title: len(titleTerms), body: len(bodyTerms), terms: make([]string, 0, len(counts))}

	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
	if x.docs == nil {
		x.docs, x.postings = map[int64]document{}, map[string][]posting{}
	}
	for term, p := range counts {
		p.id = id
		x.postings[term] = append(x.postings[term], p)
		doc.terms = append(doc.terms, term)
	}
	x.docs[id] = doc
	x.titleSum += doc.title
	x.bodySum += doc.body
}

// Remove takes a document out; one that is not there is no error.
func (x *Index) Remove(id int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(id)
}

func (x *Index) remove(id int64) {
	doc, ok := x.docs[id]
	if !ok {
		return
	}
	for _, term := range doc.terms {
		rest := slices.DeleteFunc(x.postings[term], func(p posting) bool { return p.id == id })
		if len(rest) == 0 {
			delete(x.postings, term)
		} else {
			x.postings[term] = rest
		}
	}
	delete(x.docs, id)
	x.titleSum -= doc.title
	x.bodySum -= doc.body
}

// Len is the number of documents.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return len(x.docs)
}

// Search gives the at most limit best documents that have any term of query, best first, equal ones by id. A document
// with more of the terms comes before one with few of them unless these are much rarer.
func (x *Index) Search(query string, limit int) []Hit {
	if limit <= 0 {
		return nil
	}
	terms := Query(query)
	x.mu.RLock()
	defer x.mu.RUnlock()
	if len(x.docs) == 0 {
		return nil
	}
	scores := map[int64]float64{}
	for _, term := range terms {
		list := x.postings[term]
		rarity := math.Log(1 + (float64(len(x.docs)-len(list))+0.5)/(float64(len(list))+0.5))
		for _, p := range list {
			scores[p.id] += rarity * x.weight(p)
		}
	}
	hits := make([]Hit, 0, len(scores))
	for id, score := range scores {
		hits = append(hits, Hit{ID: id, Score: score})
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		case a.ID < b.ID:
			return -1
		}
		return 1
	})
	return hits[:min(limit, len(hits))]
}

// weight is how much a term tells about a document: its occurrences, title and body together, saturating.
func (x *Index) weight(p posting) float64 {
	doc := x.docs[p.id]
	n := float64(len(x.docs))
	tf := titleWeight*normalised(p.title, doc.title, float64(x.titleSum)/n, titleLength) +
		normalised(p.body, doc.body, float64(x.bodySum)/n, bodyLength)
	return tf / (saturation + tf)
}

// normalised divides a count by how long its field is, compared with the average.
func normalised(count, length int, average, b float64) float64 {
	if count == 0 {
		return 0
	}
	return float64(count) / (1 - b + b*float64(length)/average)
}
