package simulation

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/kernel"
)

// Client does its steps one after the other, over one connection. What arrives it reads at once, unless it pauses.
type Client struct {
	ID        int
	Name      string
	Steps     []Step
	Unchecked bool     // its answers are not compared with what they must be
	MayFail   bool     // it may lose its connection
	Wants     []string // bodies of its answers, where its requests do not tell them
	Answered  int      // complete replies
	Wrong     bool     // a reply was not the one to its request
	Failed    string   // why it has ended before its steps had; empty: it has not
	Replies   [][]byte

	process *kernel.Process
	server  kernel.Addr
	stream  *kernel.Stream // nil before it connects
	fd      int
	step    int
	at      time.Duration // when the step may be done
	paused  bool          // it does not read
	out, in []byte
	ended   bool
	refused bool   // it was reset by a choice
	wants   wanted // to its requests
	late    bool   // it sent to a connection that the server had given up, after some time perhaps
	passed  int    // calls that the program has made for others while this one waits
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
	End     Do = 'e' // send no more: shutdown
	Forever Do = 'f' // begin again with the first step
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

func (c *Client) connected() bool { return c.stream != nil && !c.ended }

// may tells whether the client can do its next step now.
func (c *Client) may(now time.Duration) bool {
	switch {
	case c.ended || c.at > now:
		return false
	case c.stream == nil || c.step >= len(c.Steps):
		return true
	}
	switch c.Steps[c.step].Do {
	case Send: // not if it is not connected yet, or the buffer is full
		return c.stream.State != kernel.Over && c.stream.Poll()&kernel.POLLOUT != 0
	case Receive:
		return false
	}
	return true
}

// waits tells whether all that the client wants is an answer.
func (c *Client) waits() bool {
	return c.connected() && !c.paused && c.step < len(c.Steps) && c.Steps[c.step].Do == Receive
}

// next says what the client does next.
func (c *Client) next() string {
	switch {
	case c.ended:
		return ""
	case c.stream == nil:
		return "connects"
	case c.step >= len(c.Steps):
		return "closes"
	}
	switch s := c.Steps[c.step]; s.Do {
	case Send:
		return "sends " + strconv.Itoa(len(c.out)) + " bytes"
	case Pause:
		return "pauses for " + s.For.String()
	case End:
		return "sends no more, and reads on"
	case Close:
		return "closes"
	case Abort:
		return "resets its connection"
	}
	return ""
}

// why says what the client waits for.
func (c *Client) why(now time.Duration) string {
	switch {
	case c.ended || c.may(now):
		return ""
	case c.at > now:
		return "it waits until " + c.at.String()
	case c.waits():
		return "it waits for an answer"
	case c.stream.State == kernel.Connecting:
		return "it is not connected yet"
	}
	return "its send buffer is full"
}

// begin prepares the step.
func (c *Client) begin() {
	if c.step < len(c.Steps) && c.Steps[c.step].Do == Forever {
		c.step = 0
	}
	if c.step < len(c.Steps) {
		c.out = c.Steps[c.step].Bytes
	}
	c.skip()
}

// skip passes steps that are done: replies that have come.
func (c *Client) skip() {
	for c.step < len(c.Steps) && c.Steps[c.step].Do == Receive && c.Answered >= c.replies(c.step) {
		c.step++
		c.begin()
	}
}

// replies is how many replies the steps up to this one ask for.
func (c *Client) replies(step int) (n int) {
	for _, s := range c.Steps[:min(step+1, len(c.Steps))] {
		if s.Do == Receive {
			n += s.N
		}
	}
	return n
}

// act does the next step.
func (c *Client) act(now time.Duration) {
	if c.stream == nil {
		c.fd, _ = c.process.Socket()
		c.stream = c.process.Files()[c.fd].Of.(*kernel.Stream)
		c.process.Connect(c.fd, c.server)
		c.wants = answers(c.Steps)
		for i, body := range c.Wants {
			c.wants = append(c.wants[:min(i, len(c.wants))], answer{body: body, known: true, asks: true})
		}
		c.begin()
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
			c.fail(err.Error())
			return
		}
		if c.out = c.out[n:]; len(c.out) > 0 {
			return
		}
	case Pause:
		c.at, c.paused = now+s.For, true
	case End:
		c.process.Shutdown(c.fd)
	case Close:
		c.close()
		return
	case Abort:
		c.reset()
		return
	}
	c.step++
	c.begin()
}

