package http1

// Rest takes all remaining bytes: those after a head that switches the connection to another protocol.
func (s *Stream) Rest() []byte {
	rest := s.bytes[s.used:]
	s.bytes, s.used = nil, 0
	return rest
}
