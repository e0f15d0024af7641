package aio

import (
	"errors"
	"log"
	"runtime"
	"sync/atomic"
)

// Future is a result that is not there yet. It is the handshake between callbacks, which set it, and tasks, which
// await it.
type Future[T any] struct {
	future
	value T
}

// future is all of a future that does not depend on the result's type.
type future struct {
	loop   *Loop
	task   *Task       // whose result it is; nil when it is nobody's
	cancel func() bool // what Cancel does instead, for results of several
	done   bool
	err    error
	first  func()   // callbacks: most have one
	others []func() // and some more
	report *report  // while nobody has taken the error
	fd     int32    // what it stands for, in traces
	why    Reason
}

// Reason is why a task waits: Event.Arg of a trace's task-park.
type Reason uint32

const (
	ForItsTurn Reason = iota // it let others have a turn
	ForFuture
	ForTask
	ForTime
	ForReadable
	ForWritable
	ForQueue
	ForDrain // for a buffer to be below its low-water mark
	ForThread
)

// Reason is for coro's traces.
func (f *future) Reason() (fd int, why uint32) {
	if f == nil {
		return -1, uint32(ForItsTurn)
	}
	return int(f.fd), uint32(f.why)
}

// ErrPending is the answer of a future that is not done.
var ErrPending = errors.New("aio: the future is not done")

// NewFuture makes a future for someone to set.
func NewFuture[T any](t *Task) *Future[T] { return newFuture[T](t.loop, ForFuture, -1) }

func newFuture[T any](l *Loop, why Reason, fd int) *Future[T] {
	return &Future[T]{future: future{loop: l, why: why, fd: int32(fd)}}
}

// Done tells whether there is a result, an error, or a cancellation.
func (f *future) Done() bool { return f.done }

// Cancelled tells whether it was cancelled.
func (f *future) Cancelled() bool { return f.done && errors.Is(f.err, Cancelled) }

// Result is the result or error; ErrPending before it is done, and Cancelled when it was cancelled.
func (f *Future[T]) Result() (T, error) {
	if !f.done {
		var none T
		return none, ErrPending
	}
	return f.value, f.taken()
}

// SetResult makes it done. It reports false, and changes nothing, if it was done already.
func (f *Future[T]) SetResult(value T) bool {
	if f.done {
		return false
	}
	f.value = value
	return f.finish(nil)
}

// SetError makes it done with an error. It reports false, and changes nothing, if it was done already.
func (f *future) SetError(err error) bool { return f.finish(err) }

// Cancel makes it done with Cancelled. The future of a task is not done by that: the task is told, see Task.Cancel.
// Cancel reports false if the future was done already.
func (f *future) Cancel() bool {
	switch {
	case f.done:
		return false
	case f.task != nil:
		return f.task.Cancel()
	case f.cancel != nil:
		return f.cancel()
	}
	return f.finish(Cancelled)
}

// WhenDone calls back when it is done: in a later turn, never now (add_done_callback).
func (f *future) WhenDone(call func()) { f.whenDone(call) }

func (f *future) whenDone(call func()) {
	switch {
	case f.done:
		f.loop.CallSoon(call)
	case f.first == nil:
		f.first = call
	default:
		f.others = append(f.others, call)
	}
}

func (f *future) finish(err error) bool {
	if f.done {
		return false
	}
	f.done, f.err = true, err
	if f.first != nil {
		f.loop.CallSoon(f.first)
	}
	for _, call := range f.others {
		f.loop.CallSoon(call)
	}
	f.first, f.others = nil, nil
	return true
}

// taken is the error, which from now on somebody knows.
func (f *future) taken() error {
	if f.report != nil {
		f.report.taken.Store(true)
	}
	return f.err
}

// report outlives a future whose error nobody has taken.
type report struct {
	err   error
	taken atomic.Bool
}

// reportUntaken sees to it that a task's error is logged if the future is collected and nobody took it.
func (f *future) reportUntaken() {
	f.report = &report{err: f.err}
	runtime.AddCleanup(f, func(r *report) {
		if !r.taken.Load() {
			log.Printf("a task failed and nobody took its error: %v", r.err)
		}
	}, f.report)
}
