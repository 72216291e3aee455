package helpcenter

import (
	"bytes"
	"fmt"
	"html/template"
	"path"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"github.com/veridesk/veridesk/internal/store"
)

// Heading is an entry of an article's table of contents.
type Heading struct {
	Level int // 2 or 3
	ID    string
	Text  string
}

// rendered is an article's body, ready to show.
type rendered struct {
	html     template.HTML
	headings []Heading
}

// surroundings are what links and pictures of a text mean where it stands.
type surroundings struct {
	locale   string
	category string
	// article gives the site's path of another article, or "" when there is
	// none: the link's words stay without the link.
	article func(slug string) string
	// picture gives the picture that an image's destination names.
	picture func(dest string) (store.Media, bool)
}

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM, extension.CJK, extension.NewTypographer(
		// The characters themselves, not entities: the words are indexed, too.
		extension.WithTypographicSubstitutions(extension.TypographicSubstitutions{
			extension.LeftSingleQuote: []byte("‘"), extension.RightSingleQuote: []byte("’"), extension.Apostrophe: []byte("’"),
			extension.LeftDoubleQuote: []byte("“"), extension.RightDoubleQuote: []byte("”"),
			extension.EnDash: nil, extension.EmDash: nil, extension.Ellipsis: nil,
			extension.LeftAngleQuote: nil, extension.RightAngleQuote: nil,
		}))),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
)

// policy lets through what Markdown can say, and nothing that can run, load from
// elsewhere or restyle.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "em", "strong", "del", "code", "pre", "blockquote", "ul", "ol", "li",
		"table", "thead", "tbody", "tr", "th", "td", "h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("id").Matching(regexp.MustCompile(`^[\p{L}\p{N}_-]+$`)).OnElements("h2", "h3", "h4", "h5", "h6")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/media/[0-9a-f]{32}\.(png|jpg)$`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(bluemonday.Integer).OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowAttrs("decoding").Matching(regexp.MustCompile(`^async$`)).OnElements("img")
	p.RequireParseableURLs(true)
	p.AllowRelativeURLs(true)
	p.AllowURLSchemes("https", "mailto")
	p.RequireNoFollowOnFullyQualifiedLinks(true)
	p.RequireNoReferrerOnFullyQualifiedLinks(true)
	return p
}()

// Tables scroll sideways inside their own box on a phone. The replacement runs
// on sanitised text, where "<table>" can only be an element.
func scrollTables(html, label string) string {
	return strings.NewReplacer(
		"<table>", `<div class="table" role="group" tabindex="0" aria-label="`+template.HTMLEscapeString(label)+`"><table>`,
		"</table>", "</table></div>",
	).Replace(html)
}

var tableLabel = map[string]string{"en": "Table", "zh-CN": "表格", "zh-TW": "表格"}

// render turns an article's Markdown into safe HTML.
func render(body string, in surroundings) (rendered, error) {
	source := shallow(body)
	doc := parse(source)
	var out rendered
	var lost []ast.Node
	err := ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if id, ok := n.AttributeString("id"); ok && (n.Level == 2 || n.Level == 3) {
				out.headings = append(out.headings, Heading{n.Level, string(id.([]byte)), plain(n, source)})
			}
		case *ast.Link:
			dest := string(n.Destination)
			if to := articleLink(dest, in.category); to != nil {
				if dest = in.article(to.slug); dest != "" {
					dest += to.fragment
				}
			} else if !outward(dest) {
				dest = ""
			}
			if n.Destination = []byte(dest); dest == "" {
				lost = append(lost, n)
			}
		case *ast.Image:
			if m, ok := in.picture(string(n.Destination)); ok && altOf(n, source) != "" {
				place(n, m)
			} else {
				lost = append(lost, n)
			}
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return out, err
	}
	for _, n := range lost {
		unwrap(n)
	}
	var buf bytes.Buffer
	if err := markdown.Renderer().Render(&buf, source, doc); err != nil {
		return out, fmt.Errorf("render: %w", err)
	}
	out.html = template.HTML(scrollTables(policy.Sanitize(buf.String()), tableLabel[in.locale])) //nolint:gosec // sanitised in this line
	return out, nil
}

// place makes an image show a picture of ours without moving the text around it
// when it arrives.
func place(n *ast.Image, m store.Media) {
	n.Destination = []byte("/media/" + m.Name)
	n.Title = nil
	n.SetAttributeString("width", []byte(strconv.Itoa(m.Width)))
	n.SetAttributeString("height", []byte(strconv.Itoa(m.Height)))
	n.SetAttributeString("loading", []byte("lazy"))
	n.SetAttributeString("decoding", []byte("async"))
}

// altOf is what an image says to those who cannot see it.
func altOf(n *ast.Image, source []byte) string { return plain(n, source) }

// textOf is the words of a body without markup, one block a line.
func textOf(body string) string {
	source := shallow(body)
	return blocks(parse(source), source)
}

// maxNesting is how deep quotes and lists go into one another. Nobody reads that
// far; what was made to be deep costs the square of its depth.
const maxNesting = 40

// maxMarks is how many marks of emphasis and links one paragraph may have, for
// the same reason; a row of a table counts for itself.
const maxMarks = 4000

// maxCells is how many cells the tables of one text may have, those counted that
// a short row leaves out: a wide head over many short rows has far more cells
// than characters.
const maxCells = 20_000

