package aio

import (
	"bytes"
	"errors"
	"io"
	"log"
	"time"

	"era/runnable/kit/coro"
	"era/runnable/kit/sys"
)

// The blocking server's calls, with a task: they suspend the task instead of blocking the thread, so that other tasks
// run. The descriptors must be non-blocking, as those returned by Accept and Connect are. Only one task at a time may
// wait to read a descriptor, and one to write.

// Accept waits for a connection and returns its descriptor.
func Accept(t *Task, listener int) (conn int, err error) {
	for {
		conn, err := sys.Accept(listener)
		switch err {
		case nil:
			if err := sys.SetNonblock(conn, true); err != nil {
				sys.Close(conn)
				return -1, err
			}
			return conn, nil
		case sys.ECONNABORTED, sys.EINTR: // that client left
		case sys.EAGAIN:
			if err := t.readable(listener); err != nil {
				return -1, err
			}
		default:
			return -1, err
		}
	}
}

// Read waits until bytes have arrived and returns up to size of them; io.EOF when the peer sends no more. It tries
// first, as asyncio's sock_recv does: bytes that are there already are returned without giving up the turn. If they are
// not there yet, that costs one call in vain, a twentieth of the cost of a request. An idle connection holds no buffer:
// between two awaits no other task runs, so one buffer serves all of them.
func Read(t *Task, fd, size int) (arrived []byte, err error) {
	for {
		buffer := t.loop.buffer()
		n, err := sys.Read(fd, buffer[:min(size, len(buffer))])
		if n == 0 && err == nil {
			return nil, io.EOF
		}
		if err != sys.EAGAIN {
			return bytes.Clone(buffer[:max(n, 0)]), err
		}
		if err := t.readable(fd); err != nil {
			return nil, err
		}
	}
}

// WriteAll hands all of p to the kernel, and waits while its buffer has no room.
func WriteAll(t *Task, fd int, p []byte) error {
	for len(p) > 0 {
		n, err := sys.Write(fd, p)
		switch err {
		case nil:
			p = p[n:]
		case sys.EAGAIN:
			if err := t.writable(fd); err != nil {
				return err
			}
		default:
			return err
		}
	}
	return nil
}

// Connect makes a connection and returns its descriptor.
func Connect(t *Task, addr sys.Addr) (conn int, err error) {
	conn, err = sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		return -1, err
	}
	if err = sys.SetNonblock(conn, true); err == nil {
		err = sys.Connect(conn, addr)
	}
	if err == sys.EINPROGRESS {
		if err = t.writable(conn); err == nil {
			err = sys.SocketError(conn) // writable means connected, or refused
		}
	}
	if err != nil {
		sys.Close(conn)
		return -1, err
	}
	return conn, nil
}

// readable waits until the descriptor is readable.
func (t *Task) readable(fd int) error {
	ready := newFuture[None](t.loop, ForReadable, fd)
	if err := t.loop.AddReader(fd, func() { ready.SetResult(None{}) }); err != nil {
		return err
	}
	defer t.loop.RemoveReader(fd)
	return t.wait(&ready.future)
}

// writable waits until the descriptor is writable.
func (t *Task) writable(fd int) error {
	ready := newFuture[None](t.loop, ForWritable, fd)
	if err := t.loop.AddWriter(fd, func() { ready.SetResult(None{}) }); err != nil {
		return err
	}
	defer t.loop.RemoveWriter(fd)
	return t.wait(&ready.future)
}

// acceptsInARow is after how many connections Serve lets other tasks run: when many clients connect at once, accept may
// not have to wait for a long time.
const acceptsInARow = 128

// Serve accepts connections until it is cancelled and runs the handler for each in a task of its own. It closes the
// connection when the handler returns, and logs its error.
func Serve(t *Task, listener int, handler func(t *Task, conn *Conn) error) error {
	if err := sys.SetNonblock(listener, true); err != nil {
		return err
	}
	for n := 1; ; n++ {
		fd, err := Accept(t, listener)
		switch err {
		case nil:
			t.Go(func(t *Task) error {
				conn := NewConn(t, fd)
				defer conn.Close()
				err := handler(t, conn)
				if err != nil && !errors.Is(err, Cancelled) {
					log.Printf("handler: %v", err) // now: the task's result is not retrieved
					err = nil
				}
				return err
			})
		case Cancelled, coro.GeneratorExit:
			return err
		default: // no free descriptor, for example: the client stays queued and the listener readable, so do not spin
			log.Printf("accept: %v", err)
			if err := Sleep(t, 50*time.Millisecond); err != nil {
				return err
			}
		}
		if n%acceptsInARow == 0 {
			if err := Sleep(t, 0); err != nil {
				return err
			}
		}
	}
}
