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
}
