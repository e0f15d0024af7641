package asgi

import (
	"errors"
	"io"
	"log"
	"net"
	"net/netip"
	"sync"
	"time"
)

// OnGoroutines is the engine that Go brings along: every call of the application is a goroutine, and a call that waits
// parks it. Applications run at the same time on several processors, so what they share they must lock.
var OnGoroutines Engine = onGoroutines{}

type onGoroutines struct{}

func (onGoroutines) Go(f func() error)           { go func() { logged(f()) }() }
func (onGoroutines) Sleep(d time.Duration) error { time.Sleep(d); return nil }
func (onGoroutines) NewBell() Bell               { return make(chanBell, 1) }

func (onGoroutines) Dial(addr netip.AddrPort) (io.ReadWriteCloser, error) {
	return net.Dial("tcp", addr.String())
}

// InThread calls f here: a goroutine that blocks holds up nobody else.
func (onGoroutines) InThread(f func(back Back) error) error {
	return f(func(g func() error) error { return g() })
}

type chanBell chan struct{}

func (b chanBell) Wait() error { <-b; return nil }

func (b chanBell) Ring() {
	select {
	case b <- struct{}{}:
	default: // it has been rung, and nobody has heard it yet
	}
}

// ServeOnGoroutines answers the clients of a listener, each on a goroutine of its own, until Stop. Then it returns nil when
// all in flight is answered and the application has shut down.
func (s *Server) ServeOnGoroutines(listener *net.TCPListener) error {
	return s.serve(OnGoroutines, func() error {
		s.onStop(func() { listener.Close() }) // whatever it returns, nobody new comes in
		for {
			conn, err := listener.AcceptTCP()
			switch {
			case err == nil:
				go s.converse(&netStream{TCPConn: conn})
			case errors.Is(err, net.ErrClosed):
				return nil
			default: // no descriptor is free, say: let a client leave before we try again
				log.Printf("accept: %v", err)
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
}

// Bytes that one read takes, at first and for connections that send much, and that are read while nobody asks for them.
const (
	readFirst   = 4 << 10
	readAtMost  = 64 << 10
	watchAtMost = 128 << 10
)

// netStream is a connection of Go's net package. Its Write waits until the kernel has all, so there is nothing to drain.
type netStream struct {
	*net.TCPConn
	reading sync.Mutex // held while reading: by Watch or by Take
	buffer  []byte
	kept    []byte // what Watch has read
	ended   error

	mu        sync.Mutex
	unwatched bool
	watching  chan struct{} // while somebody does; closed to end it
	ending    bool          // it is being ended, by a deadline that has passed
	deadline  time.Time
}

func (s *netStream) Take() ([]byte, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if kept := s.kept; len(kept) > 0 {
		s.kept = nil
		return kept, nil
	}
	return s.read()
}

func (s *netStream) read() ([]byte, error) {
	if s.ended != nil {
		return nil, s.ended
	}
	if s.buffer == nil {
		s.buffer = make([]byte, readFirst)
	}
	n, err := s.TCPConn.Read(s.buffer)
	if n == 0 {
		return nil, err
	}
	arrived := s.buffer[:n]
	if n == len(s.buffer) && n < readAtMost {
		s.buffer = make([]byte, 2*n)
	}
	return arrived, nil
}

func (s *netStream) Drain() error { return nil }

// Watch reads, since there is no other way to learn of an end.
func (s *netStream) Watch() {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	if s.unwatched {
		s.mu.Unlock()
		return
	}
	enough := make(chan struct{})
	s.watching = enough
	s.mu.Unlock()
	for s.ended == nil && len(s.kept) < watchAtMost {
		arrived, err := s.read()
		s.kept = append(s.kept, arrived...)
		select {
		case <-enough: // and then the error is that of the deadline that woke us
			return
		default:
		}
		s.ended = err
	}
	if s.ended == nil {
		<-enough
	}
}

// Unwatch wakes who watches, by a deadline that has passed, and waits until he has left.
func (s *netStream) Unwatch() {
	s.mu.Lock()
	s.unwatched = true
	watching := s.watching != nil
	if watching {
		close(s.watching)
		s.watching, s.ending = nil, true
		s.SetReadDeadline(time.Unix(1, 0))
	}
	s.mu.Unlock()
	if !watching {
		return
	}
	s.reading.Lock()
	s.mu.Lock()
	s.ending = false
	s.SetDeadline(s.deadline)
	s.mu.Unlock()
	s.reading.Unlock()
}

func (s *netStream) Rewatch() {
	s.mu.Lock()
	s.unwatched, s.watching = false, nil
	s.mu.Unlock()
}

func (s *netStream) Within(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = time.Time{}
	if d != 0 {
		s.deadline = time.Now().Add(d)
	}
	if !s.ending {
		s.SetDeadline(s.deadline) // fails on a closed connection only, as the next call on it does
	}
}

// The errors of these say that the connection is closed, which is what they are for.

func (s *netStream) CloseWrite() { s.TCPConn.CloseWrite() }
func (s *netStream) Close()      { s.TCPConn.Close() }

func (s *netStream) Abort() {
	s.SetLinger(0)
	s.TCPConn.Close()
}

func (s *netStream) Addresses() (client, server Address) {
	return address(s.RemoteAddr().(*net.TCPAddr).AddrPort()), address(s.LocalAddr().(*net.TCPAddr).AddrPort())
}