func (c *Client) close() {
	c.process.Close(c.fd)
	c.ended = true
}

func (c *Client) reset() {
	c.refused = true
	c.process.NoLinger(c.fd)
	c.close()
}

func (c *Client) fail(why string) {
	c.late = c.late || len(c.stream.Out) > 0
	c.Failed = why
	c.close()
}

var arrived [64 << 10]byte // what was read; it is copied at once

// look reads what has arrived.
func (c *Client) look(s *Simulation) {
	if !c.connected() || c.paused && c.at > s.Now {
		return
	}
	for {
		n, err := c.process.Read(c.fd, arrived[:])
		switch {
		case err == kernel.EAGAIN:
			c.skip()
			return
		case err != nil:
			c.fail(err.Error())
			return
		case n == 0:
			if c.waits() {
				c.fail("the server closed before the reply was complete")
			} else {
				c.close()
			}
			return
		}
		c.in = append(c.in, arrived[:n]...)
		for {
			length := reply(c.in)
			if length == 0 {
				break
			}
			c.has(c.in[:length:length], s.fault)
			c.in = c.in[length:]
		}
	}
}

// has takes a complete reply.
func (c *Client) has(reply []byte, excused bool) {
	if !c.Unchecked && !c.endless() && (c.Answered >= len(c.wants) || !c.wants[c.Answered].is(reply, excused)) {
		c.Wrong = true
	}
	c.Answered++
	if !c.endless() {
		c.Replies = append(c.Replies, reply)
	}
}

// endless tells whether its steps begin again and again.
func (c *Client) endless() bool { return len(c.Steps) > 0 && c.Steps[len(c.Steps)-1].Do == Forever }

// wanted are the answers to a client's requests.
type wanted []answer

// silent tells whether no answer to a request can come, as its backend never answers.
func (w wanted) silent(n int) bool { return n < len(w) && asks(w[n].body, "silent") != "" }

// answer is what a request must be answered with.
type answer struct {
	body  string
	known bool // whether body is
	asks  bool // it comes from the backend
}

// answers reads the requests of a client's steps.
func answers(steps []Step) (all wanted) {
	var sent []byte
	for _, s := range steps {
		if s.Do == Send {
			sent = append(sent, s.Bytes...)
		}
	}
	for {
		head, rest, found := bytes.Cut(sent, []byte("\r\n\r\n"))
		if !found {
			return all
		}
		words := bytes.SplitN(head, []byte(" "), 3)
		target := ""
		if len(words) == 3 && string(words[0]) == "GET" {
			target = string(words[1])
		}
		path, query, _ := strings.Cut(target, "?")
		switch path {
		case "/":
			all = append(all, answer{body: "hello\n", known: true})
		case "/ask":
			all = append(all, answer{body: string(line(query)), known: true, asks: true})
		default:
			all = append(all, answer{})
		}
		sent = rest
	}
}

// is tells whether a reply is right. A program may say that it could not ask, if it could not.
func (a answer) is(reply []byte, excused bool) bool {
	head, body, _ := bytes.Cut(reply, []byte("\r\n\r\n"))
	failed := bytes.HasPrefix(head, []byte("HTTP/1.1 5"))
	if chunked(head) {
		body = whole(body)
	}
	return !a.known || !failed && string(body) == a.body || failed && a.asks && excused
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
	if chunked(head) {
		end := bytes.Index(body, []byte("0\r\n\r\n"))
		if end < 0 {
			return 0
		}
		return start + end + 5
	}
	return start
}

func chunked(head []byte) bool {
	return bytes.Contains(bytes.ToLower(head), []byte("\r\ntransfer-encoding: chunked"))
}

// whole puts the chunks of a body together.
func whole(chunks []byte) (body []byte) {
	for {
		size, rest, found := bytes.Cut(chunks, []byte("\r\n"))
		n, err := strconv.ParseInt(string(size), 16, 32)
		if !found || err != nil || n == 0 || int(n)+2 > len(rest) {
			return body
		}
		body, chunks = append(body, rest[:n]...), rest[n+2:]
	}
}
