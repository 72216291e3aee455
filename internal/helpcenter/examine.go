package helpcenter

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// FindingKind says what is wrong with a text.
type FindingKind string

// What may be wrong with a text.
const (
	FoundUnregistered FindingKind = "link_unregistered" // an address that the registry does not know
	FoundFake         FindingKind = "link_fake"         // an address that is known to be an impostor's
	FoundForbidden    FindingKind = "link_forbidden"    // neither https:, mailto:, a heading nor an article
	FoundNoArticle    FindingKind = "link_missing"      // there is no such article
	FoundUnreadable   FindingKind = "link_unpublished"  // the article cannot be read in this language
	FoundNoPicture    FindingKind = "image_missing"     // there is no such picture
	FoundForeign      FindingKind = "image_foreign"     // a picture from elsewhere
	FoundNoAlt        FindingKind = "image_alt"         // a picture without words for those who cannot see it
	FoundHTML         FindingKind = "html"              // HTML, which is not shown
	FoundHeading      FindingKind = "heading"           // a heading of the first level
	FoundEmpty        FindingKind = "empty"             // title, summary or text is missing; Target names it
	FoundTooLong      FindingKind = "too_long"          // title, summary or text is too long; Target names it
)

// Finding is one thing wrong with a text.
type Finding struct {
	Line   int // 1-based, in the body; 0 = the text as a whole
	Kind   FindingKind
	Target string // the address, the path, or the field
	Blocks bool   // the text cannot go up with it
}

// examination is what a body links to and shows, and what it may not hold: what
// can be said without looking at anything else.
type examination struct {
	links    []reference
	pictures []reference
	html     []int
	headings []int
}

type reference struct {
	line    int
	dest    string
	article *link // of a link to another article
	noAlt   bool  // of a picture
}

func examine(body, category string) *examination {
	source := shallow(body)
	x := &examination{}
	where := newPlaces(source)
	// The only error ast.Walk returns is the visitor's, which has none.
	_ = ast.Walk(parse(source), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		where.pass(n)
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 {
				x.headings = append(x.headings, where.line(n))
			}
		case *ast.HTMLBlock, *ast.RawHTML:
			x.html = append(x.html, where.line(n))
		case *ast.Image:
			x.pictures = append(x.pictures, reference{line: where.line(n), dest: string(n.Destination), noAlt: altOf(n, source) == ""})
		case *ast.AutoLink:
			x.links = append(x.links, reference{line: where.line(n), dest: autoLink(n, source)})
		case *ast.Link:
			dest := string(n.Destination)
			x.links = append(x.links, reference{line: where.line(n), dest: dest, article: articleLink(dest, category)})
		}
		return ast.WalkContinue, nil
	})
	return x
}

func autoLink(n *ast.AutoLink, source []byte) string {
	url := string(n.URL(source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(url), "mailto:") {
		return "mailto:" + url
	}
	return url
}

// places tells the lines of nodes while a document is walked in order.
type places struct {
	ends []int // offsets of the line ends
	last int   // offset of the text that was passed last
}

func newPlaces(source []byte) *places {
	p := &places{}
	for i, b := range source {
		if b == '\n' {
			p.ends = append(p.ends, i)
		}
	}
	return p
}

// pass notes where the walk has come to.
func (p *places) pass(n ast.Node) {
	if at := ownStart(n); at >= 0 {
		p.last = at
	}
}

// line is the line, from 1, of a node that the walk has come to: that of its
// first text, or of what stands before it when there is none near.
func (p *places) line(n ast.Node) int {
	at := p.last
	// A few levels are enough for all that people write; what is nested
	// thousands deep must not be walked again from each level.
	for c, depth := n, 0; c != nil && depth < 8; c, depth = c.FirstChild(), depth+1 {
		if own := ownStart(c); own >= 0 {
			at = own
			break
		}
	}
	line, _ := slices.BinarySearch(p.ends, at)
	return line + 1
}

// ownStart is the offset at which a node's own text begins, or -1.
func ownStart(n ast.Node) int {
	switch n := n.(type) {
	case *ast.Text:
		return n.Segment.Start
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			return n.Segments.At(0).Start
		}
		return -1
	}
	if n.Type() == ast.TypeBlock {
		if lines := n.Lines(); lines != nil && lines.Len() > 0 {
			return lines.At(0).Start
		}
	}
	return -1
}

