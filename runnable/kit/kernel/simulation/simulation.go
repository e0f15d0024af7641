// Package simulation runs one program on the simulated kernel, among clients and a backend, with a clock that stands
// still until it is moved. Each thing that may happen next is a Choice: which thread goes on, what arrives and in which
// pieces, what a client does. A run is the list of choices that were taken. The same list is the same run.
package simulation

import (
	"runtime"
	"sync"
	"time"

	"era/runnable/kit/kernel"
)

// Simulation is a program on its machine.
type Simulation struct {
	Kernel  *kernel.Kernel
	Program *kernel.Process
	Threads []*Thread
	Parked  []*Parked // coroutines, tasks
	Clients []*Client
	Backend *Backend
	Now     time.Duration // since the machine was started
	Taken   []Choice      // so far
	Over    string        // why the program has ended; empty while it runs

	mu      sync.Mutex
	busy    int // threads that are not before a call: they run, or wait for another thread
	entered int // how often a thread has come to a call: tells whether the program is still under way
	current *Thread
	last    int // the thread that went on last, for turns
	working uint32
	buffer  []Choice
	flights []kernel.Flight

	open    bool // the program has listened: clients may come
	hurried bool // no lines are noted: a search does not look at them

	did   Choice          // the last choice
	about string          // what it is about, where that is not known any more
	call  *Call           // the call that it made
	ended bool            // and whether that has returned
	vain  int             // calls in a row that asked in vain
	idle  int             // moves of the clock since anything else happened
	fault bool            // a fault was taken after which the program may reply that it failed
	first *account        // what the program holds before it takes its first client
	seen  func() []Parked // callbacks, if the program has a loop
}

// account counts what must not grow.
type account struct{ parked, threads int }

// Thread is a thread of the program.
type Thread struct {
	ID    int
	Call  *Call // before which it stands, or in which it waits; nil while it runs or waits for another thread
	goOn  chan struct{}
	g     uintptr // its goroutine
	ended bool
}

// Call is a system call that a thread makes.
type Call struct {
	Name   string
	Args   func() string // (5, 4096)
	FD     int           // -1: of none, or many
	Until  time.Duration // when a wait ends by itself; negative: never
	Waits  string        // what it waits for, in words, when it has to
	Began  bool          // it was tried, and has to wait
	Ready  func() bool   // whether it could end now; nil: it need not wait
	Do     func() bool   // makes it; false: it has to wait
	Signal func()        // ends the wait with EINTR; nil for calls that Linux restarts (signal(7))
	Result func() (int, error)
	Plain  func() string // what it did, in words; nil: nothing more than its result
	stack  stack         // where it was made
}

// Text is the call with its arguments: read(5, 4096).
func (c *Call) Text() string {
	if c.Args == nil {
		return c.Name + "()"
	}
	return c.Name + c.Args()
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
	s.busy++
	return t
}

// Begin runs the program's main function on the first thread. When it returns, the program ends.
func (s *Simulation) Begin(main func()) {
	s.begin(s.Threads[0], func() {
		main()
		s.end("its main function has returned")
	})
}

// Thread starts a thread: pthread_create(3).
func (s *Simulation) Thread(f func()) {
	s.mu.Lock()
	t := s.thread()
	s.mu.Unlock()
	s.begin(t, func() {
		s.Enter(&Call{Name: "start", FD: -1, Until: -1, Do: func() bool { return true }})
		f()
	})
}

func (s *Simulation) begin(t *Thread, f func()) {
	go func() {
		t.g = self()
		defer func() {
			if p := recover(); p != nil {
				var at stack
				at.look(3)
				s.end("panic: " + words(p) + " at " + at.outside())
			}
			s.mu.Lock()
			t.ended, t.g = true, 0
			s.busy--
			s.entered++
			s.mu.Unlock()
		}()
		f()
	}()
}

func words(panicked any) string {
	switch p := panicked.(type) {
	case error:
		return p.Error()
	case string:
		return p
	}
	return "not an error"
}

// Exit ends the program, as exit(3) does: it closes what is open. Exit does not return.
func (s *Simulation) Exit(why string) {
	s.end(why)
	s.mu.Lock()
	s.busy--
	s.entered++
	s.mu.Unlock()
	select {}
}

func (s *Simulation) end(why string) {
	if s.Over == "" {
		s.Over = why
		s.Program.Exit()
	}
}

// Enter is called by the program for each system call. It returns when the call has been made.
func (s *Simulation) Enter(c *Call) {
	if !s.hurried {
		c.stack.look(3)
	}
	s.mu.Lock()
	t := s.caller()
	t.Call = c
	s.busy--
	s.entered++
	s.mu.Unlock()
	<-t.goOn
}

// caller returns the thread that makes the call: the only one, or the one of this goroutine. A coroutine runs on the
// thread that last went on.
func (s *Simulation) caller() *Thread {
	if len(s.Threads) > 1 {
		me := self()
		for _, t := range s.Threads {
			if t.g == me {
				return t
			}
		}
	}
	return s.current
}

// Settle lets the program run until each thread stands before a call, waits for another thread, or has ended. A thread
// that waits for another one cannot be told from one that runs: then it gives all of them several turns.
func (s *Simulation) Settle() {
	for quiet := 0; s.busy > 0 && quiet < 16; quiet++ {
		before := s.entered
		runtime.Gosched()
		if s.entered != before {
			quiet = 0
		}
	}
}

// release lets a thread go on after its call.
func (s *Simulation) release(t *Thread) {
	t.Call = nil
	s.current = t
	s.busy++
	t.goOn <- struct{}{}
	s.Settle()
}

// runnable tells whether a thread can go on.
func (s *Simulation) runnable(t *Thread) bool {
	return t.Call != nil && (!t.Call.Began || t.Call.Until >= 0 && t.Call.Until <= s.Now || s.ready(t.Call))
}

func (s *Simulation) ready(c *Call) bool { return c.Ready == nil || c.Ready() }
