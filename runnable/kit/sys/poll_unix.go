//go:build linux || darwin

package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/trace"
)

// PollFd is an entry of poll's list: Fd and Events go in, Revents comes out. An entry with a negative Fd is skipped.
type PollFd = unix.PollFd

// Events of poll(2). The last three are reported whether asked for or not.
const (
	POLLIN   = unix.POLLIN
	POLLOUT  = unix.POLLOUT
	POLLERR  = unix.POLLERR
	POLLHUP  = unix.POLLHUP
	POLLNVAL = unix.POLLNVAL // the descriptor is not open
)

// Errors of registering with a set of interests, besides EBADF.
const (
	EEXIST = unix.EEXIST
	ENOENT = unix.ENOENT
)

// Poll waits until a descriptor of the list is ready, or for the timeout, which is rounded up to milliseconds; a
// negative timeout waits forever. It returns how many entries have something in Revents, and EINTR when a signal
// arrived during the wait (poll(2)).
func Poll(fds []PollFd, timeout time.Duration) (n int, err error) {
	call := trace.Begin(trace.Poll, -1)
	n, err = unix.Poll(fds, milliseconds(timeout))
	call.End(n, number(err), uint32(len(fds)))
	return n, err
}

// milliseconds rounds up: a wait that ends before its timer is due would have to be repeated.
func milliseconds(timeout time.Duration) int {
	const most = 1<<31 - 1
	if timeout < 0 {
		return -1
	}
	return int(min((timeout+time.Millisecond-1)/time.Millisecond, most))
}
