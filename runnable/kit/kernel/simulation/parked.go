package simulation

// Parked is a coroutine, task or callback, and what it waits for.
type Parked struct {
	ID    uint32
	Kind  string // coroutine, task, callback
	Name  string
	Why   string // until when: 5 can be read; "" while it runs
	State string // ready, running, suspended, ended
	FD    int    // that it waits for, or -1
	site  string
	stack stack
}

// States of a coroutine. One that is ready goes on when its turn comes.
const (
	ready     = "ready"
	running   = "running"
	suspended = "suspended"
	ended     = "ended"
)

// Site is the line where it stands.
func (p *Parked) Site() string {
	if p.site != "" {
		return p.site
	}
	return p.stack.outside()
}

func (s *Simulation) parked(id uint32) *Parked {
	for _, p := range s.Parked {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Made notes a new coroutine.
func (s *Simulation) Made(kind string, id uint32) {
	p := &Parked{ID: id, Kind: kind, State: ready, FD: -1, Why: "its first turn"}
	p.stack.look(3)
	s.Parked = append(s.Parked, p)
}

// Suspend notes that a coroutine gives up its turn.
func (s *Simulation) Suspend(id uint32, fd int, why string) {
	if p := s.parked(id); p != nil {
		p.State, p.FD, p.Why = suspended, fd, why
		if !s.hurried {
			p.stack.look(3)
		}
	}
}

// Ends notes that a coroutine is over. The last few stay visible.
func (s *Simulation) Ends(id uint32) {
	over := 0
	for i := len(s.Parked) - 1; i >= 0; i-- {
		p := s.Parked[i]
		if p.ID == id {
			p.State, p.FD, p.Why = ended, -1, ""
		}
		if p.State == ended {
			if over++; over > 3 {
				s.Parked = append(s.Parked[:i:i], s.Parked[i+1:]...)
			}
		}
	}
}

// WorkFor notes that the program runs a coroutine from now on, 0 for none, and returns which it ran before.
func (s *Simulation) WorkFor(id uint32) (before uint32) {
	before, s.working = s.working, id
	if p := s.parked(id); p != nil && p.State != ended {
		p.State, p.Why = running, ""
	}
	return before
}

// Callbacks tells the machine how to look at the callbacks of the program's loop.
func (s *Simulation) Callbacks(look func() []Parked) { s.seen = look }

// Callback is a callback as the view shows it: code is the address of its function.
func Callback(id uint32, code uintptr, fd int, why string, due bool) Parked {
	name, site := function(code)
	p := Parked{ID: id, Kind: "callback", Name: name, Why: why, State: suspended, FD: fd, site: site}
	if due {
		p.State = ready
	}
	return p
}

// held counts what must not grow from client to client.
func (s *Simulation) held() account {
	var a account
	for _, p := range s.Parked {
		if p.State != ended {
			a.parked++
		}
	}
	for _, t := range s.Threads {
		if !t.ended {
			a.threads++
		}
	}
	return a
}
