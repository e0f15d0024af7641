//go:build linux || darwin

package traffic

import "golang.org/x/sys/unix"

// setReceiveBuffer makes the receive buffer small, so that the window closes early (socket(7), SO_RCVBUF).
func setReceiveBuffer(fd uintptr, bytes int) error {
	return unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUF, bytes)
}
