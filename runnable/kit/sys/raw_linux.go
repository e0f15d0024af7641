package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

func raw(call uintptr, fd int, p []byte) (int, error) {
	n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	switch errno {
	case 0:
		return int(n), nil
	case EAGAIN:
		return -1, again // made an error once: it is answered at every turn
	}
	return -1, errno
}

var again error = unix.EAGAIN
