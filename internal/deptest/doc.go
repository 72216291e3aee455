// Package deptest holds the import law of the house: which package may import
// which, and for every ban the reason. Its tests fail the build when the law is
// broken. A new package is given its row in [rows] first.
package deptest
