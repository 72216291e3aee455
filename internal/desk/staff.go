package desk

import "slices"

// Role says what an agent may do.
type Role string

// The roles.
const (
	Admin      Role = "admin"
	Supervisor Role = "supervisor"
	AgentRole  Role = "agent"
	Editor     Role = "editor"
	Compliance Role = "compliance"
	Auditor    Role = "auditor"
)

// Roles lists the roles, most powerful first.
var Roles = []Role{Admin, Supervisor, AgentRole, Editor, Compliance, Auditor}

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return slices.Contains(Roles, r) }

// Permission is one thing that a role allows.
type Permission string

// The permissions.
const (
	ReadConversations   Permission = "conversation.read"
	ReplyConversations  Permission = "conversation.reply"
	AssignConversations Permission = "conversation.assign"
	ReadStaff           Permission = "staff.read"
	ManageStaff         Permission = "staff.manage"
	ManageTeams         Permission = "team.manage"
	ReadAudit           Permission = "audit.read"
	ManageJobs          Permission = "jobs.manage"
	EditArticles        Permission = "article.edit"    // write drafts and ask for a review
	PublishArticles     Permission = "article.publish" // put up, schedule, archive; categories and synonyms
	ManageAnnouncements Permission = "announcement.manage"
	ManageOfficial      Permission = "official.manage" // the registry of contacts
	ReadInsight         Permission = "insight.read"
)

// RolePermissions is the whole policy: which role allows what.
var RolePermissions = map[Role][]Permission{
	Admin:      {ReadConversations, ReplyConversations, AssignConversations, ReadStaff, ManageStaff, ManageTeams, ReadAudit, ManageJobs, EditArticles, PublishArticles, ManageAnnouncements, ManageOfficial, ReadInsight},
	Supervisor: {ReadConversations, ReplyConversations, AssignConversations, ReadStaff, ManageTeams, EditArticles, PublishArticles, ManageAnnouncements, ReadInsight},
	AgentRole:  {ReadConversations, ReplyConversations, AssignConversations, ReadStaff, EditArticles},
	Editor:     {ReadStaff, EditArticles, PublishArticles, ManageAnnouncements, ReadInsight},
	Compliance: {ReadConversations, ReplyConversations, ReadStaff, ReadAudit, ManageOfficial, ReadInsight},
	Auditor:    {ReadConversations, ReadStaff, ReadAudit, ReadInsight},
}

// May reports whether the role allows p.
func (r Role) May(p Permission) bool { return slices.Contains(RolePermissions[r], p) }

// SeesAllTeams reports whether the role sees conversations of every team, and
// not only of the teams it belongs to.
func (r Role) SeesAllTeams() bool {
	return r == Admin || r == Supervisor || r == Compliance || r == Auditor
}

// Agent is a member of staff.
type Agent struct {
	ID          ID     `json:"id"`
	Email       string `json:"email"`
	Name        string `json:"name"`
	Role        Role   `json:"role"`
	Status      string `json:"status" enum:"active,disabled"`
	Locale      string `json:"locale"`
	Theme       string `json:"theme" enum:"system,light,dark"`
	Teams       []ID   `json:"teams"`
	TOTPEnabled bool   `json:"totp_enabled"`
	Passkeys    int    `json:"passkeys"`
	CreatedAt   Micros `json:"created_at"`
	LastSeenAt  Micros `json:"last_seen_at"`

	Capacity int        `json:"capacity" doc:"units of work at a time; a channel weighs some"`
	Locales  []string   `json:"locales" doc:"languages; none: all"`
	Skills   []Scenario `json:"skills" doc:"scenarios that come by themselves; none: all"`
}

// Sees reports whether the agent may see conversations of the team; a
// conversation without a team is everybody's.
func (a *Agent) Sees(team ID) bool {
	return a.Role.May(ReadConversations) && (team == 0 || a.Role.SeesAllTeams() || slices.Contains(a.Teams, team))
}

// Team is a group of agents that conversations are given to.
type Team struct {
	ID      ID     `json:"id"`
	Name    string `json:"name"`
	Entity  string `json:"entity"`
	Region  string `json:"region"`
	Members int    `json:"members"`

	Hours Hours     `json:"hours"`
	Queue TeamQueue `json:"queue"`
}

// Hours is when a team is there. The zero value is always.
type Hours struct {
	Zone string `json:"zone" required:"false" doc:"IANA name, such as Asia/Shanghai; empty: UTC"`
	// Week holds the open hours of each day, Monday first. nil: always open. An
	// empty day is closed; a span that ends at 24:00 may go on the next day.
	Week [][]Span `json:"week" required:"false" nullable:"true"`
	// Holidays replace the hours of a date, once or every year.
	Holidays []Holiday `json:"holidays" required:"false" nullable:"true"`
}

// Span is a part of a day.
type Span struct {
	From string `json:"from" doc:"HH:MM"`
	To   string `json:"to" doc:"HH:MM, at most 24:00"`
}

// Holiday is a date with hours of its own.
type Holiday struct {
	Date string            `json:"date" doc:"2026-10-01, or --10-01 for every year"`
	Name map[string]string `json:"name" required:"false" doc:"by locale, as customers read it"`
	Open []Span            `json:"open" required:"false" nullable:"true" doc:"empty: closed"`
}

// TeamQueue is how a team's queue works. The zero of a field is the default.
type TeamQueue struct {
	AnswerWithin int `json:"answer_within" required:"false" doc:"seconds until work that nobody answers goes to another; 0: 120, -1: never"`
	MaxWaiting   int `json:"max_waiting" required:"false" doc:"more are asked to leave a message; 0: no limit"`
}

// PresenceState is what an agent has chosen to be.
type PresenceState string

// The states. Only available agents are given work.
const (
	Available PresenceState = "available"
	WrapUp    PresenceState = "wrap_up" // finishing what there is; ends by itself
	OnBreak   PresenceState = "break"
	Away      PresenceState = "away"
)

// Valid reports whether s is one of the states.
func (s PresenceState) Valid() bool {
	return s == Available || s == WrapUp || s == OnBreak || s == Away
}

// Presence is whether an agent can take work.
type Presence struct {
	AgentID ID            `json:"agent_id"`
	State   PresenceState `json:"state" enum:"available,wrap_up,break,away"`
	Since   Micros        `json:"since"`
	Until   Micros        `json:"until" doc:"when it ends by itself; 0: never"`
	Online  bool          `json:"online" doc:"whether a live connection was seen within the last 45 seconds"`
	Load    int           `json:"load" doc:"units of work in hand"`
}
