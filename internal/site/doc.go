// Package site serves the pages that customers read: the Help Center's home,
// categories, articles, search, contact and announcements, in every reading
// language and for every legal entity; and the demo's own pages (the fictional
// exchange, the outgoing mail).
//
// Pages are complete without JavaScript. A page that is the same for everybody
// is a function of host, path, theme and epoch (see cache.go): it is made once,
// packed, and answered from memory or by a web.Front until an article, an
// announcement or the registry changes. Templates stand beside their handlers;
// every word is in text_en.go and text_zh.go, from which the Taiwanese ones are
// made.
package site
