// Package coro implements PEP 342's coroutines with those of Go's runtime: a coroutine is a function that stops in the
// middle, yields a value, and continues there when it is sent one. It uses iter.Pull, which switches directly from one
// stack to the other, without the scheduler. Two coroutines never run at the same time.
//
// The words are Python's: Send, Throw, Close, StopIteration, GeneratorExit. What differs from a generator:
//
//	Python                                        here
//	a frame on the heap; only the generator       a stack of its own: a helper may yield for its caller; From is there
//	itself can yield, so `yield from` exists      to delegate to another coroutine
//	exceptions                                    errors: Yield returns what Throw was given, and the body decides
//	send(v) to one that has just started:         the same, as an error
//	TypeError unless v is None
//	close() raises GeneratorExit at the yield     Yield returns GeneratorExit as its error
//	it cannot be caught by `except Exception`     nothing keeps a body from ignoring an error
//	yield again after GeneratorExit:              the same, from Close; Set.Close then ends it for good: every
//	RuntimeError from close()                     further Yield returns GeneratorExit at once
//	collected when it is unreachable, closed      not collected while it is suspended: its stack is a goroutine.
//	first                                         A Set knows its coroutines and closes them. Not started, it is
//	                                              only memory
//	an exception passes through send()            a panic does too, as *Panic with the stack that it came from
//	any thread may resume it                      the goroutine that made it should. One that holds its thread
//	                                              (runtime.LockOSThread, as main does with kit/sys) must
package coro

import (
	"errors"
	"fmt"
	"iter"
	"runtime/debug"

	"era/runnable/kit/trace"
)

// Yield passes a value to the caller of Send or Throw, and returns what the coroutine is resumed with: the value sent,
// or the error thrown. Only the coroutine's own body, and functions that it calls, may call it.
type Yield func(out any) (in any, err error)

// Body is the function that runs in a coroutine. The coroutine ends when it returns.
type Body func(yield Yield) (any, error)

// StopIteration is the error that Send and Throw return when the body has returned; Value is its result.
type StopIteration struct{ Value any }

func (s *StopIteration) Error() string { return fmt.Sprintf("StopIteration: %v", s.Value) }

// GeneratorExit is the error that Yield returns when the coroutine is being closed. Clean up and return.
var GeneratorExit = errors.New("GeneratorExit")

// Errors of wrong use. Python's names for them: TypeError, ValueError and RuntimeError twice.
var (
	ErrJustStarted = errors.New("can't send a value to a coroutine that has just started")
	ErrExecuting   = errors.New("the coroutine is executing already")
	ErrIgnoredExit = errors.New("the coroutine ignored GeneratorExit")
	ErrRaisedStop  = errors.New("the coroutine returned StopIteration as its error") // PEP 479
)

// Panic is a panic in a coroutine's body, as Send, Throw and Close raise it again in their caller.
type Panic struct {
	Value any
	Stack []byte // the stack of the body, where it happened, not that of the caller
}

func (p *Panic) Error() string { return fmt.Sprintf("%v, in a coroutine\n\n%s", p.Value, p.Stack) }

// Unwrap returns the panic's value if that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

type state uint8

const (
	created state = iota // no code has run, it has no goroutine yet
	suspended
	running
	closed
)

// Coro is a coroutine. Make it with New or Set.New. Only one goroutine at a time may use it.
type Coro struct {
	state    state
	draining bool // its Yield returns GeneratorExit at once
	id       uint32
	body     Body
	next     func() (any, bool)
	stop     func()
	in       any   // what it is resumed with ...
	thrown   error // ... one of the two
	value    any   // what the body returned
	err      error
	panicked *Panic
	set      *Set
	place    int // index in the set
}

// New makes a coroutine; no code of the body runs yet. A coroutine that was started must be resumed until it ends, or
// closed: one that stays suspended is never freed. A Set closes its coroutines.
func New(body Body) *Coro { return new(Set).New(body) }

// ID returns the coroutine's number in traces, from 1.
func (c *Coro) ID() uint32 { return c.id }

// Send resumes the coroutine: its Yield returns in. Send returns what the coroutine yields next; when the body
// returns, it returns *StopIteration, or the body's error. The first Send starts the body and must send nil.
func (c *Coro) Send(in any) (out any, err error) {
	if c.state == created && in != nil {
		return nil, ErrJustStarted
	}
	return c.resume(in, nil)
}

