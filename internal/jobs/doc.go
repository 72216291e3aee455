// Package jobs runs durable work: a job is a row written in the transaction of
// whoever wants it done, so it exists exactly when that transaction does.
//
// A job runs at least once. A handler does the outside work and returns an
// [Effect], which is committed together with the mark "done" and only by the
// holder of the lease: effects happen exactly once, even when a node is killed
// in the middle and another runs the job again. What a handler does to the
// outside (a mail, a request) may happen twice and must be recognisable, for
// instance by the job's id.
//
// Leases are measured by the database's clock, which all nodes share.
package jobs
