package channel

import (
	"context"

	"github.com/veridesk/veridesk/internal/desk"
)

// Adapter is the way out of one channel.
type Adapter interface {
	// Channel names the channel.
	Channel() desk.Channel
	// Everybody reports whether the adapter has a way to every contact. Otherwise
	// only those are worth trying who have left one.
	Everybody() bool
	// Deliver takes over a message for its contact, who is away. It returns when
	// the message is where it will not be lost: with the other side, or in durable
	// jobs of the adapter's own. After an error the same message is handed over
	// again, so an adapter must bear what it was given before.
	Deliver(ctx context.Context, out desk.Outbound) error
}

// Receipt says what became of a message that was taken in.
type Receipt struct {
	ConversationID desk.ID
	MessageID      desk.ID
	Repeated       bool // its dedupe key was known
}

// Receiver takes one message of a contact in. It is the same function for every
// channel; it returns after the message is durable.
type Receiver func(ctx context.Context, in desk.Inbound) (Receipt, error)
