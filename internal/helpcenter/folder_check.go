package helpcenter

import (
	"maps"
	"slices"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// checkArticles looks at the files of each article together.
func (t *folder) checkArticles() {
	claimed := map[articleKey]*sourceText{} // by whom an old slug is named
	for _, a := range t.articles {
		first := a.first()
		for _, s := range a.all() {
			switch {
			case s.order != first.order || !slices.Equal(s.scenarios, first.scenarios):
				t.problem(s.file, 2, "order and scenarios differ from %s; they belong to the article, not to its translation", first.file)
			case !agree(s, a.all()):
				t.problem(s.file, 2, "owner, review_days, source_locale or redirects differ from another language; they belong to the article")
			}
		}
		for locale, s := range a.drafts {
			if main := a.texts[locale]; main == nil || main.status != store.Published {
				t.problem(s.file, 0, "is a draft beside nothing that is published; call it %s and say status: draft", a.fileName(false))
			}
		}
		for _, slug := range a.redirects() {
			if t.byKey[articleKey{slug, a.entity, a.region}] != nil {
				t.problem(first.file, 2, "redirects: %s is the slug of another article", slug)
			}
			old := articleKey{slug, a.entity, a.region}
			if other := claimed[old]; other != nil && other != first {
				t.problem(first.file, 2, "redirects: %s leads to %s already", slug, other.file)
			}
			claimed[old] = first
		}
		for _, s := range a.all() {
			t.checkBody(s)
		}
	}
	t.checkTranslations()
}

// agree reports whether what s says of the article is what the others say.
func agree(s *sourceText, all []*sourceText) bool {
	return !slices.ContainsFunc(all, func(o *sourceText) bool {
		return differ(s.owner, o.owner) || differ(s.review, o.review) || differ(s.source, o.source) ||
			s.frontMatter.redirects != nil && o.frontMatter.redirects != nil && !slices.Equal(*s.frontMatter.redirects, *o.frontMatter.redirects)
	})
}

func differ[T comparable](a, b *T) bool { return a != nil && b != nil && *a != *b }

func (a *sourceArticle) redirects() []string {
	for _, s := range a.all() {
		if s.frontMatter.redirects != nil {
			return *s.frontMatter.redirects
		}
	}
	return nil
}

// checkBody notes what a text may not hold. What only an editor will see is
// worth no more than a warning.
func (t *folder) checkBody(s *sourceText) {
	note := t.problem
	if s.status != store.Published {
		note = t.warn
	}
	at := func(line int) int { return s.bodyLine + line - 1 }
	if strings.TrimSpace(s.body) == "" {
		note(s.file, s.bodyLine, "the article has no text")
	}
	for _, line := range s.headings {
		note(s.file, at(line), "headings begin at ##: the title is the page's only #")
	}
	for _, line := range s.html {
		note(s.file, at(line), "HTML is not shown; write Markdown")
	}
	for _, r := range s.links {
		if r.article == nil && !outward(r.dest) {
			note(s.file, at(r.line), "link to %q: allowed are ../<category>/<slug>.md, #heading, https: and mailto:", r.dest)
		}
	}
	for _, r := range s.pictures {
		if r.noAlt {
			note(s.file, at(r.line), "the picture has no words for those who cannot see it: write ![what it shows](…)")
		}
		if picturePath(r.dest) == "" && pictureName(r.dest) == "" {
			note(s.file, at(r.line), "images are not shown from %q; put the picture into images/ beside articles/ and write ../../../images/…", r.dest)
		}
	}
}

// checkTargets looks where links and pictures lead, in the folder and in what is
// stored already.
func (t *folder) checkTargets(stored *terrain) {
	inFolder := map[string]*sourceArticle{}
	for _, a := range t.articles {
		if have := inFolder[a.slug]; have == nil || a.entity+a.region == "" {
			inFolder[a.slug] = a
		}
	}
	moved := map[string]bool{}
	for _, a := range t.articles {
		for _, slug := range a.redirects() {
			moved[slug] = true
		}
	}
	for _, a := range t.articles {
		for _, l := range desk.ReadingLocales {
			for _, s := range []*sourceText{a.texts[l], a.drafts[l]} {
				if s != nil {
					t.checkLinks(s, l, inFolder, moved, stored)
					t.checkPictures(s, stored)
				}
			}
		}
	}
}

func (t *folder) checkLinks(s *sourceText, locale string, inFolder map[string]*sourceArticle, moved map[string]bool, stored *terrain) {
	note := t.problem
	if s.status != store.Published {
		note = t.warn
	}
	for _, r := range s.links {
		line := s.bodyLine + r.line - 1
		if r.article == nil {
			if stored.judge != nil && outward(r.dest) && !strings.HasPrefix(r.dest, "#") {
				switch stored.judge(r.dest) {
				case LinkFake:
					note(s.file, line, "link to %s: the registry knows it as an impostor's", r.dest)
				case LinkUnknown:
					t.warn(s.file, line, "link to %s: it is not in the registry of official contacts", r.dest)
				}
			}
			continue
		}
		to := inFolder[r.article.slug]
		switch {
		case to == nil && (moved[r.article.slug] || stored.articles[r.article.slug] != nil):
		case to == nil:
			note(s.file, line, "link to %s/%s.md: there is no such article", r.article.category, r.article.slug)
		case to.category != r.article.category:
			t.warn(s.file, line, "link to %s/%s.md: the article is in %s", r.article.category, r.article.slug, to.category)
		case to.texts[locale] == nil && to.texts[derivedFrom[locale]] == nil:
			t.warn(s.file, line, "link to %s/%s.md, which is not written in %s yet", r.article.category, r.article.slug, locale)
		}
	}
}

func (t *folder) checkPictures(s *sourceText, stored *terrain) {
	note := t.problem
	if s.status != store.Published {
		note = t.warn
	}
	for _, r := range s.pictures {
		line := s.bodyLine + r.line - 1
		if path := picturePath(r.dest); path != "" {
			_, here := t.pictures[path]
			if _, have := stored.paths[path]; !here && !have && !t.broken(path) {
				note(s.file, line, "picture %s: there is no such file", path)
			}
		} else if name := pictureName(r.dest); name != "" {
			_, here := t.pictures[blobKey(name)]
			if _, have := stored.pictures[name]; !here && !have && !t.broken(blobKey(name)) {
				note(s.file, line, "picture %s: there is no such file in media/", name)
			}
		}
	}
}

// broken reports whether a picture is there but something is wrong with it:
// that is told once.
func (t *folder) broken(path string) bool {
	return slices.ContainsFunc(t.problems, func(p Problem) bool { return p.File == path })
}

func (t *folder) checkTranslations() {
	written := map[string]bool{}
	for _, a := range t.articles {
		for locale := range a.texts {
			written[locale] = true
		}
	}
	for _, locale := range desk.Locales {
		if !written[locale] && len(written) > 0 {
			t.warn("articles/"+locale, 0, "nothing is written in %s", locale)
		}
	}
	for _, a := range t.articles {
		for _, locale := range desk.Locales {
			if written[locale] && a.texts[locale] == nil {
				t.warn(a.first().file, 0, "is not translated into %s", locale)
			}
		}
	}
}

// sortProblems puts problems in the order of files and lines, each once.
func sortProblems(list []Problem) []Problem {
	slices.SortStableFunc(list, func(a, b Problem) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		return a.Line - b.Line
	})
	return slices.Compact(list)
}

// picturePaths lists the folder's pictures, in order.
func (t *folder) picturePaths() []string { return slices.Sorted(maps.Keys(t.pictures)) }
