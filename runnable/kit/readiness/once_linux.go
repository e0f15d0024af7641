package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// Once watches descriptors for programs with many threads: a descriptor that is ready is reported once, and not again
// until it is armed again. So only the thread that received it uses it. One thread waits; any thread may arm meanwhile.
type Once struct {
	epfd   int
	events [batch]sys.EpollEvent
	ready  [batch]int
}

// NewOnce watches with the system's best call: here epoll with EPOLLONESHOT.
func NewOnce() (*Once, error) {
	epfd, err := sys.EpollCreate()
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	return &Once{epfd: epfd}, nil
}

// Add watches a descriptor until it is readable, once. Closing the descriptor ends the watch.
func (o *Once) Add(fd int) error {
	return sys.EpollCtl(o.epfd, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN|sys.EPOLLONESHOT)
}

// Arm watches a reported descriptor again.
func (o *Once) Arm(fd int) error {
	return sys.EpollCtl(o.epfd, sys.EPOLL_CTL_MOD, fd, sys.EPOLLIN|sys.EPOLLONESHOT)
}

// Wait returns the descriptors that are readable, or at their end, at the latest after the timeout; a negative one
// waits forever. When a signal interrupts it, it returns none. The slice is valid until the next Wait.
func (o *Once) Wait(timeout time.Duration) ([]int, error) {
	n, err := sys.EpollWait(o.epfd, o.events[:], timeout)
	if err != nil && err != sys.EINTR {
		return nil, fmt.Errorf("epoll_wait: %w", err)
	}
	for i, event := range o.events[:max(n, 0)] {
		o.ready[i] = int(event.Fd)
	}
	return o.ready[:max(n, 0)], nil
}

// Close releases what Once itself holds. The descriptors stay open.
func (o *Once) Close() error { return sys.Close(o.epfd) }
