package wsgi

import (
	"errors"
	"io"
	"time"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// conn is a client's connection. Its descriptor is non-blocking, and a thread that has to wait for it waits in poll: so
// a wait has an end. Python's sockets do the same when they have a timeout (settimeout).
type conn struct {
	fd      int
	peer    string // the client's address, without its port
	stream  http1.Stream
	until   time.Time // how long it may stay without a request
	asked   bool      // the client waits to be told to send its body (Expect: 100-continue)
	leaving bool      // the last reply was sent: what comes is thrown away until the client's own end of file
	*scratch
	*patience
}

// scratch is room for what is read and written, of the thread that has the connection now: idle ones hold none.
type scratch struct {
	in  [16 << 10]byte
	out []byte
}

// patience is how long a server waits for a client.
type patience struct {
	idle   time.Duration // for a whole head, from the connection's begin or the last reply
	body   time.Duration // for the next bytes of a body, or for room for a reply
	linger time.Duration // after the last reply
}

var errSlow = errors.New("the client was silent for too long")

// accept takes a waiting connection. EAGAIN: there is none. ECONNABORTED: it has left already.
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
		// a chunk shall not wait until the client has acknowledged the one before, which takes up to 40 ms
		err = sys.NoDelay(fd)
	}
	if err != nil {
		sys.Close(fd)
		return nil, sys.ECONNABORTED
	}
	return &conn{fd: fd, peer: peer.Addr().String(), until: time.Now().Add(p.idle), patience: p}, nil
}

// turn does what there is to do now that something has arrived, and answers all requests that are complete. It does not
// wait for half a head: the connection may go back to those that are idle. stay is false when the connection is over.
// one: the connection is for one request.
func (c *conn) turn(s *server, one bool) (stay bool) {
	n, err := sys.Read(c.fd, c.in[:])
	if err == sys.EAGAIN || c.leaving && n > 0 {
		return c.patient() // nothing after all: ready is a hint
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

// patient tells whether the client may go on. Whoever sends without a pause is never found idle, so this must be asked here.
func (c *conn) patient() bool { return time.Now().Before(c.until) }

// leave ends our side of the connection. To close it now would throw away what the client still sends, and with it, by a
// reset, perhaps our reply.
func (c *conn) leave() (stay bool) {
	c.leaving, c.stream, c.until = true, http1.Stream{}, time.Now().Add(c.linger)
	return sys.Shutdown(c.fd, sys.SHUT_WR) == nil
}

// send hands all of p to the kernel, and waits while that has no room: so an application is not asked for more than
// its client takes.
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

// arrive waits for more bytes of a request. That a client leaves in the middle is an error.
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

// wait waits until the descriptor is ready, or for the time.
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

// input is wsgi.input: the request's body, with an end of file where the body ends, though the connection goes on.
type input struct{ *conn }

// Read waits for bytes of the body. The first time it tells a client who waits for that to send it, so an application
// that refuses a request by its head never has the body sent.
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
