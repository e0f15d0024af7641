package wsgi

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

// Threads serves with a pool of threads of the operating system, as Gunicorn's gthread worker does. A thread has a
// connection only while there is something to do for it; those that are idle wait together in the kernel's list. So a
// client that stays connected, or is slow with its head, costs no thread. One that is slow with its body, or slow to
// read, does: its thread is in the middle of a call of the application, which cannot be left and taken up again.
type Threads struct {
	App    App
	N      int           // threads; 0 is 4
	Idle   time.Duration // longest silence of a client between requests; 0 is 60 s
	Body   time.Duration // longest wait in the middle of a body, or for a client that does not read; 0 is 30 s
	Errors io.Writer     // wsgi.errors, and where failures of the application are reported; nil is standard error

	stopping atomic.Bool
	wake     atomic.Int32 // the writing end of a pipe on which the main thread waits; 0 before Serve
	list     *readiness.Once
	ready    *queue
	mutex    sync.Mutex
	idle     map[int]*conn // by descriptor: those that no thread has
	full     bool          // the listener is not watched: there was no room for another client
}

const linger = 5 * time.Second

// Serve accepts clients, and waits for those that are idle, on the caller's thread.
func (s *Threads) Serve(listener int) (err error) {
	serving := &server{app: s.App, multithread: true, errors: cmp.Or[io.Writer](s.Errors, os.Stderr)}
	s.idle, s.ready = map[int]*conn{}, newQueue()
	patience := &patience{idle: cmp.Or(s.Idle, time.Minute), body: cmp.Or(s.Body, 30*time.Second), linger: linger}
	wake, err := s.watch(serving, listener)
	if err != nil {
		return err
	}
	var pool sync.WaitGroup
	for range cmp.Or(s.N, 4) {
		pool.Add(1)
		sys.Thread(func() {
			defer pool.Done()
			s.work(serving)
		})
	}
	for swept := time.Now(); err == nil && !s.stopping.Load(); {
		var ready []int
		ready, err = s.list.Wait(time.Second)
		for _, fd := range ready {
			switch fd {
			case listener:
				err = s.admit(listener, patience)
			case wake:
			default:
				s.ready.put(s.take(fd))
			}
		}
		if now := time.Now(); now.Sub(swept) >= time.Second {
			s.dismiss(now)
			swept = now
			if s.full && err == nil {
				s.full = false
				err = s.list.Arm(listener)
			}
		}
		s.ready.share()
	}
	sys.Close(listener)
	s.dismiss(time.Time{})
	s.ready.end()
	pool.Wait()
	s.dismiss(time.Time{}) // those who were busy
	sys.Close(wake)
	if w := s.wake.Swap(0); w != 0 { // it was not Stop that ended us
		sys.Close(int(w))
	}
	s.list.Close()
	return err
}

// Stop lets Serve return when the requests in flight are answered.
func (s *Threads) Stop() {
	s.stopping.Store(true)
	if w := s.wake.Swap(0); w != 0 {
		sys.Close(int(w)) // the pipe's other end comes to its end, which is what the wait is told
	}
}

// watch opens the list, with the listener and the pipe in it.
func (s *Threads) watch(serving *server, listener int) (wake int, err error) {
	if err := serving.at(listener); err != nil {
		return 0, err
	}
	if s.list, err = readiness.NewOnce(); err != nil {
		return 0, err
	}
	r, w, err := sys.Pipe()
	if err != nil {
		return 0, fmt.Errorf("pipe: %w", err)
	}
	s.wake.Store(int32(w))
	for _, fd := range []int{listener, r} {
		if err := s.list.Add(fd); err != nil {
			return 0, fmt.Errorf("watch: %w", err)
		}
	}
	return r, nil
}

// work is what each thread of the pool does.
func (s *Threads) work(serving *server) {
	own := &scratch{}
	for {
		c, ok := s.ready.take()
		if !ok {
			return
		}
		c.scratch = own
		if !c.turn(serving, false) || !s.park(c) {
			sys.Close(c.fd)
		}
	}
}

// park lets a connection wait for its next request. None may, once the server is to stop: those who are idle have been sent away.
func (s *Threads) park(c *conn) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.stopping.Load() {
		return false
	}
	s.idle[c.fd] = c
	// under the lock: before anybody can close it, and its number becomes another's
	if err := s.list.Arm(c.fd); err != nil {
		log.Printf("watch: %v", err) // it stays until its patience ends
	}
	return true
}

// take takes a connection from those that are idle.
func (s *Threads) take(fd int) *conn {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c := s.idle[fd]
	delete(s.idle, fd)
	return c
}

// admit takes in all clients that wait at the door. When no descriptor is free they stay there until the next sweep: to ask
// again and again would take the time of those who are in.
func (s *Threads) admit(listener int, p *patience) error {
	for {
		c, err := accept(listener, p)
		switch err {
		case nil:
		case sys.EAGAIN:
			return s.list.Arm(listener)
		case sys.ECONNABORTED:
			continue
		default:
			log.Printf("accept: %v", err)
			s.full = true
			return nil
		}
		s.mutex.Lock()
		s.idle[c.fd] = c
		s.mutex.Unlock()
		if err := s.list.Add(c.fd); err != nil {
			log.Printf("watch: %v", err)
			sys.Close(s.take(c.fd).fd)
		}
	}
}

// dismiss closes the idle connections whose time is over; all of them at the time zero.
func (s *Threads) dismiss(now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for fd, c := range s.idle {
		if now.IsZero() || now.After(c.until) {
			delete(s.idle, fd)
			sys.Close(fd)
		}
	}
}
