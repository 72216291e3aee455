package terms

import "slices"

// Hit is a document that was found.
type Hit struct {
	ID    int64
	Score float64 // above 0; only comparable within one search
}

// SearchOptions say what a search is for.
type SearchOptions struct {
	Limit  int  // how many hits at most
	Prefix bool // the query is being typed: its last word may be unfinished
}

// Result is what a search found.
type Result struct {
	Hits []Hit // best first, equal ones in the order of the documents
	// Corrected is the query with its misspelt words as they were read ("did you mean"); "" when nothing was corrected.
	Corrected string
	Matched   *Matched // marks in a text what matches the query
}

// scratch is what a search needs for itself, kept for the next one; all zero in between.
type scratch struct {
	scores  []float64 // by document
	place   []uint16  // by term: its place among the wanted ones, from 1
	touched []uint32
}

// Search finds the documents that have any of the query.
func (x *Index) Search(query string, o SearchOptions) Result {
	q := x.analyse(query, o.Prefix)
	r := Result{Corrected: q.corrected(), Matched: q.marks()}
	if o.Limit <= 0 || len(q.wanted) == 0 {
		return r
	}
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	for _, w := range q.wanted {
		t := &x.terms[w.id]
		for _, p := range x.postings[t.from:t.to] {
			if s.scores[p.doc] == 0 {
				s.touched = append(s.touched, p.doc)
			}
			s.scores[p.doc] += w.weight * float64(p.impact)
		}
	}
	hits := s.best(max(candidates, o.Limit))
	x.passages(q, hits, s)
	sortHits(hits)
	r.Hits = hits[:min(len(hits), o.Limit)]
	for i := range r.Hits {
		r.Hits[i].ID = x.docs[r.Hits[i].ID].id
	}
	return r
}

// best takes the n best of what was touched, by their places in the index, and leaves the scratch empty.
func (s *scratch) best(n int) []Hit {
	hits := make([]Hit, 0, min(len(s.touched), 2*n))
	least := 0.0 // of the n best so far, once there were that many
	for _, d := range s.touched {
		if score := s.scores[d]; score > least || len(hits) < n {
			hits = append(hits, Hit{ID: int64(d), Score: score})
		}
		s.scores[d] = 0
		if len(hits) == 2*n {
			sortHits(hits)
			hits = hits[:n]
			least = hits[n-1].Score
		}
	}
	s.touched = s.touched[:0]
	sortHits(hits)
	return hits[:min(len(hits), n)]
}

func sortHits(hits []Hit) {
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
}

// passages adds to each hit for how much of the query stands close together in it: the best stretch of windowLength
// words and characters. It makes up for long documents, which have everything somewhere.
func (x *Index) passages(q *inquiry, hits []Hit, s *scratch) {
	var weights []float64
	for _, w := range q.wanted {
		if k := x.terms[w.id].kind; k == wordTerm || k == characterTerm {
			weights = append(weights, w.weight)
			s.place[w.id] = uint16(len(weights))
		}
	}
	seen := make([]int, len(weights))
	for i := range hits {
		d := &x.docs[hits[i].ID]
		hits[i].Score += passageWeight * s.passage(x.stream[d.start:d.ends[body]], weights, seen)
	}
	for _, w := range q.wanted {
		s.place[w.id] = 0
	}
}

// passage gives the most weight of different terms in any stretch of stream. seen is all zero, before and after.
func (s *scratch) passage(stream []uint32, weights []float64, seen []int) float64 {
	most, sum := 0.0, 0.0
	leave := func(id uint32) {
		if id == noTerm || s.place[id] == 0 {
			return
		}
		if p := s.place[id] - 1; seen[p] > 1 {
			seen[p]--
		} else {
			seen[p] = 0
			sum -= weights[p]
		}
	}
	for at, id := range stream {
		if at >= passageLength {
			leave(stream[at-passageLength])
		}
		if id == noTerm || s.place[id] == 0 {
			continue
		}
		p := s.place[id] - 1
		if seen[p]++; seen[p] == 1 {
			sum += weights[p]
			most = max(most, sum)
		}
	}
	clear(seen)
	return most
}
