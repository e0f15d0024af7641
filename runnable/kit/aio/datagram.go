package aio

import "era/runnable/kit/sys"

// RecvFrom waits for a datagram and takes it: n is its length, and if that is more than len(p), the rest is lost.
// Readiness is only a hint: Linux drops a datagram with a wrong checksum when it is read (select(2), BUGS), and then
// RecvFrom continues to wait.
func RecvFrom(t *Task, fd int, p []byte) (n int, from sys.Addr, err error) {
	for {
		n, from, err := sys.RecvFrom(fd, p)
		if err != sys.EAGAIN {
			return n, from, err
		}
		if err := t.readable(fd); err != nil {
			return -1, sys.Addr{}, err
		}
	}
}

// SendTo hands the kernel one datagram, and waits while its buffer has no room. It does not report whether the datagram
// arrives.
func SendTo(t *Task, fd int, p []byte, to sys.Addr) error {
	for {
		_, err := sys.SendTo(fd, p, to)
		if err != sys.EAGAIN {
			return err
		}
		if err := t.writable(fd); err != nil {
			return err
		}
	}
}
