package traffic

import (
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"era/runnable/kit/backend"
)

// maxQuestion is how many bytes a question may have.
const maxQuestion = 4 << 10

// Backend is the small TCP server that stands in for a database: one line in, one line out, after the delay that the
// question names. A question is the query of a URL: "delay=50" (milliseconds), "size=1000" (bytes of the answer),
// "hangup=1" (it hangs up without an answer). It stops to think when who asked has left. To servers that ask over HTTP, or
// as one asks Redis, it answers in kind: see kit/backend.
type Backend struct {
	Addr string

	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]bool
	closed   bool
	asked    atomic.Int64
	left     atomic.Int64 // questions whose asker left before the answer
	now, top atomic.Int64 // questions being thought about, and the most ever
	handlers sync.WaitGroup
}

// StartBackend listens on any port of the loopback.
func StartBackend() (*Backend, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	b := &Backend{Addr: l.Addr().String(), listener: l, conns: map[net.Conn]bool{}}
	b.handlers.Go(b.accept)
	return b, nil
}

// Questions is how many questions were asked, and how many of them waited for their answer at the same time, at most.
func (b *Backend) Questions() (asked, atOnce int) { return int(b.asked.Load()), int(b.top.Load()) }

// Abandoned is how many questions it stopped to think about, because who asked had hung up.
func (b *Backend) Abandoned() int { return int(b.left.Load()) }

// Open is how many connections are open now.
func (b *Backend) Open() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conns)
}

// Close ends all connections and waits until nothing of the backend runs any more.
func (b *Backend) Close() error {
	b.mu.Lock()
	b.closed = true
	err := b.listener.Close()
	for c := range b.conns {
		c.Close()
	}
	b.mu.Unlock()
	b.handlers.Wait()
	return err
}

func (b *Backend) accept() {
	for {
		c, err := b.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, or the peer is gone already: the next accept may do better
			time.Sleep(time.Millisecond)
			continue
		}
		b.mu.Lock()
		if b.closed {
			c.Close()
		} else {
			b.conns[c] = true
			b.handlers.Go(func() { b.serve(c) })
		}
		b.mu.Unlock()
	}
}

func (b *Backend) serve(c net.Conn) {
	defer func() {
		c.Close()
		b.mu.Lock()
		delete(b.conns, c)
		b.mu.Unlock()
	}()
	questions := backend.NewAsked(c, maxQuestion)
	for {
		question, err := questions.Next()
		if err != nil {
			return // the server is gone, or what it says is no question
		}
		reply := question.Reply
		if reply == nil {
			line, ok := b.answer(c, questions, question.Query)
			if !ok {
				return
			}
			reply = question.Answer(line)
		}
		if _, err := c.Write(reply); err != nil || question.Last {
			return
		}
	}
}

// answer takes the time that a question asks for, and returns the line that answers it; ok is false when there shall be
// none, or nobody is left to hear it.
func (b *Backend) answer(c net.Conn, questions *backend.Asked, question string) (line []byte, ok bool) {
	b.asked.Add(1)
	n := b.now.Add(1)
	for top := b.top.Load(); n > top && !b.top.CompareAndSwap(top, n); top = b.top.Load() {
	}
	defer b.now.Add(-1)
	delay, size := backend.Wanted(question)
	if backend.HangsUp(question) {
		return nil, false
	}
	if !think(c, questions, delay) {
		b.left.Add(1)
		return nil, false
	}
	return backend.Line(delay, size), true
}

// think waits; false when the other side has hung up meanwhile.
func think(c net.Conn, questions *backend.Asked, delay time.Duration) bool {
	if delay == 0 {
		return true
	}
	until := time.Now().Add(delay)
	c.SetReadDeadline(until) // fails only on a closed connection, as the next call would
	err := questions.More()
	c.SetReadDeadline(time.Time{})
	if err != nil {
		return errors.Is(err, os.ErrDeadlineExceeded)
	}
	time.Sleep(time.Until(until)) // the next question is there already, so it is not gone
	return true
}
