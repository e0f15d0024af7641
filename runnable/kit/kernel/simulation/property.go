package simulation

import "era/runnable/kit/kernel"

// Property is something that no run of a good server does.
type Property int32

// Properties.
const (
	None       Property = iota
	Unanswered          // a client that has sent its whole request is never answered, or loses its connection
	Mixed               // an answer is not the one to its request
	Sleeps              // the program waits although a connection is ready for it
	Spins               // it asks in vain more often in a row than it has descriptors
	Ended               // the program has ended
	Leaks               // descriptors, coroutines or threads are left when all clients have gone
)

// Properties are the names, in the order of the numbers.
var Properties = [...]string{"", "unanswered", "mixed", "sleeps", "spins", "ended", "leaks"}

// Breach returns the property if it is breached now, and None if not. None itself stands for all but Spins.
func (s *Simulation) Breach(p Property) Property { return s.breach(p, s.Choices()) }

func (s *Simulation) breach(p Property, choices []Choice) Property {
	if p == None {
		for _, p := range []Property{Ended, Mixed, Unanswered, Sleeps, Leaks} {
			if s.breach(p, choices) != None {
				return p
			}
		}
		return None
	}
	is := false
	switch p {
	case Unanswered:
		for _, c := range s.Clients {
			is = is || c.Failed != "" && !c.refused && !c.late && !c.MayFail && !s.fault ||
				c.waits() && !c.wants.silent(c.Answered) && (c.passed > patience || s.still(choices))
		}
	case Mixed:
		for _, c := range s.Clients {
			is = is || c.Wrong
		}
	case Sleeps:
		is = s.overlooked() && s.still(choices)
	case Spins:
		is = s.spins()
	case Ended:
		is = s.Over != ""
	case Leaks:
		is = s.Over == "" && s.allGone() && s.still(choices) && s.leaks()
	}
	if is {
		return p
	}
	return None
}

// patience is how many calls that serve others a client has to endure: a program that makes more goes on and on.
const patience = 120

// still tells whether nothing happens any more but what clients choose to do. A program that only looks at the clock
// again and again, or asks in vain, does nothing.
func (s *Simulation) still(choices []Choice) bool {
	for _, c := range choices {
		switch c.Kind {
		case Arrive, Broken, Answer:
			return false
		case Run:
			if !s.spins() {
				return false
			}
		}
	}
	if s.Over == "" && s.idle <= 5 {
		for _, t := range s.Threads {
			if t.Call != nil && t.Call.Until >= 0 {
				return false
			}
		}
	}
	if s.Backend != nil {
		for _, c := range s.Backend.conns {
			if c.asked() && c.at < never {
				return false
			}
		}
	}
	return true
}

// overlooked tells whether a connection waits for the program: in a queue, or with bytes or an end that were not read,
// while nothing is on its way out.
func (s *Simulation) overlooked() bool {
	if s.Over != "" {
		return false
	}
	for _, t := range s.Threads {
		if t.Call != nil && !t.Call.Began {
			return false
		}
	}
	for _, f := range s.Program.Files() {
		if f == nil {
			continue
		}
		if c, is := f.Of.(*kernel.Stream); is && (len(c.Queue) > 0 ||
			len(c.Out) == 0 && !c.Unarrived() && (len(c.In) > 0 || c.Ended)) {
			return true
		}
	}
	return false
}

func (s *Simulation) allGone() bool {
	for _, c := range s.Clients {
		if !c.ended {
			return false
		}
	}
	return true
}

func (s *Simulation) leaks() bool {
	for _, f := range s.Program.Files() {
		if f == nil {
			continue
		}
		if c, is := f.Of.(*kernel.Stream); is && c.State != kernel.Listening {
			return true
		}
	}
	if s.first == nil {
		return false
	}
	now := s.held()
	return now.parked > s.first.parked || now.threads > s.first.threads
}

// Wander takes up to most random choices, calm ones and faults, and returns the property at its first breach. It ends
// when all clients have gone. The lines of the calls that it leaves are not known.
func (s *Simulation) Wander(seed uint64, most int, p Property) Property {
	s.hurried = true
	defer func() { s.hurried = false }()
	r := random(seed)
	for range most {
		choices := s.Choices()
		if is := s.breach(p, choices); is != None {
			return is
		}
		c, ok := s.calmest(choices)
		if s.allGone() && s.still(choices) {
			return None
		}
		if r.below(10) < 4 || !ok {
			if len(choices) == 0 {
				return None
			}
			other := choices[r.below(len(choices))]
			switch rare := other.Kind == Reset || other.Kind == Full || other.Kind == Die; {
			case other.Kind == Clock && ok && c.Kind != Act: // time does not pass while the program has something to do
			case !rare || r.below(4) == 0:
				c = other
			case !ok:
				continue
			}
		}
		s.take(c)
	}
	return s.Breach(p)
}

// Calm goes on as a calm machine would, until nothing happens any more.
func (s *Simulation) Calm(most int, p Property) Property {
	for range most {
		choices := s.Choices()
		if is := s.breach(p, choices); is != None {
			return is
		}
		c, ok := s.calmest(choices)
		if !ok || s.idle > 5 {
			return None
		}
		s.take(c)
	}
	return s.Breach(p)
}

// Follow takes the choices of a list, without those that there are not, and returns the property at its first breach.
func (s *Simulation) Follow(list []Choice, p Property) Property {
	for _, c := range list {
		if is := s.Breach(p); is != None {
			return is
		}
		s.Take(c)
	}
	return s.Breach(p)
}

// random is a generator of 64 bits (splitmix64, Steele et al. 2014).
type random uint64

func (r *random) below(n int) int {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}
