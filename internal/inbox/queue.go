package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox/queue"
	"github.com/veridesk/veridesk/internal/store"
)

// QueueSettings is what the desk has decided about its queue.
type QueueSettings struct {
	// ChannelWeights says how many units of an agent's capacity a conversation
	// takes, by channel; "message" is a chat that was left and waits for an answer
	// later.
	ChannelWeights map[string]int `json:"channel_weights" doc:"units of work by channel; message: a chat that was left for later"`
	// Boost is how many seconds earlier a priority counts as having come.
	Boost         map[string]int `json:"boost" doc:"seconds that a priority is worth"`
	StickySeconds int            `json:"sticky_seconds" minimum:"0" maximum:"900" doc:"how long somebody who comes back is kept for the agent they know"`
	OfflineAfter  int            `json:"offline_after" minimum:"30" maximum:"600" doc:"seconds without a live connection"`
	Revision      int64          `json:"revision" doc:"of the settings that these are based on"`
}

// leftMessage is the weight of a chat whose contact is elsewhere.
const leftMessage = "message"

// defaultQueue is fit for an exchange: a theft goes before everybody who has
// waited for less than a day.
func defaultQueue() QueueSettings {
	return QueueSettings{
		ChannelWeights: map[string]int{string(desk.Chat): 2, leftMessage: 1},
		Boost:          map[string]int{string(desk.Urgent): 86_400, string(desk.High): 600, string(desk.Normal): 0, string(desk.Low): -1_800},
		StickySeconds:  60, OfflineAfter: 45,
	}
}

// idle is how long a contact may let an agent wait before the conversation is no
// work in hand any more.
const idle = 10 * time.Minute

// patience is how long somebody waits for the right language and skill when
// nobody who is there has them.
const patience = time.Minute

func (s *QueueSettings) weigh(channel desk.Channel, mode desk.Mode) int {
	key := string(channel)
	if mode == desk.MessageMode {
		key = leftMessage
	}
	return max(s.ChannelWeights[key], 1)
}

func (s *QueueSettings) worth(p desk.Priority) desk.Micros {
	return micros(time.Duration(s.Boost[string(p)]) * time.Second)
}

func (s *QueueSettings) rules() queue.Rules {
	return queue.Rules{Sticky: time.Duration(s.StickySeconds) * time.Second, Patience: patience}
}

// view says how the roster is read at a moment.
func (s *QueueSettings) view(now desk.Micros) store.RosterView {
	return store.RosterView{
		SeenAfter: now - micros(time.Duration(s.OfflineAfter)*time.Second), IdleAfter: now - micros(idle),
		ChatWeight: s.weigh(desk.Chat, desk.LiveMode), LeftWeight: s.weigh(desk.Chat, desk.MessageMode),
	}
}

func micros(d time.Duration) desk.Micros { return desk.Micros(d.Microseconds()) }

func (s *QueueSettings) check() error {
	fields := map[string]string{}
	known := defaultQueue()
	for channel, w := range s.ChannelWeights {
		if _, ok := known.ChannelWeights[channel]; !ok {
			fields["channel_weights."+channel] = "field_unexpected"
		} else if w < 1 || w > 20 {
			fields["channel_weights."+channel] = "field_number"
		}
	}
	for p, seconds := range s.Boost {
		if !desk.Priority(p).Valid() {
			fields["boost."+p] = "field_unexpected"
		} else if seconds < -86_400 || seconds > 7*86_400 {
			fields["boost."+p] = "field_number"
		}
	}
	if s.StickySeconds < 0 || s.StickySeconds > 900 {
		fields["sticky_seconds"] = "field_number"
	}
	if s.OfflineAfter < 30 || s.OfflineAfter > 600 {
		fields["offline_after"] = "field_number"
	}
	if len(fields) > 0 {
		return &desk.Error{Code: desk.Invalid, Message: "fields", Fields: fields}
	}
	return nil
}

const queueSettingsKey = "queue.settings"

// queueSettings reads the settings; what was never set is the default.
func queueSettings(q store.Query) (s QueueSettings, err error) {
	s = defaultQueue()
	text, err := q.Meta(queueSettingsKey)
	if desk.CodeOf(err) == desk.NotFound {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, fmt.Errorf("settings of the queue: %w", err)
	}
	return s, nil
}

// QueueSettings returns the settings of the queue.
func (in *Inbox) QueueSettings(ctx context.Context) (QueueSettings, error) {
	return queueSettings(in.store.Read(ctx))
}

