// Package readiness is one question in four forms: which of these descriptors need not wait any more? Behind one small
// interface stand select, poll, epoll and kqueue, as in Python's module selectors. The program's loop stays the same;
// only the price of asking changes. select and poll are handed the whole list at every question; epoll and kqueue
// keep it in the kernel, so that an idle descriptor costs nothing.
//
// Ready means that a call would not block, not that it would succeed: end of file and errors are ready too. And it may
// have changed when the call is made, so every descriptor here should be non-blocking.
package readiness

import (
	"errors"
	"time"
)

// Events is what a descriptor is watched for.
type Events uint8

const (
	Readable Events = 1 << iota
	Writable
)

// Ready is a descriptor that need not wait, for what, and what was registered with it.
type Ready struct {
	FD     int
	Events Events // never more than was asked for; an error or a hang-up is reported as all of that
	Data   any
}

// Selector watches descriptors. It is for one thread.
type Selector interface {
	// Register begins to watch a descriptor. Wait returns data with it: the connection that it belongs to, for example.
	// Watched already: EEXIST. Nothing wanted: ErrNoEvents.
	Register(fd int, want Events, data any) error
	// Modify changes what is wanted, and the data. Not watched: ENOENT.
	Modify(fd int, want Events, data any) error
	// Unregister stops watching; do so before the descriptor is closed. Not watched: ENOENT.
	Unregister(fd int) error
	// Wait returns what is ready, at the latest after the timeout; a negative one is forever. When a signal interrupts
	// it, it returns nothing and no error. The slice is good until the next Wait.
	Wait(timeout time.Duration) ([]Ready, error)
	// Close releases what the selector itself holds. The descriptors stay open.
	Close() error
}

// ErrNoEvents is returned for a descriptor that is to be watched for nothing: unregister it instead. epoll and poll
// would go on reporting its hang-up, at every wait.
var ErrNoEvents = errors.New("readiness: watch for Readable, Writable or both")
