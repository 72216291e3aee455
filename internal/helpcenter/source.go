package helpcenter

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"gopkg.in/yaml.v3"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Limits of what an article may carry.
const (
	maxTitleRunes   = 120
	maxSummaryRunes = 160
	maxFileBytes    = 256 << 10
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// icons are the names that a category may choose from; the site draws them.
var icons = []string{"user", "id", "deposit", "withdraw", "trade", "fees", "api", "shield", "appeal"}

// Problem is one thing wrong with a file of a content tree.
type Problem struct {
	File    string
	Line    int // 1-based; 0 when it is about the file as a whole
	Message string
}

// String returns "file:line: message".
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ": " + p.Message
}

// sourceTree is a content folder as read, before anything is stored.
type sourceTree struct {
	categories []store.Category
	articles   []*sourceArticle
	problems   []Problem
	warnings   []Problem
}

type sourceArticle struct {
	category string
	store.Article
	files map[string]string // locale → path
	links []sourceLink
}

type sourceLink struct {
	link
	locale string
	file   string
	line   int
}

func (t *sourceTree) problem(file string, line int, format string, args ...any) {
	t.problems = append(t.problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

// readTree reads categories.yaml and articles/<locale>/<category>/<slug>.md. An
// error means that the folder could not be read; what is wrong with its files
// is in problems.
func readTree(fsys fs.FS) (*sourceTree, error) {
	t := &sourceTree{}
	if err := t.readCategories(fsys); err != nil {
		return nil, err
	}
	bySlug := map[string]*sourceArticle{}
	err := fs.WalkDir(fsys, "articles", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return nil
		}
		return t.readArticle(fsys, name, bySlug)
	})
	if errors.Is(err, fs.ErrNotExist) {
		t.problem("articles", 0, "there is no such folder")
	} else if err != nil {
		return nil, fmt.Errorf("read the articles: %w", err)
	}
	t.checkLinks(bySlug)
	t.checkTranslations()
	return t, nil
}

type yamlCategory struct {
	Slug        string            `yaml:"slug"`
	Order       int               `yaml:"order"`
	Icon        string            `yaml:"icon"`
	Title       map[string]string `yaml:"title"`
	Description map[string]string `yaml:"description"`
}

func (t *sourceTree) readCategories(fsys fs.FS) error {
	const name = "categories.yaml"
	text, err := fs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		t.problem(name, 0, "the file is missing")
		return nil
	} else if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	var nodes []yaml.Node
	if err := yaml.Unmarshal(text, &nodes); err != nil {
		t.yamlProblem(name, 0, err)
		return nil
	}
	seen := map[string]bool{}
	for i := range nodes {
		n := &nodes[i]
		var y yamlCategory
		if err := n.Decode(&y); err != nil {
			t.yamlProblem(name, 0, err)
			continue
		}
		switch {
		case !slugForm.MatchString(y.Slug):
			t.problem(name, n.Line, "slug %q is not of the form some-words", y.Slug)
		case seen[y.Slug]:
			t.problem(name, n.Line, "slug %q stands twice", y.Slug)
		case y.Icon != "" && !slices.Contains(icons, y.Icon):
			t.problem(name, n.Line, "icon %q is unknown; there are %s", y.Icon, strings.Join(icons, ", "))
		}
		seen[y.Slug] = true
		c := store.Category{Slug: y.Slug, Icon: y.Icon, Position: y.Order, Texts: map[string]store.CategoryText{}}
		for _, locale := range desk.Locales {
			if strings.TrimSpace(y.Title[locale]) == "" {
				t.problem(name, n.Line, "category %q has no title in %s", y.Slug, locale)
				continue
			}
			c.Texts[locale] = store.CategoryText{Title: y.Title[locale], Description: y.Description[locale]}
		}
		t.categories = append(t.categories, c)
	}
	return nil
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlProblem notes errors of the YAML reader, whose lines begin after line
// `before` of the file.
func (t *sourceTree) yamlProblem(file string, before int, err error) {
	messages := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if te := new(yaml.TypeError); errors.As(err, &te) {
		messages = te.Errors
	}
	for _, m := range messages {
		line := before + 1
		if at := yamlLine.FindStringSubmatch(m); at != nil {
			n, _ := strconv.Atoi(at[1]) // digits by the expression
			line = before + n
			m = yamlLine.ReplaceAllString(m, "")
		}
		t.problem(file, line, "%s", m)
	}
}

