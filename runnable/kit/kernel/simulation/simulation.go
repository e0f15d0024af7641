// Package simulation runs one program on the simulated kernel, among clients and a backend, with a clock that stands
// still until it is moved. Each thing that may happen next is a Choice: which thread goes on, what arrives and in which
// pieces, what a client does. A run is the list of choices that were taken. The same list is the same run.
package simulation

import (
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"era/runnable/kit/kernel"
)

// Simulation is a program on its machine.
type Simulation struct {
	Kernel  *kernel.Kernel
	Program *kernel.Process
	Threads []*Thread
	Clients []*Client
	Backend *Backend
	Now     time.Duration // since the machine was started
	Taken   []string      // the choices so far
	Said    string        // what the last choice did, in words
	Over    string        // why the program has ended; empty while it runs

	mu      sync.Mutex
	entered int // how often a thread has come to a call: tells whether the program is still under way
	current *Thread
	last    int // the thread that went on last, for turns
	vain    int // how many calls in a row were told to try again
}

// Thread is a thread of the program.
type Thread struct {
	ID        int
	Call      *Call // before which it stands, or in which it waits; nil while it runs or waits for another thread
	goOn      chan struct{}
	goroutine string
	ended     bool
}

// Call is a system call that a thread makes.
type Call struct {
	Name   string
	Text   string        // with its arguments: read(5, 4096)
	Site   string        // the line that makes it: select/main.go:40
	FD     int           // -1: of none, or many
	Until  time.Duration // when a wait ends by itself; negative: never
	Waits  string        // what it waits for, in words, when it has to
	Began  bool          // it was tried, and has to wait
	Ready  func() bool   // whether it could end now
	Do     func() bool   // makes it; false: it has to wait
	Signal func()        // ends the wait with EINTR; nil for calls that Linux restarts (signal(7))
	Result func() string // what it returned, once it has; nil: nothing
}

// New returns a machine with a program that has not begun.
func New(sizes kernel.Sizes) *Simulation {
	k := kernel.New(sizes)
	s := &Simulation{Kernel: k, Program: k.NewProcess()}
	s.current = s.thread()
	return s
}

func (s *Simulation) thread() *Thread {
	t := &Thread{ID: len(s.Threads) + 1, goOn: make(chan struct{})}
	s.Threads = append(s.Threads, t)
	return t
}

// Enter is called by the program for each system call. It returns when the call has been made.
func (s *Simulation) Enter(c *Call) {
	s.mu.Lock()
	t := s.caller()
	t.Call = c
	s.entered++
	s.mu.Unlock()
	<-t.goOn
}

// caller returns the thread that makes the call: the only one, or the one of this goroutine. A coroutine runs on the
// thread that last went on.
func (s *Simulation) caller() *Thread {
	if len(s.Threads) == 1 {
		return s.current
	}
	me := goroutine()
	for _, t := range s.Threads {
		if t.goroutine == me {
			return t
		}
	}
	if s.Threads[0].goroutine == "" {
		s.Threads[0].goroutine = me // the first thread had no second one before
		return s.Threads[0]
	}
	return s.current
}

// goroutine returns the name of the calling goroutine.
func goroutine() string {
	var b [64]byte
	name, _, _ := strings.Cut(string(b[:runtime.Stack(b[:], false)]), " [")
	return name
}

// Thread starts a thread: pthread_create(3).
func (s *Simulation) Thread(f func()) {
	s.mu.Lock()
	if len(s.Threads) == 1 {
		s.Threads[0].goroutine = goroutine()
	}
	t := s.thread()
	s.mu.Unlock()
	go func() {
		s.mu.Lock()
		t.goroutine = goroutine()
		s.mu.Unlock()
		s.Enter(&Call{Name: "start", Text: "start", FD: -1, Until: -1, Do: func() bool { return true }})
		f()
		s.mu.Lock()
		t.ended = true
		s.entered++
		s.mu.Unlock()
	}()
}

// Settle lets the program run until each thread stands before a call, waits for another thread, or has ended.
func (s *Simulation) Settle() {
	for quiet := 0; quiet < 16; quiet++ {
		s.mu.Lock()
		before := s.entered
		s.mu.Unlock()
		runtime.Gosched()
		s.mu.Lock()
		if s.entered != before {
			quiet = 0
		}
		s.mu.Unlock()
	}
}

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
)

// Choice is one thing that may happen next.
type Choice struct {
	Kind Kind
	Of   int    // the number of a thread, socket, client or connection of the backend
	Text string // what it is, in words
}

// String is the choice in a list: t1, a7, k.
func (c Choice) String() string {
	if c.Kind == Clock {
		return "k"
	}
	return string(rune(c.Kind)) + strconv.Itoa(c.Of)
}

