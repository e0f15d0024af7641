package aio

import (
	"bytes"
	"errors"
	"io"
	"net"

	"era/runnable/kit/sys"
)

// Limits of a connection's buffers, as asyncio's.
const (
	readLimit = 64 << 10  // above twice this, arriving bytes stay in the kernel, and TCP slows the peer down
	highWater = 64 << 10  // above this Drain waits, until a quarter of it is left
	chunk     = 256 << 10 // the most that one read takes
)

// ErrLimit is returned by ReadUntil when more bytes arrived without the separator than a connection buffers.
var ErrLimit = errors.New("aio: the separator was not found within the limit")

// Conn is a stream with buffers in both directions. Arriving bytes are read and kept until they are taken; written
// bytes go to the kernel at once, as far as it has room, and the rest later.
type Conn struct {
	loop   *Loop
	fd     int
	in     []byte
	err    error // why nothing more arrives: io.EOF or the read's error
	stuck  bool  // the input buffer is full: not watched for reading
	reader *Future[None]
	writer
}

// NewConn takes over a connected non-blocking descriptor.
func NewConn(t *Task, fd int) *Conn {
	c := &Conn{loop: t.loop, fd: fd}
	c.writer.conn, c.writer.high = c, highWater
	c.listen()
	return c
}

// Dial makes a connection.
func Dial(t *Task, addr sys.Addr) (*Conn, error) {
	fd, err := Connect(t, addr)
	if err != nil {
		return nil, err
	}
	return NewConn(t, fd), nil
}

// Read waits until something has arrived and takes up to len(p) bytes. The end of the stream is io.EOF.
func (c *Conn) Read(t *Task, p []byte) (n int, err error) {
	for len(c.in) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		if err := c.arrives(t); err != nil {
			return 0, err
		}
	}
	n = copy(p, c.in)
	c.take(n)
	return n, nil
}

// ReadUntil waits for the separator and takes the bytes up to and with it. If the stream ends before, it takes what
// there is, with io.ErrUnexpectedEOF (io.EOF for none). More than 64 KiB without a separator are ErrLimit, and stay in
// the buffer.
func (c *Conn) ReadUntil(t *Task, separator []byte) ([]byte, error) {
	seen := 0
	for {
		if i := bytes.Index(c.in[seen:], separator); i >= 0 {
			return c.takeCopy(seen + i + len(separator)), nil
		}
		seen = max(0, len(c.in)+1-len(separator))
		if seen > readLimit {
			return nil, ErrLimit
		}
		if c.err != nil {
			return c.rest()
		}
		if err := c.arrives(t); err != nil {
			return nil, err
		}
	}
}

// ReadExactly waits for n bytes. If the stream ends before, it takes what there is, as ReadUntil does.
func (c *Conn) ReadExactly(t *Task, n int) ([]byte, error) {
	var whole []byte
	for {
		// taken at once: n may be beyond the buffer's limit
		whole = append(whole, c.takeCopy(min(n-len(whole), len(c.in)))...)
		if len(whole) == n {
			return whole, nil
		}
		if c.err != nil {
			c.in = append(whole, c.in...)
			return c.rest()
		}
		if err := c.arrives(t); err != nil {
			c.in = append(whole, c.in...)
			return nil, err
		}
	}
}

// DrainOrArrive waits as Drain does, but only until something has arrived: the peer may answer before it has read all,
// and then read no more.
func (c *Conn) DrainOrArrive(t *Task) error {
	if !c.full || len(c.in) > 0 || c.err != nil {
		return c.writeErr
	}
	c.reader = newFuture[None](c.loop, ForDrain, c.fd)
	defer func() { c.reader = nil }()
	c.drains = append(c.drains, c.reader)
	return t.wait(&c.reader.future)
}

// Quiet reports whether nothing has arrived that was not taken, not even the end of the stream: an idle connection must
// be quiet to be used again. It asks the kernel: the loop may not have had a turn since the bytes arrived.
func (c *Conn) Quiet() bool {
	if len(c.in) == 0 && c.err == nil {
		c.read()
	}
	return len(c.in) == 0 && c.err == nil && c.writeErr == nil
}

func (c *Conn) rest() ([]byte, error) {
	rest := c.takeCopy(len(c.in))
	if len(rest) > 0 && c.err == io.EOF {
		return rest, io.ErrUnexpectedEOF
	}
	return rest, c.err
}

func (c *Conn) takeCopy(n int) []byte {
	p := bytes.Clone(c.in[:n])
	c.take(n)
	return p
}

// take removes n bytes from those that arrived; when fewer than the limit are left, reading resumes.
func (c *Conn) take(n int) {
	if c.in = c.in[n:]; len(c.in) == 0 {
		c.in = nil // an idle connection holds no memory for bytes
	}
	if c.stuck && len(c.in) <= readLimit {
		c.stuck = false
		c.listen()
	}
}

// arrives waits for more bytes, or for the end of the stream. Only one task at a time may read.
func (c *Conn) arrives(t *Task) error {
	if c.reader != nil {
		return errors.New("aio: another task reads from this connection")
	}
	c.reader = newFuture[None](c.loop, ForReadable, c.fd)
	defer func() { c.reader = nil }()
	return t.wait(&c.reader.future)
}

func (c *Conn) listen() {
	if c.err != nil {
		return
	}
	if err := c.loop.AddReader(c.fd, c.read); err != nil {
		c.ended(err)
	}
}

// read is called by the loop when bytes are there. It reads once, so that other callbacks get their turn.
func (c *Conn) read() {
	buffer := c.loop.buffer()
	n, err := sys.Read(c.fd, buffer)
	switch {
	case err == sys.EAGAIN || err == sys.EINTR:
		return
	case err != nil:
		c.loop.RemoveReader(c.fd)
		c.ended(err)
		return
	case n == 0:
		c.loop.RemoveReader(c.fd)
		c.ended(io.EOF)
		return
	}
	c.in = append(c.in, buffer[:n]...)
	if len(c.in) > 2*readLimit {
		c.stuck = true
		c.loop.RemoveReader(c.fd)
	}
	c.wakeReader()
}

func (c *Conn) ended(err error) {
	if c.err == nil {
		c.err = err
	}
	c.wakeReader()
}

func (c *Conn) wakeReader() {
	if c.reader != nil {
		c.reader.SetResult(None{})
	}
}

// errClosed is the error of reading from or writing to a closed connection.
var errClosed error = net.ErrClosed
