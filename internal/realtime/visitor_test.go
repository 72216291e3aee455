package realtime

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

func hashOf(token string) string {
	h := sha256.Sum256([]byte(token))
	return hex.EncodeToString(h[:])
}

// Who signs out at the exchange's page must not go on hearing what the desk
// answers; their other devices must.
func TestATokenThatWasGivenBackHearsNothingMore(t *testing.T) {
	cfg := newHouse().config()
	cfg.VisitorOf = func(string) (desk.ID, error) { return 42, nil }
	hub, s := serve(t, cfg)
	phone, laptop := visitor(t, s, "phone"), visitor(t, s, "laptop")
	hub.DisconnectVisitor(43, hashOf("phone"))
	hub.DisconnectVisitor(42, hashOf("phone"))
	if code := phone.closeCode(); code != int(disconnectSignedOut.Code) {
		t.Errorf("closed with %d: the client would come back with the same token", code)
	}
	hub.PublishVisitor(42, public(1))
	laptop.event(desk.EventMessage)
}

// A token that is given back in the moment of connecting is no way in either.
func TestATokenThatIsGivenBackWhileConnecting(t *testing.T) {
	cfg := newHouse().config()
	asked := 0
	cfg.VisitorOf = func(string) (desk.ID, error) {
		if asked++; asked > 1 {
			return 0, errors.New("ended")
		}
		return 42, nil
	}
	_, s := serve(t, cfg)
	if code := visitor(t, s, "phone").closeCode(); code != int(disconnectSignedOut.Code) {
		t.Errorf("closed with %d", code)
	}
}

// A customer's connection does not outlive the token that it was made with.
func TestAConnectionEndsWithItsToken(t *testing.T) {
	cfg := newHouse().config()
	cfg.VisitorUntil = func(token string) time.Time {
		if token == "good-1" {
			return time.Now().Add(-12 * time.Second) // a connection has ten seconds to be renewed
		}
		return time.Time{}
	}
	_, s := serve(t, cfg)
	visitor(t, s, "good-2") // a visitor's stays
	late := dial(t, s, map[string][]string{"Origin": {"https://www.meridian.example"}})
	if f, ok := late.call("connect", map[string]string{"token": "good-1"}); ok && f.Error == nil {
		if code := late.closeCode(); code != 3005 {
			t.Errorf("closed with %d", code)
		}
	}
}
