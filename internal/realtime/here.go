package realtime

import "github.com/veridesk/veridesk/internal/desk"

// AgentsHere returns the agents who are connected to this node, each once.
func (h *Hub) AgentsHere() []*desk.Agent {
	h.mu.Lock()
	defer h.mu.Unlock()
	seen := make(map[desk.ID]bool, len(h.agents))
	out := make([]*desk.Agent, 0, len(h.agents))
	for _, c := range h.agents {
		if a := c.who(); !seen[a.ID] {
			seen[a.ID] = true
			out = append(out, a)
		}
	}
	return out
}

// VisitorHere reports whether a contact is connected to this node.
func (h *Hub) VisitorHere(contact desk.ID) bool {
	node := h.node.Load()
	return node != nil && len(node.Hub().UserConnections(contactUser(contact))) > 0
}
