package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// Once watches descriptors for programs with many threads: a descriptor that is ready is reported once, and not again
// until it is armed again. So only the thread that received it uses it. One thread waits; any thread may arm meanwhile.
type Once struct {
	kq     int
	events [256]sys.KeventT
	ready  [256]int
}

// NewOnce watches with the system's best call: here kqueue with EV_ONESHOT.
func NewOnce() (*Once, error) {
	kq, err := sys.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("kqueue: %w", err)
	}
	return &Once{kq: kq}, nil
}

// Add watches a descriptor until it is readable, once. Closing the descriptor ends the watch.
func (o *Once) Add(fd int) error { return o.Arm(fd) }

// Arm watches a reported descriptor again.
func (o *Once) Arm(fd int) error {
	_, err := sys.Kevent(o.kq, []sys.KeventT{sys.Change(fd, sys.EVFILT_READ, sys.EV_ADD|sys.EV_ONESHOT)}, nil, 0)
	return err
}

// Wait returns the descriptors that are readable, or at their end, at the latest after the timeout; a negative one
// waits forever. When a signal interrupts it, it returns none. The slice is valid until the next Wait.
func (o *Once) Wait(timeout time.Duration) ([]int, error) {
	n, err := sys.Kevent(o.kq, nil, o.events[:], timeout)
	if err != nil && err != sys.EINTR {
		return nil, fmt.Errorf("kevent: %w", err)
	}
	for i, event := range o.events[:max(n, 0)] {
		o.ready[i] = int(event.Ident)
	}
	return o.ready[:max(n, 0)], nil
}

// Close releases what Once itself holds. The descriptors stay open.
func (o *Once) Close() error { return sys.Close(o.kq) }
