package lab

import "era/lab/traffic"

// holders is who was being served at one moment.
type holders struct {
	processes int            // of the server, that had a connection
	clients   map[string]int // whose connections these were, by group
}

// lookWhoHolds looks once, when the first client gives up.
func (s *side) lookWhoHolds(e traffic.Event) {
	if !s.script.Holders || s.holders != nil || e.What != traffic.Failed || e.Why != traffic.GaveUp {
		return
	}
	held := s.process.Peers()
	s.holders = &holders{len(held), map[string]int{}}
	for _, ports := range held {
		for _, port := range ports {
			s.holders.clients[s.tally.ports[port]]++
		}
	}
}
