package simulation

import (
	"bytes"
	"strconv"
	"time"

	"era/runnable/kit/kernel"
)

// Client does its steps one after the other, over one connection. What arrives it reads at once, unless it pauses.
type Client struct {
	ID       int
	Name     string
	Steps    []Step
	Answered int    // complete replies
	Failed   string // why it has ended before its steps had; empty: it has not
	Replies  [][]byte

	process *kernel.Process
	server  kernel.Addr
	fd      int // -1 before it connects and after it has ended
	step    int
	at      time.Duration // when the step may be done
	paused  bool          // it does not read
	out, in []byte
	ended   bool
}

// Step is one thing that a client does.
type Step struct {
	Do    Do
	Bytes []byte
	For   time.Duration
	N     int
}

// Do says what a step does.
type Do byte

const (
	Send    Do = 's' // Bytes
	Receive Do = 'r' // N complete replies
	Pause   Do = 'p' // For, and read nothing
	Close   Do = 'c'
	Abort   Do = 'x' // close with RST
)

// Client adds a client that connects at a time.
func (s *Simulation) Client(name string, server kernel.Addr, at time.Duration, steps ...Step) *Client {
	c := &Client{ID: len(s.Clients) + 1, Name: name, Steps: steps, process: s.Kernel.NewProcess(), server: server, fd: -1,
		at: at}
	s.Clients = append(s.Clients, c)
	return c
}

func (c *Client) connected() bool { return c.fd >= 0 && !c.ended }

// next says what the client can do now; "" if that is nothing.
func (c *Client) next(now time.Duration) string {
	switch {
	case c.ended || c.at > now:
		return ""
	case c.fd < 0:
		return "connects"
	case c.step >= len(c.Steps):
		return "closes"
	}
	switch s := c.Steps[c.step]; s.Do {
	case Send:
		if f := c.process.Files()[c.fd]; f.Of.Poll()&kernel.POLLOUT == 0 {
			return "" // not connected yet, or the buffer is full
		}
		return "sends " + strconv.Itoa(len(c.out)) + " bytes"
	case Pause:
		return "pauses for " + s.For.String()
	case Close:
		return "closes"
	case Abort:
		return "resets its connection"
	}
	return "" // it waits for replies
}

// begin prepares the step.
func (c *Client) begin(now time.Duration) {
	if c.step < len(c.Steps) {
		c.out = c.Steps[c.step].Bytes
	}
	c.skip(now)
}

// skip passes steps that are done: replies that have come.
func (c *Client) skip(now time.Duration) {
	for c.step < len(c.Steps) && c.Steps[c.step].Do == Receive && c.Answered >= c.wanted() {
		c.step++
		c.begin(now)
	}
}

// wanted is how many replies the steps up to this one ask for.
func (c *Client) wanted() (n int) {
	for _, s := range c.Steps[:min(c.step+1, len(c.Steps))] {
		if s.Do == Receive {
			n += s.N
		}
	}
	return n
}

// act does the next step.
func (c *Client) act(now time.Duration) {
	if c.fd < 0 {
		c.fd, _ = c.process.Socket()
		c.process.Connect(c.fd, c.server)
		c.begin(now)
		return
	}
	if c.step >= len(c.Steps) {
		c.close()
		return
	}
	c.paused = false
	switch s := c.Steps[c.step]; s.Do {
	case Send:
		n, err := c.process.Write(c.fd, c.out)
		if err != nil {
			c.fail(err)
			return
		}
		if c.out = c.out[n:]; len(c.out) > 0 {
			return
		}
	case Pause:
		c.at, c.paused = now+s.For, true
	case Close:
		c.close()
		return
	case Abort:
		c.reset()
		return
	}
	c.step++
	c.begin(now)
}

func (c *Client) close() {
	c.process.Close(c.fd)
	c.ended = true
}

func (c *Client) reset() {
	c.process.NoLinger(c.fd)
	c.close()
}

func (c *Client) fail(err error) {
	c.Failed = err.Error()
	c.close()
}

// look reads what has arrived.
func (c *Client) look(now time.Duration) {
	if !c.connected() || c.paused && c.at > now {
		return
	}
	for {
		b := make([]byte, 64<<10)
		n, err := c.process.Read(c.fd, b)
		switch {
		case err == kernel.EAGAIN:
			c.skip(now)
			return
		case err != nil:
			c.fail(err)
			return
		case n == 0:
			if c.step < len(c.Steps) && c.Steps[c.step].Do == Receive {
				c.Failed = "the server closed before the reply was complete"
			}
			c.close()
			return
		}
		c.in = append(c.in, b[:n]...)
		for {
			length := reply(c.in)
			if length == 0 {
				break
			}
			c.Answered++
			c.Replies = append(c.Replies, c.in[:length])
			c.in = c.in[length:]
		}
	}
}

// reply returns the length of the first complete reply of HTTP/1.1 in b: 0 if it is not complete yet.
func reply(b []byte) int {
	head, body, found := bytes.Cut(b, []byte("\r\n\r\n"))
	if !found {
		return 0
	}
	start := len(head) + 4
	head = bytes.ToLower(head)
	if _, after, found := bytes.Cut(head, []byte("\r\ncontent-length:")); found {
		value, _, _ := bytes.Cut(after, []byte("\r\n"))
		n, err := strconv.Atoi(string(bytes.TrimSpace(value)))
		if err != nil || len(body) < n {
			return 0
		}
		return start + n
	}
	if bytes.Contains(head, []byte("\r\ntransfer-encoding: chunked")) {
		end := bytes.Index(body, []byte("0\r\n\r\n"))
		if end < 0 {
			return 0
		}
		return start + end + 5
	}
	return start
}

// Backend answers each line with itself, some time after it has come.
type Backend struct {
	Takes    time.Duration
	Asked    int
	Answered int

	process  *kernel.Process
	listener int
	conns    []*asker
}

type asker struct {
	id   int
	fd   int
	line []byte
	at   time.Duration
	done bool
}

// Serve starts the backend.
func (s *Simulation) Serve(at kernel.Addr, takes time.Duration) {
	b := &Backend{Takes: takes, process: s.Kernel.NewProcess()}
	b.listener, _ = b.process.Socket()
	b.process.Bind(b.listener, at)
	b.process.Listen(b.listener, 100)
	s.Backend = b
}

func (c *asker) asked() bool                { return !c.done && bytes.HasSuffix(c.line, []byte("\n")) }
func (c *asker) due(now time.Duration) bool { return c.asked() && c.at <= now }

// look accepts connections and reads questions.
func (b *Backend) look(now time.Duration) {
	for {
		fd, err := b.process.Accept(b.listener)
		if err != nil {
			break
		}
		b.conns = append(b.conns, &asker{id: len(b.conns) + 1, fd: fd})
	}
	for _, c := range b.conns {
		if c.fd < 0 || c.asked() {
			continue
		}
		p := make([]byte, 4096)
		n, err := b.process.Read(c.fd, p)
		switch {
		case err == kernel.EAGAIN:
		case err != nil || n == 0:
			b.process.Close(c.fd)
			c.fd, c.done = -1, true
		default:
			c.line = append(c.line, p[:n]...)
			if c.asked() {
				b.Asked++
				c.at = now + b.Takes
			}
		}
	}
}

func (b *Backend) answer(id int) {
	c := b.conns[id-1]
	if _, err := b.process.Write(c.fd, c.line); err == nil {
		b.Answered++
	}
	c.line = nil
}
