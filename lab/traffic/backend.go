package traffic

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"era/lab/sockets"
	"era/runnable/kit/backend"
)

const (
	maxQuestion = 4 << 10 // bytes of a line of a question
	// maxConnections is how many may be open at once; each can have one question in progress. The most demanding
	// scenarios have some hundreds.
	maxConnections = 2048
)

// Backend is the small TCP server that stands in for a database: one line in, one line out, after the delay that the
// question names. A question is the query of a URL: "delay=50" (milliseconds), "size=1000" (bytes of the answer),
// "hangup=1" (it hangs up without an answer). It drops a question when its asker has left. To servers that ask over
// HTTP, or as clients ask Redis, it answers in the same protocol: see kit/backend.
//
// It serves one server. That its port is hard to guess is not enough: it turns away other users of the machine,
// browsers, which send the origin of a page, and requests for another host name. It does not distinguish other
// processes of the same user: they can control serve itself anyway (ptrace(2)). Where the system does not say which
// process a connection belongs to, as on macOS, only browsers are recognized.
type Backend struct {
	Addr string

	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]bool
	closed   bool
	most     int                       // connections at once
	holds    func(sockets.Socket) bool // whether a socket is the server's; nil while that is not known

	foreign, over atomic.Int64 // connections turned away: from outside; above the limit

	asked    atomic.Int64
	left     atomic.Int64 // questions whose asker left before the answer
	now, top atomic.Int64 // questions in progress, and the most ever
	handlers sync.WaitGroup
}

// StartBackend listens on a free loopback port.
func StartBackend() (*Backend, error) { return StartBackendAt("127.0.0.1:0") }

// StartBackendAt listens on HOST:PORT, which must be an address of this machine that no other reaches.
func StartBackendAt(addr string) (*Backend, error) {
	at, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	if !at.IP.IsLoopback() {
		return nil, fmt.Errorf("backend: %s is not a loopback address, such as 127.0.0.1:8081", addr)
	}
	l, err := net.ListenTCP("tcp4", at)
	if err != nil {
		return nil, fmt.Errorf("backend: %w", err)
	}
	b := &Backend{Addr: l.Addr().String(), listener: l, conns: map[net.Conn]bool{}, most: maxConnections}
	b.handlers.Go(b.accept)
	return b, nil
}

// Questions returns how many questions were asked, and how many of them waited for their answer at the same time, at
// most.
func (b *Backend) Questions() (asked, atOnce int) { return int(b.asked.Load()), int(b.top.Load()) }

// Abandoned returns how many questions were dropped because the asker had hung up.
func (b *Backend) Abandoned() int { return int(b.left.Load()) }

// For sets the server that the backend is for: holds reports whether that server has a socket. A server may run as
// another user, as Apache's processes do.
func (b *Backend) For(holds func(sockets.Socket) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.holds = holds
}

// TurnedAway returns how many connections were not the server's, and how many exceeded the limit.
func (b *Backend) TurnedAway() (foreign, over int) { return int(b.foreign.Load()), int(b.over.Load()) }

// Open returns how many connections are open now.
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
		if err != nil { // out of descriptors, or the peer is gone already: the next accept may succeed
			time.Sleep(time.Millisecond)
			continue
		}
		b.mu.Lock()
		switch {
		case b.closed:
			c.Close()
		case len(b.conns) == b.most:
			b.over.Add(1)
			c.Close()
		default:
			b.conns[c] = true
			b.handlers.Go(func() { b.serve(c) })
		}
		b.mu.Unlock()
	}
}

// known reports whether the connection may be the server's: it is this user's, or the server holds the other end.
func (b *Backend) known(c net.Conn) bool {
	theirs, ours := c.RemoteAddr().(*net.TCPAddr).AddrPort(), c.LocalAddr().(*net.TCPAddr).AddrPort()
	s, found := sockets.Find(theirs, ours)
	if !found || s.Inode == 0 || s.UID == os.Geteuid() { // the first two: the system does not say, or the asker is gone
		return true
	}
	b.mu.Lock()
	holds := b.holds
	b.mu.Unlock()
	return holds != nil && holds(s)
}

// meant reports whether a question is meant for this backend: not one of a page in a browser, nor one for a name that
// points to this machine by DNS rebinding. Our client in Python sends no address; people who try it by hand may use
// localhost.
func (b *Backend) meant(q backend.Question) bool {
	_, port, _ := net.SplitHostPort(b.Addr) // Addr is valid
	return !q.Browser && slices.Contains([]string{"", b.Addr, "localhost:" + port, "backend"}, q.Host)
}

func (b *Backend) serve(c net.Conn) {
	defer func() {
		c.Close()
		b.mu.Lock()
		delete(b.conns, c)
		b.mu.Unlock()
	}()
	if !b.known(c) {
		b.foreign.Add(1)
		return
	}
	questions := backend.NewAsked(c, maxQuestion)
	for {
		question, err := questions.Next()
		if err != nil {
			return // the server is gone, or sent something that is not a question
		}
		if !b.meant(question) {
			b.foreign.Add(1)
			return
		}
		if !b.answer(c, questions, question) || question.Last {
			return
		}
	}
}

// answer takes the time that a question asks for, and answers it; it returns false if there must be no answer, or if
// the asker is gone.
func (b *Backend) answer(c net.Conn, questions *backend.Asked, question backend.Question) bool {
	if question.Reply != nil {
		_, err := c.Write(question.Reply)
		return err == nil
	}
	delay, size := backend.Wanted(question.Query)
	if !b.ponder(c, questions, question.Query, delay) {
		return false
	}
	return question.Answer(c, delay, size) == nil
}

// ponder waits for a question's delay, and counts the question; it returns false if there must be no answer.
func (b *Backend) ponder(c net.Conn, questions *backend.Asked, question string, delay time.Duration) bool {
	b.asked.Add(1)
	n := b.now.Add(1)
	for top := b.top.Load(); n > top && !b.top.CompareAndSwap(top, n); top = b.top.Load() {
	}
	defer b.now.Add(-1)
	if backend.HangsUp(question) {
		return false
	}
	if !think(c, questions, delay) {
		b.left.Add(1)
		return false
	}
	return true
}

// think waits; it returns false if the other side has hung up meanwhile.
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
	time.Sleep(time.Until(until)) // the next question is there already, so the asker is not gone
	return true
}
