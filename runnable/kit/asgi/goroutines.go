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

// OnGoroutines is the engine of Go's own scheduler: every call of the application runs on a goroutine, and a call that
// waits parks it. Applications run in parallel on several processors, so they must lock shared data.
var OnGoroutines Engine = onGoroutines{}

type onGoroutines struct{}

func (onGoroutines) Go(f func() error)           { go func() { logged(f()) }() }
func (onGoroutines) Sleep(d time.Duration) error { time.Sleep(d); return nil }
func (onGoroutines) NewBell() Bell               { return make(chanBell, 1) }

func (onGoroutines) Dial(addr netip.AddrPort) (io.ReadWriteCloser, error) {
	return net.Dial("tcp", addr.String())
}

// InThread calls f here: a goroutine that blocks delays no other.
func (onGoroutines) InThread(f func(back Back) error) error {
	return f(func(g func() error) error { return g() })
}

type chanBell chan struct{}

func (b chanBell) Wait() error { <-b; return nil }

func (b chanBell) Ring() {
	select {
	case b <- struct{}{}:
	default: // an earlier ring is still pending
	}
}

// ServeOnGoroutines answers the clients of a listener, each on its own goroutine, until Stop. Then it returns nil when
// all requests in progress are answered and the application has shut down.
func (s *Server) ServeOnGoroutines(listener *net.TCPListener) error {
	return s.serve(OnGoroutines, func() error {
		s.onStop(func() { listener.Close() }) // no new client is accepted, even if this fails
		for {
			conn, err := listener.AcceptTCP()
			switch {
			case err == nil:
				go s.converse(&netStream{TCPConn: conn})
			case errors.Is(err, net.ErrClosed):
				return nil
			default: // for example, no descriptor is free: wait for a client to leave
				log.Printf("accept: %v", err)
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
}

// Bytes of one read, at first and on connections that send much, and the most that Watch reads ahead.
const (
	readFirst   = 4 << 10
	readAtMost  = 64 << 10
	watchAtMost = 128 << 10
)

// netStream is a connection of Go's net package. Its Write waits until the kernel has taken all, so Drain has nothing
// to do.
type netStream struct {
	*net.TCPConn
	reading sync.Mutex // held while reading: by Watch or by Take
	buffer  []byte
	kept    []byte // bytes that Watch has read
	ended   error

	mu        sync.Mutex
	unwatched bool
	watching  chan struct{} // set during Watch; closed to end it
	ending    bool          // Unwatch is ending it with a deadline in the past
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
		case <-enough: // the error is only that of Unwatch's deadline
			return
		default:
		}
		s.ended = err
	}
	if s.ended == nil {
		<-enough
	}
}

// Unwatch wakes Watch with a deadline in the past, and waits until it has returned.
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
		s.SetDeadline(s.deadline) // fails only on a closed connection, as the next call will
	}
}

// Errors of these only mean that the connection is closed already.

func (s *netStream) CloseWrite() { s.TCPConn.CloseWrite() }
func (s *netStream) Close()      { s.TCPConn.Close() }

func (s *netStream) Abort() {
	s.SetLinger(0)
	s.TCPConn.Close()
}

func (s *netStream) Addresses() (client, server Address) {
	return address(s.RemoteAddr().(*net.TCPAddr).AddrPort()), address(s.LocalAddr().(*net.TCPAddr).AddrPort())
}