// shallow blanks the marks of quotes and lists on a line beyond the deepest
// level, those within a paragraph beyond their number, and the line that would
// make a table of too many cells. The text keeps its length: places in it stay.
func shallow(body string) []byte {
	source := []byte(body)
	marks, cells := 0, 0
	left, widest := -1, 0 // lines after this one up to an empty one, -1 = not counted; the columns that they are counted with
	for start := 0; start < len(source); {
		end := len(source)
		if n := bytes.IndexByte(source[start:], '\n'); n >= 0 {
			end = start + n
		}
		depth := 0
		for i := start; i < end && strings.IndexByte(" \t>-*+.)0123456789", source[i]) >= 0; i++ {
			if source[i] == ' ' || source[i] == '\t' {
				continue
			}
			if strings.IndexByte(">-*+.)", source[i]) >= 0 {
				depth++
			}
			if depth > maxNesting {
				source[i] = ' '
			}
		}
		line := source[start:end]
		blanked := false
		if columns := tableColumns(line); columns > widest {
			if left < 0 {
				left = linesUntilBlank(source[min(end+1, len(source)):])
			}
			if more := (columns - widest) * (left + 2); cells+more <= maxCells {
				cells, widest = cells+more, columns
			} else {
				copy(line, bytes.Repeat([]byte(" "), len(line)))
				blanked = true
			}
		}
		text := bytes.TrimSpace(line)
		if len(text) == 0 || text[0] == '|' {
			marks = 0
		}
		if len(text) == 0 && !blanked {
			left, widest = -1, 0
		} else if left >= 0 {
			left--
		}
		for i, c := range line {
			if strings.IndexByte("*_~[]`<\"'", c) >= 0 {
				if marks++; marks > maxMarks {
					line[i] = ' '
				}
			}
		}
		start = end + 1
	}
	return source
}

// tableColumns is how many columns a line gives to a table, when it may be the
// one between a table's head and its rows; else 0.
func tableColumns(line []byte) int {
	line = bytes.TrimLeft(line, " \t>*+.)0123456789") // quotes and lists that it stands in
	if !bytes.Contains(line, []byte("-")) || len(bytes.Trim(line, " \t\r|:-")) > 0 {
		return 0
	}
	return bytes.Count(line, []byte("|"))
}

// linesUntilBlank counts the lines before the first empty one.
func linesUntilBlank(text []byte) int {
	n := 0
	for line := range bytes.Lines(text) {
		if len(bytes.TrimSpace(line)) == 0 {
			break
		}
		n++
	}
	return n
}

func parse(source []byte) ast.Node {
	ctx := parser.NewContext(parser.WithIDs(&anchors{used: map[string]bool{}, last: map[string]int{}}))
	return markdown.Parser().Parse(text.NewReader(source), parser.WithContext(ctx))
}

// anchors makes heading ids that read like the heading in every script; the
// library's own keeps ASCII only, which leaves "heading-1" for Chinese.
type anchors struct {
	used map[string]bool
	last map[string]int // the number that was given last to headings of the same words
}

// Generate implements parser.IDs.
func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	var b strings.Builder
	for _, r := range strings.ToLower(string(value)) {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	// The prefix keeps an article's words apart from the page's own ids.
	base := "s-" + strings.Trim(b.String(), "-")
	id := base
	for n := max(a.last[base], 1) + 1; a.used[id]; n++ {
		id = base + "-" + strconv.Itoa(n)
		a.last[base] = n
	}
	a.used[id] = true
	return []byte(id)
}

// Put implements parser.IDs.
func (a *anchors) Put(value []byte) { a.used[string(value)] = true }

// outward reports whether a link that names no article may stand in one.
func outward(dest string) bool {
	return strings.HasPrefix(dest, "#") || strings.HasPrefix(dest, "https://") || strings.HasPrefix(dest, "mailto:")
}

type link struct{ category, slug, fragment string }

// articleLink reads "../<category>/<slug>.md" or "<slug>.md", with an optional
// fragment. Any other destination is nil.
func articleLink(dest, category string) *link {
	dest, fragment, found := strings.Cut(dest, "#")
	if found {
		fragment = "#" + fragment
	}
	name, ok := strings.CutSuffix(dest, ".md")
	if !ok || strings.Contains(name, ":") || strings.HasPrefix(name, "/") {
		return nil
	}
	parts := strings.Split(path.Join(category, name), "/")
	if len(parts) != 2 || !slugForm.MatchString(parts[0]) || !slugForm.MatchString(parts[1]) {
		return nil
	}
	return &link{parts[0], parts[1], fragment}
}

// unwrap puts a link's words in the link's place.
func unwrap(n ast.Node) {
	parent := n.Parent()
	for c := n.FirstChild(); c != nil; c = n.FirstChild() {
		n.RemoveChild(n, c)
		parent.InsertBefore(parent, n, c)
	}
	parent.RemoveChild(parent, n)
}

// plain is the words of a node without markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	writePlain(&b, n, source)
	return strings.TrimSpace(b.String())
}

func writePlain(b *strings.Builder, n ast.Node, source []byte) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(c.Value(source))
			if c.SoftLineBreak() || c.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *ast.AutoLink:
			b.Write(c.Label(source))
		case *ast.RawHTML, *ast.Image:
		default:
			writePlain(b, c, source)
		}
	}
}

// blocks is the words of a document, one block a line: what is searched, and
// what a search result quotes.
func blocks(doc ast.Node, source []byte) string {
	var lines []string
	add := func(s string) {
		if s != "" {
			lines = append(lines, s)
		}
	}
	// The only error ast.Walk returns is the visitor's, which has none.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Paragraph, *ast.TextBlock, *ast.Heading:
			add(plain(n, source))
			return ast.WalkSkipChildren, nil
		case *extast.TableRow, *extast.TableHeader:
			var cells []string
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				cells = append(cells, plain(c, source))
			}
			add(strings.Join(cells, " · "))
			return ast.WalkSkipChildren, nil
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			add(strings.TrimSpace(string(n.Lines().Value(source))))
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(lines, "\n")
}
