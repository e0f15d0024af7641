package simulation

import (
	"slices"
	"strconv"
	"time"

	"era/runnable/kit/kernel"
)

// Kind is a kind of choice.
type Kind byte

// Kinds of choices. Their letters begin a choice's text in a list.
const (
	Run    Kind = 't' // a thread makes its call, or has its result
	Arrive Kind = 'a' // something arrives, all that can at once
	Broken Kind = 'r' // RST arrives
	Piece  Kind = 'p' // one byte arrives
	Act    Kind = 'c' // a client does its next step
	Answer Kind = 'b' // the backend answers
	Clock  Kind = 'k' // the clock moves to when something is due
	Signal Kind = 'i' // a signal interrupts a thread's wait
	Reset  Kind = 'x' // a client resets its connection
	Short  Kind = 'w' // a thread's write takes one byte
	Full   Kind = 'e' // a thread's call finds no free descriptor
	Die    Kind = 'd' // the backend dies
)

// Choice is one thing that may happen next.
type Choice struct {
	Kind Kind
	Of   int // the number of a thread, socket, client or connection of the backend; 0 of the clock and the backend
}

// String is the choice in a list: t1, a7, k.
func (c Choice) String() string {
	if c.Of == 0 {
		return string(rune(c.Kind))
	}
	return string(rune(c.Kind)) + strconv.Itoa(c.Of)
}

// parse reads a choice of a list.
func parse(text string) (c Choice, ok bool) {
	if text == "" {
		return c, false
	}
	c.Kind = Kind(text[0])
	if text = text[1:]; text != "" {
		var err error
		c.Of, err = strconv.Atoi(text)
		return c, err == nil
	}
	return c, true
}

// IsFault tells whether the choice does not belong to a calm run.
func (c Choice) IsFault() bool { return faults[c.Kind] }

// IsFault is the same for a choice of a list.
func IsFault(choice string) bool { return faults[Kind(choice[0])] }

var faults = [128]bool{Piece: true, Signal: true, Reset: true, Short: true, Full: true, Die: true}

// Choices returns all that may happen next. What happens in a run without faults comes first, in the order in which a
// calm machine would do it: what is sent arrives, threads take turns, clients act, and when nothing else is left, time
// passes. Faults follow. The slice is valid until the next call.
func (s *Simulation) Choices() []Choice {
	all := s.buffer[:0]
	s.flights = s.Kernel.AppendFlights(s.flights[:0])
	for _, f := range s.flights {
		kind := Arrive
		if f.What == kernel.RST {
			kind = Broken
		}
		all = append(all, Choice{kind, f.Of.ID})
	}
	begin := len(all)
	if s.Over == "" {
		for i := range s.Threads {
			if t := s.Threads[(s.last+1+i)%len(s.Threads)]; s.runnable(t) {
				all = append(all, Choice{Run, t.ID})
			}
		}
	}
	runnable := all[begin:]
	for _, c := range s.Clients {
		if c.may(s.Now) && (s.open || c.stream != nil) {
			all = append(all, Choice{Act, c.ID})
		}
	}
	if s.Backend != nil {
		for _, c := range s.Backend.conns {
			if c.due(s.Now) {
				all = append(all, Choice{Answer, c.id})
			}
		}
	}
	if at, is := s.due(); is && at > s.Now {
		all = append(all, Choice{Clock, 0})
	}

	for _, f := range s.flights {
		if f.What == kernel.Bytes && f.Most > 1 {
			all = append(all, Choice{Piece, f.Of.ID})
		}
	}
	if s.Over == "" {
		for _, t := range s.Threads {
			if t.Call != nil && t.Call.Began && t.Call.Signal != nil {
				all = append(all, Choice{Signal, t.ID})
			}
		}
		for _, c := range runnable {
			switch name := s.Threads[c.Of-1].Call.Name; {
			case name == "write":
				all = append(all, Choice{Short, c.Of})
			case s.open && (name == "accept" || name == "socket"):
				all = append(all, Choice{Full, c.Of})
			}
		}
	}
	for _, c := range s.Clients {
		if c.connected() {
			all = append(all, Choice{Reset, c.ID})
		}
	}
	if s.Backend != nil && !s.Backend.Gone {
		all = append(all, Choice{Die, 0})
	}
	s.buffer = all
	return all
}

// Text says what a choice is, in words. The choice must be among Choices.
func (s *Simulation) Text(c Choice) string {
	thread := "thread " + strconv.Itoa(c.Of)
	switch c.Kind {
	case Run:
		return thread + ": " + s.Threads[c.Of-1].Call.Text()
	case Arrive, Broken, Piece:
		f, _ := s.flight(c)
		if c.Kind == Piece {
			f.Most = 1
		}
		return s.flightText(f)
	case Act:
		client := s.client(c.Of)
		return client.Name + " " + client.next()
	case Answer:
		return "the backend answers"
	case Clock:
		at, _ := s.due()
		return "the clock goes on to " + at.String()
	case Signal:
		return "a signal interrupts " + thread
	case Reset:
		return s.client(c.Of).Name + " resets its connection"
	case Short:
		return thread + ": write takes one byte"
	case Full:
		return thread + ": " + s.Threads[c.Of-1].Call.Name + " finds no free descriptor"
	}
	return "the backend dies"
}

