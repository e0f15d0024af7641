package sys

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func socket(domain, typ, protocol int) (int, error) {
	return unix.Socket(domain, typ|unix.SOCK_CLOEXEC, protocol)
}

func connect(fd int, to unix.Sockaddr) error { return unix.Connect(fd, to) }

// accept, recvfrom, getsockname and getpeername are the standard library's: those of x/sys also call getsockopt to
// learn the protocol, a call that the server did not ask for and the trace would not show.
func accept(fd int) (int, unix.Sockaddr, error) {
	conn, peer, err := syscall.Accept4(fd, unix.SOCK_CLOEXEC)
	return conn, inet4(peer), err
}

func recvfrom(fd int, p []byte) (int, unix.Sockaddr, error) {
	n, from, err := syscall.Recvfrom(fd, p, syscall.MSG_TRUNC)
	return n, inet4(from), err
}

func getsockname(fd int) (unix.Sockaddr, error) {
	sa, err := syscall.Getsockname(fd)
	return inet4(sa), err
}

func getpeername(fd int) (unix.Sockaddr, error) {
	sa, err := syscall.Getpeername(fd)
	return inet4(sa), err
}

func inet4(sa syscall.Sockaddr) unix.Sockaddr {
	if in, ok := sa.(*syscall.SockaddrInet4); ok {
		return &unix.SockaddrInet4{Addr: in.Addr, Port: in.Port}
	}
	return nil
}

// sleep resumes after a signal: Go's runtime sends signals to its own threads.
func sleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&left, &left) == unix.EINTR {
	}
}

func pipe() (r, w int, err error) {
	var p [2]int
	err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	return p[0], p[1], err
}
