package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func read(fd int, p []byte) (int, error) {
	if nonblocking.has(fd) {
		return raw(unix.SYS_READ, fd, p)
	}
	return unix.Read(fd, p)
}

func write(fd int, p []byte) (int, error) {
	if nonblocking.has(fd) {
		return raw(unix.SYS_WRITE, fd, p)
	}
	return unix.Write(fd, p)
}

func raw(call uintptr, fd int, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	switch errno {
	case 0:
		return int(n), nil
	case EAGAIN:
		return -1, again // made an error once, not allocated for every call
	}
	return -1, errno
}

var again error = unix.EAGAIN
