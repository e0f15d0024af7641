// Package aio implements the concepts of asyncio with the packages loop and coro: futures, tasks, await, gather, task
// groups, timeouts, cancellation, shield, queues, threads, streams with flow control. All of it runs in turn on one
// goroutine.
//
// A function that may wait takes the task that it runs in as its first parameter, where asyncio's functions are marked
// `async`. Only code that has a task can await, and the compiler checks that.
//
// Tests compare the behaviour with logs of CPython 3.13 (testdata). The differences:
//
//	asyncio                                       here
//	calling an async function does nothing; a     calling it runs it, as part of the caller, so no await can be
//	forgotten await warns at collection           forgotten. The result of Go can be: its error, if it was not
//	                                              retrieved, is logged at collection, as asyncio does
//	CancelledError is raised at the await and     Await returns the error Cancelled. Code that drops errors drops
//	passes `except Exception`                     it; nothing forces a body to end
//	a task group raises an ExceptionGroup         WithGroup returns the errors joined (errors.Join): errors.Is and
//	                                              errors.As find each
//	`async with timeout(...)`                     Timeout calls a function
//	the loop refers weakly to tasks: one that     the loop holds its tasks until they end
//	is not referenced may vanish
//	`async with`, `async for`                     functions that are passed a function; a loop with Await in it
//	debug mode raises for a call from another     Go's race detector finds it; RunInThread and CallSoonThreadsafe
//	thread                                        are the ways between threads
//	an exception in a callback is logged          a panic ends the program, with the stack of the task
//	run() waits for the default executor          Run does not wait for threads of RunInThread
package aio

import (
	"errors"
	"fmt"
	"log"
	"slices"

	"era/runnable/kit/coro"
	"era/runnable/kit/loop"
	"era/runnable/kit/readiness"
	"era/runnable/kit/trace"
)

// Cancelled is the error that an awaiting task gets when it is cancelled, and the error of a cancelled future. It may
// be wrapped. An error that is joined with it (errors.Join) counts as part of the cancellation: return only one of
// them.
var Cancelled = errors.New("aio: cancelled")

// None is the type of an empty result.
type None = struct{}

// Loop is an event loop that runs tasks.
type Loop struct {
	*loop.Loop
	coros   coro.Set // the tasks' coroutines
	tasks   []*Task  // not over yet
	current *Task
	closing bool
	arrived []byte // see buffer
	threads int    // number of RunInThread functions that run now
	jobs    []func() bool
}

var taskKinds = coro.Kinds{
	Create: trace.TaskSpawn, Step: trace.TaskStep, Yield: trace.TaskPark, Close: trace.TaskExit, Asked: Cancelled,
}

// NewLoop makes a Loop that runs tasks on l.
func NewLoop(l *loop.Loop) *Loop { return &Loop{Loop: l, coros: coro.Set{Kinds: &taskKinds}} }

// Run makes a loop with the system's best selector, runs main as its first task, and returns main's error. When main
// returns, Run cancels the remaining tasks and waits for them.
func Run(main func(t *Task) error) error {
	selector, err := readiness.NewLazy()
	if err != nil {
		return err
	}
	inner, err := loop.New(selector)
	if err != nil {
		return errors.Join(err, selector.Close())
	}
	l := NewLoop(inner)
	err = l.Run(main)
	if closed := l.Close(); err == nil {
		err = closed
	}
	return err
}

// Run is the function Run, on this loop. It may be called again.
func (l *Loop) Run(main func(t *Task) error) error {
	result := spawn(l, withoutResult(main))
	result.whenDone(l.Stop)
	if err := l.Loop.Run(); err != nil {
		return fmt.Errorf("the loop: %w", err)
	}
	left := slices.Clone(l.tasks)
	for _, t := range left {
		t.Cancel()
		t.result.whenDone(func() {
			if len(l.tasks) == 0 {
				l.Stop()
			}
		})
	}
	if len(l.tasks) > 0 {
		if err := l.Loop.Run(); err != nil {
			return fmt.Errorf("the loop: %w", err)
		}
	}
	for _, t := range left {
		if err := t.result.taken(); err != nil && !errors.Is(err, Cancelled) {
			// now: the program may end before the future is collected
			log.Printf("a task failed while it was cancelled at the end: %v", err)
		}
	}
	_, err := result.Result()
	return err
}

// buffer returns the buffer into which all connections read. Its bytes are copied out before the next read.
func (l *Loop) buffer() []byte {
	if l.arrived == nil {
		l.arrived = make([]byte, chunk)
	}
	return l.arrived
}

// Close ends the remaining tasks without asking them twice, and releases the loop's descriptors.
func (l *Loop) Close() error {
	l.closing = true
	return errors.Join(l.coros.Close(), l.Loop.Close())
}

func withoutResult(body func(t *Task) error) func(t *Task) (None, error) {
	return func(t *Task) (None, error) { return None{}, body(t) }
}
