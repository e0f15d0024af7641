package sys

import (
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/trace"
)

// KeventT is a change to make to the queue's interests, or an event that it reports: struct kevent of kqueue(2).
type KeventT = unix.Kevent_t

// Filters and flags of kevent(2).
const (
	EVFILT_READ  = unix.EVFILT_READ
	EVFILT_WRITE = unix.EVFILT_WRITE
	EV_ADD       = unix.EV_ADD
	EV_DELETE    = unix.EV_DELETE
	EV_CLEAR     = unix.EV_CLEAR   // report changes, not states
	EV_ONESHOT   = unix.EV_ONESHOT // report once, then delete the interest
	EV_ERROR     = unix.EV_ERROR
	EV_EOF       = unix.EV_EOF
)

// Change is a change for Kevent: fd's filter is added or deleted, as flags say.
func Change(fd, filter, flags int) (k KeventT) {
	unix.SetKevent(&k, fd, filter, flags)
	return k
}

// Kqueue makes an event queue and returns its descriptor (kqueue(2)). A child process does not inherit it.
func Kqueue() (kq int, err error) {
	call := trace.Begin(trace.Kqueue, -1)
	kq, err = unix.Kqueue()
	call.End(kq, number(err), 0)
	return kq, err
}

// Kevent makes the changes and waits for events, both in one call. A negative timeout waits forever; when events is
// empty it does not wait (kevent(2)).
func Kevent(kq int, changes, events []KeventT, timeout time.Duration) (n int, err error) {
	var ts *unix.Timespec
	if timeout >= 0 {
		t := unix.NsecToTimespec(int64(timeout))
		ts = &t
	}
	call := trace.Begin(trace.Kevent, -1)
	n, err = unix.Kevent(kq, changes, events, ts)
	call.End(n, number(err), uint32(len(events)))
	return n, err
}
