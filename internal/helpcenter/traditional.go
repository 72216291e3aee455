package helpcenter

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/veridesk/veridesk/internal/fold"
)

// Traditional converts simplified Chinese to traditional as written in Taiwan.
func Traditional(s string) string { return fold.Traditional(s) }

func traditionalAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = Traditional(s)
	}
	return out
}

// destination is where Markdown names an address: ](…), a definition [x]: …, and
// addresses as such.
var destination = regexp.MustCompile(`\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*|(?m:^ {0,3}\[[^\]\n]+\]: *\S+)|(?:https?://|mailto:)[^\s<>，。；、）】」]+`)

// TraditionalMarkdown converts an article's body as [Traditional] does. Code and
// addresses stay as they are, but for the name of a heading in a link, which
// changes with the heading.
func TraditionalMarkdown(body string) string {
	type span struct{ start, end int }
	var keep []span
	source := shallow(body)
	// The only error ast.Walk returns is the visitor's, which has none.
	_ = ast.Walk(parse(source), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				at := n.Lines().At(i)
				keep = append(keep, span{at.Start, at.Stop})
			}
		case *ast.CodeSpan:
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					keep = append(keep, span{t.Segment.Start, t.Segment.Stop})
				}
			}
		}
		return ast.WalkContinue, nil
	})
	for _, m := range destination.FindAllStringIndex(body, -1) {
		end := m[1]
		if hash := strings.IndexByte(body[m[0]:end], '#'); hash >= 0 && ofArticle(body[m[0]:m[0]+hash]) {
			end = m[0] + hash // the heading's name is converted with the heading
		}
		keep = append(keep, span{m[0], end})
	}
	slices.SortFunc(keep, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	at := 0
	for _, k := range keep {
		if k.end <= at {
			continue
		}
		if k.start > at {
			out.WriteString(Traditional(body[at:k.start]))
			at = k.start
		}
		out.WriteString(body[at:k.end])
		at = k.end
	}
	out.WriteString(Traditional(body[at:]))
	return out.String()
}

// ofArticle reports whether the part of a link before its # names this article
// or another one.
func ofArticle(before string) bool {
	return strings.HasSuffix(before, "](") || strings.HasSuffix(before, ".md") || strings.HasSuffix(before, ": ")
}
