package asgi

import (
	"io"
	"net/netip"
	"sync"
	"time"
)

// Engine is what an application may wait with besides receive and send, the same on a loop and on goroutines. A call
// that waits blocks the task or goroutine that makes it, and no other.
type Engine interface {
	// Go runs f beside the caller. Its error is logged.
	Go(f func() error)
	Sleep(d time.Duration) error
	Dial(addr netip.AddrPort) (io.ReadWriteCloser, error)
	NewBell() Bell
	// InThread runs a function that blocks or computes where it holds up nobody, and waits for it. Whatever the function
	// needs of the engine, receive and send above all, it must have run by back.
	InThread(f func(back Back) error) error
}

// Back runs a function where the engine's calls may be made, waits for it, and returns its error.
type Back func(func() error) error

// Bell wakes one who waits. A ring that nobody waits for is kept for the next; a second one is the same as one.
type Bell interface {
	Wait() error
	Ring()
}

// Outbox is a bounded queue of events with one who takes them out. Offering never waits: who has more than fits must
// decide what to do about one who takes too slowly.
type Outbox struct {
	mu     sync.Mutex // never held while waiting: on a loop nobody waits for it
	events []Event
	max    int
	closed bool
	bell   Bell
}

// NewOutbox makes one that holds up to max events.
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

// Close lets Take return what is in the outbox, and then false.
func (o *Outbox) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.bell.Ring()
}
