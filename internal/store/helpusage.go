package store

import (
	"cmp"
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

const (
	// maxQueriesADay bounds the different queries that a day keeps: a flood of
	// random ones must not fill the disk. The rest is counted under "".
	maxQueriesADay = 10_000
	// usageDays is how long counts are kept: two years to look at, each with the
	// year before it.
	usageDays = 3 * 366
)

// ArticleUsage is what is to be added to the counts of an article in a language
// on a day (UTC, YYYY-MM-DD).
type ArticleUsage struct {
	Day       string
	ArticleID desk.ID
	Locale    string
	Views     int64
}

// SearchUsage is what is to be added to the counts of a query in a language on a
// day. Query "" stands for all that are not told apart.
type SearchUsage struct {
	Day      string
	Locale   string
	Query    string
	Searches int64
	Nothing  int64 // searches that found nothing
	Clicks   int64 // results that were opened
}

func dayOf(m desk.Micros) string { return m.Time().Format(time.DateOnly) }

// AddArticleUsage adds to the daily counts. What belongs to a deleted article is
// dropped.
func (tx *Tx) AddArticleUsage(list []ArticleUsage) error {
	// Always in the same order: nodes that write at once wait for each other
	// instead of for ever.
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b ArticleUsage) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.ArticleID, b.ArticleID), cmp.Compare(a.Locale, b.Locale))
	})
	for _, u := range list {
		if err := tx.countArticle(u.Day, u.ArticleID, u.Locale, u.Views, 0, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) countArticle(day string, article desk.ID, locale string, views, helpful, unhelpful, conversations int64) error {
	_, err := tx.exec(`INSERT INTO article_daily (day, article_id, locale, views, helpful, unhelpful, conversations)
		SELECT $1, id, $2, $3, $4, $5, $6 FROM article WHERE id = $7
		ON CONFLICT (day, article_id, locale) DO UPDATE SET views = article_daily.views + excluded.views,
			helpful = article_daily.helpful + excluded.helpful, unhelpful = article_daily.unhelpful + excluded.unhelpful,
			conversations = article_daily.conversations + excluded.conversations`,
		day, locale, views, helpful, unhelpful, conversations, article)
	return err
}

// AddSearchUsage adds to the daily counts. When a day has as many different
// queries as it may, new ones count under "".
func (tx *Tx) AddSearchUsage(list []SearchUsage) error {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b SearchUsage) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Locale, b.Locale), cmp.Compare(a.Query, b.Query))
	})
	rest := map[SearchUsage]SearchUsage{} // by day and locale
	room := map[string]int64{}
	for _, u := range list {
		n, known := room[u.Day]
		if !known {
			if err := tx.row(`SELECT COUNT(*) FROM search_daily WHERE day = $1`, u.Day).scan(&n); err != nil {
				return err
			}
			n = maxQueriesADay - n
		}
		if n <= 0 && u.Query != "" {
			room[u.Day] = n
			found, err := tx.addToSearch(u)
			if err != nil {
				return err
			}
			if !found {
				k := SearchUsage{Day: u.Day, Locale: u.Locale}
				r := rest[k]
				r.Searches, r.Nothing, r.Clicks = r.Searches+u.Searches, r.Nothing+u.Nothing, r.Clicks+u.Clicks
				rest[k] = r
			}
			continue
		}
		room[u.Day] = n - 1
		if err := tx.countSearch(u, 0); err != nil {
			return err
		}
	}
	for k, r := range rest {
		r.Day, r.Locale = k.Day, k.Locale
		if err := tx.countSearch(r, 0); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) addToSearch(u SearchUsage) (found bool, err error) {
	n, err := tx.exec(`UPDATE search_daily SET searches = searches + $1, fruitless = fruitless + $2, clicks = clicks + $3
		WHERE day = $4 AND locale = $5 AND query = $6`, u.Searches, u.Nothing, u.Clicks, u.Day, u.Locale, u.Query)
	return n > 0, err
}

func (tx *Tx) countSearch(u SearchUsage, conversations int64) error {
	_, err := tx.exec(`INSERT INTO search_daily (day, locale, query, searches, fruitless, clicks, conversations) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (day, locale, query) DO UPDATE SET searches = search_daily.searches + excluded.searches,
			fruitless = search_daily.fruitless + excluded.fruitless, clicks = search_daily.clicks + excluded.clicks,
			conversations = search_daily.conversations + excluded.conversations`,
		u.Day, u.Locale, u.Query, u.Searches, u.Nothing, u.Clicks, conversations)
	return err
}

// PruneUsage forgets counts that no report reaches back to.
func (tx *Tx) PruneUsage() error {
	before := tx.Now().Time().AddDate(0, 0, -usageDays).Format(time.DateOnly)
	if _, err := tx.exec(`DELETE FROM search_daily WHERE day < $1`, before); err != nil {
		return err
	}
	_, err := tx.exec(`DELETE FROM article_daily WHERE day < $1`, before)
	return err
}

// Origin is where a conversation came from. The zero of a field means that it is
// not known.
type Origin struct {
	ConversationID desk.ID
	PageURL        string
	ArticleID      desk.ID // the article that was read before
	Locale         string  // of the article or the search
	Query          string  // what was searched before, as the search log keeps it
	CreatedAt      desk.Micros
}

// InsertOrigin notes where a new conversation came from, and counts it for the
// article and the query. An article that does not exist (any more) is left out.
func (tx *Tx) InsertOrigin(o Origin) error {
	if o.CreatedAt == 0 {
		o.CreatedAt = tx.Now()
	}
	day := dayOf(o.CreatedAt)
	_, err := tx.exec(`INSERT INTO conversation_origin (conversation_id, page_url, article_id, locale, query, created_at)
		VALUES ($1, $2, COALESCE((SELECT id FROM article WHERE id = $3), 0), $4, $5, $6)`,
		o.ConversationID, o.PageURL, o.ArticleID, o.Locale, o.Query, o.CreatedAt)
	if err != nil {
		return err
	}
	if o.ArticleID != 0 {
		if err := tx.countArticle(day, o.ArticleID, o.Locale, 0, 0, 0, 1); err != nil {
			return err
		}
	}
	if o.Query == "" {
		return nil
	}
	return tx.countSearch(SearchUsage{Day: day, Locale: o.Locale, Query: o.Query}, 1)
}

// Origin returns where a conversation came from, or a NotFound error.
func (q Query) Origin(conversation desk.ID) (o Origin, err error) {
	err = q.row(`SELECT conversation_id, page_url, article_id, locale, query, created_at FROM conversation_origin WHERE conversation_id = $1`, conversation).
		scan(&o.ConversationID, &o.PageURL, &o.ArticleID, &o.Locale, &o.Query, &o.CreatedAt)
	return o, err
}
