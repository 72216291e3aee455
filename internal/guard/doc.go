// Package guard finds secrets in what people write, so that they can be dropped before they are stored, indexed,
// logged or shown. It is pure: text in, findings out; no I/O, no clock, no state.
//
// Each kind of secret is one detector in a file of its own, listed in registry.go. A detector proves what it finds
// (a checksum, an armour) instead of guessing from shape alone: transaction ids, addresses and order numbers are
// what customers must be able to send.
//
// The browser runs the same detectors (web/rules) and is held to the same vectors; this package is the backstop.
package guard
