package site

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/veridesk/veridesk/internal/desk"
)

// read returns a file that was added.
func (f *exportFolder) read(name string) ([]byte, error) {
	body, err := os.ReadFile(filepath.Join(f.temp, filepath.FromSlash(name)))
	if err != nil {
		return nil, fmt.Errorf("read %s again: %w", name, err)
	}
	return body, nil
}

// names are all files that were added, in order.
func (f *exportFolder) names() ([]string, error) {
	var out []string
	err := fs.WalkDir(os.DirFS(f.temp), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, name)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the export again: %w", err)
	}
	slices.Sort(out)
	return out, nil
}

// reference is a link in a written file.
type reference struct{ from, to string }

// checking is a walk through what was written, as a browser would.
type checking struct {
	anchors map[string]map[string]bool // of each page: its ids
	files   map[string]bool
	links   []reference
	wrong   []string
}

// mostComplaints is how many broken links are named at once.
const mostComplaints = 30

// check reads everything that was written and follows every link.
func (w *exporter) check() error {
	names, err := w.folder.names()
	if err != nil {
		return err
	}
	c := &checking{anchors: map[string]map[string]bool{}, files: map[string]bool{}}
	for _, name := range names {
		c.files[name] = true
		body, err := w.folder.read(name)
		if err != nil {
			return err
		}
		switch path.Ext(name) {
		case ".html":
			if err := c.page(name, body); err != nil {
				return err
			}
		case ".css":
			for _, m := range styleURL.FindAllSubmatch(body, -1) {
				c.links = append(c.links, reference{name, string(m[1])})
			}
		}
	}
	root := ""
	if u, err := url.Parse(w.o.Base); err == nil && w.o.Base != "" {
		root = strings.TrimSuffix(u.Path, "/") + "/"
	}
	for _, l := range c.links {
		if problem := c.follow(l, root); problem != "" {
			c.wrong = append(c.wrong, fmt.Sprintf("%s: %q %s", l.from, l.to, problem))
		} else if c.misses(l) { // the page opens, at its beginning
			w.note("%s: %q leads to a heading that the page does not have.", l.from, l.to)
		}
	}
	if len(c.wrong) == 0 {
		return nil
	}
	n := len(c.wrong)
	c.wrong = c.wrong[:min(n, mostComplaints)]
	return desk.Errorf(desk.Internal, "the export was not kept, because of what is wrong in it (%d):\n  %s", n, strings.Join(c.wrong, "\n  "))
}

var styleURL = regexp.MustCompile(`url\(["']?([^"')]+)["']?\)`)

// page notes what a page links to, and refuses what its policy would.
func (c *checking) page(name string, body []byte) error {
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("read %s again: %w", name, err)
	}
	ids := map[string]bool{}
	c.anchors[name] = ids
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "id":
				ids[a.Val] = true
			case "href", "src", "action", "poster", "data", "srcset", "formaction":
				if get(n, "rel") != "canonical" && (n.DataAtom != atom.Link || get(n, "hreflang") == "") {
					c.links = append(c.links, reference{name, a.Val})
				}
			}
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				c.wrong = append(c.wrong, fmt.Sprintf("%s: an attribute %s, which the policy forbids", name, a.Key))
			}
		}
		inline := n.DataAtom == atom.Style || (n.DataAtom == atom.Script && get(n, "src") == "" && get(n, "type") != "application/ld+json")
		if inline {
			c.wrong = append(c.wrong, fmt.Sprintf("%s: an inline %s, which the policy forbids", name, n.Data))
		}
	}
	return nil
}

// follow says what is wrong with a link, "" for nothing. root is where the
// folder lies, when that is known.
func (c *checking) follow(l reference, root string) string {
	u, err := url.Parse(l.to)
	if err != nil {
		return "is no address"
	}
	if slices.Contains([]string{"https", "http", "mailto", "tel"}, u.Scheme) {
		return ""
	}
	if u.Scheme != "" || u.Host != "" {
		return "leads to an unknown place"
	}
	file := l.from
	switch {
	case u.Path == "":
	case strings.HasPrefix(u.Path, "/"):
		rest, ok := strings.CutPrefix(u.Path, root)
		if root == "" || !ok || l.from != "404.html" {
			return "leads out of the folder"
		}
		file = rest
	default:
		file = path.Join(path.Dir(l.from), u.Path)
	}
	if !c.files[file] {
		return "leads nowhere"
	}
	return ""
}

// misses reports whether a link names a place that its page does not have.
func (c *checking) misses(l reference) bool {
	u, err := url.Parse(l.to)
	if err != nil || u.Fragment == "" || u.Scheme != "" {
		return false
	}
	file := l.from
	if u.Path != "" {
		file = path.Join(path.Dir(l.from), u.Path)
	}
	ids, page := c.anchors[file]
	return page && !ids[u.Fragment]
}
