package staff

import (
	"context"
	"net/netip"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/store"
)

// Limits on guessing. They live in the store, so they hold across nodes and
// restarts.
var (
	// accountLimit: five wrong passwords, then 30 s, 1 min, 2 min … 15 min.
	accountLimit = store.ThrottlePolicy{Free: 5, Base: 30 * time.Second, Max: 15 * time.Minute, Forget: 24 * time.Hour}
	// clientLimit is wider: a whole office may share an address.
	clientLimit = store.ThrottlePolicy{Free: 30, Base: 5 * time.Second, Max: 15 * time.Minute, Forget: time.Hour}
	// codeLimit bounds guessing six digits by somebody who has the password.
	codeLimit = store.ThrottlePolicy{Free: 5, Base: 30 * time.Second, Max: time.Hour, Forget: 24 * time.Hour}
	// ceremonyLimit bounds how many passkey ceremonies one address begins.
	ceremonyLimit = store.ThrottlePolicy{Free: 60, Base: time.Second, Max: time.Minute, Forget: 5 * time.Minute}
)

type attempt struct {
	key    string
	policy store.ThrottlePolicy
}

// attempts counts one attempt under each key before the work is done, or
// returns a Throttled error. Counting first leaves no gap for many attempts at
// the same moment. A refused attempt counts under none of the keys: an address
// that has to wait can neither lock accounts out nor fill the table.
func (s *Staff) attempts(ctx context.Context, list ...attempt) error {
	return s.store.Write(ctx, func(tx *store.Tx) error {
		var longest time.Duration
		for _, a := range list {
			wait, err := tx.Attempt(a.key, a.policy)
			if err != nil {
				return err
			}
			longest = max(longest, wait)
		}
		if longest > 0 {
			return &desk.Error{Code: desk.Throttled, Message: "throttled", RetryAfter: longest}
		}
		return nil
	})
}

// forClient names an address for throttling; IPv6 by its /64, which is what one
// customer of a provider has at least.
func forClient(what string, from Client, p store.ThrottlePolicy) attempt {
	key := from.IP
	if ip, err := netip.ParseAddr(from.IP); err == nil && ip.Is6() && !ip.Is4In6() {
		if net, err := ip.Prefix(64); err == nil {
			key = net.String()
		}
	}
	return attempt{what + ":ip:" + key, p}
}

// forAccount names an account that may not exist: the answer must not tell.
func forAccount(email string) attempt {
	return attempt{"sign_in:account:" + hashToken(email), accountLimit}
}

func forAgent(what string, id desk.ID) attempt {
	return attempt{what + ":agent:" + id.String(), codeLimit}
}
