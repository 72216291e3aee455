package guard

import "sort"

// Kinds of findings; the names are part of the contract of `veridesk guard scan`.
const (
	KindBIP39 = "bip39"   // a BIP-39 recovery phrase with a valid checksum
	KindPEM   = "pem_key" // a private key in PEM, OpenSSH, PGP or PuTTY armour
)

// How sure a finding is.
const (
	Certain  = "certain"  // proven by a checksum or an armour
	Probable = "probable" // likely enough to be removed, not proven
)

// Finding is one secret in a text.
type Finding struct {
	Kind      string `json:"kind"`            // one of the Kind constants
	Start     int    `json:"start"`           // byte offset in the UTF-8 text, on a rune boundary
	End       int    `json:"end"`             // byte offset just behind the secret, on a rune boundary
	Certainty string `json:"certainty"`       // Certain or Probable
	Words     int    `json:"words,omitempty"` // words of a recovery phrase, else 0
}

// detector finds one family of secrets. Its scan must cost next to nothing on ordinary text: every message of
// every customer passes through all of them.
type detector struct {
	family string
	scan   func(text string) []Finding
}

// detectors is the whole registry; to add a kind, add a file and a line here.
var detectors = []detector{
	{"bip39", scanBIP39},
	{"pem", scanPEM},
}

// Scan returns the secrets in text, sorted by Start and not overlapping. Text need not be valid UTF-8. The result is
// nil for a clean text.
func Scan(text string) []Finding {
	var found []Finding
	for _, d := range detectors {
		found = append(found, d.scan(text)...)
	}
	if len(found) < 2 {
		return found
	}
	return disjoint(found)
}

// disjoint sorts findings and joins those that overlap. The joined finding covers both, and takes its kind from the
// certain and then the longer one, so that nothing secret is left standing between them.
func disjoint(found []Finding) []Finding {
	sort.SliceStable(found, func(i, j int) bool { return found[i].Start < found[j].Start })
	out := found[:1]
	for _, f := range found[1:] {
		last := &out[len(out)-1]
		if f.Start >= last.End {
			out = append(out, f)
			continue
		}
		start, end := last.Start, max(last.End, f.End)
		if stronger(f, *last) {
			*last = f
		}
		last.Start, last.End = start, end
	}
	return out
}

func stronger(a, b Finding) bool {
	if a.Certainty != b.Certainty {
		return a.Certainty == Certain
	}
	return a.End-a.Start > b.End-b.Start
}
