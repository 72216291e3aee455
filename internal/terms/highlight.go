package terms

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
)

const ellipsis = "…"

// Highlight gives the part of text, at most limit characters (runes, without the "…" that marks a cut), that has most of
// query, and the byte offsets [start, end) in the excerpt of what matches, in order and not overlapping. Line breaks
// become spaces. Without a match it gives the beginning.
func Highlight(text, query string, limit int) (excerpt string, spans [][2]int) {
	text = oneLine(text)
	return cutOut(text, matches(text, Query(query)), limit)
}

// cutOut gives the part of text with most of marks, and these marks as offsets in it.
func cutOut(text string, marks []mark, limit int) (excerpt string, spans [][2]int) {
	start, end := bestWindow(text, marks, max(limit, 0))
	prefix, suffix := "", ""
	if start > 0 {
		prefix = ellipsis
	}
	if end < len(text) {
		suffix = ellipsis
	}
	for _, m := range marks {
		if m.start >= start && m.end <= end {
			spans = append(spans, [2]int{m.start - start + len(prefix), m.end - start + len(prefix)})
		}
	}
	return prefix + text[start:end] + suffix, spans
}

// oneLine makes text valid UTF-8 without line breaks and tabs.
func oneLine(text string) string {
	return strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ", "\t", " ").Replace(strings.ToValidUTF8(text, "\uFFFD"))
}

// mark is a stretch of text that matches, and which terms of the query it has.
type mark struct {
	start, end int
	terms      []int
}

// matches finds the words and character pairs of text that are among terms; touching ones are joined.
func matches(text string, terms []string) []mark {
	wanted := make(map[string]int, len(terms))
	for i, term := range terms {
		wanted[term] = i
	}
	var marks []mark
	add := func(start, end, term int) {
		if last := len(marks) - 1; last >= 0 && start <= marks[last].end {
			marks[last].end = max(marks[last].end, end)
			marks[last].terms = append(marks[last].terms, term)
			return
		}
		marks = append(marks, mark{start, end, []int{term}})
	}
	walk(text, func(s span) {
		if !s.cjk {
			if i, ok := wanted[s.term(text)]; ok {
				add(s.start, s.end, i)
			}
			return
		}
		matchRun(text, s, wanted, add)
	})
	return marks
}

// matchRun looks for single characters and pairs in a CJK run.
func matchRun(text string, s span, wanted map[string]int, add func(start, end, term int)) {
	previous, previousKey := -1, ""
	for at := s.start; at < s.end; {
		_, size := utf8.DecodeRuneInString(text[at:])
		key := fold.Key(text[at : at+size])
		if i, ok := wanted[previousKey+key]; ok && previous >= 0 {
			add(previous, at+size, i)
		} else if i, ok := wanted[key]; ok {
			add(at, at+size, i)
		}
		if key != "" {
			previous, previousKey = at, key
		}
		at += size
	}
}

// bestWindow gives the byte range of at most limit runes with the most different terms, then the most marks, then the
// earliest; a third of what is left over stands before the first mark.
func bestWindow(text string, marks []mark, limit int) (start, end int) {
	if utf8.RuneCountInString(text) <= limit {
		return 0, len(text)
	}
	bestFirst, bestLast, bestScore := -1, -1, 0
	for first := range marks {
		var seen []int
		score := 0
		for last := first; last < len(marks) && last < first+64; last++ {
			if utf8.RuneCountInString(text[marks[first].start:marks[last].end]) > limit {
				break
			}
			score++
			for _, term := range marks[last].terms {
				if !slices.Contains(seen, term) {
					seen = append(seen, term)
					score += 100
				}
			}
			if score > bestScore {
				bestFirst, bestLast, bestScore = first, last, score
			}
		}
	}
	if bestFirst < 0 {
		return 0, forward(text, 0, limit)
	}
	from, to := marks[bestFirst].start, marks[bestLast].end
	spare := limit - utf8.RuneCountInString(text[from:to])
	start = backward(text, from, spare/3)
	end = forward(text, start, limit)
	start = backward(text, end, limit) // near the end of the text there is more room before
	return wordBoundary(text, start, from), end
}

// wordBoundary moves start behind a word that it cuts, when there is a space before the first mark.
func wordBoundary(text string, start, from int) int {
	if start == 0 {
		return 0
	}
	if i := strings.IndexByte(text[start:from], ' '); i >= 0 && i < 20 {
		return start + i + 1
	}
	return start
}

func forward(text string, at, runes int) int {
	for ; runes > 0 && at < len(text); runes-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

func backward(text string, at, runes int) int {
	for ; runes > 0 && at > 0; runes-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}
