package helpcenter

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	categoriesFile     = "categories.yaml"
	maxCategoriesBytes = 1 << 20
	// metaCategoriesFile keeps categories.yaml as it was imported, comments
	// included, for an export while it still says the same.
	metaCategoriesFile = "helpcenter.categories_yaml"
)

// categoryEntry is a category of categories.yaml.
type categoryEntry struct {
	store.Category
	redirects []string
}

type yamlCategory struct {
	Slug        string            `yaml:"slug"`
	Entity      string            `yaml:"entity"`
	Region      string            `yaml:"region"`
	Order       int               `yaml:"order"`
	Icon        string            `yaml:"icon"`
	Title       map[string]string `yaml:"title"`
	Description map[string]string `yaml:"description"`
	Redirects   []string          `yaml:"redirects"`
}

func (t *folder) readCategories() {
	if _, err := fs.Stat(t.fs, categoriesFile); errors.Is(err, fs.ErrNotExist) {
		t.problem(categoriesFile, 0, "the file is missing")
		return
	}
	text, ok := t.readText(categoriesFile, maxCategoriesBytes)
	if !ok {
		return
	}
	t.yaml = []byte(text)
	var wrong []complaint
	t.categories, wrong = parseCategories(text)
	for _, c := range wrong {
		t.problem(categoriesFile, c.line, "%s", c.message)
	}
}

// parseCategories reads categories.yaml.
func parseCategories(text string) (out []categoryEntry, wrong []complaint) {
	defer func() {
		if p := recover(); p != nil { // the YAML reader has panicked on hostile input before
			wrong = append(wrong, complaint{1, fmt.Sprintf("the file cannot be read: %v", p)})
		}
	}()
	var nodes []yaml.Node
	if err := yaml.Unmarshal([]byte(text), &nodes); err != nil {
		return nil, yamlComplaints(err)
	}
	seen := map[articleKey]bool{}
	for i := range nodes {
		n := &nodes[i]
		var y yamlCategory
		if err := n.Decode(&y); err != nil {
			wrong = append(wrong, yamlComplaints(err)...)
			continue
		}
		complain := func(format string, args ...any) {
			wrong = append(wrong, complaint{n.Line, fmt.Sprintf(format, args...)})
		}
		for _, key := range unknownKeys(n) {
			complain("%s: unknown key", key)
		}
		k := articleKey{y.Slug, y.Entity, y.Region}
		if seen[k] {
			complain("slug %q stands twice", y.Slug)
		}
		seen[k] = true
		c := categoryEntry{Category: store.Category{
			Slug: y.Slug, Entity: y.Entity, Region: y.Region, Icon: y.Icon, Position: y.Order, Texts: map[string]store.CategoryText{},
		}, redirects: y.Redirects}
		for _, locale := range desk.ReadingLocales {
			if y.Title[locale]+y.Description[locale] != "" {
				c.Texts[locale] = store.CategoryText{Title: y.Title[locale], Description: y.Description[locale]}
			}
		}
		for field, what := range checkCategory(&c.Category) {
			complain("%s", categoryComplaint(&c.Category, field, what))
		}
		for _, slug := range y.Redirects {
			if !slugForm.MatchString(slug) {
				complain("redirects: %q is not of the form some-words", slug)
			}
		}
		out = append(out, c)
	}
	claimed := map[articleKey]bool{}
	for _, c := range out {
		for _, slug := range c.redirects {
			old := articleKey{slug, c.Entity, c.Region}
			if claimed[old] {
				wrong = append(wrong, complaint{1, fmt.Sprintf("redirects: %s stands twice", slug)})
			}
			claimed[old] = true
			if seen[old] {
				wrong = append(wrong, complaint{1, fmt.Sprintf("redirects: %s is the slug of another category", slug)})
			}
		}
	}
	return out, wrong
}

func unknownKeys(n *yaml.Node) []string {
	var out []string
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if !slices.Contains([]string{"slug", "entity", "region", "order", "icon", "title", "description", "redirects"}, n.Content[i].Value) {
			out = append(out, n.Content[i].Value)
		}
	}
	return out
}

func categoryComplaint(c *store.Category, field, what string) string {
	locale, title := strings.CutSuffix(strings.TrimPrefix(field, "texts."), ".title")
	switch {
	case field == "slug":
		return fmt.Sprintf("slug %q is not of the form some-words", c.Slug)
	case field == "position":
		return fmt.Sprintf("order %d: expected a whole number of at most %d", c.Position, maxPosition)
	case field == "icon":
		return fmt.Sprintf("icon %q is unknown; there are %s", c.Icon, strings.Join(Icons, ", "))
	case title && what == "field_required":
		return fmt.Sprintf("category %q has no title in %s", c.Slug, locale)
	case strings.HasPrefix(field, "texts."):
		return fmt.Sprintf("category %q: title (at most %d characters) or description (at most %d) in %s cannot be shown", c.Slug, maxCategoryTitle, maxCategoryDescription, locale)
	}
	return fmt.Sprintf("category %q: %s is not allowed", c.Slug, field)
}

// sameEntries reports whether two lists say the same, whatever the order.
func sameEntries(a, b []categoryEntry) bool {
	index := map[articleKey]categoryEntry{}
	for _, c := range a {
		index[articleKey{c.Slug, c.Entity, c.Region}] = c
	}
	return len(a) == len(b) && !slices.ContainsFunc(b, func(c categoryEntry) bool {
		have, ok := index[articleKey{c.Slug, c.Entity, c.Region}]
		return !ok || !sameCategory(have.Category, c.Category) || !slices.Equal(slices.Sorted(slices.Values(have.redirects)), slices.Sorted(slices.Values(c.redirects)))
	})
}

func sameCategory(have, want store.Category) bool {
	return have.Icon == want.Icon && have.Position == want.Position && maps.Equal(have.Texts, want.Texts)
}

// writeCategories is categories.yaml in its canonical form.
func writeCategories(list []categoryEntry) []byte {
	var b strings.Builder
	b.WriteString("# Categories of the Help Center. A category's slug is the folder of its articles in\n# every locale.\n")
	for _, c := range list {
		b.WriteString("- slug: " + c.Slug + "\n")
		line := func(key, value string) {
			if value != "" {
				b.WriteString("  " + key + ": " + value + "\n")
			}
		}
		if c.Entity != "" {
			line("entity", scalar(c.Entity))
		}
		if c.Region != "" {
			line("region", scalar(c.Region))
		}
		line("order", strconv.Itoa(c.Position))
		line("icon", c.Icon)
		texts := func(key string, of func(store.CategoryText) string) {
			head := "  " + key + ":\n"
			for _, locale := range desk.ReadingLocales {
				if s := of(c.Texts[locale]); s != "" {
					b.WriteString(head + "    " + locale + ": " + scalar(s) + "\n")
					head = ""
				}
			}
		}
		texts("title", func(t store.CategoryText) string { return t.Title })
		texts("description", func(t store.CategoryText) string { return t.Description })
		if len(c.redirects) > 0 {
			line("redirects", flow(c.redirects))
		}
	}
	if len(list) == 0 {
		b.WriteString("[]\n")
	}
	return []byte(b.String())
}
