package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

func socket(domain, typ, protocol int) (int, error) {
	fd, err := unix.Socket(domain, typ, protocol)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	return fd, err
}

// connect continues to wait after a signal has ended its wait. macOS does not restart this call as it does the others,
// and Go's runtime sends signals to its own threads. The kernel goes on connecting: wait until the socket is writable,
// then ask for the result.
func connect(fd int, to unix.Sockaddr) error {
	err := unix.Connect(fd, to)
	if err != unix.EINTR {
		return err
	}
	made := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for err == unix.EINTR {
		_, err = unix.Poll(made, -1)
	}
	if err != nil {
		return err
	}
	pending, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && pending != 0 {
		err = unix.Errno(pending)
	}
	return err
}

// accept makes the new descriptor blocking: on BSD it inherits O_NONBLOCK from its listener.
func accept(fd int) (int, unix.Sockaddr, error) {
	conn, peer, err := unix.Accept(fd)
	if err != nil {
		return conn, peer, err
	}
	unix.CloseOnExec(conn)
	return conn, peer, unix.SetNonblock(conn, false)
}

func getsockname(fd int) (unix.Sockaddr, error) { return unix.Getsockname(fd) }
func getpeername(fd int) (unix.Sockaddr, error) { return unix.Getpeername(fd) }

func recvfrom(fd int, p []byte) (int, unix.Sockaddr, error) { return unix.Recvfrom(fd, p, 0) }

func sleep(d time.Duration) { time.Sleep(d) } // x/sys has no nanosleep for macOS

func pipe() (r, w int, err error) {
	var p [2]int
	if err = unix.Pipe(p[:]); err == nil {
		unix.CloseOnExec(p[0])
		unix.CloseOnExec(p[1])
	}
	return p[0], p[1], err
}

func read(fd int, p []byte) (int, error)  { return unix.Read(fd, p) }
func write(fd int, p []byte) (int, error) { return unix.Write(fd, p) }
