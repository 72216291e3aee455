// Package terms turns text into search terms, the same way for what is indexed and for what is asked, in Chinese,
// English and both mixed. It is pure: no I/O, no clock, no randomness.
//
// Split and Query serve the message search of the store. Everything else is the search of articles; the static export
// has the same in TypeScript, so these are its rules:
//
//  1. Characters: fold.Key, then fold.SimplifiedRune for each character.
//  2. Tokens: a word is a run of letters and digits, with points and commas within numbers ("1.2.3", "1,234" without the
//     comma), without apostrophes and a final "'s"; "c++" and "c#" keep their signs. A CJK character is a token.
//  3. Terms of a text: of a word its stem (American spelling, Snowball English; only a–z, 3 to 24 letters); of two words
//     with one of "-_.&" between also both as one word; of "camelCase" and "iphone15" also the parts; of CJK each
//     character and each pair that touches; each group of synonyms that has a phrase in the text. A phrase is the same
//     stems and characters in a row; one CJK character alone is no phrase.
//  4. Rarity of a term: ln(1 + (n−df+½)/(df+½)), n documents, df with the term; for titles the same among titles.
//  5. Impact of a term on a document: sat(Σ over fields of weight·count/(1−b+b·length/average)), sat(t) =
//     t(k+1)/(k+t), plus titleShare·rarity in titles/rarity·sat(title by itself). Length counts words and characters,
//     averages leave empty fields out. Kept as 32-bit floats; sums are 64-bit, in the order of the query's terms.
//  6. Terms of a query, with weight·rarity: words 1, or wordAmongCJK when the query has CJK too, and characters
//     characterWeight, times stopWeight for those that questions are made of (stopwords.go); pairs pairWeight +
//     cohesion, times stopPairWeight when either character is a stop character; after a pair its two characters keep
//     1 − pairCovers·cohesion of their weight; "sign in" also as "signin". A term that comes again adds half. A group
//     of synonyms adds synonymWeight (less where groups overlap), and what its phrase is made of keeps synonymKeep of
//     its weight, words synonymKeep + (1−synonymKeep)·df/(df+plenty).
//  7. A word that no document and no synonym has is read as the nearest words: 1 change, from 8 letters on 2 (insert,
//     delete, replace, swap), from 4 letters on, only a–z; the fewest changes only, then the same first letter, then in
//     more documents, then longer; three of them with typoWeight, half, a quarter. Without one: its parts, or the two
//     words that it splits into.
//  8. While typing, the last word is also the 5 most common of the words that begin with it (of the first 200 in order).
//  9. Score: Σ weight·rarity·impact. To the best 100 passageWeight times the most weight of different words and
//     characters (no pairs, no groups) within any 50 tokens is added. Best first; equal scores in the order of the
//     documents.
//
// The numbers are in weight.go.
package terms