func (t *sourceTree) readArticle(fsys fs.FS, name string, bySlug map[string]*sourceArticle) error {
	parts := strings.Split(name, "/")
	slug, md := strings.CutSuffix(path.Base(name), ".md")
	switch {
	case len(parts) != 4 || !md:
		t.problem(name, 0, "expected articles/<locale>/<category>/<slug>.md")
		return nil
	case !slices.Contains(desk.Locales, parts[1]):
		t.problem(name, 0, "%q is not a locale; there are %s", parts[1], strings.Join(desk.Locales, ", "))
		return nil
	case !slugForm.MatchString(slug):
		t.problem(name, 0, "the file's name is not of the form some-words.md")
		return nil
	}
	locale, category := parts[1], parts[2]
	if !slices.ContainsFunc(t.categories, func(c store.Category) bool { return c.Slug == category }) {
		t.problem(name, 0, "category %q is not in categories.yaml", category)
	}
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	if len(text) > maxFileBytes || !utf8.Valid(text) {
		t.problem(name, 0, "an article is UTF-8 text of at most %d KiB", maxFileBytes>>10)
		return nil
	}
	matter, body, bodyLine, ok := splitMatter(strings.ReplaceAll(string(text), "\r\n", "\n"))
	if !ok {
		t.problem(name, 1, "front matter is missing: the file begins with a line ---, then keys, then another ---")
		return nil
	}
	f := t.readMatter(name, matter)
	a := bySlug[slug]
	switch {
	case a == nil:
		a = &sourceArticle{category: category, files: map[string]string{}}
		a.Slug, a.Position, a.Scenarios, a.Texts = slug, f.order, f.scenarios, map[string]store.ArticleText{}
		bySlug[slug] = a
		t.articles = append(t.articles, a)
	case a.category != category:
		t.problem(name, 0, "slug %q is taken by %s; a slug stands once, whatever the category", slug, anyOf(a.files))
		return nil
	case a.Position != f.order || !slices.Equal(a.Scenarios, f.scenarios):
		t.problem(name, 2, "order and scenarios differ from %s; they belong to the article, not to its translation", anyOf(a.files))
	}
	a.files[locale] = name
	f.text.Body = body
	a.Texts[locale] = f.text
	t.readBody(a, locale, name, body, bodyLine)
	return nil
}

func anyOf(files map[string]string) string {
	for _, locale := range desk.Locales {
		if f, ok := files[locale]; ok {
			return f
		}
	}
	return ""
}

// splitMatter separates front matter and body. bodyLine is the number of the
// body's first line in the file.
func splitMatter(text string) (matter, body string, bodyLine int, ok bool) {
	rest, ok := strings.CutPrefix(text, "---\n")
	if !ok {
		return "", "", 0, false
	}
	matter, body, ok = strings.Cut(rest, "\n---\n")
	return matter, strings.TrimLeft(body, "\n"), 3 + strings.Count(matter, "\n") + 1 + leadingNewlines(body), ok
}

func leadingNewlines(s string) int { return len(s) - len(strings.TrimLeft(s, "\n")) }

type frontMatter struct {
	order     int
	scenarios []desk.Scenario
	text      store.ArticleText
}

// readMatter reads the keys of an article's front matter, noting the line of
// each that is wrong.
func (t *sourceTree) readMatter(file, matter string) frontMatter {
	var f frontMatter
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(matter), &doc); err != nil {
		t.yamlProblem(file, 1, err)
		return f
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		t.problem(file, 2, "front matter is a list of keys and values")
		return f
	}
	seen := map[string]int{}
	keys := doc.Content[0].Content
	for i := 0; i+1 < len(keys); i += 2 {
		key, value := keys[i].Value, keys[i+1]
		line := keys[i].Line + 1
		if seen[key] != 0 {
			t.problem(file, line, "%s stands twice", key)
		}
		seen[key] = line
		if err := t.readKey(&f, file, line, key, value); err != nil {
			t.problem(file, line, "%s: %s", key, err)
		}
	}
	for _, key := range []string{"title", "summary", "order", "updated"} {
		if seen[key] == 0 {
			t.problem(file, 1, "%s is missing", key)
		}
	}
	return f
}

