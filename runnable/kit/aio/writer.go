package aio

import (
	"era/runnable/kit/sys"
	"era/runnable/kit/trace"
)

// writer is the sending half of a connection.
type writer struct {
	conn     *Conn
	out      []byte
	high     int // bytes above which Drain waits
	writeErr error
	full     bool            // the buffer went above high water and has not come below low water yet
	drains   []*Future[None] // tasks that wait for that
	halfDone bool            // CloseWrite: when out is empty, shut down
	closing  bool            // Close: when out is empty, close
	closed   bool
}

// Write hands p to the kernel as far as it has room, and keeps the rest: it never waits. Call Drain after larger
// writes, or the rest grows without bound when the peer does not read. An error is that of an earlier write.
func (w *writer) Write(p []byte) (n int, err error) {
	if w.closing || w.halfDone {
		return 0, errClosed
	}
	if w.writeErr != nil {
		return 0, w.writeErr
	}
	n = len(p)
	if len(w.out) == 0 && n > 0 {
		wrote, err := sys.Write(w.conn.fd, p)
		if err != nil && err != sys.EAGAIN {
			w.fail(err)
			return 0, err
		}
		p = p[max(0, wrote):]
		if len(p) > 0 {
			if err := w.conn.loop.AddWriter(w.conn.fd, w.flush); err != nil {
				w.fail(err)
				return 0, err
			}
		}
	}
	if w.out = append(w.out, p...); len(w.out) > w.high && !w.full {
		w.full = true
		trace.Step(trace.BufferHigh, 0, 0, w.conn.fd, uint32(len(w.out)))
	}
	return n, nil
}

// Buffered returns how many bytes the kernel has not taken yet.
func (w *writer) Buffered() int { return len(w.out) }

// SetHighWater sets above how many bytes Drain waits, instead of 64 KiB; it waits until a quarter of them is left. With
// 0 it waits until the kernel has taken all (set_write_buffer_limits).
func (w *writer) SetHighWater(n int) { w.high = n }

// Drain waits while the buffer is too full: from above 64 KiB until it has come down to 16 KiB. Otherwise it returns
// at once.
func (w *writer) Drain(t *Task) error {
	if w.writeErr != nil {
		return w.writeErr
	}
	if !w.full {
		return nil
	}
	drained := newFuture[None](t.loop, ForDrain, w.conn.fd)
	w.drains = append(w.drains, drained)
	return t.wait(&drained.future)
}

// flush is called by the loop when the kernel has room.
func (w *writer) flush() {
	n, err := sys.Write(w.conn.fd, w.out)
	switch {
	case err == sys.EAGAIN || err == sys.EINTR:
		return
	case err != nil:
		w.fail(err)
		return
	}
	w.out = w.out[n:]
	if w.full && len(w.out) <= w.high/4 {
		w.full = false
		trace.Step(trace.BufferLow, 0, 0, w.conn.fd, uint32(len(w.out)))
		w.wakeDrains(nil)
	}
	if len(w.out) == 0 {
		w.out = nil
		w.conn.loop.RemoveWriter(w.conn.fd) // it would be writable forever
		w.emptied()
	}
}

// emptied does what had to wait until all is written.
func (w *writer) emptied() {
	switch {
	case w.closing:
		w.release()
	case w.halfDone:
		sys.Shutdown(w.conn.fd, sys.SHUT_WR)
	}
}

func (w *writer) fail(err error) {
	w.writeErr, w.out, w.full = err, nil, false
	w.conn.loop.RemoveWriter(w.conn.fd)
	w.wakeDrains(err)
	if w.closing {
		w.release()
	}
}

func (w *writer) wakeDrains(err error) {
	for _, drained := range w.drains {
		drained.finish(err)
	}
	w.drains = nil
}

// CloseWrite shuts down the sending direction when all is written: the peer reads our end of file, and we may continue
// to read.
func (w *writer) CloseWrite() {
	if w.closing || w.halfDone {
		return
	}
	w.halfDone = true
	if len(w.out) == 0 && w.writeErr == nil {
		sys.Shutdown(w.conn.fd, sys.SHUT_WR)
	}
}

// Close closes the connection when all is written. Nothing more is read.
func (w *writer) Close() {
	if w.closing {
		return
	}
	w.closing = true
	c := w.conn
	c.loop.RemoveReader(c.fd)
	c.in = nil
	c.err = errClosed
	c.wakeReader()
	if len(w.out) == 0 {
		w.release()
	}
}

// Abort closes the connection now; unwritten bytes are lost.
func (w *writer) Abort() {
	w.Close()
	if !w.closed { // else the number may already name another connection
		w.fail(errClosed)
	}
}

func (w *writer) release() {
	if w.closed {
		return
	}
	w.closed = true
	w.conn.loop.RemoveWriter(w.conn.fd)
	sys.Close(w.conn.fd)
}
