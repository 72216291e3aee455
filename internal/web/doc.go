// Package web is the edge of the house: what every HTTP request passes on its
// way in and out, whichever surface it is for.
//
// [Edge.Wrap] gives a request its id, its client address (believing only
// configured proxies), its locale and its limits, turns a panic into a 500,
// sets the security headers of the surface and compresses text. [Answer] is the
// only place where an error becomes a status and a sentence for people; API and
// pages both go through it. [Assets] serves the built front ends from the
// binary. A [Ready] is a public page made in advance; [Front] answers it from the
// connection, before any of this. [NewMaskingHandler] keeps secrets out of the log.
package web
