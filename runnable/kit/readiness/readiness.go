// Package readiness asks which of many descriptors can be used without waiting. One small interface covers select,
// poll, epoll and kqueue, as in Python's module selectors. The program's loop stays the same; only the cost of asking
// changes. select and poll receive the whole list at every wait; epoll and kqueue keep it in the kernel, so an idle
// descriptor costs nothing.
//
// Ready means that a call would not block, not that it would succeed: end of file and errors are ready too. Readiness
// may also be gone by the time of the call, so every descriptor here should be non-blocking.
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

// Ready is a descriptor that is ready, the events it is ready for, and the data registered with it.
type Ready struct {
	FD     int
	Events Events // never more than the wanted events; an error or a hang-up is reported as all of them
	Data   any
}

// Selector watches descriptors. Only one thread may use it.
type Selector interface {
	// Register starts to watch a descriptor. Wait returns data with it: the connection that it belongs to, for example.
	// It returns EEXIST if the descriptor is watched already, and ErrNoEvents if no events are wanted.
	Register(fd int, want Events, data any) error
	// Modify changes the wanted events and the data. It returns ENOENT if the descriptor is not watched.
	Modify(fd int, want Events, data any) error
	// Unregister stops watching; call it before the descriptor is closed. It returns ENOENT if the descriptor is not
	// watched.
	Unregister(fd int) error
	// Wait returns what is ready, at the latest after the timeout; a negative one is forever. When a signal interrupts
	// it, it returns nothing and no error. The slice is valid until the next Wait.
	Wait(timeout time.Duration) ([]Ready, error)
	// Close releases what the selector itself holds. The descriptors stay open.
	Close() error
}

// ErrNoEvents is returned for a descriptor without wanted events: unregister it instead. epoll and poll would otherwise
// report its hang-up at every wait.
var ErrNoEvents = errors.New("readiness: watch for Readable, Writable or both")
