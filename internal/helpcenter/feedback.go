package helpcenter

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/guard"
	"github.com/veridesk/veridesk/internal/store"
)

// MaxComment is the longest comment of a vote, in runes.
const MaxComment = 1000

// metaVoterSalt holds the day and the random value that voters are hashed with
// on it. The next day's takes its place: after that nobody, with whatever
// database, can find out who voted.
const metaVoterSalt = "helpcenter.voter_salt"

// voteLimit: a whole office may share an address, a script should not.
var voteLimit = store.ThrottlePolicy{Free: 20, Base: 5 * time.Second, Max: 15 * time.Minute, Forget: time.Hour}

// Vote is a reader's answer to "was this helpful?".
type Vote struct {
	Article desk.ID
	Locale  string
	Helpful bool
	Reason  string // one of VoteReasons, "" when helpful or not said
	Comment string // free text, at most MaxComment; secrets are taken out before it is stored
	Voter   string // what tells one reader from another for a day (address and browser); it is hashed, never stored
	Address string // the reader's network address, which is slowed down when it votes too often; "": Voter stands for it
}

// VoteReasons are what may be wrong with an article: it is unclear, wrong or
// out of date, does not answer the question, or the problem is another one.
var VoteReasons = []string{"unclear", "wrong", "not_answered", "other"}

// Vote stores a vote in place of the same reader's earlier one of the day.
// Errors: Invalid for an unknown reason or a comment that is too long, NotFound
// for an article that cannot be read, Throttled.
func (c *Center) Vote(ctx context.Context, v Vote) error {
	if v.Helpful {
		v.Reason = ""
	}
	if v.Reason != "" && !slices.Contains(VoteReasons, v.Reason) {
		return desk.Field("reason", "field_choice")
	}
	v.Locale = desk.ReadingLocales[localeIndex(v.Locale)]
	comment, err := cleanComment(v.Comment, v.Locale)
	if err != nil {
		return err
	}
	var random [32]byte
	if _, err := rand.Read(random[:]); err != nil {
		return err
	}
	return c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		salt, err := voterSalt(tx, random[:])
		if err != nil {
			return err
		}
		wait, err := tx.Attempt("vote:"+hashWith(salt, networkOf(v.Address, v.Voter)), voteLimit)
		if err != nil {
			return err
		}
		if wait > 0 {
			return &desk.Error{Code: desk.Throttled, Message: "throttled", RetryAfter: wait}
		}
		return tx.PutFeedback(store.Feedback{
			ArticleID: v.Article, Locale: v.Locale, Helpful: v.Helpful, Reason: v.Reason, Comment: comment, Voter: hashWith(salt, v.Voter),
		})
	})
}

// cleanComment takes out what must not be stored.
func cleanComment(text, locale string) (string, error) {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD")))
	if utf8.RuneCountInString(text) > MaxComment {
		return "", desk.Field("comment", "field_too_long")
	}
	return guard.Redact(text, guard.Scan(text), locale), nil
}

// voterSalt returns the random value of the day; the first vote of a day makes
// it.
func voterSalt(tx *store.Tx, random []byte) (string, error) {
	today := tx.Now().Time().Format(time.DateOnly)
	v, err := tx.Meta(metaVoterSalt)
	if err != nil && desk.CodeOf(err) != desk.NotFound {
		return "", err
	}
	// A node whose clock is behind must not bring yesterday back.
	if day, _, ok := strings.Cut(string(v), ":"); ok && day >= today {
		return string(v), nil
	}
	salt := today + ":" + hex.EncodeToString(random)
	return salt, tx.SetMeta(metaVoterSalt, []byte(salt))
}

func hashWith(salt, text string) string {
	h := hmac.New(sha256.New, []byte(salt))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// networkOf names who is slowed down: IPv6 by its /64, which is what one
// customer of a provider has at least.
func networkOf(address, voter string) string {
	if address == "" {
		return voter
	}
	if ip, err := netip.ParseAddr(address); err == nil && ip.Is6() && !ip.Is4In6() {
		if net, err := ip.Prefix(64); err == nil {
			return net.String()
		}
	}
	return address
}

// Feedback lists votes, newest first, with the cursor of the next page ("" at
// the end).
func (c *Center) Feedback(ctx context.Context, f store.FeedbackFilter) ([]store.Feedback, string, error) {
	return c.cfg.Store.Read(ctx).Feedback(f)
}
