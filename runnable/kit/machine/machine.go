// Package machine is the one job for servers that must not wait. Where the blocking handler stops in the middle of a
// line, a program that may not stop has to write down where it was: the job becomes a state machine.
package machine

import (
	"bytes"

	"era/runnable/kit/http1"
	"era/runnable/kit/sys"
)

// State is where a connection's job stands. In each the connection waits for one thing.
type State int

const (
	Reading State = iota // for bytes of the client's request
	Asking               // for the backend to take the question; before that, for the connection to it
	Hearing              // for the backend's line
	Writing              // for the client to take the reply
	Gone                 // for nothing: the connection is closed
)

// Conn is a client's connection and all that its job must remember. Both descriptors are non-blocking.
type Conn struct {
	State   State
	Asked   int  // questions so far: each has a descriptor of its own, which may have the number of the last
	Dry     bool // the last step was told EAGAIN: the next has nothing to do until the descriptor is ready
	client  int
	backend int // while Asking and Hearing
	address sys.Addr
	inbox   http1.Inbox
	request http1.Request
	line    []byte // what the backend has answered so far
	outbox  []byte // what is still to be written, to whom the state says
}

// New takes over an accepted connection.
func New(client int, backend sys.Addr) *Conn {
	c := &Conn{client: client, address: backend}
	if err := sys.SetNonblock(client, true); err != nil { // accept hands out blocking ones, always
		c.Close()
	}
	return c
}

// Waits tells what the connection waits for: its descriptor to become readable, or writable.
func (c *Conn) Waits() (fd int, write bool) {
	switch c.State {
	case Asking:
		return c.backend, true
	case Hearing:
		return c.backend, false
	case Writing:
		return c.client, true
	}
	return c.client, false
}

// Gone tells whether the connection is over.
func (c *Conn) Gone() bool { return c.State == Gone }

// Step goes on with the job where it stood, as far as it goes. It never waits: when nothing is there yet, it changes
// nothing.
func (c *Conn) Step() {
	c.Dry = false
	switch c.State {
	case Reading:
		c.read()
	case Asking:
		c.ask()
	case Hearing:
		c.hear()
	case Writing:
		c.write()
	}
	// One read may have brought several requests. The next is begun when the reply to the last is written: replies go
	// out in the order of the requests, and a client that does not take its replies gets no more of them.
	for c.State == Reading {
		request, ok := c.inbox.Next()
		if !ok {
			return
		}
		c.begin(request)
	}
}

// arrived is where reads put their bytes, which go on to their connection at once. There is one thread, so one buffer
// serves all, and a connection that is silent holds none.
var arrived [64 << 10]byte

func (c *Conn) read() {
	n, err := sys.Read(c.client, arrived[:4096])
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

// connect begins to connect to the backend. The answer is EINPROGRESS, and later the socket becomes writable.
func (c *Conn) connect() {
	fd, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err != nil {
		c.reply(c.request.Unanswered())
		return
	}
	c.backend, c.State = fd, Asking
	c.Asked++
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
	// Writable may mean connected, or refused: the socket's pending error tells which.
	if err := sys.SocketError(c.backend); err != nil {
		c.answer(nil, err)
		return
	}
	n, err := sys.Write(c.backend, c.outbox)
	switch {
	case err == sys.EAGAIN, err == sys.ENOTCONN: // not connected yet: Linux says the first, POSIX, macOS and BSD the second
		c.Dry = true
	case err != nil:
		c.answer(nil, err)
	default:
		if c.outbox = c.outbox[n:]; len(c.outbox) == 0 {
			c.State = Hearing
		}
	}
}

func (c *Conn) hear() {
	n, err := sys.Read(c.backend, arrived[:])
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

// answer is done with the backend, and turns to the client again. A nil line means that the backend failed.
func (c *Conn) answer(line []byte, err error) {
	sys.Close(c.backend)
	if err != nil || line == nil {
		c.reply(c.request.Unanswered())
		return
	}
	c.reply(c.request.Answer(line))
}

func (c *Conn) reply(bytes []byte) {
	c.outbox, c.State = bytes, Writing
	c.write() // there is nearly always room: try at once, and wait only if there was none
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
			return // the kernel took a part: the rest when there is room again
		}
		if c.request.Close {
			sys.Shutdown(c.client, sys.SHUT_WR) // and read on, until the client's own end of file
		}
		c.State = Reading
	}
}

// Close gives up on the client, wherever its job stands.
func (c *Conn) Close() {
	if c.State == Asking || c.State == Hearing {
		sys.Close(c.backend)
	}
	sys.Close(c.client)
	c.State = Gone
}
