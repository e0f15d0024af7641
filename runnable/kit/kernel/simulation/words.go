package simulation

import (
	"strconv"

	"era/runnable/kit/kernel"
)

// Said tells in words what the last choice did.
func (s *Simulation) Said() string {
	switch s.did.Kind {
	case 0:
		return "nothing has happened yet"
	case Run, Short, Full, Signal:
		c := s.call
		said := c.Text()
		switch {
		case !s.ended:
			said += " waits: " + c.Waits
		case c.Plain != nil:
			said += " " + c.Plain()
		default:
			said += s.returned()
		}
		if s.did.Kind == Signal {
			said += "; a signal has interrupted it"
		}
		if s.Over != "" {
			said += ". The program has ended: " + s.Over
		}
		if s.alone() {
			return said
		}
		return "thread " + strconv.Itoa(s.did.Of) + ": " + said
	case Reset:
		return s.client(s.did.Of).Name + " resets its connection"
	case Answer:
		return "the backend answers"
	case Die:
		return "the backend dies"
	case Clock:
		return "the clock goes on to " + s.Now.String()
	}
	return s.about
}

func (s *Simulation) alone() bool { return len(s.Threads) == 1 }

// returned is what the last call returned: " = 5".
func (s *Simulation) returned() string {
	if s.call == nil || !s.ended || s.call.Result == nil {
		return ""
	}
	n, err := s.call.Result()
	if errno, is := err.(kernel.Errno); is {
		return " = " + errno.Name()
	}
	return " = " + strconv.Itoa(n)
}

// Did is the last choice as a table has it: the call with its result, or what happened.
func (s *Simulation) Did() string {
	if s.call == nil {
		return s.Said()
	}
	if !s.ended {
		return s.call.Text() + " ..."
	}
	return s.call.Text() + s.returned()
}

// name says whose end of a connection a socket is.
func (s *Simulation) name(of *kernel.Stream) string {
	for _, c := range s.Clients {
		if c.stream == of && of != nil {
			return c.Name
		}
	}
	if s.Backend != nil && of != nil && of.Local == s.Backend.at {
		return "the backend"
	}
	return "the server"
}

// Peer says who is at the other end of the program's descriptor: a client, the backend, or no one that is known.
func (s *Simulation) Peer(fd int) string {
	if fd >= 0 && fd < len(s.Program.Files()) && s.Program.Files()[fd] != nil {
		if c, is := s.Program.Files()[fd].Of.(*kernel.Stream); is {
			return s.peer(c)
		}
	}
	return ""
}

func (s *Simulation) peer(c *kernel.Stream) string {
	switch {
	case s.Backend != nil && c.Remote == s.Backend.at:
		return "the backend"
	case c.Peer != nil:
		return s.name(c.Peer)
	}
	return ""
}

func (s *Simulation) flightText(f kernel.Flight) string {
	from := s.name(f.Of)
	to := "the server"
	switch {
	case f.Of.Peer != nil:
		to = s.name(f.Of.Peer)
	case s.Backend != nil && f.Of.Remote == s.Backend.at:
		to = "the backend"
	}
	switch f.What {
	case kernel.SYN:
		return "SYN arrives: " + from + " asks " + to + " for a connection"
	case kernel.SYNACK:
		return "SYN and ACK arrive: " + to + " is connected"
	case kernel.ACK:
		return "ACK arrives: the connection of " + from + " is in the queue of " + to
	case kernel.Bytes:
		if f.Most == 1 {
			return "1 byte from " + from + " arrives at " + to
		}
		return strconv.Itoa(f.Most) + " bytes from " + from + " arrive at " + to
	case kernel.FIN:
		return "FIN arrives: " + from + " sends " + to + " no more"
	}
	if f.Of.Peer == nil {
		return "RST arrives: no socket listens for " + from
	}
	return "RST arrives at " + from + ": " + to + " has given up the connection"
}
