package asgi

import (
	"log"
	"sync/atomic"
)

// Stop lets requests in progress finish, accepts no more clients, and makes the server return. Any goroutine may call
// it.
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

// goAway closes the idle connections, and sends WebSockets the code for going away.
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

// empty waits until the last connection is closed. After Grace it aborts the remaining connections. An application that
// does not return even then is abandoned: it must not keep the server running.
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
