package sys

import "golang.org/x/sys/unix"

func socket(domain, typ, protocol int) (int, error) {
	return unix.Socket(domain, typ|unix.SOCK_CLOEXEC, protocol)
}

func accept(fd int) (int, unix.Sockaddr, error) { return unix.Accept4(fd, unix.SOCK_CLOEXEC) }

func pipe() (r, w int, err error) {
	var p [2]int
	err = unix.Pipe2(p[:], unix.O_CLOEXEC)
	return p[0], p[1], err
}
