package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/trace"
)

// EpollEvent is what epoll_wait reports: Fd is the descriptor that was registered, open or not.
type EpollEvent = unix.EpollEvent

// Operations and events of epoll_ctl(2). EPOLLERR and EPOLLHUP are reported whether asked for or not.
const (
	EPOLL_CTL_ADD  = unix.EPOLL_CTL_ADD
	EPOLL_CTL_MOD  = unix.EPOLL_CTL_MOD
	EPOLL_CTL_DEL  = unix.EPOLL_CTL_DEL
	EPOLLIN        = unix.EPOLLIN
	EPOLLOUT       = unix.EPOLLOUT
	EPOLLERR       = unix.EPOLLERR
	EPOLLHUP       = unix.EPOLLHUP
	EPOLLRDHUP     = unix.EPOLLRDHUP
	EPOLLET        = unix.EPOLLET // report changes, not states
	EPOLLONESHOT   = unix.EPOLLONESHOT
	EPOLLEXCLUSIVE = unix.EPOLLEXCLUSIVE
)

// EpollCreate makes an empty interest list and returns its descriptor (epoll_create1(2)).
func EpollCreate() (epfd int, err error) {
	call := trace.Begin(trace.EpollCreate, -1)
	epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	call.End(epfd, number(err), 0)
	return epfd, err
}

// EpollCtl adds a descriptor to the interest list, changes the events to report for it, or deletes it. An entry belongs
// to the pair of descriptor and open file: it is removed when the last duplicate of the file is closed (epoll_ctl(2),
// epoll(7)).
func EpollCtl(epfd, op, fd int, events uint32) error {
	call := trace.Begin(trace.EpollCtl, fd)
	err := unix.EpollCtl(epfd, op, fd, &EpollEvent{Events: events, Fd: int32(fd)})
	call.End(result(err), number(err), events)
	return err
}

// EpollWait waits until something on the interest list is ready, or for the timeout, which is rounded up to
// milliseconds; a negative timeout waits forever. It fills events from the start and returns how many (epoll_wait(2)).
func EpollWait(epfd int, events []EpollEvent, timeout time.Duration) (n int, err error) {
	call := trace.Begin(trace.EpollWait, -1)
	n, err = unix.EpollWait(epfd, events, milliseconds(timeout))
	call.End(n, number(err), uint32(len(events)))
	return n, err
}
