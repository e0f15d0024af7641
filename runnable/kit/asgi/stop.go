package asgi

import (
	"log"
	"sync/atomic"
)

// Stop lets what is in flight finish, takes nobody new, and lets the server return. It may be called from anywhere.
func (s *Server) Stop() {
	s.mu.Lock()
	s.stopped = true
	stop := s.stop
	s.mu.Unlock()
	if stop != nil {
		stop()
	}
}

// onStop says how to end accepting.
func (s *Server) onStop(stop func()) {
	s.mu.Lock()
	s.stop = stop
	stopped := s.stopped
	s.mu.Unlock()
	if stopped {
		stop()
	}
}

func (s *Server) stopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopped
}

// goAway closes the connections that wait for nothing, and tells WebSockets that the server goes away.
func (s *Server) goAway() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		switch {
		case c.idle:
			c.stream.Close()
		case c.socket != nil:
			s.engine.Go(c.socket.goAway)
		}
	}
}

// empty waits until the last connection is closed. When Grace has passed the clients are cut off. An application that does
// not return then either is left behind: it shall not keep the server.
func (s *Server) empty() error {
	var late atomic.Bool
	if s.open() > 0 {
		s.engine.Go(func() error {
			if err := s.engine.Sleep(s.Grace); err != nil {
				return err
			}
			s.cutOff()
			err := s.engine.Sleep(s.Linger)
			late.Store(true)
			s.gone.Ring()
			return err
		})
	}
	for n := s.open(); n > 0; n = s.open() {
		if late.Load() {
			log.Printf("asgi: %d calls of the application have not returned", n)
			return nil
		}
		if err := s.gone.Wait(); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) cutOff() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.stream.Abort()
	}
}

func (s *Server) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}
