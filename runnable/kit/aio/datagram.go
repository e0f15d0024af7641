package aio

import "era/runnable/kit/sys"

// RecvFrom waits for a datagram and takes it, whole or not at all: n is its length, and when that is more than len(p),
// the rest is lost. That the descriptor was readable is a hint and no promise: Linux drops a datagram whose checksum is
// wrong when it is to be read (select(2), BUGS), and then this waits on.
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

// SendTo hands the kernel one datagram, and waits when its buffer has no room. Whether it arrives, nobody says.
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
