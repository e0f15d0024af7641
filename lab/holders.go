package lab

// lookWhoHolds looks whose connections the server's processes have now. It takes its time, and nobody waits for it before
// the end.
func (s *side) lookWhoHolds() {
	s.looking.Go(func() { s.held = s.process.Peers() })
}

// holders are how many processes of the server had connections then, and whose these were: how many of each group.
func (s *side) holders() (processes int, clients map[string]int) {
	s.looking.Wait()
	clients = map[string]int{}
	for _, ports := range s.held {
		for _, port := range ports {
			clients[s.tally.ports[port]]++
		}
	}
	return len(s.held), clients
}
