package aio

import (
	"bytes"

	"era/runnable/kit/sys"
)

// Current is the task that runs now; nil while none does (asyncio.current_task). A function that is not handed its
// task may wait with it, which is what interfaces that know nothing of tasks need.
func (l *Loop) Current() *Task { return l.current }

// Take waits until something has arrived and takes all of it. The end of the stream is io.EOF.
func (c *Conn) Take(t *Task) ([]byte, error) {
	for len(c.in) == 0 {
		if c.err != nil {
			return nil, c.err
		}
		if err := c.arrives(t); err != nil {
			return nil, err
		}
	}
	p := c.in
	if len(p) < cap(p)/2 { // most of it was taken before: do not keep that alive
		p = bytes.Clone(p)
	}
	c.take(len(c.in))
	return p, nil
}

// AwaitEnd waits for the end of the stream, or until enough is done. What arrives meanwhile is kept, up to 128 KiB;
// beyond that nothing is read, not even the end.
func (c *Conn) AwaitEnd(t *Task, enough *Future[None]) error {
	enough.whenDone(c.wakeReader)
	for c.err == nil && !enough.done {
		if err := c.arrives(t); err != nil {
			return err
		}
	}
	return nil
}

// LocalAddr and RemoteAddr are the addresses of the two sides; the zero address when the system does not say.

func (c *Conn) LocalAddr() sys.Addr  { addr, _ := sys.Getsockname(c.fd); return addr }
func (c *Conn) RemoteAddr() sys.Addr { addr, _ := sys.Getpeername(c.fd); return addr }