// flight finds what a choice has arrive.
func (s *Simulation) flight(c Choice) (kernel.Flight, bool) {
	s.flights = s.Kernel.AppendFlights(s.flights[:0])
	for _, f := range s.flights {
		if f.Of.ID == c.Of && (f.What == kernel.RST) == (c.Kind == Broken) {
			return f, true
		}
	}
	return kernel.Flight{}, false
}

// Take makes a choice come true, and lets the program run to its next calls. It returns false if the choice is not
// among those that there are.
func (s *Simulation) Take(c Choice) bool {
	if !slices.Contains(s.Choices(), c) {
		return false
	}
	s.take(c)
	return true
}

// take is Take of a choice that there is.
func (s *Simulation) take(c Choice) {
	s.Taken = append(s.Taken, c)
	s.did, s.about, s.call, s.ended = c, "", nil, false
	vain := s.vain
	s.vain = 0
	if c.Kind != Run && c.Kind != Clock {
		s.idle = 0
	}
	switch c.Kind {
	case Arrive, Broken, Piece:
		f, _ := s.flight(c)
		if c.Kind == Piece {
			f.Most = 1
		}
		s.about = s.flightText(f)
		if id := s.clientAt(f.Of); id > 0 && f.What == kernel.Bytes && f.Of.Peer.ReadEnd {
			s.client(id).late = true
		}
		s.Kernel.Arrive(f, f.Most)
	case Run, Short, Full:
		s.Kernel.Short, s.Kernel.Full = c.Kind == Short, c.Kind == Full
		s.fault = s.fault || c.Kind == Full
		s.run(s.Threads[c.Of-1], vain)
	case Signal:
		t := s.Threads[c.Of-1]
		s.call, s.ended = t.Call, true
		t.Call.Signal()
		s.release(t)
	case Act:
		client := s.client(c.Of)
		s.about = client.Name + " " + client.next()
		client.act(s.Now)
	case Reset:
		s.client(c.Of).reset()
	case Answer:
		s.Backend.answer(c.Of)
	case Die:
		s.fault = true
		s.Backend.die()
	case Clock:
		s.Now, _ = s.due()
		s.idle++
	}
	for _, c := range s.Clients {
		c.look(s)
		if c.passed > 0 && (!c.waits() || len(c.stream.Out) > 0) {
			c.passed = 0
		}
	}
	if s.Backend != nil {
		s.Backend.look(s.Now)
	}
}

func (s *Simulation) client(id int) *Client { return s.Clients[id-1] }

// run makes a thread's call. If it has to wait, the thread stays in it.
func (s *Simulation) run(t *Thread, vain int) {
	s.last, s.call = t.ID-1, t.Call
	s.ended = t.Call.Do() || t.Call.Until >= 0 && t.Call.Until <= s.Now
	s.Kernel.Short, s.Kernel.Full = false, false
	if !s.ended {
		t.Call.Began = true
		s.vain = vain
		return
	}
	if t.Call.Result != nil {
		n, err := t.Call.Result()
		asks := t.Call.Name == "select" || t.Call.Name == "poll" || t.Call.Name == "epoll_wait"
		switch {
		case err == kernel.EAGAIN || err == kernel.EMFILE || asks && n == 0 && !t.Call.Began:
			s.vain = vain + 1
		case asks:
			s.vain = vain
		case t.Call.Name == "listen":
			s.open = true
		case t.Call.Name == "accept" && s.first == nil:
			a := s.held()
			s.first = &a
		}
		if s.vain == 0 && !asks {
			for _, c := range s.Clients {
				c.passed++
			}
		}
	}
	s.release(t)
}

// due returns the next moment at which something happens by itself.
func (s *Simulation) due() (at time.Duration, is bool) {
	earlier := func(t time.Duration) {
		if t > s.Now && (!is || t < at) {
			at, is = t, true
		}
	}
	if s.Over == "" {
		for _, t := range s.Threads {
			if t.Call != nil && t.Call.Began && t.Call.Until >= 0 {
				earlier(t.Call.Until)
			}
		}
	}
	for _, c := range s.Clients {
		if !c.ended && (s.open || c.stream != nil) {
			earlier(c.at)
		}
	}
	if s.Backend != nil {
		for _, c := range s.Backend.conns {
			if c.asked() && c.at < never {
				earlier(c.at)
			}
		}
	}
	return at, is
}

// Next returns what happens next on a calm machine; ok is false when nothing can. While a program asks in vain again
// and again, time passes.
func (s *Simulation) Next() (Choice, bool) { return s.calmest(s.Choices()) }

func (s *Simulation) calmest(all []Choice) (Choice, bool) {
	for _, c := range all {
		if c.IsFault() {
			break
		}
		if c.Kind != Run || !s.spins() {
			return c, true
		}
	}
	return Choice{}, false
}

// spins tells whether the program has asked in vain more often in a row than it has descriptors.
func (s *Simulation) spins() bool { return s.vain > s.Files() }

// Files counts the program's open descriptors.
func (s *Simulation) Files() (n int) {
	for _, f := range s.Program.Files() {
		if f != nil {
			n++
		}
	}
	return n
}
