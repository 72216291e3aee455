// Package realtime tells connected browsers what was committed: a centrifuge
// node with our channel names, rules of admission and presence.
//
// Everything it sends is a hint and may be lost; the database is the truth and
// clients ask the API for what came since. So publishing never fails for the
// caller, never waits for Redis, and a Redis that goes away costs liveness
// between nodes, not messages.
//
// Channels:
//
//	visitor:<contact id>    the visitor (admitted by token) and agents who may see the contact
//	team:<team id>          agents who may see the team; team:0 is for conversations without one
//	staff                   every agent
//	viewing:<conversation>  agents who have the conversation open
//	editing:<article>       agents who have the article open in the editor
//
// Clients never publish: what they have to say goes through the HTTP API.
package realtime
