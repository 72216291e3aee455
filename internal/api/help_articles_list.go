package api

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

type helpListInput struct {
	Locale    string `query:"locale" doc:"look at the texts of this language only"`
	Category  string `query:"category" doc:"slug or id"`
	Status    string `query:"status" enum:"draft,review,scheduled,published,archived"`
	Attention string `query:"attention" enum:"missing,outdated,due,links,drafts"`
	Owner     string `query:"owner" doc:"id of an agent, or none"`
	Entity    string `query:"entity"`
	Region    string `query:"region"`
	Query     string `query:"q" maxLength:"200" doc:"words of the title, the slug or a tag"`
	Cursor    string `query:"cursor" maxLength:"20"`
	Limit     int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type helpList struct {
	Articles []helpArticleSummary `json:"articles" doc:"by category and place"`
	Next     string               `json:"next" doc:"cursor of the next page; empty on the last"`
	Counts   map[string]int       `json:"counts" doc:"articles in each stage and for each kind of attention, whatever status and attention ask for"`
}

// listHelpArticles lists the articles that editors work on.
func (a *API) listHelpArticles(ctx context.Context, in *helpListInput) (*body[helpList], error) {
	from := 0
	if in.Cursor != "" {
		n, err := strconv.Atoi(in.Cursor)
		if err != nil || n < 0 {
			return nil, desk.Field("cursor", "field_invalid")
		}
		from = n
	}
	w, err := a.HelpCenter.Work(ctx)
	if err != nil {
		return nil, err
	}
	out := helpList{Articles: []helpArticleSummary{}, Counts: map[string]int{"all": 0}}
	for _, name := range helpMarks {
		out.Counts[name] = 0
	}
	sortArticles(w)
	var shown []*store.Article
	for i := range w.Articles {
		art := &w.Articles[i]
		if !in.selects(w, art) {
			continue
		}
		out.Counts["all"]++
		marks := marksOf(w, art, in.Locale)
		for name := range marks {
			out.Counts[name]++
		}
		if (in.Status == "" || marks[in.Status]) && (in.Attention == "" || marks[in.Attention]) {
			shown = append(shown, art)
		}
	}
	for i := from; i < min(from+in.Limit, len(shown)); i++ {
		out.Articles = append(out.Articles, summaryFor(w, shown[i]))
	}
	if from+in.Limit < len(shown) {
		out.Next = strconv.Itoa(from + in.Limit)
	}
	return &body[helpList]{out}, nil
}

func sortArticles(w *helpcenter.Work) {
	place := map[desk.ID]int{}
	for i, c := range w.Categories {
		place[c.ID] = i
	}
	slices.SortStableFunc(w.Articles, func(a, b store.Article) int {
		return cmp.Or(cmp.Compare(place[a.CategoryID], place[b.CategoryID]), cmp.Compare(a.Position, b.Position), cmp.Compare(a.Slug, b.Slug),
			cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Region, b.Region))
	})
}

// selects reports whether an article is among those that are asked for, apart
// from stage and attention.
func (in *helpListInput) selects(w *helpcenter.Work, art *store.Article) bool {
	switch {
	case in.Category != "" && in.Category != art.CategoryID.String() && in.Category != w.CategorySlug(art.CategoryID),
		in.Owner == "none" && art.OwnerID != 0,
		in.Owner != "" && in.Owner != "none" && in.Owner != art.OwnerID.String(),
		in.Entity != "" && in.Entity != art.Entity,
		in.Region != "" && in.Region != art.Region:
		return false
	}
	return in.matches(art)
}

func (in *helpListInput) matches(art *store.Article) bool {
	words := strings.Fields(fold.Key(in.Query))
	if len(words) == 0 {
		return true
	}
	text := art.Slug
	for locale, t := range art.Texts {
		if in.Locale == "" || in.Locale == locale {
			text += "\n" + t.Title + "\n" + strings.Join(t.Tags, "\n")
		}
	}
	text = fold.Key(text)
	return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text, word) })
}

// helpMarks are what articles are counted by.
var helpMarks = []string{"draft", "review", "scheduled", "published", "archived", "missing", "outdated", "due", "links", "drafts"}

// marksOf says by what an article is counted, in one language or in any.
func marksOf(w *helpcenter.Work, art *store.Article, locale string) map[string]bool {
	marks := map[string]bool{}
	mark := func(name string, is bool) {
		if is {
			marks[name] = true
		}
	}
	for _, l := range helpcenter.Missing(art) {
		mark("missing", locale == "" || locale == l)
	}
	for l, t := range art.Texts {
		if locale != "" && locale != l {
			continue
		}
		due := helpcenter.DueAt(art, t)
		mark(string(t.Status), true)
		mark("drafts", t.Status == store.Draft || t.Status == store.Review || t.Status == store.Scheduled)
		mark("outdated", helpcenter.Outdated(art, l))
		mark("due", due != 0 && due <= w.Now)
		mark("links", len(notYetWritten(w.Findings(art, l))) > 0)
	}
	return marks
}

// notYetWritten leaves out what a text that is being written lacks anyway.
func notYetWritten(all []helpcenter.Finding) []helpcenter.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f helpcenter.Finding) bool { return f.Kind == helpcenter.FoundEmpty })
}

func summaryFor(w *helpcenter.Work, art *store.Article) helpArticleSummary {
	s := helpArticleSummary{helpArticleHead: headOf(w, art), Texts: map[string]helpTextSummary{}}
	for locale := range art.Texts {
		s.Texts[locale] = helpTextSummary{stateOf(w, art, locale), len(w.Findings(art, locale))}
	}
	return s
}
