package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// epolling keeps nothing but the descriptor of a list in the kernel, and what it asked for there.
type epolling struct {
	epfd   int
	flags  uint32   // EPOLLET or none
	want   []Events // by descriptor
	events []sys.EpollEvent
	ready  []Ready
}

// batch is how many events one wait takes at most. What did not fit is reported by the next, and the kernel goes
// round: nobody starves.
const batch = 256

// NewEpoll watches with epoll: the list stays in the kernel, and the price of a wait is that of what happened.
func NewEpoll() (Selector, error) { return newEpoll(0) }

// NewEpollEdge watches with epoll and reports changes instead of states: a descriptor is ready once when something
// new arrives, and not again because something is left. Read until EAGAIN, or nothing may ever be reported again.
func NewEpollEdge() (Selector, error) { return newEpoll(sys.EPOLLET) }

// New is the best that the system has (as selectors.DefaultSelector): here epoll.
func New() (Selector, error) { return NewEpoll() }

// NewEdge is the best that the system has, edge-triggered: here epoll.
func NewEdge() (Selector, error) { return NewEpollEdge() }

func newEpoll(flags uint32) (Selector, error) {
	epfd, err := sys.EpollCreate()
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	return &epolling{epfd: epfd, flags: flags, events: make([]sys.EpollEvent, batch)}, nil
}

func (e *epolling) Register(fd int, want Events) error { return e.control(sys.EPOLL_CTL_ADD, fd, want) }

func (e *epolling) Modify(fd int, want Events) error { return e.control(sys.EPOLL_CTL_MOD, fd, want) }

func (e *epolling) control(op, fd int, want Events) error {
	if want == 0 {
		return ErrNoEvents
	}
	events := e.flags
	if want&Readable != 0 {
		events |= sys.EPOLLIN
	}
	if want&Writable != 0 {
		events |= sys.EPOLLOUT
	}
	if err := sys.EpollCtl(e.epfd, op, fd, events); err != nil {
		return err
	}
	for fd >= len(e.want) {
		e.want = append(e.want, 0)
	}
	e.want[fd] = want
	return nil
}

func (e *epolling) Unregister(fd int) error {
	if fd >= 0 && fd < len(e.want) {
		e.want[fd] = 0
	}
	return sys.EpollCtl(e.epfd, sys.EPOLL_CTL_DEL, fd, 0)
}

func (e *epolling) Wait(timeout time.Duration) ([]Ready, error) {
	e.ready = e.ready[:0]
	n, err := sys.EpollWait(e.epfd, e.events, timeout)
	if err == sys.EINTR {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("epoll_wait: %w", err)
	}
	for _, event := range e.events[:n] {
		is := Events(0)
		if event.Events&^sys.EPOLLOUT != 0 { // errors and hang-ups are reported unasked, and make both true
			is |= Readable
		}
		if event.Events&^sys.EPOLLIN != 0 {
			is |= Writable
		}
		// Nothing is wanted of a descriptor that was closed and then unregistered, too late: if a duplicate is open, it
		// is still reported. That is passed on.
		fd := int(event.Fd)
		if want := e.want[fd]; want != 0 {
			is &= want
		}
		e.ready = append(e.ready, Ready{fd, is})
	}
	return e.ready, nil
}

func (e *epolling) Close() error { return sys.Close(e.epfd) }
