// Package storetest opens stores for tests: a temporary SQLite file, or a fresh
// database on a real PostgreSQL. There is no other double of the store.
package storetest
