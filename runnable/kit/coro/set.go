package coro

import (
	"errors"
	"sync/atomic"

	"era/runnable/kit/trace"
)

// Set holds the coroutines made by it that are not over, so that it can close them. Its zero value is ready to use.
type Set struct {
	// Kinds are the names of the set's coroutine events in traces.
	Kinds *Kinds
	alive []*Coro
}

// Kinds are the kinds of a coroutine's events, and the error of a coroutine that ends on request.
type Kinds struct {
	Create, Step, Yield, Close trace.Kind
	Asked                      error
}

var coroutines = Kinds{trace.CoCreate, trace.CoResume, trace.CoYield, trace.CoClose, GeneratorExit}

// Reason is implemented by yielded values that tell the trace what the coroutine waits for: a descriptor, -1 for none,
// and a number.
type Reason interface{ Reason() (fd int, why uint32) }

var numbers atomic.Uint32

// New makes a coroutine of the set; no code of the body runs yet.
func (s *Set) New(body Body) *Coro {
	c := &Coro{id: numbers.Add(1), body: body, set: s, place: len(s.alive)}
	s.alive = append(s.alive, c)
	trace.Step(s.kinds().Create, c.id, 0, -1, 0)
	return c
}

// Len returns how many of its coroutines are not over.
func (s *Set) Len() int { return len(s.alive) }

// Close closes all coroutines that are not over, the youngest first. A body that ignores GeneratorExit is forced to
// end: each further Yield of it returns GeneratorExit at once. (A body that still loops forever cannot be ended.) Close
// returns the bodies' errors, joined.
func (s *Set) Close() error {
	var errs []error
	for len(s.alive) > 0 {
		c := s.alive[len(s.alive)-1]
		err := c.Close()
		if errors.Is(err, ErrIgnoredExit) {
			c.draining = true
			_, err = c.Throw(GeneratorExit)
			if stop := (*StopIteration)(nil); errors.As(err, &stop) || errors.Is(err, GeneratorExit) {
				err = nil
			}
			err = errors.Join(ErrIgnoredExit, err)
		}
		if errors.Is(err, ErrExecuting) {
			return errors.Join(append(errs, err)...) // a coroutine closes its own set
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Set) remove(c *Coro) {
	last := len(s.alive) - 1
	s.alive[c.place] = s.alive[last]
	s.alive[c.place].place = c.place
	s.alive[last] = nil
	s.alive = s.alive[:last]
}

func (s *Set) kinds() *Kinds {
	if s.Kinds == nil {
		return &coroutines
	}
	return s.Kinds
}

func reason(yielded any) (fd int, why uint32) {
	if r, ok := yielded.(Reason); ok {
		return r.Reason()
	}
	return -1, 0
}
