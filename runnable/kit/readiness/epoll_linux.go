package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// epolling holds the descriptor of a kernel interest list, and what is registered in it.
type epolling struct {
	epfd    int
	flags   uint32  // EPOLLET or none
	watched []Ready // by descriptor: the wanted events, and the data
	events  []sys.EpollEvent
	ready   []Ready
}

// batch is how many events one wait takes at most. The next wait reports the others: the kernel rotates its list, so no
// descriptor starves.
const batch = 256

// NewEpoll watches with epoll: the list stays in the kernel, and a wait costs only as much as it reports.
func NewEpoll() (Selector, error) { return newEpoll(0) }

// NewEpollEdge watches with epoll and reports changes instead of states: a descriptor is ready once when something
// new arrives, and not again because something is left. Read until EAGAIN, or nothing may ever be reported again.
func NewEpollEdge() (Selector, error) { return newEpoll(sys.EPOLLET) }

// New returns the system's best selector (as selectors.DefaultSelector): here epoll.
func New() (Selector, error) { return NewEpoll() }

// NewEdge returns the system's best edge-triggered selector: here epoll.
func NewEdge() (Selector, error) { return NewEpollEdge() }

func newEpoll(flags uint32) (Selector, error) {
	epfd, err := sys.EpollCreate()
	if err != nil {
		return nil, fmt.Errorf("epoll_create: %w", err)
	}
	return &epolling{epfd: epfd, flags: flags, events: make([]sys.EpollEvent, batch)}, nil
}

func (e *epolling) Register(fd int, want Events, data any) error {
	return e.control(sys.EPOLL_CTL_ADD, fd, want, data)
}

func (e *epolling) Modify(fd int, want Events, data any) error {
	return e.control(sys.EPOLL_CTL_MOD, fd, want, data)
}

func (e *epolling) control(op, fd int, want Events, data any) error {
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
	for fd >= len(e.watched) {
		e.watched = append(e.watched, Ready{})
	}
	e.watched[fd] = Ready{fd, want, data}
	return nil
}

func (e *epolling) Unregister(fd int) error {
	if fd >= 0 && fd < len(e.watched) {
		e.watched[fd] = Ready{}
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
		// A descriptor that was closed before it was unregistered is still reported while a duplicate of it is open. It
		// is returned with no wanted events.
		fd := int(event.Fd)
		watched := e.watched[fd]
		if watched.Events != 0 {
			is &= watched.Events
		}
		e.ready = append(e.ready, Ready{fd, is, watched.Data})
	}
	return e.ready, nil
}

func (e *epolling) Close() error { return sys.Close(e.epfd) }
