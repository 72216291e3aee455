package store

import (
	"slices"
	"time"

	"github.com/veridesk/veridesk/internal/desk"
)

// RequestsOf lists a page of a contact's conversations, newest activity first:
// those behind (afterAt, afterID), or the first ones when both are zero.
func (q Query) RequestsOf(contact desk.ID, afterAt desk.Micros, afterID desk.ID, limit int) ([]*desk.Conversation, error) {
	if afterID == 0 {
		afterAt, afterID = 1<<62, 1<<62
	}
	return collect(q, scanConversation, `SELECT `+conversationColumns+` FROM conversation
		WHERE contact_id = $1 AND (last_at, id) < ($2, $3) ORDER BY last_at DESC, id DESC LIMIT $4`, contact, afterAt, afterID, limit)
}

const unreadAnswer = `message.seq > conversation.contact_read_seq AND message.visibility = 'public' AND message.author_kind = 'agent'`

// UnreadAnswers counts, for each of the conversations that has any, the answers
// that its contact has not read.
func (q Query) UnreadAnswers(conversations []desk.ID) (map[desk.ID]int, error) {
	out := map[desk.ID]int{}
	if len(conversations) == 0 {
		return out, nil
	}
	type count struct {
		id desk.ID
		n  int
	}
	marks, args := placeholders(nil, rounded(conversations))
	counts, err := collect(q, func(r scanner) (c count, err error) {
		err = r.Scan(&c.id, &c.n)
		return c, err
	}, `SELECT conversation.id, COUNT(*) FROM conversation JOIN message ON message.conversation_id = conversation.id
		WHERE conversation.id IN (`+marks+`) AND conversation.public_seq > conversation.contact_read_seq AND `+unreadAnswer+`
		GROUP BY conversation.id`, args...)
	for _, c := range counts {
		out[c.id] = c.n
	}
	return out, err
}

// answersLooked is how many of the desk's latest answers are looked at, so that
// the question stays cheap however many messages there are.
const answersLooked = 2000

// AnswerTimes returns how long a team's answers (zero: those in conversations of
// no team) among the desk's latest 2,000 took since a moment, shortest first: from
// the message before, by the contact, to the answer.
func (q Query) AnswerTimes(team desk.ID, since time.Time) ([]time.Duration, error) {
	times, err := collect(q, func(r scanner) (d time.Duration, err error) {
		var micros int64
		err = r.Scan(&micros)
		return time.Duration(micros) * time.Microsecond, err
	}, `SELECT answer.created_at - question.created_at FROM (
			SELECT conversation_id, prev, created_at FROM message WHERE id > $1 AND author_kind = 'agent' AND visibility = 'public'
			ORDER BY id DESC LIMIT $3) AS answer
		JOIN conversation ON conversation.id = answer.conversation_id
		JOIN message question ON question.conversation_id = answer.conversation_id AND question.seq = answer.prev
		WHERE conversation.team_id = $2 AND question.author_kind = 'contact' AND answer.created_at >= question.created_at`,
		desk.FirstIDAt(since), team, answersLooked)
	slices.Sort(times)
	return times, err
}
