// Package inbox takes every customer message in ([Inbox.Receive]) and sends
// every answer out ([Inbox.Reply]), whatever the channel.
//
// Receive is the only orchestrator of the way in: guard before anything is
// stored or logged, then one transaction, then events. What it has returned is
// on disk. Events are hints sent after the commit; a client that misses one asks
// for what came since the last sequence it knows.
package inbox
