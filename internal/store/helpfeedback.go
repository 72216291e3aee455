package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// Feedback is a reader's vote on an article.
type Feedback struct {
	ID        desk.ID     `json:"id"`
	ArticleID desk.ID     `json:"article_id"`
	Slug      string      `json:"slug"`
	Category  string      `json:"category" doc:"slug of the category it is in now"`
	Title     string      `json:"title"`
	Locale    string      `json:"locale"`
	Version   int         `json:"version" doc:"number of the version that was read; 0 when not known"`
	Helpful   bool        `json:"helpful"`
	Reason    string      `json:"reason" enum:",unclear,wrong,not_answered,other"`
	Comment   string      `json:"comment"`
	CreatedAt desk.Micros `json:"created_at"`
	Voter     string      `json:"-"` // a hash whose salt changes daily
}

// PutFeedback stores a vote (now, unless it has a time), in place of the same voter's earlier one, and
// corrects the counts of its day. An article that cannot be read in the language
// is NotFound.
func (tx *Tx) PutFeedback(f Feedback) error {
	version, err := tx.liveVersion(f.ArticleID, f.Locale)
	if err != nil {
		return err
	}
	up, down := count(f.Helpful)
	var id desk.ID
	var was bool
	var at desk.Micros
	err = tx.row(`SELECT id, helpful, created_at FROM article_feedback WHERE article_id = $1 AND locale = $2 AND voter = $3`, f.ArticleID, f.Locale, f.Voter).
		scan(&id, &was, &at)
	switch {
	case desk.CodeOf(err) == desk.NotFound:
		if at = f.CreatedAt; at == 0 {
			at = tx.Now()
		}
		_, err = tx.exec(`INSERT INTO article_feedback (id, article_id, locale, version, voter, helpful, reason, comment, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, tx.NewID(), f.ArticleID, f.Locale, version, f.Voter, f.Helpful, f.Reason, f.Comment, at)
	case err == nil:
		wasUp, wasDown := count(was)
		up, down = up-wasUp, down-wasDown
		_, err = tx.exec(`UPDATE article_feedback SET version = $1, helpful = $2, reason = $3, comment = $4 WHERE id = $5`,
			version, f.Helpful, f.Reason, f.Comment, id)
	}
	if err != nil || up == 0 && down == 0 {
		return err
	}
	return tx.countArticle(dayOf(at), f.ArticleID, f.Locale, 0, up, down, 0)
}

func count(helpful bool) (up, down int64) {
	if helpful {
		return 1, 0
	}
	return 0, 1
}

// liveVersion returns the number of the version that readers of a language see;
// zh-TW is derived from zh-CN unless it has a text of its own.
func (q Query) liveVersion(article desk.ID, locale string) (version int, err error) {
	err = q.row(`SELECT live FROM article_text WHERE article_id = $1 AND locale = $2 AND live <> 0`, article, locale).scan(&version)
	if desk.CodeOf(err) == desk.NotFound && locale == "zh-TW" {
		return q.liveVersion(article, "zh-CN")
	}
	return version, err
}

// FeedbackFilter says which votes to list. The zero of a field means "any".
type FeedbackFilter struct {
	Article desk.ID
	Locale  string
	Helpful *bool
	Before  string // the cursor of an earlier page
	Limit   int
}

// Feedback lists votes, newest first, and the cursor of the next page, "" at the
// end. A cursor that is none is Invalid.
func (q Query) Feedback(f FeedbackFilter) (list []Feedback, next string, err error) {
	at, id := int64(1<<62), int64(1<<62)
	if f.Before != "" {
		a, b, ok := strings.Cut(f.Before, ".")
		var errA, errB error
		at, errA = strconv.ParseInt(a, 10, 64)
		id, errB = strconv.ParseInt(b, 10, 64)
		if !ok || errA != nil || errB != nil {
			return nil, "", desk.Field("before", "field_invalid")
		}
	}
	args := []any{at, id}
	where := ""
	and := func(column string, v any) {
		args = append(args, v)
		where += ` AND f.` + column + ` = $` + strconv.Itoa(len(args))
	}
	if f.Article != 0 {
		and("article_id", f.Article)
	}
	if f.Locale != "" {
		and("locale", f.Locale)
	}
	if f.Helpful != nil {
		and("helpful", *f.Helpful)
	}
	args = append(args, f.Limit+1)
	list, err = collect(q, func(r scanner) (f Feedback, err error) {
		err = r.Scan(&f.ID, &f.ArticleID, &f.Slug, &f.Category, &f.Title, &f.Locale, &f.Version, &f.Helpful, &f.Reason, &f.Comment, &f.CreatedAt)
		return f, err
	}, `SELECT f.id, f.article_id, article.slug, category.slug, `+titleFor("f")+`, f.locale, f.version, f.helpful, f.reason, f.comment, f.created_at
		FROM article_feedback f JOIN article ON article.id = f.article_id JOIN category ON category.id = article.category_id
		WHERE (f.created_at, f.id) < ($1, $2)`+where+` ORDER BY f.created_at DESC, f.id DESC LIMIT $`+strconv.Itoa(len(args)), args...)
	if err == nil && len(list) > f.Limit {
		list = list[:f.Limit]
		last := list[f.Limit-1]
		next = fmt.Sprintf("%d.%d", last.CreatedAt, last.ID)
	}
	return list, next, err
}

// titleFor is the title of the article that the row t is about, in its language;
// that of zh-CN for a derived zh-TW.
func titleFor(t string) string {
	title := func(locale string) string {
		return `(SELECT title FROM article_text WHERE article_text.article_id = ` + t + `.article_id AND article_text.locale = ` + locale + `)`
	}
	return `COALESCE(` + title(t+`.locale`) + `, ` + title(`CASE WHEN `+t+`.locale = 'zh-TW' THEN 'zh-CN' ELSE '' END`) + `, '')`
}

// metaSynonyms holds what editors made of the synonyms.
const metaSynonyms = "helpcenter.synonyms"

// Synonyms are groups of words that search takes for one. Revision 0 with no
// groups means that nobody has changed the shipped ones.
type Synonyms struct {
	Revision int        `json:"revision"`
	Groups   [][]string `json:"groups"`
}

// Synonyms returns what editors made of the synonyms; the zero value when they
// never did.
func (q Query) Synonyms() (s Synonyms, err error) {
	v, err := q.Meta(metaSynonyms)
	if desk.CodeOf(err) == desk.NotFound {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(v, &s); err != nil {
		return s, fmt.Errorf("the stored synonyms: %w", err)
	}
	return s, nil
}

// SetSynonyms stores groups in place of the revision that the caller saw and
// counts it up; another revision is Stale. Every node builds its index anew.
func (tx *Tx) SetSynonyms(s *Synonyms) error {
	// Made first and then locked, so that two editors on two nodes come one after
	// the other even the first time.
	if _, err := tx.MetaOnce(metaSynonyms, []byte(`{"revision":0,"groups":null}`)); err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE meta SET updated_at = $1 WHERE key = $2`, tx.Now(), metaSynonyms); err != nil {
		return err
	}
	now, err := tx.Synonyms()
	if err != nil {
		return err
	}
	if now.Revision != s.Revision {
		return desk.Errorf(desk.Stale, "changed_meanwhile")
	}
	next := Synonyms{Revision: s.Revision + 1, Groups: s.Groups}
	b, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := tx.SetMeta(metaSynonyms, b); err != nil {
		return err
	}
	*s = next
	return tx.ArticlesChanged()
}
