// Package process runs real servers for tests and makes sure that none of them
// outlives the test process, however that one ends.
//
// Each server runs under a small shell that waits on a pipe which only the test
// process holds open. When the pipe closes (a clean end, a panic, a timeout,
// kill -9) the shell stops the server and removes its folder.
package process
