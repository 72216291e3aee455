package helpcenter

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
)

// Usage counts, without a trace of who it was, what is read and looked for.
// Counting is a few atomic additions: it may stand on the path of every page.
// The counts reach the database every few seconds and when the node stops.
type Usage struct{}

// Viewed counts a reading of an article in a language.
func (u *Usage) Viewed(article desk.ID, locale string) {}

// Searched counts a search that somebody sent off (not one while typing) and
// whether it found anything. The query must have passed the guard.
func (u *Usage) Searched(locale, query string, hits int) {}

// Clicked counts that a search led to an article.
func (u *Usage) Clicked(locale, query string, article desk.ID) {}

// Usage returns the node's counters.
func (c *Center) Usage() *Usage { return &Usage{} }

// Vote is a reader's answer to "was this helpful?".
type Vote struct {
	Article desk.ID
	Locale  string
	Helpful bool
	Reason  string // one of VoteReasons, "" when helpful or not said
	Comment string // free text, at most 1,000 characters; secrets are taken out before it is stored
	Voter   string // what tells one reader from another for a day (address and browser); it is hashed, never stored
}

// VoteReasons are what may be wrong with an article: it is unclear, wrong or
// out of date, does not answer the question, or the problem is another one.
var VoteReasons = []string{"unclear", "wrong", "not_answered", "other"}

// Vote stores a vote in place of the same reader's earlier one of the day.
// Errors: Invalid for an unknown reason, NotFound for an unknown article.
func (c *Center) Vote(ctx context.Context, v Vote) error { return nil }
