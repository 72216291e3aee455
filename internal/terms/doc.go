// Package terms turns text into search terms, the same way for what is indexed and for what is asked, in Chinese,
// English and both mixed. It also holds the in-memory index of the Help Center (BM25F) and marks what was found.
//
// It is pure: no I/O, no clock.
package terms
