package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
	"github.com/veridesk/veridesk/internal/inbox"
	"github.com/veridesk/veridesk/internal/store"
	"github.com/veridesk/veridesk/internal/terms"
	"github.com/veridesk/veridesk/internal/web"
)

func (a *API) conversationRoutes() []Route {
	return []Route{
		route("GET", "/scenarios", SignedIn, a.scenarios),
		route("GET", "/conversations", desk.ReadConversations, a.listConversations),
		route("GET", "/conversations/counts", desk.ReadConversations, a.countConversations),
		route("GET", "/conversations/{id}", desk.ReadConversations, a.getConversation),
		route("PATCH", "/conversations/{id}", desk.AssignConversations, a.changeConversation),
		route("GET", "/conversations/{id}/messages", desk.ReadConversations, a.listMessages),
		route("POST", "/conversations/{id}/messages", desk.ReplyConversations, a.reply, status(http.StatusCreated)),
		route("POST", "/conversations/{id}/read", desk.ReplyConversations, a.readAsAgent),
		route("POST", "/conversations/{id}/unread", desk.ReplyConversations, a.markUnread),
		route("POST", "/conversations/{id}/typing", desk.ReplyConversations, a.typeAsAgent),
		route("GET", "/search/messages", desk.ReadConversations, a.searchMessages),
	}
}

