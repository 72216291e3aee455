// Package site serves the pages that customers read: the Help Center's home,
// categories, articles, search and contact, in every language; and the demo's
// own pages (the fictional exchange, the outgoing mail).
//
// Pages are complete without JavaScript and carry an entity tag, so that a
// reader who comes back gets a 304. Templates stand beside their handlers; every
// word is in text.go, in all languages.
package site
