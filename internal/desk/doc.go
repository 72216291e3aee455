// Package desk is the vocabulary of the support desk: conversations, messages,
// contacts, staff, articles, their identifiers, error codes and events.
//
// It imports the standard library only, so every other package may speak these
// words. Times are int64 microseconds since 1970-01-01 UTC ([Micros]);
// identifiers are int64 in Go and SQL and decimal strings in JSON ([ID]).
package desk
