package site

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed" // the page
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/helpcenter"
)

// exportedSearchBytes bounds script and data of a search page, gzip.
const exportedSearchBytes = 150_000

//go:embed export/search.html
var exportSearchHTML string

// exportTemplates is the layout with the search page that needs no server. It is
// made before any page is shown: afterwards a template cannot be copied.
var exportTemplates = template.Must(template.Must(templates["search.html"].Clone()).Parse(exportSearchHTML))

type exportSearchMain struct {
	Categories []*helpcenter.Category
	Scenarios  []scenario
	Others     []alternate // the search in other languages
}

// searchData is what the search script reads; see web/site/exported/data.ts.
type searchData struct {
	Categories []string        `json:"categories"`
	Articles   []searchArticle `json:"articles"`
	Synonyms   [][]string      `json:"synonyms"`
	Simplified string          `json:"simplified"` // pairs: traditional, simplified
}

type searchArticle struct {
	Path     string   `json:"path"` // from the search page
	Category int      `json:"category"`
	Title    string   `json:"title"`
	Summary  string   `json:"summary"`
	Tags     []string `json:"tags"`
	Text     string   `json:"text"`
}

func (w *exporter) writeSearches(ctx context.Context) error {
	script := 0
	if file, ok := w.assets["export_search.js"]; ok {
		body, err := w.folder.read(file)
		if err != nil {
			return err
		}
		script = packed(body)
	}
	snap := w.site.d.HelpCenter.SnapshotFor(w.site.d.Entity, w.site.d.Region)
	for _, l := range w.o.Locales {
		body, search, err := fitted(dataOf(snap, l), exportedSearchBytes-script)
		if err != nil {
			return fmt.Errorf("the search data of %s: %w", l, err)
		}
		search.Locale = l
		search.Packed += script
		w.done.Searches = append(w.done.Searches, search)
		if search.Packed > exportedSearchBytes {
			w.note("The search in %s takes %d KB packed, more than %d KB: the titles alone are too many.", l, search.Packed/1000, exportedSearchBytes/1000)
		} else if search.Cut > 0 {
			w.note("The search in %s finds the first %d characters of the text of %d articles of %d; more would not fit in %d KB. Titles, summaries and tags are complete.", l, search.Runes, search.Cut, search.Articles, exportedSearchBytes/1000)
		}
		if err := w.addAsset("search-"+l, "search-"+l+".js", body); err != nil {
			return err
		}
		if err := w.writeSearchPage(ctx, l, snap); err != nil {
			return err
		}
	}
	return nil
}

func (w *exporter) writeSearchPage(ctx context.Context, locale string, snap *helpcenter.Snapshot) error {
	path := "/" + locale + "/search"
	q := &request{s: w.site, w: httptest.NewRecorder(), r: httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil), at: w.site.tenants[0], locale: locale, words: w.site.words[locale](), snap: snap}
	p := q.page("search_title", "/search")
	p.Description = p.T("search_description", p.Brand)
	q.findable(p, "/search", w.o.Locales...)
	m := exportSearchMain{Categories: snap.Home(locale).Categories, Scenarios: q.scenarios()}
	for _, l := range p.Languages {
		if !l.Here && slices.Contains(w.o.Locales, l.Locale) {
			m.Others = append(m.Others, l)
		}
	}
	p.Main = m
	var buf bytes.Buffer
	if err := exportTemplates.Execute(&buf, p); err != nil {
		return fmt.Errorf("render the search page: %w", err)
	}
	return w.writePage(ctx, path, locale+"/search.html", buf.Bytes())
}

// dataOf is everything that a locale's search knows.
func dataOf(snap *helpcenter.Snapshot, locale string) searchData {
	d := searchData{Categories: []string{}, Articles: []searchArticle{}, Synonyms: snap.Synonyms()}
	for i, c := range snap.Home(locale).Categories {
		d.Categories = append(d.Categories, c.Title)
		for _, a := range c.Articles {
			d.Articles = append(d.Articles, searchArticle{
				Path: "a/" + c.Slug + "/" + a.Slug + ".html", Category: i, Title: a.Title, Summary: a.Summary, Tags: append([]string{}, a.Tags...), Text: a.Text(),
			})
		}
	}
	d.Simplified = simplifiedPairs(d)
	return d
}

// simplifiedPairs are the traditional characters that a query may have for the
// simplified ones that occur, each followed by that one.
func simplifiedPairs(d searchData) string {
	occurs := map[rune]bool{}
	note := func(texts ...string) {
		for _, text := range texts {
			for _, r := range fold.Key(text) {
				occurs[fold.SimplifiedRune(r)] = true
			}
		}
	}
	note(d.Categories...)
	for _, a := range d.Articles {
		note(a.Title, a.Summary, a.Text)
		note(a.Tags...)
	}
	for _, group := range d.Synonyms {
		note(group...)
	}
	var pairs strings.Builder
	for r := rune(0x3400); r < 0x2FA20; r++ { // all Chinese characters of Unicode
		if to := fold.SimplifiedRune(r); to != r && occurs[to] {
			pairs.WriteRune(r)
			pairs.WriteRune(to)
		}
	}
	return pairs.String()
}

// fitted is the file of d that takes at most limit bytes when packed. What
// readers miss least goes first: the ends of the longest texts, then all
// texts, then the summaries.
func fitted(d searchData, limit int) ([]byte, ExportedSearch, error) {
	r := ExportedSearch{Articles: len(d.Articles)}
	longest := 0
	for _, a := range d.Articles {
		longest = max(longest, utf8.RuneCountInString(a.Text))
	}
	try := func(runes int, summaries bool) ([]byte, error) {
		cut := d
		cut.Articles = slices.Clone(d.Articles)
		r.Cut, r.Runes = 0, 0
		for i := range cut.Articles {
			a := &cut.Articles[i]
			if text := beginningOf(a.Text, runes); text != a.Text {
				a.Text = text
				r.Cut, r.Runes = r.Cut+1, runes
			}
			if !summaries {
				a.Summary = ""
			}
		}
		body, err := cut.script()
		r.Packed = packed(body)
		return body, err
	}
	body, err := try(longest, true)
	if err != nil || r.Packed <= limit {
		return body, r, err
	}
	low, high := 0, longest // low fits, or is the least that can be tried
	for high-low > 1 {
		middle := (low + high) / 2
		if _, err := try(middle, true); err != nil {
			return nil, r, err
		}
		if r.Packed <= limit {
			low = middle
		} else {
			high = middle
		}
	}
	if body, err = try(low, true); err != nil || r.Packed <= limit {
		return body, r, err
	}
	body, err = try(0, false)
	return body, r, err
}

// beginningOf is the lines of text that fit into a number of characters, or as
// much of the first one.
func beginningOf(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	cut := string([]rune(text)[:runes])
	if at := strings.LastIndexByte(cut, '\n'); at > 0 {
		return cut[:at]
	}
	return cut
}

// script is the data as a script: it also loads where a page may not fetch
// files, such as from a disk.
func (d searchData) script() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteString("self.veridesk=")
	e := json.NewEncoder(&buf) // escapes "<", so that no text ends a script
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// packed is how many bytes body takes on its way to a reader.
func packed(body []byte) int {
	var n countingWriter
	z, err := gzip.NewWriterLevel(&n, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is one of the package's
	}
	_, err = z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err) // counting cannot fail
	}
	return int(n)
}

type countingWriter int

var _ io.Writer = (*countingWriter)(nil)

// Write implements io.Writer.
func (n *countingWriter) Write(p []byte) (int, error) {
	*n += countingWriter(len(p))
	return len(p), nil
}
