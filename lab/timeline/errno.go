package timeline

import (
	"strconv"
	"syscall"
)

// errnoNames are the names of the errors that a server of the book can meet (errno(3)).
var errnoNames = map[syscall.Errno]string{
	syscall.EAGAIN: "EAGAIN", syscall.EINPROGRESS: "EINPROGRESS", syscall.EINTR: "EINTR", syscall.EBADF: "EBADF",
	syscall.ECONNRESET: "ECONNRESET", syscall.EPIPE: "EPIPE", syscall.ECONNABORTED: "ECONNABORTED",
	syscall.ECONNREFUSED: "ECONNREFUSED", syscall.EMFILE: "EMFILE", syscall.ENFILE: "ENFILE", syscall.EINVAL: "EINVAL",
	syscall.ENOTCONN: "ENOTCONN", syscall.ETIMEDOUT: "ETIMEDOUT", syscall.EADDRINUSE: "EADDRINUSE",
	syscall.EEXIST:   "EEXIST",
	syscall.EALREADY: "EALREADY", syscall.EISCONN: "EISCONN", syscall.ENOTSOCK: "ENOTSOCK", syscall.ENOMEM: "ENOMEM",
	syscall.ENOTTY: "ENOTTY", syscall.EFAULT: "EFAULT", syscall.EPERM: "EPERM", syscall.EACCES: "EACCES",
}

// Errno returns the name of an error number, as in marks: "EAGAIN".
func Errno(e syscall.Errno) string {
	if name, ok := errnoNames[e]; ok {
		return name
	}
	return "errno " + strconv.Itoa(int(e))
}
