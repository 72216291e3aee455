package terms

// Matched knows what matches a query: its words in every inflection, Chinese by pairs of characters, its synonyms, and
// what misspelt and unfinished words were read as. It is safe for concurrent use.
type Matched struct {
	words      map[string]int      // by stem
	characters map[string]int      // pairs, and characters that stand alone
	phrases    map[string][]marked // by the key of their first word or character
	next       int
}

// marked is a phrase of a synonym group.
type marked struct {
	rest []string // keys of what follows its first word or character
	term int
}

func newMatched() *Matched {
	return &Matched{words: map[string]int{}, characters: map[string]int{}, phrases: map[string][]marked{}}
}

func (m *Matched) add(to map[string]int, key string) {
	if _, ok := to[key]; !ok {
		to[key] = m.next
		m.next++
	}
}

// addGroup adds the phrases of a synonym group, given as the keys of their words and characters.
func (m *Matched) addGroup(phrases [][]string) {
	for _, keys := range phrases {
		m.phrases[keys[0]] = append(m.phrases[keys[0]], marked{keys[1:], m.next})
	}
	m.next++
}

// Highlight is the function Highlight for what a search has matched. It is the same for all texts, whether they were
// searched or not.
func (m *Matched) Highlight(text string, limit int) (excerpt string, spans [][2]int) {
	text = oneLine(text)
	return cutOut(text, m.marks(text), limit)
}

func (m *Matched) marks(text string) []mark {
	var all []token
	var keys []string
	tokens(text, func(t token) {
		all = append(all, t)
		if t.cjk {
			keys = append(keys, t.key)
		} else {
			keys = append(keys, stem(t.key))
		}
	})
	terms := make([][]int, len(all)) // of each token
	until := make([]int, len(all))   // the last token of the mark that begins here, -1 for none
	for i := range until {
		until[i] = -1
	}
	set := func(from, to, term int) {
		until[from] = max(until[from], to)
		terms[from] = append(terms[from], term)
	}
	for i, t := range all {
		m.at(i, t, all, keys, set)
	}
	var marks []mark
	for i := range all {
		if until[i] < 0 {
			continue
		}
		start, end := all[i].start, all[until[i]].end
		if last := len(marks) - 1; last >= 0 && start <= marks[last].end {
			marks[last].end = max(marks[last].end, end)
			marks[last].terms = append(marks[last].terms, terms[i]...)
			continue
		}
		marks = append(marks, mark{start, end, terms[i]})
	}
	return marks
}

// at reports what begins with token i.
func (m *Matched) at(i int, t token, all []token, keys []string, set func(from, to, term int)) {
	if t.cjk {
		if term, ok := m.characters[t.key]; ok {
			set(i, i, term)
		}
		if i+1 < len(all) && all[i+1].cjk && t.touches(all[i+1]) {
			if term, ok := m.characters[t.key+all[i+1].key]; ok {
				set(i, i+1, term)
			}
		}
	} else {
		if term, ok := m.words[keys[i]]; ok {
			set(i, i, term)
		}
		if i+1 < len(all) && all[i+1].joined {
			if term, ok := m.words[stem(t.key+all[i+1].key)]; ok {
				set(i, i+1, term)
			}
		}
	}
next:
	for _, p := range m.phrases[keys[i]] {
		if i+len(p.rest) >= len(all) {
			continue
		}
		for j, key := range p.rest {
			if keys[i+1+j] != key {
				continue next
			}
		}
		set(i, i+len(p.rest), p.term)
	}
}

// marks collects what q matches; what a question is made of only when there is nothing else.
func (q *inquiry) marks() *Matched {
	m := newMatched()
	for _, content := range []bool{true, false} {
		for i, t := range q.tokens {
			switch {
			case !t.cjk:
				if t.stops() != content {
					m.add(m.words, stem(t.key))
				}
			case q.alone(i):
				if t.stops() != content {
					m.add(m.characters, t.key)
				}
			case i > 0 && q.tokens[i-1].cjk && q.tokens[i-1].touches(t):
				if (t.stops() && q.tokens[i-1].stops()) != content {
					m.add(m.characters, q.tokens[i-1].key+t.key)
				}
			}
		}
		if m.next > 0 {
			break
		}
	}
	for _, word := range q.read {
		m.add(m.words, stem(word))
	}
	for _, concept := range q.groups {
		m.addGroup(q.x.groups[q.x.terms[concept].first])
	}
	return m
}

// alone says whether token i is a CJK character that touches no other.
func (q *inquiry) alone(i int) bool {
	t := q.tokens[i]
	before := i > 0 && q.tokens[i-1].cjk && q.tokens[i-1].touches(t)
	after := i+1 < len(q.tokens) && q.tokens[i+1].cjk && t.touches(q.tokens[i+1])
	return !before && !after
}

// keysOf gives the keys of the words and characters of a phrase.
func keysOf(text string) (keys []string) {
	tokens(text, func(t token) {
		if t.cjk {
			keys = append(keys, t.key)
		} else {
			keys = append(keys, stem(t.key))
		}
	})
	return keys
}
