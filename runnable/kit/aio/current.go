package aio

import (
	"bytes"

	"era/runnable/kit/sys"
)

// Current returns the running task, or nil if none runs (asyncio.current_task). A function that is not passed its task
// may wait with it: interfaces without a task parameter need that.
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
	if len(p) < cap(p)/2 { // most of the array was taken before: let it be freed
		p = bytes.Clone(p)
	}
	c.take(len(c.in))
	return p, nil
}

// AwaitEnd waits for the end of the stream, or until enough is done. Bytes that arrive meanwhile are kept, up to 128
// KiB; beyond that nothing more is read, not even the end.
func (c *Conn) AwaitEnd(t *Task, enough *Future[None]) error {
	enough.whenDone(c.wakeReader)
	for c.err == nil && !enough.done {
		if err := c.arrives(t); err != nil {
			return err
		}
	}
	return nil
}

// LocalAddr and RemoteAddr are the addresses of the two ends; the zero address when the system returns none.

func (c *Conn) LocalAddr() sys.Addr  { addr, _ := sys.Getsockname(c.fd); return addr }
func (c *Conn) RemoteAddr() sys.Addr { addr, _ := sys.Getpeername(c.fd); return addr }
