package http1

// Rest takes all that has arrived and nobody has asked for: what follows a head by which the connection turns to another
// protocol.
func (s *Stream) Rest() []byte {
	rest := s.bytes[s.used:]
	s.bytes, s.used = nil, 0
	return rest
}
