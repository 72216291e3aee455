package helpcenter_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/helpcenter"
	"github.com/veridesk/veridesk/internal/store"
)

var kai = store.Actor{Kind: desk.ByAgent, ID: 5, Name: "Kai"}

// What an editor teaches the search must not be lost to another editor's save,
// and every node must learn it.
func TestSynonymsAreEditedWithoutLoss(t *testing.T) {
	counted(t, func(t *testing.T, s *store.Store, c *helpcenter.Center, _ *wall) {
		shipped, err := c.Synonyms(t.Context())
		if err != nil || shipped.Revision != 0 || shipped.Groups == nil {
			t.Fatalf("%+v %v", shipped, err)
		}
		version := c.Snapshot().Version
		other := open(t, s)
		groups := [][]string{{" 提币 ", "提现", "withdraw"}, {"2FA", "two  factor"}, {"freeze", "iceberg"}}
		if hits := c.Snapshot().Search("en", "iceberg", 5).Hits; len(hits) != 0 {
			t.Fatalf("it is found already: %+v", hits)
		}
		saved, err := c.SetSynonyms(t.Context(), kai, 0, groups)
		if err != nil || saved.Revision != 1 || !slices.Equal(saved.Groups[1], []string{"2FA", "two factor"}) {
			t.Fatalf("%+v %v", saved, err)
		}
		if c.Snapshot().Version == version {
			t.Error("the index is not built anew")
		}
		if _, err := other.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, node := range []*helpcenter.Center{c, other} {
			if hits := node.Snapshot().Search("en", "iceberg", 5).Hits; len(hits) != 1 || hits[0].Article.Slug != "stolen" {
				t.Errorf("a node has not learnt the word: %+v", hits)
			}
		}
		if _, err := c.SetSynonyms(t.Context(), kai, 0, groups); desk.CodeOf(err) != desk.Stale {
			t.Errorf("an old revision: %v", err)
		}
		if again, err := c.Synonyms(t.Context()); err != nil || again.Revision != 1 || again.Groups[0][0] != "提币" {
			t.Errorf("%+v %v", again, err)
		}
		if none, err := c.SetSynonyms(t.Context(), kai, 1, nil); err != nil || none.Revision != 2 {
			t.Fatalf("%+v %v", none, err)
		}
		if none, err := c.Synonyms(t.Context()); err != nil || len(none.Groups) != 0 {
			t.Errorf("editors cannot do without any: %+v %v", none, err)
		}
		entries, _, err := s.Read(t.Context()).AuditEntries("", 10)
		if err != nil || len(entries) < 2 || entries[0].Action != "synonyms.update" || entries[0].ActorName != "Kai" {
			t.Errorf("audit: %+v %v", entries, err)
		}
	})
}

func TestTheShippedSynonymsCanBeSavedAsTheyAre(t *testing.T) {
	counted(t, func(t *testing.T, _ *store.Store, c *helpcenter.Center, _ *wall) {
		shipped, err := c.Synonyms(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.SetSynonyms(t.Context(), kai, 0, shipped.Groups); err != nil {
			t.Error(err)
		}
	})
}

func TestSynonymsThatAreRefusedNameTheGroup(t *testing.T) {
	counted(t, func(t *testing.T, _ *store.Store, c *helpcenter.Center, _ *wall) {
		many := make([][]string, 2001)
		for i := range many {
			many[i] = []string{fmt.Sprint("a", i), fmt.Sprint("b", i)}
		}
		long := make([]string, 21)
		for i := range long {
			long[i] = fmt.Sprint("w", i)
		}
		good := []string{"a", "b"}
		for name, w := range map[string]struct {
			groups [][]string
			says   string
		}{
			"alone":          {[][]string{good, {"x"}}, "group 2:"},
			"too many words": {[][]string{good, long}, "group 2:"},
			"empty":          {[][]string{{"x", " \u200b "}}, "group 1:"},
			"a sentence":     {[][]string{{"x", strings.Repeat("y", 61)}}, "group 1:"},
			"twice in one":   {[][]string{good, {"Ｗithdraw", "withdraw"}}, "group 2:"},
			"twice in two":   {[][]string{good, {"c", "B"}}, "in group 1 already"},
			"control":        {[][]string{{"x", "y\x00z"}}, "group 1:"},
			"too many":       {many, "2001 groups"},
		} {
			_, err := c.SetSynonyms(t.Context(), kai, 0, w.groups)
			if desk.CodeOf(err) != desk.Invalid || !strings.Contains(err.Error(), w.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
