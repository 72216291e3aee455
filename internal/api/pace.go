package api

import (
	"context"
	"net/netip"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/web"
)

// pace names what strangers do and how fast they may. Staff is never paced.
type pace string

const (
	beginPace  pace = "begin"  // sessions, of somebody who has no token yet
	writePace  pace = "write"  // messages
	uploadPace pace = "upload" // files begun, not their pieces
	signPace   pace = "sign"   // typing and read marks
	actPace    pace = "act"    // what is pressed once in a while: end, rate, sign out, ask for mails
	readerPace pace = "reader" // votes and searches of readers without a token
)

// speed is how fast one may go: Burst at once, then one in Every.
type speed struct {
	every time.Duration
	burst int
}

// speeds are per contact and per address, on each node. A customer writes a
// message in some seconds and a device that was offline sends a few dozen at
// once; behind one address of a mobile network sit thousands of customers.
var speeds = map[pace]struct{ contact, address speed }{
	beginPace:  {speed{2 * time.Second, 60}, speed{200 * time.Millisecond, 300}},
	writePace:  {speed{100 * time.Millisecond, 200}, speed{20 * time.Millisecond, 1000}},
	uploadPace: {speed{3 * time.Second, 40}, speed{200 * time.Millisecond, 300}},
	signPace:   {speed{200 * time.Millisecond, 60}, speed{5 * time.Millisecond, 2000}},
	actPace:    {speed{time.Second, 60}, speed{50 * time.Millisecond, 600}},
	readerPace: {speed{500 * time.Millisecond, 120}, speed{100 * time.Millisecond, 300}},
}

// mostPaced bounds the memory of a limiter: some 10 MB when it is full.
const mostPaced = 100_000

type paces struct {
	contacts  map[pace]*web.Limiter[desk.ID]
	addresses map[pace]*web.Limiter[netip.Addr]
}

func newPaces() *paces {
	p := &paces{map[pace]*web.Limiter[desk.ID]{}, map[pace]*web.Limiter[netip.Addr]{}}
	for name, s := range speeds {
		p.contacts[name] = web.NewLimiter[desk.ID](s.contact.every, s.contact.burst, mostPaced)
		p.addresses[name] = web.NewLimiter[netip.Addr](s.address.every, s.address.burst, mostPaced)
	}
	return p
}

// paced is an option of a route that strangers call: too fast is a Throttled
// error that says when to come back. A contact is counted by itself and with
// its address; nobody, by the address alone.
func (a *API) paced(p pace) func(*huma.Operation) {
	return func(op *huma.Operation) {
		op.Middlewares = append(op.Middlewares, func(hc huma.Context, next func(huma.Context)) {
			ctx := hc.Context()
			contact := visitorFrom(ctx)
			if p == beginPace {
				contact = a.knownBearer(hc.Header("Authorization"))
			}
			if wait := a.paces.take(ctx, p, contact, time.Now()); wait > 0 {
				r, w := humago.Unwrap(hc)
				web.WriteError(w, r.WithContext(ctx), &desk.Error{Code: desk.Throttled, Message: "too_fast", RetryAfter: wait})
				return
			}
			next(hc)
		})
	}
}

// knownBearer returns the contact of a bearer token, or zero.
func (a *API) knownBearer(authorization string) desk.ID {
	if a.Visitors == nil {
		return 0
	}
	contact, err := a.Visitors.ContactOf(bearerOf(authorization))
	if err != nil {
		return 0 // a bad token is nobody's
	}
	return contact
}

// take counts an act and returns zero, or how long to wait.
func (p *paces) take(ctx context.Context, what pace, contact desk.ID, now time.Time) time.Duration {
	if contact != 0 {
		if wait := p.contacts[what].Take(contact, now); wait > 0 {
			return wait
		}
		if what == beginPace {
			return 0 // somebody who comes back is no new session of the address
		}
	}
	if address, ok := web.PacedAddress(ctx); ok {
		return p.addresses[what].Take(address, now)
	}
	return 0
}

func init() {
	web.AddMessages("en", map[string]string{"too_fast": "That was very fast. Please wait a moment and try again."})
	web.AddMessages("zh-CN", map[string]string{"too_fast": "操作太快了，请稍候再试。"})
}
