// Package pgtest gives tests a real PostgreSQL.
//
// One server runs per test process, or one for all of them when the environment
// names it in VERIDESK_TEST_POSTGRES (the command internal/testkit/services does).
// Every test gets a fresh database, copied from a template. fsync is on, so that
// what is measured and killed is what runs in life; VERIDESK_TEST_FSYNC=off turns
// it off. Where PostgreSQL is missing the test is skipped with the reason, or
// fails when VERIDESK_REQUIRE_POSTGRES=1.
package pgtest
