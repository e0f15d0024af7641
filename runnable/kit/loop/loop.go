// Package loop is the reactor: one thread waits for all events and calls callbacks. A callback runs to its end, and all
// others wait for it. So it must not block, and must not compute for long.
//
// One turn of the loop (as in CPython's base_events.py, _run_once): wait until a descriptor is ready or a timer is due,
// but not at all when callbacks are ready; queue the callbacks of what became ready; queue those of due timers; run
// exactly the callbacks that are queued now. What they queue waits for the next turn, so no callback can keep the loop
// from checking its descriptors.
//
// Differences from asyncio: a panic in a callback ends the program, where asyncio logs the exception and continues. And
// only CallSoonThreadsafe may be called from another goroutine; Go's race detector finds other calls, where asyncio's
// debug mode raises.
package loop

import (
	"container/heap"
	"errors"
	"fmt"
	"log"
	"reflect"
	"runtime"
	"time"

	"era/runnable/kit/readiness"
)

// Loop is an event loop. Make it with New.
type Loop struct {
	// Slow is how long a callback may take before the loop logs it; 0 logs nothing. asyncio's debug mode uses 100 ms.
	Slow time.Duration

	selector readiness.Selector
	clock    func() time.Time
	ready    queue
	timers   timers
	watched  []watch // by descriptor
	wake     wake
	stopping bool
}

// Handle is a queued callback.
type Handle struct {
	call      func()
	cancelled bool
}

// Cancel removes the callback, if it has not run yet.
func (h *Handle) Cancel() { h.cancelled, h.call = true, nil }

// New makes a loop that waits with the selector; readiness.NewLazy is made for it. The loop belongs to the goroutine that
// runs it.
func New(selector readiness.Selector) (*Loop, error) {
	l := &Loop{selector: selector, clock: time.Now}
	if err := l.wake.open(l); err != nil {
		return nil, err
	}
	return l, nil
}

// SetClock replaces the loop's clock, for tests without real time: their selector moves the clock instead of waiting.
func (l *Loop) SetClock(now func() time.Time) { l.clock = now }

// Now returns the loop's time, which its timers use.
func (l *Loop) Now() time.Time { return l.clock() }

// CallSoon queues a callback behind those that are queued already. It never calls it immediately.
func (l *Loop) CallSoon(f func()) *Handle {
	h := &Handle{call: f}
	l.ready.push(h)
	return h
}

// CallLater queues a callback for a later turn, when d has passed. The order of callbacks for the same time is not
// defined.
func (l *Loop) CallLater(d time.Duration, f func()) *Timer { return l.CallAt(l.clock().Add(d), f) }

// CallAt is CallLater for a point in time.
func (l *Loop) CallAt(when time.Time, f func()) *Timer {
	t := &Timer{Handle: Handle{call: f}, when: when, loop: l}
	heap.Push(&l.timers, t)
	return t
}

// Run runs turns until Stop, or until the selector fails.
func (l *Loop) Run() error {
	l.stopping = false
	for !l.stopping {
		if err := l.turn(); err != nil {
			return err
		}
	}
	return nil
}

// Stop makes Run return at the end of the turn. Call it from a callback.
func (l *Loop) Stop() { l.stopping = true }

// turn is one turn of the loop.
func (l *Loop) turn() error {
	events, err := l.selector.Wait(l.patience())
	if err != nil {
		return err
	}
	began := traceBegin()
	for _, event := range events {
		l.dispatch(event)
	}
	now := l.clock()
	for len(l.timers) > 0 && !l.timers[0].when.After(now) {
		l.ready.push(l.timers.next(now))
	}
	n := l.ready.len() // only these: what they queue waits for the next turn
	for range n {
		if h := l.ready.pop(); !h.cancelled {
			l.run(h.call)
		}
	}
	traceTurn(began, n)
	return nil
}

// patience returns how long the loop may wait: not at all when callbacks are ready, until the next timer, or forever.
func (l *Loop) patience() time.Duration {
	if l.ready.len() > 0 || l.stopping {
		return 0
	}
	if len(l.timers) == 0 {
		return -1
	}
	return max(0, l.timers[0].when.Sub(l.clock()))
}

func (l *Loop) run(call func()) {
	if l.Slow == 0 {
		call()
		return
	}
	start := l.clock()
	call()
	if took := l.clock().Sub(start); took >= l.Slow {
		log.Printf("the loop stood still for %v in %s", took, runtime.FuncForPC(reflect.ValueOf(call).Pointer()).Name())
	}
}

// Close releases the loop's own descriptors; callbacks still queued are dropped.
func (l *Loop) Close() error {
	if err := errors.Join(l.wake.close(l), l.selector.Close()); err != nil {
		return fmt.Errorf("close the loop: %w", err)
	}
	return nil
}
