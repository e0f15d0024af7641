package simulation

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"time"

	"era/runnable/kit/kernel"
)

// Backend answers each line with itself, some time after it has come. A question may ask for more, as that of the lab's
// backend: delay=50 is milliseconds, size=1000 the length of the answer, hangup=1 no answer but the end of the
// connection. With silent=1 it never answers.
type Backend struct {
	Takes    time.Duration
	Asked    int
	Answered int
	Gone     bool // it has died

	process  *kernel.Process
	listener int
	at       kernel.Addr
	conns    []*asker
}

type asker struct {
	id     int
	fd     int // -1 when it is over
	stream *kernel.Stream
	line   []byte
	at     time.Duration
}

// never is a time that does not come.
const never = time.Duration(math.MaxInt64)

// Serve starts the backend.
func (s *Simulation) Serve(at kernel.Addr, takes time.Duration) {
	b := &Backend{Takes: takes, at: at, process: s.Kernel.NewProcess()}
	b.listener, _ = b.process.Socket()
	b.process.Bind(b.listener, at)
	b.process.Listen(b.listener, 100)
	s.Backend = b
}

func (c *asker) asked() bool                { return c.fd >= 0 && bytes.HasSuffix(c.line, []byte("\n")) }
func (c *asker) due(now time.Duration) bool { return c.asked() && c.at <= now }

// look accepts connections and reads questions.
func (b *Backend) look(now time.Duration) {
	for !b.Gone {
		fd, err := b.process.Accept(b.listener)
		if err != nil {
			break
		}
		b.conns = append(b.conns, &asker{id: len(b.conns) + 1, fd: fd,
			stream: b.process.Files()[fd].Of.(*kernel.Stream)})
	}
	for _, c := range b.conns {
		if c.fd < 0 || c.asked() {
			continue
		}
		n, err := b.process.Read(c.fd, arrived[:4096])
		switch {
		case err == kernel.EAGAIN:
		case err != nil || n == 0:
			b.hangUp(c)
		default:
			c.line = append(c.line, arrived[:n]...)
			if c.asked() {
				b.Asked++
				delay, _ := strconv.Atoi(asks(string(c.line), "delay"))
				c.at = now + b.Takes + time.Duration(delay)*time.Millisecond
				if asks(string(c.line), "silent") != "" {
					c.at = never
				}
			}
		}
	}
}

func (b *Backend) answer(id int) {
	c := b.conns[id-1]
	question := strings.TrimSuffix(string(c.line), "\n")
	c.line = nil
	if asks(question, "hangup") != "" {
		b.hangUp(c)
		return
	}
	if _, err := b.process.Write(c.fd, line(question)); err == nil {
		b.Answered++
	}
}

func (b *Backend) hangUp(c *asker) {
	b.process.Close(c.fd)
	c.fd, c.line = -1, nil
}

// die closes all that the backend has, as the end of its process does.
func (b *Backend) die() {
	b.Gone = true
	for _, c := range b.conns {
		c.fd, c.line = -1, nil
	}
	b.process.Exit()
}

// line is the answer to a question.
func line(question string) []byte {
	size, _ := strconv.Atoi(asks(question, "size"))
	answer := append([]byte(question), bytes.Repeat([]byte("."), max(0, size-len(question)-1))...)
	return append(answer, '\n')
}

// asks returns what a question says of a name.
func asks(question, name string) string {
	for question != "" {
		var field string
		field, question, _ = strings.Cut(strings.TrimSuffix(question, "\n"), "&")
		if is, value, _ := strings.Cut(field, "="); is == name {
			return value
		}
	}
	return ""
}