// SetQueueSettings stores the settings and gives everybody who waits the place
// that follows from them. Settings based on an older revision are a Conflict.
func (in *Inbox) SetQueueSettings(ctx context.Context, by store.Actor, s QueueSettings) (QueueSettings, error) {
	if err := s.check(); err != nil {
		return s, err
	}
	var after QueueSettings
	err := in.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockQueue(); err != nil {
			return err
		}
		before, err := queueSettings(tx.Query)
		if err != nil {
			return err
		}
		if before.Revision != s.Revision {
			return desk.Errorf(desk.Conflict, "conflict")
		}
		after = before // what is not named stays
		after.StickySeconds, after.OfflineAfter, after.Revision = s.StickySeconds, s.OfflineAfter, before.Revision+1
		after.ChannelWeights, after.Boost = maps.Clone(before.ChannelWeights), maps.Clone(before.Boost)
		maps.Copy(after.ChannelWeights, s.ChannelWeights)
		maps.Copy(after.Boost, s.Boost)
		text, err := json.Marshal(after)
		if err != nil {
			return err
		}
		if err := tx.SetMeta(queueSettingsKey, text); err != nil {
			return err
		}
		worth := map[desk.Priority]desk.Micros{}
		for _, p := range []desk.Priority{desk.Low, desk.Normal, desk.High, desk.Urgent} {
			worth[p] = after.worth(p)
		}
		if err := tx.RankQueue(worth); err != nil {
			return err
		}
		return tx.Audit(by, "queue.settings", "queue", 0, map[string]any{"from": before, "to": after})
	})
	if err == nil {
		in.queue.settings.Store(&after)
		in.wakeQueue()
	}
	return after, err
}

// dispatcher is what a node keeps for the queue.
type dispatcher struct {
	wake     chan struct{} // something has changed that may let somebody be served
	settings atomic.Pointer[QueueSettings]

	round sync.Mutex // one at a time gives out work on this node
	board boardCache

	// Of the sweep alone:
	began  time.Time
	beat   time.Time        // when the connected agents were last noted
	seen   map[desk.ID]bool // who was connected then
	mended time.Time
	told   time.Time
	places map[desk.ID]desk.QueuePlace // what contacts were told last, by conversation
}

func newDispatcher() *dispatcher {
	d := &dispatcher{wake: make(chan struct{}, 1)}
	s := defaultQueue()
	d.settings.Store(&s)
	return d
}

// wakeQueue has work given out soon. It costs nothing.
func (in *Inbox) wakeQueue() {
	select {
	case in.queue.wake <- struct{}{}:
	default: // it is due already
	}
}

// enterQueue puts a conversation that is open and nobody's into the queue, where
// it stands by when its contact began to wait, and reports whether it was not
// there yet.
func (in *Inbox) enterQueue(tx *store.Tx, c *desk.Conversation, declined ...desk.ID) (bool, error) {
	return tx.EnterQueue(in.entryOf(tx.Now(), c, declined))
}

func (in *Inbox) entryOf(now desk.Micros, c *desk.Conversation, declined []desk.ID) store.QueueEntry {
	e := store.QueueEntry{
		ConversationID: c.ID, TeamID: c.TeamID, EnteredAt: c.WaitingSince, Channel: c.Channel, Scenario: c.Scenario, Locale: c.Locale,
		Entity: c.Entity, Live: c.Mode != desk.MessageMode, StickyID: c.PreviousID, Declined: declined,
	}
	if e.EnteredAt == 0 {
		e.EnteredAt = now
	}
	if slices.Contains(declined, e.StickyID) {
		e.StickyID = 0
	}
	e.Rank = e.EnteredAt - in.queue.settings.Load().worth(c.Priority)
	return e
}

// placeInQueue puts a conversation where it belongs after a change: into the
// queue when it is open and nobody's, and out of it otherwise. outcome says why.
func (in *Inbox) placeInQueue(tx *store.Tx, c *desk.Conversation, outcome string, declined ...desk.ID) error {
	if c.Status != desk.Open || c.AssigneeID != 0 {
		return tx.LeaveQueue(c.ID, c.AssigneeID, outcome)
	}
	entered, err := in.enterQueue(tx, c, declined...)
	if err != nil || entered {
		return err
	}
	e, err := tx.QueueEntry(c.ID)
	if err != nil {
		return err
	}
	moved := in.entryOf(tx.Now(), c, nil)
	moved.Rank += e.EnteredAt - moved.EnteredAt // its place by time stays
	return tx.MoveInQueue(moved)
}

// beginsToWait reports whether a contact's message, just stored, is what makes a
// conversation wait for an agent. Every further message finds it waiting.
func beginsToWait(c *desk.Conversation, m *desk.Message) bool {
	return c.AssigneeID == 0 && c.Status == desk.Open && c.WaitingSince == m.CreatedAt
}

// tookByAnswering reports whether an agent's answer, just stored, made a
// conversation theirs that was nobody's.
func tookByAnswering(c *desk.Conversation, m *desk.Message) bool {
	return m.Visibility == desk.Public && c.AssigneeID == m.AuthorID && c.AssignedAt == m.CreatedAt
}

// changeHands sets what follows from who has a conversation now: c after the
// change, before it an agent's or nobody's.
func changeHands(now, waitedSince desk.Micros, before desk.ID, c *desk.Conversation) {
	if c.Status == desk.Resolved {
		c.WaitingSince = 0
	}
	if c.AssigneeID == before {
		return
	}
	if before != 0 && (waitedSince == 0 || waitedSince > c.AssignedAt) {
		c.PreviousID = before // who never answered is nobody's previous agent
	}
	c.AssignedAt = 0
	if c.AssigneeID != 0 {
		c.AssignedAt = now
	}
}
