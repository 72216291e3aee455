package desk

// Status is where a conversation stands.
type Status string

// The statuses. A customer's message makes a conversation open, an agent's
// reply makes it waiting; only a person or a rule resolves it.
const (
	Open     Status = "open"     // the desk must answer
	Waiting  Status = "waiting"  // the customer must answer
	Resolved Status = "resolved" // settled; the next message of the customer opens it again
)

// Valid reports whether s is one of the statuses.
func (s Status) Valid() bool { return s == Open || s == Waiting || s == Resolved }

// Priority orders work within a team.
type Priority string

// The priorities, least first.
const (
	Low    Priority = "low"
	Normal Priority = "normal"
	High   Priority = "high"
	Urgent Priority = "urgent"
)

// Valid reports whether p is one of the priorities.
func (p Priority) Valid() bool { return p == Low || p == Normal || p == High || p == Urgent }

// AuthorKind says who wrote a message.
type AuthorKind string

// The kinds of author.
const (
	ByContact AuthorKind = "contact"
	ByAgent   AuthorKind = "agent"
	BySystem  AuthorKind = "system"
)

// Visibility says who may read a message.
type Visibility string

// The visibilities.
const (
	Public Visibility = "public" // the customer and the desk
	Note   Visibility = "note"   // the desk only
)

// Channel names the way a conversation runs.
type Channel string

// Chat is the web widget and the in-app centre. Other channels add their names
// beside their adapters.
const Chat Channel = "chat"

// Contact is a person who writes to the desk.
type Contact struct {
	ID         ID     `json:"id"`
	Kind       string `json:"kind" enum:"visitor,customer"` // visitor: claims only; customer: signed in by the exchange
	Name       string `json:"name"`
	Email      string `json:"email"`
	UID        string `json:"uid"`
	Locale     string `json:"locale"`
	Entity     string `json:"entity"`
	Region     string `json:"region"`
	CreatedAt  Micros `json:"created_at"`
	LastSeenAt Micros `json:"last_seen_at"`
	Tier       string `json:"tier" doc:"as the exchange says; customers only"`
}

// Conversation is one matter of one contact on one channel.
type Conversation struct {
	ID             ID          `json:"id"`
	Number         string      `json:"number" doc:"short case number for people, such as VD-1042"`
	Channel        Channel     `json:"channel"`
	Status         Status      `json:"status" enum:"open,waiting,resolved"`
	Scenario       Scenario    `json:"scenario"`
	Subject        string      `json:"subject"`
	TeamID         ID          `json:"team_id"`
	AssigneeID     ID          `json:"assignee_id"`
	Priority       Priority    `json:"priority" enum:"low,normal,high,urgent"`
	Entity         string      `json:"entity"`
	Region         string      `json:"region"`
	Locale         string      `json:"locale"`
	Seq            int64       `json:"seq" doc:"sequence of the last message"`
	PublicSeq      int64       `json:"public_seq" doc:"sequence of the last message the customer may read"`
	ContactSeq     int64       `json:"contact_seq" doc:"sequence of the last message by the contact"`
	ContactReadSeq int64       `json:"contact_read_seq"`
	AgentReadSeq   int64       `json:"agent_read_seq"`
	LastMessage    LastMessage `json:"last_message"`
	Contact        *Contact    `json:"contact,omitempty"`
	ContactID      ID          `json:"contact_id"`
	CreatedAt      Micros      `json:"created_at"`
	UpdatedAt      Micros      `json:"updated_at"`
	ResolvedAt     Micros      `json:"resolved_at"`
	// WaitingSince is the first message of the contact that nobody has answered.
	WaitingSince Micros     `json:"waiting_since" doc:"since when the contact waits for an answer; 0: not at all"`
	AssignedAt   Micros     `json:"assigned_at"`
	PreviousID   ID         `json:"previous_agent_id" doc:"who answered before it was given back or resolved"`
	Mode         Mode       `json:"mode" enum:"live,message" doc:"message: left while nobody was there"`
	EndedBy      AuthorKind `json:"ended_by" doc:"who ended it; empty while it goes on"`
	Rating       int        `json:"rating" doc:"1 to 5 by the contact; 0: none"`
}

// Mode says how a contact waits for an answer.
type Mode string

// The modes.
const (
	LiveMode    Mode = "live"    // in front of the chat
	MessageMode Mode = "message" // elsewhere; the answer may take its time
)

// Unread reports whether the contact wrote something that no agent has read.
func (c *Conversation) Unread() bool { return c.ContactSeq > c.AgentReadSeq }

