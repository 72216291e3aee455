package store

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// UsageSpan is the days (UTC, YYYY-MM-DD, both included) and the language that a
// report is about; "" is every language.
type UsageSpan struct {
	From   string
	To     string
	Locale string
}

// where gives the condition on the daily tables, with its values.
func (s UsageSpan) where() (string, []any) {
	args := []any{s.From, s.To}
	where := ` WHERE day >= $1 AND day <= $2`
	if s.Locale != "" {
		args = append(args, s.Locale)
		where += ` AND locale = $3`
	}
	return where, args
}

// UsageTotals are sums over a span.
type UsageTotals struct {
	Views         int64 `json:"views"`
	Helpful       int64 `json:"helpful"`
	Unhelpful     int64 `json:"unhelpful"`
	Searches      int64 `json:"searches"`
	Nothing       int64 `json:"nothing" doc:"searches that found nothing"`
	Unclicked     int64 `json:"unclicked" doc:"searches that found something of which nothing was opened"`
	Conversations int64 `json:"conversations" doc:"begun although an article was read or something searched before"`
}

// UsageDay is one day of a report.
type UsageDay struct {
	Day           string `json:"day" doc:"YYYY-MM-DD, UTC"`
	Views         int64  `json:"views"`
	Searches      int64  `json:"searches"`
	Nothing       int64  `json:"nothing"`
	Conversations int64  `json:"conversations"`
}

// UsageOf returns the sums of a span and of each of its days that has any.
func (q Query) UsageOf(s UsageSpan) (UsageTotals, map[string]UsageDay, error) {
	var t UsageTotals
	days := map[string]UsageDay{}
	where, args := s.where()
	type line struct {
		day     string
		a, b, c int64
	}
	read := func(r scanner) (l line, err error) {
		err = r.Scan(&l.day, &l.a, &l.b, &l.c)
		return l, err
	}
	for l, err := range each(q, read, `SELECT day, SUM(views), SUM(helpful), SUM(unhelpful) FROM article_daily`+where+` GROUP BY day`, args...) {
		if err != nil {
			return t, nil, err
		}
		t.Views, t.Helpful, t.Unhelpful = t.Views+l.a, t.Helpful+l.b, t.Unhelpful+l.c
		d := days[l.day]
		d.Views = l.a
		days[l.day] = d
	}
	for l, err := range each(q, read, `SELECT day, SUM(searches), SUM(fruitless), SUM(CASE WHEN searches - fruitless > clicks THEN searches - fruitless - clicks ELSE 0 END)
		FROM search_daily`+where+` GROUP BY day`, args...) {
		if err != nil {
			return t, nil, err
		}
		t.Searches, t.Nothing, t.Unclicked = t.Searches+l.a, t.Nothing+l.b, t.Unclicked+l.c
		d := days[l.day]
		d.Searches, d.Nothing = l.a, l.b
		days[l.day] = d
	}
	return t, days, q.conversationsByDay(s, &t, days)
}

const microsADay = int64(24*time.Hour) / int64(time.Microsecond)

// conversationsByDay counts conversations themselves, not their articles and
// queries: one that came from both is one.
func (q Query) conversationsByDay(s UsageSpan, t *UsageTotals, days map[string]UsageDay) error {
	from, err := time.Parse(time.DateOnly, s.From)
	if err != nil {
		return desk.Field("from", "field_invalid")
	}
	to, err := time.Parse(time.DateOnly, s.To)
	if err != nil {
		return desk.Field("to", "field_invalid")
	}
	args := []any{from.UnixMicro(), to.AddDate(0, 0, 1).UnixMicro(), microsADay}
	where := ` WHERE created_at >= $1 AND created_at < $2 AND (article_id <> 0 OR query <> '')`
	if s.Locale != "" {
		args = append(args, s.Locale)
		where += ` AND locale = $4`
	}
	type line struct{ day, n int64 }
	for l, err := range each(q, func(r scanner) (l line, err error) {
		err = r.Scan(&l.day, &l.n)
		return l, err
	}, `SELECT created_at / $3 AS day, COUNT(*) FROM conversation_origin`+where+` GROUP BY 1`, args...) {
		if err != nil {
			return err
		}
		t.Conversations += l.n
		day := time.UnixMicro(l.day * microsADay).UTC().Format(time.DateOnly)
		d := days[day]
		d.Conversations = l.n
		days[day] = d
	}
	return nil
}

