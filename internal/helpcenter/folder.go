package helpcenter

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/blob"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// maxMatterBytes is how long front matter may be.
const maxMatterBytes = 16 << 10

// Problem is one thing wrong with a file of a content folder.
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

// folder is a content folder as read, before anything is stored.
type folder struct {
	fs         fs.FS
	categories []categoryEntry
	yaml       []byte // categories.yaml as it is
	articles   []*sourceArticle
	byKey      map[articleKey]*sourceArticle
	spelled    map[articleKey]articleKey // in small letters → as it was first written
	pictures   map[string]picture        // path → picture, without its bytes
	problems   []Problem
	warnings   []Problem
}

type articleKey struct{ slug, entity, region string }

// sourceArticle is an article of the folder in every language.
type sourceArticle struct {
	articleKey
	category string
	texts    map[string]*sourceText // by locale
	drafts   map[string]*sourceText // newer drafts of what is up
}

// sourceText is one file.
type sourceText struct {
	file     string
	matter   string
	body     string
	bodyLine int
	frontMatter
	*examination
}

func (t *folder) problem(file string, line int, format string, args ...any) {
	t.problems = append(t.problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

func (t *folder) warn(file string, line int, format string, args ...any) {
	t.warnings = append(t.warnings, Problem{file, line, fmt.Sprintf(format, args...)})
}

// readFolder reads categories.yaml, articles and pictures. It goes on after what
// is wrong, so that all of it is told at once. known names the pictures that need
// not be decoded again.
func readFolder(ctx context.Context, fsys fs.FS, known map[string]store.Media) (*folder, error) {
	t := &folder{fs: fsys, byKey: map[articleKey]*sourceArticle{}, spelled: map[articleKey]articleKey{}, pictures: map[string]picture{}}
	t.readCategories()
	for _, part := range []struct {
		root string
		read func(name string)
		need bool
	}{
		{"articles", t.readArticle, true},
		{"images", func(name string) { t.readImage(ctx, name, known) }, false},
		{"media", func(name string) { t.readImage(ctx, name, known) }, false},
	} {
		if err := t.walk(ctx, part.root, part.need, part.read); err != nil {
			return nil, err
		}
	}
	t.checkArticles()
	return t, ctx.Err()
}

// walk calls read for every regular file below root, and notes what is none.
func (t *folder) walk(ctx context.Context, root string, need bool, read func(name string)) error {
	return fs.WalkDir(t.fs, root, func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == root:
			if need {
				t.problem(root, 0, "there is no such folder")
			}
			return nil
		case err != nil:
			t.problem(name, 0, "cannot be read: %s", reasonOf(err))
			if d != nil && d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if strings.HasSuffix(d.Name(), ".md") {
				t.problem(name, 0, "is a folder; expected a file")
				return fs.SkipDir
			}
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			t.problem(name, 0, "is a symbolic link; put the file itself here")
			return nil
		case !d.Type().IsRegular():
			t.problem(name, 0, "is neither a file nor a folder")
			return nil
		}
		read(name)
		return nil
	})
}

// reasonOf is an error of the file system without the path, which is told
// already.
func reasonOf(err error) string {
	if pe := new(fs.PathError); errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// readFile reads a file of at most limit bytes, or notes why not.
func (t *folder) readFile(name string, limit int64) ([]byte, bool) {
	info, err := fs.Stat(t.fs, name)
	switch {
	case err != nil: // told below
	case info.IsDir():
		t.problem(name, 0, "is a folder; expected a file")
		return nil, false
	case !info.Mode().IsRegular(): // opening a pipe would wait for ever
		t.problem(name, 0, "is neither a file nor a folder")
		return nil, false
	case info.Size() > limit:
		t.problem(name, 0, "has %d KiB; at most %d KiB are read", info.Size()>>10, limit>>10)
		return nil, false
	}
	var data []byte
	if err == nil {
		data, err = fs.ReadFile(t.fs, name)
	}
	if err != nil {
		t.problem(name, 0, "cannot be read: %s", reasonOf(err))
		return nil, false
	}
	return data, true
}

// readText is readFile for text: UTF-8 without NUL.
func (t *folder) readText(name string, limit int64) (string, bool) {
	data, ok := t.readFile(name, limit)
	if !ok {
		return "", false
	}
	line := 1
	for rest := data; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1:
			t.problem(name, line, "is not UTF-8 text")
			return "", false
		case r == 0:
			t.problem(name, line, "has a NUL byte; it is not text")
			return "", false
		case r == '\n':
			line++
		}
		rest = rest[n:]
	}
	return string(data), true
}

