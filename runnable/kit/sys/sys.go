// Package sys makes all system calls of the servers in the chapters on system calls. Its functions are the calls of
// section 2 of the manual, under the same names; each makes its call and records a trace event with the source line of
// the caller (kit/trace).
//
// A descriptor is an int, as in C: there is no runtime poller behind it. A call on a blocking descriptor blocks its
// operating system thread. Errors are the plain errno values: compare with sys.EAGAIN, for example. What each of them means
// on which system, and what the servers do about it, is in errnos.md.
//
// It works on Linux and macOS. On other systems it compiles, and every call returns ErrNotHere.
package sys

import "errors"

// ErrNotHere is returned by every call on a system that this package does not support.
var ErrNotHere = errors.New("sys: not on this system: the chapter's system calls need Linux or macOS (on Windows, use WSL 2)")

// NoRoom reports whether a call failed because the system has no descriptor, memory or watch left. After accept, the
// client stays in the queue: accept would fail again at once, so wait until something else has happened, or for a
// moment (accept(2); ENOSPC is epoll_ctl's).
func NoRoom(err error) bool {
	switch err {
	case EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC:
		return true
	}
	return false
}
