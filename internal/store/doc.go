// Package store keeps everything durable: SQL for SQLite and PostgreSQL through
// one code path, one file per aggregate.
//
// Reading functions are methods of [Query], writing ones methods of [Tx], which
// includes Query. [Store.Write] runs a function in a transaction and returns
// only after the commit is on disk (SQLite: synchronous FULL, many callers share
// one commit; PostgreSQL: its own group commit). [Store.Read] gives a Query that
// is not part of any transaction; [Store.Snapshot] one that sees a single moment.
//
// SQL is written once for both engines: $1 parameters, RETURNING, ON CONFLICT,
// row-value pagination. The two dialect fragments are claiming a job and
// matching text.
package store
