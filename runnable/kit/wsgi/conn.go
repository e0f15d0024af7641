package wsgi

import (
	"errors"
	"io"
	"time"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// conn is a client's connection. Its descriptor is non-blocking, and a thread that has to wait for it waits in poll, so
// every wait has a timeout. Python's sockets with a timeout do the same (settimeout).
type conn struct {
	fd      int
	peer    string // the client's address, without its port
	stream  http1.Stream
	until   time.Time // when it is closed if no request has arrived
	asked   bool      // the client waits before it sends its body (Expect: 100-continue)
	leaving bool      // the last reply was sent: input is discarded until the client's own end of file
	*scratch
	*patience
}

// scratch holds the buffers for reading and writing of the thread that has the connection: idle connections hold none.
type scratch struct {
	in  [16 << 10]byte
	out []byte
}

// patience is how long a server waits for a client.
type patience struct {
	idle   time.Duration // for a whole head, from the start of the connection or the last reply
	body   time.Duration // for the next bytes of a body, or for room for a reply
	linger time.Duration // after the last reply
}

var errSlow = errors.New("the client was silent for too long")

// accept takes a waiting connection. EAGAIN means that there is none, ECONNABORTED that the client has left already.
func accept(listener int, p *patience) (*conn, error) {
	fd, err := sys.Accept(listener)
	if err != nil {
		return nil, err
	}
	peer, err := sys.Getpeername(fd)
	if err == nil {
		err = sys.SetNonblock(fd, true)
	}
	if err == nil {
		err = sys.NoDelay(fd) // a chunk must not wait for the acknowledgement of the one before, up to 40 ms
	}
	if err != nil {
		sys.Close(fd)
		return nil, sys.ECONNABORTED
	}
	return &conn{fd: fd, peer: peer.Addr().String(), until: time.Now().Add(p.idle), patience: p}, nil
}

// turn reads what has arrived, and answers all complete requests. It does not wait for the rest of a head: the
// connection can return to the idle ones. stay is false when the connection is over. With one, the connection is for
// one request.
func (c *conn) turn(s *server, one bool) (stay bool) {
	n, err := sys.Read(c.fd, c.in[:])
	if err == sys.EAGAIN || c.leaving && n > 0 {
		return c.patient() // nothing there: readiness is a hint
	}
	if err != nil || n == 0 {
		return false
	}
	c.stream.Add(c.in[:n])
	for {
		head, status, ok := c.stream.Head()
		if !ok {
			return c.patient()
		}
		keep := false
		if status == 200 {
			head.Close = head.Close || one
			keep = c.answer(s, &head)
		} else {
			head.Close = true
			refuse(c, &head, status)
		}
		c.until = time.Now().Add(c.idle)
		if !keep {
			return c.leave()
		}
	}
}

// patient reports whether the client's time is not over. A client that sends without a pause is never idle, so turn
// must check.
func (c *conn) patient() bool { return time.Now().Before(c.until) }

// leave shuts down our direction of the connection. Closing it now, with input from the client unread, would reset the
// connection, and the client might lose our reply.
func (c *conn) leave() (stay bool) {
	c.leaving, c.stream, c.until = true, http1.Stream{}, time.Now().Add(c.linger)
	return sys.Shutdown(c.fd, sys.SHUT_WR) == nil
}

// send hands all of p to the kernel, and waits while the kernel has no room: so no more chunks are taken from an
// application than its client reads.
func (c *conn) send(p []byte) error {
	for {
		n, err := sys.Write(c.fd, p)
		if n == len(p) {
			return nil
		}
		if err != nil && err != sys.EAGAIN {
			return err
		}
		p = p[max(n, 0):]
		if err := wait(c.fd, sys.POLLOUT, c.body); err != nil {
			return err
		}
	}
}

// arrive waits for more bytes of a request. It is an error if the client leaves in the middle.
func (c *conn) arrive() error {
	for {
		n, err := sys.Read(c.fd, c.in[:])
		switch {
		case err == sys.EAGAIN:
			if err := wait(c.fd, sys.POLLIN, c.body); err != nil {
				return err
			}
		case err != nil:
			return err
		case n == 0:
			return io.ErrUnexpectedEOF
		default:
			c.stream.Add(c.in[:n])
			return nil
		}
	}
}

// wait waits until the descriptor is ready, or until patience has passed.
func wait(fd int, events int16, patience time.Duration) error {
	end := time.Now().Add(patience)
	for {
		n, err := sys.Poll([]sys.PollFd{{Fd: int32(fd), Events: events}}, max(0, time.Until(end)))
		switch {
		case n > 0:
			return nil
		case n == 0:
			return errSlow
		case err != sys.EINTR:
			return err
		}
	}
}

// input is wsgi.input: the request's body, with an end of file where the body ends, although the connection stays open.
type input struct{ *conn }

// Read waits for bytes of the body. The first call sends "100 Continue" to a client that waits for it, so a body is
// never sent to an application that refuses the request after its head.
func (in input) Read(p []byte) (n int, err error) {
	for {
		n, err := in.stream.Body(p)
		if err != http1.ErrMore {
			return n, err
		}
		if in.asked {
			in.asked = false
			if err := in.send([]byte("HTTP/1.1 100 Continue\r\n\r\n")); err != nil {
				return 0, err
			}
		}
		if err := in.arrive(); err != nil {
			return 0, err
		}
	}
}