// Throw resumes the coroutine: its Yield returns err. The body of a coroutine that has not started never runs; Throw on
// a finished one just returns err.
func (c *Coro) Throw(err error) (out any, _ error) {
	switch c.state {
	case created:
		c.finish(nil, err)
		return nil, c.err
	case closed:
		return nil, err
	}
	return c.resume(nil, err)
}

// Close asks the coroutine to end: its Yield returns GeneratorExit. It returns nil when the body then returns, also
// when it returns GeneratorExit; otherwise the body's error. If the body yields again, the coroutine is not closed and
// Close returns ErrIgnoredExit. On a coroutine that has not started or is over it does nothing else.
func (c *Coro) Close() error {
	switch c.state {
	case created:
		c.finish(nil, nil)
		return nil
	case closed:
		return nil
	}
	_, err := c.resume(nil, GeneratorExit)
	switch stop := (*StopIteration)(nil); {
	case err == nil:
		return ErrIgnoredExit
	case errors.As(err, &stop), errors.Is(err, GeneratorExit):
		return nil
	}
	return err
}

// resume switches to the coroutine's stack and returns when it yields or ends.
func (c *Coro) resume(in any, thrown error) (any, error) {
	switch c.state {
	case running:
		return nil, ErrExecuting
	case closed:
		return nil, &StopIteration{}
	case created:
		c.next, c.stop = iter.Pull(c.run)
	}
	c.state, c.in, c.thrown = running, in, thrown
	out, yielded := c.step()
	if yielded {
		c.state = suspended
		return out, nil
	}
	c.finish(c.value, c.err)
	if c.panicked != nil {
		panic(c.panicked)
	}
	if c.err != nil {
		return nil, c.err
	}
	return nil, &StopIteration{c.value}
}

// step switches to the coroutine's stack and back, and records it in the trace.
func (c *Coro) step() (out any, yielded bool) {
	if !trace.On() {
		return c.next()
	}
	since, before := trace.Now(), trace.WorkFor(c.id)
	out, yielded = c.next()
	trace.Step(c.set.kinds().Step, c.id, since, -1, 0)
	trace.WorkFor(before)
	return out, yielded
}

// run is the function on the new stack.
func (c *Coro) run(give func(any) bool) {
	defer func() {
		if v := recover(); v != nil {
			c.panicked = &Panic{v, debug.Stack()} // here, while the stack that panicked still exists
		}
	}()
	c.value, c.err = c.body(func(out any) (any, error) {
		if c.draining {
			return nil, GeneratorExit
		}
		if trace.On() {
			fd, why := reason(out)
			trace.Step(c.set.kinds().Yield, c.id, 0, fd, why)
		}
		if !give(out) {
			c.draining = true
			return nil, GeneratorExit
		}
		return c.in, c.thrown
	})
	if stop := (*StopIteration)(nil); errors.As(c.err, &stop) {
		c.err = fmt.Errorf("%w: %v", ErrRaisedStop, stop.Value) // it must not look like the body's return
	}
}

// finish ends the coroutine.
func (c *Coro) finish(value any, err error) {
	c.state, c.value, c.err, c.body, c.in, c.thrown = closed, value, err, nil, nil, nil
	c.set.remove(c)
	var how uint32
	switch {
	case errors.Is(err, c.set.kinds().Asked):
		how = 2
	case err != nil || c.panicked != nil:
		how = 1
	}
	trace.Step(c.set.kinds().Close, c.id, 0, -1, how)
}

// From delegates to another coroutine until that ends: the values that the inner one yields go to the caller, and
// values sent and errors thrown go to the inner one. From returns what the inner one returns. It is `yield from` (PEP
// 380), which is more than a loop: a loop would not pass sent values and thrown errors to the inner one. On Close the
// inner one is closed first.
func (yield Yield) From(inner *Coro) (any, error) {
	out, err := inner.Send(nil)
	for err == nil {
		in, thrown := yield(out)
		switch {
		case errors.Is(thrown, GeneratorExit):
			if err := inner.Close(); err != nil {
				return nil, err
			}
			return nil, thrown
		case thrown != nil:
			out, err = inner.Throw(thrown)
		default:
			out, err = inner.Send(in)
		}
	}
	if stop := (*StopIteration)(nil); errors.As(err, &stop) {
		return stop.Value, nil
	}
	return nil, err
}
