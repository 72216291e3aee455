package helpcenter

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/fold"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/terms"
)

// What a set of synonyms may hold.
const (
	maxSynonymGroups = 2000
	maxSynonymWords  = 20 // of a group
	maxSynonymRunes  = 60 // of a word
)

// Synonyms returns the groups of words that search takes for one, as editors
// left them; the shipped ones, with revision 0, when nobody ever changed them.
func (c *Center) Synonyms(ctx context.Context) (store.Synonyms, error) {
	s, err := c.cfg.Store.Read(ctx).Synonyms()
	if err == nil && s.Revision == 0 {
		s.Groups = shippedSynonyms()
	}
	return s, err
}

// SetSynonyms stores groups in place of the revision that the caller saw; every
// node then builds its index anew. Errors: Invalid, saying which group and why;
// Stale when somebody else changed them meanwhile.
func (c *Center) SetSynonyms(ctx context.Context, by store.Actor, revision int, groups [][]string) (store.Synonyms, error) {
	groups, err := checkSynonyms(groups)
	if err != nil {
		return store.Synonyms{}, err
	}
	s := store.Synonyms{}
	err = c.cfg.Store.Write(ctx, func(tx *store.Tx) error {
		s = store.Synonyms{Revision: revision, Groups: groups}
		if err := tx.SetSynonyms(&s); err != nil {
			return err
		}
		return tx.Audit(by, "synonyms.update", "synonyms", 0, map[string]any{"groups": len(groups), "revision": s.Revision})
	})
	if err != nil {
		return store.Synonyms{}, err
	}
	c.shelves.Seen(ctx)
	return s, nil
}

// checkSynonyms returns the groups as they are stored: each word on one line,
// without spaces around it.
func checkSynonyms(groups [][]string) ([][]string, error) {
	if len(groups) > maxSynonymGroups {
		return nil, &desk.Error{Code: desk.Invalid, Message: fmt.Sprintf("there are %d groups of synonyms, at most %d are allowed", len(groups), maxSynonymGroups), Fields: map[string]string{"groups": "synonyms_groups"}}
	}
	out := make([][]string, 0, len(groups))
	in := map[string]int{} // folded word → number of its group
	for i, group := range groups {
		n := i + 1
		if len(group) < 2 || len(group) > maxSynonymWords {
			return nil, badGroup(n, "synonym_count", fmt.Sprintf("it has %d words; 2 to %d make a group", len(group), maxSynonymWords))
		}
		words := make([]string, 0, len(group))
		for _, w := range group {
			word := strings.Join(strings.Fields(strings.ToValidUTF8(w, "\uFFFD")), " ")
			key := fold.Key(word)
			switch {
			case strings.TrimSpace(key) == "":
				return nil, badGroup(n, "synonym_empty", "a word is empty")
			case utf8.RuneCountInString(word) > maxSynonymRunes || strings.ContainsFunc(word, unicode.IsControl):
				return nil, badGroup(n, "synonym_word", fmt.Sprintf("a word has more than %d characters or a control character", maxSynonymRunes))
			case in[key] != 0:
				return nil, badGroup(n, "synonym_twice", fmt.Sprintf("%q is in group %d already", word, in[key]))
			}
			in[key] = n
			words = append(words, word)
		}
		out = append(out, words)
	}
	return out, nil
}

// badGroup says in which group, counted from 1, something is wrong.
func badGroup(n int, key, why string) error {
	return &desk.Error{Code: desk.Invalid, Message: fmt.Sprintf("group %d: %s", n, why), Fields: map[string]string{fmt.Sprintf("groups.%d", n): key}}
}

// shippedSynonyms are the words of the field that mean one thing.
func shippedSynonyms() [][]string { return terms.ExchangeSynonyms().Groups() }

// readSynonyms returns what the index is built with.
func readSynonyms(q store.Query) (*terms.Synonyms, error) {
	s, err := q.Synonyms()
	if err != nil || s.Revision == 0 {
		return terms.ExchangeSynonyms(), err
	}
	return terms.NewSynonyms(s.Groups), nil
}
