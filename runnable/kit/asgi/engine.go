package asgi

import (
	"io"
	"net/netip"
	"sync"
	"time"
)

// Engine has the waiting calls of an application besides receive and send, the same on a loop and on goroutines. A call
// that waits blocks only the task or goroutine that makes it.
type Engine interface {
	// Go runs f concurrently with the caller. Its error is logged.
	Go(f func() error)
	Sleep(d time.Duration) error
	Dial(addr netip.AddrPort) (io.ReadWriteCloser, error)
	NewBell() Bell
	// InThread runs a function that blocks or computes where it delays no other, and waits for it. The function must
	// call the engine, and especially receive and send, through back.
	InThread(f func(back Back) error) error
}

// Back runs a function where the engine's calls are allowed, waits for it, and returns its error.
type Back func(func() error) error

// Bell wakes a waiting task or goroutine. If none waits, the ring is kept for the next wait; several such rings count
// as one.
type Bell interface {
	Wait() error
	Ring()
}

// Outbox is a bounded queue of events with one reader. Offer never waits: if the outbox is full, the caller must decide
// what to do about the slow reader.
type Outbox struct {
	mu     sync.Mutex // never held while waiting, so no task on a loop waits for it
	events []Event
	max    int
	closed bool
	bell   Bell
}

// NewOutbox makes an outbox for up to max events.
func NewOutbox(e Engine, max int) *Outbox { return &Outbox{max: max, bell: e.NewBell()} }

// Offer puts an event in. It reports false, and drops the event, if the outbox is full or closed.
func (o *Outbox) Offer(e Event) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || len(o.events) >= o.max {
		return false
	}
	o.events = append(o.events, e)
	o.bell.Ring()
	return true
}

// Take waits for an event and takes it out; ok is false when the outbox is closed and empty, or the engine ends.
func (o *Outbox) Take() (e Event, ok bool) {
	for {
		o.mu.Lock()
		if len(o.events) > 0 {
			e, o.events[0] = o.events[0], e
			o.events = o.events[1:]
			o.mu.Unlock()
			return e, true
		}
		closed := o.closed
		o.mu.Unlock()
		if closed || o.bell.Wait() != nil {
			return e, false
		}
	}
}

// Close makes Take return the events in the outbox, and then false.
func (o *Outbox) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.bell.Ring()
}
