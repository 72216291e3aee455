package terms

import (
	"strings"

	"github.com/kljensen/snowball/english"
)

// stem gives what all forms and both spellings of an English word have in common: the American spelling's Snowball
// English stem (https://snowballstem.org/algorithms/english/stemmer.html). Only words of plain letters are touched, so
// that no address or id changes.
func stem(word string) string {
	if len(word) < 3 || len(word) > 24 {
		return word
	}
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return word
		}
	}
	return english.Stem(american(word), true)
}

// spellings are British words and the American ones that no rule gives.
var spellings = map[string]string{
	"centre": "center", "theatre": "theater", "metre": "meter", "litre": "liter", "fibre": "fiber", "cheque": "check",
	"cheques": "checks", "licence": "license", "licences": "licenses", "defence": "defense", "offence": "offense",
	"programme": "program", "programmes": "programs", "grey": "gray", "tyre": "tire", "tyres": "tires", "mould": "mold",
	"jewellery": "jewelry", "catalogue": "catalog", "dialogue": "dialog", "enrol": "enroll", "enrolment": "enrollment",
	"fulfil": "fulfill", "instalment": "installment", "instalments": "installments", "aeroplane": "airplane",
	"colour": "color", "colours": "colors",
}

// american rewrites the regular differences of British spelling: -ise, -yse, -our, -elled, ae and oe. A word that it
// spoils (advise, aerobics) is spoilt in texts and queries alike and stays a word of its own.
func american(word string) string {
	if to, ok := spellings[word]; ok {
		return to
	}
	if len(word) < 6 {
		return word
	}
	for _, end := range []string{"e", "ed", "es", "er", "ers", "ing", "ation", "ations"} {
		root, ok := strings.CutSuffix(word, end)
		if !ok || len(root) < 4 {
			continue
		}
		switch {
		case strings.HasSuffix(root, "is"), strings.HasSuffix(root, "ys"):
			return root[:len(root)-1] + "z" + end
		case strings.HasSuffix(root, "ell") && len(root) >= 6 && strings.ContainsAny(root[:len(root)-3], "aeiou"):
			return root[:len(root)-1] + end
		}
	}
	for _, end := range []string{"our", "ours", "oured", "ouring", "ourite", "ourites"} {
		if root, ok := strings.CutSuffix(word, end); ok && len(root) > 2 {
			return root + "or" + end[3:]
		}
	}
	if len(word) >= 7 {
		word = strings.ReplaceAll(strings.ReplaceAll(word, "ae", "e"), "oe", "e")
	}
	return word
}