// ArticleInsight is what readers did with an article in a language.
type ArticleInsight struct {
	ID            desk.ID `json:"id"`
	Slug          string  `json:"slug"`
	Category      string  `json:"category" doc:"slug of the category it is in now"`
	Locale        string  `json:"locale"`
	Title         string  `json:"title"`
	Views         int64   `json:"views"`
	Helpful       int64   `json:"helpful"`
	Unhelpful     int64   `json:"unhelpful"`
	Conversations int64   `json:"conversations" doc:"begun after reading it"`
}

// ArticleInsights lists the articles of a span that were read most, up to limit.
func (q Query) ArticleInsights(s UsageSpan, limit int) ([]ArticleInsight, error) {
	where, args := s.where()
	args = append(args, limit)
	return collect(q, func(r scanner) (a ArticleInsight, err error) {
		err = r.Scan(&a.ID, &a.Slug, &a.Category, &a.Locale, &a.Title, &a.Views, &a.Helpful, &a.Unhelpful, &a.Conversations)
		return a, err
	}, `SELECT t.article_id, article.slug, category.slug, t.locale, `+titleFor("t")+`, t.views, t.helpful, t.unhelpful, t.conversations
		FROM (SELECT article_id, locale, SUM(views) AS views, SUM(helpful) AS helpful, SUM(unhelpful) AS unhelpful, SUM(conversations) AS conversations
			FROM article_daily`+where+` GROUP BY article_id, locale
			ORDER BY 3 DESC, 6 DESC, article_id, locale LIMIT $`+strconv.Itoa(len(args))+`) AS t
		JOIN article ON article.id = t.article_id JOIN category ON category.id = article.category_id
		ORDER BY t.views DESC, t.conversations DESC, t.article_id, t.locale`, args...)
}

// QueryInsight is what became of a query in a language.
type QueryInsight struct {
	Query         string
	Locale        string
	Searches      int64
	Nothing       int64
	Clicks        int64
	Conversations int64
}

// TopQueries are the queries of a span that editors should look at, most first.
type TopQueries struct {
	FoundNothing      []QueryInsight // without a result
	Unclicked         []QueryInsight // with results that nobody opened
	LedToConversation []QueryInsight // asked of a person afterwards
}

// TopQueries lists the queries of a span, up to limit in each list. The table is
// walked once: a year has hundreds of thousands of rows.
func (q Query) TopQueries(s UsageSpan, limit int) (TopQueries, error) {
	nothing, unclicked, led := newTop(limit), newTop(limit), newTop(limit)
	where, args := s.where()
	for i, err := range each(q, func(r scanner) (i QueryInsight, err error) {
		err = r.Scan(&i.Query, &i.Locale, &i.Searches, &i.Nothing, &i.Clicks, &i.Conversations)
		return i, err
	}, `SELECT query, locale, SUM(searches), SUM(fruitless), SUM(clicks), SUM(conversations) FROM search_daily`+where+` AND query <> ''
		GROUP BY query, locale`, args...) {
		if err != nil {
			return TopQueries{}, err
		}
		nothing.offer(i, i.Nothing)
		unclicked.offer(i, i.Searches-i.Nothing-i.Clicks)
		led.offer(i, i.Conversations)
	}
	return TopQueries{nothing.sorted(), unclicked.sorted(), led.sorted()}, nil
}

// top keeps the queries with the highest counts.
type top struct {
	limit int
	list  []counted
}

type counted struct {
	QueryInsight
	n int64
}

func newTop(limit int) *top { return &top{limit: limit} }

// offer takes a query whose count is above zero.
func (t *top) offer(i QueryInsight, n int64) {
	if n <= 0 {
		return
	}
	t.list = append(t.list, counted{i, n})
	if len(t.list) >= 4*t.limit+16 { // now and then, not for each one
		t.cut()
	}
}

func (t *top) cut() {
	slices.SortFunc(t.list, func(a, b counted) int {
		return cmp.Or(cmp.Compare(b.n, a.n), cmp.Compare(a.Query, b.Query), cmp.Compare(a.Locale, b.Locale))
	})
	t.list = t.list[:min(len(t.list), t.limit)]
}

func (t *top) sorted() []QueryInsight {
	t.cut()
	out := make([]QueryInsight, len(t.list))
	for i, c := range t.list {
		out[i] = c.QueryInsight
	}
	return out
}
