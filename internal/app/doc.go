// Package app wires the house together: it opens what the configuration names,
// gives every part what it needs, serves until it is told to stop, and then lets
// go of everything in the right order. Only cmd imports it.
package app
