// Package queue decides who answers whom, and how long somebody may expect to
// wait. It is pure: values in, values out; the inbox reads and writes.
//
// The order is by rank: the moment of entering less what the priority is worth.
// Ranks only grow with time, so that everybody is first some day. Whoever is
// first is given to the agent with the least work in relation to what they can
// carry, among those who speak the language and know the matter. A place is only
// passed over for somebody behind it when nobody who may take it has room.
package queue
