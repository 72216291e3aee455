package terms

import "slices"

// maxQuery is how many words and characters of a query are looked for; nobody types more.
const maxQuery = 400

// wanted is a term of a query.
type wanted struct {
	id       uint32
	weight   float64 // with its rarity
	from, to int     // the words and characters of the query that it stands for
	shared   bool    // a synonym stands for it too
}

// inquiry is a query as terms.
type inquiry struct {
	x      *Index
	text   string
	wanted []wanted
	place  map[uint32]int // in wanted
	stream []uint32
	tokens []token
	fixes  []fix
	read   []string // words that others were read as
	groups []uint32 // the synonym groups that it has, as terms
	prefix bool     // the last word may be unfinished
	cjk    bool     // it has CJK characters
}

// fix is a word of the query that was read as another.
type fix struct {
	start, end int // bytes of the query
	to         string
}

func (x *Index) analyse(query string, prefix bool) *inquiry {
	q := &inquiry{x: x, text: query, place: map[uint32]int{}, prefix: prefix}
	tokens(query, func(t token) {
		if len(q.tokens) < maxQuery {
			q.tokens = append(q.tokens, t)
			q.cjk = q.cjk || t.cjk
		}
	})
	for i, t := range q.tokens {
		if t.cjk {
			q.character(i, t)
		} else {
			q.word(i, t)
		}
	}
	q.concepts()
	return q
}

// want adds a term; one that comes again adds half.
func (q *inquiry) want(id uint32, weight float64, from, to int) {
	t := &q.x.terms[id]
	if t.from == t.to {
		return
	}
	weight *= t.idf
	if i, ok := q.place[id]; ok {
		q.wanted[i].weight += weight / 2
		return
	}
	q.place[id] = len(q.wanted)
	q.wanted = append(q.wanted, wanted{id: id, weight: weight, from: from, to: to})
}

func (q *inquiry) character(i int, t token) {
	x := q.x
	id, ok := x.characters[t.key]
	if !ok {
		id = noTerm
	}
	q.stream = append(q.stream, id)
	stop := t.stops()
	if ok {
		weight := characterWeight
		if stop {
			weight *= stopWeight
		}
		q.want(id, weight, i, i+1)
	}
	if i == 0 || !q.tokens[i-1].cjk || !q.tokens[i-1].touches(t) {
		return
	}
	pair, ok := x.pairs[[2]uint32{q.stream[i-1], id}]
	if !ok {
		return
	}
	together := x.cohesion(x.terms[pair])
	weight := pairWeight + pairCohesion*together
	if stop || q.tokens[i-1].stops() {
		weight *= stopPairWeight
	}
	q.want(pair, weight, i-1, i+1)
	for _, c := range []uint32{q.stream[i-1], id} {
		q.wanted[q.place[c]].weight *= 1 - pairCovers*together
	}
}

func (q *inquiry) word(i int, t token) {
	x := q.x
	id, ok := x.find(t.key)
	if ok {
		weight := 1.0
		if q.cjk {
			weight = wordAmongCJK
		}
		if t.stops() {
			weight *= stopWeight
		}
		q.want(id, weight, i, i+1)
	}
	begun := q.prefix && i == len(q.tokens)-1 && q.complete(i, t)
	if !ok && !begun {
		id = q.guess(i, t)
	}
	q.stream = append(q.stream, id)
	if i > 0 && !q.tokens[i-1].cjk && t.start-q.tokens[i-1].end == 1 {
		if joined, ok := x.find(q.tokens[i-1].key + t.key); ok {
			q.want(joined, compoundWeight, i-1, i+1)
			q.read = append(q.read, q.tokens[i-1].key+t.key)
		}
	}
}

// find gives the term of a word that some document has.
func (x *Index) find(key string) (uint32, bool) {
	id, ok := x.words[key]
	if !ok {
		id, ok = x.stems[stem(key)]
	}
	if !ok || x.terms[id].from == x.terms[id].to {
		return noTerm, false
	}
	return id, true
}

// concepts adds what stands for the synonyms in the query, and takes some weight from the words themselves.
func (q *inquiry) concepts() {
	x := q.x
	type found struct {
		concept uint32
		at, n   int
	}
	var all []found
	x.concepts(q.stream, func(concept uint32, at, n int) {
		if t := x.terms[concept]; t.from < t.to {
			all = append(all, found{concept, at, n})
		}
	})
	words := len(q.wanted)
	for _, f := range all {
		others := -1.0
		for _, g := range all {
			if g.at < f.at+f.n && f.at < g.at+g.n {
				others++
			}
		}
		q.want(f.concept, synonymWeight/(1+synonymsOver*others), f.at, f.at+f.n)
		if slices.ContainsFunc(q.tokens[f.at:f.at+f.n], func(t token) bool { return !t.stops() }) {
			q.groups = append(q.groups, f.concept)
		}
		for i := range q.wanted[:words] {
			if w := &q.wanted[i]; !w.shared && w.from >= f.at && w.to <= f.at+f.n {
				w.weight *= x.kept(w.id)
				w.shared = true
			}
		}
	}
}