type listInput struct {
	View    store.View `query:"view" enum:"mine,unassigned,open,waiting,resolved,all" default:"open"`
	Team    IDParam    `query:"team"`
	Contact IDParam    `query:"contact" doc:"only conversations of this contact"`
	Query   string     `query:"q" doc:"a case number, such as VD-1042"`
	Cursor  string     `query:"cursor"`
	Limit   int        `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// seenBy returns a filter for what the agent may see.
func seenBy(agent *desk.Agent) store.ConversationFilter {
	f := store.ConversationFilter{Agent: agent.ID}
	if !agent.Role.SeesAllTeams() {
		f.Teams = append([]desk.ID{}, agent.Teams...)
	}
	return f
}

func (a *API) listConversations(ctx context.Context, in *listInput) (*body[conversationList], error) {
	agent := AgentFrom(ctx)
	if n, ok := store.ParseNumber(in.Query); ok {
		return a.conversationByNumber(ctx, agent, n)
	}
	f := seenBy(agent)
	f.View, f.Team, f.Contact, f.Limit = in.View, in.Team.ID, in.Contact.ID, in.Limit+1
	var err error
	if f.AfterAt, f.AfterID, err = parseCursor(in.Cursor); err != nil {
		return nil, err
	}
	list, err := a.Store.Read(ctx).Conversations(f)
	if err != nil {
		return nil, err
	}
	out := conversationList{Conversations: list}
	if len(list) > in.Limit {
		out.Conversations = list[:in.Limit]
		last := list[in.Limit-1]
		out.Next = strconv.FormatInt(int64(last.LastMessage.CreatedAt), 10) + "." + last.ID.String()
	}
	return &body[conversationList]{out}, nil
}

func (a *API) conversationByNumber(ctx context.Context, agent *desk.Agent, n int64) (*body[conversationList], error) {
	out := &body[conversationList]{conversationList{Conversations: []*desk.Conversation{}}}
	c, err := a.Store.Read(ctx).ConversationByNumber(n)
	if desk.CodeOf(err) == desk.NotFound || err == nil && !agent.Sees(c.TeamID) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Body.Conversations = append(out.Body.Conversations, c)
	return out, nil
}

func parseCursor(s string) (desk.Micros, desk.ID, error) {
	if s == "" {
		return 0, 0, nil
	}
	at, id, ok := strings.Cut(s, ".")
	micros, err := strconv.ParseInt(at, 10, 64)
	last, idErr := desk.ParseID(id)
	if !ok || err != nil || idErr != nil {
		return 0, 0, desk.Field("cursor", "field_invalid")
	}
	return desk.Micros(micros), last, nil
}

func (a *API) countConversations(ctx context.Context, _ *nothing) (*body[store.ConversationCounts], error) {
	n, err := a.Store.Read(ctx).CountConversations(seenBy(AgentFrom(ctx)))
	if err != nil {
		return nil, err
	}
	return &body[store.ConversationCounts]{n}, nil
}

type conversationBody struct {
	Conversation  *desk.Conversation `json:"conversation"`
	ContactOnline bool               `json:"contact_online"`
	Prepared      map[string]string  `json:"prepared" doc:"what the contact had ready, by field; claims, all of it"`
	ReplyEmail    string             `json:"reply_email" doc:"where answers are mailed while the contact is away; a claim"`
	Rating        *store.Rating      `json:"rating" doc:"null: none"`
}

func (a *API) getConversation(ctx context.Context, in *byID) (*body[conversationBody], error) {
	c, err := a.Inbox.Conversation(ctx, AgentFrom(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	d, err := a.Inbox.Details(ctx, c)
	if err != nil {
		return nil, err
	}
	out := conversationBody{Conversation: c, Prepared: d.Prepared, ReplyEmail: d.ReplyEmail, Rating: d.Rating}
	if out.Prepared == nil {
		out.Prepared = map[string]string{}
	}
	// Unknown (Redis is away) is shown like offline.
	out.ContactOnline, err = a.ContactOnline(ctx, c.ContactID)
	if err != nil {
		web.Logger(ctx).Debug("presence is not known", "error", err)
	}
	return &body[conversationBody]{out}, nil
}

func (a *API) listMessages(ctx context.Context, in *rangeInput) (*body[messagePage], error) {
	c, err := a.Inbox.Conversation(ctx, AgentFrom(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	messages, more, err := a.Store.Read(ctx).Messages(in.ID.ID, in.messages(false))
	if err != nil {
		return nil, err
	}
	a.Inbox.Address(messages...)
	return &body[messagePage]{messagePage{c, messages, more}}, nil
}

type replyInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		ClientID    string          `json:"client_id"`
		Body        string          `json:"body"`
		Visibility  desk.Visibility `json:"visibility" enum:"public,note"`
		Attachments []desk.ID       `json:"attachments,omitempty" maxItems:"10" doc:"uploads of the agent that are ready; the body may be empty then"`

		ExpectSeq *int64 `json:"expect_seq,omitempty" doc:"the last sequence on the agent's screen; a public answer is refused as stale when the customer wrote after it"`
	}
}

func (a *API) reply(ctx context.Context, in *replyInput) (*sent, error) {
	if err := checkClientID(in.Body.ClientID); err != nil {
		return nil, err
	}
	expect := int64(-1)
	if in.Body.ExpectSeq != nil {
		expect = *in.Body.ExpectSeq
	}
	r, err := a.Inbox.Reply(ctx, AgentFrom(ctx), inbox.Answer{
		ConversationID: in.ID.ID, ClientID: in.Body.ClientID, Body: in.Body.Body, Visibility: in.Body.Visibility, ExpectSeq: expect,
		Attachments: in.Body.Attachments,
	})
	if err != nil {
		return nil, err
	}
	return sentOutput(r, r.Conversation), nil
}

type changeInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Status     *desk.Status   `json:"status,omitempty"`
		AssigneeID *desk.ID       `json:"assignee_id,omitempty" doc:"empty: nobody"`
		TeamID     *desk.ID       `json:"team_id,omitempty"`
		Priority   *desk.Priority `json:"priority,omitempty"`
		Scenario   *desk.Scenario `json:"scenario,omitempty"`
	}
}

func (a *API) changeConversation(ctx context.Context, in *changeInput) (*body[sentConversation], error) {
	c, err := a.Inbox.Update(ctx, AgentFrom(ctx), in.ID.ID, inbox.Change{
		Status: in.Body.Status, AssigneeID: in.Body.AssigneeID, TeamID: in.Body.TeamID,
		Priority: in.Body.Priority, Scenario: in.Body.Scenario,
	}, web.ClientIP(ctx))
	if err != nil {
		return nil, err
	}
	return &body[sentConversation]{sentConversation{c}}, nil
}

type sentConversation struct {
	Conversation *desk.Conversation `json:"conversation"`
}

type agentReadInput struct {
	ID   IDParam `path:"id"`
	Body struct {
		Seq int64 `json:"seq" minimum:"0"`
	}
}

func (a *API) readAsAgent(ctx context.Context, in *agentReadInput) (*nothing, error) {
	return nil, a.Inbox.ReadByAgent(ctx, AgentFrom(ctx), in.ID.ID, in.Body.Seq)
}

func (a *API) markUnread(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.Inbox.Unread(ctx, AgentFrom(ctx), in.ID.ID)
}

func (a *API) typeAsAgent(ctx context.Context, in *byID) (*nothing, error) {
	return nil, a.Inbox.TypingByAgent(ctx, AgentFrom(ctx), in.ID.ID)
}

type searchHit struct {
	Conversation *desk.Conversation `json:"conversation"`
	Message      *desk.Message      `json:"message"`
	Excerpt      string             `json:"excerpt"`
	Spans        [][2]int           `json:"spans" doc:"ranges of the excerpt that match, in characters"`
}

type searchHits struct {
	Hits []searchHit `json:"hits"`
}

func (a *API) searchMessages(ctx context.Context, in *struct {
	Query string `query:"q" maxLength:"200"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
},
) (*body[searchHits], error) {
	agent := AgentFrom(ctx)
	found, err := a.Index.Search(ctx, in.Query, seenBy(agent).Teams, in.Limit)
	if err != nil {
		return nil, err
	}
	out := searchHits{Hits: []searchHit{}}
	for _, f := range found {
		a.Inbox.Address(f.Message)
		excerpt, spans := terms.Highlight(f.Message.Body, in.Query, desk.PreviewRunes)
		out.Hits = append(out.Hits, searchHit{f.Conversation, f.Message, excerpt, runeSpans(excerpt, spans)})
	}
	return &body[searchHits]{out}, nil
}

// runeSpans turns byte ranges of s into ranges of characters, which is what the
// browser counts in (surrogate pairs aside).
func runeSpans(s string, spans [][2]int) [][2]int {
	out := make([][2]int, 0, len(spans))
	for _, sp := range spans {
		start := len([]rune(s[:sp[0]]))
		out = append(out, [2]int{start, start + len([]rune(s[sp[0]:sp[1]]))})
	}
	return out
}
