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
}

// The types of events.
const (
	EventMessage      = "message"
	EventConversation = "conversation"
	EventRead         = "read"
	EventTyping       = "typing"
	EventStaff        = "staff"
	EventArticle      = "article" // somebody else saved the article that is open
	EventResync       = "resync"  // fetch what is shown, as after a reconnect
)
