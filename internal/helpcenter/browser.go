package helpcenter

import (
	"slices"

	"github.com/veridesk/veridesk/internal/terms"
)

// Synonyms returns the groups of words that search takes for one, those of
// everyday language first: what a search elsewhere needs to find the same.
func (s *Snapshot) Synonyms() [][]string {
	return slices.Concat(terms.GeneralSynonyms().Groups(), s.synonyms.Groups())
}
