package redistest

import "testing"

func TestRedisComesBackAfterAKill(t *testing.T) {
	Start(t)
	s := Private(t)
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if command(s.Addr, "PING", "+PONG") == nil {
		t.Fatal("a killed server answers")
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	if err := command(s.Addr, "PING", "+PONG"); err != nil {
		t.Fatal(err)
	}
}
