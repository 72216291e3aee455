package insight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/store"
)

const (
	listed      = 100 // rows of each list
	defaultDays = 30  // of a report that does not say
	maxDays     = 366 // of any report
)

// Insight makes reports.
type Insight struct{ store *store.Store }

// New returns an Insight on an open store.
func New(s *store.Store) *Insight { return &Insight{s} }

// Span is the days of a report, both included, as YYYY-MM-DD (UTC), and its
// language. "" From is 29 days before To, "" To is today by the store's clock,
// "" Locale is every language.
type Span struct{ From, To, Locale string }

// NothingFound is a query that found nothing.
type NothingFound struct {
	Query    string `json:"query"`
	Locale   string `json:"locale"`
	Searches int64  `json:"searches" doc:"how often it found nothing"`
}

// NotClicked is a query of whose results too few were opened.
type NotClicked struct {
	Query    string `json:"query"`
	Locale   string `json:"locale"`
	Searches int64  `json:"searches" doc:"how often it found something"`
	Clicks   int64  `json:"clicks"`
}

// LedToConversation is a query after which people wrote all the same.
type LedToConversation struct {
	Query         string `json:"query"`
	Locale        string `json:"locale"`
	Searches      int64  `json:"searches"`
	Conversations int64  `json:"conversations"`
}

// Report is what happened in a span. Lists are sorted, most first, and have at
// most 100 rows.
type Report struct {
	From      string                 `json:"from"`
	To        string                 `json:"to"`
	Totals    store.UsageTotals      `json:"totals"`
	Before    store.UsageTotals      `json:"before" doc:"the same for the span of equal length just before"`
	Days      []store.UsageDay       `json:"days" doc:"every day of the span"`
	Articles  []store.ArticleInsight `json:"articles" doc:"most read first"`
	Nothing   []NothingFound         `json:"nothing"`
	Unclicked []NotClicked           `json:"unclicked"`
	Led       []LedToConversation    `json:"led_to_conversation"`
}

// Report reads the report of a span. Errors: Invalid by field for days that are
// none, in the wrong order or more than a year, and for an unknown language.
func (in *Insight) Report(ctx context.Context, s Span) (*Report, error) {
	from, to, err := in.days(s)
	if err != nil {
		return nil, err
	}
	n := int(to.Sub(from).Hours()/24) + 1
	span := store.UsageSpan{From: name(from), To: name(to), Locale: s.Locale}
	before := store.UsageSpan{From: name(from.AddDate(0, 0, -n)), To: name(from.AddDate(0, 0, -1)), Locale: s.Locale}
	r := &Report{From: span.From, To: span.To}
	// One moment of the database: the parts of a report must fit each other.
	err = in.store.Snapshot(ctx, func(q store.Query) error {
		var days map[string]store.UsageDay
		var err error
		if r.Totals, days, err = q.UsageOf(span); err != nil {
			return err
		}
		r.Days = everyDay(from, n, days)
		if r.Before, _, err = q.UsageOf(before); err != nil {
			return err
		}
		if r.Articles, err = q.ArticleInsights(span, listed); err != nil {
			return err
		}
		return r.queries(q, span)
	})
	if err != nil {
		return nil, fmt.Errorf("read the report: %w", err)
	}
	for i := range r.Articles {
		if a := &r.Articles[i]; a.Locale == "zh-TW" {
			a.Title = fold.Traditional(a.Title) // a title of its own is traditional already
		}
	}
	return r, nil
}

func (r *Report) queries(q store.Query, span store.UsageSpan) error {
	found, err := q.TopQueries(span, listed)
	if err != nil {
		return err
	}
	r.Nothing, r.Unclicked, r.Led = []NothingFound{}, []NotClicked{}, []LedToConversation{}
	for _, i := range found.FoundNothing {
		r.Nothing = append(r.Nothing, NothingFound{i.Query, i.Locale, i.Nothing})
	}
	for _, i := range found.Unclicked {
		r.Unclicked = append(r.Unclicked, NotClicked{i.Query, i.Locale, i.Searches - i.Nothing, i.Clicks})
	}
	for _, i := range found.LedToConversation {
		r.Led = append(r.Led, LedToConversation{i.Query, i.Locale, i.Searches, i.Conversations})
	}
	return nil
}

// days reads the span's days.
func (in *Insight) days(s Span) (from, to time.Time, err error) {
	if s.Locale != "" && !slices.Contains(desk.ReadingLocales, s.Locale) {
		return from, to, desk.Field("locale", "field_choice")
	}
	to = in.store.Now().UTC().Truncate(24 * time.Hour)
	if s.To != "" {
		if to, err = time.Parse(time.DateOnly, s.To); err != nil {
			return from, to, desk.Field("to", "field_invalid")
		}
	}
	from = to.AddDate(0, 0, 1-defaultDays)
	if s.From != "" {
		if from, err = time.Parse(time.DateOnly, s.From); err != nil {
			return from, to, desk.Field("from", "field_invalid")
		}
	}
	if from.After(to) || from.AddDate(0, 0, maxDays).Before(to.AddDate(0, 0, 1)) {
		return from, to, desk.Field("from", "insight_span")
	}
	return from, to, nil
}

func everyDay(from time.Time, n int, days map[string]store.UsageDay) []store.UsageDay {
	out := make([]store.UsageDay, n)
	for i := range out {
		day := name(from.AddDate(0, 0, i))
		out[i] = days[day]
		out[i].Day = day
	}
	return out
}

func name(day time.Time) string { return day.Format(time.DateOnly) }
