// Package fold is the one way this project folds text before comparing it, so that search, the guard and the
// look-alike rules agree about when two spellings are the same word.
//
// It knows nothing of the domain and does no I/O.
package fold
