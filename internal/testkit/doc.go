// Package testkit runs the whole program for tests: the real binary, on a free
// port, with a data folder of its own, on SQLite or on real PostgreSQL, Redis
// and S3 (packages pgtest, redistest, s3test). No server outlives the test
// process.
//
//	s := testkit.StartServer(t, testkit.Demo())
//	http.Get(s.URL + "/")
//	s.Kill()  // kill -9
//	s.Start() // on the same data and port
package testkit
