// Package insight answers what editors ask about the Help Center: what is read
// and whether it helped, what is looked for and not found, and what led to a
// conversation anyway. It only reads.
package insight