// examinations remembers what was found in texts of which there are many in a
// list.
type examinations struct {
	mu   sync.Mutex
	seen map[textKey]examined
}

type textKey struct {
	article desk.ID
	locale  string
}

type examined struct {
	revision int
	category string
	*examination
}

// of examines a text, or remembers; body is asked for when it must be looked at.
func (e *examinations) of(k textKey, revision int, category string, body func() string) *examination {
	e.mu.Lock()
	have, ok := e.seen[k]
	e.mu.Unlock()
	if ok && have.revision == revision && have.category == category {
		return have.examination
	}
	x := examine(body(), category)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.seen == nil {
		e.seen = map[textKey]examined{}
	}
	e.seen[k] = examined{revision, category, x}
	return x
}

// terrain is what links and pictures of a text can lead to.
type terrain struct {
	articles map[string]map[string]bool // slug, old ones too → locales in which it can be read
	pictures map[string]store.Media
	paths    map[string]string
	judge    func(url string) LinkStatus
}

// judgeText lists what is wrong with a text in a language, in order of lines.
// Files of a folder have been looked at already when x is nil.
func (t *terrain) judgeText(locale, title, summary, body string, x *examination) []Finding {
	var out []Finding
	limit := func(field, s string, most int) {
		switch n := utf8.RuneCountInString(s); {
		case strings.TrimSpace(s) == "":
			out = append(out, Finding{Kind: FoundEmpty, Target: field, Blocks: true})
		case n > most:
			out = append(out, Finding{Kind: FoundTooLong, Target: field, Blocks: true})
		}
	}
	limit("title", title, maxTitleRunes)
	limit("summary", summary, maxSummaryRunes)
	limit("body", body, maxBodyBytes)
	for _, line := range x.html {
		out = append(out, Finding{Line: line, Kind: FoundHTML, Blocks: true})
	}
	for _, line := range x.headings {
		out = append(out, Finding{Line: line, Kind: FoundHeading, Blocks: true})
	}
	for _, r := range x.links {
		if f, bad := t.judgeLink(locale, r); bad {
			out = append(out, f)
		}
	}
	for _, r := range x.pictures {
		if f, bad := t.judgePicture(r); bad {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Finding) int { return a.Line - b.Line })
	return out
}

func (t *terrain) judgeLink(locale string, r reference) (Finding, bool) {
	f := Finding{Line: r.line, Target: r.dest, Blocks: true}
	switch {
	case r.article != nil:
		locales, known := t.articles[r.article.slug]
		if known && (locales[locale] || locales[derivedFrom[locale]]) {
			return f, false
		}
		f.Kind = FoundNoArticle
		if known {
			f.Kind, f.Blocks = FoundUnreadable, false
		}
		return f, true
	case strings.HasPrefix(r.dest, "#"):
		return f, false
	case !outward(r.dest):
		f.Kind = FoundForbidden
		return f, true
	case t.judge == nil:
		return f, false
	}
	switch t.judge(r.dest) {
	case LinkOfficial, LinkReference:
		return f, false
	case LinkFake:
		f.Kind = FoundFake
	default:
		f.Kind = FoundUnregistered
	}
	return f, true
}

func (t *terrain) judgePicture(r reference) (Finding, bool) {
	f := Finding{Line: r.line, Target: r.dest, Blocks: true}
	path, name := picturePath(r.dest), pictureName(r.dest)
	if path != "" {
		name = t.paths[path]
	}
	_, known := t.pictures[name]
	switch {
	case path == "" && name == "":
		f.Kind = FoundForeign
	case !known:
		f.Kind = FoundNoPicture
	case r.noAlt:
		f.Kind = FoundNoAlt
	default:
		return f, false
	}
	return f, true
}

// blocking returns the findings with which a text cannot go up.
func blocking(all []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return !f.Blocks })
}

// BlockedError says why a text cannot go up. Its code is [desk.Invalid].
type BlockedError struct{ Findings []Finding }

// Error names the first finding.
func (e *BlockedError) Error() string {
	return "the text cannot be published: " + string(e.Findings[0].Kind) + " " + e.Findings[0].Target
}