// Choices returns all that may happen next. What happens in a run without faults comes first, in the order in which a
// calm machine would do it: what is sent arrives, threads take turns, clients act, and when nothing else is left, time
// passes. Faults follow.
func (s *Simulation) Choices() (all []Choice) {
	if s.Over != "" {
		return nil
	}
	add := func(k Kind, of int, text string) { all = append(all, Choice{k, of, text}) }
	flights := s.Kernel.Flights()
	for _, f := range flights {
		kind := Arrive
		if f.What == kernel.RST {
			kind = Broken
		}
		add(kind, f.Of.ID, f.String())
	}
	var runnable []*Thread
	for i := range s.Threads {
		t := s.Threads[(s.last+1+i)%len(s.Threads)]
		if t.Call != nil && (!t.Call.Began || s.ready(t.Call)) {
			runnable = append(runnable, t)
			add(Run, t.ID, "thread "+strconv.Itoa(t.ID)+": "+t.Call.Text)
		}
	}
	for _, c := range s.Clients {
		if text := c.next(s.Now); text != "" {
			add(Act, c.ID, c.Name+" "+text)
		}
	}
	if s.Backend != nil {
		for _, c := range s.Backend.conns {
			if c.due(s.Now) {
				add(Answer, c.id, "the backend answers")
			}
		}
	}
	if at, is := s.due(); is && at > s.Now {
		add(Clock, 0, "the clock goes on to "+at.String())
	}

	for _, f := range flights {
		if f.What == kernel.Bytes && f.Most > 1 {
			add(Piece, f.Of.ID, "one byte arrives")
		}
	}
	for _, t := range s.Threads {
		if t.Call != nil && t.Call.Began && t.Call.Signal != nil {
			add(Signal, t.ID, "a signal interrupts thread "+strconv.Itoa(t.ID))
		}
	}
	for _, t := range runnable {
		if t.Call.Name == "write" {
			add(Short, t.ID, "thread "+strconv.Itoa(t.ID)+": write takes one byte")
		}
	}
	for _, c := range s.Clients {
		if c.connected() {
			add(Reset, c.ID, c.Name+" resets its connection")
		}
	}
	return all
}

func (s *Simulation) ready(c *Call) bool {
	return c.Ready == nil || c.Ready() || c.Until >= 0 && c.Until <= s.Now
}

// due returns the next moment at which something happens by itself.
func (s *Simulation) due() (at time.Duration, is bool) {
	earlier := func(t time.Duration) {
		if t > s.Now && (!is || t < at) {
			at, is = t, true
		}
	}
	for _, t := range s.Threads {
		if t.Call != nil && t.Call.Began && t.Call.Until >= 0 {
			earlier(t.Call.Until)
		}
	}
	for _, c := range s.Clients {
		earlier(c.at)
	}
	if s.Backend != nil {
		for _, c := range s.Backend.conns {
			if c.asked() {
				earlier(c.at)
			}
		}
	}
	return at, is
}

// Take makes a choice come true, and lets the program run to its next calls. It returns false if the choice is not
// among those that there are.
func (s *Simulation) Take(what string) bool {
	var choice *Choice
	for _, c := range s.Choices() {
		if c.String() == what {
			choice = &c
			break
		}
	}
	if choice == nil {
		return false
	}
	s.Taken = append(s.Taken, what)
	vain := s.vain + 1
	s.vain = 0
	s.Said = choice.Text
	switch choice.Kind {
	case Arrive, Broken, Piece:
		for _, f := range s.Kernel.Flights() {
			if f.Of.ID == choice.Of && (f.What == kernel.RST) == (choice.Kind == Broken) {
				n := 0
				if choice.Kind == Piece {
					n = 1
				}
				s.Kernel.Arrive(f, n)
				break
			}
		}
	case Run, Short:
		s.run(s.Threads[choice.Of-1], choice.Kind == Short)
		if strings.HasSuffix(s.Said, "= EAGAIN") {
			s.vain = vain
		}
	case Signal:
		t := s.Threads[choice.Of-1]
		t.Call.Signal()
		s.release(t)
	case Act:
		s.client(choice.Of).act(s.Now)
	case Reset:
		s.client(choice.Of).reset()
	case Answer:
		s.Backend.answer(choice.Of)
	case Clock:
		s.Now, _ = s.due()
	}
	for _, c := range s.Clients {
		c.look(s.Now)
	}
	if s.Backend != nil {
		s.Backend.look(s.Now)
	}
	return true
}

func (s *Simulation) client(id int) *Client {
	for _, c := range s.Clients {
		if c.ID == id {
			return c
		}
	}
	return nil
}

// run makes a thread's call. If it has to wait, the thread stays in it.
func (s *Simulation) run(t *Thread, short bool) {
	s.last = t.ID - 1
	s.Kernel.Short = short
	ended := t.Call.Do() || t.Call.Until >= 0 && t.Call.Until <= s.Now
	s.Kernel.Short = false
	if !ended {
		t.Call.Began = true
		s.Said += ": " + t.Call.Waits + ", so the thread waits"
		return
	}
	if t.Call.Result != nil {
		s.Said += " = " + t.Call.Result()
	}
	s.release(t)
}

// release lets a thread go on after its call.
func (s *Simulation) release(t *Thread) {
	t.Call = nil
	s.current = t
	t.goOn <- struct{}{}
	s.Settle()
}

// Next returns what happens next on a calm machine, or "" when nothing can. While a program asks in vain again and
// again, time passes.
func (s *Simulation) Next() string {
	all := s.Choices()
	if s.vain > len(s.Program.Files()) {
		all = slices.DeleteFunc(all, func(c Choice) bool { return c.Kind == Run })
	}
	for _, c := range all {
		switch c.Kind {
		case Arrive, Broken, Run, Act, Answer, Clock:
			return c.String()
		}
	}
	return ""
}
