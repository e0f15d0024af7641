package kernel

import "strconv"

// Segment is what travels from one socket to another.
type Segment uint8

const (
	SYN    Segment = iota + 1 // asks for a connection
	SYNACK                    // grants it
	ACK                       // confirms: the connection may be accepted
	Bytes                     // data
	FIN                       // no more will follow
	RST                       // there is no such connection, or no longer
)

func (s Segment) String() string {
	return [...]string{"", "SYN", "SYN and ACK", "ACK", "data", "FIN", "RST"}[s]
}

// Flight is something on its way. Each direction of a connection keeps its order, but RST overtakes.
type Flight struct {
	What Segment
	Of   *Stream // its sender; of RST, its receiver
	Most int     // of data: how many bytes can arrive at once
}

func (f Flight) String() string {
	if f.What == Bytes {
		return strconv.Itoa(f.Most) + " bytes arrive at " + f.Of.Remote.String()
	}
	if f.What == RST {
		return "RST arrives at " + f.Of.Local.String()
	}
	return f.What.String() + " arrives at " + f.Of.Remote.String()
}

// Flights returns what can arrive next, always in the same order. A connection that asks for a full queue is not among
// it: its SYN is lost, and sent again, until there is room.
func (k *Kernel) Flights() []Flight { return k.AppendFlights(nil) }

// AppendFlights is Flights, into memory that the caller has.
func (k *Kernel) AppendFlights(all []Flight) []Flight {
	for _, s := range k.streams {
		if s.reset {
			all = append(all, Flight{What: RST, Of: s})
		}
		if f, is := s.flight(); is {
			all = append(all, f)
		}
	}
	return all
}

// flight returns the next segment from a socket that can arrive.
func (s *Stream) flight() (Flight, bool) {
	switch {
	case s.handshake == SYN:
		l := s.kernel.listener(s.Remote)
		return Flight{What: SYN, Of: s}, l == nil || !l.full()
	case s.handshake == ACK && s.Peer.State == HalfOpen:
		l := s.kernel.listener(s.Remote)
		return Flight{What: ACK, Of: s}, l == nil || !l.full()
	case s.handshake != 0:
		return Flight{What: s.handshake, Of: s}, true
	case s.Peer == nil:
		return Flight{}, false
	case len(s.Out) > 0:
		most := len(s.Out)
		if !s.Peer.ReadEnd {
			most = min(most, s.kernel.Receive-len(s.Peer.In))
		}
		return Flight{What: Bytes, Of: s, Most: most}, most > 0
	case s.fin:
		return Flight{What: FIN, Of: s}, true
	}
	return Flight{}, false
}

// Arrive has a flight end. Of data, n bytes arrive, at least 1 and at most Most; 0 stands for all.
func (k *Kernel) Arrive(f Flight, n int) {
	s := f.Of
	switch f.What {
	case SYN:
		s.handshake = 0
		l := k.listener(s.Remote)
		if l == nil {
			s.reset = true // the answer
			return
		}
		c := &Stream{kernel: k, State: HalfOpen, Local: s.Remote, Remote: s.Local, Peer: s, handshake: SYNACK,
			holds: true, reuse: l.reuse, linger0: l.linger0} // options are inherited
		s.Peer = c
		l.half = append(l.half, c)
		k.add(c)
	case SYNACK:
		s.handshake = 0
		if s.Peer.State == Connecting {
			s.Peer.State, s.Peer.handshake = Established, ACK
			s.Peer.file.wake(0)
		} else {
			s.sendReset() // its client has given up
		}
	case ACK:
		s.handshake = 0
		if l, c := k.listener(s.Remote), s.Peer; l != nil && c.State == HalfOpen {
			c.State = Established
			l.half = without(l.half, c)
			l.Queue = append(l.Queue, c)
			l.file.wake(POLLIN)
		}
	case Bytes:
		if n == 0 {
			n = f.Most
		}
		s.arrive(n)
	case FIN:
		s.fin, s.finHeard = false, true
		s.Peer.ended()
	case RST:
		s.reset = false
		s.broken()
	}
}

// Settle has everything arrive, as on Linux's loopback, where it arrives before the call that sends it has returned.
func (k *Kernel) Settle() {
	for {
		flights := k.Flights()
		if len(flights) == 0 {
			return
		}
		k.Arrive(flights[0], 0)
	}
}

// arrive moves bytes to the other end. If that end was closed, the answer is RST.
func (s *Stream) arrive(n int) {
	if peer := s.Peer; peer.ReadEnd {
		s.Out = nil
		peer.sendReset()
		return
	}
	s.Peer.In = append(s.Peer.In, s.Out[:n]...)
	s.Out = s.Out[n:]
	if len(s.Out) == 0 {
		s.Out = nil
	}
	s.Peer.file.wake(POLLIN)
	if s.noSpace && s.roomy() {
		s.noSpace = false
		s.file.wake(POLLOUT)
	}
}

// ended is what FIN does to the socket that receives it.
func (s *Stream) ended() {
	s.Ended, s.ReadEnd = true, true
	if s.finHeard { // the other direction has ended before
		for _, end := range []*Stream{s, s.Peer} {
			end.over()
			end.file.wake(0)
			s.kernel.forget(end)
		}
		return
	}
	s.file.wake(0)
}

// broken is what RST does to the socket that receives it.
func (s *Stream) broken() {
	switch {
	case s.State == Over:
		return
	case s.State == Connecting:
		s.err = ECONNREFUSED
	case s.Ended:
		s.err = EPIPE
	default:
		s.err = ECONNRESET
	}
	s.over()
	s.file.wake(0)
	s.kernel.forget(s)
}

// over ends both directions. What has arrived can still be read.
func (s *Stream) over() {
	if s.State == HalfOpen {
		if l := s.kernel.listener(s.Local); l != nil {
			l.half = without(l.half, s) // it will never be offered to accept
		}
	}
	s.State, s.Out, s.fin, s.handshake = Over, nil, false, 0
	s.holds = s.bound
	s.ReadEnd, s.WriteEnd = true, true
}

func without(all []*Stream, one *Stream) (rest []*Stream) {
	for _, s := range all {
		if s != one {
			rest = append(rest, s)
		}
	}
	return rest
}
