package aio

import (
	"time"

	"era/runnable/kit/sys"
)

// Reset is Abort, and the peer reads an error instead of an end: it must not take what it has for all.
func (c *Conn) Reset() {
	if !c.closed {
		sys.NoLinger(c.fd) // a socket that is not connected any more needs none
	}
	c.Abort()
}

// Leave ends a conversation after our last word: the peer reads our end of file, and we read on until its own, or until
// patience has passed. To close with bytes unread would reset the connection, and what we wrote last might be lost with
// it (RFC 9112, section 9.6).
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
		c.Abort() // it may never take our last word either: Close would wait for that
	}
	c.Close()
}