// parsePath takes an article's path apart: articles/<locale>/<category>/ and
// <slug>[@<entity>[.<region>]][.draft].md.
func parsePath(name string) (locale, category string, key articleKey, draft bool, wrong string) {
	parts := strings.Split(name, "/")
	base, md := strings.CutSuffix(path.Base(name), ".md")
	switch {
	case len(parts) != 4 || !md:
		return "", "", key, false, "expected articles/<locale>/<category>/<slug>.md"
	case !slices.Contains(desk.ReadingLocales, parts[1]):
		return "", "", key, false, fmt.Sprintf("%q is not a locale; there are %s", parts[1], strings.Join(desk.ReadingLocales, ", "))
	}
	base, draft = strings.CutSuffix(base, ".draft")
	slug, scope, _ := strings.Cut(base, "@")
	entity, region, _ := strings.Cut(scope, ".")
	key = articleKey{slug, entity, region}
	if !slugForm.MatchString(slug) || len(slug) > maxSlugBytes || !scopeForm.MatchString(entity) || !scopeForm.MatchString(region) ||
		key.fileName(draft) != path.Base(name) {
		return "", "", key, false, "the file's name is not of the form some-words.md, some-words@entity.md or some-words@entity.region.md"
	}
	return parts[1], parts[2], key, draft, ""
}

// fileName is the name of an article's file.
func (k articleKey) fileName(draft bool) string {
	name := k.slug
	if k.entity != "" || k.region != "" {
		name += "@" + k.entity
	}
	if k.region != "" {
		name += "." + k.region
	}
	if draft {
		name += ".draft"
	}
	return name + ".md"
}

func (t *folder) readArticle(name string) {
	locale, category, key, draft, wrong := parsePath(name)
	if wrong != "" {
		t.problem(name, 0, "%s", wrong)
		return
	}
	if !slices.ContainsFunc(t.categories, func(c categoryEntry) bool { return c.Slug == category }) {
		t.problem(name, 0, "category %q is not in categories.yaml", category)
	}
	text, ok := t.readText(name, maxBodyBytes+maxMatterBytes)
	if !ok {
		return
	}
	s := &sourceText{file: name}
	if s.matter, s.body, s.bodyLine, ok = splitFile(text); !ok {
		t.problem(name, 1, "front matter is missing: the file begins with a line ---, then keys, then another ---")
		return
	}
	if len(s.matter) > maxMatterBytes || len(s.body) > maxBodyBytes {
		t.problem(name, 0, "front matter of at most %d KiB and a text of at most %d KiB are read", maxMatterBytes>>10, maxBodyBytes>>10)
		return
	}
	var complaints []complaint
	s.frontMatter, complaints = readMatter(s.matter, draft)
	for _, c := range complaints {
		t.problem(name, c.line, "%s", c.message)
	}
	s.examination = examine(s.body, category)
	if a := t.articleFor(name, key, category); a != nil {
		into := a.texts
		if draft {
			into = a.drafts
		}
		into[locale] = s
	}
}

func (t *folder) articleFor(name string, key articleKey, category string) *sourceArticle {
	a := t.byKey[key]
	switch {
	case a == nil:
		a = &sourceArticle{articleKey: key, category: category, texts: map[string]*sourceText{}, drafts: map[string]*sourceText{}}
		small := articleKey{key.slug, strings.ToLower(key.entity), strings.ToLower(key.region)}
		if other, taken := t.spelled[small]; taken {
			t.problem(name, 0, "differs from %s in capitals only", other.fileName(false))
		} else {
			t.spelled[small] = key
		}
		t.byKey[key] = a
		t.articles = append(t.articles, a)
	case a.category != category:
		t.problem(name, 0, "slug %q is taken by %s; a slug stands once, whatever the category", key.slug, a.first().file)
		return nil
	}
	return a
}

// all are the files of an article, in a fixed order.
func (a *sourceArticle) all() []*sourceText {
	var out []*sourceText
	for _, l := range desk.ReadingLocales {
		for _, s := range []*sourceText{a.texts[l], a.drafts[l]} {
			if s != nil {
				out = append(out, s)
			}
		}
	}
	return out
}

func (a *sourceArticle) first() *sourceText {
	if all := a.all(); len(all) > 0 {
		return all[0]
	}
	return &sourceText{}
}

func (t *folder) readImage(ctx context.Context, name string, known map[string]store.Media) {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp":
	default:
		t.problem(name, 0, "is not a picture that can be shown: PNG, JPEG, GIF or WebP")
		return
	}
	data, ok := t.readFile(name, MaxPictureBytes)
	if !ok {
		return
	}
	p, err := pictureIn(ctx, data, known)
	switch {
	case errors.Is(err, blob.ErrImageTooLarge):
		t.problem(name, 0, "has too many pixels; at most %d million are shown", blob.MaxImagePixels/1_000_000)
	case errors.Is(err, blob.ErrAnimated):
		t.problem(name, 0, "is animated")
	case err != nil:
		t.problem(name, 0, "cannot be decoded as a picture")
	case strings.HasPrefix(name, "media/") && name != blobKey(p.Name):
		t.problem(name, 0, "is not the picture of that name; pictures of your own belong into images/")
	default:
		p.data = nil // read again when it is stored: a folder may hold many
		t.pictures[name] = p
	}
}

// pictureIn is readPicture, but for pictures that are known already.
func pictureIn(ctx context.Context, data []byte, known map[string]store.Media) (picture, error) {
	if mime := onlyPixels(data); mime != "" {
		p := pictureOf(data, mime, 0, 0)
		if m, ok := known[p.Name]; ok {
			p.Media = m
			return p, nil
		}
	}
	return readPicture(ctx, data)
}
