package terms

import "math"

// The numbers of the ranking. All of them stand on wide plateaus: on two dozen collections of questions and answers in
// both languages, of 40 to 8,000 entries, a third more or less of any changes next to nothing.
const (
	saturation    = 1.4 // BM25's k1
	titleLength   = 0.5 // b of title and keywords within BM25F
	bodyLength    = 0.8 // b of the body
	keywordWeight = 1.5 // one keyword counts as so many words of title or body

	// Part of the score of the title by itself: titleShare divided by the words that titles have on average, within
	// limits. The shorter titles are, the more each of their words says.
	titleShare    = 3.0
	titleShareMin = 0.35
	titleShareMax = 1.0
	titleOwn      = 0.75 // b of the title by itself
	wordsPerCJK   = 0.6  // words that a CJK character counts as there

	stopWeight      = 0.3 // of a word that questions are made of
	wordAmongCJK    = 1.4 // of a word in a query that has CJK too, about what a word of two characters has
	characterWeight = 0.7 // of a CJK character
	pairWeight      = 0.3 // of two CJK characters that meet by chance …
	pairCohesion    = 1.0 // … and so much more for those that belong together,
	pairCovers      = 0.8 // which takes so much of the weight of their characters: the pair has said it
	stopPairWeight  = 0.2 // factor of pairs with a character that questions are made of
	synonymWeight   = 0.6 // of a group of synonyms
	synonymsOver    = 0.5 // less for overlapping groups: weight / (1 + 0.5·others)
	synonymKeep     = 0.5 // what is left to the words themselves that have synonyms …
	plenty          = 500 // … and halfway back to all of it for a word that so many documents have
	typoWeight      = 0.6 // of the best reading of an unknown word; half for the next, and again
	compoundWeight  = 0.4 // of "signin" for "sign in"
	prefixWeight    = 0.6 // of each word that the unfinished one may become

	passageWeight = 0.25 // of the best passage
	passageLength = 50   // words and characters
	candidates    = 100  // documents whose passages are looked at
)

// rarity is the inverse document frequency (BM25's, kept above 0 so that it is sound in a handful of documents).
func rarity(n, df int) float64 {
	return math.Log(1 + (float64(n-df)+0.5)/(float64(df)+0.5))
}

// impact is BM25F of the fields together (Robertson & Zaragoza, "The Probabilistic Relevance Framework", 2009, §3.6),
// and some of BM25 of the title by itself: a word that is rare in titles says more there than in the bodies where it
// is common.
func (x *Index) impact(c count, t *term) float64 {
	d := &x.docs[c.doc]
	impact := saturated(x.relative(c, d, title, titleLength) + keywordWeight*x.relative(c, d, keywords, titleLength) +
		x.relative(c, d, body, bodyLength))
	if c.n[title] > 0 {
		impact += x.titleShare * t.titleIDF / t.idf * saturated(x.relative(c, d, title, titleOwn))
	}
	return impact
}

func saturated(tf float64) float64 { return tf * (saturation + 1) / (saturation + tf) }

// relative divides a count by how long its field is, compared with the average.
func (x *Index) relative(c count, d *document, f int, b float64) float64 {
	if c.n[f] == 0 {
		return 0
	}
	return float64(c.n[f]) / (1 - b + b*float64(d.length[f])/x.average[f])
}

// cohesion says from 0 to 1 how much two characters belong together: 1 when they come only as this pair, 0 when they
// meet by chance, as where one word ends and the next begins.
func (x *Index) cohesion(pair term) float64 {
	c := (x.terms[pair.first].idf + x.terms[pair.second].idf - pair.idf) / pair.idf
	return math.Max(0, math.Min(1, c))
}

// kept is the part of its weight that a term keeps beside its synonyms. The more documents have the very word, the less
// is gained from those that say it otherwise. A character tells nothing of the kind: it is in many words.
func (x *Index) kept(id uint32) float64 {
	if x.terms[id].kind != wordTerm {
		return synonymKeep
	}
	df := float64(x.common(id))
	return synonymKeep + (1-synonymKeep)*df/(df+plenty)
}

// shareOfTitles gives the titleShare of this index.
func (x *Index) shareOfTitles() float64 {
	titles, words := 0, 0.0
	for _, d := range x.docs {
		if d.length[title] == 0 {
			continue
		}
		titles++
		for _, id := range x.stream[d.start:d.ends[title]] {
			if x.terms[id].kind == characterTerm {
				words += wordsPerCJK
			} else {
				words++
			}
		}
	}
	if titles == 0 {
		return 0
	}
	return max(titleShareMin, min(titleShareMax, titleShare*float64(titles)/words))
}