// LastMessage is the line a list shows for a conversation.
type LastMessage struct {
	Seq        int64      `json:"seq"`
	AuthorKind AuthorKind `json:"author_kind"`
	Preview    string     `json:"preview" doc:"at most 140 characters"`
	CreatedAt  Micros     `json:"created_at"`
}

// PreviewRunes is the longest preview, in runes.
const PreviewRunes = 140

// Preview returns the first runes of a message body on one line.
func Preview(body string) string {
	n := 0
	out := make([]rune, 0, PreviewRunes)
	space := false
	for _, r := range body {
		if r == '\n' || r == '\r' || r == '\t' || r == ' ' {
			space = len(out) > 0
			continue
		}
		if space {
			out, space = append(out, ' '), false
			n++
		}
		if n >= PreviewRunes {
			out[len(out)-1] = '…'
			break
		}
		out = append(out, r)
		n++
	}
	return string(out)
}

// Message is one entry of a conversation.
type Message struct {
	ID             ID            `json:"id"`
	ConversationID ID            `json:"conversation_id"`
	Seq            int64         `json:"seq" doc:"1, 2, 3 … within the conversation, without holes"`
	Prev           int64         `json:"prev" doc:"sequence of the previous message that the customer may read"`
	ClientID       string        `json:"client_id"`
	AuthorKind     AuthorKind    `json:"author_kind" enum:"contact,agent,system"`
	AuthorID       ID            `json:"author_id"`
	AuthorName     string        `json:"author_name"`
	Visibility     Visibility    `json:"visibility" enum:"public,note"`
	Body           string        `json:"body"`
	CreatedAt      Micros        `json:"created_at"`
	Findings       []Removed     `json:"findings,omitempty" doc:"what the guard took out of the body"`
	Event          *MessageEvent `json:"event,omitempty" doc:"for system messages"`
	Attachments    []Attachment  `json:"attachments,omitempty"`
	DedupeKey      string        `json:"-"`
}

// Removed names a secret that was taken out of a text: its kind, never itself.
type Removed struct {
	Kind  string `json:"kind"`
	Words int    `json:"words,omitempty" doc:"number of words of a recovery phrase"`
}

// MessageEvent is what a system message tells: a field of the conversation went
// from one value to another.
type MessageEvent struct {
	Type string `json:"type" enum:"status,assignee,team,priority,scenario,returned,handover,ended,rating,signed_in"`
	From string `json:"from"`
	To   string `json:"to"`
}

// Attachment is a file of a message. The addresses are made for whoever reads
// it and are not stored; they stop working after some days.
type Attachment struct {
	ID         ID     `json:"id"`
	Name       string `json:"name"`
	MIME       string `json:"mime" doc:"told by the content, never by the sender"`
	Size       int64  `json:"size" doc:"bytes"`
	Width      int    `json:"width,omitempty" doc:"pixels, of a picture that can be shown"`
	Height     int    `json:"height,omitempty"`
	Active     bool   `json:"active,omitempty" doc:"opening it may run something: warn before the download"`
	URL        string `json:"url,omitempty"`
	PreviewURL string `json:"preview_url,omitempty" doc:"a small picture, for pictures only"`
}

// MaxAttachments is how many files one message may have.
const MaxAttachments = 10

// MaxBodyRunes is the longest message body, in runes.
const MaxBodyRunes = 8000

// Inbound is what a channel adapter hands to inbox.Receive: one message of a
// contact, before the guard has seen it.
type Inbound struct {
	Channel        Channel
	ConversationID ID // zero: begin a conversation
	ContactID      ID
	ClientID       string // chosen by the sender's device; may be empty
	DedupeKey      string // unique per channel message: client id, Message-ID, update id
	Body           string
	Scenario       Scenario
	Locale         string
	Entity         string
	Region         string
	PageURL        string
	Came           Origin // what was tried before a conversation was begun
	Attachments    []ID   // files of the sender that are ready and not sent yet
	// Prepared is what the contact had ready when they began, by the keys of
	// [Scenario.Fields]. Claims, all of it.
	Prepared map[string]string
	Mode     Mode   // of a new conversation; "": live
	ReplyTo  string // mail address for answers while the contact is away; "": none
}

// Origin is what somebody did in the Help Center before they wrote: what did not
// answer their question. The zero of a field means that it is not known.
type Origin struct {
	Article ID     // the article that they read last
	Query   string // what they searched last, as typed
	Locale  string // of both
}

// Outbound is what inbox hands to a channel adapter for delivery.
type Outbound struct {
	Channel        Channel
	ConversationID ID
	ContactID      ID
	Message        Message
}
