// Package machine is the handler for servers that must not wait. Where the blocking handler stops in the middle of a
// line, a program that may not stop has to store where it was: the handler becomes a state machine.
package machine

import (
	"bytes"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// state is how far a connection's handler is. In each state the connection waits for one thing.
type state int

const (
	reading state = iota // for bytes of the client's request
	asking               // for the backend to take the question; before that, for the connection to it
	hearing              // for the backend's line
	writing              // for the client to take the reply
	gone                 // for nothing: the connection is closed
)

// Conn is a client's connection and all that its handler must remember. Both descriptors are non-blocking.
type Conn struct {
	Dry     bool // the last step ended with EAGAIN: the next has nothing to do until the descriptor is ready
	state   state
	client  int
	backend int // while asking and hearing
	asked   int // questions so far
	address sys.Addr
	inbox   http1.Inbox
	request http1.Request
	line    []byte // what the backend has answered so far
	outbox  []byte // bytes still to be written, to the client or the backend, depending on the state
}

// New takes over an accepted connection.
func New(client int, backend sys.Addr) *Conn {
	c := &Conn{client: client, address: backend}
	if err := sys.SetNonblock(client, true); err != nil { // accepted descriptors are always blocking
		c.Close()
	}
	return c
}

// Wait is what a connection waits for. Equal waits need only one registration.
type Wait struct {
	FD    int  // -1: the connection is gone
	Write bool // until FD is writable; else readable
	// whose backend FD is, counted from 1: the next question's descriptor may have the same number. 0: the client
	Question int
}

// Waits returns what the connection waits for.
func (c *Conn) Waits() Wait {
	switch c.state {
	case asking:
		return Wait{c.backend, true, c.asked}
	case hearing:
		return Wait{c.backend, false, c.asked}
	case writing:
		return Wait{c.client, true, 0}
	case gone:
		return Wait{-1, false, 0}
	}
	return Wait{c.client, false, 0}
}

// Gone reports whether the connection is over.
func (c *Conn) Gone() bool { return c.state == gone }

// Step continues the handler from where it was, as far as possible. It never waits: if nothing has arrived, it changes
// nothing.
func (c *Conn) Step() {
	c.Dry = false
	switch c.state {
	case reading:
		c.read()
	case asking:
		c.ask()
	case hearing:
		c.hear()
	case writing:
		c.write()
	}
	// One read may have returned several requests. The next is started when the reply to the last is written: replies
	// go out in the order of the requests, and a client that does not take its replies gets no more of them.
	for c.state == reading {
		request, ok := c.inbox.Next()
		if !ok {
			return
		}
		c.begin(request)
	}
}

func (c *Conn) read() {
	arrived := make([]byte, 4096)
	n, err := sys.Read(c.client, arrived)
	switch {
	case err == sys.EAGAIN:
		c.Dry = true
	case err != nil || n == 0:
		c.Close()
	default:
		c.inbox.Add(arrived[:n])
	}
}

func (c *Conn) begin(request http1.Request) {
	c.request = request
	if request.Asks {
		c.connect()
	} else {
		c.reply(request.Reply())
	}
}

// connect starts to connect to the backend. It returns EINPROGRESS, and later the socket becomes writable.
func (c *Conn) connect() {
	fd, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		c.reply(c.request.Unanswered())
		return
	}
	c.backend, c.state = fd, asking
	c.asked++
	c.outbox, c.line = []byte(c.request.Question), nil
	if err = sys.SetNonblock(fd, true); err == nil {
		err = sys.Connect(fd, c.address)
	}
	if err != nil && err != sys.EINPROGRESS {
		c.answer(nil, err)
		return
	}
	c.Dry = true
}

func (c *Conn) ask() {
	// Writable may mean connected or refused: the socket's pending error tells which.
	if err := sys.SocketError(c.backend); err != nil {
		c.answer(nil, err)
		return
	}
	n, err := sys.Write(c.backend, c.outbox)
	switch {
	case err == sys.EAGAIN, err == sys.ENOTCONN: // not connected yet: Linux, and POSIX, macOS and BSD
		c.Dry = true
	case err != nil:
		c.answer(nil, err)
	default:
		if c.outbox = c.outbox[n:]; len(c.outbox) == 0 {
			c.state = hearing
		}
	}
}

func (c *Conn) hear() {
	arrived := make([]byte, 64<<10)
	n, err := sys.Read(c.backend, arrived)
	switch {
	case err == sys.EAGAIN:
		c.Dry = true
	case err != nil || n == 0:
		c.answer(nil, err)
	default:
		if c.line = append(c.line, arrived[:n]...); bytes.HasSuffix(c.line, []byte("\n")) {
			c.answer(c.line, nil)
		}
	}
}

// answer closes the backend's connection and replies to the client. A nil line means that the backend failed.
func (c *Conn) answer(line []byte, err error) {
	sys.Close(c.backend)
	if err != nil || line == nil {
		c.reply(c.request.Unanswered())
		return
	}
	c.reply(c.request.Answer(line))
}

func (c *Conn) reply(bytes []byte) {
	c.outbox, c.state = bytes, writing
	c.write() // there is nearly always room: try at once, and wait only if not
}

func (c *Conn) write() {
	n, err := sys.Write(c.client, c.outbox)
	switch {
	case err == sys.EAGAIN:
		c.Dry = true
	case err != nil:
		c.Close()
	default:
		if c.outbox = c.outbox[n:]; len(c.outbox) > 0 {
			return // the kernel took a part: write the rest when there is room again
		}
		if c.request.Close {
			sys.Shutdown(c.client, sys.SHUT_WR) // and read until the client's own end of file
		}
		c.state = reading
	}
}

// Close drops the client, in any state.
func (c *Conn) Close() {
	if c.state == asking || c.state == hearing {
		sys.Close(c.backend)
	}
	sys.Close(c.client)
	c.state = gone
}