func (t *sourceTree) readKey(f *frontMatter, file string, line int, key string, value *yaml.Node) error {
	decode := func(v any, want string) error {
		if value.Decode(v) != nil {
			return errors.New("expected " + want)
		}
		return nil
	}
	switch key {
	case "title":
		f.text.Title = value.Value
		return oneLine(value, maxTitleRunes)
	case "summary":
		f.text.Summary = value.Value
		return oneLine(value, maxSummaryRunes)
	case "order":
		return decode(&f.order, "a whole number")
	case "updated":
		day, err := time.Parse(time.DateOnly, value.Value)
		if err != nil {
			return errors.New("expected a date such as 2026-01-31")
		}
		f.text.UpdatedAt = desk.MicrosOf(day)
	case "tags":
		return decode(&f.text.Tags, "a list of words")
	case "scenarios":
		if err := decode(&f.scenarios, "a list of scenarios"); err != nil {
			return err
		}
		for _, s := range f.scenarios {
			if s == desk.NoScenario || !s.Valid() {
				t.problem(file, line, "scenario %q is unknown; there are %s", s, scenarioNames())
			}
		}
	default:
		return errors.New("unknown key")
	}
	return nil
}

// oneLine checks a value that is one line of at most limit characters.
func oneLine(value *yaml.Node, limit int) error {
	s := strings.TrimSpace(value.Value)
	switch n := utf8.RuneCountInString(s); {
	case value.Kind != yaml.ScalarNode || strings.Contains(s, "\n"):
		return errors.New("expected text of one line")
	case s == "":
		return errors.New("must not be empty")
	case n > limit:
		return fmt.Errorf("%d characters are more than %d", n, limit)
	}
	return nil
}

func scenarioNames() string {
	var names []string
	for _, s := range desk.Scenarios {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// readBody checks what an article's Markdown may not do and collects its links
// to other articles.
func (t *sourceTree) readBody(a *sourceArticle, locale, file, body string, bodyLine int) {
	source := []byte(body)
	if strings.TrimSpace(body) == "" {
		t.problem(file, bodyLine, "the article has no text")
	}
	// The only error ast.Walk returns is the visitor's, which has none.
	_ = ast.Walk(parse(source), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		line := bodyLine + lineOf(n, source)
		switch n := n.(type) {
		case *ast.Heading:
			if n.Level == 1 {
				t.problem(file, line, "headings begin at ##: the title is the page's only #")
			}
		case *ast.HTMLBlock, *ast.RawHTML:
			t.problem(file, line, "HTML is not shown; write Markdown")
		case *ast.Image:
			t.problem(file, line, "images are not shown yet")
		case *ast.AutoLink:
			t.checkURL(file, line, string(n.URL(source)))
		case *ast.Link:
			dest := string(n.Destination)
			if to := articleLink(dest, a.category); to != nil {
				a.links = append(a.links, sourceLink{*to, locale, file, line})
			} else {
				t.checkURL(file, line, dest)
			}
		}
		return ast.WalkContinue, nil
	})
}

func (t *sourceTree) checkURL(file string, line int, url string) {
	if outward(url) {
		return
	}
	t.problem(file, line, "link to %q: allowed are ../<category>/<slug>.md, #heading, https: and mailto:", url)
}

// lineOf returns how many lines stand before a node: those before the block
// that it is in, and before its first text within.
func lineOf(n ast.Node, source []byte) int {
	for ; n != nil; n = n.Parent() {
		if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			return strings.Count(string(source[:n.Lines().At(0).Start]), "\n")
		}
	}
	return 0
}

func (t *sourceTree) checkLinks(bySlug map[string]*sourceArticle) {
	for _, a := range t.articles {
		for _, l := range a.links {
			to := bySlug[l.slug]
			switch {
			case to == nil || to.category != l.category:
				t.problem(l.file, l.line, "link to %s/%s.md: there is no such article", l.category, l.slug)
			case to.Texts[l.locale].Title == "":
				t.warnings = append(t.warnings, Problem{l.file, l.line, fmt.Sprintf("link to %s/%s.md, which is not written in %s yet", l.category, l.slug, l.locale)})
			}
		}
	}
}

func (t *sourceTree) checkTranslations() {
	for _, a := range t.articles {
		for _, locale := range desk.Locales {
			if _, ok := a.Texts[locale]; !ok {
				t.warnings = append(t.warnings, Problem{File: anyOf(a.files), Message: "is not translated into " + locale})
			}
		}
	}
}
