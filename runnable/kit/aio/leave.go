package aio

import (
	"time"

	"era/runnable/kit/sys"
)

// Reset is Abort, but the peer reads an error instead of an end of file: it must not take what it has read for the
// whole.
func (c *Conn) Reset() {
	if !c.closed {
		sys.NoLinger(c.fd) // an error means that the socket is not connected any more
	}
	c.Abort()
}

// Leave closes a connection after our last bytes: the peer reads our end of file, and we read until its own, or until
// patience has passed. Closing with unread bytes would reset the connection, and our last bytes might be lost (RFC
// 9112, section 9.6).
func (c *Conn) Leave(t *Task, patience time.Duration) {
	c.CloseWrite()
	unread := make([]byte, 4096)
	err := Timeout(t, patience, func() (err error) {
		for err == nil {
			_, err = c.Read(t, unread)
		}
		return err
	})
	if err == TimedOut {
		c.Abort() // it may never read our last bytes either, and Close would wait for that
	}
	c.Close()
}
