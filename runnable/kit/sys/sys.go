// Package sys is the only door to the kernel for the servers of the chapters on system calls. Its functions are the
// calls of the manual pages, section 2, under the same names; each does its call and leaves a trace event with the
// source line that called it (kit/trace).
//
// A descriptor is an int, as in C: there is no runtime poller behind it. A call on a blocking descriptor blocks its
// operating system thread. Errors are the plain errno values: compare with sys.EAGAIN, for example. What each of them means
// on which system, and what the servers do about it, is in errnos.md.
//
// It works on Linux and macOS. Elsewhere it compiles and every call answers ErrNotHere.
package sys

import "errors"

// ErrNotHere is what every call answers on a system that this package does not know.
var ErrNotHere = errors.New("sys: not on this system: the chapter's system calls need Linux or macOS (on Windows, use WSL 2)")

// NoRoom tells whether a call failed because the system has no descriptor, no memory or no watch for one more. After
// accept, the client stays in the queue: accept would fail again at once, so wait until something else has happened, or for
// a moment (accept(2); ENOSPC is epoll_ctl's).
func NoRoom(err error) bool {
	switch err {
	case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC:
		return true
	}
	return false
}
