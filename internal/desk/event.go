package desk

// Event is what realtime tells clients after a commit. It is a hint: whoever
// misses one asks the API for what came since.
type Event struct {
	Type           string        `json:"type"` // message, conversation, read, typing, staff
	ConversationID ID            `json:"conversation_id,omitempty"`
	ContactID      ID            `json:"contact_id,omitempty"`
	Message        *Message      `json:"message,omitempty"`
	Conversation   *Conversation `json:"conversation,omitempty"`
	By             AuthorKind    `json:"by,omitempty"`
	Name           string        `json:"name,omitempty"`
	Seq            int64         `json:"seq,omitempty"`
	AgentID        ID            `json:"agent_id,omitempty"`
	Online         bool          `json:"online,omitempty"`
	ArticleID      ID            `json:"article_id,omitempty"`
	Locale         string        `json:"locale,omitempty"`
	Revision       int           `json:"revision,omitempty"`
	Queue          *QueuePlace   `json:"queue,omitempty"`
	Presence       *Presence     `json:"presence,omitempty"`
}

// QueuePlace is where a waiting conversation stands, as its contact is told.
type QueuePlace struct {
	State    string `json:"state" enum:"none,waiting,assigned,closed" doc:"closed: nobody is there now; the message is answered later"`
	Position int    `json:"position" doc:"1 is next; 0: not waiting"`
	Agent    string `json:"agent,omitempty" doc:"who has it, once assigned"`
	// The wait is a range, and absent when nothing honest can be said.
	WaitLow  int    `json:"wait_low" doc:"seconds"`
	WaitHigh int    `json:"wait_high" doc:"seconds; 0: not known"`
	OpensAt  Micros `json:"opens_at" doc:"when somebody is there again; 0: somebody is, or it is not known"`
}

// The types of events.
const (
	EventMessage      = "message"
	EventConversation = "conversation"
	EventRead         = "read"
	EventTyping       = "typing"
	EventStaff        = "staff"
	EventArticle      = "article" // somebody else saved the article that is open
	EventQueue        = "queue"   // a contact's place has changed
	EventPresence     = "presence"
	EventResync       = "resync" // fetch what is shown, as after a reconnect
)
