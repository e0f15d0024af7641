package aio

import (
	"errors"
	"log"
	"runtime"
	"sync/atomic"
)

// Future is a result that is not there yet. Callbacks set it, and tasks await it.
type Future[T any] struct {
	future
	value T
}

// future is the part of a Future that does not depend on the result's type.
type future struct {
	loop   *Loop
	task   *Task       // whose result it is; nil for no task
	cancel func() bool // what Cancel does instead, for the result of several futures
	done   bool
	err    error
	first  func()   // callbacks: most have one
	others []func() // the other callbacks
	report *report  // until the error is retrieved
	fd     int32    // the descriptor that it waits for, in traces
	why    Reason
}

// Reason says why a task waits: Event.Arg of a trace's task-park.
type Reason uint32

const (
	ForItsTurn Reason = iota // it yielded a turn to other tasks
	ForFuture
	ForTask
	ForTime
	ForReadable
	ForWritable
	ForQueue
	ForDrain // for a buffer to be below its low-water mark
	ForThread
)

// Reason implements coro.Reason, for traces.
func (f *future) Reason() (fd int, why uint32) {
	if f == nil {
		return -1, uint32(ForItsTurn)
	}
	return int(f.fd), uint32(f.why)
}

// ErrPending is the error of a future that is not done.
var ErrPending = errors.New("aio: the future is not done")

// NewFuture makes a future, to be set by SetResult or SetError.
func NewFuture[T any](t *Task) *Future[T] { return newFuture[T](t.loop, ForFuture, -1) }

func newFuture[T any](l *Loop, why Reason, fd int) *Future[T] {
	return &Future[T]{future: future{loop: l, why: why, fd: int32(fd)}}
}

// Done reports whether there is a result, an error, or a cancellation.
func (f *future) Done() bool { return f.done }

// Cancelled reports whether it was cancelled.
func (f *future) Cancelled() bool { return f.done && errors.Is(f.err, Cancelled) }

// Result returns the result or error: ErrPending before it is done, Cancelled if it was cancelled.
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

// Cancel makes it done with Cancelled. It does not set a task's future: it asks the task to end, see Task.Cancel.
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

// WhenDone calls f when it is done: in a later turn, never immediately (add_done_callback).
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

// taken returns the error, and marks it as retrieved.
func (f *future) taken() error {
	if f.report != nil {
		f.report.taken.Store(true)
	}
	return f.err
}

// report outlives a future whose error was not retrieved.
type report struct {
	err   error
	taken atomic.Bool
}

// reportUntaken makes the collection of the future log a task's error, unless it was retrieved before.
func (f *future) reportUntaken() {
	f.report = &report{err: f.err}
	runtime.AddCleanup(f, func(r *report) {
		if !r.taken.Load() {
			log.Printf("a task failed and its error was not retrieved: %v", r.err)
		}
	}, f.report)
}
