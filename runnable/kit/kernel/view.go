package kernel

// What a view of the machine shows, besides the exported fields.

// HalfOpen counts the connections of a listener whose handshake is under way.
func (s *Stream) HalfOpen() int { return len(s.half) }

// Room returns how many connections may wait, as listen was asked.
func (s *Stream) Room() int { return s.backlog }

// Unarrived tells whether FIN is on its way from here.
func (s *Stream) Unarrived() bool { return s.fin }

// IsReady tells whether epoll_wait would look at the entry.
func (w *watch) IsReady() bool { return w.ready }
