package helpcenter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// frontMatter is what stands between the two lines --- of an article's file. What
// belongs to the article and need not be said is nil when it is not.
type frontMatter struct {
	title     string
	summary   string
	tags      []string
	updated   desk.Micros // 0 = not said
	status    store.ArticleStatus
	publishAt desk.Micros

	order     int
	scenarios []desk.Scenario
	owner     *string // email, "" = nobody
	review    *int    // days
	source    *string
	redirects *[]string
}

// complaint is one thing wrong with a file.
type complaint struct {
	line    int // 1-based
	message string
}

// crlf marks, in front of it, the front matter of a file whose every line ends
// in CR LF: it is kept with LF like all texts and written as it was.
const crlf = "\r"

// splitFile separates an article's file into front matter (with the lines ---,
// what stands before them and the empty lines after) and body. Together they are
// the file, byte for byte; see [joinFile]. bodyLine is the number of the body's
// first line.
func splitFile(file string) (matter, body string, bodyLine int, ok bool) {
	mark := ""
	if n := strings.Count(file, "\n"); n > 0 && n == strings.Count(file, "\r\n") {
		mark, file = crlf, strings.ReplaceAll(file, "\r\n", "\n")
	}
	end, line, inside := 0, 0, false
	for end < len(file) {
		text, rest, _ := strings.Cut(file[end:], "\n")
		at := len(file) - len(rest)
		line++
		if line == 1 {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		fence := strings.TrimRight(text, " \t\r") == "---"
		if line == 1 && !fence {
			return "", "", 0, false
		}
		end = at
		if line > 1 && fence {
			inside = true
			break
		}
	}
	if !inside {
		return "", "", 0, false
	}
	for end < len(file) && (file[end] == '\n' || strings.HasPrefix(file[end:], "\r\n")) {
		line++
		end += strings.IndexByte(file[end:], '\n') + 1
	}
	return mark + file[:end], file[end:], line + 1, true
}

// joinFile is the inverse of [splitFile].
func joinFile(matter, body string) string {
	if rest, ok := strings.CutPrefix(matter, crlf); ok {
		return strings.ReplaceAll(rest+body, "\n", "\r\n")
	}
	return matter + body
}

// innerYAML is the front matter without its fences, with empty lines where they
// were so that line numbers stay.
func innerYAML(matter string) string {
	lines := strings.Split(strings.TrimPrefix(matter, crlf), "\n")
	lines[0] = ""
	for i := 1; i < len(lines); i++ {
		if strings.TrimRight(lines[i], " \t\r") == "---" {
			lines = lines[:i]
			break
		}
	}
	return strings.Join(lines, "\n")
}

// readMatter reads front matter, with a complaint for each key that is wrong.
// draft says that the file is a draft beside the article.
func readMatter(matter string, draft bool) (f frontMatter, wrong []complaint) {
	defer func() {
		if p := recover(); p != nil { // the YAML reader has panicked on hostile input before
			wrong = append(wrong, complaint{2, fmt.Sprintf("the front matter cannot be read: %v", p)})
		}
	}()
	f.status = store.Published
	if draft {
		f.status = store.Draft
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(innerYAML(matter)), &doc); err != nil {
		return f, yamlComplaints(err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return f, []complaint{{2, "front matter is a list of keys and values"}}
	}
	seen := map[string]bool{}
	keys := doc.Content[0].Content
	for i := 0; i+1 < len(keys); i += 2 {
		key, value := keys[i].Value, keys[i+1]
		if seen[key] {
			wrong = append(wrong, complaint{keys[i].Line, key + " stands twice"})
		}
		seen[key] = true
		if err := f.read(key, value); err != nil {
			wrong = append(wrong, complaint{keys[i].Line, key + ": " + err.Error()})
		}
	}
	needed := []string{"title", "order"}
	if f.status == store.Published {
		needed = []string{"title", "summary", "order", "updated"}
	}
	for _, key := range needed {
		if !seen[key] {
			wrong = append(wrong, complaint{1, key + " is missing"})
		}
	}
	switch {
	case f.status == store.Published && seen["summary"] && f.summary == "":
		wrong = append(wrong, complaint{1, "summary: must not be empty"})
	case f.status == store.Scheduled && f.publishAt == 0:
		wrong = append(wrong, complaint{1, "publish_at is missing: a scheduled text says when it goes up"})
	case draft && (f.status == store.Published || f.status == store.Archived):
		wrong = append(wrong, complaint{1, "status: a draft beside an article is draft, review or scheduled"})
	}
	return f, wrong
}

func (f *frontMatter) read(key string, value *yaml.Node) (err error) {
	switch key {
	case "title":
		f.title, err = oneLine(value, maxTitleRunes)
		if err == nil && f.title == "" {
			err = errors.New("must not be empty")
		}
	case "summary":
		f.summary, err = oneLine(value, maxSummaryRunes)
	case "order":
		if value.Decode(&f.order) != nil || f.order < -maxPosition || f.order > maxPosition {
			err = fmt.Errorf("expected a whole number of at most %d", maxPosition)
		}
	case "updated":
		day, perr := time.Parse(time.DateOnly, value.Value)
		if perr != nil || day.Year() < 1971 {
			return errors.New("expected a date such as 2026-01-31")
		}
		f.updated = desk.MicrosOf(day)
	case "tags":
		f.tags, err = words(value)
	case "scenarios":
		return f.readScenarios(value)
	case "status":
		f.status = store.ArticleStatus(value.Value)
		if !slices.Contains(store.ArticleStatuses, f.status) {
			f.status = store.Published
			err = fmt.Errorf("%q is unknown; there are draft, review, scheduled, published, archived", value.Value)
		}
	case "publish_at":
		t, perr := time.Parse(time.RFC3339, value.Value)
		if perr != nil || t.Year() < 1971 {
			return errors.New("expected a moment such as 2026-01-31T08:00:00Z")
		}
		f.publishAt = desk.MicrosOf(t)
	case "owner":
		s, err := oneLine(value, 254)
		s = strings.ToLower(s)
		f.owner = &s
		return err
	case "review_days":
		var n int
		if value.Decode(&n) != nil || n < 0 || n > maxReviewDays {
			return fmt.Errorf("expected a number of days up to %d; 0 is never", maxReviewDays)
		}
		f.review = &n
	case "source_locale":
		if !slices.Contains(desk.Locales, value.Value) {
			return fmt.Errorf("%q is not a locale that is translated from; there are %s", value.Value, strings.Join(desk.Locales, ", "))
		}
		f.source = &value.Value
	case "redirects":
		list, err := slugs(value)
		f.redirects = &list
		return err
	default:
		err = errors.New("unknown key")
	}
	return err
}

func (f *frontMatter) readScenarios(value *yaml.Node) error {
	if value.Decode(&f.scenarios) != nil {
		return errors.New("expected a list of scenarios")
	}
	for _, s := range f.scenarios {
		if s == desk.NoScenario || !s.Valid() {
			var names []string
			for _, k := range desk.Scenarios {
				names = append(names, string(k))
			}
			return fmt.Errorf("scenario %q is unknown; there are %s", s, strings.Join(names, ", "))
		}
	}
	return nil
}

// oneLine reads a value that is one line of at most limit characters.
func oneLine(value *yaml.Node, limit int) (string, error) {
	if value.Kind != yaml.ScalarNode || value.Tag == "!!null" && value.Value != "" {
		return "", errors.New("expected text of one line")
	}
	s := strings.TrimSpace(value.Value)
	switch n := utf8.RuneCountInString(s); {
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) || !utf8.ValidString(s):
		return "", errors.New("expected text of one line")
	case n > limit:
		return "", fmt.Errorf("%d characters are more than %d", n, limit)
	}
	return s, nil
}

func words(value *yaml.Node) ([]string, error) {
	if value.Kind != yaml.SequenceNode {
		if value.Tag == "!!null" {
			return nil, nil
		}
		return nil, errors.New("expected a list of words")
	}
	var out []string
	for _, v := range value.Content {
		s, err := oneLine(v, maxTagRunes)
		if err != nil || s == "" {
			return nil, errors.New("expected a list of words, each of one line of at most " + strconv.Itoa(maxTagRunes) + " characters")
		}
		out = append(out, s)
	}
	if len(out) > maxTags {
		return nil, fmt.Errorf("%d words are more than %d", len(out), maxTags)
	}
	return out, nil
}

func slugs(value *yaml.Node) ([]string, error) {
	list, err := words(value)
	for _, s := range list {
		if !slugForm.MatchString(s) || len(s) > maxSlugBytes {
			return nil, fmt.Errorf("%q is not of the form some-words", s)
		}
	}
	return list, err
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlComplaints takes the lines out of an error of the YAML reader.
func yamlComplaints(err error) []complaint {
	messages := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if te := new(yaml.TypeError); errors.As(err, &te) {
		messages = te.Errors
	}
	var out []complaint
	for _, m := range messages {
		c := complaint{1, m}
		if at := yamlLine.FindStringSubmatch(m); at != nil {
			c.line, _ = strconv.Atoi(at[1]) // digits by the expression
			c.message = yamlLine.ReplaceAllString(m, "")
		}
		out = append(out, c)
	}
	return out
}

// write is the front matter in its canonical form, fences and an empty line
// included.
func (f *frontMatter) write() string {
	var b strings.Builder
	key := func(name, value string) { b.WriteString(name + ": " + value + "\n") }
	b.WriteString("---\n")
	key("title", scalar(f.title))
	if f.summary != "" || f.status == store.Published {
		key("summary", scalar(f.summary))
	}
	key("order", strconv.Itoa(f.order))
	if f.updated != 0 {
		key("updated", f.updated.Time().Format(time.DateOnly))
	}
	if len(f.tags) > 0 {
		key("tags", flow(f.tags))
	}
	if len(f.scenarios) > 0 {
		key("scenarios", flow(f.scenarios))
	}
	if f.status != store.Published {
		key("status", string(f.status))
	}
	if f.publishAt != 0 {
		key("publish_at", f.publishAt.Time().Format(time.RFC3339Nano))
	}
	if f.owner != nil {
		key("owner", scalar(*f.owner))
	}
	if f.review != nil {
		key("review_days", strconv.Itoa(*f.review))
	}
	if f.source != nil {
		key("source_locale", *f.source)
	}
	if f.redirects != nil {
		key("redirects", flow(*f.redirects))
	}
	b.WriteString("---\n\n")
	return b.String()
}

// scalar is a string as YAML, on one line.
func scalar(s string) string {
	b, err := yaml.Marshal(s)
	if err != nil || strings.Count(string(b), "\n") != 1 {
		return strconv.Quote(s)
	}
	return strings.TrimSuffix(string(b), "\n")
}

// flow is a list of strings as YAML, on one line.
func flow[T ~string](list []T) string {
	n := yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, s := range list {
		var v yaml.Node
		v.SetString(string(s))
		n.Content = append(n.Content, &v)
	}
	b, err := yaml.Marshal(&n)
	if err != nil || strings.Count(string(b), "\n") != 1 {
		quoted := make([]string, len(list))
		for i, s := range list {
			quoted[i] = strconv.Quote(string(s))
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return strings.TrimSuffix(string(b), "\n")
}
