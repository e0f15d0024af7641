package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// Once watches descriptors for programs with many threads: a descriptor that is ready is reported once, and then rests
// until it is armed again. So whoever was told of it has it alone. One thread waits; any thread may arm meanwhile.
type Once struct {
	kq     int
	events [256]sys.KeventT
	ready  [256]int
}

// NewOnce watches with the best that the system has: here kqueue with EV_ONESHOT.
func NewOnce() (*Once, error) {
	kq, err := sys.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("kqueue: %w", err)
	}
	return &Once{kq: kq}, nil
}

// Add begins to watch a descriptor until it is readable, once. It ends with the descriptor's close.
func (o *Once) Add(fd int) error { return o.Arm(fd) }

// Arm watches a descriptor that was reported, once more.
func (o *Once) Arm(fd int) error {
	_, err := sys.Kevent(o.kq, []sys.KeventT{sys.Change(fd, sys.EVFILT_READ, sys.EV_ADD|sys.EV_ONESHOT)}, nil, 0)
	return err
}

// Wait returns the descriptors that are readable, or at their end, at the latest after the timeout; a negative one is
// for ever. When a signal came in between it returns none. The slice is good until the next Wait.
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

// Close gives back what Once itself holds. The descriptors stay open.
func (o *Once) Close() error { return sys.Close(o.kq) }
