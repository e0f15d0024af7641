package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// Once watches descriptors for programs with many threads: a descriptor that is ready is reported once, and then rests
// until it is armed again. So whoever was told of it has it alone. One thread waits; any thread may arm meanwhile.
type Once struct {
	epfd   int
	events [batch]sys.EpollEvent
	ready  [batch]int
}

// NewOnce watches with the best that the system has: here epoll with EPOLLONESHOT.
func NewOnce() (*Once, error) {
	epfd, err := sys.EpollCreate()
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	return &Once{epfd: epfd}, nil
}

// Add begins to watch a descriptor until it is readable, once. It ends with the descriptor's close.
func (o *Once) Add(fd int) error {
	return sys.EpollCtl(o.epfd, sys.EPOLL_CTL_ADD, fd, sys.EPOLLIN|sys.EPOLLONESHOT)
}

// Arm watches a descriptor that was reported, once more.
func (o *Once) Arm(fd int) error {
	return sys.EpollCtl(o.epfd, sys.EPOLL_CTL_MOD, fd, sys.EPOLLIN|sys.EPOLLONESHOT)
}

// Wait returns the descriptors that are readable, or at their end, at the latest after the timeout; a negative one is
// for ever. When a signal came in between it returns none. The slice is good until the next Wait.
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

// Close gives back what Once itself holds. The descriptors stay open.
func (o *Once) Close() error { return sys.Close(o.epfd) }
