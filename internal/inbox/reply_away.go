package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/veridesk/veridesk/internal/channel"
	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/jobs"
	"github.com/veridesk/veridesk/internal/store"
)

// Outlets are the ways out of the desk besides the live connection.
type Outlets struct {
	Adapters []channel.Adapter
	// EnqueueMail adds a mail to the caller's transaction, see mailout.Enqueue; nil:
	// this desk sends no mail.
	EnqueueMail func(tx *store.Tx, to, locale, template string, data map[string]string) error
	PublicURL   string   // mails lead back there
	Pages       []string // or to where the contact wrote, when it is of one of these origins
	// RetentionDays is how long a resolved conversation is kept; 0: until somebody
	// deletes it.
	RetentionDays int
}

// outlets is Outlets as Register has put them in order.
type outlets struct {
	Outlets
	adapters map[desk.Channel]channel.Adapter // nil: nobody does the work
}

// reaches reports whether a contact who is away can be told of an answer; left
// says whether they have left a way.
func (o *outlets) reaches(c desk.Channel, left bool) bool {
	a := o.adapters[c]
	return o.adapters != nil && (left || a != nil && a.Everybody())
}

// The kinds of the inbox's jobs.
const (
	KindAway      = "inbox.away"      // tell a contact who is away of an answer
	KindMail      = "inbox.mail"      // mail them what they have not read
	KindRetention = "inbox.retention" // erase conversations that were kept long enough
)

// Register lets r tell contacts who are away, and erase what was kept long
// enough. Without it answers are only heard by those who are connected. Call it
// before the first message.
func (in *Inbox) Register(r *jobs.Runner, o Outlets) {
	in.out = outlets{Outlets: o, adapters: map[desk.Channel]channel.Adapter{}}
	for _, a := range o.Adapters {
		in.out.adapters[a.Channel()] = a
	}
	r.Register(KindAway, in.tellAway)
	r.Register(KindMail, in.mailAnswers)
	r.Register(KindRetention, in.retire)
	if o.RetentionDays > 0 {
		r.Every(KindRetention, 24*time.Hour, KindRetention)
	}
}

const (
	// awayAfter is how long an answer may go unread before a contact who is not
	// connected is told; a page that is just being reloaded is back by then.
	awayAfter = 5 * time.Second
	// mailAfter is how long before it is mailed: what is written meanwhile goes into
	// the same mail.
	mailAfter = 60 * time.Second
	// A mail waits for somebody who is connected and does not read, but not for ever.
	mailAgain  = 5 * time.Minute
	mailTries  = 3
	mailedMost = 50 // answers in one mail
)

// awayJob is the payload of both jobs about an answer. Each answer has its own;
// only that of the latest does anything.
type awayJob struct {
	ConversationID desk.ID `json:"conversation"`
	MessageID      desk.ID `json:"message"`
	Seq            int64   `json:"seq"`
	Tries          int     `json:"tries,omitempty"`
}

func enqueueAway(tx *store.Tx, c *desk.Conversation, m *desk.Message) error {
	return jobs.Enqueue(tx, KindAway, awayJob{ConversationID: c.ID, MessageID: m.ID, Seq: m.Seq}, jobs.RunAt(tx.Now().Time().Add(awayAfter)))
}

// unheard returns the conversation when the answer of a job still is the latest
// and not read; nil when there is nothing to tell (any more).
func (in *Inbox) unheard(ctx context.Context, p awayJob) (*desk.Conversation, error) {
	c, err := in.store.Read(ctx).Conversation(p.ConversationID)
	if desk.CodeOf(err) == desk.NotFound {
		return nil, nil // erased
	}
	if err != nil {
		return nil, err
	}
	later := c.LastMessage.AuthorKind == desk.ByAgent && c.LastMessage.Seq > p.Seq
	if c.ContactReadSeq >= p.Seq || later {
		return nil, nil
	}
	return c, nil
}

// connected reports whether the contact has a live connection. When it cannot be
// known, telling them twice is better than not at all.
func (in *Inbox) connected(ctx context.Context, contact desk.ID) bool {
	on, err := in.hub.Online(ctx, contact)
	if err != nil {
		in.log.Debug("whether a contact is connected is not known", "error", err)
	}
	return on
}

func (in *Inbox) tellAway(ctx context.Context, job jobs.Job) (jobs.Effect, error) {
	var p awayJob
	if err := job.Decode(&p); err != nil {
		return nil, err
	}
	c, err := in.unheard(ctx, p)
	if err != nil || c == nil {
		return nil, err
	}
	q := in.store.Read(ctx)
	mailing, err := q.Mailing(c.ID)
	if err != nil {
		return nil, err
	}
	if a := in.out.adapters[c.Channel]; a != nil && !in.connected(ctx, c.ContactID) {
		found, err := q.MessagesByID([]desk.ID{p.MessageID})
		if err != nil || len(found) == 0 {
			return nil, err
		}
		out := desk.Outbound{Channel: c.Channel, ConversationID: c.ID, ContactID: c.ContactID, Message: *found[0]}
		if err := a.Deliver(ctx, out); err != nil {
			return nil, fmt.Errorf("deliver by %s: %w", c.Channel, err)
		}
	}
	if mailing.ReplyEmail == "" || in.out.EnqueueMail == nil {
		return nil, nil
	}
	return func(tx *store.Tx) error {
		return jobs.Enqueue(tx, KindMail, p, jobs.RunAt(tx.Now().Time().Add(mailAfter-awayAfter)))
	}, nil
}
