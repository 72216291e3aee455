package realtime

import (
	"strconv"
	"strings"

	"github.com/veridesk/veridesk/internal/desk"
)

// Channel is the name of a stream of events.
type Channel string

// Kind says what a channel is about.
type Kind string

// The kinds of channel.
const (
	KindVisitor Kind = "visitor"
	KindTeam    Kind = "team"
	KindStaff   Kind = "staff"
	KindViewing Kind = "viewing"
	KindEditing Kind = "editing"
)

// Staff is the channel of every agent.
const Staff Channel = "staff"

// Visitor returns the channel of a contact.
func Visitor(contact desk.ID) Channel { return name(KindVisitor, contact) }

// Team returns the channel of a team; zero stands for conversations that have
// no team.
func Team(team desk.ID) Channel { return name(KindTeam, team) }

// Viewing returns the channel of the agents who look at a conversation.
func Viewing(conversation desk.ID) Channel { return name(KindViewing, conversation) }

// Editing returns the channel of the agents who have an article open.
func Editing(article desk.ID) Channel { return name(KindEditing, article) }

func name(kind Kind, id desk.ID) Channel {
	return Channel(string(kind) + ":" + strconv.FormatInt(int64(id), 10))
}

// parseChannel is the inverse of the constructors. It accepts exactly the names
// they give: no leading zeros or signs, so that one thing has one channel.
func parseChannel(s string) (Kind, desk.ID, bool) {
	kind, digits, found := strings.Cut(s, ":")
	if !found {
		return KindStaff, 0, s == string(Staff)
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 || string(name(Kind(kind), desk.ID(n))) != s {
		return "", 0, false
	}
	switch k := Kind(kind); k {
	case KindVisitor, KindViewing, KindEditing:
		return k, desk.ID(n), n > 0
	case KindTeam:
		return k, desk.ID(n), true
	}
	return "", 0, false
}

// kindLabel names a channel's kind for metrics.
func kindLabel(channel string) string {
	kind, _, _ := strings.Cut(channel, ":")
	return kind
}

// userOf names a contact or an agent as centrifuge's user.
func contactUser(id desk.ID) string { return "c" + id.String() }
func agentUser(id desk.ID) string   { return "a" + id.String() }

// agentOfUser is the inverse of agentUser; zero when the user is no agent.
func agentOfUser(user string) desk.ID {
	digits, ok := strings.CutPrefix(user, "a")
	if !ok {
		return 0
	}
	id, err := desk.ParseID(digits)
	if err != nil {
		return 0
	}
	return id
}
